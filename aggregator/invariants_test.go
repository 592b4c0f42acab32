package aggregator

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// checkInvariants is what must hold for any input (merge.md 8.1). S3, S9 and
// S11 compare two overviews or need a policy: they are laws in law_test.go,
// override_test.go and package share.
func checkInvariants(t testing.TB, records []fhir.Record, in Input, o *Overview) {
	t.Helper()
	stored := map[Part]fhir.Record{}
	for _, r := range records {
		stored[keyOfPart(partOf(r, "", ""))] = r
	}
	checkConservation(t, records, o) // S1
	for _, item := range o.Items {
		x := itemCheck{t, item, stored, o}
		x.allergyIsVisible()    // S2
		x.numbersAreLiteral()   // S4
		x.oneProductOneTest()   // S5
		x.noneIsSomebodysWord() // S7
		x.mistakesStayAtHome()  // S8
		x.ownIsMarked()         // S10
		x.rangeIsItsOwn()       // S12
		x.oddIsNotMerged()      // S14
		x.noEndIsNoDate()
	}
	checkStopsAreSeen(t, o) // S6
	checkFindings(t, o)     // S5 and S12 for results
}

func keyOfPart(p Part) Part {
	p.Role, p.Hidden = "", ""
	return p
}

type itemCheck struct {
	testing.TB
	item   Item
	stored map[Part]fhir.Record
	o      *Overview
}

// speaking are the records that stand for themselves in the item and speak.
func (x itemCheck) speaking() []fhir.Record {
	var out []fhir.Record
	for _, p := range x.item.Parts {
		if !isSupport(p.Role) && p.Hidden == "" {
			out = append(out, x.stored[keyOfPart(p)])
		}
	}
	return out
}

// noEndIsNoDate: the moment that stands for an end nobody gave is shown nowhere.
func (x itemCheck) noEndIsNoDate() {
	for _, c := range x.item.Conflicts {
		if strings.Contains(c.Text, "9999") {
			x.Errorf("a conflict names the end of time: %s", c.Text)
		}
	}
}

func (x itemCheck) allergyIsVisible() {
	if x.item.Subject != "allergy" || x.item.Section == Active || x.item.Section == NoneKnown || x.item.Section == "gated" {
		return
	}
	for _, r := range x.speaking() {
		read, _ := clinical.Read(r.Resource)
		if a, ok := read.(*clinical.Allergy); ok && a.Active() && !a.Refuted() && !noInformation(a.Code) {
			x.Errorf("S2: an active allergy stands in %s: %s", x.item.Section, x.item.ID)
		}
	}
}

var (
	numbers   = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
	dateWords = regexp.MustCompile(`(?i)\d{1,2} (jan|feb|maa|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)[a-z.]*( \d{4})?|\d{4}-\d{2}-\d{2}|\d{2}:\d{2}`)
)

// numbersAreLiteral: every number of a field is in the record it says to come
// from. Dates are rewritten in words; a converted value is marked as such.
func (x itemCheck) numbersAreLiteral() {
	for name, f := range x.item.Fields {
		if !slices.Contains([]string{"dose", "value", "range", "strength"}, name) {
			continue
		}
		if f.Part < 0 || f.Part >= len(x.item.Parts) {
			x.Errorf("S4: field %s of %s names no part", name, x.item.ID)
			continue
		}
		raw := string(x.stored[keyOfPart(x.item.Parts[f.Part])].Bytes())
		for _, number := range numbers.FindAllString(dateWords.ReplaceAllString(f.Text, ""), -1) {
			if !isIn(raw, number) {
				x.Errorf("S4: %s of %s says %s, which is not in its source", name, x.item.ID, number)
			}
		}
	}
}

// isIn finds a number as it was delivered: with its own signs, with a point
// for a comma, or without the points between thousands. A dose of one is also
// what a sentence says without a number.
func isIn(raw, number string) bool {
	plain := strings.ReplaceAll(number, ".", "")
	return number == "1" || strings.Contains(raw, number) || strings.Contains(raw, strings.ReplaceAll(number, ",", ".")) ||
		(len(plain) > 3 && strings.Contains(raw, strings.ReplaceAll(plain, ",", ".")))
}

// oneProductOneTest: no line holds two known prescribable products.
func (x itemCheck) oneProductOneTest() {
	if x.item.Subject != "medication" {
		return
	}
	codes := map[string]string{}
	for _, p := range x.item.Parts {
		r := x.stored[keyOfPart(p)]
		for _, c := range r.Node().Get("medicationCodeableConcept").Coded().Coding {
			if c.System == fhir.PRK && gStandaard(c.Code) != "" && p.Hidden != "version" && !strings.HasPrefix(c.Code, "90000000") {
				codes[gStandaard(c.Code)] = r.ID
			}
		}
	}
	if len(codes) > 1 && !slices.ContainsFunc(x.item.Conflicts, func(c Conflict) bool { return c.Code == "C-PRODUCT" }) {
		x.Errorf("S5: %s holds the products %v", x.item.ID, codes)
	}
}

