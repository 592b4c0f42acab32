package aggregator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

var me = Viewer{At: caseT}

const recently = "2026-01-10T08:00:00+01:00"

// secretResult is a result whose every word is a secret.
func secretResult(source, id, when string) []fhir.Record {
	r := result(id, fhir.LOINC, "geheim-"+id, "9"+fmt.Sprint(len(id))+"7.31", "mmol/L", when)
	r["note"] = []any{object{"text": "geheim-noot-" + id}}
	return at(source, "48", fhir.R4, r)
}

func gatedCount(o *Overview) int {
	n := 0
	for _, item := range o.Items {
		if item.Section == Gated {
			n++
		}
	}
	return n
}

// TestWhatTheGateCovers: new results of others, not what was old when it came,
// not what the person measured, and letters only when the person says so.
func TestWhatTheGateCovers(t *testing.T) {
	report := func(code string) object {
		return object{"resourceType": "DiagnosticReport", "id": "1", "status": "final", "issued": recently, "code": object{"text": "x"}, "category": concept("http://hl7.org/fhir/v2/0074", code, "")}
	}
	letter := object{"resourceType": "DocumentReference", "id": "1", "status": "current", "description": "Brief", "date": recently}
	lab := func(when string) object { return result("1", fhir.LOINC, "14682-9", "85", "umol/L", when) }
	undated := lab("")
	delete(undated, "effectiveDateTime")
	weight := object{"resourceType": "Observation", "id": "1", "status": "final", "category": []any{concept(fhir.ObservationCategory, "vital-signs", "")}, "code": concept(fhir.LOINC, "29463-7", "Gewicht"), "effectiveDateTime": recently}
	for name, c := range map[string]struct {
		source   string
		resource object
		rules    []GateRule
		closed   bool
	}{
		"a new result":               {"gp", lab(recently), nil, true},
		"30 days when it came":       {"gp", lab("2025-12-16T12:00:00+01:00"), nil, true},
		"old when it came":           {"gp", lab("2025-12-16T10:00:00+01:00"), nil, false},
		"without a date":             {"gp", undated, nil, true},
		"an own measurement":         {fhir.Self, lab(recently), nil, false},
		"a weight":                   {"gp", weight, nil, false},
		"a report":                   {"gp", report("XX"), nil, true},
		"imaging":                    {"gp", report("RAD"), []GateRule{{Kind: KindLab, Wait: WaitNot}}, true},
		"imaging, open":              {"gp", report("RAD"), []GateRule{{Kind: KindImaging, Wait: WaitNot}}, false},
		"tissue":                     {"gp", report("PAT"), []GateRule{{Kind: KindPathology, Wait: WaitNot}}, false},
		"DNA":                        {"gp", report("GE"), []GateRule{{Kind: KindDNA, Wait: WaitNot}}, false},
		"a letter":                   {"gp", letter, nil, false},
		"a letter, all closed":       {"gp", letter, []GateRule{{Wait: WaitNever}}, false},
		"a letter, when chosen":      {"gp", letter, []GateRule{{Kind: KindLetter, Wait: WaitAsk}}, true},
		"a medicine":                 {"gp", plain("1", "1").object, nil, false},
		"open for all":               {"gp", lab(recently), []GateRule{{Wait: WaitNot}}, false},
		"a kind before all":          {"gp", lab(recently), []GateRule{{Wait: WaitNot}, {Kind: KindLab, Wait: WaitAsk}}, true},
		"another kind":               {"gp", lab(recently), []GateRule{{Wait: WaitNot}, {Kind: KindDNA, Wait: WaitAsk}}, false},
		"strictest of kind, source":  {"gp", lab(recently), []GateRule{{Kind: KindLab, Wait: WaitNot}, {Source: "medmij:gp@medmij", Wait: WaitNever}}, true},
		"another source":             {"gp", lab(recently), []GateRule{{Kind: KindLab, Wait: WaitNot}, {Source: "medmij:ho@medmij", Wait: WaitNever}}, false},
		"after days that are over":   {"gp", lab(recently), []GateRule{{Wait: WaitDays, Days: 0}}, false},
		"after days to come":         {"gp", lab(recently), []GateRule{{Wait: WaitDays, Days: 7}}, true},
		"after a day that is over":   {"gp", lab(recently), []GateRule{{Wait: WaitUntil, Until: fhir.ParseDate("2026-01-14")}}, false},
		"on the day itself":          {"gp", lab(recently), []GateRule{{Wait: WaitUntil, Until: fhir.ParseDate("2026-01-15")}}, true},
		"a word of a newer program":  {"gp", lab(recently), []GateRule{{Wait: "later"}}, true},
		"a rule that was taken back": {"gp", lab(recently), []GateRule{{Wait: WaitNot, Off: true}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, at(c.source, "48", fhir.R4, c.resource))
			for _, rule := range c.rules {
				rule.At = caseT
				v.keep(rule)
			}
			if closed := gatedCount(v.overview().View(me)) > 0; closed != c.closed {
				t.Errorf("closed: %v", closed)
			}
		})
	}
}

