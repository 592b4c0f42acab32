package aggregator

import (
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayProcedure tells of something that was done, or was not.
func (m *merger) sayProcedure(e *entry, p *clinical.Procedure) saying {
	s := saying{
		title: p.Code.Display(), when: firstDate(p.Performed.Start, p.Schedule.Start), author: participants(p.Performers),
		detail: joinText(" · ", sites(p.Sites), codedWords(p.Reasons), m.named(e, p.ReasonRefs...), m.named(e, p.Devices...), m.named(e, p.Place),
			p.Outcome.Display(), codedWords(p.Complications), m.until(longStay(p.Performed.Period)), remarks(p.Remarks)),
		not: negated(!p.Done, "procedure"), advice: "same-procedure",
	}
	if day := p.Performed.Start.Day(); len(day) == len("2006-01-02") && p.Done {
		s.about = aboutCodes(p.Code, "|"+day)
	}
	return s
}

// sayRequest tells of something that was asked for.
func (m *merger) sayRequest(r *clinical.Request) saying {
	s := saying{
		title: firstNonEmpty(codedWords(r.Codes), codedWords(r.Categories)), when: firstDate(r.Occurrence.Start, r.Authored),
		author: []fhir.Reference{r.Requester}, not: negated(r.Not, "request"),
		detail: joinText(" · ", r.Text, codedWords(r.Reasons), sites(r.Sites), codedWords(r.PerformerType), remarks(r.Remarks)),
	}
	if r.Status.Code == "cancelled" || r.Status.Code == "revoked" {
		s.section = Cancelled
	}
	return s
}

// sayReport tells what a report concludes; its results are lines of their own.
func (m *merger) sayReport(r *clinical.Report) saying {
	return saying{
		title: r.Code.Display(), when: firstDate(r.Effective.Start, r.Issued), author: append(participants(r.Performers), r.Interpreters...),
		detail: joinText(" · ", r.Conclusion, codedWords(r.Codes), m.notFinal(r.Status.Code)),
	}
}

// notFinal says that a report may still change.
func (m *merger) notFinal(status string) string {
	if status == "preliminary" || status == "registered" || status == "partial" {
		return m.texts.label["preliminary"]
	}
	return ""
}
