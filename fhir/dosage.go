package fhir

import (
	"math/big"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Dosage is what one statement says about using a medicine: structure, text or
// both (merge.md 2.4). The zero Dosage says nothing. It is health data and must
// not be logged.
type Dosage struct {
	Steps    []Step   // in the order of their Sequence
	Rendered string   // the whole instruction in words, as R4 profiles carry it
	Cycle    Quantity // the length of a cycle, when the schedule repeats

	cyclic bool
}

// Step is one part of a dosage. Steps with the same Sequence hold at the same
// time, others one after the other.
type Step struct {
	Sequence int    // 0 when absent
	Text     string // as delivered
	Patient  string // patientInstruction, as delivered

	Low, High Quantity // the amount of one dose; equal unless it is a range
	Rate      Rate
	Max       Ratio    // maxDosePerPeriod
	MaxOnce   Quantity // maxDosePerAdministration

	Frequency, FrequencyMax int    // 0 when absent
	Period, PeriodUnit      string // decimal text and one of s min h d wk mo a
	Times                   []string
	When                    []string // codes of HL7 EventTiming, such as MORN
	Days                    []string // mon to sun
	Exact                   bool     // the times, or the interval, must be kept exactly
	Duration                Quantity // how long one administration takes

	BoundsLow, BoundsHigh Quantity // how long the step lasts
	BoundsPeriod          Period

	AsNeeded bool
	Reason   Coded   // of AsNeeded
	Extra    []Coded // additional instructions, site and method
	Route    Coded

	ordered  bool // a sequence was given
	given    bool // an administration that took place: an amount says it all
	unread   bool // there is something this package does not understand
	conflict bool // codes and words of a unit contradict each other
}

// Rate is how fast a medicine is given: an amount, or a range of it, per Per;
// Per is zero when the unit says it all, such as "ml/h".
type Rate struct{ Low, High, Per Quantity }

// IsZero tells whether there is no rate.
func (r Rate) IsZero() bool { return r.Low.IsZero() && r.High.IsZero() }

// Ratio is one quantity per another, such as 6 tablets per day.
type Ratio struct{ Numerator, Denominator Quantity }

// IsZero tells whether there is no ratio.
func (r Ratio) IsZero() bool { return r.Numerator.IsZero() }

// Text is the instruction in the words of the source: the rendered text, else
// those of the steps.
func (d Dosage) Text() string {
	if d.Rendered != "" {
		return d.Rendered
	}
	var texts []string
	for _, s := range d.Steps {
		text := s.Text
		if text == "" {
			text = s.Patient
		}
		texts = append(texts, text)
	}
	return joinWith("; ", slices.Compact(texts)) // some send the whole text with every step
}

// TextKey is the text folded for comparing: compatibility forms, lower case,
// single spaces, no full stop at the end.
func (d Dosage) TextKey() string { return foldText(d.Text()) }

func foldText(s string) string {
	s = squeeze(strings.ToLower(norm.NFKC.String(s)))
	return strings.TrimSpace(strings.TrimRight(s, "."))
}

// IsZero tells whether there is neither structure nor text.
func (d Dosage) IsZero() bool { return len(d.Steps) == 0 && d.Rendered == "" }

// AsNeeded tells whether any step is for when it is needed only.
func (d Dosage) AsNeeded() bool {
	for _, s := range d.Steps {
		if s.AsNeeded {
			return true
		}
	}
	return false
}

// UnitConflict tells whether a unit is coded as one thing and written as
// another (C-UNIT of merge.md 2.4): the amounts cannot be trusted or compared.
func (d Dosage) UnitConflict() bool {
	for _, s := range d.Steps {
		if s.conflict {
			return true
		}
	}
	return false
}

// Cyclic tells whether the schedule repeats after some days, such as 21 days
// out of 28.
func (d Dosage) Cyclic() bool { return d.cyclic }

// isStructured tells whether every step has a structure that is understood.
func (d Dosage) isStructured() bool {
	for _, s := range d.Steps {
		if s.unread || (!s.hasAmount() && !s.hasSchedule()) {
			return false
		}
	}
	return len(d.Steps) > 0
}

func (s Step) hasAmount() bool { return !s.Low.IsZero() || !s.High.IsZero() || !s.Rate.IsZero() }

// hasSchedule tells whether anything is said about how often or when.
func (s Step) hasSchedule() bool {
	return s.Period != "" || s.Frequency > 0 || s.FrequencyMax > 0 ||
		len(s.Times) > 0 || len(s.When) > 0 || len(s.Days) > 0
}

// DailyTotal is the amount per day and its unit, when the instruction is so
// simple that there is one: a single fixed amount on a daily schedule. It is
// only for noticing that two schedules differ but their total does not
// ("1 x 2" and "2 x 1"); it is never shown, and never added to another.
func (d Dosage) DailyTotal() (*big.Rat, string, bool) {
	if d.Cyclic() || d.AsNeeded() || d.UnitConflict() || !d.isStructured() {
		return nil, "", false
	}
	total, unit := new(big.Rat), ""
	for i, s := range d.Steps {
		amount, u, ok := s.perDay()
		if !ok || (i > 0 && (u != unit || s.Sequence != d.Steps[0].Sequence || !s.sameBounds(d.Steps[0]))) {
			return nil, "", false
		}
		total.Add(total, amount)
		unit = u
	}
	return total, unit, true
}

func (s Step) sameBounds(t Step) bool {
	return s.BoundsLow == t.BoundsLow && s.BoundsHigh == t.BoundsHigh && s.BoundsPeriod == t.BoundsPeriod
}

// perDay is the amount a day, when both are fixed.
func (s Step) perDay() (*big.Rat, string, bool) {
	if s.Low != s.High || !s.Rate.IsZero() || len(s.Days) > 0 || (s.FrequencyMax > 0 && s.FrequencyMax != s.Frequency) {
		return nil, "", false
	}
	amount, unit, ok := DoseCanonical(s.Low)
	times, known := s.timesPerDay()
	if !ok || !known {
		return nil, "", false
	}
	return amount.Mul(amount, times), unit, true
}

// timesPerDay counts doses; months and years have no fixed number of days.
func (s Step) timesPerDay() (*big.Rat, bool) {
	if n := len(s.Times) + len(s.When); n > 0 {
		daily := s.Period == "" || s.isDaily(n)
		return big.NewRat(int64(n), 1), daily && min(len(s.Times), len(s.When)) == 0
	}
	period, ok := s.periodSeconds()
	if !ok || period.Sign() <= 0 || s.PeriodUnit == "mo" || s.PeriodUnit == "a" {
		return nil, false
	}
	day := big.NewRat(86400*int64(max(s.Frequency, 1)), 1)
	return day.Quo(day, period), true
}

// isDaily tells whether the frequency says no more than the n moments do.
func (s Step) isDaily(n int) bool {
	period, ok := s.periodSeconds()
	return ok && period.Cmp(big.NewRat(86400, 1)) == 0 && (s.Frequency == 0 || s.Frequency == n)
}

func (s Step) periodSeconds() (*big.Rat, bool) {
	value, _, ok := Quantity{Value: s.Period, System: UCUM, Code: s.PeriodUnit}.Canonical()
	return value, ok && s.PeriodUnit != ""
}
