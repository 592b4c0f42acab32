package share

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// everyType is a form with each type of question and each sort of condition.
const everyType = `{"resourceType":"Questionnaire","id":"f","title":"Alles","item":[
{"linkId":"g","type":"group","text":"Groep","item":[
 {"linkId":"smokes","type":"boolean","required":true},
 {"linkId":"much","type":"integer","required":true,"enableWhen":[{"question":"smokes","answerBoolean":true}],
  "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/minValue","valueInteger":1},{"url":"http://hl7.org/fhir/StructureDefinition/maxValue","valueInteger":60}]},
 {"linkId":"why","type":"string","maxLength":5,"enableWhen":[{"question":"much","hasAnswer":true}]}]},
{"linkId":"read","type":"display","text":"Lees dit"},
{"linkId":"c","type":"choice","repeats":true,"option":[{"valueCoding":{"code":"a","display":"A","userSelected":true}},{"valueCoding":{"system":"urn:x","code":"b","display":"B"}}]},
{"linkId":"o","type":"open-choice","option":[{"valueString":"ja"}]},
{"linkId":"dec","type":"decimal"},{"linkId":"day","type":"date"},{"linkId":"at","type":"dateTime"},{"linkId":"t","type":"time"},
{"linkId":"u","type":"url"},{"linkId":"q","type":"quantity","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-unit","valueCoding":{"code":"kg"}}]},
{"linkId":"file","type":"attachment"}]}`

func formOf(raw string, v fhir.Version) Form {
	return ReadForm(fhir.Parse([]byte(raw), v).Node(), "Questionnaire/f")
}

