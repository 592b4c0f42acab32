package fhir

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestDosageKeysThatAreEqual(t *testing.T) {
	for _, tc := range []struct{ name, a, b string }{
		{"STU3 and R4", daily1 + `,` + piece, daily1 + `,` + r4Dose("1", "stuk", "1", "245")},
		{"with and without translation", daily1 + `,` + ucumDose("1", "stuks", "1"), daily1 + `,` + piece},
		{"trailing zero", daily1 + `,` + stu3Dose("1.0", "stuk", "245"), daily1 + `,` + piece},
		{"day and 24 hours", daily2 + `,` + piece, repeat(`"frequency":2,"period":24,"periodUnit":"h"`) + `,` + piece},
		{"week and 7 days", repeat(`"frequency":1,"period":1,"periodUnit":"wk"`) + `,` + piece, repeat(`"frequency":1,"period":7.0,"periodUnit":"d"`) + `,` + piece},
		{"once is the default", repeat(`"period":8,"periodUnit":"h"`) + `,` + piece, repeat(`"frequency":1,"period":8,"periodUnit":"h"`) + `,` + piece},
		{"gram and milligram", daily1 + `,` + stu3Dose("1", "gram", "215"), daily1 + `,` + stu3Dose("1000", "mg", "229")},
		{"ml of either system", daily1 + `,` + stu3Dose("5", "milliliter", "233"), daily1 + `,` + ucumDose("5", "ml", "ml")},
		{"unit in words only", daily1 + `,"doseQuantity":{"value":1,"unit":"Stuk"}`, daily1 + `,` + piece},
		{"dose of either system", daily1 + `,` + stu3Dose("1", "dosis", "208"), daily1 + `,` + ucumDose("1", "Dosis", "1")},
		{"a range of one", daily1 + `,"doseRange":{"low":{"value":1,"unit":"stuk"},"high":{"value":1,"unit":"stuk"}}`, daily1 + `,` + piece},
		{"as needed in two forms", daily1 + `,` + piece + `,` + needed, daily1 + `,` + piece + `,"asNeededBoolean":true`},
		{"times in any order", repeat(`"timeOfDay":["20:00:00","08:00"]`) + `,` + piece, repeat(`"timeOfDay":["08:00:00","20:00:00"]`) + `,` + piece},
		{"days in any case", repeat(`"dayOfWeek":["FRI","mon"]`) + `,` + piece, repeat(`"dayOfWeek":["mon","fri"]`) + `,` + piece},
		{"frequency that counts the moments", repeat(`"frequency":1,"period":1,"periodUnit":"d","when":["EVE"]`) + `,` + piece, repeat(`"when":["EVE"]`) + `,` + piece},
		{"route is apart", daily1 + `,` + piece + `,"route":{"text":"oraal"}`, daily1 + `,` + piece},
		{"text is apart", daily1 + `,` + piece + `,"text":"anders"`, daily1 + `,` + piece},
		{
			"bounds in other units", repeat(`"frequency":1,"period":1,"periodUnit":"d","boundsDuration":{"value":1,"unit":"week"}`) + `,` + piece,
			repeat(`"frequency":1,"period":1,"periodUnit":"d","boundsDuration":{"value":7,"system":"`+UCUM+`","code":"d"}`) + `,` + piece,
		},
	} {
		a, b := dosage(t, tc.a), dosage(t, tc.b)
		if a.Key() != b.Key() || a.Key() == "" {
			t.Errorf("%s:\n%q\n%q", tc.name, a.Key(), b.Key())
		}
	}
}

