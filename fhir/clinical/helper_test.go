package clinical_test

import (
	"reflect"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
	"github.com/google/go-cmp/cmp"
)

// reading is one case: what a resource says in STU3, in R4, or in both.
type reading struct {
	name     string
	stu3, r4 string
	want     any // a pointer to the reading, without its head
	warnings []clinical.Warning
}

// check reads the case in each release that it has; both must say the same.
func check(t *testing.T, cases []reading) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			if tc.stu3 != "" {
				checkOne(t, tc, tc.stu3, fhir.STU3)
			}
			if tc.r4 != "" {
				checkOne(t, tc, tc.r4, fhir.R4)
			}
		})
	}
}

func checkOne(t *testing.T, tc reading, raw string, v fhir.Version) {
	t.Helper()
	got, warnings := clinical.Read(fhir.Parse([]byte(raw), v))
	if diff := cmp.Diff(tc.warnings, warnings); diff != "" {
		t.Errorf("%v warnings: %s", v, diff)
	}
	if got == nil {
		t.Fatalf("%v: not read", v)
	}
	if missed := got.Common().Unread; len(missed) > 0 {
		t.Errorf("%v: no field for %v", v, missed)
	}
	*got.Common() = clinical.Head{}
	if diff := cmp.Diff(tc.want, any(got), bySense...); diff != "" {
		t.Errorf("%v: %s", v, diff)
	}
}

// bySense compares values of package fhir by what they say.
var bySense = cmp.Options{
	cmp.Comparer(func(a, b fhir.Date) bool { return a.String() == b.String() && a.Precision() == b.Precision() }),
	cmp.Comparer(func(a, b fhir.Dosage) bool { return a.Text() == b.Text() && a.Key() == b.Key() }),
	cmp.Comparer(func(a, b fhir.Node) bool { return reflect.DeepEqual(a, b) }),
}

func snomed(code, display string) fhir.Coded {
	return fhir.Coded{Coding: []fhir.Coding{{System: fhir.SNOMED, Code: code, Display: display}}}
}

func words1(text string) fhir.Coded { return fhir.Coded{Text: text} }

func date(s string) fhir.Date { return fhir.ParseDate(s) }

func ref(typ, id string) fhir.Reference {
	return fhir.Reference{URL: typ + "/" + id, Ref: fhir.Ref{Type: typ, ID: id}}
}

func at(s string) clinical.Moment { return clinical.Moment{Period: fhir.Period{Start: date(s)}} }

func quantity(value, unit, code string) fhir.Quantity {
	return fhir.Quantity{Value: value, Unit: unit, System: fhir.UCUM, Code: code}
}
