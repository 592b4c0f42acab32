package aggregator

import (
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayVaccination tells of a vaccination. One vaccine on one day at two
// providers may be one jab that both noted, and may be two: they stand side by
// side.
func (m *merger) sayVaccination(v *clinical.Vaccination) saying {
	s := saying{
		title: v.Code.Display(), when: firstDate(v.When.Start, v.Recorded), author: participants(v.Performers),
		detail: joinText(" · ", m.doseNumber(v.Protocols), m.labelled("lot", v.Lot), codedWords(v.Reason), remarks(v.Remarks)),
		not:    negated(!v.Given, "vaccination"), advice: "same-vaccination",
	}
	if day := v.When.Start.Day(); len(day) == len("2006-01-02") && v.Given {
		s.about = aboutCodes(v.Code, "|"+day)
	}
	return s
}

// doseNumber says which dose of how many it was.
func (m *merger) doseNumber(all []clinical.Protocol) string {
	for _, p := range all {
		if p.Dose != "" && p.Doses != "" {
			return m.texts.label["dose"] + " " + p.Dose + "/" + p.Doses
		}
		if p.Dose != "" {
			return m.texts.label["dose"] + " " + p.Dose
		}
	}
	return ""
}

// sayAdvice takes vaccine and date from the advice itself: STU3 has them
// nowhere else.
func (m *merger) sayAdvice(v *clinical.VaccinationAdvice) saying {
	s := saying{when: v.Date}
	var titles, texts []string
	for _, a := range v.Advice {
		titles = append(titles, codedWords(a.Codes))
		texts = append(texts, a.Text)
		if s.when.IsZero() {
			s.when = a.When()
		}
	}
	s.title, s.detail = joinText(", ", titles...), joinText(" · ", texts...)
	return s
}
