package share

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// ErrTask is returned for a request that cannot be answered: it cannot be read,
// has answers already, or would not go back as the provider wrote it.
var ErrTask = errors.New("share: this request cannot be answered")

// Answered is a questionnaire with the person's answers.
type Answered struct {
	Form  Form
	Given Given
	At    time.Time // when the person was done
	// Task is the provider's request with status "completed" and everything
	// else as it wrote it; its FullURL is its address.
	Task fhir.Resource
}

// Answers writes the transaction that service 60 takes: the Task completed,
// with the answers as its output, and the QuestionnaireResponse
// (data-services.md 1.9). The bytes of the Task stay as the provider wrote
// them. Errors: ErrAnswers, ErrTask, ErrHoldsBSN.
func Answers(person fhir.Record, a Answered) (Message, error) {
	if len(a.Form.Check(a.Given)) > 0 || !a.Form.Answerable() {
		return Message{}, ErrAnswers
	}
	given, err := json.Marshal(a.Given)
	if err != nil {
		return Message{}, fmt.Errorf("write answers: %w", err)
	}
	b := newBundle("transaction", string(KindAnswers), a.Task.ID, digestOf(a.Task.Bytes()), string(given), instant(a.At))
	urn := b.urn("answers")
	task, err := withOutput(a.Task, urn)
	if err != nil {
		return Message{}, err
	}
	who := subjectOf(a.Task.Node(), person)
	if who == nil {
		who = b.addPerson(person, fhir.STU3)
	}
	b.add("Task", 0, taskAddress(a.Task), "PUT", a.Task.String(), task)
	response := a.response()
	response["identifier"] = a.identifier()
	response["meta"] = profiled(nictiz + "vl-QuestionnaireResponse")
	response["questionnaire"] = pointer(a.Form.Ref, a.Form.title())
	response["subject"], response["author"], response["source"] = who, who, who
	b.create(0, urn, response)
	return b.message(KindAnswers)
}

// identifier is the same for every sending of answers to a request: by it the
// provider knows them again when they come a second time.
func (a Answered) identifier() map[string]any {
	return uri(newBundle("", string(KindAnswers), taskAddress(a.Task)).urn("answers"))
}

func (f Form) title() string { return firstNonEmpty(f.Title, "Questionnaire") }

// taskAddress is the fullUrl of an update: it ends with the id.
func taskAddress(task fhir.Resource) string {
	if bytes.HasSuffix([]byte(task.FullURL), []byte("/"+task.String())) {
		return task.FullURL
	}
	return "urn:bundel:" + task.String() // a provider that gave no addresses
}

// subjectOf is the person as the provider's own request names them.
func subjectOf(task fhir.Node, person fhir.Record) map[string]any {
	refs := []fhir.Node{task.Get("for"), task.Get("owner")}
	for _, in := range task.All("input") {
		if in.Str("type", "text") == "Subject" {
			refs = append([]fhir.Node{in.Get("valueReference")}, refs...)
		}
	}
	for _, r := range refs {
		if to := r.Str("reference"); to != "" {
			return pointer(to, firstNonEmpty(r.Str("display"), person.Node().Names("name"), "Patient"))
		}
	}
	return nil
}

// withOutput adds where the answers are to a Task, in front of what it holds.
func withOutput(task fhir.Resource, urn string) (json.RawMessage, error) {
	raw := task.Bytes()
	n := task.Node()
	switch {
	case task.Flaw != "" || task.Type != "Task" || len(raw) < 2 || raw[0] != '{':
		return nil, ErrTask
	case n.Get("output").Exists() || n.Str("status") != "completed" || task.Masked > 0:
		return nil, ErrTask
	}
	output, err := json.Marshal([]any{map[string]any{
		"type": map[string]any{"text": "QuestionnaireResponse"}, "valueReference": pointer(urn, "QuestionnaireResponse"),
	}})
	if err != nil {
		return nil, fmt.Errorf("write answers: %w", err)
	}
	return bytes.Join([][]byte{[]byte(`{"output":`), output, []byte(","), raw[1:]}, nil), nil
}

