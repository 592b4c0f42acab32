package fhir

import (
	"slices"
	"strings"
)

const (
	hl7Definitions = "http://hl7.org/fhir/StructureDefinition/"
	nameQualifier  = hl7Definitions + "iso21090-EN-qualifier"
	namePart       = hl7Definitions + "humanname-"
	addressPart    = hl7Definitions + "iso21090-ADXP-"
)

// HumanName is a name in its parts (data-services.md 2.0). Calling, Birth and
// Initials are the given names with the qualifiers CL, BR and IN; Given are
// those without.
type HumanName struct {
	Text, Use, Prefix, Suffix  string
	Calling, Birth, Initials   string
	Given                      []string
	Family                     string
	OwnPrefix, OwnName         string
	PartnerPrefix, PartnerName string
}

// HumanName reads this place as a HumanName.
func (n Node) HumanName() HumanName {
	n = n.first()
	h := HumanName{
		Text: squeeze(n.Str("text")), Use: n.Str("use"),
		Prefix: joined(n.All("prefix")), Suffix: joined(n.All("suffix")),
	}
	h.readGiven(n)
	h.readFamily(n)
	return h
}

// readGiven reads given and the qualifiers in the parallel _given.
func (h *HumanName) readGiven(n Node) {
	marks := n.All("_given")
	for i, g := range n.All("given") {
		text := squeeze(g.Text())
		if text == "" {
			continue
		}
		qualifier := ""
		if i < len(marks) {
			qualifier = marks[i].Ext(nameQualifier).Value().Text()
		}
		switch qualifier {
		case "CL":
			h.Calling = join(h.Calling, text)
		case "BR":
			h.Birth = join(h.Birth, text)
		case "IN":
			h.Initials = join(h.Initials, text)
		default:
			h.Given = append(h.Given, text)
		}
	}
}

// readFamily takes the family name as sent: some send a list, some only parts.
func (h *HumanName) readFamily(n Node) {
	marks := n.All("_family")
	part := func(name string) string {
		for _, m := range marks {
			if text := squeeze(m.Ext(namePart + name).Value().Text()); text != "" {
				return text
			}
		}
		return ""
	}
	h.OwnPrefix, h.OwnName = part("own-prefix"), part("own-name")
	h.PartnerPrefix, h.PartnerName = part("partner-prefix"), part("partner-name")
	h.Family = joined(n.All("family"))
	if h.Family == "" {
		h.Family = h.assemble(n.Ext(namePart + "assembly-order").Value().Text())
	}
}

// assemble makes a family name of its parts in the order the person chose.
func (h *HumanName) assemble(order string) string {
	own, partner := join(h.OwnPrefix, h.OwnName), join(h.PartnerPrefix, h.PartnerName)
	both := func(a, b string) string {
		if a == "" || b == "" {
			return a + b
		}
		return a + "-" + b
	}
	switch {
	case order == "NL2" && partner != "":
		return partner
	case order == "NL3":
		return both(partner, own)
	case order == "NL4":
		return both(own, partner)
	case own == "":
		return partner
	}
	return own
}

// First is the name to call somebody by: the calling name, else the given
// names, else the initials.
func (h HumanName) First() string {
	given := ""
	if len(h.Given) > 0 {
		given = h.Given[0]
	}
	for _, s := range [...]string{h.Calling, h.Birth, h.Initials, given} {
		if s != "" {
			return s
		}
	}
	return ""
}

// String is the whole name: its text, else the first and the family name.
func (h HumanName) String() string {
	if h.Text != "" {
		return h.Text
	}
	if name := join(h.First(), h.Family); name != "" {
		return name
	}
	return h.Prefix
}

// Name reads this place as a HumanName and gives the whole name.
func (n Node) Name() string { return n.HumanName().String() }

// Names gives the whole name of the best of the names in the member, such as
// "name": the official one, else the usual one, else the first; never an old one.
func (n Node) Names(member string) string { return n.bestName(member).String() }

// FamilyName gives the family name of the same name as [Node.Names].
func (n Node) FamilyName(member string) string { return n.bestName(member).Family }

func (n Node) bestName(member string) HumanName {
	var best HumanName
	rank := func(h HumanName) int {
		if h.String() == "" {
			return -1
		}
		return slices.Index([]string{"usual", "official"}, h.Use) + 1
	}
	highest := -1
	for _, item := range n.All(member) {
		h := readName(item)
		if h.Use != "old" && rank(h) > highest {
			best, highest = h, rank(h)
		}
	}
	return best
}

// readName also accepts a name that is only a text, as of an Organization.
func readName(n Node) HumanName {
	if !n.IsObject() {
		return HumanName{Text: squeeze(n.Text())}
	}
	return n.HumanName()
}

// Address reads this place as an Address, on one line in the Dutch order:
// street and number, postcode and city, and the country when it is another one.
func (n Node) Address() string {
	n = n.first()
	street := joinWith(", ", n.streets())
	city := join(squeeze(n.Str("postalCode")), squeeze(n.Str("city")))
	country := squeeze(n.Str("country"))
	switch strings.ToLower(country) {
	case "nederland", "netherlands", "the netherlands", "nl", "nld":
		country = ""
	}
	if line := joinWith(", ", []string{street, city, country}); line != "" {
		return line
	}
	return squeeze(n.Str("text"))
}

// streets gives the lines as written, or made of their parts when only those
// were sent.
func (n Node) streets() []string {
	var lines []string
	for _, l := range n.All("line") {
		lines = append(lines, squeeze(l.Text()))
	}
	if joinWith("", lines) != "" {
		return lines
	}
	for _, m := range n.All("_line") {
		part := func(name string) string { return squeeze(m.Ext(addressPart + name).Value().Text()) }
		number := part("houseNumber") + part("houseNumberLetter")
		lines = append(lines, joinWith(" ", []string{
			part("streetName"), number, part("buildingNumberSuffix"), part("unitID"), part("additionalLocator"),
		}))
	}
	return lines
}

// squeeze folds white space.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func join(a, b string) string { return joinWith(" ", []string{a, b}) }

// joined puts the texts of a list together.
func joined(nodes []Node) string {
	var texts []string
	for _, n := range nodes {
		texts = append(texts, squeeze(n.Text()))
	}
	return joinWith(" ", texts)
}

// joinWith joins what is not empty.
func joinWith(sep string, parts []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), sep)
}
