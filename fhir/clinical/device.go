package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Device is an aid or an implant (data-services.md 1.1 no. 17).
type Device struct {
	Head
	Status  Status         // status
	Type    fhir.Coded     // type
	UDI     string         // STU3 udi; R4 udiCarrier[]: carrierHRF or deviceIdentifier
	Lot     string         // lotNumber
	Serial  string         // R4 serialNumber
	Maker   string         // manufacturer
	Model   string         // STU3 model; R4 modelNumber
	Made    fhir.Date      // manufactureDate
	Expires fhir.Date      // expirationDate
	Remarks []Remark       // note[]
	Patient fhir.Reference // patient
}

// ReadDevice reads a Device.
func ReadDevice(r fhir.Resource) (*Device, []Warning) { return as[Device](Read(r)) }

func readDevice(r reader) Reading {
	d := &Device{
		Status: r.status("status", "active inactive entered-in-error unknown"), Type: r.concept("type"), Lot: r.text("lotNumber"),
		Serial: r.text("serialNumber"), Maker: r.text("manufacturer"), Model: firstText(r.text("model"), r.text("modelNumber")),
		Made: r.date("manufactureDate"), Expires: r.date("expirationDate"), Remarks: r.remarks(), Patient: r.ref("patient"),
	}
	for _, udi := range r.each("udi", "udiCarrier") {
		udi.note("issuer")
		d.UDI = firstText(d.UDI, udi.text("carrierHRF"), udi.text("deviceIdentifier"))
	}
	return d
}

// DeviceUse is that somebody uses an aid (data-services.md 1.1 no. 17).
type DeviceUse struct {
	Head
	Status     Status           // status
	Device     fhir.Reference   // device
	Used       Moment           // STU3 whenUsed; R4 timing[x]
	Recorded   fhir.Date        // recordedOn
	Source     fhir.Reference   // source
	Reasons    []fhir.Coded     // STU3 indication[]; R4 reasonCode[]
	ReasonRefs []fhir.Reference // STU3 ext zib-MedicalDevice-Problem in indication, ext deviceUseStatement-reasonReferenceSTU3; R4 reasonReference[]
	Sites      []Site           // bodySite
	Provider   fhir.Reference   // STU3 ext zib-MedicalDevice-Organization; R4 ext-MedicalDevice.Location
	Person     fhir.Reference   // R4 ext-MedicalDevice.HealthProfessional
	Remarks    []Remark         // note[]
	Subject    fhir.Reference   // subject
}

// ReadDeviceUse reads a DeviceUseStatement.
func ReadDeviceUse(r fhir.Resource) (*DeviceUse, []Warning) { return as[DeviceUse](Read(r)) }

func readDeviceUse(r reader) Reading {
	d := &DeviceUse{
		Status: r.status("status", "active completed entered-in-error intended stopped on-hold"), Device: r.ref("device"),
		Used: r.moment("timing"), Recorded: r.date("recordedOn"), Source: r.ref("source"),
		Reasons: r.concepts("indication", "reasonCode"), ReasonRefs: r.refs("reasonReference"), Sites: r.sites("bodySite"),
		Provider: r.ext("zib-MedicalDevice-Organization", "ext-MedicalDevice.Location").node.Reference(),
		Person:   r.ext("ext-MedicalDevice.HealthProfessional", "zib-MedicalDevice-Practitioner").node.Reference(),
		Remarks:  r.remarks(), Subject: r.ref("subject"),
	}
	if used := r.get("whenUsed"); used.exists() {
		d.Used.Period = used.period()
	}
	for _, item := range append(r.each("indication"), r.each("reasonCode")...) { // the latter when it was converted
		if ref := item.ext("zib-MedicalDevice-Problem").node.Reference(); !ref.IsZero() {
			d.ReasonRefs = append(d.ReasonRefs, ref)
		}
	}
	for _, x := range r.exts(nictiz + "deviceUseStatement-reasonReferenceSTU3") {
		d.ReasonRefs = append(d.ReasonRefs, x.Value().Reference())
	}
	return d
}

// DeviceRequest is an aid that was asked for (data-services.md 1.1 no. 27).
type DeviceRequest struct {
	Head
	Status     Status           // status + _status
	Code       fhir.Coded       // codeCodeableConcept
	Device     fhir.Reference   // codeReference
	Occurrence Moment           // occurrence[x]
	Authored   fhir.Date        // authoredOn
	Requester  fhir.Reference   // STU3 requester.agent; R4 requester
	Performer  fhir.Reference   // performer
	Reasons    []fhir.Coded     // reasonCode[]
	ReasonRefs []fhir.Reference // reasonReference[]
	Remarks    []Remark         // note[]
	Subject    fhir.Reference   // subject
}

// ReadDeviceRequest reads a DeviceRequest.
func ReadDeviceRequest(r fhir.Resource) (*DeviceRequest, []Warning) {
	return as[DeviceRequest](Read(r))
}

func readDeviceRequest(r reader) Reading {
	r.note("intent")
	return &DeviceRequest{
		Status: r.status("status", requestStates), Code: r.concept("codeCodeableConcept"), Device: r.ref("codeReference"),
		Occurrence: r.moment("occurrence"), Authored: r.date("authoredOn"), Requester: r.requester(), Performer: r.ref("performer"),
		Reasons: r.concepts("reasonCode"), ReasonRefs: r.refs("reasonReference"), Remarks: r.remarks(), Subject: r.ref("subject"),
	}
}