// TestOpeningIsAChoiceForWhatIsThere: a record that comes later asks again; a
// correction of the same record does not.
func TestOpeningIsAChoiceForWhatIsThere(t *testing.T) {
	v := newVault(t, at("gp", "48", fhir.R4, identified(result("1", fhir.LOINC, "14682-9", "85", "umol/L", recently), "R-100")))
	rule, err := v.decider().Wait(v.overview().Items[0].ID, GateRule{Wait: WaitNot})
	if err != nil {
		t.Fatal(err)
	}
	v.keep(rule)
	if gatedCount(v.overview().View(me)) != 0 {
		t.Fatal("still closed")
	}
	corrected := at("gp", "48", fhir.R4, identified(result("1", fhir.LOINC, "14682-9", "86", "umol/L", recently), "R-100"))[0]
	corrected.Number, corrected.Fetched = 2, corrected.Fetched.Add(time.Minute)
	v.records = append(v.records, corrected)
	if gatedCount(v.overview().View(me)) != 0 {
		t.Error("a correction closes it")
	}
	v.records = append(v.records, at("ho", "48", fhir.R4, identified(result("9", fhir.LOINC, "14682-9", "86", "umol/L", recently), "R-100"))...)
	if o := v.overview(); len(o.Items) != 1 || gatedCount(o.View(me)) != 1 {
		t.Errorf("%d items, %d closed", len(o.Items), gatedCount(o.View(me)))
	}
	if _, err := v.decider().Wait("lab:aaaaaaaaaaaa", GateRule{}); !errors.Is(err, ErrNoItem) {
		t.Error(err)
	}
}

// TestTheLastChoiceForAnItemCounts, whichever was stricter.
func TestTheLastChoiceForAnItemCounts(t *testing.T) {
	v := newVault(t, secretResult("gp", "1", recently))
	id := v.overview().Items[0].ID
	for i, want := range []struct {
		wait   Wait
		closed int
	}{{WaitNot, 0}, {WaitNever, 1}, {WaitNot, 0}} {
		rule, err := v.decider().Wait(id, GateRule{Wait: want.wait})
		if err != nil {
			t.Fatal(err)
		}
		rule.At = caseT.Add(time.Duration(i) * time.Minute)
		v.keep(rule)
		v.records[len(v.records)-1].Number = i + 1
		v.records[len(v.records)-1].Fetched = rule.At
		if got := gatedCount(v.overview().View(me)); got != want.closed {
			t.Errorf("%s: %d closed", want.wait, got)
		}
	}
}

// TestWhoLooksAlong sees no more than the person, and less when their own rules
// say so.
func TestWhoLooksAlong(t *testing.T) {
	v := newVault(t, secretResult("gp", "1", recently))
	v.keep(GateRule{Wait: WaitNot, At: caseT})
	o := v.overview()
	for name, c := range map[string]struct {
		viewer Viewer
		closed int
	}{
		"the person":                {me, 0},
		"stricter rules":            {Viewer{At: caseT, Rules: []GateRule{{Wait: WaitAsk}}}, 1},
		"a child, five days old":    {Viewer{At: caseT, Child: true}, 1},
		"a child, a week later":     {Viewer{At: caseT.AddDate(0, 0, 7), Child: true}, 0},
		"weaker rules open nothing": {Viewer{At: caseT, Rules: []GateRule{{Wait: WaitNot}}}, 0},
	} {
		if got := gatedCount(o.View(c.viewer)); got != c.closed {
			t.Errorf("%s: %d closed", name, got)
		}
	}
	v.keep(GateRule{Wait: WaitNever, Kind: KindLab, At: caseT})
	if got := gatedCount(v.overview().View(Viewer{At: caseT, Rules: []GateRule{{Wait: WaitNot}}})); got != 1 {
		t.Error("somebody who looks along sees more than the person")
	}
}

