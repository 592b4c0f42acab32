package fhir

import (
	"cmp"
	"slices"
	"strings"
)

// Words is the instruction for people, in Dutch ("nl") or English ("en"):
// "2 keer per dag 1 stuk, bij pijn". It is made of the structure when that is
// complete and understood, else it is the text of the source, unaltered and
// never translated. Empty when there is nothing to say.
func (d Dosage) Words(lang string) string {
	if !d.isComplete() {
		return d.Text()
	}
	w := wordsOf(lang)
	var phases []string
	for _, group := range d.phases() {
		var steps []string
		for _, s := range group {
			steps = append(steps, w.step(s))
		}
		phases = append(phases, strings.Join(steps, w.and))
	}
	words := phases[0]
	if len(phases) > 1 {
		words = w.first + strings.Join(phases, w.then)
	}
	if d.cyclic {
		words += ", " + w.again + w.span(d.Cycle, d.Cycle)
	}
	return words
}

// isComplete tells whether the words of the structure say all that the source
// says. Contradicting units are left to the source's text, and so is a cycle
// when there is a text.
func (d Dosage) isComplete() bool {
	if !d.isStructured() || d.UnitConflict() || (d.cyclic && (d.Text() != "" || !isDuration(d.Cycle))) {
		return false
	}
	for _, s := range d.Steps {
		planned := s.hasSchedule() || s.AsNeeded || s.given || !s.Rate.IsZero()
		half := s.Low.IsZero() != s.High.IsZero() || s.Rate.Low.IsZero() != s.Rate.High.IsZero()
		said := s.hasAmount() || (len(s.Extra) > 0 && s.hasSchedule())
		if !planned || !said || half {
			return false
		}
	}
	return true
}

// step writes one step: when it is needed, how often, at what moments, how
// much, and then what goes with it.
func (w *dosageWords) step(s Step) string {
	var when []string
	if s.AsNeeded && (isPlainAsNeeded(s.Reason) || s.Reason.IsZero()) {
		when = append(when, w.asNeeded)
	}
	frequency := w.frequency(s)
	if len(when) > 0 && s.Frequency == 0 && s.FrequencyMax > 0 {
		when[0] += ","
	}
	when = append(when, frequency, w.moments(s), w.amount(s.Low, s.High))
	parts := []string{joinWith(" ", when), w.rate(s.Rate)}
	if s.AsNeeded && !isPlainAsNeeded(s.Reason) {
		parts = append(parts, w.coded(s.Reason))
	}
	for _, c := range s.Extra {
		parts = append(parts, w.coded(c))
	}
	parts = append(parts, s.Patient, w.duration(s.Duration), w.max(s), w.bounds(s), w.route(s.Route))
	return joinWith(", ", parts)
}

// frequency says how often; nothing when the moments of the day say it.
func (w *dosageWords) frequency(s Step) string {
	moments := len(s.Times) + len(s.When)
	if s.Period == "" || (moments > 0 && s.isDaily(moments) && s.FrequencyMax <= s.Frequency) {
		return ""
	}
	if s.Exact && s.Frequency <= 1 && s.FrequencyMax <= 1 || s.Frequency == 0 && s.FrequencyMax == 0 {
		return w.every(s.Period, s.PeriodUnit)
	}
	low, high := s.Frequency, max(s.Frequency, s.FrequencyMax)
	if low == 0 {
		return w.atMost + w.times(high, high) + w.per(s.Period, s.PeriodUnit)
	}
	return w.times(low, high) + w.per(s.Period, s.PeriodUnit)
}

// moments says at which days, times and parts of the day.
func (w *dosageWords) moments(s Step) string {
	var parts []string
	if len(s.Days) > 0 {
		parts = append(parts, w.on+w.list(w.names(weekdays, s.Days)))
	}
	if len(s.Times) > 0 {
		at := w.at + w.list(s.Times) + w.clock
		if len(s.Days) == 0 && (s.Period == "" || s.isDaily(len(s.Times))) {
			at = w.everyDay + at
		}
		parts = append(parts, at)
	}
	if len(s.When) > 0 {
		parts = append(parts, w.list(w.names(dayParts, s.When)))
	}
	return strings.Join(parts, " ")
}

func (w *dosageWords) names(table []codeWords, codes []string) []string {
	var names []string
	for _, code := range codes {
		if i := indexCode(table, code); i >= 0 {
			names = append(names, table[i].in(w.lang))
		}
	}
	return names
}

