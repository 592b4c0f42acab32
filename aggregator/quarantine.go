package aggregator

import "slices"

// Vouched is the word of the person that what was set aside is about them
// after all: the records of one Patient of a source, or all of the source when
// Patient is empty. It holds until the person takes it back.
type Vouched struct {
	Source  string
	Patient string // logical id of the Patient
}

func (m *merger) vouchesFor(source, patient string) bool {
	return slices.ContainsFunc(m.Vouched, func(v Vouched) bool {
		return v.Source == source && (v.Patient == "" || v.Patient == patient)
	})
}

// knownAsSelf tells whether the person said of this Patient: this is me.
func (m *merger) knownAsSelf(e *entry) bool {
	return m.vouchesFor(e.Origin.Source, e.ID) || m.acceptedPatient(e)
}

// strangers finds records that may be about somebody else: those of a Patient
// who differs from the person or whom their data service does not know, or,
// where a source only knows Patients who differ, everything it gave
// (merge.md S15). Imported files are not judged: the person vouches.
func (m *merger) strangers() map[*entry]bool {
	out := map[*entry]bool{}
	bySource := map[string][]*entry{}
	for _, e := range m.entries {
		if e.Origin.IsMedMij() && e.Flaw == "" && !e.Deleted {
			bySource[e.Origin.Source] = append(bySource[e.Origin.Source], e)
		}
	}
	for source, entries := range bySource {
		if !m.vouchesFor(source, "") {
			m.markStrangers(entries, out)
		}
	}
	return out
}

func (m *merger) markStrangers(entries []*entry, out map[*entry]bool) {
	known := map[string]bool{} // data services that gave a Patient
	strange, familiar := 0, 0
	for _, e := range entries {
		if e.Type != "Patient" {
			continue
		}
		known[e.Origin.Service] = true
		if m.person != nil && !samePerson(m.person.node(), e.node()) && !m.knownAsSelf(e) {
			out[e] = true
			strange++
		} else {
			familiar++
		}
	}
	for _, e := range entries {
		if !out[e] && (strange > 0 && familiar == 0 || m.isAboutStranger(e, known[e.Origin.Service], out)) {
			out[e] = true
		}
	}
}

// isAboutStranger: the record names a Patient who was set aside, or one whom
// its data service did not give although it gave another.
func (m *merger) isAboutStranger(e *entry, gavePatient bool, strangers map[*entry]bool) bool {
	for _, r := range e.facts().subjects {
		p := m.book.follow(e, r)
		switch {
		case p == nil:
			return gavePatient && r.Ref.Type == "Patient" && !m.vouchesFor(e.Origin.Source, r.Ref.ID)
		case p.Type == "Patient":
			return strangers[p]
		}
	}
	return false
}

// standsAlone: no rule may put these records on a line with others.
func (m *merger) standsAlone(entries []*entry) bool {
	return m.NoAutoMerge || slices.ContainsFunc(entries, func(e *entry) bool { return e.doubted })
}

// reportOthers tells of imported files with a Patient who differs from the
// person: they are shown, since the person gave them, and said to be so. What
// they hold is no copy of anything else on the strength of its content alone.
func (m *merger) reportOthers() {
	doubted := map[string]bool{}
	for _, e := range m.entries {
		if e.Type != "Patient" || e.Origin.IsMedMij() || e.Origin.IsSelf() || e.Deleted || m.person == nil {
			continue
		}
		if !samePerson(m.person.node(), e.node()) && !m.knownAsSelf(e) {
			m.notice("D-PERSON", e.Origin.Source)
			doubted[e.Origin.Source] = true
		}
	}
	for _, e := range m.entries {
		e.doubted = doubted[e.Origin.Source]
	}
}