// TestAnOpenTwinTellsNothing: neither that a closed result is the same, nor
// that it differs.
func TestAnOpenTwinTellsNothing(t *testing.T) {
	for name, value := range map[string]string{"same": "85", "other": "99"} {
		v := newVault(t,
			at("gp", "48", fhir.R4, result("1", fhir.LOINC, "14682-9", "85", "umol/L", recently)),
			at("ho", "48", fhir.R4, result("2", fhir.LOINC, "14682-9", value, "umol/L", recently)))
		rule, err := v.decider().Wait(v.of("gp", "1"), GateRule{Wait: WaitNot})
		if err != nil {
			t.Fatal(err)
		}
		v.keep(rule)
		o := v.overview()
		open := itemWith(o.View(me), Part{Source: "medmij:gp@medmij", Type: "Observation", ID: "1"})
		if len(itemWith(o, Part{Source: "medmij:gp@medmij", Type: "Observation", ID: "1"}).Conflicts)+len(itemWith(o, Part{Source: "medmij:gp@medmij", Type: "Observation", ID: "1"}).Fields) < 2 {
			t.Fatalf("%s: no sign of a twin to hide", name)
		}
		if open.Section != Found || len(open.Conflicts) != 0 || open.Fields["possibleCopy"].Text != "" {
			t.Errorf("%s: %+v", name, open)
		}
	}
}

// TestNothingLeaks is the law of the gate: for any rules and results no word of
// what is closed is in the view, in what a search finds, in an explanation or
// in a change; the rest is there; and a view of a view is the same view.
func TestNothingLeaks(t *testing.T) {
	lawChecks(t, func(rt *rapid.T) {
		v := newVault(t, gpMedicine("m", "1", "MIDDEL"))
		n := rapid.IntRange(1, 5).Draw(rt, "results")
		for i := range n {
			day := rapid.SampledFrom([]string{recently, "2026-01-09T08:00:00+01:00", "2020-01-01T08:00:00+01:00"}).Draw(rt, "when")
			v.records = append(v.records, secretResult(rapid.SampledFrom([]string{"gp", "ho"}).Draw(rt, "source"), strings.Repeat("q", i+1), day)...)
		}
		for range rapid.IntRange(0, 3).Draw(rt, "rules") {
			v.keep(GateRule{
				Kind: rapid.SampledFrom([]string{"", KindLab, KindDNA}).Draw(rt, "kind"), Source: rapid.SampledFrom([]string{"", "medmij:ho@medmij"}).Draw(rt, "of"),
				Wait: rapid.SampledFrom([]Wait{WaitNot, WaitAsk, WaitNever, WaitDays}).Draw(rt, "wait"), Days: rapid.IntRange(0, 9).Draw(rt, "days"), At: caseT,
			})
		}
		full := v.overview()
		view := full.View(me)
		if diff := cmp.Diff(bytesOf(t, view), bytesOf(t, view.View(me))); diff != "" {
			rt.Fatalf("a view of a view is another: %s", diff)
		}
		if len(view.Items) != len(full.Items) {
			rt.Fatal("an item is missing")
		}
		all := everythingSaid(t, v, view)
		for _, item := range full.Items {
			shown, _ := view.Find(item.ID)
			secret := strings.TrimPrefix(item.Title, "test ")
			_, facts := shown.Value.(*Closed)
			switch {
			case shown.Section != Gated && shown.Title != item.Title:
				rt.Fatalf("open, but changed: %+v", shown)
			case shown.Section == Gated && strings.Contains(all, `"`+secret+`"`):
				rt.Fatal("a name leaks")
			case shown.Section == Gated && (leaks(all, item.Title) || leaks(all, item.Detail) || leaks(all, item.Fields["value"].Text)):
				rt.Fatalf("%q leaks", item.Title)
			case shown.Section == Gated && (shown.Group != "" || !facts || len(shown.Fields)+len(shown.Conflicts) > 0):
				rt.Fatalf("closed, but says %+v", shown)
			}
		}
	})
}

