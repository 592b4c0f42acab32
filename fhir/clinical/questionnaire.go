package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Questionnaire is a list of questions (data-services.md 1.9).
type Questionnaire struct {
	Head
	URL       string       // url
	Edition   string       // version
	Name      string       // name
	Title     string       // title
	Status    Status       // status
	Date      fhir.Date    // date
	Publisher string       // publisher
	Purpose   string       // purpose
	Text      string       // description
	Codes     []fhir.Coded // code[]
	Questions []Question   // item[], those inside others after them
}

// Question is one question, or a group of them.
type Question struct {
	Link     string       // linkId
	Text     string       // text
	Type     string       // type
	Codes    []fhir.Coded // code[]
	Required bool         // required
	Repeats  bool         // repeats
	Options  []Value      // STU3 option[].value[x]; R4 answerOption[].value[x]
	Depends  []Dependence // enableWhen[]: asked only after these answers
	Depth    int          // 0 for a question that is in no other
}

// Dependence is an answer to another question.
type Dependence struct {
	Question string // question
	Operator string // R4 operator
	Has      Answer // STU3 hasAnswer
	Answer   Value  // answer[x]
}

// ReadQuestionnaire reads a Questionnaire.
func ReadQuestionnaire(r fhir.Resource) (*Questionnaire, []Warning) {
	return as[Questionnaire](Read(r))
}

func readQuestionnaire(r reader) Reading {
	q := &Questionnaire{
		URL: r.text("url"), Edition: r.text("version"), Name: r.text("name"), Title: r.text("title"),
		Status: r.status("status", "draft active retired unknown"), Date: r.date("date"), Publisher: r.text("publisher"),
		Purpose: r.text("purpose"), Text: r.text("description"), Codes: r.concepts("code"),
	}
	r.note("experimental")
	r.note("subjectType")
	q.readItems(r, 0)
	return q
}

func (q *Questionnaire) readItems(r reader, depth int) {
	for _, item := range r.each("item") {
		x := Question{
			Link: item.text("linkId"), Text: item.text("text"), Type: item.text("type"), Codes: item.concepts("code"),
			Required: item.bool("required"), Repeats: item.bool("repeats"), Depth: depth,
		}
		for _, option := range item.each("option", "answerOption") {
			x.Options = append(x.Options, option.valueOf("value"))
		}
		for _, when := range item.each("enableWhen") {
			x.Depends = append(x.Depends, Dependence{
				Question: when.text("question"), Operator: when.text("operator"), Has: when.get("hasAnswer").answer(),
				Answer: when.valueOf("answer"),
			})
		}
		q.Questions = append(q.Questions, x)
		q.readItems(item, depth+1)
	}
}

// Answers is a QuestionnaireResponse (data-services.md 1.9).
type Answers struct {
	Head
	Questionnaire string         // STU3 questionnaire.reference; R4 questionnaire
	Status        Status         // status
	Authored      fhir.Date      // authored
	Author        fhir.Reference // author
	Source        fhir.Reference // source
	Items         []Item         // item[], those inside others after them
	Context       fhir.Reference // STU3 context; R4 encounter
	Subject       fhir.Reference // subject
}

// Item is a question with its answers.
type Item struct {
	Link    string  // linkId
	Text    string  // text
	Answers []Value // answer[].value[x]
}

// ReadAnswers reads a QuestionnaireResponse.
func ReadAnswers(r fhir.Resource) (*Answers, []Warning) { return as[Answers](Read(r)) }

func readAnswers(r reader) Reading {
	a := &Answers{
		Questionnaire: firstText(r.text("questionnaire"), r.text("questionnaire", "reference")),
		Status:        r.status("status", "in-progress completed amended entered-in-error stopped"), Authored: r.date("authored"),
		Author: r.ref("author"), Source: r.ref("source"), Context: firstRef(r.ref("context"), r.ref("encounter")), Subject: r.ref("subject"),
	}
	a.readItems(r)
	return a
}

func (a *Answers) readItems(r reader) {
	for _, item := range r.each("item") {
		i := Item{Link: item.text("linkId"), Text: item.text("text")}
		answers := item.each("answer")
		for _, answer := range answers {
			i.Answers = append(i.Answers, answer.valueOf("value"))
		}
		a.Items = append(a.Items, i)
		a.readItems(item)
		for _, answer := range answers {
			a.readItems(answer)
		}
	}
}

// Task is a request to fill in a questionnaire (data-services.md 1.9).
type Task struct {
	Head
	Status      Status         // status
	Why         fhir.Coded     // statusReason
	Code        fhir.Coded     // code
	Description string         // description
	Authored    fhir.Date      // authoredOn
	Modified    fhir.Date      // lastModified
	Requester   fhir.Reference // STU3 requester.agent; R4 requester
	Owner       fhir.Reference // owner
	For         fhir.Reference // for
	Focus       fhir.Reference // focus
	Period      fhir.Period    // executionPeriod
	Inputs      []Parameter    // input[]
	Outputs     []Parameter    // output[]
	Remarks     []Remark       // note[]
}

// Parameter is one thing that goes into or comes out of a task.
type Parameter struct {
	Type  fhir.Coded     // type
	Ref   fhir.Reference // valueReference
	Value Value          // value[x], when it is no reference
}

// ReadTask reads a Task.
func ReadTask(r fhir.Resource) (*Task, []Warning) { return as[Task](Read(r)) }

const taskStates = "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed entered-in-error"

func readTask(r reader) Reading {
	t := &Task{
		Status: r.status("status", taskStates), Why: r.concept("statusReason"), Code: r.concept("code"), Description: r.text("description"),
		Authored: r.date("authoredOn"), Modified: r.date("lastModified"), Requester: r.requester(), Owner: r.ref("owner"), For: r.ref("for"),
		Focus: r.ref("focus"), Period: r.period("executionPeriod"), Remarks: r.remarks(),
	}
	r.note("intent")
	t.Inputs, t.Outputs = r.parameters("input"), r.parameters("output")
	return t
}

func (r reader) parameters(name string) []Parameter {
	var all []Parameter
	for _, item := range r.each(name) {
		p := Parameter{Type: item.concept("type"), Ref: item.ref("valueReference")}
		if p.Ref.IsZero() {
			p.Value = item.valueOf("value")
		}
		all = append(all, p)
	}
	return all
}
