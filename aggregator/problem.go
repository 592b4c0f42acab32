package aggregator

import (
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayProblem tells of a complaint or diagnosis. Two providers that note the
// same code stand side by side: one may treat what the other only heard of.
func (m *merger) sayProblem(p *clinical.Problem) saying {
	s := saying{
		title: p.Code.Display(), when: firstDate(p.Onset.Start, p.Recorded), author: []fhir.Reference{p.Asserter, p.Recorder},
		detail: joinText(" · ", p.Further, p.Severity.Display(), p.Stage.Display(), sites(p.Sites),
			m.labelled("possible", unconfirmed(p.Verification)), m.until(p.Abatement.Start), p.Abatement.Text, remarks(p.Remarks)),
		about: aboutCodes(p.Code, ""), advice: "same-problem", section: Active,
	}
	switch p.Clinical.Code {
	case "inactive", "resolved", "remission":
		s.section = Inactive
	}
	if p.Verification.Code == "refuted" {
		s.not, s.section = "problem", Inactive
	}
	return s
}

// unconfirmed names a diagnosis that is not certain; empty for one that is.
func unconfirmed(v clinical.Status) string {
	switch v.Code {
	case "unconfirmed", "provisional", "differential":
		return firstNonEmpty(v.Source.Display(), v.Code)
	}
	return ""
}

// sayEpisode tells what a general practitioner keeps together, by its own
// title or by the problem it is about.
func (m *merger) sayEpisode(e *entry, p *clinical.Episode) saying {
	s := saying{
		title: firstNonEmpty(p.Title, m.named(e, p.Conditions...), codedWords(p.Types)), when: firstDate(p.Period.Start, p.First),
		author: []fhir.Reference{p.Manager}, detail: joinText(" · ", m.until(p.Period.End), remarks(p.Remarks)),
		advice: "same-problem", section: Active,
	}
	switch p.Status.Code {
	case "finished", "cancelled":
		s.section = Inactive
	}
	for _, r := range p.Conditions {
		if c := m.book.node(e, r).Get("code").Coded(); !c.IsZero() {
			s.about = append(s.about, aboutCodes(c, "")...)
		}
	}
	return s
}
