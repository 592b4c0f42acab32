package aggregator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// changeLines sums up changes: kind, title, fields.
func changeLines(changes []Change) []string {
	lines := []string{}
	for _, c := range changes {
		line := fmt.Sprintf("%s %s", c.Kind, c.Title)
		for _, f := range c.Fields {
			line += fmt.Sprintf("; %s: %s -> %s", f.Field, f.Before, f.After)
		}
		if c.ByTime {
			line += " (time)"
		}
		lines = append(lines, plainSpaces(line))
	}
	return lines
}

func open(v *vault) *Overview {
	v.keep(GateRule{Wait: WaitNot, At: caseT})
	return v.overview().View(me)
}

func TestChanges(t *testing.T) {
	med := func(r rx) []fhir.Record { return at("gp", "49", fhir.R4, r.named("MIDDEL").object) }
	lab := func(value, status string) []fhir.Record {
		return at("ho", "48", fhir.R4, with(result("l", fhir.LOINC, "14682-9", value, "umol/L", recently), "status", status))
	}
	running := plain("a", "1").period("2025-12-01", "")
	for name, c := range map[string]struct {
		before, after [][]fhir.Record
		want          []string
	}{
		"nothing":   {[][]fhir.Record{med(running), lab("85", "final")}, [][]fhir.Record{lab("85", "final"), med(running)}, []string{}},
		"new":       {nil, [][]fhir.Record{med(running)}, []string{"new MIDDEL"}},
		"erased":    {[][]fhir.Record{med(running)}, nil, []string{"removed MIDDEL"}},
		"a dose":    {[][]fhir.Record{med(running)}, [][]fhir.Record{med(plain("a", "1").period("2025-12-01", "").times(2))}, []string{"changed MIDDEL; detail: 1 keer per dag 1 stuk -> 2 keer per dag 1 stuk"}},
		"corrected": {[][]fhir.Record{lab("85", "final")}, [][]fhir.Record{lab("86", "corrected")}, []string{"corrected Kreatinine; detail: 85 µmol/L -> 86 µmol/L"}},
		"withdrawn": {[][]fhir.Record{lab("85", "final")}, [][]fhir.Record{lab("85", "entered-in-error")}, []string{"corrected Kreatinine; section: result -> history"}},
		"stopped":   {[][]fhir.Record{med(running)}, [][]fhir.Record{med(plain("a", "1").period("2025-12-01", "2026-01-10"))}, []string{"stopped MIDDEL; end:  -> 2026-01-10; section: current -> recent"}},
		"a difference": {
			[][]fhir.Record{med(running)},
			[][]fhir.Record{med(running), at("ho", "49", fhir.R4, plain("b", "1").named("MIDDEL").period("2025-12-01", "").times(2).object)},
			[]string{"changed MIDDEL; conflict:  -> Twee zorgverleners schreven dit voor. Misschien staat het er dubbel. Vraag uw apotheker of u beide moet gebruiken.; conflict:  -> Uw zorgverleners hebben een andere sterkte of dosering staan. Vraag uw apotheker welke klopt.", "new MIDDEL"},
		},
		"other ids": {
			[][]fhir.Record{at("gp", "49", fhir.R4, plain("a", "1").ident("R-100").named("MIDDEL").period("2025-12-01", "").object)},
			[][]fhir.Record{at("gp", "49", fhir.R4, plain("z", "1").ident("R-100").named("MIDDEL").period("2025-12-01", "").object)},
			[]string{},
		},
		"people": {nil, [][]fhir.Record{at("gp", "49", fhir.R4, object{"resourceType": "Organization", "id": "o", "name": "Praktijk"})}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := open(newVault(t, c.before...)), open(newVault(t, c.after...))
			if diff := cmp.Diff(c.want, changeLines(Changes(before, after, after))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestADecisionIsAChange of the record, made by the person.
func TestADecisionIsAChange(t *testing.T) {
	v := newVault(t, ownMedicineOf("o", "middel 1"), gpMedicine("g", "1", "MIDDEL 1"))
	apart := v.overview()
	v.must(v.decider().Join(v.of("self", "o"), v.of("gp", "g")))
	joined := v.overview()
	if diff := cmp.Diff([]string{"joined MIDDEL 1"}, changeLines(Changes(apart, joined, joined))); diff != "" {
		t.Error(diff)
	}
	if got := changeLines(Changes(joined, apart, apart)); len(got) != 1 || !strings.HasPrefix(got[0], "separated") {
		t.Errorf("%q", got)
	}
}

// TestOpeningIsNoChange: what a closed result says does not get out by way of
// what changed.
func TestOpeningIsNoChange(t *testing.T) {
	closed := newVault(t, secretResult("gp", "1", recently))
	before, after := closed.overview().View(me), open(closed)
	if got := Changes(before, after, after); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestTimeAloneChangesOnlySections: between two moments at which the same was
// known, only an item in another section is told, as the work of time.
func TestTimeAloneChangesOnlySections(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := randomVault(t, rt)
		v.records = append(v.records, gpMedicine("x", "9", "MIDDEL X")...)
		v.records[len(v.records)-1] = at("gp", "49", fhir.R4, plain("x", "9").named("MIDDEL X").period("2025-12-01", "2026-02-01").object)[0]
		then := v.overview()
		v.in.AsOf = caseT.AddDate(0, 0, rapid.IntRange(0, 400).Draw(rt, "days"))
		now := v.overview()
		for _, c := range Changes(then, then, now) {
			if !c.ByTime || len(c.Fields) != 1 || c.Fields[0].Field != "section" {
				rt.Fatalf("%+v", c)
			}
		}
		late := v.in.AsOf.After(time.Date(2026, 2, 2, 0, 0, 0, 0, fhir.Amsterdam()))
		if got := len(Changes(then, then, now)) > 0; late && !got {
			rt.Fatal("a course that ran out is not told")
		}
		if n := len(Changes(now, now, now)); n != 0 {
			rt.Fatalf("%d changes between equals", n)
		}
	})
}
