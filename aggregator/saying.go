package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// saying is what a record of a plain subject says beyond what [plainLine]
// finds in it without knowing its type.
type saying struct {
	title     string
	when      fhir.Date
	author    []fhir.Reference // when nothing else names one
	detail    string
	not       string // the record says that something is not so: a key of texts.negation
	uncertain bool   // a modifier that nobody knows
}

// saying reads the record as what it is. A record of no subject says nothing.
func (m *merger) saying(e *entry) saying {
	value, _ := e.read()
	if value == nil {
		return saying{uncertain: oddModifier(e.node)}
	}
	s := m.sayingOf(e, value)
	s.uncertain = !value.Common().Certain
	return s
}

func (m *merger) sayingOf(e *entry, value clinical.Reading) saying {
	var s saying
	switch v := value.(type) {
	case *clinical.Appointment:
		s.detail = strings.Join(v.Instructions, " · ") // "do not eat" comes first
	case *clinical.Directive:
		s = directiveSaying(v)
	case *clinical.Observation:
		s.title = m.aboutOther(e, v)
	case *clinical.Task:
		s.author = []fhir.Reference{v.Requester}
	case *clinical.VaccinationAdvice:
		s = adviceSaying(v)
	case *clinical.Vaccination:
		s.not = negated(!v.Given, "vaccination")
	case *clinical.Procedure:
		s.not = negated(!v.Done, "procedure")
	case *clinical.Request:
		s.not = negated(v.Not, "request")
	case *clinical.Problem:
		s.not = negated(v.Verification.Code == "refuted", "problem")
	}
	return s
}

// aboutOther names a finding about somebody else, such as a child that is not
// yet born, by that person (data-services.md 1.13).
func (m *merger) aboutOther(e *entry, o *clinical.Observation) string {
	if o.AboutPatient() {
		return ""
	}
	who := firstNonEmpty(m.whoOf(e, o.Focus), m.texts.somebodyElse)
	return joinText(": ", who, o.Code.Display())
}

func negated(not bool, subject string) string {
	if not {
		return subject
	}
	return ""
}

// directiveSaying names a directive by the treatment or the kind of will it is
// about, and says whether the treatment is permitted.
func directiveSaying(d *clinical.Directive) saying {
	s := saying{title: directiveTitle(d), author: d.Parties, when: firstDate(d.Date, d.Period.Start)}
	parts := []string{d.Permitted.Display()}
	for _, r := range d.Restrictions {
		parts = append(parts, r.Text)
	}
	for _, r := range d.Remarks {
		parts = append(parts, r.Text)
	}
	s.detail = joinText(" · ", parts...)
	return s
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

// adviceSaying takes vaccine and date from the advice itself: STU3 has them
// nowhere else.
func adviceSaying(v *clinical.VaccinationAdvice) saying {
	s := saying{when: v.Date}
	var titles, texts []string
	for _, a := range v.Advice {
		for _, c := range a.Codes {
			titles = append(titles, c.Display())
		}
		texts = append(texts, a.Text)
		if s.when.IsZero() {
			s.when = a.When()
		}
	}
	s.title, s.detail = joinText(", ", titles...), joinText(" · ", texts...)
	return s
}

// whoOf names the first of the references that leads somewhere.
func (m *merger) whoOf(e *entry, all []fhir.Reference) string {
	for _, r := range all {
		if who := m.book.who(e, r); who != "" {
			return who
		}
	}
	return ""
}
