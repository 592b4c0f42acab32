package r4

// clinicalRules are of what was found and diagnosed.
var clinicalRules = map[string][]step{
	"AllergyIntolerance": {
		concept("clinicalStatus", terminology+"allergyintolerance-clinical"),
		concept("verificationStatus", terminology+"allergyintolerance-verification"),
		rename("assertedDate", "recordedDate", "dateTime"),
	},
	"BodySite": {rename("code", "location", "CodeableConcept"), rename("qualifier", "locationQualifier", "CodeableConcept")},
	"Condition": {
		concept("clinicalStatus", terminology+"condition-clinical"),
		unlessCode("verificationStatus", "unknown"),
		concept("verificationStatus", terminology+"condition-ver-status"),
		rename("assertedDate", "recordedDate", "dateTime"), encounter,
		extend("abatementBoolean", "boolean"),
	},
	"DiagnosticReport": {
		encounter, pull("performer", "actor", "role", "CodeableConcept"),
		rename("codedDiagnosis", "conclusionCode", "CodeableConcept"), rename("image", "media", ""),
	},
	"FamilyMemberHistory": {
		noDefinition, extend("notDone", "boolean"),
		rename("notDoneReason", "dataAbsentReason", "CodeableConcept"),
		rename("gender", "sex", "code"), concept("sex", "http://hl7.org/fhir/administrative-gender"),
	},
	"Flag": {},
	"Immunization": {
		notDone("notGiven", "not-done"),
		rename("date", "occurrenceDateTime", "dateTime"), needOccurrence,
		rename("practitioner", "performer", ""), in("performer", rename("role", "function", "CodeableConcept")),
		explanation,
		in("vaccinationProtocol", protocol...), rename("vaccinationProtocol", "protocolApplied", ""),
	},
	"ImmunizationRecommendation": {
		recommendationDate, in("recommendation",
			extend("date", "dateTime"),
			rename("doseNumber", "doseNumberPositiveInt", "positiveInt"),
			recommendationProtocol),
	},
	"Media": {
		encounter, codes("type", map[string]string{"photo": "image"}), concept("type", terminology+"media-type"),
		rename("subtype", "modality", "CodeableConcept"),
		rename("occurrenceDateTime", "createdDateTime", "dateTime"), rename("occurrencePeriod", "createdPeriod", "Period"),
		need("status", str("completed")),
	},
	"Observation": {
		encounter, note("comment"), related, extend("valueAttachment", "Attachment"),
		in("component", extend("valueAttachment", "Attachment")),
		lift(zib+"observation-focusSTU3", "valueReference", "focus"), // of somebody else, such as a child
	},
	"Specimen": {},
}

// unlessCode moves a code for which R4 has no word into an extension.
func unlessCode(name, code string) step {
	return func(a at) {
		if a.text(name) == code {
			a.do(extend(name, "code"))
		}
	}
}

// related: members and sources have places of their own, the other four
// relations none (data-services.md 3.5: never derivedFrom).
func related(a at) {
	places := map[string]string{"has-member": "hasMember", "derived-from": "derivedFrom"}
	var rest list
	for _, o := range a.parts("related") {
		to, target := places[o.text("type")], o.get("target")
		if to == "" || target == nil || o.has("_type") || o.has("extension") {
			rest = append(rest, o)
			continue
		}
		a.add(to, target)
	}
	a.take("related")
	if len(rest) > 0 {
		a.extend("related", "type=code target=Reference", rest, nil)
	}
}

// needOccurrence: when a vaccination was given is required in R4.
func needOccurrence(a at) {
	if !a.has("occurrenceDateTime") && !a.has("_occurrenceDateTime") && !a.has("occurrenceString") {
		a.set("_occurrenceDateTime", unknown())
		a.note("date", Added)
	}
}

// explanation holds two lists of reasons, which have places of their own.
func explanation(a at) {
	for _, o := range a.takeParts("explanation") {
		here := at{o, a.root, a.path + ".explanation", a.c}
		if reasons := items(o.take("reason")); len(reasons) > 0 {
			a.add("reasonCode", reasons...)
		}
		if v := o.take("reasonNotGiven"); v != nil {
			a.set("statusReason", v)
		}
		here.leave()
	}
}

var protocol = []step{
	rename("doseSequence", "doseNumberPositiveInt", "positiveInt"),
	rename("seriesDoses", "seriesDosesPositiveInt", "positiveInt"),
	extend("description", "string"), extend("doseStatus", "CodeableConcept"), extend("doseStatusReason", "CodeableConcept"),
	func(a at) {
		if !a.has("doseNumberPositiveInt") && !a.has("doseNumberString") {
			a.set("_doseNumberString", unknown())
			a.note("doseSequence", Added)
		}
	},
}

// recommendationDate: R4 has one date for all; each keeps its own as well.
func recommendationDate(a at) {
	latest := ""
	for _, o := range objects(a.get("recommendation")) {
		latest = max(latest, o.text("date"))
	}
	if a.has("date") || latest == "" {
		need("_date", unknown())(a)
		return
	}
	a.set("date", str(latest))
	a.note("date", Added)
}

// recommendationProtocol: its elements are the recommendation's own in R4.
func recommendationProtocol(a at) {
	for _, o := range a.takeParts("protocol") {
		at{o, a.root, a.path + ".protocol", a.c}.do(func(p at) {
			p.moveTo(a, "description", "description", "string")
			p.moveTo(a, "series", "series", "string")
			p.moveTo(a, "doseSequence", "doseNumberPositiveInt", "positiveInt")
			p.moveTo(at{a.root, a.root, "ImmunizationRecommendation", a.c}, "authority", "authority", "Reference")
			p.leave()
		})
	}
}

// moveTo puts an element in another object, or in an extension of it when the
// place is taken.
func (a at) moveTo(to at, from, name, kind string) {
	v, extra := a.take(from), a.take("_"+from)
	switch {
	case v == nil && extra == nil:
	case to.has(name) || to.has("_"+name):
		a.note(from, Extended)
		to.add("extension", a.extensions(crossVersion(a.path+"."+from), from, kind, v, extra)...)
	default:
		if v != nil {
			to.set(name, v)
		}
		if extra != nil {
			to.set("_"+name, extra)
		}
	}
}
