package r4

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// ruleCase is a case of testdata/rules.txt.
type ruleCase struct {
	name, in, out string
	notes         []string
}

func ruleCases(t testing.TB) []ruleCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []ruleCase
	for line := range strings.Lines(string(raw)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		if word == "=" {
			all = append(all, ruleCase{name: rest})
		}
		if len(all) == 0 {
			continue
		}
		c := &all[len(all)-1]
		switch word {
		case "in":
			c.in = rest
		case "out":
			c.out = rest
		case "note":
			c.notes = append(c.notes, rest)
		}
	}
	return all
}

func TestRules(t *testing.T) {
	for _, c := range ruleCases(t) {
		t.Run(c.name, func(t *testing.T) {
			out, notes, err := Convert(fhir.Parse([]byte(c.in), fhir.STU3))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.out, string(out)); diff != "" {
				t.Error(diff)
			}
			var got []string
			for _, n := range notes {
				got = append(got, n.String())
			}
			if diff := cmp.Diff(c.notes, got); diff != "" {
				t.Error(diff)
			}
			for _, f := range Check(out) {
				if f.Problem != Missing { // the cases hold no more than they are about
					t.Error(f)
				}
			}
		})
	}
}

// TestEveryRuleHasACase: a type with steps has a case that starts with it.
func TestEveryRuleHasACase(t *testing.T) {
	cases := ruleCases(t)
	for typ, steps := range ruleTable {
		has := slices.ContainsFunc(cases, func(c ruleCase) bool {
			return strings.HasPrefix(c.in, `{"resourceType":"`+typ+`"`)
		})
		if len(steps) > 0 && !has {
			t.Errorf("%s has rules and no case", typ)
		}
	}
}

// TestCodesOfSTU3 goes over every code that has another name in R4.
func TestCodesOfSTU3(t *testing.T) {
	tests := []struct{ typ, from, want string }{
		{"CarePlan", "suspended", "on-hold"},
		{"CarePlan", "active", "active"},
		{"Communication", "aborted", "stopped"},
		{"DeviceRequest", "cancelled", "revoked"},
		{"Procedure", "aborted", "stopped"},
		{"Procedure", "suspended", "on-hold"},
		{"Procedure", "completed", "completed"},
		{"ProcedureRequest", "cancelled", "revoked"},
		{"ReferralRequest", "suspended", "on-hold"},
		{"NutritionOrder", "proposed", "draft"},
		{"NutritionOrder", "requested", "active"},
		{"NutritionOrder", "on-hold", "on-hold"},
		{"Goal", "proposed", "proposed"},
		{"Goal", "in-progress", "active"},
		{"Goal", "on-target", "active"},
		{"Goal", "ahead-of-target", "active"},
		{"Goal", "sustaining", "active"},
		{"Goal", "cancelled", "cancelled"},
		{"Goal", "rejected", "rejected"},
		{"MedicationStatement", "intended", "intended"},
		{"Observation", "definitief", "definitief"}, // no code at all: as it was
	}
	for _, tt := range tests {
		out, _, err := Convert(fhir.Parse([]byte(`{"resourceType":"`+tt.typ+`","status":"`+tt.from+`"}`), fhir.STU3))
		if err != nil {
			t.Fatal(err)
		}
		n := fhir.Parse(out, fhir.R4).Node()
		if got := n.Str("status") + n.Str("lifecycleStatus"); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.typ, tt.from, got, tt.want)
		}
		if slices.ContainsFunc(Check(out), func(f Finding) bool { return f.Problem == BadCode }) != (tt.from == "definitief") {
			t.Errorf("%s %s: %v", tt.typ, tt.from, Check(out))
		}
	}
}

func TestR4IsLeftAlone(t *testing.T) {
	const raw = `{ "resourceType": "Observation",  "comment": "not R4 at all", "valueQuantity": {"value": 1.10} }`
	out, notes, err := Convert(fhir.Parse([]byte(raw), fhir.R4))
	if err != nil || string(out) != raw || notes != nil {
		t.Errorf("%s %v %v", out, notes, err)
	}
}

func TestConvertRefuses(t *testing.T) {
	tests := []struct {
		raw  string
		want error
	}{
		{`{"resourceType":"Patient","id":"1"`, ErrFlaw},
		{`{"resourceType":"Patient","id":"1","id":"2"}`, ErrFlaw},
		{`{"id":"1"}`, ErrFlaw},
		{`{"resourceType":"Patient","name":[{"family":"a","family":"b"}]}`, ErrFlaw},
		{`{"resourceType":"DataElement"}`, ErrNoType},
		{`{"resourceType":"Quantity"}`, ErrNoType},
		{`{"resourceType":"Observation.component"}`, ErrNoType},
	}
	for _, tt := range tests {
		out, _, err := Convert(fhir.Parse([]byte(tt.raw), fhir.STU3))
		if out != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.raw, err)
		}
	}
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"ProcedureRequest/1":                                "ServiceRequest/1",
		"https://x.example.nl/fhir/ReferralRequest/1":       "https://x.example.nl/fhir/ServiceRequest/1",
		"https://x.example.nl/ReferralRequest/1/_history/2": "https://x.example.nl/ServiceRequest/1/_history/2",
		"BodySite/b":       "BodyStructure/b",
		"Patient/BodySite": "Patient/BodySite",
		"urn:uuid:1":       "urn:uuid:1", "#a": "#a", "": "",
	} {
		if got := URL(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
