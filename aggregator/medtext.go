package aggregator

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// newCourse makes the line of treatments that share it.
func (m *merger) newCourse(ts []*treatment) *course {
	if len(ts) > 1 && neverMerge(ts) {
		ts = ts[:1] // unreachable by the rules above; a second lock on the door
	}
	slices.SortFunc(ts, func(a, b *treatment) int { return strings.Compare(speakOrder(a), speakOrder(b)) })
	var records []*medRecord
	for _, t := range ts {
		records = append(records, t.records...)
	}
	c := &course{
		line:       newLine(records, func(s *medStatement) string { return s.val.role }),
		treatments: ts, product: ts[0].product(), dose: ts[0].dose(),
	}
	c.joinTreatments(ts)
	m.describe(c)
	return c
}

// speakOrder puts first the treatment whose instruction is shown: the
// pharmacy's when it carries out the agreement, else the prescriber's.
func speakOrder(t *treatment) string {
	rank := "2"
	switch t.slot() {
	case "prescriber":
		rank = "0"
	case "supplier":
		rank = "1"
	}
	return rank + t.records[0].key()
}

// joinTreatments notes why records of one treatment and of several stand on
// one line.
func (c *course) joinTreatments(ts []*treatment) {
	at := 0
	for i, t := range ts {
		first := at
		for _, r := range t.records {
			if at > first {
				c.Joins = append(c.Joins, Join{A: first, B: at, Rule: joinRule(t)})
			}
			at += len(r.members)
		}
		if i > 0 {
			c.Joins = append(c.Joins, Join{A: 0, B: first, Rule: "same-PRK-same-dose"})
		}
	}
}

func joinRule(t *treatment) string {
	if t.isSupply() {
		return "same-supply"
	}
	return "same-treatment"
}

// describe fills in what the line says.
func (m *merger) describe(c *course) {
	t := c.treatments[0]
	shown := t.instruction()
	med := shown.med()
	v := &Medicine{
		Name: readable(c.name()), Dose: med.dose.Words(m.Lang), Start: startOf(t), Reason: c.reason(),
		Prescriber: med.author, Ended: t.ended, Inferred: t.inferred, AsNeeded: med.dose.AsNeeded(),
		Dispenses: t.handovers,
	}
	m.describeSupply(c, v)
	c.Value, c.Section = v, t.class
	c.Title, c.Detail, c.Author = c.name(), v.Dose, med.author
	if v.Start.IsZero() {
		v.Start = v.Last
	}
	c.When = v.Start.Day()
	if t.now.end != forever {
		v.End = fhir.DateOf(t.now.end)
	}
	if t.next != nil && t.next.med().doseKey() != med.doseKey() {
		v.Next = m.texts.from(fhir.DateOf(t.next.start), t.next.med().dose.Words(m.Lang), m.Lang)
	}
	c.field("product", c.Title, t.now.rec.lead.entry)
	c.field("dose", v.Dose, shown.rec.lead.entry)
	c.field("reason", v.Reason, c.reasonEntry())
	c.field("start", v.Start.Day(), t.now.rec.lead.entry)
	c.sortKey = fold(c.Title)
	m.ownConflicts(c, shown)
}

// describeSupply counts hand-overs over the whole line.
func (m *merger) describeSupply(c *course, v *Medicine) {
	v.Dispenses = 0
	for _, t := range c.treatments {
		for _, r := range t.records {
			if med := r.lead.val; med.role == roleMVE || med.role == rolePlainDispense {
				v.Dispenses++
				if med.handed.Compare(v.Last) > 0 {
					v.Last = med.handed
				}
			}
		}
	}
}

// instruction is the dose the person follows now (merge.md 2.6): a valid
// variable schedule, else the pharmacy's instruction when it is not older than
// the agreement in force, else the agreement.
func (t *treatment) instruction() *segment {
	if t.now == nil || t.class != Current {
		return t.now
	}
	for _, layer := range [...][]*segment{t.wds, t.ta} {
		for _, s := range layer {
			inForce := s.void == "" && !s.start.After(t.now.end) && !s.end.Before(t.now.start)
			if inForce && s.end.Equal(t.now.end) && !s.med().registered.Before(t.now.med().registered) && s.med().doseKey() != "" {
				return s
			}
		}
	}
	return t.now
}

func startOf(t *treatment) fhir.Date {
	if t.inferred || t.now.start.IsZero() {
		return t.now.med().handed
	}
	return fhir.DateOf(t.now.start)
}

func (c *course) name() string {
	for _, t := range c.treatments {
		if name := t.now.med().product.name; name != "" {
			return name
		}
		for _, r := range t.records {
			if name := r.lead.val.product.name; name != "" {
				return name
			}
		}
	}
	return ""
}

func (c *course) reason() string {
	if e := c.reasonEntry(); e != nil {
		return medicationReason(e.node)
	}
	return ""
}

func (c *course) reasonEntry() *entry {
	for _, e := range c.members {
		if medicationReason(e.node) != "" {
			return e
		}
	}
	return nil
}

// ownConflicts shows what is odd within the line itself.
func (m *merger) ownConflicts(c *course, shown *segment) {
	for _, t := range c.treatments {
		for _, code := range t.conflicts {
			c.conflict(code, m.texts.conflict[code])
		}
		for _, r := range t.records {
			m.recordConflicts(c, r)
		}
		for _, r := range t.records {
			m.useConflicts(c, t, r.lead.val)
		}
		t2 := t.now
		if shown != t2 && t == c.treatments[0] && t2.med().doseKey() != "" && shown.med().doseKey() != t2.med().doseKey() {
			c.conflict("C-DOSE", m.texts.conflict["C-DOSE"])
		}
	}
	if c.Title == "" {
		c.Title = m.texts.unknownMedicine
	}
}

func (m *merger) recordConflicts(c *course, r *medRecord) {
	flags := map[string]bool{
		"C-COLLISION": r.collision,
		"C-UNIT":      r.lead.val.dose.UnitConflict(),
		"C-PRODUCT":   r.lead.val.product.suspect,
		"C-MODIFIER":  r.lead.val.odd,
	}
	for _, s := range r.members {
		if s != r.lead && s.val.doseKey() != r.lead.val.doseKey() {
			flags["C-COPY"] = true
		}
	}
	for _, code := range [...]string{"C-COLLISION", "C-UNIT", "C-PRODUCT", "C-MODIFIER", "C-COPY"} {
		if flags[code] {
			c.conflict(code, m.texts.conflict[code])
		}
	}
}

// useConflicts: what somebody says is used never changes the class of a line;
// it is shown next to it (merge.md 2.6, overlay of use).
func (m *merger) useConflicts(c *course, t *treatment, use *medication) {
	current := t.class == Current && t.now.med().role != roleMGB
	if use.role != roleMGB || !current || use.registered.Before(t.now.start) {
		return
	}
	switch {
	case use.notTaken || use.status == "stopped":
		c.conflict("C-NOT-TAKEN", m.texts.conflict["C-NOT-TAKEN"])
	case use.doseKey() != "" && use.doseKey() != t.now.med().doseKey():
		c.conflict("C-USE-DIFFERS", m.texts.conflict["C-USE-DIFFERS"])
	}
}

// startsBefore tells whether the course ran at t.
func (c *course) ranAt(t time.Time) bool {
	for _, tr := range c.treatments {
		p := tr.presence()
		if !p.start.After(t) && !p.end.Before(t) {
			return true
		}
	}
	return false
}
