package aggregator

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Completeness tells what one data service of one source was asked about one
// subject and what came of it. It is part of the overview: without it an empty
// list would read as "none" (merge.md 0.6, S7). Absent means: never asked.
type Completeness struct {
	Subject  string       `json:"subject"`
	Source   string       `json:"source"`
	Provider string       `json:"provider"`
	Service  string       `json:"service"`
	Outcome  fhir.Outcome `json:"outcome"` // complete, partial, empty, failed, not-granted, not-offered
	Asked    time.Time    `json:"asked"`   // the newest time
	Good     time.Time    `json:"good"`    // the newest time that every question was answered, by the receipts in Input, or that a record came; zero: never
	Text     string       `json:"text"`    // in words for the person; empty when everything came
	Gaps     []Gap        `json:"gaps"`    // what the source leaves out even when everything came
}

// Gap is something a source is known to leave out.
type Gap struct {
	Code string `json:"code"` // only-medication, only-latest, only-since, only-current, not-received
	Text string `json:"text"`
}

// completeness goes through the receipts, newest first.
func (m *merger) completeness() []Completeness {
	receipts := slices.Clone(m.Receipts)
	slices.SortStableFunc(receipts, func(a, b fhir.Receipt) int { return b.Finished.Compare(a.Finished) })
	found := map[[3]string]*Completeness{}
	for _, r := range receipts {
		if r.Origin.IsSelf() {
			continue
		}
		for subject, queries := range bySubject(r.Queries) {
			k := [3]string{subject, r.Origin.Source, r.Origin.Service}
			if found[k] == nil {
				found[k] = m.asked(subject, r, queries)
			}
			if found[k].Good.IsZero() && answered(queries) {
				found[k].Good = r.Finished.In(fhir.Amsterdam())
			}
		}
	}
	out := []Completeness{}
	given := map[[3]string]time.Time{}
	if len(found) > 0 {
		given = m.lastGiven()
	}
	for k, c := range found {
		if last := given[k]; last.After(c.Good) {
			c.Good = last.In(fhir.Amsterdam())
		}
		c.Text = m.completenessWords(c)
		c.Gaps = append(c.Gaps, m.notReceived(c)...)
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Completeness) int {
		return cmp.Or(strings.Compare(a.Subject, b.Subject), strings.Compare(a.Source, b.Source), strings.Compare(a.Service, b.Service))
	})
	return out
}

// lastGiven is when a source last gave a record of a subject, for who has only
// the newest receipts.
func (m *merger) lastGiven() map[[3]string]time.Time {
	last := map[[3]string]time.Time{}
	for _, l := range m.lines {
		for _, e := range l.members {
			k := [3]string{l.Subject, e.Origin.Source, e.Origin.Service}
			for _, at := range [...]time.Time{e.Fetched, e.LastSeen} {
				if at.After(last[k]) {
					last[k] = at
				}
			}
		}
	}
	return last
}

func (m *merger) asked(subject string, r fhir.Receipt, queries []fhir.QueryResult) *Completeness {
	return &Completeness{
		Subject: subject, Source: r.Origin.Source, Provider: m.providerName(r.Origin.Source), Service: r.Origin.Service,
		Outcome: fhir.Receipt{Queries: queries}.Outcome(), Asked: r.Finished.In(fhir.Amsterdam()),
		Gaps: m.gapsOf(r.Origin.Service, queries),
	}
}

func answered(queries []fhir.QueryResult) bool {
	return !slices.ContainsFunc(queries, func(q fhir.QueryResult) bool { return q.Outcome != fhir.OK && q.Outcome != fhir.Empty })
}

// bySubject sorts questions by what they are about. A question that does not say
// so, such as one for a whole file, is about no subject: its outcome is in Sources.
func bySubject(queries []fhir.QueryResult) map[string][]fhir.QueryResult {
	out := map[string][]fhir.QueryResult{}
	for _, q := range queries {
		for _, subject := range AskedAbout(q.Query) {
			out[subject] = append(out[subject], q)
		}
	}
	return out
}

