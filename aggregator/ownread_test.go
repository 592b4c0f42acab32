package aggregator

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestWhatIsReadIsWhatWasTyped: an entry survives the way through its record,
// so a form that is opened again holds what was in it.
func TestWhatIsReadIsWhatWasTyped(t *testing.T) {
	kinds := []string{"bloodpressure", "heartrate", "pulse", "weight", "height", "temperature", "oxygen", "respiration", "glucose", "medicine", "allergy", "note"}
	word := rapid.StringMatching(`[a-zA-Z0-9é"<]{1,12}`)
	rapid.Check(t, func(t *rapid.T) {
		e := OwnEntry{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Confirmed: true, ID: fhir.NewUUID()}
		e.At = caseT.Add(-time.Duration(rapid.IntRange(0, 1e6).Draw(t, "minutes")) * time.Minute).Truncate(time.Second)
		e.Note = rapid.SampledFrom([]string{"", "na het eten"}).Draw(t, "note")
		switch e.Kind {
		case "bloodpressure":
			e.Value = fmt.Sprintf("%d/%d", rapid.IntRange(125, 200).Draw(t, "upper"), rapid.IntRange(40, 120).Draw(t, "lower"))
		case "medicine", "allergy":
			e.Value, e.Detail, e.Confirmed = word.Draw(t, "value"), word.Draw(t, "detail"), false
		case "note":
			e.Value, e.Note, e.Confirmed = word.Draw(t, "value"), "", false
		case "glucose":
			e.Timing = rapid.SampledFrom([]string{"", "fasting", "after-meal"}).Draw(t, "timing")
			e.Value = fmt.Sprintf("%d.%02d", rapid.IntRange(3, 19).Draw(t, "whole"), rapid.IntRange(0, 99).Draw(t, "part"))
		default:
			low, high := Limits(e.Kind)
			var from, to float64
			fmt.Sscanf(low+" "+high, "%g %g", &from, &to)
			e.Value = fmt.Sprint(rapid.IntRange(int(from)+2, int(to)).Draw(t, "value"))
		}
		r, question, err := NewOwn(e, caseT)
		if err != nil || question != "" {
			t.Fatalf("%s: %q %v", e.Kind, question, err)
		}
		got, ok := ReadOwn(r)
		if !ok || !got.At.Equal(e.At) {
			t.Fatalf("%s: read %v at %v", e.Kind, ok, got.At)
		}
		got.At = e.At
		if diff := cmp.Diff(e, got); diff != "" {
			t.Fatalf("(-typed +read):\n%s", diff)
		}
	})
}

// TestWhatIsNoEntryIsNotRead: choices, targets and the person's own Patient.
func TestWhatIsNoEntryIsNotRead(t *testing.T) {
	self, err := NewSelf(fhir.Node{})
	if err != nil {
		t.Fatal(err)
	}
	goal, err := Target{Analyte: "kreat", Name: "Kreatinine", Below: "100"}.Resource()
	if err != nil {
		t.Fatal(err)
	}
	rule, err := GateRule{Kind: KindLab, Wait: WaitNot, At: caseT}.Resource()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []fhir.Resource{self, goal, rule, fhir.Parse([]byte(`{"resourceType":"Observation","id":"1","valueQuantity":{"value":1}}`), fhir.R4)} {
		if _, ok := ReadOwn(r); ok {
			t.Errorf("a %s was read as an entry", r.Type)
		}
	}
}

