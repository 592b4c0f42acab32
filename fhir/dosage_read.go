package fhir

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

const (
	nictiz          = "http://nictiz.nl/fhir/StructureDefinition/"
	renderedDosage  = nictiz + "ext-RenderedDosageInstruction"
	pqTranslation   = hl7Definitions + "iso21090-PQ-translation"
	timingExact     = hl7Definitions + "timing-exact"
	maxDosageSteps  = 400 // more is no schedule a person could follow
	maxDosesPerUnit = 1000
)

// cycleExtensions carry the length of a cycle, in STU3 and R4.
var cycleExtensions = [...]string{
	nictiz + "zib-Medication-RepeatPeriodCyclicalSchedule",
	nictiz + "ext-InstructionsForUse.RepeatPeriodCyclicalSchedule",
}

// Dosages reads the member (dosageInstruction or dosage) of a resource, in the
// form of STU3 or R4. When n is the resource, its rendered text and the cycle
// of its schedule are read too.
func Dosages(n Node, member string) Dosage {
	d := Dosage{Rendered: strings.TrimSpace(n.Ext(renderedDosage).Value().Text())}
	d.readCycle(n)
	for i, item := range n.All(member) {
		if !item.IsObject() {
			if text := strings.TrimSpace(item.Text()); text != "" {
				d.Steps = append(d.Steps, Step{Text: text})
			}
			continue
		}
		d.readCycle(item)
		s := readStep(item)
		s.unread = s.unread || i >= maxDosageSteps
		d.Steps = append(d.Steps, s)
	}
	d.checkOrder()
	slices.SortStableFunc(d.Steps, func(a, b Step) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return d
}

// checkOrder marks several steps as not understood when it is not said which
// comes first: some have a sequence and others not, or none has but they last
// for a while.
func (d *Dosage) checkOrder() {
	ordered, bounded := 0, false
	for _, s := range d.Steps {
		if s.ordered {
			ordered++
		}
		bounded = bounded || s.BoundsLow != Quantity{} || s.BoundsHigh != Quantity{}
	}
	if len(d.Steps) < 2 || ordered == len(d.Steps) || (ordered == 0 && !bounded) {
		return
	}
	for i := range d.Steps {
		d.Steps[i].unread = true
	}
}

func (d *Dosage) readCycle(n Node) {
	for _, url := range cycleExtensions {
		if e := n.Ext(url); e.Exists() {
			d.cyclic = true
			d.Cycle = e.Value().Quantity()
		}
	}
}

// readStep reads what it knows and remembers whether there was more.
func readStep(n Node) Step {
	s := Step{
		Text:     strings.TrimSpace(n.Str("text")),
		Patient:  strings.TrimSpace(n.Str("patientInstruction")),
		AsNeeded: n.Get("asNeededBoolean").Bool() || n.Get("asNeededCodeableConcept").Exists(),
		Reason:   n.Get("asNeededCodeableConcept").Coded(),
		Route:    n.Get("route").Coded(),
	}
	s.Sequence, s.ordered = s.count(n.Get("sequence")), n.Get("sequence").Exists()
	for _, member := range [...]string{"additionalInstruction", "site", "method"} {
		s.Extra = append(s.Extra, n.Codeds(member)...)
	}
	for name := range n.Members() {
		s.unread = s.unread || !stepMembers[name]
	}
	for _, e := range n.All("modifierExtension") {
		s.unread = s.unread || !slices.Contains(cycleExtensions[:], e.Str("url"))
	}
	s.readAmount(n)
	s.readTiming(n.Get("timing"))
	return s
}

// stepMembers are the members that are read, or say nothing about the amount
// and the schedule. Any other makes the step one that is not understood.
var stepMembers = map[string]bool{
	"id": true, "extension": true, "modifierExtension": true, "sequence": true, "text": true, "_text": true,
	"additionalInstruction": true, "patientInstruction": true, "_patientInstruction": true, "timing": true,
	"asNeededBoolean": true, "asNeededCodeableConcept": true, "site": true, "route": true, "method": true,
	"doseQuantity": true, "doseRange": true, "dose": true, "doseAndRate": true, "maxDosePerPeriod": true,
	"maxDosePerAdministration": true, "rateRatio": true, "rateRange": true, "rateQuantity": true,
	"rateSimpleQuantity": true,
}

// count reads a small whole number; what is none makes the step not understood.
func (s *Step) count(n Node) int {
	if !n.Exists() {
		return 0
	}
	value, err := strconv.Atoi(n.Text())
	if err != nil || value < 0 || value > maxDosesPerUnit {
		s.unread = true
		return 0
	}
	return value
}

// readAmount reads the amount and the rate, which R4 has in doseAndRate.
func (s *Step) readAmount(n Node) {
	amount := n
	if list := n.All("doseAndRate"); len(list) > 0 {
		amount = list[0]
		s.unread = s.unread || len(list) > 1
	}
	switch {
	case amount.Get("doseRange").Exists():
		s.Low, s.High = s.span(amount.Get("doseRange"))
	case amount.Get("doseQuantity").Exists():
		s.Low = s.quantity(amount.Get("doseQuantity"))
		s.High = s.Low
	case n.Get("dose").Exists():
		s.given = true
		s.Low = s.quantity(n.Get("dose"))
		s.High = s.Low
	}
	s.readRate(amount)
	s.Max = Ratio{
		Numerator:   s.quantity(n.Get("maxDosePerPeriod", "numerator")),
		Denominator: s.quantity(n.Get("maxDosePerPeriod", "denominator")),
	}
	s.MaxOnce = s.quantity(n.Get("maxDosePerAdministration"))
}

func (s *Step) readRate(n Node) {
	switch typ, rate := n.Choice("rate"); typ {
	case "Quantity", "SimpleQuantity":
		s.Rate.Low = s.quantity(rate)
		s.Rate.High = s.Rate.Low
	case "Range":
		s.Rate.Low, s.Rate.High = s.span(rate)
	case "Ratio":
		s.Rate.Low = s.quantity(rate.Get("numerator"))
		s.Rate.High, s.Rate.Per = s.Rate.Low, s.quantity(rate.Get("denominator"))
	}
}

func (s *Step) span(n Node) (low, high Quantity) {
	return s.quantity(n.Get("low")), s.quantity(n.Get("high"))
}

// quantity reads an amount. Where the profile adds the unit of the G-Standaard
// to the one of UCUM, the former tells a dose from a piece.
func (s *Step) quantity(n Node) Quantity {
	if !n.Exists() {
		return Quantity{}
	}
	q := n.Quantity()
	s.unread = s.unread || q.Comparator != ""
	if _, ok := q.Rat(); !ok {
		s.unread = true
	}
	s.conflict = s.conflict || unitConflict(q)
	for _, e := range n.Exts(pqTranslation) {
		t := e.Value().Quantity()
		s.conflict = s.conflict || unitConflict(t) || !translates(q, t)
		if t.System == gStandaardUnits && t.Value == q.Value {
			q = t
		}
	}
	return q
}

// readTiming reads the schedule; a code such as "BID" is trusted to repeat
// what the structure says, and is not understood alone.
func (s *Step) readTiming(n Node) {
	repeat := n.Get("repeat")
	for name := range n.Members() {
		known := name == "repeat" || name == "id" || name == "extension" || (name == "code" && repeat.Exists())
		s.unread = s.unread || !known
	}
	for name := range repeat.Members() {
		s.unread = s.unread || !repeatMembers[name]
	}
	s.Frequency, s.FrequencyMax = s.count(repeat.Get("frequency")), s.count(repeat.Get("frequencyMax"))
	s.readPeriod(repeat)
	s.Exact = repeat.Ext(timingExact).Value().Bool()
	s.Days = s.codes(repeat, "dayOfWeek", weekdays)
	s.When = s.codes(repeat, "when", dayParts)
	for _, t := range repeat.All("timeOfDay") {
		s.Times = append(s.Times, s.timeOfDay(t.Text()))
	}
	slices.Sort(s.Times)
	if value := repeat.Str("duration"); value != "" {
		s.Duration = Quantity{Value: value, System: UCUM, Code: repeat.Str("durationUnit")}
		s.unread = s.unread || !isDuration(s.Duration)
	}
	s.readBounds(repeat)
}

var repeatMembers = map[string]bool{
	"id": true, "extension": true, "boundsDuration": true, "boundsRange": true, "boundsPeriod": true,
	"duration": true, "durationUnit": true, "frequency": true, "frequencyMax": true, "period": true,
	"periodUnit": true, "dayOfWeek": true, "timeOfDay": true, "when": true,
}

func (s *Step) readPeriod(repeat Node) {
	s.Period, s.PeriodUnit = repeat.Str("period"), repeat.Str("periodUnit")
	q := Quantity{Value: s.Period, System: UCUM, Code: s.PeriodUnit}
	if (s.Period != "" || s.PeriodUnit != "") && !isDuration(q) {
		s.unread = true
	}
	if s.Period == "" && (s.Frequency > 0 || s.FrequencyMax > 0) {
		// "At most 4 times" says nothing without "a day".
		s.unread = true
	}
}

// isDuration tells whether q is a positive length of time.
func isDuration(q Quantity) bool {
	value, ok := q.Rat()
	u, _, known := q.unit()
	return ok && value.Sign() > 0 && known && u.base() == "s1"
}

// codes reads a list of codes that the table knows, in the order of the table.
func (s *Step) codes(repeat Node, member string, known []codeWords) []string {
	var found []string
	for _, item := range repeat.All(member) {
		code := item.Text()
		if member == "dayOfWeek" {
			code = strings.ToLower(code)
		}
		if indexCode(known, code) < 0 {
			s.unread = true
		}
		found = append(found, code)
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(indexCode(known, a), indexCode(known, b)) })
	return slices.Compact(found)
}

// timeOfDay gives "08:00" for "08:00:00"; anything else is not understood.
func (s *Step) timeOfDay(text string) string {
	hour, rest, _ := strings.Cut(text, ":")
	minute, second, _ := strings.Cut(rest, ":")
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if errH != nil || errM != nil || len(hour) != 2 || len(minute) != 2 || h > 24 || m > 59 ||
		strings.Trim(second, "0.") != "" {
		s.unread = true
		return text
	}
	return hour + ":" + minute
}

func (s *Step) readBounds(repeat Node) {
	switch typ, bounds := repeat.Choice("bounds"); typ {
	case "Duration":
		s.BoundsLow = bounds.Quantity()
		s.BoundsHigh = s.BoundsLow
	case "Range":
		s.BoundsLow, s.BoundsHigh = bounds.Get("low").Quantity(), bounds.Get("high").Quantity()
	case "Period":
		s.BoundsPeriod = bounds.Period()
	}
	for _, q := range [...]Quantity{s.BoundsLow, s.BoundsHigh} {
		s.unread = s.unread || (q != Quantity{} && !isDuration(q))
	}
}
