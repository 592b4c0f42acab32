package aggregator

import (
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayAppointment tells of an appointment. Appointments are never merged or
// grouped: two at one time are two to keep or to ask about.
func (m *merger) sayAppointment(e *entry, a *clinical.Appointment) saying {
	s := saying{
		title: firstNonEmpty(codedWords(a.Services), m.contactKind(a.Type), codedWords(a.Specialties), codedWords(a.Categories), a.Description),
		when:  firstDate(a.Start, wanted(a)), author: participants(a.Participants), section: Planned,
	}
	description := a.Description
	if description == s.title {
		description = ""
	}
	s.detail = joinText(" · ", m.clock(a.Start), joinText(" · ", a.Instructions...), description, a.Cancelled.Display(), // "do not eat" comes first
		codedWords(a.Reasons), m.places(e, a.Participants), remarks(a.Remarks))
	switch {
	case a.Status.Code == "cancelled" || a.Status.Code == "noshow":
		s.section = Cancelled
	case !s.when.IsZero() && firstDate(a.End, s.when).High().Before(m.AsOf):
		s.section = Past
	}
	return s
}

func wanted(a *clinical.Appointment) fhir.Date {
	for _, p := range a.Wanted {
		if !p.Start.IsZero() {
			return p.Start
		}
	}
	return fhir.Date{}
}

// clock is the time of day in Amsterdam, when it is known.
func (m *merger) clock(d fhir.Date) string {
	if d.Precision() < fhir.PrecisionMinute {
		return ""
	}
	return d.Low().In(fhir.Amsterdam()).Format("15:04") + m.texts.label["hour"]
}

func (m *merger) places(e *entry, all []clinical.Participant) string {
	var refs []fhir.Reference
	for _, p := range all {
		if p.Who.Ref.Type == "Location" {
			refs = append(refs, p.Who)
		}
	}
	return m.named(e, refs...)
}
