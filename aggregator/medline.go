package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// course is a line of medication in the making: one treatment, or several of
// different providers that are clearly the same.
type course struct {
	*line
	treatments []*treatment
	product    product
	risky      bool // on the list of high risk
}

// lead is the treatment that the line speaks of.
func (c *course) lead() *treatment { return c.treatments[0] }

// dosage is the instruction that is shown.
func (c *course) dosage() fhir.Dosage { return c.lead().instruction().med().Dosage }

// newCourse makes the line of treatments that share it by a rule.
func (m *merger) newCourse(ts []*treatment, rule string) *course {
	slices.SortFunc(ts, func(a, b *treatment) int { return strings.Compare(speakOrder(a), speakOrder(b)) })
	records := slices.Clip(ts[0].records)
	for _, t := range ts[1:] {
		records = append(records, t.records...)
	}
	c := &course{
		line:       newLine(records, func(s *medStatement) string { return s.val.role }),
		treatments: ts, product: ts[0].product(),
	}
	c.risky = c.product.highRisk()
	c.joinTreatments(ts, rule)
	c.hideVoid(records)
	c.about = c.product.strict()
	c.void = !slices.ContainsFunc(records, func(r *medRecord) bool { return !r.lead.val.void() })
	m.describe(c)
	return c
}

// speakOrder puts first the treatment whose instruction is shown: the
// prescriber's, which the pharmacy's equals, else the pharmacy's.
func speakOrder(t *treatment) string {
	rank := "2"
	switch s := t.slots(); {
	case s.prescriber:
		rank = "0"
	case s.supplier:
		rank = "1"
	}
	return rank + t.key()
}

// joinTreatments notes why records of one treatment and of several stand on
// one line.
func (c *course) joinTreatments(ts []*treatment, rule string) {
	at := 0
	for i, t := range ts {
		first := at
		for _, r := range t.records {
			if at > first {
				c.Joins = append(c.Joins, Join{A: first, B: at, Rule: t.joinRule(r)})
			}
			at += len(r.members)
		}
		if i > 0 {
			c.Joins = append(c.Joins, Join{A: 0, B: first, Rule: rule})
		}
	}
}

// joinRule tells why r stands with the first record of its treatment.
func (t *treatment) joinRule(r *medRecord) string {
	if t.isSupply() {
		return "same-supply"
	}
	keys := treatmentKeys(t.records[0])
	if slices.ContainsFunc(treatmentKeys(r), func(k string) bool { return slices.Contains(keys, k) }) {
		return "same-treatment"
	}
	return "by-relation"
}

// hideVoid marks what its source took back: it does not speak.
func (c *course) hideVoid(records []*medRecord) {
	at := 0
	for _, r := range records {
		for _, s := range r.members {
			if s.val.void() {
				c.Parts[at].Hidden = "void"
			}
			at++
		}
	}
}

// describe fills in what the line says.
func (m *merger) describe(c *course) {
	t := c.lead()
	shown := t.instruction()
	med := shown.med()
	v := &Medicine{
		Name: c.readableName(), Dose: med.instruction(m.Lang), Start: t.start(), Prescriber: med.author,
		Ended: t.ended, Inferred: t.inferred, AsNeeded: med.Dosage.AsNeeded(),
	}
	c.Value, c.Section = v, t.class
	c.Title, c.Detail, c.Author = c.name(), v.Dose, med.author
	if t.now.end != forever && !t.inferred {
		v.End = fhir.DateOf(t.now.end)
	}
	c.field("product", c.Title, t.now.rec.lead.entry)
	c.field("dose", v.Dose, shown.rec.lead.entry)
	c.field("start", v.Start.Day(), t.now.rec.lead.entry)
	if !med.period.derived {
		c.field("end", med.Use.End.Day(), shown.rec.lead.entry)
	}
	m.describeReason(c, v)
	m.describeSupply(c, v)
	m.describeNext(c, v, t)
	if v.Start.IsZero() {
		v.Start = v.Last
	}
	c.When = v.Start.Day()
	c.sortKey = c.foldedName()
	for _, t := range c.treatments {
		c.moments = append(c.moments, t.moments...)
	}
	m.addNotes(c, t)
	m.ownConflicts(c, shown)
	if c.Title == "" {
		c.Title = m.texts.unknownMedicine
	}
}

