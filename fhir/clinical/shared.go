package clinical

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Status is a code of FHIR with the code of the Dutch information model it was
// made of, which often says more (data-services.md 3.1).
type Status struct {
	Code   string     // of the required value set, or as sent when it is in no set
	Source fhir.Coded // STU3 ext code-specification, R4 ext-CodeSpecification of the sibling; R4 the other codings
}

// status reads a code (STU3, and most of R4) or a concept (some of R4).
func (r reader) status(name, set string) Status {
	v := r.get(name)
	s := Status{Source: specification(r.node.Sibling(name))}
	if !v.node.IsObject() {
		s.Code = r.code(name, set)
		return s
	}
	c := v.node.Coded()
	if s.Source.IsZero() {
		s.Source = c
	}
	for _, coding := range c.Coding {
		if inSet(set, coding.Code) {
			s.Code = coding.Code
			return s
		}
	}
	v.warn(KindCode)
	s.Code = c.Code("")
	return s
}

// specification is the code that a primitive was made of.
func specification(sibling fhir.Node) fhir.Coded {
	for _, name := range [...]string{"code-specification", "ext-CodeSpecification"} {
		if e := sibling.Ext(nictiz + name); e.Exists() {
			return e.Value().Coded()
		}
	}
	return fhir.Coded{}
}

// Moment is a choice of forms in which FHIR writes when something was: a
// moment or a period, an age, or words.
type Moment struct {
	fhir.Period
	Low, High fhir.Quantity // an age or a duration; equal unless it was a range
	Text      string        // words
	Happened  bool          // only that it happened: abatementBoolean
}

func (r reader) moment(prefix string) Moment {
	typ, v := r.choice(prefix)
	var m Moment
	switch typ {
	case "DateTime", "Date", "Instant":
		m.Start = v.asDate()
	case "Period":
		m.Period = v.period()
	case "Timing":
		m.Period = v.get("repeat").period("boundsPeriod")
		if events := v.each("event"); m.Start.IsZero() && len(events) > 0 {
			m.Start = events[0].asDate()
		}
	case "Age", "Duration":
		m.Low = v.quantity()
		m.High = m.Low
	case "Range":
		m.Low, m.High = v.quantity("low"), v.quantity("high")
	case "Boolean":
		m.Happened = v.node.Bool()
	default:
		m.Text = v.text()
	}
	return m
}

// Remark is an Annotation, or the comment that STU3 has in its place.
type Remark struct {
	Text   string         // text
	Author fhir.Reference // authorReference; authorString as its Display
	At     fhir.Date      // time
}

// remarks reads note and comment (STU3) of a resource or a part of one.
func (r reader) remarks() []Remark {
	var all []Remark
	for _, n := range r.each("note", "comment") {
		if !n.node.IsObject() {
			all = append(all, Remark{Text: n.text()})
			continue
		}
		m := Remark{Text: n.text("text"), Author: n.ref("authorReference"), At: n.date("time")}
		if name := n.text("authorString"); name != "" {
			m.Author.Display = name
		}
		all = append(all, m)
	}
	if x := r.ext("Comment", "ext-Comment"); x.exists() {
		all = append(all, Remark{Text: x.text()})
	}
	return all
}

// Participant is somebody who took part.
type Participant struct {
	Who        fhir.Reference
	Roles      []fhir.Coded
	OnBehalfOf fhir.Reference
	Status     string // of an appointment: accepted, declined, tentative, needs-action
	Period     fhir.Period
}

// participants reads the members; who and roles name the elements in them, of
// which a release has one.
func (r reader) participants(names, who, roles string) []Participant {
	var all []Participant
	for _, item := range r.each(strings.Fields(names)...) {
		if !hasObject(item.node, who) {
			if ref := item.node.Reference(); !ref.IsZero() { // a plain reference in the other release
				all = append(all, Participant{Who: ref})
			}
			continue
		}
		p := Participant{
			Roles: item.concepts(strings.Fields(roles)...), OnBehalfOf: item.ref("onBehalfOf"),
			Status: item.text("status"), Period: item.period("period"),
		}
		for _, name := range strings.Fields(who) {
			p.Who = firstRef(p.Who, item.ref(name))
		}
		all = append(all, p)
	}
	return all
}

func hasObject(n fhir.Node, names string) bool {
	for _, name := range strings.Fields(names) {
		if n.Get(name).IsObject() {
			return true
		}
	}
	return !n.Get("reference").Exists() && !n.Get("display").Exists()
}

// Site is a place on the body.
type Site struct {
	Code       fhir.Coded
	Laterality fhir.Coded // STU3 ext BodySite-Qualifier, R4 ext-AnatomicalLocation.Laterality
}

// sites reads bodySite or site, which one release has as a list.
func (r reader) sites(name string) []Site {
	var all []Site
	for _, item := range r.each(name) {
		s := Site{Code: item.concept(), Laterality: item.ext("BodySite-Qualifier", "ext-AnatomicalLocation.Laterality").concept()}
		all = append(all, s)
	}
	return all
}

// Attachment is a file, inline or elsewhere (data-services.md 2.6).
type Attachment struct {
	ContentType string    // contentType
	Language    string    // language
	URL         string    // url
	Title       string    // title
	Size        string    // size, decimal text in bytes
	Hash        string    // hash, base64: SHA-1 by FHIR, SHA-256 in the Dutch qualification
	Inline      bool      // data is there; it stays in the resource
	Created     fhir.Date // creation
}

func (r reader) attachment() Attachment {
	return Attachment{
		ContentType: r.text("contentType"), Language: r.text("language"), URL: r.text("url"), Title: r.text("title"),
		Size: r.text("size"), Hash: r.text("hash"), Inline: r.text("data") != "", Created: r.date("creation"),
	}
}
