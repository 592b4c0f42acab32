package aggregator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

const when = "2026-01-10T08:15:00+01:00"

func TestFlagsAreDeliveredOrComputedFromTheOwnRange(t *testing.T) {
	limits := []any{object{"low": object{"value": 60, "unit": "umol/L"}, "high": object{"value": 110, "unit": "umol/L"}}}
	target := []any{object{"type": concept("http://terminology.hl7.org/CodeSystem/referencerange-meaning", "treatment", ""), "high": object{"value": 50, "unit": "umol/L"}}}
	for _, c := range []struct {
		name     string
		result   object
		flag     Flag
		computed bool
	}{
		{"within its range", with(result("a", fhir.LOINC, "14682-9", "85", "umol/L", when), "referenceRange", limits), Within, true},
		{"above its range", with(result("a", fhir.LOINC, "14682-9", "111", "umol/L", when), "referenceRange", limits), High, true},
		{"below its range", with(result("a", fhir.LOINC, "14682-9", "59.9", "umol/L", when), "referenceRange", limits), Low, true},
		{"a target is no range", with(result("a", fhir.LOINC, "14682-9", "85", "umol/L", when), "referenceRange", target), "", false},
		{"no range", result("a", fhir.LOINC, "14682-9", "85", "umol/L", when), "", false},
		{"delivered, never computed anew", with(with(result("a", fhir.LOINC, "14682-9", "85", "umol/L", when), "referenceRange", limits), "interpretation",
			[]any{concept(fhir.SNOMED, "281302008", "")}), High, false},
		{"range in another unit", with(result("a", fhir.LOINC, "2160-0", "1.0", "mg/dL", when), "referenceRange", limits), "", false},
	} {
		v := merged(t, at("gp", "49", fhir.R4, c.result)).Subject("lab")[0].Value.(*Result)
		if v.Flag != c.flag || v.Computed != c.computed {
			t.Errorf("%s: got %q computed %v", c.name, v.Flag, v.Computed)
		}
	}
}

// TestValuesOfEveryForm shows a result that is no number in words.
func TestValuesOfEveryForm(t *testing.T) {
	for want, value := range map[string]object{
		"1:40":            {"valueRatio": object{"numerator": object{"value": 1}, "denominator": object{"value": 40}}},
		"3–5 /veld":       {"valueRange": object{"low": object{"value": 3}, "high": object{"value": 5, "unit": "/veld"}}},
		"Positief":        {"valueCodeableConcept": concept(fhir.SNOMED, "10828004", "Positief")},
		"true":            {"valueBoolean": true},
		"2026-01-01":      {"valueDateTime": "2026-01-01"},
		"niet te bepalen": {"dataAbsentReason": object{"text": "niet te bepalen"}},
		"1e999999":        {"valueQuantity": object{"value": "1e999999"}},
	} {
		r := result("a", fhir.LOINC, "5802-4", "1", "", when)
		delete(r, "valueQuantity")
		for name, v := range value {
			r[name] = v
		}
		v := merged(t, at("gp", "49", fhir.R4, r)).Subject("lab")[0].Value.(*Result)
		if v.Text != want || v.Plottable {
			t.Errorf("got %q, plottable %v, want %q", v.Text, v.Plottable, want)
		}
	}
}

