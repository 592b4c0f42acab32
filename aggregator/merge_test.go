package aggregator

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestMergeNeedsAMoment(t *testing.T) {
	if _, err := Merge(seq(nil), Input{}); !errors.Is(err, ErrNoMoment) {
		t.Errorf("got %v", err)
	}
}

func TestMergeGivesUpWhenRecordsDo(t *testing.T) {
	broken := errors.New("disk")
	_, err := Merge(func(yield func(fhir.Record, error) bool) { yield(fhir.Record{}, broken) }, Input{AsOf: caseT})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestSameInputSameBytes is S13, P1 and P14 on the test person: any order of
// records and any time zone of the machine.
func TestSameInputSameBytes(t *testing.T) {
	records := annaRecords(t)
	bytesOf := func(records []fhir.Record, lang string) string {
		o, err := Merge(seq(records), Input{AsOf: moment0, Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	// Results are many and alike; a few of them are enough to shuffle.
	records = slices.DeleteFunc(records, func(r fhir.Record) bool { return r.Type == "Observation" && len(r.ID)%3 != 0 })
	want := bytesOf(records, "nl")
	rapid.Check(t, func(rt *rapid.T) {
		shuffled := rapid.Permutation(records).Draw(rt, "records")
		if got := bytesOf(shuffled, "nl"); got != want {
			rt.Fatalf("another order gives other bytes: %s", cmp.Diff(want, got))
		}
	})
	local := time.Local
	defer func() { time.Local = local }()
	time.Local = time.FixedZone("far", -11*3600)
	if got := bytesOf(records, "nl"); got != want {
		t.Error("the time zone of the machine shows")
	}
	if bytesOf(records, "en") == want {
		t.Error("English gives the same text as Dutch")
	}
}

func TestIDsSurviveANewSource(t *testing.T) {
	gp := at("gp", "49", fhir.R4, plain("a", "111").period("2025-12-01", "").object)
	before := merged(t, gp).Subject("medication")[0].ID
	after := merged(t, gp, at("aa", "35", fhir.R4, administration("b", "111").period("2025-12-01", "").object))
	item, ok := after.Find(before)
	if !ok || len(item.Parts) != 2 {
		t.Errorf("the item cannot be found under the id it had: %v", ok)
	}
	if _, ok := after.Find(item.Key()); !ok {
		t.Error("the bare key finds nothing")
	}
	if _, ok := after.Find("medication:zzzzzzzzzzzz"); ok {
		t.Error("an unknown id finds something")
	}
}

func patientNode(t *testing.T, name, family, birth string) fhir.Node {
	t.Helper()
	raw, err := json.Marshal(object{"resourceType": "Patient", "id": "x", "name": []any{object{"text": name, "family": family}}, "birthDate": birth})
	if err != nil {
		t.Fatal(err)
	}
	return fhir.Parse(raw, fhir.R4).Node()
}

func TestUnreadableRecordsAreListed(t *testing.T) {
	records := at("gp", "49", fhir.R4, object{"resourceType": "Sterrenbeeld", "id": "s"})
	records = append(records, fhir.Record{
		Resource: fhir.Parse([]byte(`{"resourceType":"Condition","id":"d","id":"e"}`), fhir.R4),
		Origin:   fhir.Origin{Source: "medmij:gp@medmij", Service: "49"}, Number: 1, Fetched: caseT,
	})
	o := merged(t, records)
	reasons := map[string]bool{}
	for _, u := range o.Unread {
		reasons[u.Reason] = true
	}
	if len(o.Unread) != 2 || !reasons["unknown-type"] || !reasons["duplicate-name"] {
		t.Errorf("unread %+v", o.Unread)
	}
}

func TestVersionsOfOneSnapshotBothShow(t *testing.T) {
	a := at("gp", "49", fhir.R4, allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", ""))
	b := at("gp", "49", fhir.R4, allergyTo("a", fhir.SNK, "4170", "PREDNISOLON", "active", ""))
	b[0].Number = 2
	o := merged(t, a, b)
	if got := shape(o, "allergy"); got != "active gp/a C-COLLISION\nactive gp/a C-COLLISION" {
		t.Errorf("got\n%s", got)
	}
}

func TestSourcesTellWhatCameAndWhatDidNot(t *testing.T) {
	receipt := func(outcomes ...fhir.Outcome) fhir.Receipt {
		r := fhir.Receipt{Origin: fhir.Origin{Source: "medmij:gp@medmij", Service: "49"}, Version: fhir.STU3, Finished: caseT}
		for i, o := range outcomes {
			r.Queries = append(r.Queries, fhir.QueryResult{Query: string(rune('z' - i)), Outcome: o})
		}
		return r
	}
	old := receipt(fhir.Failed)
	old.Finished = caseT.Add(-time.Hour)
	o, err := Merge(seq(nil), Input{
		AsOf: caseT, Receipts: []fhir.Receipt{receipt(fhir.OK, fhir.Failed), old},
		Providers: map[string]Provider{"medmij:gp@medmij": {Name: "De Linde", Kind: "gp"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Sources) != 1 || o.Sources[0].Outcome != fhir.Partial || o.Sources[0].Provider != "De Linde" || o.Sources[0].Queries[0].Query != "y" {
		t.Errorf("sources %+v", o.Sources)
	}
}

func TestTextsAreCompleteInBothLanguages(t *testing.T) {
	nl, en := dutch(), english()
	for name, pair := range map[string][2]map[string]string{
		"conflict": {nl.conflict, en.conflict}, "advice": {nl.advice, en.advice}, "category": {nl.category, en.category},
		"journal": {nl.journal, en.journal}, "types": {nl.types, en.types}, "rules": {nl.rules, en.rules}, "negation": {nl.negation, en.negation}, "sayings": {nl.sayings, en.sayings},
		"label": {nl.label, en.label}, "notice": {nl.notice, en.notice},
		"states": {nl.states, en.states}, "refusals": {nl.refusals, en.refusals}, "fields": {nl.fields, en.fields}, "hidden": {nl.hidden, en.hidden},
		"roles": {nl.roles, en.roles}, "words": {nl.words, en.words}, "kinds": {nl.kinds, en.kinds},
		"certainty": {nl.certainty, en.certainty}, "contact": {nl.contact, en.contact},
	} {
		for key, text := range pair[0] {
			if text == "" || pair[1][key] == "" {
				t.Errorf("%s %s is missing in a language", name, key)
			}
		}
		if len(pair[0]) != len(pair[1]) {
			t.Errorf("%s has %d Dutch and %d English texts", name, len(pair[0]), len(pair[1]))
		}
	}
	for name, saying := range nl.sayings {
		if got, want := strings.Count(en.sayings[name], "%"), strings.Count(saying, "%"); got != want {
			t.Errorf("saying %s has %d places in English and %d in Dutch", name, got, want)
		}
	}
	for _, advice := range adviceOrder {
		if nl.advice[advice] == "" {
			t.Errorf("advice %s has no text", advice)
		}
	}
}

// TestConflictCodesHaveTexts finds a code in the source without words.
func TestConflictCodesHaveTexts(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		src, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(src), `"C-`)[1:] {
			code, _, _ := strings.Cut("C-"+part, `"`)
			if dutch().conflict[code] == "" {
				t.Errorf("%s in %s has no words", code, f.Name())
			}
		}
	}
}

func TestExplainSaysWhyAndFromWhere(t *testing.T) {
	o := merged(t,
		at("gp", "49", fhir.R4, plain("a", "111").period("2025-12-01", "").object),
		at("ph", "35", fhir.R4, administration("b", "111").period("2025-12-01", "").object))
	for lang, want := range map[string]string{"nl": "zelfde medicijn, zelfde dosering", "en": "same medicine, same dose"} {
		x := o.Explain(o.Items[0], lang)
		if len(x.Joins) != 1 || !strings.Contains(x.Joins[0], want) || len(x.Parts) != 2 || len(x.Fields) == 0 {
			t.Errorf("%s: %+v", lang, x)
		}
	}
}

// TestNoListIsNull: a reader of the JSON form may loop over every list.
func TestNoListIsNull(t *testing.T) {
	for name, records := range map[string][]fhir.Record{"empty": nil, "anna": annaRecords(t)} {
		o, err := Merge(seq(records), Input{AsOf: moment0})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if i := bytes.Index(raw, []byte(":null")); i >= 0 {
			t.Errorf("%s: null after %s", name, raw[max(0, i-40):i])
		}
	}
}
