package web

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// lacking is what a source that did give something did not give, each once, and
// the code of what asks most of the person; empty when no reason is known.
func (v *view) lacking(source string) (what []string, code string) {
	for _, subject := range shareSubjects {
		if slices.ContainsFunc(v.completenessOf(source, subject), func(c aggregator.Completeness) bool { return isBad(c.Outcome) }) {
			what = append(what, v.subjectName(subject))
		}
	}
	for _, s := range v.o.Sources {
		if s.Source != source {
			continue
		}
		for _, name := range v.lackingIn(s) {
			if !slices.Contains(what, name) {
				what = append(what, name)
			}
		}
		for _, q := range s.Queries {
			if isBad(q.Outcome) {
				code = strongest(code, q.Detail)
			}
		}
	}
	return what, code
}

// lackingIn names what the questions to one data service did not bring. One of
// which
func (v *view) lackingIn(s aggregator.SourceStatus) []string {
	var names []string
	for _, q := range s.Queries {
		if !isBad(q.Outcome) {
			continue
		}
		subjects := aggregator.AskedAbout(q.Query)
		for _, subject := range subjects {
			names = append(names, v.subjectName(subject))
		}
		if len(subjects) == 0 {
			names = append(names, v.queryName(q.Query))
		}
	}
	if len(names) == 0 && (s.Outcome == fhir.Failed || s.Outcome == fhir.NotGranted) {
		names = append(names, v.T("o.partly.service"))
	}
	return names
}

// strongest is the one of two codes that asks more of the person: a login comes
// before trying again.
func strongest(a, b string) string {
	if a == "" || b != "" && medmij.FailureOf(b).Next == medmij.NextLogin && medmij.FailureOf(a).Next != medmij.NextLogin {
		return b
	}
	return a
}

// inSentence is a list of kinds of records within a sentence.
func (v *view) inSentence(what []string) string { return strings.ToLower(v.List(what)) }

// partlyRow is a source of which a part did not come, with why and the next step;
// any is false when all of it came, or nothing at all.
func (v *view) partlyRow(source string) (r row, any bool) {
	what, code := v.lacking(source)
	if _, whole := v.failing(source); whole || len(what) == 0 {
		return r, false
	}
	name, why := v.provider(source), v.T("o.partly.why")
	if code != "" {
		why = v.problem(code, source)
	}
	see := action{Text: v.T("z.see"), About: name, Href: "/z/" + sourceKey(source), Look: "link"}
	try := v.tryAction(source, name, code)
	if len(try) == 0 {
		see.Look = "other"
	}
	return row{
		Name:    v.T("o.partly", "source", name),
		Lines:   []line{plain(v.T("o.partly.what", "what", v.inSentence(what))), plain(why)},
		Actions: append(try, see),
	}, true
}

// tryAction is what the person can do here about a code: log in, or try again.
// While the source is busy there is nothing to do but wait.
func (v *view) tryAction(source, name, code string) []action {
	switch {
	case v.busy(source):
		return nil
	case medmij.FailureOf(code).Next == medmij.NextLogin:
		return []action{v.connectAction(source, 0, v.T("z.login"))}
	}
	return []action{v.retryAction(source, name)}
}

// retryAction asks everything of one source again.
func (v *view) retryAction(source, name string) action {
	return action{
		Text: v.T("p.again"), About: name, Post: "/z/haal", Values: []value{{"bron", sourceKey(source)}},
		Look: "other", ID: "p-" + sourceKey(source),
	}
}

// known is when a source last gave something, also when the last try failed.
func (v *view) known(source string) time.Time {
	last := v.fetched(source)
	for _, c := range v.completenessOf(source, "") {
		if c.Good.After(last) {
			last = c.Good
		}
	}
	return last
}
