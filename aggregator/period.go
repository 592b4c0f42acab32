package aggregator

import (
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// usePeriod is the stretch of time a statement speaks about, after the time
// rules of merge.md 2.2. A zero end is open.
type usePeriod struct {
	start, end time.Time
	approx     bool // start is the moment of registration
	derived    bool // end follows from a duration
	unknown    bool // there is no usable period
	bad        bool // the end lies before the start
}

func periodOf(said *clinical.Medication) usePeriod {
	p := usePeriod{start: said.Use.Start.Low(), end: endOf(said.Use)}
	if p.start.IsZero() {
		p.start, p.approx = said.Registered.Low(), !said.Registered.IsZero()
	}
	if p.end.IsZero() && !p.start.IsZero() {
		p.end = addDuration(p.start, said.Duration)
		p.derived = !p.end.IsZero()
	}
	p.unknown = p.start.IsZero()
	if !p.end.IsZero() && p.end.Before(p.start) {
		p.bad, p.unknown = true, true
	}
	return p
}

// endOf is the last moment of a period: a date-only end is inclusive.
func endOf(p fhir.Period) time.Time {
	if p.End.IsZero() {
		return time.Time{}
	}
	return p.End.High()
}

// addDuration gives the last second of a duration that begins at start; zero
// when there is none. Days and longer are calendar steps in Amsterdam.
func addDuration(start time.Time, q fhir.Quantity) time.Time {
	value, ok := q.Rat()
	if !ok || value.Sign() <= 0 || !value.IsInt() || !value.Num().IsInt64() || value.Num().Int64() > 36500 {
		return time.Time{}
	}
	n := int(value.Num().Int64())
	local := start.In(fhir.Amsterdam())
	switch firstNonEmpty(q.Code, q.Unit) {
	case "d", "dag", "day", "days", "dagen":
		local = local.AddDate(0, 0, n)
	case "wk", "week", "weken":
		local = local.AddDate(0, 0, 7*n)
	case "mo", "maand", "maanden":
		local = addMonths(local, n)
	case "a", "jaar":
		local = addMonths(local, 12*n)
	case "h", "uur":
		local = local.Add(time.Duration(n) * time.Hour)
	default:
		return time.Time{}
	}
	return local.Add(-time.Second)
}

// addMonths clamps to the last day: 31 January and a month is 28 or 29 February.
func addMonths(t time.Time, n int) time.Time {
	moved := t.AddDate(0, n, 0)
	if moved.Day() == t.Day() {
		return moved
	}
	return moved.AddDate(0, 0, -moved.Day())
}

// monthsBefore is the first moment, in Amsterdam, of the day n calendar months
// before that of t. It never goes back when t goes on, which a count from the
// moment itself does at the end of February.
func monthsBefore(t time.Time, n int) time.Time {
	t = t.In(fhir.Amsterdam())
	return addMonths(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()), -n)
}

// monthsPass is the first moment at which t lies more than n months back.
func monthsPass(t time.Time, n int) time.Time {
	t = t.In(fhir.Amsterdam())
	day := addMonths(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()), n)
	for !monthsBefore(day, n).After(t) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}