// response holds what STU3 and R4 have in common.
func (a Answered) response() map[string]any {
	_, counts := a.Form.settle(a.Given)
	r := map[string]any{"resourceType": "QuestionnaireResponse", "status": "completed", "authored": instant(a.At)}
	if items := itemsOf(a.Form.Questions, counts); len(items) > 0 {
		r["item"] = items
	}
	return r
}

// itemsOf writes the questions that have an answer, or one inside them.
func itemsOf(questions []Question, g Given) []any {
	var out []any
	for _, q := range questions {
		if !q.holds(g) {
			continue
		}
		item := map[string]any{"linkId": q.Link}
		if q.Text != "" {
			item["text"] = q.Text
		}
		inner := itemsOf(q.Questions, g)
		var answers []any
		for _, text := range g.of(q.Link) {
			if kind, value, fault := q.value(text); fault == "" {
				answers = append(answers, map[string]any{"value" + kind: value})
			}
		}
		switch {
		case len(answers) > 0:
			if len(inner) > 0 { // what belongs to an answer is inside it
				answers[0].(map[string]any)["item"] = inner
			}
			item["answer"] = answers
		case len(inner) > 0:
			item["item"] = inner
		default:
			continue
		}
		out = append(out, item)
	}
	return out
}

// Record writes the answers as an own record of source self, in R4: id names
// the request they belong to, so a draft and what was sent are versions of one
// record. A draft keeps the texts as they were typed, right or not.
func (a Answered) Record(id string, done bool) (fhir.Resource, error) {
	r := map[string]any{"resourceType": "QuestionnaireResponse", "status": "in-progress", "authored": instant(a.At)}
	if done {
		r = a.response()
	} else {
		r["item"] = draftItems(a.Form, a.Given)
	}
	r["id"], r["questionnaire"] = id, a.Form.Ref
	r["subject"], r["author"] = map[string]any{"reference": "Patient/self"}, map[string]any{"reference": "Patient/self"}
	raw, err := json.Marshal(r)
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("write answers: %w", err)
	}
	return fhir.Parse(raw, fhir.R4), nil
}

func draftItems(f Form, g Given) []any {
	items := []any{}
	each(f.Questions, func(q Question) {
		var answers []any
		for _, text := range g.of(q.Link) {
			answers = append(answers, map[string]any{"valueString": text})
		}
		if len(answers) > 0 {
			items = append(items, map[string]any{"linkId": q.Link, "answer": answers})
		}
	})
	return items
}

// ReadDraft gives the answers of a draft back, and when it was kept. It is
// false for anything else, also for answers that were sent.
func ReadDraft(r fhir.Resource) (Given, time.Time, bool) {
	n := r.Node()
	if r.Type != "QuestionnaireResponse" || n.Str("status") != "in-progress" {
		return nil, time.Time{}, false
	}
	g := Given{}
	for _, item := range n.All("item") {
		for _, answer := range item.All("answer") {
			link := item.Str("linkId")
			g[link] = append(g[link], answer.Str("valueString"))
		}
	}
	return g, n.Date("authored").Low(), true
}

// treeOf gives a node back as it was written, numbers to the digit.
func treeOf(n fhir.Node) any {
	switch {
	case n.IsObject():
		tree := map[string]any{}
		for name, member := range n.Members() {
			tree[name] = treeOf(member)
			if name == "userSelected" || name == "valueBoolean" { // a node has both as text
				tree[name] = member.Bool()
			}
		}
		return tree
	case n.Items() != nil:
		var list []any
		for _, item := range n.Items() {
			list = append(list, treeOf(item))
		}
		return list
	case n.IsNumber():
		return json.Number(n.Text())
	}
	return n.Text()
}
