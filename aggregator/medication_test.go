package aggregator

import (
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestTimeRules(t *testing.T) {
	day := func(s string) time.Time { return fhir.ParseDate(s).Low() }
	for _, c := range []struct{ name, start, value, code, want string }{
		{"days end with the last second", "2026-01-08", "7", "d", "2026-01-14T23:59:59+01:00"},
		{"across the change of the clock", "2026-03-28", "2", "d", "2026-03-29T23:59:59+02:00"},
		{"a month is clamped", "2026-01-31", "1", "mo", "2026-02-27T23:59:59+01:00"},
		{"weeks", "2026-01-01", "2", "wk", "2026-01-14T23:59:59+01:00"},
	} {
		got := addDuration(day(c.start), fhir.Quantity{Value: c.value, Code: c.code})
		if s := got.Format(time.RFC3339); s != c.want {
			t.Errorf("%s: got %s, want %s", c.name, s, c.want)
		}
	}
	if got := addDuration(day("2026-01-01"), fhir.Quantity{Value: "1.5", Code: "d"}); !got.IsZero() {
		t.Errorf("half a day was rounded to %s", got)
	}
}

func TestReadableNames(t *testing.T) {
	for in, want := range map[string]string{
		"METOPROLOL 50MG TABLET MGA (SUCCINAAT)": "Metoprolol 50MG tablet MGA (succinaat)",
		"Paracetamol 500 mg":                     "Paracetamol 500 mg",
		"HCT 12,5MG TABLET":                      "HCT 12,5MG tablet",
		"":                                       "",
	} {
		if got := readable(in); got != want {
			t.Errorf("readable(%q) = %q, want %q", in, got, want)
		}
	}
}