// list writes "a, b and c".
func (w *dosageWords) list(items []string) string {
	last := len(items) - 1
	if last < 1 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:last], ", ") + w.andWord + items[last]
}

// amount writes "1 stuk" or "1 à 2 stuks". The word of the source's unit is
// kept, unless it is a known unit, which has its own words.
func (w *dosageWords) amount(low, high Quantity) string {
	if high.IsZero() {
		return ""
	}
	text := Number(high.Value, w.lang)
	if low.Value != high.Value {
		text = Number(low.Value, w.lang) + w.to + text
	}
	if unit := w.unit(high); unit != "" {
		text += " " + unit
	}
	return text
}

// rate writes "0,5 ml per uur".
func (w *dosageWords) rate(r Rate) string {
	text := w.amount(r.Low, r.High)
	if r.Per.IsZero() {
		return text
	}
	return text + w.per(r.Per.Value, cmp.Or(r.Per.Code, r.Per.Unit))
}

// unit keeps the product form a source names (tablet, capsule) and gives the
// units of table 902 their words in the language.
func (w *dosageWords) unit(q Quantity) string {
	word := strings.TrimSpace(q.Unit)
	if forms, ok := productForms[strings.ToLower(word)]; ok {
		return w.plural(q, forms)
	}
	code := doseQuantity(q).Code
	for _, u := range doseUnits {
		if u.ucum == code && (u.ucum != "1" || word == "" || isPiece(word)) {
			return w.plural(q, u)
		}
	}
	return UnitWords(cmp.Or(word, q.Code))
}

func isPiece(word string) bool {
	ucum, ok := wordUnit(word)
	return ok && ucum == "1"
}

func (w *dosageWords) plural(q Quantity, u doseUnit) string {
	value, ok := q.Rat()
	several := ok && (value.Sign() == 0 || value.Cmp(w.pluralFrom) >= 0)
	switch {
	case w.lang == English && several:
		return u.moreEn
	case w.lang == English:
		return u.oneEn
	case several:
		return u.more
	}
	return u.one
}

func (w *dosageWords) duration(q Quantity) string {
	if q.IsZero() {
		return ""
	}
	return w.eachTime + w.span(q, q)
}

// bounds says how long the step lasts.
func (w *dosageWords) bounds(s Step) string {
	if !s.BoundsHigh.IsZero() {
		return w.span(s.BoundsLow, s.BoundsHigh)
	}
	if !s.BoundsLow.IsZero() {
		return w.atLeast + w.span(s.BoundsLow, s.BoundsLow)
	}
	var parts []string
	if start := s.BoundsPeriod.Start; !start.IsZero() {
		parts = append(parts, w.from+start.Words(w.lang))
	}
	if end := s.BoundsPeriod.End; !end.IsZero() {
		parts = append(parts, w.until+end.Words(w.lang))
	}
	return strings.Join(parts, " ")
}

func (w *dosageWords) max(s Step) string {
	var parts []string
	if !s.Max.IsZero() {
		per := s.Max.Denominator
		parts = append(parts, w.atMost+w.amount(s.Max.Numerator, s.Max.Numerator)+w.per(per.Value, cmp.Or(per.Code, per.Unit)))
	}
	if !s.MaxOnce.IsZero() {
		parts = append(parts, w.atMost+w.amount(s.MaxOnce, s.MaxOnce)+w.eachDose)
	}
	return joinWith(", ", parts)
}

// route is said unless it is by mouth, which goes without saying.
func (w *dosageWords) route(c Coded) string {
	if c.Has(routes, "9") || c.Has(SNOMED, "26643006") || foldText(c.Display()) == "oraal" {
		return ""
	}
	return foldText(c.Display())
}

// coded gives our words for a code we know, else those of the source.
func (w *dosageWords) coded(c Coded) string {
	for _, coding := range c.Coding {
		if i := indexCode(instructions, coding.Code); i >= 0 && coding.System == nhg25 {
			return instructions[i].in(w.lang)
		}
	}
	return c.Display()
}

// isPlainAsNeeded finds the reason that gives none.
func isPlainAsNeeded(c Coded) bool {
	return c.Has(nhg25, "1137") || slices.Contains([]string{"zo nodig", "zonodig", "as needed"}, foldText(c.Display()))
}
