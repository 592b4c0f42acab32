package web

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// lacks says what is missing on a sheet. That who is not connected is missing
// is always true, so it is always said.
func (v *view) lacks() []string {
	out := []string{v.T("pr.lacks.others")}
	for _, source := range v.sources() {
		last := v.fetched(source)
		switch {
		case last.IsZero():
			out = append(out, v.T("pr.lacks.all", "source", v.provider(source)))
			continue
		case v.now.Sub(last) > 7*24*time.Hour:
			out = append(out, v.T("pr.lacks.after", "source", v.provider(source), "day", v.dayHere(last)))
		}
		out = append(out, v.lacksOf(source)...)
	}
	if n := len(v.o.Unread); n > 0 {
		out = append(out, v.T("pr.lacks.unread", "n", n))
	}
	return out
}

// lacksOf is what one source did not give, apart for each reason: that it did not
// come can change tomorrow, that it is not shared does not, and what a source
// leaves out is missing although all of it came.
func (v *view) lacksOf(source string) []string {
	var out []string
	if subjects := v.subjectsWhere(source, notCome); len(subjects) > 0 {
		out = append(out, v.T("pr.lacks.part", "source", v.provider(source), "what", v.List(subjects)))
	}
	if subjects := v.subjectsWhere(source, v.notOffered); len(subjects) > 0 {
		out = append(out, v.T("pr.lacks.not-offered", "source", v.provider(source), "what", v.List(subjects)))
	}
	var told []string
	for _, c := range v.completenessOf(source, "") {
		for _, gap := range c.Gaps {
			if slices.Contains(told, gap.Text) {
				continue
			}
			told = append(told, gap.Text)
			subjects := v.subjectsWhere(source, func(c aggregator.Completeness) bool {
				return slices.ContainsFunc(c.Gaps, func(g aggregator.Gap) bool { return g.Text == gap.Text })
			})
			out = append(out, v.T("pr.lacks.gap", "source", v.provider(source), "what", v.List(subjects), "text", inSentence(gap.Text)))
		}
	}
	return out
}

// inSentence makes a sentence fit to follow a colon.
func inSentence(text string) string {
	text = strings.TrimSuffix(clean(text), ".")
	_, n := utf8.DecodeRuneInString(text)
	return strings.ToLower(text[:n]) + text[n:]
}

// notCome tells whether something did not come, or not all of it.
func notCome(c aggregator.Completeness) bool {
	return !slices.Contains([]fhir.Outcome{fhir.OK, fhir.Complete, fhir.Empty, fhir.NotOffered}, c.Outcome)
}

// notOffered tells whether a source does not share a subject by any of its services.
func (v *view) notOffered(c aggregator.Completeness) bool {
	return !slices.ContainsFunc(v.completenessOf(c.Source, c.Subject), func(c aggregator.Completeness) bool { return c.Outcome != fhir.NotOffered })
}

// subjectsWhere are the subjects of a source of which something is so.
func (v *view) subjectsWhere(source string, so func(aggregator.Completeness) bool) []string {
	var out []string
	for _, c := range v.completenessOf(source, "") {
		if name := strings.ToLower(v.subjectName(c.Subject)); so(c) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