func TestDosageKeysThatDiffer(t *testing.T) {
	base := daily1 + `,` + piece
	for _, tc := range []struct{ name, a, b string }{
		{"amount", base, daily1 + `,` + stu3Dose("2", "stuks", "245")},
		{"frequency", base, daily2 + `,` + piece},
		{"day and week", base, repeat(`"frequency":1,"period":1,"periodUnit":"wk"`) + `,` + piece},
		{"same total, other schedule", daily1 + `,` + stu3Dose("2", "stuks", "245"), daily2 + `,` + piece},
		{"as needed", base, base + `,"asNeededBoolean":true`},
		{"reason", base + `,` + pain, base + `,` + needed},
		{"piece and dose", base, daily1 + `,` + stu3Dose("1", "dosis", "208")},
		{"units and international units", daily1 + `,` + stu3Dose("1", "eenheid", "211"), daily1 + `,` + stu3Dose("1", "IE", "217")},
		{"at most", daily2 + `,` + piece, repeat(`"frequencyMax":2,"period":1,"periodUnit":"d"`) + `,` + piece},
		{"range of frequency", daily2 + `,` + piece, repeat(`"frequency":1,"frequencyMax":2,"period":1,"periodUnit":"d"`) + `,` + piece},
		{"morning and evening", repeat(`"when":["MORN"]`) + `,` + piece, repeat(`"when":["EVE"]`) + `,` + piece},
		{"days", repeat(`"dayOfWeek":["mon"]`) + `,` + piece, repeat(`"dayOfWeek":["tue"]`) + `,` + piece},
		{"exact", base, repeat(`"extension":[{"url":"`+timingExact+`","valueBoolean":true}],"frequency":1,"period":1,"periodUnit":"d"`) + `,` + piece},
		{"bounds", base, repeat(`"frequency":1,"period":1,"periodUnit":"d","boundsDuration":{"value":1,"unit":"week"}`) + `,` + piece},
		{"additional instruction", base, base + `,"additionalInstruction":[{"text":"bij het eten"}]`},
	} {
		a, b := dosage(t, tc.a), dosage(t, tc.b)
		if a.Key() == b.Key() || a.Key() == "" || b.Key() == "" {
			t.Errorf("%s:\n%q\n%q", tc.name, a.Key(), b.Key())
		}
	}
}

func TestDosageKeyIsEmptyWhenNothingCanBeCompared(t *testing.T) {
	for name, in := range map[string]string{
		"text only":                      `"text":"1d1t"`,
		"amount in the text":             `"text":"3D1T",` + daily3,
		"units contradict":               daily1 + `,` + stu3Dose("1", "stuk", "215"),
		"structure that is not complete": daily1 + `,` + piece + `,"timing2":{}`,
	} {
		if key := dosage(t, in).Key(); key != "" {
			t.Errorf("%s: %q", name, key)
		}
	}
}

