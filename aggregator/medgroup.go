package aggregator

import (
	"slices"
	"strings"
)

// groupCourses puts lines about the same substance side by side and shows
// where their sources differ (merge.md 2.7, 2.11). Names may bring lines
// together here: that costs a second of reading, never a merge.
func (m *merger) groupCourses(courses []*course) {
	sets := joinByKey(len(courses), func(i int) []string { return courses[i].groupKeys() })
	for _, members := range sets.groups() {
		if len(members) < 2 {
			continue
		}
		group := make([]*course, len(members))
		key := ""
		for i, at := range members {
			group[i] = courses[at]
			if k := group[i].key; key == "" || k < key {
				key = k
			}
		}
		m.settleGroup(group, "medication|"+key)
	}
}

func (c *course) groupKeys() []string {
	p := c.product
	var keys []string
	add := func(level, value string) {
		if value != "" {
			keys = append(keys, level+"|"+value)
		}
	}
	add("prk", p.prk)
	add("gpk", p.gpk)
	add("hpk", p.hpk)
	add("ingredients", p.ingredients)
	if len(p.atc) == 7 {
		add("atc", p.atc)
	}
	add("word", p.substance())
	return keys
}

func (m *merger) settleGroup(group []*course, key string) {
	title := groupTitle(group)
	for i, a := range group {
		a.groupKey, a.groupTitle = key, title
		if v, ok := a.Value.(*Medicine); ok {
			v.Substance = title
		}
		for _, b := range group[:i] {
			m.compare(a, b)
		}
	}
}

// groupTitle is the word that all names begin with, else the shortest name.
func groupTitle(group []*course) string {
	title, word := group[0].Name(), group[0].product.substance()
	for _, c := range group {
		if name := c.Name(); len(name) < len(title) || (len(name) == len(title) && name < title) {
			title = name
		}
		if w := c.product.substance(); len(w) < len(word) {
			word = w
		}
	}
	for _, c := range group {
		if word == "" || !strings.HasPrefix(c.product.substance(), word) {
			return title
		}
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// compare notes what two lines of one group say differently. Advice is for the
// group, a conflict for both lines.
func (m *merger) compare(a, b *course) {
	advice, code := m.difference(a, b)
	for _, c := range [...]*course{a, b} {
		if moreTelling(advice, c.advice) {
			c.advice = advice
		}
		if code != "" {
			c.conflict(code, m.texts.conflict[code])
		}
	}
}

// difference gives the most specific advice for a pair, and the conflict that
// goes with it.
func (m *merger) difference(a, b *course) (advice, code string) {
	same := a.product.strict() != "" && (a.product.strict() == b.product.strict() || (a.product.prk != "" && a.product.prk == b.product.prk))
	switch {
	case a.Own() || b.Own():
		return "own-beside", ""
	case m.stoppedAgainst(a, b) && (same || !a.product.differs(b.product)):
		return "stopped-differs", "C-STOP"
	case !inUse(a) || !inUse(b):
		return "same-substance", ""
	case a.Section == Paused != (b.Section == Paused) && same:
		return "paused-differs", "C-PAUSED-CURRENT"
	case a.asNeeded() != b.asNeeded():
		return "as-needed-beside", ""
	case same && a.dose != b.dose && a.dose != "" && b.dose != "":
		return "dose-differs", "C-DOSE"
	case same && bothPrescribed(a, b):
		return "two-prescribers", "C-DUP"
	case same:
		return "same-list", ""
	case otherProvider(a, b) && a.product.sameSubstance(b.product):
		return "strength-differs", "C-DOSE"
	}
	return "same-substance", ""
}

func inUse(c *course) bool { return c.Section == Current || c.Section == Paused }

func (c *course) asNeeded() bool { return c.treatments[0].asNeeded() }

// stoppedAgainst: one side says stopped, the other was running at that moment
// and runs on.
func (m *merger) stoppedAgainst(a, b *course) bool {
	for _, pair := range [...][2]*course{{a, b}, {b, a}} {
		stopped, runs := pair[0], pair[1]
		t := stopped.treatments[0]
		if runs.Section != Current || t.ended != "stopped" || t.now == nil || !otherProvider(a, b) {
			continue
		}
		// Collected at a pharmacy after the stop is a difference as well.
		if runs.ranAt(t.now.end) || runs.treatments[0].inferred {
			return true
		}
	}
	return false
}

func bothPrescribed(a, b *course) bool {
	prescribed := func(c *course) bool {
		return slices.ContainsFunc(c.treatments, func(t *treatment) bool { return t.slot() == "prescriber" })
	}
	return prescribed(a) && prescribed(b) && otherProvider(a, b)
}

// otherProvider tells whether no provider speaks in both.
func otherProvider(a, b *course) bool {
	for _, x := range a.treatments {
		for _, y := range b.treatments {
			if x.records[0].lead.provider() == y.records[0].lead.provider() {
				return false
			}
		}
	}
	return true
}

// adviceOrder ranks advice, most telling first.
var adviceOrder = [...]string{
	"stopped-differs", "paused-differs", "dose-differs", "strength-differs", "two-prescribers",
	"as-needed-beside", "own-beside", "same-list", "possible-copy", "same-letter", "broader", "same-substance", "by-name",
	"same-problem", "same-vaccination", "same-procedure", "belongs",
}

func moreTelling(a, b string) bool {
	if a == "" {
		return false
	}
	return b == "" || slices.Index(adviceOrder[:], a) < slices.Index(adviceOrder[:], b)
}
