package fhir

import (
	"testing"
)

const (
	daily1 = `"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}}`
	daily2 = `"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}`
	daily3 = `"timing":{"repeat":{"frequency":3,"period":1,"periodUnit":"d"}}`
	pain   = `"asNeededCodeableConcept":{"coding":[{"system":"` + nhg25 + `","code":"1028","display":"bij pijn"}]}`
	needed = `"asNeededCodeableConcept":{"coding":[{"system":"` + nhg25 + `","code":"1137","display":"Zo nodig"}]}`
)

func stu3Dose(value, unit, code string) string {
	return `"doseQuantity":{"value":` + value + `,"unit":"` + unit + `","system":"` + gStandaardUnits + `","code":"` + code + `"}`
}

func ucumDose(value, unit, code string) string {
	return `"doseQuantity":{"value":` + value + `,"unit":"` + unit + `","system":"` + UCUM + `","code":"` + code + `"}`
}

// r4Dose is an amount as R4 has it: UCUM with the unit of table 902 beside it.
func r4Dose(value, unit, ucum, code string) string {
	return `"doseAndRate":[{"doseQuantity":{"extension":[{"url":"` + pqTranslation + `","valueQuantity":{"value":` + value + `,"unit":"` + unit +
		`","system":"` + gStandaardUnits + `","code":"` + code + `"}}],"value":` + value + `,"unit":"` + unit + `","system":"` + UCUM + `","code":"` + ucum + `"}}]`
}

func repeat(members string) string { return `"timing":{"repeat":{` + members + `}}` }

var piece = stu3Dose("1", "stuk", "245")

// dosage reads steps, each the members of one dosageInstruction.
func dosage(t testing.TB, steps ...string) Dosage {
	t.Helper()
	in := ""
	for i, s := range steps {
		if i > 0 {
			in += ","
		}
		in += "{" + s + "}"
	}
	return Dosages(node(t, `"dosageInstruction":[`+in+`]`), "dosageInstruction")
}