// TestWhatIsSaidOfWhatIsClosed: the kind, from when days count, and what the
// person chose, so that they can choose otherwise.
func TestWhatIsSaidOfWhatIsClosed(t *testing.T) {
	issued := fhir.ParseDate(recently).Low()
	for name, c := range map[string]struct {
		rule GateRule
		want Closed
	}{
		"nothing chosen": {GateRule{Off: true}, Closed{}},
		"a choice later": {GateRule{Wait: WaitAsk}, Closed{}},
		"never":          {GateRule{Wait: WaitNever}, Closed{Never: true}},
		"days":           {GateRule{Kind: KindLab, Wait: WaitDays, Days: 7}, Closed{Opens: issued.AddDate(0, 0, 7)}},
		"a day":          {GateRule{Source: "medmij:gp@medmij", Wait: WaitUntil, Until: fhir.ParseDate("2026-02-01")}, Closed{Opens: fhir.ParseDate("2026-02-01").High()}},
	} {
		t.Run(name, func(t *testing.T) {
			r := result("1", fhir.LOINC, "14682-9", "85", "umol/L", recently)
			r["issued"] = recently
			v := newVault(t, at("gp", "48", fhir.R4, r))
			c.rule.At = caseT
			v.keep(c.rule)
			c.want.Kind, c.want.Issued = KindLab, issued
			if diff := cmp.Diff(&c.want, v.overview().View(me).Items[0].Value); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// leaks looks for a text as a whole word: titles begin with one another.
func leaks(all, text string) bool {
	for _, part := range strings.Split(all, text)[1:] {
		if !strings.HasPrefix(part, "q") {
			return text != ""
		}
	}
	return false
}

// everythingSaid is all that can be had of a view.
func everythingSaid(t testing.TB, v *vault, view *Overview) string {
	said := []any{view, NewIndex(view).Search("test geheim noot mmol", 100), NewIndex(view).Search("test", 100)}
	empty := newVault(t)
	said = append(said, Changes(empty.overview().View(me), view, view))
	for _, item := range view.Items {
		said = append(said, view.Explain(item, "nl"), view.Explain(item, "en"))
	}
	raw, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestNothingIsDecidedAboutWhatIsClosed: the answers would tell what it is.
func TestNothingIsDecidedAboutWhatIsClosed(t *testing.T) {
	v := newVault(t, secretResult("gp", "1", recently), secretResult("ho", "1", recently))
	ids := []string{v.of("gp", "1"), v.of("ho", "1")}
	d := v.decider()
	_, join := d.Join(ids[0], ids[1])
	_, apart := d.Separate(ids[0], ids[1])
	_, seen := d.Dismiss(ids[0], "C-LAB-VALUE")
	for name, err := range map[string]error{"join": join, "separate": apart, "dismiss": seen} {
		if !errors.Is(err, ErrGated) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAGateRuleSurvivesItsResource, and a rule for the same results is a new
// version of it.
func TestAGateRuleSurvivesItsResource(t *testing.T) {
	lawChecks(t, func(rt *rapid.T) {
		want := GateRule{
			Kind: rapid.SampledFrom([]string{"", KindLab}).Draw(rt, "kind"), Source: rapid.SampledFrom([]string{"", "medmij:x@medmij"}).Draw(rt, "source"),
			Wait: rapid.SampledFrom([]Wait{WaitNot, WaitDays, WaitUntil, WaitAsk, WaitNever}).Draw(rt, "wait"), Days: rapid.IntRange(0, 30).Draw(rt, "days"),
			Until: fhir.ParseDate(rapid.SampledFrom([]string{"", "2026-06-21"}).Draw(rt, "until")), At: caseT, Off: rapid.Bool().Draw(rt, "off"),
		}
		r, err := want.Resource()
		if err != nil {
			rt.Fatal(err)
		}
		got := readGateRule(&entry{root: r.Node()})
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }), cmp.Comparer(func(a, b fhir.Date) bool { return a.String() == b.String() })); diff != "" {
			rt.Fatal(diff)
		}
		other := want
		other.Wait, other.Off, other.At = WaitAsk, !want.Off, caseT.Add(time.Hour)
		again, err := other.Resource()
		if err != nil || again.ID != r.ID {
			rt.Fatalf("another resource: %v", err)
		}
	})
}

// TestClosedComesFirstInItsSubject, in an order that tells nothing.
func TestClosedComesFirstInItsSubject(t *testing.T) {
	v := newVault(t, gpMedicine("m", "1", "MIDDEL"), secretResult("gp", "b", recently), secretResult("ho", "a", "2020-01-01"), secretResult("ho", "c", "2026-01-12T08:00:00+01:00"))
	var order []string
	for _, item := range v.overview().View(me).Items {
		order = append(order, string(item.Section)+" "+item.When)
	}
	if want := []string{"current 2025-12-01", "gated 2026-01-12", "gated 2026-01-10", "result 2020-01-01"}; !slices.Equal(order, want) {
		t.Errorf("%q", order)
	}
}
