package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Appointment is an appointment, made or asked for (data-services.md 2.7).
type Appointment struct {
	Head
	Status       Status           // status + _status
	Cancelled    fhir.Coded       // R4 cancelationReason
	Start, End   fhir.Date        // start, end
	Minutes      string           // minutesDuration, decimal text
	Wanted       []fhir.Period    // requestedPeriod[]
	Description  string           // description
	Type         fhir.Coded       // appointmentType
	Specialties  []fhir.Coded     // specialty[]
	Categories   []fhir.Coded     // serviceCategory: one in STU3, a list in R4
	Services     []fhir.Coded     // serviceType[]
	Reasons      []fhir.Coded     // STU3 reason[]; R4 reasonCode[]
	ReasonRefs   []fhir.Reference // STU3 indication[]; R4 reasonReference[]
	Participants []Participant    // participant[]: actor, type, status, period
	Instructions []string         // STU3 ext eAfspraak-Appointment-PatientInstructions; R4 patientInstruction
	Remarks      []Remark         // comment
	Created      fhir.Date        // created
	BasedOn      []fhir.Reference // STU3 incomingReferral[]; R4 basedOn[]
	Slots        []fhir.Reference // slot[]
	Supporting   []fhir.Reference // supportingInformation[]
}

// ReadAppointment reads an Appointment.
func ReadAppointment(r fhir.Resource) (*Appointment, []Warning) { return as[Appointment](Read(r)) }

const appointmentStates = "proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist"

func readAppointment(r reader) Reading {
	a := &Appointment{
		Status: r.status("status", appointmentStates), Cancelled: r.concept("cancelationReason"),
		Start: r.date("start"), End: r.date("end"), Minutes: r.text("minutesDuration"), Description: r.text("description"),
		Type: r.concept("appointmentType"), Specialties: r.concepts("specialty"), Categories: r.concepts("serviceCategory"),
		Services: r.concepts("serviceType"), Reasons: r.concepts("reason", "reasonCode"), ReasonRefs: r.refs("indication", "reasonReference"),
		Participants: r.participants("participant", "actor", "type"), Remarks: r.remarks(), Created: r.date("created"),
		BasedOn: r.refs("incomingReferral", "basedOn"), Slots: r.refs("slot"), Supporting: r.refs("supportingInformation"),
	}
	for _, item := range r.each("requestedPeriod") {
		a.Wanted = append(a.Wanted, item.period())
	}
	if text := r.text("patientInstruction"); text != "" {
		a.Instructions = append(a.Instructions, text)
	}
	for _, x := range r.exts(nictiz + "eAfspraak-Appointment-PatientInstructions") {
		if text := worded(x.Value()).Display(); text != "" {
			a.Instructions = append(a.Instructions, text)
		}
	}
	return a
}