// TestPointsOfAChart: twins are one dot, a limit is open, what cannot be
// compared is not there, and a converted value is marked.
func TestPointsOfAChart(t *testing.T) {
	glucose := func(id, code, value, unit, at string) object { return result(id, fhir.LOINC, code, value, unit, at) }
	o := merged(t,
		at("gp", "49", fhir.R4, glucose("a", "2345-7", "90", "mg/dL", when), glucose("b", "14749-6", "6.1", "mmol/L", "2025-06-01"),
			glucose("d", "2345-7", "5", "mmol/L", when[:10]+"T09:00:00+01:00")),
		at("ho", "46", fhir.R4, glucose("c", "14749-6", "5.0", "mmol/L", when),
			with(glucose("e", "14749-6", "1", "mmol/L", "2024-01-01"), "valueQuantity", object{"value": 1, "comparator": "<", "unit": "mmol/L", "code": "mmol/L", "system": fhir.UCUM})))
	item, _ := itemOfRecord(o, "c")
	var got []string
	for _, p := range o.Points(item.Value.(*Result).Chart) {
		got = append(got, fmt.Sprintf("%s %s%s %d %v %v", p.Result.At.Day(), p.Value.Comparator, p.Value.Value, len(p.Items), p.Result.Open, p.Value.Code))
	}
	want := "2024-01-01 <1 1 true mmol/L\n2025-06-01 6.1 1 false mmol/L\n2026-01-10 5.0 2 false mmol/L"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	if o.Points("") != nil {
		t.Error("no chart has dots")
	}
}

func itemOfRecord(o *Overview, id string) (Item, bool) {
	for _, item := range o.Items {
		for _, p := range item.Parts {
			if p.ID == id {
				return item, true
			}
		}
	}
	return Item{}, false
}

type labCode struct{ system, code, unit string }

var labPool = []labCode{
	{fhir.LOINC, "14682-9", "umol/L"},
	{fhir.NHG45, "523", "µmol/l"},
	{fhir.LOINC, "2160-0", "mg/dL"},
	{fhir.LOINC, "14682-9", "mg/dL"},
	{fhir.LOINC, "2823-3", "mmol/L"},
	{fhir.LOINC, "6298-4", "mmol/L"},
	{fhir.NHG45, "513", "mmol/L"},
	{fhir.LOINC, "2951-2", "mmol/L"},
	{fhir.LOINC, "59261-8", "mmol/mol"},
	{fhir.LOINC, "4548-4", "%"},
	{fhir.LOINC, "62238-1", "mL/min/{1.73_m2}"},
	{fhir.LOINC, "77147-7", "ml/min/1.73m2"},
	{"urn:oid:2.16.840.1.113883.2.4.3.11.999.9", "X", "eenheden"},
	{"urn:oid:2.16.840.1.113883.2.4.3.11.999.9", "X", "mmol/L"},
}

// TestAnalytesAreNeverMixed is S5, S12 and S4: what shares a series, a record or
// a dot is of one analyte, material and scale; ranges stay where they came from;
// every value is shown as delivered.
func TestAnalytesAreNeverMixed(t *testing.T) {
	lawChecks(t, func(rt *rapid.T) {
		byProvider := map[string][]object{}
		values, lows := map[string]string{}, map[string]string{}
		for i := range rapid.IntRange(1, 12).Draw(rt, "n") {
			c := rapid.SampledFrom(labPool).Draw(rt, "code")
			id := fmt.Sprint("r", i)
			values[id] = rapid.SampledFrom([]string{"4.1", "4.10", "5", "90", "88"}).Draw(rt, "value")
			lows[id] = fmt.Sprint(i, ".5")
			r := result(id, c.system, c.code, values[id], c.unit, rapid.SampledFrom([]string{when, "2026-01-10", "2025-01-10T10:00:00Z"}).Draw(rt, "at"))
			r["referenceRange"] = []any{object{"low": object{"value": lows[id], "unit": c.unit}}}
			if n := rapid.IntRange(0, 4).Draw(rt, "identifier"); n > 0 {
				identified(r, fmt.Sprint("id-", n))
			}
			p := rapid.SampledFrom([]string{"gp", "ho", "ph"}).Draw(rt, "provider")
			byProvider[p] = append(byProvider[p], r)
		}
		var all []fhir.Record
		for p, resources := range byProvider {
			all = append(all, at(p, "46", fhir.R4, resources...)...)
		}
		o, err := Merge(seq(all), Input{AsOf: caseT})
		if err != nil {
			rt.Fatal(err)
		}
		checkMixing(rt, o, values, lows)
	})
}

