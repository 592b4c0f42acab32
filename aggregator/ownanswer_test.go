package aggregator

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// TestAnAnswerIsReadAsWritten: a new version of an answer is about the same
// records, and holds no word of what they say.
func TestAnAnswerIsReadAsWritten(t *testing.T) {
	about := StableRef{Provider: "medmij:gp@medmij", Kind: "medication", ID: "48|MedicationRequest|m", Facts: []Fact{{"dose", "k", "geheime dosis"}}}
	for name, e := range map[string]OwnEntry{
		"a use":   {Kind: "medicine", Value: "Metoprolol", Detail: "1 keer per dag", Codes: []fhir.Coding{{System: fhir.PRK, Code: "123", Display: "METOPROLOL"}}},
		"stopped": {Kind: "medicine", Value: "Metoprolol", Detail: "Ik gebruik dit niet meer", State: UseStopped},
		"unknown": {Kind: "medicine", Value: "Metoprolol", Detail: "Dat weet ik niet", State: UseUnknown},
		"a note":  {Kind: "note", Value: "Dit klopt niet"},
	} {
		e.ID, e.At, e.About = fhir.NewUUID(), caseT.UTC(), []StableRef{about}
		r, question, err := NewOwn(e, caseT)
		if err != nil || question != "" {
			t.Fatal(name, question, err)
		}
		if strings.Contains(string(r.Bytes()), "geheime") {
			t.Errorf("%s: the record holds what another says", name)
		}
		got, ok := ReadOwn(r)
		e.About = []StableRef{{Provider: about.Provider, Kind: about.Kind, ID: about.ID}}
		got.At = got.At.UTC()
		if diff := cmp.Diff(e, got); diff != "" || !ok {
			t.Errorf("%s (-written +read):\n%s", name, diff)
		}
	}
}

// TestInPlaceOf: other words are another answer to the same question.
func TestInPlaceOf(t *testing.T) {
	before := OwnEntry{Value: "Metoprolol", Detail: "gestopt", State: UseStopped, Codes: []fhir.Coding{{Code: "1"}}, About: []StableRef{{ID: "m"}}}
	for name, tc := range map[string]struct {
		e     OwnEntry
		state string
		codes int
	}{
		"the same":      {OwnEntry{Value: "Metoprolol", Detail: "gestopt"}, UseStopped, 1},
		"other words":   {OwnEntry{Value: "Metoprolol", Detail: "elke dag"}, "", 1},
		"another name":  {OwnEntry{Value: "Ibuprofen", Detail: "gestopt"}, UseStopped, 0},
		"all different": {OwnEntry{Value: "Ibuprofen", Detail: "elke dag"}, "", 0},
	} {
		got := tc.e.InPlaceOf(before)
		if got.State != tc.state || len(got.Codes) != tc.codes || len(got.About) != 1 {
			t.Errorf("%s: %q, %d codes, about %d", name, got.State, len(got.Codes), len(got.About))
		}
	}
}

// TestStrangersAreTold: who waits, whom the vault knows, and that a later word
// of the person takes the place of an earlier one. No number of a person is in it.
func TestStrangersAreTold(t *testing.T) {
	other := patient("q", "Bakker", "1980-01-01")
	other["identifier"] = []any{object{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "111222333"}}
	records := append([]fhir.Record{self(t)}, at("gp", "48", fhir.R4, other, condition(nil))...)
	decide := func(say func(*Decider) (Decision, error)) {
		t.Helper()
		s, err := Read(seq(records))
		if err != nil {
			t.Fatal(err)
		}
		who, err := s.Decider(Input{AsOf: caseT}, caseT, "")
		if err != nil {
			t.Fatal(err)
		}
		d, err := say(who)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.Resource()
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, fhir.Record{Resource: r, Origin: fhir.Origin{Source: fhir.Self}, Number: 1, Fetched: caseT})
	}
	told := func() []Stranger {
		t.Helper()
		o, err := Merge(seq(records), Input{AsOf: caseT})
		if err != nil {
			t.Fatal(err)
		}
		return o.Strangers
	}
	want := []Stranger{{
		Source: "medmij:gp@medmij", Records: 1, Said: []Identity{{BirthDate: "1980-01-01"}},
		Known: Identity{Name: "Anna de Vries", BirthDate: "1961-04-02"},
	}}
	got := told()
	if len(got) == 1 && len(got[0].Said) == 1 {
		want[0].Said[0].Name = got[0].Said[0].Name // as the reader of names puts it
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	deny := func(d *Decider) (Decision, error) { return d.Deny("medmij:gp@medmij") }
	decide(deny)
	if got := told(); len(got) != 1 || !got[0].Denied {
		t.Errorf("denied: %+v", got)
	}
	decide(func(d *Decider) (Decision, error) { return d.Accept("medmij:gp@medmij") })
	if got := told(); len(got) != 0 {
		t.Errorf("accepted: %+v", got)
	}
	decide(func(d *Decider) (Decision, error) { return d.Undo(2) })
	if got := told(); len(got) != 1 || !got[0].Denied {
		t.Errorf("undone: %+v", got)
	}
}

// TestAnAppointmentEndsInTime: whoever keeps an overview is told when an
// appointment is over.
func TestAnAppointmentEndsInTime(t *testing.T) {
	planned := object{"resourceType": "Appointment", "id": "a", "status": "booked", "start": caseT.AddDate(0, 0, 1).Format("2006-01-02T15:04:05-07:00")}
	records := at("gp", "48", fhir.R4, planned)
	o, err := Merge(seq(records), Input{AsOf: caseT})
	if err != nil {
		t.Fatal(err)
	}
	moments := o.Transitions()
	if len(moments) != 1 {
		t.Fatalf("%v", moments)
	}
	for after, want := range map[time.Duration]Section{-1: Planned, 0: Past} {
		o, err := Merge(seq(records), Input{AsOf: moments[0].Add(after)})
		if err != nil || o.Items[0].Section != want {
			t.Errorf("%d after: %s %v", after, o.Items[0].Section, err)
		}
	}
}
