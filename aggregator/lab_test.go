package aggregator

import (
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

const when = "2026-01-10T08:15:00+01:00"

func TestLabCases(t *testing.T) {
	gp := func(r ...object) []fhir.Record { return at("gp", "49", fhir.R4, r...) }
	ho := func(r ...object) []fhir.Record { return at("ho", "46", fhir.R4, r...) }
	copied := func(o object) object {
		return with(o, "extension", []any{object{"url": copyIndicator, "valueBoolean": true}})
	}
	for _, c := range []struct {
		id   string
		sets [][]fhir.Record
		want string
	}{
		{"LAB-01 one identifier, two code systems", [][]fhir.Record{
			gp(copied(identified(result("a", fhir.NHG45, "523", "85", "umol/L", when), "100"))), ho(identified(result("b", fhir.LOINC, "14682-9", "85", "umol/L", when), "100")),
		}, "result gp/a+ho/b"},
		{"LAB-02 a copy that says something else", [][]fhir.Record{
			gp(copied(identified(result("a", fhir.NHG45, "624", "1640", "mmol/L", when), "101"))), ho(identified(result("b", fhir.LOINC, "2951-2", "164", "mmol/L", when), "101")),
		}, "result gp/a+ho/b C-COPY"},
		{"LAB-04 one identifier, two analytes", [][]fhir.Record{
			gp(identified(result("a", fhir.LOINC, "62238-1", "60", "mL/min/{1.73_m2}", when), "102")), ho(identified(result("b", fhir.LOINC, "2951-2", "140", "mmol/L", when), "102")),
		}, "result gp/a C-COLLISION\nresult ho/b C-COLLISION"},
		{"LAB-05 the same result without a shared identifier", [][]fhir.Record{
			gp(result("a", fhir.NHG45, "523", "85", "umol/L", when)), ho(result("b", fhir.LOINC, "14682-9", "85", "umol/L", when)),
		}, "result gp/a\nresult ho/b"},
		{"LAB-06 another value at the same moment", [][]fhir.Record{
			gp(result("a", fhir.LOINC, "14682-9", "85", "umol/L", when)), ho(result("b", fhir.LOINC, "14682-9", "95", "umol/L", when)),
		}, "result gp/a C-LAB-VALUE\nresult ho/b C-LAB-VALUE"},
		{
			"LAB-03 serum and urine in one result",
			[][]fhir.Record{gp(with(result("a", fhir.NHG45, "523", "85", "umol/L", when), "code",
				object{"coding": []any{coding(fhir.NHG45, "523", "kreatinine"), coding(fhir.LOINC, "14683-7", "creatinine urine")}}))},
			"result gp/a C-CODE",
		},
		{"LAB-38 a value nobody has", [][]fhir.Record{gp(result("a", fhir.LOINC, "2951-2", "14", "mmol/L", when))}, "result gp/a C-SANITY"},
		{"two services of one provider give one result", [][]fhir.Record{
			at("ho", "48", fhir.R4, result("a", fhir.LOINC, "14682-9", "85", "umol/L", when)), ho(result("a2", fhir.LOINC, "14682-9", "85", "umol/L", when)),
		}, "result ho/a2+ho/a"},
		{"withdrawn", [][]fhir.Record{gp(with(result("a", fhir.LOINC, "14682-9", "85", "umol/L", when), "status", "entered-in-error"))}, "history gp/a"},
	} {
		t.Run(c.id, func(t *testing.T) {
			if got := shape(merged(t, c.sets...), "lab"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestOriginalSpeaksForACopy is LAB-02: nothing is repaired, the original is shown.
func TestOriginalSpeaksForACopy(t *testing.T) {
	o := merged(t,
		at("gp", "49", fhir.R4, with(identified(result("a", fhir.LOINC, "2951-2", "1640", "mmol/L", when), "1"+"01"), "extension", []any{object{"url": copyIndicator, "valueBoolean": true}})),
		at("ho", "46", fhir.R4, identified(result("b", fhir.LOINC, "2951-2", "164", "mmol/L", when), "101")))
	if v := o.Subject("lab")[0].Value.(*Result); v.Quantity.Value != "164" {
		t.Errorf("shown %s", v.Quantity.Value)
	}
}

func TestSeriesHoldOnlyWhatCanBeCompared(t *testing.T) {
	o := merged(t, at("gp", "49", fhir.R4,
		result("a", fhir.LOINC, "14682-9", "85", "umol/L", when),
		result("b", fhir.NHG45, "523", "80", "µmol/l", "2025-01-10"),
		result("c", fhir.LOINC, "77147-7", "60", "mL/min/{1.73_m2}", when),
		result("d", fhir.LOINC, "62238-1", "61", "mL/min/{1.73_m2}", when),
		result("e", fhir.LOINC, "59261-8", "53", "mmol/mol", when),
		result("f", fhir.LOINC, "4548-4", "7.0", "%", when)))
	group := map[string]string{}
	for _, item := range o.Subject("lab") {
		group[item.Parts[0].ID] = item.Group
	}
	if group["a"] != group["b"] || group["a"] == "" {
		t.Error("creatinine in two spellings is not one series")
	}
	if group["c"] == group["d"] || group["e"] == group["f"] {
		t.Error("two methods share a series")
	}
}

func TestFlagsAreDeliveredOrComputedFromTheOwnRange(t *testing.T) {
	limits := []any{object{"low": object{"value": 60, "unit": "umol/L"}, "high": object{"value": 110, "unit": "umol/L"}}}
	for _, c := range []struct {
		name     string
		result   object
		flag     Flag
		computed bool
	}{
		{"within its range", with(result("a", fhir.LOINC, "14682-9", "85", "umol/L", when), "referenceRange", limits), Within, true},
		{"above its range", with(result("a", fhir.LOINC, "14682-9", "111", "umol/L", when), "referenceRange", limits), High, true},
		{"no range", result("a", fhir.LOINC, "14682-9", "85", "umol/L", when), "", false},
		{"delivered, never computed anew", with(with(result("a", fhir.LOINC, "14682-9", "85", "umol/L", when), "referenceRange", limits), "interpretation",
			[]any{concept(fhir.SNOMED, "281302008", "")}), High, false},
		{"range in another unit", with(result("a", fhir.LOINC, "14682-9", "1.0", "mg/dL", when), "referenceRange", limits), "", false},
	} {
		v := merged(t, at("gp", "49", fhir.R4, c.result)).Subject("lab")[0].Value.(*Result)
		if v.Flag != c.flag || v.Computed != c.computed {
			t.Errorf("%s: got %q computed %v", c.name, v.Flag, v.Computed)
		}
	}
}

func TestCorrectedResultShowsWhatItWas(t *testing.T) {
	old := at("ho", "46", fhir.R4, result("a", fhir.LOINC, "14682-9", "89", "umol/L", when))
	corrected := at("ho", "46", fhir.R4, with(result("a", fhir.LOINC, "14682-9", "86", "umol/L", when), "status", "corrected"))
	corrected[0].Number, corrected[0].Fetched = 2, corrected[0].Fetched.Add(1)
	item := merged(t, corrected, old).Subject("lab")[0]
	v := item.Value.(*Result)
	if v.Quantity.Value != "86" || v.Corrected != "89" || v.Status != "corrected" {
		t.Errorf("got %s, before %q, %s", v.Quantity.Value, v.Corrected, v.Status)
	}
	if p := item.Parts[len(item.Parts)-1]; p.Hidden != "version" || p.Version != "1" {
		t.Errorf("the older version is shown as %+v", p)
	}
}

func TestBloodPressureIsOneLine(t *testing.T) {
	bp := object{
		"resourceType": "Observation", "id": "a", "status": "final", "effectiveDateTime": when,
		"category": []any{concept("http://hl7.org/fhir/observation-category", "vital-signs", "")}, "code": concept(fhir.LOINC, "85354-9", "bp"),
		"component": []any{
			object{"code": concept(fhir.LOINC, "8480-6", ""), "valueQuantity": object{"value": 128, "unit": "mm[Hg]", "code": "mm[Hg]", "system": fhir.UCUM}},
			object{"code": concept(fhir.LOINC, "8462-4", ""), "valueQuantity": object{"value": 82, "unit": "mm[Hg]", "code": "mm[Hg]", "system": fhir.UCUM}},
		},
	}
	item := merged(t, at("gp", "49", fhir.STU3, bp)).Subject("vital")[0]
	if item.Detail != "128/82\u00a0mmHg" || item.Title != "Bloeddruk" {
		t.Errorf("got %q %q", item.Title, item.Detail)
	}
}
