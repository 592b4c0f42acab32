package aggregator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestSubjectsOfQuestions(t *testing.T) {
	for query, want := range map[string][]string{
		"AllergyIntolerance":                                                        {"allergy"},
		"AllergyIntolerance?category=medication":                                    {"allergy"},
		"MedicationDispense?category=http://snomed.info/sct|422":                    {"medication"},
		"Observation/$lastn?category=http://snomed.info/sct|275711006&_include=x":   {"lab"},
		"Observation?code=" + fhir.NHG45 + "|&date=ge{today-14m}":                   {"lab", "vital"},
		"Observation/$lastn?code=http://loinc.org|85354-9":                          {"vital"},
		"Observation?category=http://hl7.org/fhir/observation-category|vital-signs": {"vital"},
		"Observation?code=http://snomed.info/sct|228366006":                         {"lifestyle"},
		"Observation?context=EpisodeOfCare/{id}":                                    {"note"},
		"Condition":                                                                 {"problem"},
		"Flag":                                                                      {"alert"},
		"DocumentReference?status=current":                                          {"letter"},
		"Patient?_include=Patient:general-practitioner":                             nil,
		"everything": nil,
		"":           nil,
	} {
		if diff := cmp.Diff(want, AskedAbout(query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// TestCompletenessSinceWhen: with all receipts it is known when a question was
// last answered.
func TestCompletenessSinceWhen(t *testing.T) {
	receipt := func(days int, outcomes ...fhir.Outcome) fhir.Receipt {
		r := fhir.Receipt{Origin: fhir.Origin{Source: "medmij:gp@medmij", Service: "48"}, Finished: caseT.AddDate(0, 0, -days)}
		for i, o := range outcomes {
			r.Queries = append(r.Queries, fhir.QueryResult{Query: []string{"Condition", "EpisodeOfCare"}[i], Outcome: o})
		}
		return r
	}
	for _, c := range []struct {
		name     string
		receipts []fhir.Receipt
		outcome  fhir.Outcome
		good     int // days ago; -1 never
	}{
		{"all came", []fhir.Receipt{receipt(1, fhir.OK, fhir.Empty)}, fhir.Complete, 1},
		{"half came", []fhir.Receipt{receipt(1, fhir.OK, fhir.Failed), receipt(9, fhir.Empty, fhir.OK)}, fhir.Partial, 9},
		{"never", []fhir.Receipt{receipt(1, fhir.Failed), receipt(9, fhir.Failed)}, fhir.Failed, -1},
		{"no longer offered", []fhir.Receipt{receipt(9, fhir.OK), receipt(1, fhir.NotOffered)}, fhir.NotOffered, 9},
	} {
		o, err := Merge(seq(nil), Input{AsOf: caseT, Receipts: c.receipts, Lang: "en"})
		if err != nil || len(o.Completeness) != 1 {
			t.Fatalf("%s: %v %+v", c.name, err, o.Completeness)
		}
		got := o.Completeness[0]
		good := time.Time{}
		if c.good >= 0 {
			good = caseT.AddDate(0, 0, -c.good)
		}
		if got.Outcome != c.outcome || !got.Good.Equal(good) || got.Subject != "problem" || !got.Asked.Equal(caseT.AddDate(0, 0, -1)) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if (got.Text == "") != (c.outcome == fhir.Complete) {
			t.Errorf("%s: text %q", c.name, got.Text)
		}
	}
}
