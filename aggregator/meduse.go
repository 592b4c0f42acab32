package aggregator

import (
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// latestUse is what each sort of person said last about the use (merge.md 2.6,
// overlay of use).
func (t *treatment) latestUse() []*medRecord {
	var latest [speakerProfessional + 1]*medRecord
	for _, r := range t.records {
		med := r.lead.val
		if (med.role != roleMGB && med.role != roleOwn) || med.void() {
			continue
		}
		if old := latest[med.speaker]; old == nil || med.registered.After(old.lead.val.registered) {
			latest[med.speaker] = r
		}
	}
	var all []*medRecord
	for _, r := range latest {
		if r != nil {
			all = append(all, r)
		}
	}
	return all
}

// classifyUse judges a treatment that only reports of use speak of. Where two
// sorts of people disagree, the one who says that it is used decides, and the
// other is shown.
func (m *merger) classifyUse(t *treatment) {
	latest := t.latestUse()
	chosen := latest[0]
	for _, r := range latest[1:] {
		if m.moreInUse(r, chosen) {
			chosen = r
		}
	}
	m.classifyOneUse(t, chosen)
	// Every other voice has moments of its own at which it may come to decide.
	for _, r := range latest {
		if r == chosen {
			continue
		}
		shadow := *t
		m.classifyOneUse(&shadow, r)
		t.moments = append(t.moments, shadow.moments...)
	}
}

// moreInUse: in use before anything else, then the newest.
func (m *merger) moreInUse(a, b *medRecord) bool {
	x, y := m.inUseBy(a), m.inUseBy(b)
	if x != y {
		return x
	}
	return a.lead.val.registered.After(b.lead.val.registered)
}

func (m *merger) inUseBy(r *medRecord) bool {
	shadow := treatment{records: []*medRecord{r}}
	m.classifyOneUse(&shadow, r)
	return shadow.class == Current
}

func (m *merger) classifyOneUse(t *treatment, r *medRecord) {
	s := m.stated(t, r)
	med := s.med()
	switch status := med.Status.Code; {
	case med.notTaken():
		t.class, t.ended = Past, "not-taken"
	case status == "on-hold" || med.Stop == clinical.StopTemporary:
		t.class, t.ended = Paused, "paused"
	case s.end.Before(m.AsOf):
		m.endedAt(t, s.end, endedWord(med))
	case isOver(status) || med.isStop():
		m.endedAt(t, firstTime(earlier(s.end, med.registered), s.rec.lead.Updated), "stopped")
	case s.start.After(m.AsOf):
		m.planned(t)
	case med.role == roleOwn || m.isFresh(t, med.registered, m.Limits.UseOnlyFresh):
		t.class = Current
	default:
		t.class = Unclear
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// useConflicts: what somebody says is used never changes the class of a line;
// it is shown next to it. A report from before the agreement in force speaks
// of an earlier one.
func (m *merger) useConflicts(c *course, t *treatment) {
	if t.class != Current {
		return
	}
	for _, r := range t.latestUse() {
		use := r.lead.val
		if r == t.now.rec || use.role == roleOwn || use.registered.Before(t.now.start) || !t.aboutNow(r) {
			continue
		}
		switch {
		case use.notTaken() || use.isStop() || isOver(use.Status.Code) && !use.registered.After(m.AsOf):
			c.conflict("C-NOT-TAKEN", m.useWords(use, "notTaken"))
		case use.AsAgreed == clinical.No || compareDoses(use.Dosage, t.instruction().med().Dosage) == doseDifferent ||
			compareDoses(use.Dosage, t.instruction().med().Dosage) == doseSameTotal:
			c.conflict("C-USE-DIFFERS", m.useWords(use, "usedOtherwise"))
		}
	}
}

// aboutNow tells whether a report of use speaks of what is in force: not of a
// time to come, and not of another agreement that it names.
func (t *treatment) aboutNow(use *medRecord) bool {
	if use.lead.val.period.start.After(t.asOf) {
		return false
	}
	named := false
	for _, r := range t.bundle.links[use] {
		s := t.bundle.segs[r]
		if s != nil && (s == t.now || s.at(t.asOf)) {
			return true
		}
		named = named || s != nil
	}
	return !named
}

// useWords says who said so, and when.
func (m *merger) useWords(use *medication, what string) string {
	who := use.author
	if use.speaker == speakerPatient {
		who = m.texts.self
	}
	return m.texts.say(what, who, fhir.DateOf(use.registered).Words(m.Lang))
}
