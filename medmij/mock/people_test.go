package mock

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bundel-pgo/bundel/fhir"
)

const family = `{"resourceType":"Bundle","entry":[
{"resource":{"resourceType":"Patient","id":"mother","name":[{"text":"M. Proef"}]}},
{"resource":{"resourceType":"Patient","id":"child","name":[{"given":["K."],"family":"Proef"}]}},
{"resource":{"resourceType":"Patient","id":"other"}},
{"resource":{"resourceType":"Observation","id":"o1","subject":{"reference":"Patient/mother"},"identifier":[{"value":"${UUID}"}]}},
{"resource":{"resourceType":"Observation","id":"o2","subject":{"reference":"Patient/child"}}},
{"resource":{"resourceType":"Observation","id":"o3","subject":{"reference":"Patient/other"}}},
{"resource":{"resourceType":"Task","id":"t1","owner":{"reference":"Patient/mother"}}},
{"resource":{"resourceType":"DocumentReference","id":"d1","subject":{"reference":"Patient/child"},"content":[{"attachment":{"url":"Binary/b1"}}]}},
{"resource":{"resourceType":"Binary","id":"b1"}},
{"resource":{"resourceType":"OperationOutcome","id":"x","meta":{"tag":[{"system":"https://github.com/bundel-pgo/bundel/mock","code":"served-with-Observation"},
 {"system":"https://github.com/bundel-pgo/bundel/mock","code":"of-child"},{"system":"https://elders.example","code":"of-other"}]}}}]}`

const tokens = `[{"accessToken":"Bearer one","resourceId":"mother","txOutcomeAckText":"Dank u"},{"accessToken":"Bearer one","resourceId":"child"},
{"accessToken":"Bearer none","resourceId":"nobody"},{"accessToken":"Bearer ","resourceId":"other"}]`

func familyWorld(t *testing.T, tokens string) (world, error) {
	t.Helper()
	return build(Config{Data: []fs.FS{fstest.MapFS{
		"a/family.json": {Data: []byte(family)}, "a/" + qualificationFile: {Data: []byte(tokens)},
	}}, Now: time.Now}.withDefaults())
}

func TestPatientsThatShareATokenAreOnePersona(t *testing.T) {
	w, err := familyWorld(t, tokens)
	if err != nil {
		t.Fatal(err)
	}
	want := []Persona{
		{ID: "child", Name: "K. Proef", Token: "one", Patients: []string{"child", "mother"}, ack: "Dank u"},
		{ID: "other", Name: "other", Patients: []string{"other"}},
	}
	opts := []cmp.Option{cmp.AllowUnexported(Persona{}), cmpopts.IgnoreFields(Persona{}, "Token")}
	if diff := cmp.Diff(want, w.personas, opts...); diff != "" {
		t.Errorf("personas (-want +got):\n%s", diff)
	}
	if w.personas[0].Token != "one" || len(w.personas[1].Token) != 36 {
		t.Errorf("tokens %q and %q", w.personas[0].Token, w.personas[1].Token)
	}
	if _, err := familyWorld(t, `{}`); err == nil {
		t.Error("tokens that are no list: no error")
	}
}

func TestWhoseARecordIs(t *testing.T) {
	w, err := familyWorld(t, tokens)
	if err != nil {
		t.Fatal(err)
	}
	l := w.libraries[key{dataProvider, fhir.STU3}]
	got := map[string]string{}
	for _, r := range l.records {
		got[r.Ref.String()] = r.owner
	}
	want := map[string]string{
		"Patient/mother": "mother", "Patient/child": "child", "Patient/other": "other", "Observation/o1": "mother", "Observation/o2": "child",
		"Observation/o3": "other", "Task/t1": "mother", "DocumentReference/d1": "child", "Binary/b1": "child", "OperationOutcome/x": "child",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
	both := l.patients(w.personas[0])
	if found := l.of(both, "Observation"); len(found) != 2 {
		t.Errorf("%d observations of mother and child", len(found))
	}
	if found := l.of(l.patients(w.personas[1]), "Observation"); len(found) != 1 || found[0].ID != "o3" {
		t.Errorf("of the other: %d", len(found))
	}
	if len(l.along["Observation"]) != 1 || !l.along["Observation"][0].visibleTo(both) || l.along["Observation"][0].visibleTo([]string{"other"}) {
		t.Error("what comes along is of the wrong person")
	}
}

func TestAReplacedRecordIsFoundAndTheOldLibraryStays(t *testing.T) {
	w, err := familyWorld(t, tokens)
	if err != nil {
		t.Fatal(err)
	}
	l := w.libraries[key{dataProvider, fhir.STU3}]
	changed := l.replaced(newRecord([]byte(`{"resourceType":"Task","id":"t1","status":"accepted"}`), fhir.STU3))
	status := func(l *library) string { return l.of([]string{"mother"}, "Task")[0].node.Str("status") }
	if status(changed) != "accepted" || status(l) != "" {
		t.Errorf("status %q now, %q before", status(changed), status(l))
	}
	if len(changed.records) != len(l.records) || len(changed.byRef) != len(l.byRef) {
		t.Error("more than one record was changed")
	}
}