func TestUnitConflict(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     bool
	}{
		{"gram coded, piece written", stu3Dose("1", "stuk", "215"), true},
		{"gram", stu3Dose("1", "Gram", "215"), false},
		{"ml coded, millimetre written", ucumDose("1", "millimeter", "ml"), true},
		{"one coded, gram written", ucumDose("1", "gram", "1"), true},
		{"one coded, tablet written", ucumDose("1", "tablet", "1"), false},
		{"milligram coded, microgram written", stu3Dose("1", "microgram", "229"), true},
		{"a word we do not know", stu3Dose("1", "schep", "233"), false},
		{"no code", `"doseQuantity":{"value":1,"unit":"stuk"}`, false},
		{"translation agrees", r4Dose("1", "stuk", "1", "245"), false},
		{"translation is another unit", r4Dose("1", "", "mL", "215"), true},
		{
			"translation is another amount", `"doseQuantity":{"value":1,"system":"` + UCUM + `","code":"1","extension":[{"url":"` + pqTranslation +
				`","valueQuantity":{"value":2,"system":"` + gStandaardUnits + `","code":"245"}}]}`, true,
		},
	} {
		if got := dosage(t, daily1+`,`+tc.in).UnitConflict(); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

func TestDailyTotal(t *testing.T) {
	for _, tc := range []struct {
		name, in, want string
	}{
		{"two times one", daily2 + `,` + piece, "2 1"},
		{"one time two", daily1 + `,` + stu3Dose("2", "stuks", "245"), "2 1"},
		{"every 8 hours", repeat(`"period":8,"periodUnit":"h"`) + `,` + piece, "3 1"},
		{"weekly", repeat(`"frequency":1,"period":1,"periodUnit":"wk"`) + `,` + piece, "1/7 1"},
		{"times", repeat(`"timeOfDay":["08:00","20:00"]`) + `,` + piece, "2 1"},
		{"as needed", daily2 + `,` + piece + `,"asNeededBoolean":true`, ""},
		{"range", repeat(`"frequency":1,"frequencyMax":2,"period":1,"periodUnit":"d"`) + `,` + piece, ""},
		{"some days", repeat(`"dayOfWeek":["mon"],"timeOfDay":["08:00"]`) + `,` + piece, ""},
		{"monthly", repeat(`"frequency":1,"period":1,"periodUnit":"mo"`) + `,` + piece, ""},
		{"text", `"text":"x"`, ""},
		{"units contradict", daily1 + `,` + stu3Dose("1", "stuk", "215"), ""},
	} {
		v, unit, ok := dosage(t, tc.in).DailyTotal()
		if got := fmt.Sprint(v, " ", unit); ok != (tc.want != "") || ok && v.RatString()+" "+unit != tc.want {
			t.Errorf("%s: %s, want %q", tc.name, got, tc.want)
		}
	}
	at := func(when string) string { return `"sequence":1,` + repeat(`"when":["`+when+`"]`) + `,` + piece }
	if v, _, ok := dosage(t, at("MORN"), at("EVE")).DailyTotal(); !ok || v.RatString() != "2" {
		t.Error("two steps at the same time")
	}
	if _, _, ok := dosage(t, `"sequence":1,`+daily1+`,`+piece, `"sequence":2,`+daily2+`,`+piece).DailyTotal(); ok {
		t.Error("steps one after the other have no one total")
	}
}

func TestRouteKey(t *testing.T) {
	coded := `"route":{"coding":[{"system":"` + routes + `","code":"9","display":"Oraal"}]}`
	a, b := dosage(t, coded), dosage(t, coded, coded)
	if a.RouteKey() != routes+"|9" || a.RouteKey() != b.RouteKey() || dosage(t, daily1).RouteKey() != "" {
		t.Errorf("%q %q", a.RouteKey(), b.RouteKey())
	}
}

func TestDosageKeyLaws(t *testing.T) {
	units := []struct{ code, ucum string }{{"245", "1"}, {"215", "g"}, {"229", "mg"}, {"233", "mL"}, {"211", "U"}}
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.SampledFrom([]string{"1", "0.5", "2", "10"}).Draw(rt, "value")
		unit := rapid.SampledFrom(units).Draw(rt, "unit")
		frequency := rapid.IntRange(1, 6).Draw(rt, "frequency")
		days := rapid.IntRange(1, 3).Draw(rt, "days")
		inDays := repeat(fmt.Sprintf(`"frequency":%d,"period":%d,"periodUnit":"d"`, frequency, days))
		inHours := repeat(fmt.Sprintf(`"frequency":%d,"period":%d,"periodUnit":"h"`, frequency, 24*days))
		a := dosage(t, inDays+`,`+stu3Dose(value, "", unit.code))
		b := dosage(t, inHours+`,`+r4Dose(value, "", unit.ucum, unit.code))
		if a.Key() == "" || a.Key() != b.Key() || a.UnitConflict() || b.UnitConflict() {
			rt.Fatalf("%q %q", a.Key(), b.Key())
		}
		x, unitX, okX := a.DailyTotal()
		y, unitY, okY := b.DailyTotal()
		if !okX || !okY || x.Cmp(y) != 0 || unitX != unitY {
			rt.Fatalf("totals of equal doses: %v %v", x, y)
		}
	})
}
