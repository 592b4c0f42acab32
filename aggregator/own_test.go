package aggregator

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestOwnEntries(t *testing.T) {
	for _, c := range []struct {
		name, kind, value, timing string
		confirmed                 bool
		question                  string
		err                       error
	}{
		{name: "blood pressure", kind: "bloodpressure", value: "128/82"},
		{name: "OWN-04 upper below lower", kind: "bloodpressure", value: "80/120", err: ErrImpossible},
		{name: "unusual pressure asks", kind: "bloodpressure", value: "210/110", question: AskUnusual},
		{name: "unusual pressure confirmed", kind: "bloodpressure", value: "210/110", confirmed: true},
		{name: "OWN-05 glucose in mg/dL", kind: "glucose", value: "180", question: AskMgdl},
		{name: "glucose with a comma", kind: "glucose", value: "6,3", timing: "fasting"},
		{name: "OWN-06 too heavy", kind: "weight", value: "700", err: ErrImpossible},
		{name: "OWN-06 too light", kind: "weight", value: "0.2", err: ErrImpossible},
		{name: "OWN-07 metres", kind: "height", value: "1.80", question: AskMetres},
		{name: "OWN-12 comma", kind: "temperature", value: "36,6"},
		{name: "no number", kind: "weight", value: "veel", err: ErrNumber},
		{name: "empty", kind: "note", value: "  ", err: ErrEmpty},
		{name: "unknown kind", kind: "mood", value: "1", err: ErrKind},
		{name: "medicine", kind: "medicine", value: "Paracetamol 500 mg"},
		{name: "allergy", kind: "allergy", value: "pleister"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, question, err := NewOwn(OwnEntry{Kind: c.kind, Value: c.value, Timing: c.timing, Confirmed: c.confirmed}, caseT)
			if question != c.question || !errors.Is(err, c.err) {
				t.Fatalf("got question %q, error %v", question, err)
			}
			if stored := r.Type != ""; stored != (c.question == "" && c.err == nil) {
				t.Errorf("stored: %v", stored)
			}
		})
	}
}

// TestOwnEntryInTheFutureIsRefused is OWN-08.
func TestOwnEntryInTheFutureIsRefused(t *testing.T) {
	_, _, err := NewOwn(OwnEntry{Kind: "weight", Value: "80", At: caseT.Add(10 * time.Minute)}, caseT)
	if !errors.Is(err, ErrFuture) {
		t.Errorf("got %v", err)
	}
}

// TestOwnEntriesKeepDigitsAndAreMarked is OWN-12 and S10.
func TestOwnEntriesKeepDigitsAndAreMarked(t *testing.T) {
	r, _, err := NewOwn(OwnEntry{Kind: "temperature", Value: "36,60", At: caseT}, caseT)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(r.Bytes()), `"value":36.60`) {
		t.Error("the digits as typed are gone")
	}
	o, err := Merge(seq([]fhir.Record{{Resource: r, Origin: fhir.Origin{Source: fhir.Self}, Number: 1, Fetched: caseT}}), Input{AsOf: caseT})
	if err != nil {
		t.Fatal(err)
	}
	item := o.Subject("vital")[0]
	if !item.Own() || !item.Value.(*Result).Own || item.Author != "U zelf" {
		t.Errorf("own entry is not marked: %+v", item)
	}
}

// TestOxygenCarriesBothCodes is OWN-10.
func TestOxygenCarriesBothCodes(t *testing.T) {
	r, _, err := NewOwn(OwnEntry{Kind: "oxygen", Value: "97"}, caseT)
	if err != nil {
		t.Fatal(err)
	}
	code := r.Node().Get("code").Coded()
	if !code.Has(fhir.LOINC, "59408-5") || !code.Has(fhir.LOINC, "2708-6") {
		t.Errorf("codes %+v", code)
	}
}

// TestBreathingHasTheUnitOfTheStandard is OWN-11: the Nictiz test wants a unit
// in words between braces, per minute.
func TestBreathingHasTheUnitOfTheStandard(t *testing.T) {
	r, _, err := NewOwn(OwnEntry{Kind: "respiration", Value: "16"}, caseT)
	if err != nil {
		t.Fatal(err)
	}
	unit := r.Node().Get("valueQuantity").Str("unit")
	if !regexp.MustCompile(`^\{.+\}/min$`).MatchString(unit) {
		t.Errorf("unit %q", unit)
	}
}

func TestOwnNoteIsANote(t *testing.T) {
	r, _, err := NewOwn(OwnEntry{Kind: "note", Value: "vraag naar de uitslag"}, caseT)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Merge(seq([]fhir.Record{{Resource: r, Origin: fhir.Origin{Source: fhir.Self}, Number: 1, Fetched: caseT}}), Input{AsOf: caseT})
	if err != nil || len(o.Subject("note")) != 1 || o.Subject("note")[0].Detail != "vraag naar de uitslag" {
		t.Errorf("%v %+v", err, o.Items)
	}
}
