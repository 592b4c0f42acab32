package r4

// otherRules are of people, organisations, places and things.
var otherRules = map[string][]step{
	"Device": {
		udi, rename("model", "modelNumber", "string"), version,
	},
	"DeviceUseStatement": {
		rename("whenUsed", "timingPeriod", "Period"), rename("indication", "reasonCode", "CodeableConcept"),
		lift(zib+"deviceUseStatement-reasonReferenceSTU3", "valueReference", "reasonReference"),
	},
	"HealthcareService": {eligibility, programs},
	"Location":          {},
	"Organization":      {},
	"Patient":           {animal},
	"Person":            {},
	"Practitioner":      {},
	"PractitionerRole":  {},
	"RelatedPerson":     {},
	"Substance":         {},
}

// udi: its carrier and its name are apart in R4.
func udi(a at) {
	for _, o := range a.takeParts("udi") {
		if name := o.take("name"); name != nil {
			a.add("deviceName", obj("name", name, "type", "udi-label-name"))
		}
		if len(o.members) > 0 {
			a.add("udiCarrier", o)
		}
	}
}

// version: a text in STU3, a list of versions in R4.
func version(a at) {
	if v := a.get("version"); text(v) != "" {
		a.set("version", list{obj("value", v, "_value", a.take("_version"))})
	}
}

// eligibility: a concept and a remark are one part in R4.
func eligibility(a at) {
	code, remark := a.take("eligibility"), a.take("eligibilityNote")
	if code != nil || remark != nil {
		a.set("eligibility", list{obj("code", code, "comment", remark)})
	}
}

// programs: names in STU3, concepts in R4.
func programs(a at) {
	for _, name := range items(a.take("programName")) {
		a.add("program", obj("text", name))
	}
}

// animal is a standard extension in R4.
func animal(a at) {
	for _, o := range a.takeParts("animal") {
		p := at{o, a.root, a.path + ".animal", a.c}
		a.note("animal", Extended)
		a.add("extension", p.nested("http://hl7.org/fhir/StructureDefinition/patient-animal", "animal",
			"species=CodeableConcept breed=CodeableConcept genderStatus=CodeableConcept", o))
	}
}
