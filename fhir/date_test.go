package fhir

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDateKeepsPrecision(t *testing.T) {
	for _, tc := range []struct {
		in        string
		precision Precision
		low, high string // RFC 3339
		day       string
	}{
		{"2026", PrecisionYear, "2026-01-01T00:00:00+01:00", "2026-12-31T23:59:59+01:00", "2026"},
		{"2026-02", PrecisionMonth, "2026-02-01T00:00:00+01:00", "2026-02-28T23:59:59+01:00", "2026-02"},
		{"2024-02-29", PrecisionDay, "2024-02-29T00:00:00+01:00", "2024-02-29T23:59:59+01:00", "2024-02-29"},
		{"2025-03-30", PrecisionDay, "2025-03-30T00:00:00+01:00", "2025-03-30T23:59:59+02:00", "2025-03-30"}, // 23 hours
		{"2025-05-12T14:05", PrecisionMinute, "2025-05-12T14:05:00+02:00", "2025-05-12T14:05:59+02:00", "2025-05-12"},
		{"2025-05-12T14:05Z", PrecisionMinute, "2025-05-12T14:05:00Z", "2025-05-12T14:05:59Z", "2025-05-12"},
		{"2025-05-12T23:30:00Z", PrecisionSecond, "2025-05-12T23:30:00Z", "2025-05-12T23:30:00Z", "2025-05-13"},
		{"2025-05-12T14:05:06.789+02:00", PrecisionSecond, "2025-05-12T14:05:06.789+02:00", "2025-05-12T14:05:06.789+02:00", "2025-05-12"},
		{"2025-05-12T14:05:06", PrecisionSecond, "2025-05-12T14:05:06+02:00", "2025-05-12T14:05:06+02:00", "2025-05-12"},
		{" 2026 ", PrecisionYear, "2026-01-01T00:00:00+01:00", "2026-12-31T23:59:59+01:00", "2026"},
	} {
		d := ParseDate(tc.in)
		low, _ := time.Parse(time.RFC3339Nano, tc.low)
		high, _ := time.Parse(time.RFC3339Nano, tc.high)
		if d.Precision() != tc.precision || !d.Low().Equal(low) || !d.High().Equal(high) || d.Day() != tc.day {
			t.Errorf("%q: %d %v %v %q", tc.in, d.Precision(), d.Low(), d.High(), d.Day())
		}
	}
}

func TestParseDateKeepsTextThatIsNoDate(t *testing.T) {
	for _, in := range []string{"", "gisteren", "2025-13-01", "2025-02-30", "12-05-2025", "T-30", "20250512"} {
		if d := ParseDate(in); !d.IsZero() || d.String() != in || d.Day() != "" || d.Words("nl") != in {
			t.Errorf("%q: precision %d, text %q", in, d.Precision(), d.String())
		}
	}
}

func TestPeriodsAndChoices(t *testing.T) {
	n := Parse([]byte(`{"resourceType":"A","period":{"start":"2025","end":"2026-01"},"effectiveDateTime":"2024-01-01",
		"onsetPeriod":{"start":"2020"},"birthDate":"1970"}`), STU3).Node()
	p := n.Get("period").Period()
	if p.Start.String() != "2025" || p.End.String() != "2026-01" {
		t.Error("period")
	}
	if n.When("effective").Start.String() != "2024-01-01" || n.When("onset").Start.String() != "2020" || !n.When("x").Start.IsZero() {
		t.Error("choice")
	}
	if n.Date("birthDate").Precision() != PrecisionYear {
		t.Error("date")
	}
}

func TestDateOf(t *testing.T) {
	if d := DateOf(time.Time{}); !d.IsZero() || d.String() != "" {
		t.Error("the zero time is no date")
	}
	at := time.Date(2025, 5, 12, 12, 5, 6, 0, time.UTC)
	if d := DateOf(at); d.String() != "2025-05-12T14:05:06+02:00" || !d.Low().Equal(at) {
		t.Error(d.String())
	}
}

// drawDate draws a moment and a precision to write it with.
func drawDate(rt *rapid.T, label string) (time.Time, Date) {
	// From 1950: before 1940 the offset of Amsterdam had seconds, which FHIR cannot write.
	at := time.Unix(rapid.Int64Range(-6e8, 4e9).Draw(rt, label), 0).In(Amsterdam())
	layout := rapid.SampledFrom([]string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", time.RFC3339}).Draw(rt, "layout")
	return at, ParseDate(at.Format(layout))
}

func TestDateIntervalLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		at, d := drawDate(rt, "at")
		if d.Low().After(at) || d.High().Before(at) {
			rt.Fatalf("%s: %v is outside %v..%v", d, at, d.Low(), d.High())
		}
		if !ParseDate(d.String()).Low().Equal(d.Low()) {
			rt.Fatal("text does not give the date again")
		}
		if d.Precision() <= PrecisionDay && d.Day() != d.String() {
			rt.Fatalf("day %q of %q", d.Day(), d)
		}
		_, e := drawDate(rt, "other")
		if d.Compare(e) != -e.Compare(d) || d.Compare(d) != 0 || (Date{}).Compare(d) >= 0 != (d.Low().Year() < 1) {
			rt.Fatalf("order of %s and %s", d, e)
		}
		if d.High().Before(e.Low()) && d.Compare(e) >= 0 {
			rt.Fatalf("%s ends before %s starts but does not come first", d, e)
		}
	})
}
