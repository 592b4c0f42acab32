package aggregator

import (
	"slices"
	"strings"
)

// note is a remark about a treatment: a name of texts.sayings with its words.
type note struct {
	name  string
	words []any
}

func (t *treatment) note(name string, words ...any) {
	t.notes = append(t.notes, note{name, words})
}

// note adds a remark to the line once.
func (l *line) note(text string) {
	if !slices.Contains(l.Notes, text) {
		l.Notes = append(l.Notes, text)
	}
}

// addNotes tells what is no conflict and worth knowing.
func (m *merger) addNotes(c *course, t *treatment) {
	for _, n := range t.notes {
		c.note(m.texts.say(n.name, n.words...))
	}
	med := t.now.med()
	if med.period.approx && !t.inferred && med.role != roleVV && med.role != roleMTD {
		c.note(m.texts.say("startAbout"))
	}
	if med.Condition != "" {
		c.field("condition", med.Condition, t.now.rec.lead.entry)
		c.note(m.texts.say("condition", med.Condition))
	}
	if t.class == Current && (med.role == roleMGB || med.role == roleOwn) {
		m.noteUse(c, med)
	}
	if t.wantsSchedule() {
		c.note(m.texts.say("newSchedule"))
	}
	if !t.has(roleMA, rolePlainRequest) && slices.ContainsFunc(t.records, func(r *medRecord) bool { return t.bundle.dangling[r] }) {
		c.note(m.texts.say("dangling"))
	}
}

func (m *merger) noteUse(c *course, med *medication) {
	if med.speaker == speakerPatient {
		c.note(m.texts.say("yourWord"))
	} else {
		c.note(m.texts.say("theirWord", med.author))
	}
}

// wantsSchedule tells whether the dose is that of a variable schedule that has
// run out, with nothing after it.
func (t *treatment) wantsSchedule() bool {
	if t.class != Current || t.now.med().role != roleMA {
		return false
	}
	schedules := t.layers[roleWDS]
	if len(schedules) == 0 {
		return false
	}
	bySchedule := strings.Contains(fold(t.now.med().Dosage.Text()), "volgens schema")
	open := slices.ContainsFunc(schedules, func(s *segment) bool { return s.void == "" && !s.end.Before(t.asOf) })
	return !open && (bySchedule || t.now.med().dose == "")
}

// ownConflicts shows what is odd within the line itself.
func (m *merger) ownConflicts(c *course, shown *segment) {
	for _, t := range c.treatments {
		for _, code := range t.conflicts {
			m.treatmentConflict(c, code)
		}
		for _, r := range t.records {
			m.recordConflicts(c, r)
		}
		m.useConflicts(c, t)
	}
	m.doseConflict(c, shown)
}

// doseConflict shows where the pharmacy's instruction is not what was agreed.
func (m *merger) doseConflict(c *course, shown *segment) {
	t := c.lead()
	if t.class != Current || shown.med().role == roleWDS {
		return
	}
	agreed := t.now.med()
	given := t.given()
	var words []string
	for _, s := range given {
		words = append(words, s.med().Dosage.Words(m.Lang))
	}
	outcome := doseDifferent // several together can be compared with nothing
	if len(given) == 1 {
		outcome = compareDoses(given[0].med().Dosage, agreed.Dosage)
	}
	if len(given) > 0 && (outcome == doseDifferent || outcome == doseSameTotal) {
		c.differs("C-DOSE", m.texts.say("twoDoses", agreed.author, agreed.Dosage.Words(m.Lang), given[0].med().author, strings.Join(words, " + ")))
	}
}

// differs adds a conflict, at the very top for substances of high risk.
func (c *course) differs(code, text string) {
	c.conflict(code, text)
	if code == "C-DOSE" && c.risky {
		c.level = highRiskLevel
	}
}

// highRiskLevel lies above that of every conflict.
const highRiskLevel = 4

// treatmentConflict words what is odd within one source differently from what
// two sources disagree about.
func (m *merger) treatmentConflict(c *course, code string) {
	text := m.texts.conflict[code]
	switch code {
	case substituted:
		code, text = "C-PRODUCT", m.texts.say("otherProduct")
	case "C-STOP":
		text = m.texts.say("looseStop")
	}
	c.conflict(code, text)
}

func (m *merger) recordConflicts(c *course, r *medRecord) {
	med := r.lead.val
	flags := map[string]bool{
		"C-COLLISION": r.collision,
		"C-UNIT":      med.Dosage.UnitConflict(),
		"C-PRODUCT":   med.product.suspect,
		"C-MODIFIER":  med.odd(),
		"D-CROSSWALK": med.product.doubtful,
	}
	for _, s := range r.members {
		if s != r.lead && s.val.dose != med.dose {
			flags["C-COPY"] = true
		}
	}
	for _, code := range sortedKeys(flags) {
		if flags[code] {
			c.conflict(code, m.texts.conflict[code])
		}
	}
}
