package fhir

import "strings"

// Coding is one code. System is normalised (see [System]).
type Coding struct {
	System, Code, Display string
	UserSelected          bool
}

// Coded is a CodeableConcept, a Coding or a bare code; readers need not know
// which one was sent.
type Coded struct {
	Coding []Coding
	Text   string
}

// Coded reads this place as a Coded.
func (n Node) Coded() Coded {
	n = n.first()
	if !n.IsObject() {
		if n.Text() == "" {
			return Coded{}
		}
		return Coded{Coding: []Coding{{Code: n.Text()}}}
	}
	c := Coded{Text: n.Str("text")}
	for _, coding := range n.All("coding") {
		c.Coding = append(c.Coding, coding.coding())
	}
	if len(c.Coding) == 0 && n.Get("code").Exists() && !n.Get("code").IsObject() {
		c.Coding = []Coding{n.coding()} // a Coding where a concept was expected
	}
	return c
}

func (n Node) coding() Coding {
	return Coding{
		System:       System(n.Str("system")),
		Code:         strings.TrimSpace(n.Str("code")),
		Display:      n.Str("display"),
		UserSelected: n.Get("userSelected").Bool(),
	}
}

// Codeds reads every value of the member as a Coded.
func (n Node) Codeds(name string) []Coded {
	var all []Coded
	for _, item := range n.All(name) {
		if c := item.Coded(); !c.IsZero() {
			all = append(all, c)
		}
	}
	return all
}

// IsZero tells whether there is neither a code nor a text.
func (c Coded) IsZero() bool { return len(c.Coding) == 0 && c.Text == "" }

// Code is the code in the system, empty when it has none. An empty system
// matches any.
func (c Coded) Code(system string) string {
	for _, coding := range c.Coding {
		if (system == "" || coding.System == system) && coding.Code != "" {
			return coding.Code
		}
	}
	return ""
}

// Has tells whether the concept has the code in the system.
func (c Coded) Has(system, code string) bool {
	for _, coding := range c.Coding {
		if coding.System == system && coding.Code == code {
			return true
		}
	}
	return false
}

// Display is the text to show: the coding the author chose, else the text,
// else the first display, else the code itself.
func (c Coded) Display() string {
	for _, coding := range c.Coding {
		if coding.UserSelected && coding.Display != "" {
			return coding.Display
		}
	}
	if c.Text != "" {
		return c.Text
	}
	for _, coding := range c.Coding {
		if coding.Display != "" {
			return coding.Display
		}
	}
	for _, coding := range c.Coding {
		if coding.Code != "" {
			return strings.TrimSpace(shortSystem(coding.System) + " " + coding.Code)
		}
	}
	return ""
}

func shortSystem(system string) string {
	if name, ok := systemNames[system]; ok {
		return name
	}
	return ""
}