func TestAnswersAreChecked(t *testing.T) {
	f := formOf(everyType, fhir.STU3)
	if !f.Answerable() || f.Title != "Alles" || len(f.Questions) != 11 {
		t.Fatalf("form %q, %d questions", f.Title, len(f.Questions))
	}
	no := func(more ...string) Given {
		g := Given{"smokes": {"false"}}
		for i := 0; i < len(more); i += 2 {
			g[more[i]] = append(g[more[i]], more[i+1])
		}
		return g
	}
	for name, c := range map[string]struct {
		given Given
		want  []Fault
	}{
		"nothing":                {Given{}, []Fault{{"smokes", FaultRequired}}},
		"only spaces":            {Given{"smokes": {"  "}}, []Fault{{"smokes", FaultRequired}}},
		"no":                     {no(), nil},
		"yes, and the next":      {Given{"smokes": {"true"}}, []Fault{{"much", FaultRequired}}},
		"below":                  {Given{"smokes": {"true"}, "much": {"0"}}, []Fault{{"much", FaultRange}}},
		"at the bound":           {Given{"smokes": {"true"}, "much": {"60"}}, nil},
		"above":                  {Given{"smokes": {"true"}, "much": {"61"}}, []Fault{{"much", FaultRange}}},
		"not whole":              {Given{"smokes": {"true"}, "much": {"1.5"}}, []Fault{{"much", FaultType}}},
		"too long":               {Given{"smokes": {"true"}, "much": {"2"}, "why": {"zesmin"}}, []Fault{{"why", FaultLength}}},
		"not asked, so no fault": {no("why", "veel te lang", "much", "1000"), nil},
		"two of several":         {no("c", "a", "c", "b"), nil},
		"no option":              {no("c", "z"), []Fault{{"c", FaultOption}}},
		"own words":              {no("o", "soms"), nil},
		"two of one":             {no("o", "ja", "o", "soms"), []Fault{{"o", FaultSeveral}}},
		"decimal with a comma":   {no("dec", "36,60"), nil},
		"no decimal":             {no("dec", "1e3"), []Fault{{"dec", FaultType}}},
		"no day":                 {no("day", "31-12-2026"), []Fault{{"day", FaultType}}},
		"a month is no day":      {no("day", "2026-06"), []Fault{{"day", FaultType}}},
		"no time":                {no("t", "25:00"), []Fault{{"t", FaultType}}},
		"no address":             {no("u", "javascript:x"), []Fault{{"u", FaultType}}},
		"a text to read":         {no("read", "x"), []Fault{{"read", FaultUnknown}}},
		"a question of nowhere":  {no("zzz", "x"), []Fault{{"zzz", FaultUnknown}}},
		"a file":                 {no("file", "x"), []Fault{{"file", FaultType}}},
	} {
		if diff := cmp.Diff(append([]Fault{}, c.want...), f.Check(c.given)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestConditionsOfR4(t *testing.T) {
	when := func(operator, answer, behavior string) Form {
		return formOf(`{"resourceType":"Questionnaire","item":[{"linkId":"a","type":"integer"},{"linkId":"b","type":"integer"},{"linkId":"x","type":"string","enableBehavior":"`+behavior+`",
"enableWhen":[{"question":"a","operator":"`+operator+`","answer`+answer+`},{"question":"b","operator":"exists","answerBoolean":true}]}]}`, fhir.R4)
	}
	for name, c := range map[string]struct {
		form  Form
		given Given
		want  bool
	}{
		"all, one holds":    {when(">", `Integer":9`, "all"), Given{"a": {"10"}}, false},
		"all, both hold":    {when(">", `Integer":9`, "all"), Given{"a": {"10"}, "b": {"1"}}, true},
		"any, one holds":    {when(">", `Integer":9`, "any"), Given{"a": {"10"}}, true},
		"as a number":       {when("<", `Integer":9`, "any"), Given{"a": {"10"}}, false},
		"at least":          {when(">=", `Integer":10`, "any"), Given{"a": {"10"}}, true},
		"at most":           {when("<=", `Integer":9`, "any"), Given{"a": {"10"}}, false},
		"not equal":         {when("!=", `Integer":9`, "any"), Given{"a": {"9"}}, false},
		"exists not":        {when("exists", `Boolean":false`, "any"), Given{}, true},
		"unknown operators": {when("~", `Integer":9`, "any"), Given{"a": {"9"}}, false},
	} {
		if got := c.form.Asked(c.given, "x"); got != c.want {
			t.Errorf("%s: asked %v", name, got)
		}
	}
}

// TestAnAnswerThatIsNoLongerAskedSwitchesNothingOn goes down a chain.
func TestAnAnswerThatIsNoLongerAskedSwitchesNothingOn(t *testing.T) {
	f := formOf(everyType, fhir.STU3)
	g := Given{"smokes": {"false"}, "much": {"5"}, "why": {"x"}}
	if f.Asked(g, "much") || f.Asked(g, "why") {
		t.Error("asked because of an answer that does not count")
	}
	a := Answered{Form: f, Given: g, At: since}
	r, err := a.Record("answers-1", true)
	if err != nil || bytes.Contains(r.Bytes(), []byte("much")) {
		t.Errorf("an answer that is not asked is written: %v", err)
	}
}

const aTask = `{ "resourceType":"Task","id":"t1","meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/vl-QuestionnaireProvisioningTask"]},
 "status" : "completed","for":{"reference":"Patient/p","display":"Anna"},"weight":1.50}`

func answered(task string) Answered {
	return Answered{
		Form: formOf(everyType, fhir.STU3), At: since, Task: fhir.Parse([]byte(task), fhir.STU3),
		Given: Given{"smokes": {"false"}, "c": {"a", "b"}, "dec": {"36,60"}, "at": {"2026-06-01T08:30"}, "t": {"08:30"}, "q": {"81.40"}},
	}
}

func TestAnswersKeepTheTaskAsItWas(t *testing.T) {
	m, err := Answers(self(t), answered(aTask))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(m.Bytes, []byte(`1.50`)) || !bytes.Contains(m.Bytes, []byte(`"value":81.40`)) || !bytes.Contains(m.Bytes, []byte("36.60")) {
		t.Error("digits were changed")
	}
	bundle := fhir.Parse(m.Bytes, fhir.STU3).Node()
	task, response := bundle.All("entry")[0], bundle.All("entry")[1]
	if to := task.Str("resource", "output", "valueReference", "reference"); to != response.Str("fullUrl") {
		t.Errorf("the output leads to %q", to)
	}
	if got := response.Str("resource", "subject", "reference"); got != "Patient/p" {
		t.Errorf("the person is %q, not as the provider names them", got)
	}
	choices := response.Get("resource").All("item")[1].All("answer")
	if len(choices) != 2 || choices[1].Str("valueCoding", "system") != "urn:x" || choices[0].Str("valueCoding", "code") != "a" {
		t.Error("a choice is not given back as it was")
	}
}

func TestAnswersThatCannotBeSent(t *testing.T) {
	wrong := answered(aTask)
	wrong.Given = Given{}
	for name, c := range map[string]struct {
		a    Answered
		want error
	}{
		"not complete":      {wrong, ErrAnswers},
		"answered before":   {answered(strings.Replace(aTask, `"weight"`, `"output":[{}],"weight"`, 1)), ErrTask},
		"not completed":     {answered(strings.Replace(aTask, "completed", "accepted", 1)), ErrTask},
		"no task":           {answered(`{"resourceType":"Patient","id":"t1","status":"completed"}`), ErrTask},
		"a task with a BSN": {answered(strings.Replace(aTask, `"weight"`, `"identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}],"weight"`, 1)), ErrTask},
	} {
		if _, err := Answers(self(t), c.a); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADraftComesBackAsTyped(t *testing.T) {
	a := Answered{Form: formOf(everyType, fhir.STU3), Given: Given{"dec": {"abc"}, "c": {"a", "z"}}, At: since.Truncate(time.Second)}
	r, err := a.Record("answers-1", false)
	if err != nil {
		t.Fatal(err)
	}
	given, at, ok := ReadDraft(r)
	if diff := cmp.Diff(a.Given, given); diff != "" || !ok || !at.Equal(a.At) {
		t.Error(diff, at, ok)
	}
	done, err := a.Record("answers-1", true)
	if _, _, ok := ReadDraft(done); ok || err != nil {
		t.Error("what was sent can be changed")
	}
}

// FuzzForm: whatever a provider sends, reading, asking and writing end well.
func FuzzForm(f *testing.F) {
	f.Add(everyType, "true")
	f.Add(`{"item":[{"linkId":"a","enableWhen":[{"question":"a","hasAnswer":false}]}]}`, "x")
	f.Fuzz(func(t *testing.T, raw, answer string) {
		form := formOf(raw, fhir.STU3)
		g := Given{}
		each(form.Questions, func(q Question) { g[q.Link] = []string{answer} })
		_ = form.Check(g)
		r, err := Answered{Form: form, Given: g, At: since}.Record("answers-1", true)
		if err != nil || r.Flaw != "" {
			t.Errorf("written as %q: %v", r.Flaw, err)
		}
	})
}
