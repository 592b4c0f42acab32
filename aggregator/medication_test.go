package aggregator

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// medicationCases carry the ids of merge.md 9.4 where there is one.
func medicationCases() []struct {
	id   string
	sets [][]fhir.Record
	want string
} {
	gp := func(r ...object) []fhir.Record { return at("gp", "49", fhir.R4, r...) }
	ph := func(r ...object) []fhir.Record { return at("ph", "35", fhir.R4, r...) }
	ho := func(r ...object) []fhir.Record { return at("ho", "48", fhir.R4, r...) }
	own := func(r ...object) []fhir.Record { return at(fhir.Self, "", fhir.R4, r...) }
	since := "2025-12-01"
	ma := func(id, prk string) rx {
		return agreement(id, prk).period(since, "").registered("2025-12-01T09:00:00+01:00")
	}
	ta := func(id, prk string) rx {
		return administration(id, prk).period(since, "").registered("2025-12-01T10:00:00+01:00")
	}
	return []struct {
		id   string
		sets [][]fhir.Record
		want string
	}{
		{"MED-01 agreement and administration that points at it", [][]fhir.Record{
			gp(ma("a", "111").ident("MA1").object), ph(ta("b", "111").follows("authorizingPrescription", "MA1").object),
		}, "current gp/a+ph/b"},
		{"MED-02 plain request and administration without relation", [][]fhir.Record{
			gp(plain("a", "111").period(since, "").object), ph(ta("b", "111").object),
		}, "current gp/a+ph/b"},
		{"MED-03 the same with another dose", [][]fhir.Record{
			gp(plain("a", "111").period(since, "").object), ph(ta("b", "111").times(2).object),
		}, "current gp/a C-DOSE [dose-differs]\ncurrent ph/b C-DOSE [dose-differs]"},
		{
			"MED-04 two prescribers",
			[][]fhir.Record{gp(ma("a", "111").object), ho(ma("b", "111").object)},
			"current gp/a C-DUP [two-prescribers]\ncurrent ho/b C-DUP [two-prescribers]",
		},
		{"MED-05 two strengths of one substance", [][]fhir.Record{
			gp(ma("a", "111").named("METOPROLOL 50MG").object), ho(ma("b", "222").named("METOPROLOL 100MG").object),
		}, "current gp/a C-DOSE [strength-differs]\ncurrent ho/b C-DOSE [strength-differs]"},
		{"MED-08 scheduled and as needed", [][]fhir.Record{
			gp(ma("a", "111").treatment("t1").object, ma("b", "111").asNeeded().treatment("t2").object),
		}, "current gp/a [as-needed-beside]\ncurrent gp/b [as-needed-beside]"},
		{"MED-13 a stop registered in the same second", [][]fhir.Record{gp(
			ma("a", "111").treatment("t").object,
			agreement("b", "111").treatment("t").period(since, "2026-01-10").registered("2025-12-01T09:00:00+01:00").stop("410546004").object,
		)}, "recent gp/a+gp/b"},
		{"MED-15 a stop with another start ends nothing", [][]fhir.Record{gp(
			ma("a", "111").treatment("t").object,
			agreement("b", "111").treatment("t").period("2025-11-01", "2026-01-10").registered("2026-01-10T09:00:00+01:00").stop("410546004").object,
		)}, "current gp/a+gp/b C-STOP"},
		{"MED-16 paused and started again", [][]fhir.Record{gp(
			ma("a", "111").treatment("t").object,
			agreement("b", "111").treatment("t").period(since, "2025-12-26").registered("2025-12-26T09:00:00+01:00").stop("385655000").object,
			agreement("c", "111").treatment("t").period("2026-01-10", "").registered("2026-01-10T09:00:00+01:00").object,
		)}, "current gp/a+gp/b+gp/c"},
		{"MED-17 paused", [][]fhir.Record{gp(
			ma("a", "111").treatment("t").object,
			agreement("b", "111").treatment("t").period(since, "2025-12-26").registered("2025-12-26T09:00:00+01:00").stop("385655000").object,
		)}, "paused gp/a+gp/b"},
		{"MED-20 a start far ahead is planned", [][]fhir.Record{gp(agreement("a", "111").period("2026-05-15", "").object)}, "planned gp/a"},
		{"MED-22 a period that simply ran out", [][]fhir.Record{gp(agreement("a", "111").period("2026-01-01", "2026-01-14").object)}, "recent gp/a"},
		{"MED-23 two months and a day ago", [][]fhir.Record{gp(agreement("a", "111").period("2025-01-01", "2025-11-14").object)}, "past gp/a"},
		{"MED-26 a use that says not taken changes no class", [][]fhir.Record{gp(
			ma("a", "111").treatment("t").object,
			with(use("b", "111").treatment("t").asserted("2026-01-14").object, "status", "not-taken"),
		)}, "current gp/a+gp/b C-NOT-TAKEN"},
		{"MED-28 use only, a year ago", [][]fhir.Record{gp(use("a", "111").asserted("2025-01-20").object)}, "current gp/a"},
		{"MED-28 use only, fourteen months ago", [][]fhir.Record{gp(use("a", "111").asserted("2024-11-10").object)}, "unclear gp/a"},
		{"MED-31 hand-overs are one row", [][]fhir.Record{ph(
			handover("a", "111", "2025-11-01", 30).object, handover("b", "111", "2025-12-01", 30).object, handover("c", "111", "2026-01-01", 30).object,
		)}, "current ph/a+ph/b+ph/c"},
		{"MED-32 handed over half a year ago", [][]fhir.Record{ph(handover("a", "111", "2025-07-15", 30).object)}, "unclear ph/a"},
		{"MED-43 equal start, the later registration counts", [][]fhir.Record{gp(
			agreement("a", "111").treatment("t").period(since, "").registered("2025-12-01T10:00:00+01:00").object,
			agreement("b", "111").treatment("t").period(since, "").registered("2025-12-01T10:05:00+01:00").times(2).object,
		)}, "current gp/a+gp/b"},
		{"MED-46 stopped at the hospital, still at the pharmacy", [][]fhir.Record{
			ho(ma("a", "111").treatment("t").object,
				agreement("b", "111").treatment("t").period(since, "2026-01-10").registered("2026-01-10T09:00:00+01:00").stop("410546004").object),
			ph(ta("c", "111").object),
		}, "current ph/c C-STOP [stopped-differs]\nrecent ho/a+ho/b C-STOP [stopped-differs]"},
		{"MED-47 paused at one, current at another", [][]fhir.Record{
			gp(ma("a", "111").treatment("t").object,
				agreement("b", "111").treatment("t").period(since, "2026-01-10").registered("2026-01-10T09:00:00+01:00").stop("385655000").object),
			ho(ma("c", "111").object),
		}, "current ho/c C-PAUSED-CURRENT [paused-differs]\npaused gp/a+gp/b C-PAUSED-CURRENT [paused-differs]"},
		{"MED-49 active after its end", [][]fhir.Record{
			gp(with(plain("a", "111").period("2025-06-01", "2025-12-31").object, "authoredOn", "2026-01-10")),
		}, "current gp/a C-STATUS"},
		{"MED-51 own entry beside a prescription", [][]fhir.Record{
			gp(ma("a", "111").named("IBUPROFEN 400MG").object), own(with(with(plain("b", "111").object, "medicationCodeableConcept", object{"text": "Ibuprofen 400"}), "resourceType", "MedicationStatement")),
		}, "current gp/a [own-beside]\ncurrent self/b [own-beside]"},
		{"MED-59 one prescription, two pharmacies: no arbitrary pair", [][]fhir.Record{
			gp(plain("a", "111").period(since, "").object), ph(ta("b", "111").object), at("ph2", "35", fhir.R4, ta("c", "111").object),
		}, "current gp/a [same-list]\ncurrent ph/b [same-list]\ncurrent ph2/c [same-list]"},
		{"MED-61 an unknown modifier blocks the merge", [][]fhir.Record{
			gp(plain("a", "111").period(since, "").ext("modifierExtension", "unknown-thing", "valueBoolean", true).object), ph(ta("b", "111").object),
		}, "current gp/a C-MODIFIER [same-list]\ncurrent ph/b [same-list]"},
		{"MED-62 an order to the pharmacy alone", [][]fhir.Record{
			gp(with(with(agreement("a", "111").object, "category", []any{concept(fhir.SNOMED, "52711000146108", "")}), "authoredOn", "2026-01-05")),
		}, "unclear gp/a"},
		{"MED-65 an allergy to what is in use", [][]fhir.Record{
			gp(ma("a", "111").named("AMOXICILLINE 500MG").object, allergyTo("x", fhir.SNK, "23167", "AMOXICILLINE", "active", "")),
		}, "current gp/a C-ALLERGY"},
		{"MED-68 an end before the start", [][]fhir.Record{gp(agreement("a", "111").period("2026-01-10", "2026-01-01").object)}, "unclear gp/a C-DATE"},
		{"MED-72 an old list blocks nothing", [][]fhir.Record{
			gp(plain("a", "111").period(since, "").object), ph(ta("b", "111").object),
			ho(with(plain("c", "111").period("2019-01-01", "2019-06-01").object, "status", "completed")),
		}, "current gp/a+ph/b [same-substance]\npast ho/c [same-substance]"},
	}
}

func TestMedicationCases(t *testing.T) {
	for _, c := range medicationCases() {
		t.Run(c.id, func(t *testing.T) {
			if got := shape(merged(t, c.sets...), "medication"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestMedicationDoesNotDependOnOrder is P1 on every case.
func TestMedicationDoesNotDependOnOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range medicationCases() {
		var all []fhir.Record
		for _, s := range c.sets {
			all = append(all, s...)
		}
		for range 20 {
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			if got := shape(merged(t, all), "medication"); got != c.want {
				t.Errorf("%s: order changes the outcome:\n%s", c.id, got)
			}
		}
	}
}

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