func TestDosageWordsFromStructure(t *testing.T) {
	for _, tc := range []struct{ in, nl, en string }{
		{daily1 + `,` + piece, "1 keer per dag 1 stuk", "1 time a day 1 piece"},
		{daily1 + `,` + stu3Dose("1", "tablet", "245"), "1 keer per dag 1 tablet", "1 time a day 1 tablet"},
		{daily2 + `,` + piece + `,` + pain, "2 keer per dag 1 stuk, bij pijn", "2 times a day 1 piece, for pain"},
		{
			repeat(`"frequency":3,"period":1,"periodUnit":"d","boundsDuration":{"value":7,"unit":"dag","system":"`+UCUM+`","code":"d"}`) + `,` + stu3Dose("1", "capsule", "245"),
			"3 keer per dag 1 capsule, 7 dagen", "3 times a day 1 capsule, 7 days",
		},
		{
			repeat(`"frequencyMax":4,"period":1,"periodUnit":"d"`) + `,` + piece + `,` + needed,
			"zo nodig, hoogstens 4 keer per dag 1 stuk", "as needed, at most 4 times a day 1 piece",
		},
		{daily1 + `,` + piece + `,"asNeededBoolean":true`, "zo nodig 1 keer per dag 1 stuk", "as needed 1 time a day 1 piece"},
		{daily1 + `,` + piece + `,"asNeededBoolean":false`, "1 keer per dag 1 stuk", "1 time a day 1 piece"},
		{piece + `,` + needed, "zo nodig 1 stuk", "as needed 1 piece"},
		{
			repeat(`"frequency":1,"frequencyMax":2,"period":1,"periodUnit":"d"`) + `,"doseRange":{"low":{"value":1,"unit":"stuk","system":"` + gStandaardUnits +
				`","code":"245"},"high":{"value":2,"unit":"stuks","system":"` + gStandaardUnits + `","code":"245"}}`,
			"1 à 2 keer per dag 1 à 2 stuks", "1 to 2 times a day 1 to 2 pieces",
		},
		{daily2 + `,` + r4Dose("0.5", "stuk", "1", "245"), "2 keer per dag 0,5 stuk", "2 times a day 0.5 piece"},
		{daily1 + `,` + r4Dose("2", "dosis", "1", "208"), "1 keer per dag 2 doses", "1 time a day 2 doses"},
		{daily1 + `,` + stu3Dose("0", "stuk", "245"), "1 keer per dag 0 stuks", "1 time a day 0 pieces"},
		{daily1 + `,` + ucumDose("10", "milliliter", "mL"), "1 keer per dag 10 ml", "1 time a day 10 ml"},
		{daily1 + `,` + ucumDose("1", "flacon", "1"), "1 keer per dag 1 flacon", "1 time a day 1 flacon"},
		{daily1 + `,` + ucumDose("50", "ug", "ug"), "1 keer per dag 50 µg", "1 time a day 50 µg"},
		{repeat(`"frequency":1,"period":3,"periodUnit":"wk"`) + `,` + piece, "1 keer per 3 weken 1 stuk", "1 time every 3 weeks 1 piece"},
		{repeat(`"period":12,"periodUnit":"h"`) + `,` + piece, "elke 12 uur 1 stuk", "every 12 hours 1 piece"},
		{
			repeat(`"extension":[{"url":"`+timingExact+`","valueBoolean":true}],"frequency":1,"period":8,"periodUnit":"h"`) + `,` + piece,
			"elke 8 uur 1 stuk", "every 8 hours 1 piece",
		},
		{repeat(`"period":1,"periodUnit":"h"`) + `,` + piece, "elk uur 1 stuk", "every hour 1 piece"},
		{repeat(`"frequency":2,"period":1,"periodUnit":"h"`) + `,` + piece, "2 keer per uur 1 stuk", "2 times an hour 1 piece"},
		{
			repeat(`"timeOfDay":["20:00:00","08:00:00","14:00:00"]`) + `,` + piece,
			"elke dag om 08:00, 14:00 en 20:00 uur 1 stuk", "every day at 08:00, 14:00 and 20:00 1 piece",
		},
		{
			repeat(`"frequency":1,"period":1,"periodUnit":"d","timeOfDay":["10:00:00"]`) + `,` + piece,
			"elke dag om 10:00 uur 1 stuk", "every day at 10:00 1 piece",
		},
		{repeat(`"when":["EVE"]`) + `,` + piece, "'s avonds 1 stuk", "in the evening 1 piece"},
		{repeat(`"when":["EVE","MORN"]`) + `,` + piece, "'s ochtends en 's avonds 1 stuk", "in the morning and in the evening 1 piece"},
		{
			repeat(`"dayOfWeek":["fri","mon"],"timeOfDay":["09:00:00"]`) + `,` + piece,
			"op maandag en vrijdag om 09:00 uur 1 stuk", "on Monday and Friday at 09:00 1 piece",
		},
		{
			daily3 + `,"additionalInstruction":[{"coding":[{"system":"` + nhg25 + `","code":"1018"}]},{"text":"Rechter oog"}]`,
			"3 keer per dag, aanbrengen, Rechter oog", "3 times a day, apply, Rechter oog",
		},
		{daily1 + `,` + piece + `,"route":{"coding":[{"system":"` + routes + `","code":"9","display":"Oraal"}]}`, "1 keer per dag 1 stuk", "1 time a day 1 piece"},
		{daily1 + `,` + piece + `,"route":{"coding":[{"display":"RECTAAL"}]}`, "1 keer per dag 1 stuk, rectaal", "1 time a day 1 piece, rectaal"},
		{daily1 + `,` + piece + `,"patientInstruction":"Met water"`, "1 keer per dag 1 stuk, Met water", "1 time a day 1 piece, Met water"},
		{
			repeat(`"frequency":1,"period":1,"periodUnit":"d","duration":16,"durationUnit":"h"`) + `,` + piece,
			"1 keer per dag 1 stuk, telkens 16 uur", "1 time a day 1 piece, each time for 16 hours",
		},
		{
			daily1 + `,` + piece + `,"maxDosePerPeriod":{"numerator":{"value":6,"unit":"stuk","system":"` + gStandaardUnits +
				`","code":"245"},"denominator":{"value":1,"unit":"dag","system":"` + UCUM + `","code":"d"}},"maxDosePerAdministration":{"value":2,"unit":"stuk"}`,
			"1 keer per dag 1 stuk, hoogstens 6 stuks per dag, hoogstens 2 stuks per keer", "1 time a day 1 piece, at most 6 pieces a day, at most 2 pieces each time",
		},
		{
			repeat(`"frequency":1,"period":1,"periodUnit":"d","boundsPeriod":{"start":"2025-05-01","end":"2025-05-07"}`) + `,` + piece,
			"1 keer per dag 1 stuk, vanaf 1\u00a0mei\u00a02025 tot en met 7\u00a0mei\u00a02025", "1 time a day 1 piece, from 1\u00a0May\u00a02025 until 7\u00a0May\u00a02025",
		},
		{
			repeat(`"frequency":1,"period":1,"periodUnit":"d","boundsRange":{"low":{"value":1,"unit":"week"},"high":{"value":2,"unit":"weken"}}`) + `,` + piece,
			"1 keer per dag 1 stuk, 1 à 2 weken", "1 time a day 1 piece, 1 to 2 weeks",
		},
		{
			`"rateRatio":{"numerator":{"value":0.5,"unit":"ml"},"denominator":{"value":1,"unit":"uur","system":"` + UCUM + `","code":"h"}}`,
			"0,5 ml per uur", "0.5 ml an hour",
		},
	} {
		d := dosage(t, tc.in)
		if got := d.Words("nl"); got != tc.nl {
			t.Errorf("nl %q, want %q", got, tc.nl)
		}
		if got := d.Words("en"); got != tc.en {
			t.Errorf("en %q, want %q", got, tc.en)
		}
	}
}

