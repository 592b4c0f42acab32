package aggregator

import (
	"slices"
)

// supportRole is the role in which a type of resource supports others; empty
// when it stands for itself.
func supportRole(typ string) string {
	switch typ {
	case "Medication", "Substance":
		return RoleProduct
	case "Binary":
		return RoleFile
	case "Practitioner", "PractitionerRole", "Organization":
		return RoleAuthor
	case "Patient":
		return RolePerson
	case "Location":
		return RolePlace
	case "Specimen":
		return RoleSpecimen
	case "Device":
		return RoleDevice
	}
	return ""
}

// attachSupport makes supporting records a part of every line that uses them,
// directly or through another supporting record.
func (m *merger) attachSupport() {
	for _, l := range m.lines {
		members := slices.Clip(l.members)
		for i := 0; i < len(members); i++ { // members grows
			members = m.supportOf(l, members, members[i])
		}
		for _, e := range members {
			m.addOlder(l, e)
		}
	}
}

func (m *merger) supportOf(l *line, members []*entry, from *entry) []*entry {
	for _, r := range from.facts().refs {
		e := m.book.follow(from, r)
		if e == nil || supportRole(e.Type) == "" || slices.Contains(members, e) {
			continue
		}
		m.used[e] = true
		members = append(members, e)
		l.Parts = append(l.Parts, e.part(supportRole(e.Type)))
	}
	return members
}

// addOlder shows the versions that a record replaced.
func (m *merger) addOlder(l *line, e *entry) {
	role := supportRole(e.Type)
	if i := slices.Index(l.members, e); i >= 0 {
		role = l.Parts[i].Role
	}
	for _, r := range e.older {
		l.Parts = append(l.Parts, partOf(r, role, "version"))
	}
}

// addUnused makes items of supporting records that nothing uses, so that
// nothing received is left out.
func (m *merger) addUnused() {
	var lines []*line
	for _, e := range m.entries {
		if supportRole(e.Type) == "" || m.used[e] || isOwnFile(e) {
			continue
		}
		l := m.plainLine(m.soleRecord(e))
		l.Subject = unusedSubject(e.Type)
		m.addOlder(l, e)
		lines = append(lines, l)
	}
	m.lines = append(m.lines, lines...)
}

func unusedSubject(typ string) string {
	switch supportRole(typ) {
	case RolePerson:
		return "person"
	case RoleAuthor, RolePlace:
		return "provider"
	}
	return "other"
}

func (m *merger) soleRecord(e *entry) *sayRecord {
	s := &sayStatement{entry: e, val: m.saying(e)}
	return newRecord([]*sayStatement{s}, byIdentifier, false)
}
