package aggregator

import (
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// texts are the words of the overview in one language. Both languages are
// complete; a test compares them.
type texts struct {
	lang            string
	self            string
	document        string
	unknownMedicine string
	unknownAgent    string
	unknownResult   string
	somebodyElse    string
	conflict        map[string]string
	advice          map[string]string
	category        map[string]string
	journal         map[string]string
	types           map[string]string
	rules           map[string]string
	sayings         map[string]string // with places for words, see say
	negation        map[string]string // of records that say that something is not so
	notice          map[string]string
	label           map[string]string  // words before or after what a record says
	section         map[Section]string // how a medicine stood when it was last given
	ops             map[Op]string      // what the person decided
	states          map[string]string  // what became of a decision
	refusals        map[string]string  // why two items cannot be joined
	fields          map[string]string  // names of fields and facts
	hidden          map[string]string  // why a part does not speak
	roles           map[string]string  // of parts
	words           map[string]string  // of explanations
	kinds           map[string]string  // of results that are closed
	certainty       map[string]string  // of an allergy
	contact         map[string]string  // kinds of contact, by their HL7 code
}

func textsFor(lang string) texts {
	if lang == "en" {
		return english()
	}
	return dutch()
}

// say fills words into a saying.
func (t texts) say(name string, words ...any) string {
	return fmt.Sprintf(t.sayings[name], words...)
}

func (t texts) typeName(typ string) string {
	if name := t.types[typ]; name != "" {
		return name
	}
	return typ
}

// fieldName names a field; one that a joined line brought along ends in "+".
func (t texts) fieldName(name string) string {
	name = strings.TrimRight(name, "+")
	return firstNonEmpty(t.fields[name], name)
}

// RuleName is why parts stand on one line (Join.Rule) in words.
func RuleName(rule, lang string) string { return textsFor(lang).rule(rule) }

// FieldName is the name of a field of an item or a change in words.
func FieldName(field, lang string) string { return textsFor(lang).fieldName(field) }

func (t texts) criticality(high bool) string {
	if !high {
		return ""
	}
	if t.lang == "en" {
		return "High risk"
	}
	return "Hoog risico"
}

func (t texts) from(d fhir.Date, what, lang string) string {
	word := "Vanaf"
	if t.lang == "en" {
		word = "From"
	}
	return word + " " + d.Words(lang) + ": " + what
}

// goneText says who no longer gives what a line says.
func (t texts) goneText(provider string, since fhir.Date) string {
	if t.lang == "en" {
		return "No longer delivered by " + provider + " since " + since.Words(t.lang) + "."
	}
	return "Niet meer aangeleverd door " + provider + " sinds " + since.Words(t.lang) + "."
}

// rangeWords shows the reference range of a result as delivered.
func (t texts) rangeWords(o *finding, lang string) string {
	low, high := fhir.Number(o.low.Value, lang), fhir.Number(o.high.Value, lang)
	switch {
	case o.low.IsZero() && o.high.IsZero():
		return o.rangeTxt
	case o.low.IsZero():
		return t.below() + " " + high
	case o.high.IsZero():
		return t.above() + " " + low
	}
	return low + "–" + high
}

func (t texts) below() string {
	if t.lang == "en" {
		return "below"
	}
	return "onder"
}

func (t texts) above() string {
	if t.lang == "en" {
		return "above"
	}
	return "boven"
}

// levels of conflicts: 3 is gravest (merge.md 2.11).
func levelOf(code string) int {
	switch code {
	case "C-STOP", "C-DUP", "C-PAUSED-CURRENT", "C-ALLERGY", "C-COLLISION", "C-EIE", "C-ALG":
		return 3
	case "C-UNIT", "C-DATE", "C-STATUS", "C-SANITY", "C-GONE", "D-CROSSWALK", "D-GUARD":
		return 1
	}
	return 2
}