func TestDosageWordsOfSeveralSteps(t *testing.T) {
	week := `"boundsDuration":{"value":1,"unit":"week","system":"` + UCUM + `","code":"wk"}`
	first := `"sequence":1,` + repeat(`"frequency":1,"period":1,"periodUnit":"d",`+week) + `,` + piece
	then := `"sequence":2,` + daily2 + `,` + piece
	if got := dosage(t, then, first).Words("nl"); got != "eerst 1 keer per dag 1 stuk, 1 week, daarna 2 keer per dag 1 stuk" {
		t.Error(got)
	}
	morning, evening := `"sequence":1,`+repeat(`"when":["MORN"]`)+`,`+piece, `"sequence":1,`+repeat(`"when":["EVE"]`)+`,`+piece+`,`+pain
	if got := dosage(t, morning, evening).Words("en"); got != "in the morning 1 piece and in the evening 1 piece, for pain" {
		t.Error(got)
	}
	for name, steps := range map[string][]string{
		"a sequence on one only":   {first, daily2 + `,"text":"onze tekst",` + piece},
		"they last, but which one": {repeat(`"frequency":1,"period":1,"periodUnit":"d",`+week) + `,` + piece, daily2 + `,"text":"onze tekst",` + piece},
	} {
		if d := dosage(t, steps...); d.Words("nl") != "onze tekst" || d.Key() != "" {
			t.Errorf("%s: %q %q", name, d.Words("nl"), d.Key())
		}
	}
}

func TestDosageKeepsToTheTextWhenInDoubt(t *testing.T) {
	const text = `"text":" Volgens SCHEMA. ",`
	for _, tc := range []struct{ name, in string }{
		{"text only", `"sequence":1`},
		{"frequency without amount", daily1},
		{"amount without frequency", piece},
		{"modifier we do not know", daily1 + `,` + piece + `,"modifierExtension":[{"url":"http://x"}]`},
		{"element we do not know", daily1 + `,` + piece + `,"dosisje":"2"`},
		{"part of the day we do not know", repeat(`"when":["MORN.early"]`) + `,` + piece},
		{"moments", `"timing":{"event":["2025-01-01"]},` + piece},
		{"code for the timing alone", `"timing":{"code":{"text":"BID"}},` + piece},
		{"count", repeat(`"count":3,"frequency":1,"period":1,"periodUnit":"d"`) + `,` + piece},
		{"frequency without period", repeat(`"frequency":4`) + `,` + piece},
		{"frequency of a machine", repeat(`"frequency":100000,"period":1,"periodUnit":"d"`) + `,` + piece},
		{"period of nothing", repeat(`"frequency":1,"period":0,"periodUnit":"d"`) + `,` + piece},
		{"unit of the period we do not know", repeat(`"frequency":1,"period":1,"periodUnit":"maan"`) + `,` + piece},
		{"time that is none", repeat(`"timeOfDay":["8 uur"]`) + `,` + piece},
		{"amount below", daily1 + `,"doseQuantity":{"value":1,"comparator":"<","unit":"stuk"}`},
		{"amount that is no number", daily1 + `,"doseQuantity":{"value":"een","unit":"stuk"}`},
		{"two amounts", daily1 + `,"doseAndRate":[{"doseQuantity":{"value":1}},{"doseQuantity":{"value":2}}]`},
		{"unit in doubt", daily1 + `,` + stu3Dose("1", "stuk", "215")},
		{"range half open", daily1 + `,"doseRange":{"low":{"value":1,"unit":"stuk"}}`},
		{"cycle", daily1 + `,` + piece + `,"modifierExtension":[{"url":"` + cycleExtensions[0] + `","valueDuration":{"value":28,"unit":"d"}}]`},
	} {
		d := dosage(t, text+tc.in)
		for _, lang := range []string{"nl", "en"} {
			if got := d.Words(lang); got != "Volgens SCHEMA." {
				t.Errorf("%s: %q", tc.name, got)
			}
		}
		if d.TextKey() != "volgens schema" {
			t.Errorf("%s: text key %q", tc.name, d.TextKey())
		}
	}
}