func (m *merger) describeReason(c *course, v *Medicine) {
	for _, t := range c.treatments {
		for _, r := range t.records {
			if text := r.lead.val.reason(); text != "" && v.Reason == "" {
				v.Reason = text
				c.field("reason", text, r.lead.entry)
			}
		}
	}
}

// describeSupply counts hand-overs over the whole line, and names what the
// pharmacy gave where it goes by another name.
func (m *merger) describeSupply(c *course, v *Medicine) {
	n, last := c.handovers()
	v.Dispenses = n
	if last != nil {
		v.Last = last.lead.val.handed
		c.field("collected", v.Last.Day(), last.lead.entry)
		if c.lead().inferred && n > 1 {
			c.note(m.texts.say("collected", n, m.handedWords(last.lead.val)))
		} else if c.lead().inferred {
			c.note(m.texts.say("collectedOnce", m.handedWords(last.lead.val)))
		}
	}
	brand := c.brand()
	if brand != nil {
		name := brand.lead.val.product.name
		c.field("brand", name, brand.lead.entry)
		c.note(m.texts.say("brand", readable(name)))
	}
}

// brand is what the pharmacy gave last, where it is named differently.
func (c *course) brand() *medRecord {
	var given *medRecord
	for _, t := range c.treatments {
		for _, r := range t.records {
			med := r.lead.val
			if (med.role == roleTA || isHandover(med)) && !med.void() && med.product.name != "" && !med.isStop() &&
				(given == nil || med.registered.After(given.lead.val.registered)) {
				given = r
			}
		}
	}
	if given == nil || given == c.lead().now.rec || fold(given.lead.val.product.name) == fold(c.Title) {
		return nil
	}
	return given
}

// describeNext tells what follows when it is something else.
func (m *merger) describeNext(c *course, v *Medicine, t *treatment) {
	next := t.following()
	if next == nil || next.med().dose == t.instruction().med().dose {
		return
	}
	words := next.med().instruction(m.Lang)
	v.Next = m.texts.from(fhir.DateOf(next.start), words, m.Lang)
	c.field("next", words, next.rec.lead.entry)
}

// following is what comes after the instruction in force: the next variable
// schedule when there is one, else the next agreement.
func (t *treatment) following() *segment {
	if t.class == Current {
		shown := t.instruction()
		for _, s := range t.layers[roleWDS] {
			if s.void == "" && s.start.After(shown.end) && shown.med().role == roleWDS {
				return s
			}
		}
	}
	return t.next
}

// instruction is the dose the person follows now (merge.md 2.6): a valid
// variable schedule, else the pharmacy's instruction when it is not older than
// the agreement in force, else the agreement.
func (t *treatment) instruction() *segment {
	if t.now == nil || t.class != Current || t.asOf.IsZero() {
		return t.now
	}
	for _, s := range t.layers[roleWDS] {
		if s.at(t.asOf) && s.med().dose != "" {
			return s
		}
	}
	if given := t.given(); len(given) == 1 {
		return given[0]
	}
	return t.now
}

// given are the pharmacy's instructions that are valid and not older than the
// agreement in force. Several go together; none of them is the whole dose.
func (t *treatment) given() []*segment {
	var all []*segment
	for _, s := range t.layers[roleTA] {
		if s.at(t.asOf) && s != t.now && !s.med().registered.Before(t.now.med().registered) && s.med().dose != "" {
			all = append(all, s)
		}
	}
	return all
}

func (t *treatment) start() fhir.Date {
	switch med := t.now.med(); {
	case t.inferred || t.now.start.IsZero():
		return med.handed
	case t.now.start.Equal(med.period.start) && !med.period.approx:
		return med.Use.Start
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

// readableName is the name as people write it.
func (c *course) readableName() string {
	if p := c.product; p.words != nil && p.name == c.name() {
		return p.words.readable
	}
	return readable(c.name())
}

func (c *course) foldedName() string {
	if p := c.product; p.words != nil && p.name == c.name() {
		return p.words.folded
	}
	return fold(c.name())
}

// ranAt tells whether the course ran at a moment.
func (c *course) ranAt(s span) bool {
	for _, t := range c.treatments {
		p := t.presence()
		if !p.start.After(s.end) && !p.end.Before(s.end) {
			return true
		}
	}
	return false
}
