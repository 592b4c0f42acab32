package r4

import "strings"

// careRules are of care given, planned and paid for.
var careRules = map[string][]step{
	"Appointment": {
		rename("reason", "reasonCode", "CodeableConcept"), rename("indication", "reasonReference", "Reference"),
		rename("incomingReferral", "basedOn", "Reference"),
		lift(zib+"eAfspraak-Appointment-PatientInstructions", "valueString", "patientInstruction"),
	},
	"CarePlan": {
		noDefinition, encounter, requestState, contributors,
		in("activity", in("detail",
			noDefinition, activityKind, rename("prohibited", "doNotPerform", "boolean"), codeableText("statusReason"))),
	},
	"CareTeam":      {encounter},
	"Coverage":      {needCode("status"), need("beneficiary", unknown()), needPayor, coverageClass},
	"Encounter":     {rename("reason", "reasonCode", "CodeableConcept"), rename("incomingReferral", "basedOn", "Reference"), in("diagnosis", rename("role", "use", "CodeableConcept")), need("class", unknown())},
	"EpisodeOfCare": {},
	"Goal":          {goalStatus, need("subject", unknown())},
	"Procedure": {
		noDefinition, encounter, notDone("notDone", "not-done"), eventState,
		rename("notDoneReason", "statusReason", "CodeableConcept"),
		in("performer", rename("role", "function", "CodeableConcept")),
	},
}

// contributors: R4 has one author of a plan; the others contributed.
func contributors(a at) {
	if l := items(a.get("author")); len(l) > 1 {
		a.set("author", l[0])
		a.add("contributor", l[1:]...)
	}
}

// activityKind: the category of an activity was a concept, its kind is the
// type of resource that would ask for it.
func activityKind(a at) {
	kinds := map[string]string{
		"diet": "NutritionOrder", "drug": "MedicationRequest", "encounter": "Appointment",
		"observation": "ServiceRequest", "procedure": "ServiceRequest", "supply": "DeviceRequest",
	}
	for _, concept := range objects(a.get("category")) {
		for _, o := range objects(concept.get("coding")) {
			kind := kinds[o.text("code")]
			if kind != "" && o.text("system") == "http://hl7.org/fhir/care-plan-activity-category" && !a.has("kind") {
				a.set("kind", str(kind))
			}
		}
	}
	extend("category", "CodeableConcept")(a)
}

// goalStatus: one status became two, of the work and of the result.
func goalStatus(a at) {
	pairs := map[string][2]string{
		"in-progress": {"active", "in-progress"}, "on-target": {"active!", "in-progress"},
		"ahead-of-target": {"active!", "in-progress"}, "behind-target": {"active!", "in-progress"},
		"sustaining": {"active", "sustaining"}, "achieved": {"completed", "achieved"},
	}
	pair := pairs[a.text("status")]
	if pair[0] != "" {
		codes("status", map[string]string{a.text("status"): pair[0]})(a)
	}
	rename("status", "lifecycleStatus", "code")(a)
	if pair[1] != "" && !a.has("achievementStatus") {
		a.set("achievementStatus", obj("coding", list{obj("system", terminology+"goal-achievement", "code", pair[1])}))
	}
}

// needPayor: who pays is required in R4.
func needPayor(a at) {
	if !a.has("payor") {
		a.set("payor", list{unknown()})
		a.note("payor", Added)
	}
}

// coverageClass: the group and plan of an insurance are a list of classes.
func coverageClass(a at) {
	for _, o := range a.takeParts("grouping") {
		for _, name := range [...]string{"group", "subGroup", "plan", "subPlan", "class", "subClass"} {
			a.class(name, o.take(name), o.take(name+"Display"))
		}
		at{o, a.root, a.path + ".grouping", a.c}.leave()
	}
	a.class("sequence", a.take("sequence"), nil)
}

func (a at) class(name string, v, display value) {
	switch {
	case v == nil && display == nil:
		return
	case v == nil: // R4 requires it
		v = display
	}
	kind := obj("coding", list{obj("system", terminology+"coverage-class", "code", strings.ToLower(name))})
	a.add("class", obj("type", kind, "value", v, "name", display))
}
