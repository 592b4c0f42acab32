package aggregator

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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

// TestHighRiskComesFirst: another dose of a substance of high risk stands above
// what is graver otherwise (MED-64).
func TestHighRiskComesFirst(t *testing.T) {
	o := merged(t,
		at("gp", "49", fhir.R4, agreement("a", "111").named("ABACAVIR 300MG").period("2025-12-01", "").object, plain("m", "222").named("METHOTREXAAT 2,5MG").period("2025-12-01", "").object),
		at("ho", "48", fhir.R4, agreement("b", "111").named("ABACAVIR 300MG").period("2025-12-01", "").object),
		at("ph", "35", fhir.R4, administration("n", "222").named("METHOTREXAAT 2,5MG").period("2025-12-01", "").times(3).object),
	)
	var titles []string
	for _, item := range o.Subject("medication") {
		titles = append(titles, item.Title)
	}
	if want := []string{"METHOTREXAAT 2,5MG", "METHOTREXAAT 2,5MG", "ABACAVIR 300MG", "ABACAVIR 300MG"}; !slices.Equal(titles, want) {
		t.Errorf("order %v", titles)
	}
}

// TestFieldsAreLiterallyInTheirPart is S4 and P9 on every case: each number of
// a field, and of the dose that is shown, stands in the source it names.
func TestFieldsAreLiterallyInTheirPart(t *testing.T) {
	number := regexp.MustCompile(`[0-9]+([.,][0-9]+)?`)
	seen := 0
	for _, c := range readCases(t) {
		if !strings.HasPrefix(c.ID, "MED") && !strings.HasPrefix(c.ID, "CONS") {
			continue
		}
		records, in := c.stored(t)
		o, err := Merge(seq(records), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range o.Subject("medication") {
			for name, f := range item.Fields {
				p := item.Parts[f.Part]
				at := slices.IndexFunc(records, func(r fhir.Record) bool {
					return r.Origin.Source == p.Source && r.Origin.Service == p.Service && r.Type == p.Type && r.ID == p.ID
				})
				for _, n := range number.FindAllString(f.Text, -1) {
					seen++
					if !strings.Contains(string(records[at].Bytes()), strings.ReplaceAll(n, ",", ".")) && !strings.Contains(string(records[at].Bytes()), n) {
						t.Errorf("%s: %s %q: %s is not in %s/%s", c.ID, name, f.Text, n, p.Type, p.ID)
					}
				}
			}
		}
	}
	if seen < 500 {
		t.Errorf("only %d numbers were checked", seen)
	}
}

func TestMonthsGoOneWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := caseT.Add(time.Duration(rapid.Int64Range(0, 4*365*86400).Draw(t, "a")) * time.Second)
		b := a.Add(time.Duration(rapid.Int64Range(0, 90*86400).Draw(t, "b")) * time.Second)
		n := rapid.IntRange(1, 14).Draw(t, "months")
		if monthsBefore(b, n).Before(monthsBefore(a, n)) {
			t.Fatalf("%d months before %s lies after that before %s", n, a, b)
		}
		pass := monthsPass(a, n)
		if !monthsBefore(pass, n).After(a) || monthsBefore(pass.Add(-time.Second), n).After(a) {
			t.Fatalf("%s is not the moment at which %s is more than %d months back", pass, a, n)
		}
	})
}

// TestExplanationOfAMedicine says in words why records stand on one line.
func TestExplanationOfAMedicine(t *testing.T) {
	o := merged(t,
		at("gp", "49", fhir.R4, agreement("a", "111").ident("MA1").period("2025-12-01", "").object),
		at("ph", "35", fhir.R4, administration("b", "111").follows("authorizingPrescription", "MA1").period("2025-12-01", "").object),
		at("ho", "48", fhir.R4, use("c", "111").period("2025-12-01", "").asserted("2026-01-10").object),
	)
	item := o.Subject("medication")[0]
	x := o.Explain(item, "nl")
	want := []string{"1 + 2 (medmij:gp@medmij, medmij:ph@medmij): het ene verwijst naar het andere", "1 + 3 (medmij:gp@medmij, medmij:ho@medmij): zelfde medicijn, zelfde dosering"}
	if !slices.Equal(x.Joins, want) {
		t.Errorf("joins %q, want %q", x.Joins, want)
	}
	for _, field := range []string{"dosering: 1 keer per dag 1 stuk (2, medmij:ph@medmij)", "medicijn: MIDDEL 111 (1, medmij:gp@medmij)", "vanaf: 2025-12-01 (1, medmij:gp@medmij)"} {
		if !slices.Contains(x.Fields, field) {
			t.Errorf("%q is not among %q", field, x.Fields)
		}
	}
}
