package web

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// where tells where a list comes from and what is missing in it.
type where struct {
	Heading string
	Lines   []string
}

// where sums up, for the resource types that a list is made of, when each
// source was asked and what it did not give. "None found" is never "not
// fetched".
func (v *view) where(types ...string) *where {
	out := &where{Heading: v.T("where.h2")}
	byDay := map[string][]string{}
	var days []string
	for _, source := range v.sources() {
		if t := v.fetched(source); !t.IsZero() {
			day := v.DayOf(t, v.now)
			if !slices.Contains(days, day) {
				days = append(days, day)
			}
			byDay[day] = append(byDay[day], v.provider(source))
		}
	}
	var given []string
	for _, day := range days {
		given = append(given, v.T("where.from", "sources", v.List(byDay[day]), "day", day))
	}
	if len(given) > 0 {
		out.Lines = append(out.Lines, strings.Join(given, " "))
	}
	out.Lines = append(out.Lines, v.gaps(types)...)
	if len(out.Lines) == 0 {
		out.Lines = []string{v.T("where.nobody")}
	}
	return out
}

// gaps says what each source did not give of these types. That a part failed is
// said even when another part came.
func (v *view) gaps(types []string) []string {
	var out []string
	for _, source := range v.sources() {
		got, at := v.outcomes(source, types)
		for _, bad := range [...]fhir.Outcome{fhir.Failed, fhir.OK, fhir.Empty, fhir.NotGranted, fhir.NotOffered} {
			if got[bad] && bad != fhir.OK {
				out = append(out, v.T("where."+string(bad), "source", v.provider(source), "day", v.DayOf(at, v.now)))
			}
			if got[bad] {
				break
			}
		}
	}
	return out
}

// outcomes are what a source answered to the questions about these types, and
// when it was asked last.
func (v *view) outcomes(source string, types []string) (got map[fhir.Outcome]bool, at time.Time) {
	got = map[fhir.Outcome]bool{}
	for _, s := range v.o.Sources {
		for _, q := range s.Queries {
			if s.Source == source && slices.Contains(types, queryType(q.Query)) {
				got[q.Outcome] = true
				if s.Fetched.After(at) {
					at = s.Fetched
				}
			}
		}
	}
	return got, at
}

// queryType is the resource type that a query asks for.
func queryType(query string) string {
	if i := strings.IndexAny(query, "?/$"); i >= 0 {
		query = query[:i]
	}
	return query
}

// emptyList is the answer for a list without anything in it: bounded by who
// was asked and when, or an invitation to add a provider.
func (v *view) emptyList(p *page, what string, types ...string) {
	var asked []string
	for _, source := range v.sources() {
		if got, _ := v.outcomes(source, types); (got[fhir.OK] || got[fhir.Empty]) && !got[fhir.Failed] {
			asked = append(asked, v.provider(source))
		}
	}
	switch {
	case len(v.sources()) == 0:
		p.Answer, p.Rest = v.T("empty.first"), v.T("empty.first.rest")
		p.Actions = []action{{Text: v.T("z.add"), Href: "/z", Look: "main"}}
	case len(asked) == 0:
		p.Answer, p.Rest = v.T("empty.unknown", "what", v.T("what."+what)), v.T("empty.unknown.rest")
	default:
		p.Answer = v.T("empty.asked", "what", v.T("what."+what), "sources", v.List(asked))
		p.Rest = v.T("empty.asked.rest", "day", v.DayOf(v.updated(), v.now))
	}
}
