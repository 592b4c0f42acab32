package aggregator

import "github.com/bundel-pgo/bundel/fhir"

// doseOutcome is how two doses compare (merge.md 2.4).
type doseOutcome string

const (
	doseEqual     doseOutcome = "equal"
	doseTextEqual doseOutcome = "textEqual" // only words on both sides, and the same words
	doseDifferent doseOutcome = "different"
	doseSameTotal doseOutcome = "sameTotal" // another schedule with the same amount a day
	doseUnknown   doseOutcome = "unknown"   // one says nothing, or words stand against structure
)

// compareDoses compares structure with structure and words with words, never
// one with the other. Amounts of two statements are never added up.
func compareDoses(a, b fhir.Dosage) doseOutcome {
	switch x, y := a.Key(), b.Key(); {
	case a.IsZero() || b.IsZero():
		return doseUnknown
	case a.AsNeeded() != b.AsNeeded():
		return doseDifferent
	case a.UnitConflict() || b.UnitConflict():
		return doseUnknown
	case x == "" && y == "":
		return compareTexts(a.TextKey(), b.TextKey())
	case x == "" || y == "":
		return doseUnknown
	case x == y:
		return doseEqual
	}
	p, unitP, okP := a.DailyTotal()
	q, unitQ, okQ := b.DailyTotal()
	if okP && okQ && unitP == unitQ && p.Cmp(q) == 0 {
		return doseSameTotal
	}
	return doseDifferent
}

func compareTexts(a, b string) doseOutcome {
	switch {
	case a == "" || b == "":
		return doseUnknown
	case a == b:
		return doseTextEqual
	}
	return doseDifferent
}

// doseKey is the dose class: equal keys are doseEqual or doseTextEqual.
func doseKey(d fhir.Dosage) string {
	if k := d.Key(); k != "" {
		return "s:" + k
	}
	if k := d.TextKey(); k != "" {
		return "t:" + k
	}
	return ""
}

// daysOf derives how long a quantity lasts, when the dose is structured and
// not as needed; 0 when that cannot be known.
func daysOf(q fhir.Quantity, d fhir.Dosage) int {
	total, unit, ok := d.DailyTotal()
	amount, in, good := fhir.DoseCanonical(q)
	if !ok || !good || total.Sign() <= 0 || in != unit {
		return 0
	}
	days, _ := amount.Quo(amount, total).Float64()
	if days > 3650 {
		return 0
	}
	return int(days)
}

// readDispense notes when something was handed over, and for how long.
func (med *medication) readDispense() {
	med.handed = med.Handed
	if med.handed.IsZero() {
		med.handed, med.handedAbout = med.Requested, !med.Requested.IsZero()
	}
	if v, ok := med.DaysSupply.Rat(); ok && v.IsInt() && v.Num().IsInt64() && v.Sign() > 0 && v.Num().Int64() < 3650 {
		med.days = int(v.Num().Int64())
	}
	if med.days == 0 && !med.Dosage.AsNeeded() {
		med.days = daysOf(med.Quantity, med.Dosage)
	}
}
