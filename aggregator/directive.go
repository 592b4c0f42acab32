package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayDirective names a directive by the treatment or the kind of will it is
// about, and says whether the treatment is permitted. Directives are never
// merged or grouped: which one holds is for the person and the doctor.
func (m *merger) sayDirective(d *clinical.Directive) saying {
	parts := []string{d.Permitted.Display(), m.texts.label[permission(d)]}
	for _, r := range d.Restrictions {
		parts = append(parts, r.Text)
	}
	parts = append(parts, m.labelled("verified", d.VerifiedWith.Display()), d.ReasonEnded, m.until(d.Period.End), remarks(d.Remarks))
	s := saying{title: directiveTitle(d), author: d.Parties, when: firstDate(d.Date, d.Period.Start), section: ended(d.Status.Code)}
	s.detail = joinText(" · ", parts...)
	return s
}

// permission is what a treatment directive of R4 decides, where no Dutch code
// says it.
func permission(d *clinical.Directive) string {
	if !d.Permitted.IsZero() || d.Treatment.IsZero() {
		return ""
	}
	return d.Decision
}

// genericDirectives are the codes that only say that it is a directive
// (data-services.md 1.1 no. 3 and 4).
const genericDirectives = "|11291000146105|11341000146107|acd|"

func directiveTitle(d *clinical.Directive) string {
	if title := d.Treatment.Display(); title != "" {
		return title
	}
	for _, c := range append(d.Kinds, d.Categories...) {
		if !strings.Contains(genericDirectives, "|"+c.Code("")+"|") || c.Code("") == "" {
			return c.Display()
		}
	}
	return ""
}
