package aggregator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// drawRecords makes a small world: a few providers and data services, few ids,
// identifiers and contents, so that all of them clash often.
func drawRecords(rt *rapid.T) []fhir.Record {
	n := rapid.IntRange(1, 12).Draw(rt, "n")
	var all []fhir.Record
	numbers := map[string]int{}
	for range n {
		r := drawRecord(rt)
		numbers[fmt.Sprint(r.Origin, r.Ref)]++
		r.Number = numbers[fmt.Sprint(r.Origin, r.Ref)]
		all = append(all, r)
	}
	return all
}

func drawRecord(rt *rapid.T) fhir.Record {
	pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(rt, name) }
	code := pick("code", "195967001", "38341003")
	res := drawResource(rt, pick("type", "problem", "allergy", "plain", "agreement", "lab", "letter", "jab", "appointment"), pick("id", "a", "b", "c"), code)
	if id := pick("ident", "", "", "x-100", "x-100 ", "y-200"); id != "" {
		identified(res, id)
	}
	if pick("updated", "", "yes") != "" {
		res["meta"] = object{"lastUpdated": pick("lastUpdated", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2099-01-01T00:00:00Z")}
	}
	if pick("copy", "", "", "", "yes") != "" {
		res["extension"] = []any{object{"url": copyIndicator, "valueBoolean": true}}
	}
	if pick("odd", "", "", "", "yes") != "" {
		res["modifierExtension"] = []any{object{"url": "http://example.nl/anders", "valueBoolean": true}}
	}
	raw, err := json.Marshal(res)
	if err != nil {
		rt.Fatal(err)
	}
	day := rapid.IntRange(1, 3).Draw(rt, "day")
	r := fhir.Record{
		Resource: fhir.Parse(raw, rapid.SampledFrom([]fhir.Version{fhir.R4, fhir.STU3}).Draw(rt, "version")),
		Origin:   fhir.Origin{Source: "medmij:" + pick("provider", "gp", "ho") + "@medmij", Service: pick("service", "48", "49")},
		Fetched:  caseT.AddDate(0, 0, day-5),
	}
	if day < 3 && pick("gone", "", "yes") != "" {
		r.LastSeen, r.Gone = r.Fetched, caseT.AddDate(0, 0, day-4)
	}
	return r
}

func drawResource(rt *rapid.T, kind, id, code string) object {
	status := rapid.SampledFrom([]string{"active", "active", "entered-in-error"}).Draw(rt, "status")
	switch kind {
	case "allergy":
		return allergyTo(id, fhir.SNOMED, code, "STOF "+code, "active", map[string]string{"entered-in-error": status}[status])
	case "plain":
		return with(plain(id, code[:3]).period("2025-12-01", "").object, "status", status)
	case "agreement":
		return agreement(id, code[:3]).period("2025-12-01", "").registered("2025-12-01").object
	case "lab":
		return with(result(id, fhir.LOINC, "14682-9", code[:2], "umol/L", "2026-01-05T08:30:00+01:00"), "status", map[string]string{"active": "final", "entered-in-error": status}[status])
	case "letter":
		return document(id, "urn:oid:1.2."+code[:1], "Brief", "x")
	case "jab":
		return object{"resourceType": "Immunization", "id": id, "status": "completed", "vaccineCode": concept(fhir.SNOMED, code, "vaccin"), "occurrenceDateTime": "2021-03-04", "date": "2021-03-04"}
	case "appointment":
		return object{"resourceType": "Appointment", "id": id, "status": "booked", "start": "2026-02-01T09:00:00+01:00", "description": code}
	}
	p := object{"resourceType": "Condition", "id": id, "code": concept(fhir.SNOMED, code, "KLACHT "+code), "onsetDateTime": "2020-05-01"}
	if status != "active" {
		p["verificationStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", status, "")
	}
	return p
}

func mergedBytes(t fataler, s *Statements) string {
	o, err := s.Merge(Input{AsOf: caseT})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

type fataler interface{ Fatal(...any) }

func readAll(t fataler, records []fhir.Record) *Statements {
	s, err := Read(seq(records))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLaws: any order and any portions, with sources forgotten in between,
// give the bytes of one build (P1, P3); a second time changes nothing (P2);
// every record is in exactly one place (P4).
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := drawRecords(rt)
		whole := readAll(rt, records)
		want := mergedBytes(rt, whole)
		o, err := whole.Merge(Input{AsOf: caseT})
		if err != nil {
			rt.Fatal(err)
		}
		checkConservation(rt, records, o)
		checkIDs(rt, o)

		portions := readAll(rt, nil)
		for _, r := range rapid.Permutation(records).Draw(rt, "order") {
			if err := portions.Add(seq([]fhir.Record{r})); err != nil {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, "look") {
				mergedBytes(rt, portions) // what was merged before leaves no trace
			}
		}
		if got := mergedBytes(rt, portions); got != want {
			rt.Fatalf("in portions (-whole +portions):\n%s", cmp.Diff(want, got))
		}
		if err := portions.Add(seq(records)); err != nil {
			rt.Fatal(err)
		}
		if got := mergedBytes(rt, portions); got != want {
			rt.Fatalf("a second time (-once +twice):\n%s", cmp.Diff(want, got))
		}
		gone := records[0].Origin.Source
		portions.Forget(gone)
		rest := slices.DeleteFunc(slices.Clone(records), func(r fhir.Record) bool { return r.Origin.Source == gone })
		if diff := cmp.Diff(mergedBytes(rt, readAll(rt, rest)), mergedBytes(rt, portions)); diff != "" {
			rt.Fatalf("forgotten (-never there +forgotten):\n%s", diff)
		}
	})
}