func checkMixing(rt *rapid.T, o *Overview, values, lows map[string]string) {
	series, dots := map[string]*Result{}, map[string]*Result{}
	for _, item := range o.Subject("lab") {
		v := item.Value.(*Result)
		lead := ""
		for _, p := range item.Parts {
			if p.Hidden == "" {
				lead = p.ID
			}
		}
		if v.Quantity.Value != values[lead] || v.Low.Value != lows[lead] {
			rt.Fatalf("%s shows %s from %s", lead, v.Quantity.Value, v.Low.Value)
		}
		if other := series[v.Series]; v.Series != "" && other != nil && (other.Analyte != v.Analyte || other.Specimen != v.Specimen || other.Chart != v.Chart) {
			rt.Fatalf("one series: %s %s and %s %s", v.Analyte, v.Specimen, other.Analyte, other.Specimen)
		}
		if other := dots[v.Dot]; v.Dot != "" && other != nil && (other.Analyte != v.Analyte || other.Chart != v.Chart) {
			rt.Fatalf("one dot: %+v and %+v", v, other)
		}
		series[v.Series], dots[v.Dot] = v, v
	}
}

// TestManyResultsOfOneDay: a sensor gives hundreds of values a day, and the
// same day in steps of a day; neither may cost the square of it.
func TestManyResultsOfOneDay(t *testing.T) {
	var gp, ho []object
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, fhir.Amsterdam())
	for i := range 1400 {
		moment := start.Add(time.Duration(i) * time.Minute).Format(time.RFC3339)
		gp = append(gp, result(fmt.Sprint("g", i), fhir.LOINC, "14749-6", fmt.Sprint(40+i%30), "mg/dL", moment))
		ho = append(ho, result(fmt.Sprint("h", i), fhir.LOINC, "14749-6", fmt.Sprint(i%30), "mmol/L", moment))
		gp = append(gp, result(fmt.Sprint("d", i), fhir.LOINC, "2951-2", "140", "mmol/L", "2026-01-05"))
	}
	began := time.Now()
	o := merged(t, at("gp", "49", fhir.R4, gp...), at("ho", "46", fhir.R4, ho...))
	t.Logf("%d items in %v", len(o.Items), time.Since(began))
	if len(o.Items) != len(gp)+len(ho) {
		t.Errorf("%d items", len(o.Items))
	}
}

// TestACopyOfAMistakeElsewhereStaysWithItsOwn: one provider withdraws a result;
// another gave it under the same identifier, and gives a copy of it now. What stands
// there is one line, not two with one name.
func TestACopyOfAMistakeElsewhereStaysWithItsOwn(t *testing.T) {
	lab := func(id, status string) object {
		return identified(with(result(id, fhir.LOINC, "14682-9", "19", "umol/L", "2026-01-05T08:30:00+01:00"), "status", status), "x-100")
	}
	copied := with(lab("a", "final"), "extension", []any{object{"url": copyIndicator, "valueBoolean": true}})
	before := at("gp", "49", fhir.R4, lab("b", "final"))
	before[0].Fetched = caseT.AddDate(0, 0, -3)
	before[0].LastSeen, before[0].Gone = before[0].Fetched, caseT.AddDate(0, 0, -2)
	o := merged(t, at("ho", "49", fhir.R4, lab("a", "entered-in-error")), before, at("gp", "49", fhir.R4, copied))
	checkIDs(t, o)
	standing := 0
	for _, item := range o.Subject("lab") {
		if item.Section != History {
			standing++
			if len(item.Parts) != 2 || !slices.ContainsFunc(item.Conflicts, func(c Conflict) bool { return c.Code == "C-EIE" }) {
				t.Errorf("%d parts, conflicts %v", len(item.Parts), item.Conflicts)
			}
		}
	}
	if standing != 1 {
		t.Errorf("%d lines stand", standing)
	}
}