func TestDosagesReadsTheResource(t *testing.T) {
	n := node(t, `"extension":[{"url":"`+renderedDosage+`","valueString":"Eén heel verhaal"}],
		"modifierExtension":[{"url":"`+cycleExtensions[1]+`","valueDuration":{"value":28,"unit":"dag","system":"`+UCUM+`","code":"d"}}],
		"dosageInstruction":[{`+daily1+`,`+piece+`}]`)
	d := Dosages(n, "dosageInstruction")
	if !d.Cyclic() || d.Cycle.Value != "28" || d.Words("en") != "Eén heel verhaal" || d.Text() != "Eén heel verhaal" {
		t.Errorf("%v %q", d.Cyclic(), d.Words("en"))
	}
	if plain := dosage(t, daily1+`,`+piece); plain.Key() == d.Key() || d.Key() == "" {
		t.Errorf("a cycle must be in the key: %q", d.Key())
	}
	silent := node(t, `"modifierExtension":[{"url":"`+cycleExtensions[1]+`","valueDuration":{"value":28,"unit":"dag","system":"`+UCUM+
		`","code":"d"}}],"dosageInstruction":[{`+daily1+`,`+piece+`}]`)
	if got := Dosages(silent, "dosageInstruction").Words("nl"); got != "1 keer per dag 1 stuk, steeds opnieuw na 28 dagen" {
		t.Error(got)
	}
	given := node(t, `"dosage":{"dose":{"value":2,"unit":"stuk","system":"`+gStandaardUnits+`","code":"245"}}`)
	if got := Dosages(given, "dosage").Words("nl"); got != "2 stuks" {
		t.Errorf("administration: %q", got)
	}
	if got := Dosages(node(t, `"dosage":["1d1t"]`), "dosage").Words("nl"); got != "1d1t" {
		t.Errorf("a bare text: %q", got)
	}
	twice := dosage(t, `"text":"zelfde"`, `"text":"zelfde"`)
	if twice.Text() != "zelfde" {
		t.Errorf("a text that is sent with every step: %q", twice.Text())
	}
	if d := Dosages(Node{}, "dosage"); !d.IsZero() || d.Words("nl") != "" || d.Key() != "" || d.TextKey() != "" || d.AsNeeded() {
		t.Error("the zero dosage says something")
	}
}

func TestDosageTablesHaveAllWords(t *testing.T) {
	for _, table := range [][]codeWords{weekdays, dayParts, instructions} {
		seen := map[string]bool{}
		for _, c := range table {
			if c.code == "" || c.nl == "" || c.en == "" || seen[c.code] {
				t.Errorf("code %q", c.code)
			}
			seen[c.code] = true
		}
	}
	for code, u := range doseUnits {
		if _, ok := ParseUnit(u.ucum); !ok || u.one == "" || u.more == "" || u.oneEn == "" || u.moreEn == "" {
			t.Errorf("unit %s", code)
		}
		if ucum, ok := wordUnit(u.one); !ok || ucum != u.ucum {
			t.Errorf("the word %q gives %q", u.one, ucum)
		}
	}
	for code := range periodWords {
		if !isDuration(Quantity{Value: "1", System: UCUM, Code: code}) {
			t.Errorf("period %s", code)
		}
	}
}