// TestEntriesAreComparedWithEarlierOnes is merge.md 6.1 and 6.2: it asks, and
// never blocks.
func TestEntriesAreComparedWithEarlierOnes(t *testing.T) {
	day := 24 * time.Hour
	kept := func(kind, value string, ago, stored time.Duration) OwnKept {
		return OwnKept{OwnEntry{Kind: kind, Value: value, At: caseT.Add(-ago), ID: "x"}, caseT.Add(-stored)}
	}
	child := fhir.ParseDate(caseT.AddDate(-10, 0, 0).Format(time.DateOnly))
	for _, c := range []struct {
		name        string
		kind, value string
		id          string
		kept        []OwnKept
		born        fhir.Date
		question    string
	}{
		{name: "nothing before", kind: "weight", value: "80"},
		{name: "a tenth is not more than a tenth", kind: "weight", value: "88", kept: []OwnKept{kept("weight", "80", day, day)}},
		{name: "more than a tenth", kind: "weight", value: "88.1", kept: []OwnKept{kept("weight", "80", day, day)}, question: AskJump},
		{name: "less by more than a tenth", kind: "weight", value: "71.9", kept: []OwnKept{kept("weight", "80", day, day)}, question: AskJump},
		{name: "two weeks", kind: "weight", value: "92", kept: []OwnKept{kept("weight", "80", 14*day, day)}, question: AskJump},
		{name: "longer ago", kind: "weight", value: "92", kept: []OwnKept{kept("weight", "80", 15*day, day)}},
		{name: "the last one counts", kind: "weight", value: "92", kept: []OwnKept{kept("weight", "80", 9*day, day), kept("weight", "91", day, day)}},
		{name: "a later one does not", kind: "weight", value: "92", kept: []OwnKept{kept("weight", "80", -day, day)}},
		{name: "another kind does not", kind: "pulse", value: "92", kept: []OwnKept{kept("weight", "80", day, day)}},
		{name: "an adult does not grow", kind: "height", value: "176", kept: []OwnKept{kept("height", "172", 3000*day, day)}, question: AskJump},
		{name: "by three centimetres at most", kind: "height", value: "175", kept: []OwnKept{kept("height", "172", 3000*day, day)}},
		{name: "a child does", kind: "height", value: "130", kept: []OwnKept{kept("height", "120", 300*day, day)}, born: child},
		{name: "typed twice", kind: "pulse", value: "70", kept: []OwnKept{kept("pulse", "70", 0, 59*time.Second)}, question: AskTwice},
		{name: "a minute later", kind: "pulse", value: "70", kept: []OwnKept{kept("pulse", "70", 0, time.Minute)}},
		{name: "another value", kind: "pulse", value: "71", kept: []OwnKept{kept("pulse", "70", 0, time.Second)}},
		{name: "the entry itself", kind: "weight", value: "120", id: "x", kept: []OwnKept{kept("weight", "80", day, time.Second)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := OwnEntry{Kind: c.kind, Value: c.value, ID: c.id}
			r, question, err := NewOwnBeside(e, OwnBefore{Kept: c.kept, Born: c.born}, caseT)
			if err != nil || question != c.question || (r.Type != "") != (question == "") {
				t.Fatalf("%q, %v, %q", question, err, r.Type)
			}
			e.Confirmed = true
			r, question, err = NewOwnBeside(e, OwnBefore{Kept: c.kept, Born: c.born}, caseT)
			if err != nil || question != "" || r.Type == "" {
				t.Fatalf("a yes is not taken: %q, %v", question, err)
			}
			if got, _ := ReadOwn(r); c.question == AskTwice && got.Confirmed {
				t.Error("a second equal value is called unusual")
			}
		})
	}
}

func TestNobodyMeasuresBeforeTheyAreBorn(t *testing.T) {
	born := fhir.ParseDate("2000-05-01")
	e := OwnEntry{Kind: "weight", Value: "80", At: born.Low().Add(-time.Minute)}
	if _, _, err := NewOwnBeside(e, OwnBefore{Born: born}, caseT); !errors.Is(err, ErrBirth) {
		t.Errorf("got %v", err)
	}
}

func TestTargetsAreReadBack(t *testing.T) {
	at := fhir.ParseDate("2026-05-01").Low()
	for _, c := range []struct {
		name string
		t    Target
		err  error
	}{
		{"below", Target{Analyte: "hba1c", Name: "HbA1c", Unit: "mmol/mol", Below: "64", At: at}, nil},
		{"above, with words", Target{Analyte: "ferr", Name: "Ferritine", Unit: "µg/L", Above: "30.5", Words: "boven de 30", At: at}, nil},
		{"between", Target{Analyte: "inr", Name: "INR", Above: "2.0", Below: "3.0", At: at}, nil},
		{"a pressure", Target{Analyte: "bloodpressure", Name: "Bloeddruk", Unit: "mmHg", Below: "140", Beside: "90", At: at}, nil},
		{"turned round", Target{Analyte: "inr", Name: "INR", Above: "3", Below: "2", At: at}, ErrImpossible},
		{"the lower pressure above the upper", Target{Analyte: "bloodpressure", Below: "90", Beside: "140", At: at}, ErrImpossible},
		{"only the lower pressure", Target{Analyte: "bloodpressure", Beside: "90", At: at}, ErrEmpty},
		{"of nothing", Target{Below: "64", At: at}, ErrEmpty},
		{"no number", Target{Analyte: "inr", Below: "laag", At: at}, ErrNumber},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := c.t.Resource()
			if !errors.Is(err, c.err) {
				t.Fatal(err)
			}
			if err != nil {
				return
			}
			got, ok := ReadTarget(r)
			got.ID = ""
			if diff := cmp.Diff(c.t, got, cmp.Comparer(time.Time.Equal)); !ok || diff != "" {
				t.Errorf("(-stored +read):\n%s", diff)
			}
		})
	}
}
