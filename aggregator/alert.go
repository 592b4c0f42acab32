package aggregator

import (
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayAlert tells what a provider wants others to notice.
func (m *merger) sayAlert(e *entry, a *clinical.Alert) saying {
	return saying{
		title: firstNonEmpty(a.Code.Display(), m.named(e, a.Detail)), when: a.Period.Start, author: []fhir.Reference{a.Author}, section: ended(a.Status.Code),
		detail: joinText(" · ", codedWords(a.Categories), unlessSame(m.named(e, a.Detail), a.Code.Display()), m.until(a.Period.End), remarks(a.Remarks)),
		about:  aboutCodes(a.Code, ""), advice: "same-problem",
	}
}