// checkIDs: no two items have one id, and what an item was called alone finds it.
func checkIDs(t interface{ Errorf(string, ...any) }, o *Overview) {
	seen := map[string]bool{}
	for _, i := range o.Items {
		if seen[i.ID] {
			t.Errorf("two items are called %s", i.ID)
		}
		seen[i.ID] = true
	}
}

// TestActiveAllergyStays is S2 and P5 on random worlds: more records never
// take an allergy that stands out of the active section, unless they are about
// the very same record or withdraw it.
func TestActiveAllergyStays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := drawRecords(rt)
		mine := at("ph", "47", fhir.R4, allergyTo("mine", fhir.SNK, "23167", "AMOXICILLINE", "active", ""))
		o, err := readAll(rt, append(mine, records...)).Merge(Input{AsOf: caseT})
		if err != nil {
			rt.Fatal(err)
		}
		for _, i := range o.Items {
			if i.Section == Active && slices.ContainsFunc(i.Parts, func(p Part) bool { return p.ID == "mine" }) {
				return
			}
		}
		rt.Fatal("the allergy is not active any more")
	})
}

// TestTimeZoneOfTheMachine is P14.
func TestTimeZoneOfTheMachine(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	rapid.Check(t, func(rt *rapid.T) {
		records := drawRecords(rt)
		time.Local = time.UTC
		want := mergedBytes(rt, readAll(rt, records))
		time.Local = time.FixedZone("far", rapid.IntRange(-12, 14).Draw(rt, "hours")*3600)
		if got := mergedBytes(rt, readAll(rt, records)); got != want {
			rt.Fatalf("the zone shows:\n%s", cmp.Diff(want, got))
		}
	})
}

// FuzzMerge is P12: arbitrary bytes never panic, and never make a resource
// disappear (S14).
func FuzzMerge(f *testing.F) {
	for _, seed := range []string{
		`{"resourceType":"Condition","id":"a","code":{"text":"x"}}`,
		`{"resourceType":"MedicationRequest","id":"a","medicationReference":{"reference":"#m"},"contained":[{"resourceType":"Medication","id":"m"}],"dosageInstruction":[{"timing":{"repeat":{"frequency":1}}}]}`,
		`{"resourceType":"Observation","id":"a","valueQuantity":{"value":1e999999},"effectiveDateTime":"2026","component":[{"code":1}]}`,
		`{"resourceType":"DocumentReference","id":"a","content":[{"attachment":{"data":"JVBERi0="}},{}],"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/a"}}]}`,
		`{"resourceType":"DocumentManifest","id":"a","content":[{"reference":"DocumentManifest/a"}]}`,
		`{"resourceType":"Consent","id":"a","provision":{"code":[{}],"type":"deny"},"modifierExtension":[{"url":"x"}]}`,
		`{"resourceType":"CarePlan","id":"a","goal":[{"reference":"CarePlan/a"}],"activity":[{"detail":{"code":[]}}]}`,
		`{"resourceType":"AllergyIntolerance","id":"a","verificationStatus":"entered-in-error","identifier":[{"value":"urn:oid:1"},{"system":"","value":5}]}`,
		`{"resourceType":"QuestionnaireResponse","id":"a","item":[{"item":[{"answer":[{"valueCoding":{}}]}]}]}`,
		`{"resourceType":"Patient","id":"a","name":{"family":"x"}}`,
		`{"resourceType":"Binary","id":"a","content":"=="}`, `[]`, `{"resourceType":5}`, `{`, "",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, raw []byte, r4 bool) {
		v := fhir.STU3
		if r4 {
			v = fhir.R4
		}
		origin := fhir.Origin{Source: "medmij:gp@medmij", Service: "48"}
		records := []fhir.Record{{Resource: fhir.Parse(slices.Clone(raw), v), Origin: origin, Number: 1, Fetched: caseT}}
		other := records[0]
		other.Origin.Service = "49"
		records = append(records, other)
		records = append(records, at("ho", "48", fhir.R4, allergyTo("b", fhir.SNK, "23167", "AMOXICILLINE", "active", ""))...)
		o, err := Merge(seq(records), Input{AsOf: caseT})
		if err != nil {
			t.Fatal(err)
		}
		checkConservation(t, records, o)
		checkIDs(t, o)
		if raw, err := json.Marshal(o); err != nil || strings.Contains(string(raw), ":null") {
			t.Errorf("a null in the overview, or %v", err)
		}
	})
}