// AskedAbout are the subjects that a query asks for, by their names in
// [Item.Subject]: what the table of subjects would claim of its answer. Several
// for a query about more than one; none for one that does not say so.
func AskedAbout(query string) []string {
	typ, _, _ := strings.Cut(query, "?")
	typ, _, _ = strings.Cut(typ, "/")
	switch {
	case typ == "Observation":
		return observedSubjects(query)
	case supportRole(typ) != "" || !(fhir.STU3.HasType(typ) || fhir.R4.HasType(typ)):
		return nil
	}
	probe := &entry{Record: fhir.Record{Resource: fhir.Resource{Ref: fhir.Ref{Type: typ}}}}
	for _, s := range subjects() {
		if s.claims(probe) {
			return []string{s.name}
		}
	}
	return nil
}

// observedSubjects looks at the codes a query for observations asks for. The
// table of general practitioners has both results and measurements.
func observedSubjects(query string) []string {
	var found []string
	add := func(yes bool, subject string) {
		if yes && !slices.Contains(found, subject) {
			found = append(found, subject)
		}
	}
	gp := strings.Contains(query, fhir.NHG45)
	add(gp, "lab")
	add(gp, "vital")
	for _, word := range strings.FieldsFunc(query, func(r rune) bool { return strings.ContainsRune("?&=,|", r) }) {
		add(strings.Contains(labCategories, "|"+word+"|"), "lab")
		add(word == "vital-signs" || isVitalCode(word), "vital")
		add(strings.Contains(lifestyleCodes+lifestyleCategories, "|"+word+"|"), "lifestyle")
		add(word == "context", "note")
	}
	return found
}

func isVitalCode(code string) bool {
	for _, system := range [...]string{fhir.LOINC, fhir.SNOMED} {
		if vitalOf(fhir.Coded{Coding: []fhir.Coding{{System: system, Code: code}}}).key != "" {
			return true
		}
	}
	return false
}

var windowOf = regexp.MustCompile(`=ge\{today-(\d+)([dm])\}`)

// gapsOf reads from the questions what they do not ask for.
func (m *merger) gapsOf(service string, queries []fhir.QueryResult) []Gap {
	gaps := []Gap{}
	add := func(code, text string) {
		if !slices.ContainsFunc(gaps, func(g Gap) bool { return g.Code == code && g.Text == text }) {
			gaps = append(gaps, Gap{code, text})
		}
	}
	for _, q := range queries {
		if strings.HasPrefix(q.Query, "AllergyIntolerance") && (service == "58" || strings.Contains(q.Query, "category=medication")) {
			add("only-medication", m.texts.onlyMedication())
		}
		if strings.Contains(q.Query, "/$lastn") {
			add("only-latest", m.texts.onlyLatest())
		}
		if w := windowOf.FindStringSubmatch(q.Query); w != nil {
			add("only-since", m.texts.onlySince(w[1], w[2] == "m"))
		}
		if strings.Contains(q.Query, "=ge{today}") {
			add("only-current", m.texts.onlyCurrent())
		}
	}
	slices.SortFunc(gaps, func(a, b Gap) int { return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Text, b.Text)) })
	return gaps
}

// notReceived counts results that a group of results names and that never came.
func (m *merger) notReceived(c *Completeness) []Gap {
	n := 0
	for _, l := range m.lines {
		if r, ok := l.Value.(*Result); ok && l.Subject == c.Subject && l.members[0].Origin == (fhir.Origin{Source: c.Source, Service: c.Service}) {
			n += r.Missing
		}
	}
	if n == 0 {
		return nil
	}
	return []Gap{{"not-received", m.texts.missing(n)}}
}

func (m *merger) completenessWords(c *Completeness) string {
	switch c.Outcome {
	case fhir.Complete:
		return ""
	case fhir.Partial:
		return m.texts.partly(c.Provider)
	}
	last := fhir.Date{}
	if !c.Good.IsZero() && c.Good.Before(c.Asked) {
		last = fhir.ParseDate(c.Good.Format("2006-01-02"))
	}
	return m.texts.unknownBecause(c.Provider, c.Outcome, last)
}
