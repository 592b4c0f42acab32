package fhir

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // Europe/Amsterdam must be known on every machine
)

// Amsterdam is the time zone in which dates without a zone are read and shown.
var Amsterdam = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return time.FixedZone("CET", 3600)
	}
	return loc
})

// Precision is how precisely a date was written.
type Precision uint8

// The precisions of a FHIR date, dateTime and instant, coarse to fine.
const (
	PrecisionNone Precision = iota
	PrecisionYear
	PrecisionMonth
	PrecisionDay
	PrecisionMinute
	PrecisionSecond
)

// Date is a FHIR date, dateTime or instant. It keeps its text and precision
// and stands for an interval: "2026" is the whole of 2026 in Amsterdam. The
// zero Date is "absent".
type Date struct {
	text      string
	low, high time.Time
	precision Precision
}

type dateLayout struct {
	layout    string
	precision Precision
}

// ParseDate reads s. Text that is no date gives a Date with that text and no
// precision; ParseDate does not fail.
func ParseDate(s string) Date {
	s = strings.TrimSpace(s)
	d := Date{text: s}
	for _, l := range [...]dateLayout{
		{"2006-01-02", PrecisionDay},
		{time.RFC3339Nano, PrecisionSecond},
		{"2006", PrecisionYear},
		{"2006-01", PrecisionMonth},
		{"2006-01-02T15:04:05.999999999", PrecisionSecond},
		{"2006-01-02T15:04Z07:00", PrecisionMinute},
		{"2006-01-02T15:04", PrecisionMinute},
	} {
		if t, err := time.ParseInLocation(l.layout, s, Amsterdam()); err == nil {
			d.low, d.precision = t, l.precision
			d.high = d.end()
			return d
		}
	}
	return d
}

// DateOf is the Date of a moment, precise to the second.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	return ParseDate(t.In(Amsterdam()).Format(time.RFC3339))
}

func (d Date) end() time.Time {
	switch d.precision {
	case PrecisionYear:
		return d.low.AddDate(1, 0, 0).Add(-time.Second)
	case PrecisionMonth:
		return d.low.AddDate(0, 1, 0).Add(-time.Second)
	case PrecisionDay:
		return d.low.AddDate(0, 0, 1).Add(-time.Second)
	case PrecisionMinute:
		return d.low.Add(59 * time.Second)
	}
	return d.low
}

// IsZero tells whether there is no usable date.
func (d Date) IsZero() bool { return d.precision == PrecisionNone }

// String is the text as delivered.
func (d Date) String() string { return d.text }

// Precision tells how precisely the date was written.
func (d Date) Precision() Precision { return d.precision }

// Low is the first moment it can mean.
func (d Date) Low() time.Time { return d.low }

// High is the last moment it can mean, to the second.
func (d Date) High() time.Time { return d.high }

// Day is the date in Amsterdam without the time: "2026", "2026-05" or "2026-05-12".
func (d Date) Day() string {
	switch d.precision {
	case PrecisionNone:
		return ""
	case PrecisionYear:
		return d.low.Format("2006")
	case PrecisionMonth:
		return d.low.Format("2006-01")
	}
	return d.low.In(Amsterdam()).Format("2006-01-02")
}

// Compare orders by the first possible moment; an absent date comes first.
func (d Date) Compare(e Date) int {
	if c := d.low.Compare(e.low); c != 0 {
		return c
	}
	return d.high.Compare(e.high)
}

// Period is a FHIR Period; either end may be absent.
type Period struct{ Start, End Date }

// Date reads the member as a date.
func (n Node) Date(path ...string) Date { return ParseDate(n.Str(path...)) }

// Period reads this place as a Period.
func (n Node) Period() Period {
	return Period{Start: n.Date("start"), End: n.Date("end")}
}

// When reads a choice such as effectiveDateTime, effectivePeriod or
// effectiveInstant as a Period; a single moment is its start.
func (n Node) When(prefix string) Period {
	typ, v := n.Choice(prefix)
	if typ == "Period" {
		return v.Period()
	}
	return Period{Start: ParseDate(v.Text())}
}
