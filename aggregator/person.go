package aggregator

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// setAside takes out what must not become an item: unreadable records, the
// person's own Patient and sharing choices, records the person deleted, and
// whatever may be about somebody else (merge.md S14, S15).
func (m *merger) setAside() {
	m.findPerson()
	strangers := m.strangers()
	m.reportOthers()
	m.entries = slices.DeleteFunc(m.entries, func(e *entry) bool {
		switch {
		case e.Flaw != "":
			m.refuse(e, string(e.Flaw))
		case e == m.person || (e.Origin.IsSelf() && isOwnChoice(e)):
		case e.Deleted:
		case strangers[e]:
			m.strange = append(m.strange, e)
			m.refuse(e, "identity")
		default:
			return false
		}
		return true
	})
	m.book = m.statements.bookFor(1, m.entries, m.person)
}

// isOwnChoice: sharing choices and merge decisions are rules about the record,
// not part of it. `shares` lists the former.
func isOwnChoice(e *entry) bool {
	return e.Type == "Consent" || (e.Type == "Basic" && !isOwnNote(e))
}

func (m *merger) findPerson() {
	for _, e := range m.entries {
		if e.Origin.IsSelf() && e.Type == "Patient" && !e.Deleted && e.Flaw == "" {
			m.person = e
			return
		}
	}
}

// personOf names the person: the vault's own Patient, else the first Patient
// that a provider sent.
func (m *merger) personOf() Person {
	if m.person != nil && m.person.node().Names("name") != "" {
		return personFrom(m.person.node())
	}
	for _, e := range m.entries {
		if e.Type == "Patient" && e.Origin.IsMedMij() {
			return personFrom(e.node())
		}
	}
	return Person{}
}

func personFrom(n fhir.Node) Person {
	return Person{Name: n.Names("name"), BirthDate: n.Str("birthDate")}
}

// samePerson compares family name, birth date and sex, each only where both
// state it; never a BSN.
func samePerson(a, b fhir.Node) bool {
	return agree(fold(a.FamilyName("name")), fold(b.FamilyName("name"))) &&
		datesAgree(a.Date("birthDate"), b.Date("birthDate")) &&
		agree(knownGender(a), knownGender(b))
}

func agree(a, b string) bool { return a == "" || b == "" || a == b }

func knownGender(n fhir.Node) string {
	if g := n.Str("gender"); g == "male" || g == "female" {
		return g
	}
	return ""
}

// datesAgree: a date that is less precise agrees with any it contains.
func datesAgree(a, b fhir.Date) bool {
	if a.IsZero() || b.IsZero() {
		return true
	}
	return !a.Low().After(b.High()) && !b.Low().After(a.High())
}
