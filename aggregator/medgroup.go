package aggregator

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// groupCourses puts lines about the same substance side by side and shows
// where their sources differ (merge.md 2.7, 2.11). Names may bring lines
// together here: that costs a second of reading, never a merge.
func (m *merger) groupCourses(courses []*course) {
	sets := joinByKey(len(courses), func(i int) [][2]string { return courses[i].groupKeys() })
	joinParts(sets, courses)
	m.joinAnswers(sets, courses)
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

// groupKeys are none for what its source took back: it stands in the history,
// beside nothing.
func (c *course) groupKeys() [][2]string {
	if c.void {
		return nil
	}
	p := c.product
	keys := make([][2]string, 0, 8)
	add := func(level, value string) {
		if value != "" {
			keys = append(keys, [...]string{level, value})
		}
	}
	add("prk", p.prk)
	add("gpk", p.gpk)
	add("hpk", p.hpk)
	add("ingredients", strings.Join(p.ingredients, "+"))
	if len(p.atc) == 7 {
		add("atc", p.atc)
	}
	if words := p.substances(); len(words) > 1 {
		add("words", strings.Join(words, "+"))
	}
	add("word", p.substance())
	add("name", p.nameKey())
	return keys
}

// maxParts bounds the subsets of a combination that are looked for.
const maxParts = 5

// joinParts puts a combination beside a product of some of its substances
// (hydrochlorothiazide, and losartan with hydrochlorothiazide).
func joinParts(sets *sets, courses []*course) {
	whole := map[string]int{}
	for i, c := range courses {
		for _, set := range c.substanceSets() {
			if _, ok := whole[setKey(set)]; !ok {
				whole[setKey(set)] = i
			}
		}
	}
	for i, c := range courses {
		for _, set := range c.substanceSets() {
			for _, part := range properParts(set) {
				if j, ok := whole[setKey(part)]; ok {
					sets.join(i, j)
				}
			}
		}
	}
}

func (c *course) substanceSets() [][]string {
	var all [][]string
	for _, set := range [...][]string{c.product.ingredients, c.product.substances()} {
		if len(set) > 0 {
			all = append(all, set)
		}
	}
	return all
}

func setKey(set []string) string {
	if len(set) == 1 {
		return set[0]
	}
	return strings.Join(slices.Sorted(slices.Values(set)), "+")
}

// properParts are the subsets of a combination but for itself and nothing.
func properParts(set []string) [][]string {
	if len(set) < 2 || len(set) > maxParts {
		return nil
	}
	var parts [][]string
	for bits := 1; bits < 1<<len(set)-1; bits++ {
		var part []string
		for i, s := range set {
			if bits&(1<<i) != 0 {
				part = append(part, s)
			}
		}
		parts = append(parts, part)
	}
	return parts
}

func (m *merger) settleGroup(group []*course, key string) {
	title := groupTitle(group)
	var lively, idle []*course
	for _, c := range group {
		c.groupKey, c.groupTitle = key, title
		if v, ok := c.Value.(*Medicine); ok {
			v.Substance = title
		}
		if c.isIdle() {
			idle = append(idle, c)
		} else {
			lively = append(lively, c)
		}
	}
	for i, a := range lively {
		for _, b := range lively[:i] {
			m.compare(a, b)
		}
	}
	// Two that nobody uses differ in nothing that matters now: each is compared
	// with the first of the group only, since a long life has many of them.
	for _, c := range idle {
		if first := group[0]; first.isIdle() && first != c {
			m.compare(first, c)
		}
	}
	for _, alike := range m.alike(idle) {
		m.compareAlike(lively, alike)
	}
}

func (c *course) isIdle() bool {
	return c.Section == Past || c.Section == Cancelled || c.Section == History
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

// difference is what a pair of lines of one group says differently: advice for
// the group, conflicts for both lines.
type difference struct {
	advice string
	words  string // of the advice, when the table does not say it all
	codes  []string
	text   string // of the conflicts, when the table does not say it all
}

// compare notes what two lines differ in.
func (m *merger) compare(a, b *course) {
	d := m.difference(a, b)
	if d.advice != "" && (a.risky || b.risky) && inUse(a) && inUse(b) {
		d.words = joinText(" ", firstNonEmpty(d.words, m.texts.advice[d.advice]), m.texts.say("highRisk"))
	}
	m.keep(a, d)
	m.keep(b, d)
}

// keep keeps the most telling advice of all comparisons, and every conflict. It
// tells whether any of it was new.
func (m *merger) keep(c *course, d difference) bool {
	known := len(c.Conflicts)
	for _, code := range d.codes {
		c.differs(code, firstNonEmpty(d.text, m.texts.conflict[code]))
	}
	if moreTelling(d.advice, c.advice) || (d.advice == c.advice && d.words < c.adviceWords) {
		c.advice, c.adviceWords = d.advice, d.words
		return true
	}
	return len(c.Conflicts) > known
}

// difference gives the most specific advice for a pair.
func (m *merger) difference(a, b *course) difference {
	p, q := a.product, b.product
	same := p.same(q) || (p.strict() == "" && q.strict() == "" && p.gpk != "" && p.gpk == q.gpk)
	switch {
	case a.Own() || b.Own():
		return m.besideOwn(a, b)
	case same || !p.differs(q):
		if d, ok := m.stoppedAgainst(a, b); ok {
			return d
		}
	}
	switch {
	case !inUse(a) || !inUse(b):
		return difference{advice: idleAdvice(a, b, same)}
	case a.Section == Paused != (b.Section == Paused) && same:
		return m.pausedAgainst(a, b)
	case same:
		return sameProduct(a, b)
	case contains(p, q) || contains(q, p):
		return difference{advice: "contains-also"}
	case !p.isCoded() || !q.isCoded():
		return difference{advice: byNameOr(p, q)}
	case a.asNeeded() != b.asNeeded() && !a.dosage().IsZero() && !b.dosage().IsZero():
		return difference{advice: "as-needed-beside"}
	case otherProvider(a, b) && p.sameSubstance(q) && otherStrength(p, q):
		return difference{advice: "strength-differs", codes: []string{"C-DOSE"}}
	}
	return difference{advice: "same-substance"}
}

// sameProduct: one product on two lines, both in use.
func sameProduct(a, b *course) difference {
	d := difference{advice: "same-list"}
	outcome := doseEqual
	if a.lead().instruction().med().dose != b.lead().instruction().med().dose || a.dosage().IsZero() {
		outcome = compareDoses(a.dosage(), b.dosage())
	}
	if bothPrescribed(a, b) {
		d = difference{advice: "two-prescribers", codes: []string{"C-DUP"}}
	}
	switch {
	case !a.dosage().IsZero() && !b.dosage().IsZero() && a.asNeeded() != b.asNeeded():
		return difference{advice: "as-needed-beside"}
	case outcome == doseDifferent:
		return difference{advice: "dose-differs", codes: append([]string{"C-DOSE"}, d.codes...)}
	case outcome == doseSameTotal:
		return difference{advice: "same-total", codes: d.codes}
	}
	return d
}

// idleAdvice: one of them is not in use, and nobody contradicts that.
func idleAdvice(a, b *course, same bool) string {
	switch {
	case same && inUse(a) != inUse(b):
		return "earlier-use"
	case !a.product.isCoded() || !b.product.isCoded():
		return byNameOr(a.product, b.product)
	}
	return "same-substance"
}

// byNameOr: without codes only the names are alike.
func byNameOr(p, q product) string {
	if len(p.ingredients) > 0 && slices.Equal(p.ingredients, q.ingredients) {
		return "same-substance"
	}
	return "by-name"
}

// contains tells whether q is a combination that holds the whole of p.
func contains(p, q product) bool {
	for _, sets := range [...][2][]string{{p.ingredients, q.ingredients}, {p.substances(), q.substances()}} {
		small, large := sets[0], sets[1]
		if len(small) > 0 && len(small) < len(large) && !slices.ContainsFunc(small, func(s string) bool { return !slices.Contains(large, s) }) {
			return true
		}
	}
	return false
}

func inUse(c *course) bool { return c.Section == Current || c.Section == Paused }

func (c *course) asNeeded() bool { return c.dosage().AsNeeded() }

// besideOwn: what the person added, beside what a provider says.
func (m *merger) besideOwn(a, b *course) difference {
	own, other := a, b
	if b.Own() {
		own, other = b, a
	}
	if own.isAnswer() || other.isAnswer() {
		return difference{} // it says itself what it is about
	}
	if own.Own() && other.Own() {
		return difference{advice: "by-name"}
	}
	return difference{advice: "own-beside", words: m.texts.say("ownBeside", m.speaks(other))}
}

// speaks names who stands behind a line.
func (m *merger) speaks(c *course) string {
	return m.providerName(c.lead().spokesman().lead.provider())
}

// stoppedAgainst: one side says stopped, the other was running at that moment
// and runs on, or was collected after it.
func (m *merger) stoppedAgainst(a, b *course) (difference, bool) {
	for _, pair := range [...][2]*course{{a, b}, {b, a}} {
		stopped, runs := pair[0], pair[1]
		t := stopped.lead()
		if runs.Section != Current || t.ended != "stopped" || !otherProvider(a, b) {
			continue
		}
		if end := (span{t.now.start, t.now.end}); runs.ranAt(end) || runs.lead().inferred {
			words := m.stoppedWords(stopped, end.end, runs)
			return difference{advice: "stopped-differs", words: words, codes: []string{"C-STOP"}, text: words}, true
		}
	}
	return difference{}, false
}

func (m *merger) stoppedWords(stopped *course, at time.Time, runs *course) string {
	if at.Equal(forever) {
		return m.texts.say("stoppedSomeTime", m.speaks(stopped), m.speaks(runs))
	}
	return m.texts.say("stoppedAndUsed", m.speaks(stopped), fhir.DateOf(at).Words(m.Lang), m.speaks(runs))
}

// pausedAgainst words it by who says so: one provider may say both.
func (m *merger) pausedAgainst(a, b *course) difference {
	paused, runs := a, b
	if b.Section == Paused {
		paused, runs = b, a
	}
	words := m.texts.say("pausedAndUsed", m.speaks(paused), m.speaks(runs))
	if !otherProvider(a, b) {
		words = m.texts.say("pausedAndUsedByOne", m.speaks(runs))
	}
	return difference{advice: "paused-differs", words: words, codes: []string{"C-PAUSED-CURRENT"}, text: words}
}

func bothPrescribed(a, b *course) bool {
	prescribed := func(c *course) bool {
		return slices.ContainsFunc(c.treatments, func(t *treatment) bool { return t.slots().prescriber })
	}
	return prescribed(a) && prescribed(b) && otherProvider(a, b)
}

// otherProvider tells whether no provider speaks in both.
func otherProvider(a, b *course) bool {
	for _, x := range a.treatments {
		for _, y := range b.treatments {
			if slices.ContainsFunc(x.providers(), func(p string) bool { return slices.Contains(y.providers(), p) }) {
				return false
			}
		}
	}
	return true
}

// adviceOrder ranks advice, most telling first.
var adviceOrder = [...]string{
	"stopped-differs", "paused-differs", "dose-differs", "strength-differs", "two-prescribers", "as-needed-beside", "same-total",
	"own-beside", "contains-also", "same-list", "possible-copy", "same-letter", "broader", "same-substance", "by-name", "earlier-use",
	"same-problem", "same-vaccination", "same-procedure", "belongs",
}

func moreTelling(a, b string) bool {
	if a == "" {
		return false
	}
	return b == "" || slices.Index(adviceOrder[:], a) < slices.Index(adviceOrder[:], b)
}