func (x itemCheck) noneIsSomebodysWord() {
	if x.item.Section != NoneKnown {
		return
	}
	for _, r := range x.speaking() {
		if noneKnown(r.Node().Get("code").Coded()) == "" {
			x.Errorf("S7: %s says that there is nothing, %s does not", x.item.ID, r.Ref)
		}
	}
}

// mistakesStayAtHome: what one provider withdrew takes no other provider's
// independent record into the history.
func (x itemCheck) mistakesStayAtHome() {
	if x.item.Section != History {
		return
	}
	withdrawn := map[string]bool{}
	for _, p := range x.item.Parts {
		r := x.stored[keyOfPart(p)]
		n := r.Node()
		if n.Str("status") == "entered-in-error" || statusCode(n, "verificationStatus", "entered-in-error") != "" {
			withdrawn[p.Source] = true
		}
	}
	if len(withdrawn) == 0 {
		return
	}
	for i, p := range x.item.Parts {
		if !isSupport(p.Role) && p.Hidden == "" && !withdrawn[p.Source] && !x.isCopyOfAnother(i) {
			x.Errorf("S8: %s of another provider is in the history with a mistake", p.ID)
		}
	}
}

func (x itemCheck) isCopyOfAnother(part int) bool {
	for _, j := range x.item.Joins {
		if (j.A == part || j.B == part) && slices.Contains(levelRules[:], j.Rule) {
			return true
		}
	}
	return false
}

// ownIsMarked: what the person wrote and what a provider wrote are told apart
// in every line, and only the person's own word puts them on one.
func (x itemCheck) ownIsMarked() {
	own, others := 0, 0
	for _, p := range x.item.Parts {
		switch {
		case isSupport(p.Role) || p.Hidden == "version":
		case p.Source == fhir.Self:
			own++
		default:
			others++
		}
	}
	if own > 0 && others > 0 && x.item.Own() {
		x.Errorf("S10: %s has parts of providers and says to be the person's own", x.item.ID)
	}
	if own > 0 && others == 0 && !x.item.Own() {
		x.Errorf("S10: %s is the person's own and does not say so", x.item.ID)
	}
}

func (x itemCheck) rangeIsItsOwn() {
	v, ok := x.item.Value.(*Result)
	if !ok || (v.Low.IsZero() && v.High.IsZero()) {
		return
	}
	for _, r := range x.speaking() {
		raw := string(r.Bytes())
		if (v.Low.IsZero() || strings.Contains(raw, v.Low.Value)) && (v.High.IsZero() || strings.Contains(raw, v.High.Value)) {
			return
		}
	}
	x.Errorf("S12: the range of %s is in none of its records", x.item.ID)
}

// oddIsNotMerged: a modifier that nobody knows is said, and what carries it
// shares no line with an independent statement.
func (x itemCheck) oddIsNotMerged() {
	for _, r := range x.speaking() {
		read, _ := clinical.Read(r.Resource)
		if read == nil || read.Common().Certain {
			continue
		}
		if !slices.ContainsFunc(x.item.Conflicts, func(c Conflict) bool { return c.Code == "C-MODIFIER" }) {
			x.Errorf("S14: %s carries a modifier that nobody knows and does not say so", x.item.ID)
		}
		for _, j := range x.item.Joins {
			if !slices.Contains(levelRules[:], j.Rule) && j.Rule != "same-treatment" {
				x.Errorf("S14: %s carries a modifier that nobody knows and is merged by %s", x.item.ID, j.Rule)
			}
		}
	}
}

// checkStopsAreSeen: where one line of a group of one product is stopped and
// another runs, and neither is the past of the other, both say so.
func checkStopsAreSeen(t testing.TB, o *Overview) {
	t.Helper()
	for _, item := range o.Items {
		for _, c := range item.Conflicts {
			if c.Code == "C-STOP" && item.Group != "" && len(o.InGroup(item.Group)) < 2 {
				t.Errorf("S6: %s disagrees with something that is not beside it", item.ID)
			}
		}
	}
}

// TestAdviceStaysAdvice is S16: no text tells anybody to start, stop or change.
func TestAdviceStaysAdvice(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\b(stop met|begin met|verhoog|verlaag|halveer|verdubbel|neem (meer|minder|niet)|slik (meer|minder|niet)|u moet|stop taking|start taking|increase|decrease|double the|you must)\b`)
	for _, words := range []texts{dutch(), english()} {
		for _, table := range []map[string]string{words.advice, words.conflict} {
			for code, text := range table {
				if forbidden.MatchString(text) {
					t.Errorf("S16: %s advises: %s", code, text)
				}
			}
		}
	}
}
