package aggregator

import (
	"fmt"

	"github.com/bundel-pgo/bundel/fhir"
)

// pick is for texts that are made of parts: both languages stand side by side.
func (t texts) pick(nl, en string) string {
	if t.lang == "en" {
		return en
	}
	return nl
}

func (t texts) panel(n int) string {
	if n == 1 {
		return t.pick("Groep van 1 uitslag", "Group of 1 result")
	}
	return fmt.Sprintf(t.pick("Groep van %d uitslagen", "Group of %d results"), n)
}

func (t texts) missing(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return t.pick("1 uitslag niet ontvangen", "1 result not received")
	}
	return fmt.Sprintf(t.pick("%d uitslagen niet ontvangen", "%d results not received"), n)
}

func (t texts) possibleCopy(provider string) string {
	return t.pick("Mogelijk dezelfde uitslag als bij ", "Possibly the same result as at ") + provider
}

func (t texts) undated() string { return t.pick("Datum onbekend", "Date unknown") }

func (t texts) converted(value string) string {
	return fmt.Sprintf(t.pick("Omgerekend door deze app: %s", "Converted by this app: %s"), value)
}

func (t texts) corrected(when, before string) string {
	if when == "" {
		return fmt.Sprintf(t.pick("Gecorrigeerd, eerst %s", "Corrected, first %s"), before)
	}
	return fmt.Sprintf(t.pick("Gecorrigeerd op %s, eerst %s", "Corrected on %s, first %s"), when, before)
}

func (t texts) mistake(who, others string) string {
	return fmt.Sprintf(t.pick("%s noemt dit een vergissing, %s niet.", "%s calls this a mistake, %s does not."), who, others)
}

func (t texts) otherValueHere() string {
	return t.pick("Op hetzelfde moment staat er ook een andere waarde.", "There is another value at the same moment.")
}

func (t texts) notAllergic(who string, since fhir.Date) string {
	if since.IsZero() {
		return fmt.Sprintf(t.pick("Volgens %s niet (meer) allergisch. Vraag het na.", "According to %s not allergic (any more). Ask about it."), who)
	}
	return fmt.Sprintf(t.pick("Volgens %s niet (meer) allergisch sinds %s. Vraag het na.", "According to %s not allergic (any more) since %s. Ask about it."), who, since.Words(t.lang))
}

// noneKnown is the title of a statement that there are no allergies, always with
// who says so. Beside an allergy that stands it is only what somebody wrote down.
func (t texts) noneKnown(scope, who string, beside bool) string {
	what := map[string]words2{
		"medication": {"medicijnallergieën", "allergies to medicines"}, "food": {"voedselallergieën", "food allergies"},
		"environment": {"omgevingsallergieën", "environmental allergies"},
	}[scope].in(t.lang)
	if what == "" {
		what = t.pick("allergieën", "allergies")
	}
	if beside {
		return fmt.Sprintf(t.pick("%s noteerde dat er geen %s bekend zijn", "%s wrote down that no %s are known"), who, what)
	}
	if t.lang == "en" {
		return fmt.Sprintf("No known %s according to %s", what, who)
	}
	if what == "allergieën" {
		return "Geen bekende allergieën volgens " + who
	}
	return fmt.Sprintf("Geen %s bekend volgens %s", what, who)
}

func (t texts) unknownAt(who string) string { return t.pick("Onbekend bij ", "Unknown at ") + who }

func (t texts) seeAlert(title, who string) string {
	return fmt.Sprintf(t.pick("Let op: %s (%s)", "Note: %s (%s)"), title, who)
}

func (t texts) seeAllergy(title string) string {
	return fmt.Sprintf(t.pick("Zie ook de allergie: %s", "See also the allergy: %s"), title)
}

// unknownBecause never says "none": what a source did not give is not known.
func (t texts) unknownBecause(who string, why fhir.Outcome, last fhir.Date) string {
	text := t.unknownAt(who) + ": " + map[fhir.Outcome]words2{
		fhir.Empty:      {"deze bron gaf hier niets over door.", "this source gave nothing about it."},
		fhir.Failed:     {"het ophalen is niet gelukt.", "collecting it did not succeed."},
		fhir.NotGranted: {"wij kregen hier geen toegang toe.", "we were not given access to it."},
		fhir.NotOffered: {"deze bron levert dit niet.", "this source does not offer it."},
	}[why].in(t.lang)
	if last.IsZero() {
		return text
	}
	return text + " " + fmt.Sprintf(t.pick("Voor het laatst iets ontvangen op %s.", "Something last came on %s."), last.Words(t.lang))
}

func (t texts) partly(who string) string {
	return fmt.Sprintf(t.pick("Niet alles van %s kwam binnen.", "Not everything of %s came in."), who)
}

func (t texts) onlyMedication() string {
	return t.pick("Deze bron levert alleen medicijnallergieën.", "This source gives allergies to medicines only.")
}

func (t texts) onlyLatest() string {
	return t.pick("Deze bron levert alleen de laatste waarden.", "This source gives the latest values only.")
}

func (t texts) onlySince(n string, months bool) string {
	what := t.pick("dagen", "days")
	if months {
		what = t.pick("maanden", "months")
	}
	return fmt.Sprintf(t.pick("Deze bron levert alleen de laatste %s %s.", "This source gives the last %s %s only."), n, what)
}

func (t texts) onlyCurrent() string {
	return t.pick("Deze bron levert alleen wat nu of later geldt.", "This source gives only what holds now or later.")
}
