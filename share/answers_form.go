package share

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// The types of question that a Form has (FHIR item-type, STU3 and R4).
const (
	TypeGroup      = "group"
	TypeDisplay    = "display" // text to read
	TypeBoolean    = "boolean"
	TypeDecimal    = "decimal"
	TypeInteger    = "integer"
	TypeDate       = "date"
	TypeDateTime   = "dateTime"
	TypeTime       = "time"
	TypeString     = "string"
	TypeText       = "text" // string of several lines
	TypeURL        = "url"
	TypeChoice     = "choice"
	TypeOpenChoice = "open-choice" // one of the options, or words of one's own
	TypeQuantity   = "quantity"
)

// maxDepth bounds how deep questions may be inside each other.
const maxDepth = 12

// Form is a Questionnaire as a page can ask it: the questions in order, in
// groups, with what may be answered.
type Form struct {
	Title, Text string
	Ref         string // how the provider names the questionnaire: "Questionnaire/1", or an address
	Questions   []Question
}

// Question is one question, a group of them, or text to read.
type Question struct {
	Link      string // id within the form
	Text      string
	Type      string // one of the types above; another one cannot be answered here
	Required  bool
	Repeats   bool // may have several answers
	ReadOnly  bool // the provider fills it in
	Options   []Option
	When      []Condition // asked only then; empty: always
	All       bool        // all of When must hold; one of them otherwise
	Min, Max  string      // bounds of a number or a day, as written; empty: none
	MaxLength int         // of a text, in characters; 0: none
	Unit      string      // of a quantity
	Initial   string      // what is filled in at first
	Questions []Question  // of a group, or that belong to the answer
}

// Option is one of the answers to choose from. Key is what [Given] holds.
type Option struct {
	Key, Text string
	value     fhir.Node // value[x] as the provider wrote it
	kind      string    // "Coding", "string", ...
}

// Condition is an answer to another question: whether it has one, or which.
type Condition struct {
	Link     string
	Operator string // "exists", "=", "!=", ">", "<", ">=", "<="
	Answer   string // a key or a text; "true" or "false" for exists
}

// Given are the answers of the person: for each question, by its Link, texts as
// typed or the keys of options.
type Given map[string][]string

// Answerable tells whether every question that must be answered is of a type
// that can be: no file to send along, no reference to choose.
func (f Form) Answerable() bool {
	good := true
	each(f.Questions, func(q Question) {
		if q.Required && !q.known() {
			good = false
		}
	})
	return good
}

func each(questions []Question, do func(Question)) {
	for _, q := range questions {
		do(q)
		each(q.Questions, do)
	}
}

// known tells whether the type is one that is asked or shown here.
func (q Question) known() bool {
	switch q.Type {
	case "attachment", "reference", "":
		return false
	}
	return !strings.ContainsAny(q.Type, " /")
}

// ReadForm reads a Questionnaire of STU3 or R4. ref is how the request to fill
// it in names it.
func ReadForm(n fhir.Node, ref string) Form {
	return Form{
		Title: fhir.CleanText(firstNonEmpty(n.Str("title"), n.Str("name")), 200), Text: fhir.CleanText(n.Str("description"), 2000),
		Ref: ref, Questions: readQuestions(n, 0),
	}
}

const extensions = "http://hl7.org/fhir/StructureDefinition/"

func readQuestions(n fhir.Node, depth int) []Question {
	var out []Question
	if depth == maxDepth {
		return nil
	}
	for _, item := range n.All("item") {
		q := Question{
			Link: item.Str("linkId"), Text: fhir.CleanText(item.Str("text"), 2000), Type: item.Str("type"),
			Required: isTrue(item.Get("required")), Repeats: isTrue(item.Get("repeats")), ReadOnly: isTrue(item.Get("readOnly")),
			All: item.Str("enableBehavior") == "all", Options: readOptions(item), When: readConditions(item),
			Min: item.Ext(extensions + "minValue").Value().Text(), Max: item.Ext(extensions + "maxValue").Value().Text(),
			MaxLength: wholeOf(item.Get("maxLength").Text()), Unit: unitOf(item), Initial: initialOf(item),
			Questions: readQuestions(item, depth+1),
		}
		out = append(out, q)
	}
	return out
}

func isTrue(n fhir.Node) bool { return n.Text() == "true" }

func unitOf(item fhir.Node) string {
	unit := item.Ext(extensions + "questionnaire-unit").Get("valueCoding")
	return firstNonEmpty(unit.Str("code"), unit.Str("display"))
}

// initialOf: STU3 has one, R4 a list; of a choice the option that is chosen
// at first.
func initialOf(item fhir.Node) string {
	for _, option := range item.All("answerOption") {
		if isTrue(option.Get("initialSelected")) {
			return optionOf(option).Key
		}
	}
	from := item
	name := "initial"
	if list := item.All("initial"); len(list) > 0 {
		from, name = list[0], "value"
	}
	kind, value := from.Choice(name)
	return readOption(kind, value).Key
}

func readOptions(item fhir.Node) []Option {
	var out []Option
	for _, option := range append(item.All("option"), item.All("answerOption")...) {
		out = append(out, optionOf(option))
	}
	return out
}

func optionOf(n fhir.Node) Option {
	kind, value := n.Choice("value")
	return readOption(kind, value)
}

// readOption: the key of a coded option is its code, which is one within a
// question as a rule; its words are those of the provider.
func readOption(kind string, value fhir.Node) Option {
	o := Option{value: value, kind: kind, Key: value.Text(), Text: fhir.CleanText(value.Text(), 300)}
	if value.IsObject() {
		o.Key = firstNonEmpty(value.Str("code"), value.Str("display"), value.Str("value"))
		o.Text = fhir.CleanText(firstNonEmpty(value.Str("display"), o.Key), 300)
	}
	return o
}

// readConditions: STU3 asks whether there is an answer, or for one that is
// equal; R4 names the operator.
func readConditions(item fhir.Node) []Condition {
	var out []Condition
	for _, when := range item.All("enableWhen") {
		c := Condition{Link: when.Str("question"), Operator: firstNonEmpty(when.Str("operator"), "=")}
		kind, value := when.Choice("answer")
		c.Answer = readOption(kind, value).Key
		if has := when.Get("hasAnswer"); has.Exists() {
			c.Operator, c.Answer = "exists", has.Text()
		}
		out = append(out, c)
	}
	return out
}
