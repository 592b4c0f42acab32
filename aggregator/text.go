package aggregator

import (
	"fmt"

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
	negation        map[string]string // of records that say that something is not so
	notice          map[string]string
	label           map[string]string  // words before or after what a record says
	section         map[Section]string // how a medicine stood when it was last given
}

func textsFor(lang string) texts {
	if lang == "en" {
		return english()
	}
	return dutch()
}

func (t texts) typeName(typ string) string {
	if name := t.types[typ]; name != "" {
		return name
	}
	return typ
}

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

func (t texts) panel(n int) string {
	if t.lang == "en" {
		return fmt.Sprintf("Group of %d results", n)
	}
	return fmt.Sprintf("Groep van %d uitslagen", n)
}

func (t texts) possibleCopy(provider string) string {
	if t.lang == "en" {
		return "Possibly the same result as at " + provider
	}
	return "Mogelijk dezelfde uitslag als bij " + provider
}

// goneText says who no longer gives what a line says.
func (t texts) goneText(provider string, since fhir.Date) string {
	if t.lang == "en" {
		return "No longer delivered by " + provider + " since " + since.Words(t.lang) + "."
	}
	return "Niet meer aangeleverd door " + provider + " sinds " + since.Words(t.lang) + "."
}

// rangeWords shows the reference range of a result as delivered.
func (t texts) rangeWords(o *observation, lang string) string {
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
	case "C-UNIT", "C-DATE", "C-STATUS", "C-SANITY", "C-GONE":
		return 1
	}
	return 2
}
