package fhir

import (
	"slices"
	"strconv"
	"strings"
)

// Key is the canonical form of the dose tuple of merge.md 2.4: equal keys say
// the same dose, whatever the release, the unit system or the way a frequency
// was written. It is empty when there is only text, when the amount may be in
// the text alone, when something in the structure is not understood, or when
// units contradict each other: then nothing can be said but by
// [Dosage.TextKey]. The route is not in it; see [Dosage.RouteKey].
func (d Dosage) Key() string {
	if !d.isStructured() || d.UnitConflict() || d.amountInText() {
		return ""
	}
	var parts []string
	for _, group := range d.phases() {
		var keys []string
		for _, s := range group {
			keys = append(keys, s.key())
		}
		slices.Sort(keys) // what holds at the same time has no order
		parts = append(parts, strings.Join(keys, " & "))
	}
	key := strings.Join(parts, " > ")
	if d.cyclic {
		key = "cycle " + doseKey(d.Cycle) + ": " + key
	}
	return key
}

// amountInText tells whether a step has no amount while there is a text that
// may have one: "3D1T" with only the frequency in the structure.
func (d Dosage) amountInText() bool {
	for _, s := range d.Steps {
		if !s.hasAmount() && d.Text() != "" {
			return true
		}
	}
	return false
}

// RouteKey is the route in canonical form; empty when none is given.
func (d Dosage) RouteKey() string {
	var keys []string
	for _, s := range d.Steps {
		if !s.Route.IsZero() {
			keys = append(keys, codedKey(s.Route))
		}
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), ",")
}

// phases groups the steps by sequence: what holds at the same time.
func (d Dosage) phases() [][]Step {
	var groups [][]Step
	for i, s := range d.Steps {
		if i > 0 && s.Sequence == d.Steps[i-1].Sequence {
			groups[len(groups)-1] = append(groups[len(groups)-1], s)
		} else {
			groups = append(groups, []Step{s})
		}
	}
	return groups
}

// key writes the fields that make a dose what it is, each under its name, so
// that an absent one cannot be taken for another.
func (s Step) key() string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			b.WriteString(" " + name + "=" + value)
		}
	}
	if s.AsNeeded {
		b.WriteString("prn")
		field("for", reasonKey(s.Reason))
	}
	field("dose", spanKey(s.Low, s.High))
	field("rate", s.Rate.key())
	field("freq", s.frequencyKey())
	if s.Exact {
		field("exact", "yes")
	}
	field("days", strings.Join(s.Days, ","))
	field("at", strings.Join(s.Times, ","))
	field("when", strings.Join(s.When, ","))
	field("takes", doseKey(s.Duration))
	field("bounds", spanKey(s.BoundsLow, s.BoundsHigh))
	field("from", s.BoundsPeriod.Start.String())
	field("until", s.BoundsPeriod.End.String())
	if !s.Max.IsZero() {
		field("max", doseKey(s.Max.Numerator)+"/"+doseKey(s.Max.Denominator))
	}
	field("maxonce", doseKey(s.MaxOnce))
	field("extra", s.extraKey())
	return strings.TrimSpace(b.String())
}

func spanKey(low, high Quantity) string {
	a, b := doseKey(low), doseKey(high)
	if a == b {
		return a
	}
	return a + ".." + b
}

func (r Rate) key() string {
	key := spanKey(r.Low, r.High)
	if r.Per.IsZero() {
		return key
	}
	return key + "/" + doseKey(r.Per)
}

// frequencyKey is "2 per 86400": once is the default of FHIR, and a frequency
// that only counts the moments named anyway is left out.
func (s Step) frequencyKey() string {
	if s.Period == "" {
		return ""
	}
	low, high := s.Frequency, max(s.Frequency, s.FrequencyMax)
	if moments := len(s.Times) + len(s.When); moments > 0 && s.isDaily(moments) && high == s.Frequency {
		return ""
	}
	count := strconv.Itoa(max(low, 1))
	switch {
	case low == 0 && high > 0:
		count = ".." + strconv.Itoa(high)
	case high > low && low > 0:
		count = strconv.Itoa(low) + ".." + strconv.Itoa(high)
	}
	period, ok := s.periodSeconds()
	if !ok {
		return count
	}
	return count + " per " + period.RatString()
}

func (s Step) extraKey() string {
	var keys []string
	for _, c := range s.Extra {
		keys = append(keys, codedKey(c))
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), ",")
}

// reasonKey leaves out the reason that only says "as needed".
func reasonKey(c Coded) string {
	if isPlainAsNeeded(c) {
		return ""
	}
	return codedKey(c)
}

// codedKey is a code in its system, or the folded text when there is none that
// says something.
func codedKey(c Coded) string {
	for _, coding := range c.Coding {
		if coding.Code != "" && coding.Code != "OTH" && coding.System != NullFlavor {
			return coding.System + "|" + coding.Code
		}
	}
	return foldText(c.Display())
}
