package r4

import "github.com/bundel-pgo/bundel/fhir"

// dose: what is given and how fast is a list of its own in R4.
var dose = []step{func(a at) {
	all := &object{}
	at := -1
	for i := 0; i < len(a.members); i++ {
		switch m := a.members[i]; m.name {
		case "doseRange", "doseQuantity", "rateRatio", "rateRange", "rateQuantity":
			all.set(m.name, m.value)
			if at < 0 {
				at = i
			}
		}
	}
	if at < 0 || a.has("doseAndRate") {
		return
	}
	a.members[at] = member{"doseAndRate", list{all}}
	for _, m := range all.members {
		a.take(m.name)
	}
}}

// medicationRules are of medicines. MedicationDispense, -Statement and
// -Administration keep context in R4.
var medicationRules = map[string][]step{
	"Medication": {
		in("ingredient", rename("amount", "strength", "Ratio")), batches,
		extend("isBrand", "boolean"), extend("isOverTheCounter", "boolean"), extend("image", "Attachment"),
	},
	"MedicationAdministration": {
		noDefinition, notDone("notGiven", "not-done"), rename("reasonNotGiven", "statusReason", "CodeableConcept"),
		rename("prescription", "request", "Reference"), in("performer", extend("onBehalfOf", "Reference")),
	},
	"MedicationDispense": {
		notDone("notDone", "declined"),
		rename("notDoneReasonCodeableConcept", "statusReasonCodeableConcept", "CodeableConcept"),
		rename("notDoneReasonReference", "statusReasonReference", "Reference"),
		need("status", str("unknown")), in("performer", extend("onBehalfOf", "Reference")),
		in("dosageInstruction", dose...), durationInPeriod, stopType,
	},
	"MedicationRequest": {
		noDefinition, encounter, requester, need("status", str("unknown")),
		category("16076005", fhir.SNOMED, "33633005"),
		in("substitution", rename("allowed", "allowedBoolean", "boolean")),
		in("dosageInstruction", dose...), durationInPeriod, stopType,
		lift(zib+"zib-MedicationAgreement-BasedOnAgreementOrUse", "valueReference", "priorPrescription"),
	},
	"MedicationStatement": {
		taken, rename("reasonNotTaken", "statusReason", "CodeableConcept"),
		category("6", "urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3", "422979000"),
		in("dosage", dose...), durationInPeriod, stopType,
	},
}

// batches: a package was a part of the product, its first batch is now.
func batches(a at) {
	for _, o := range a.takeParts("package") {
		p := at{o, a.root, a.path + ".package", a.c}
		a.extendWith(p, "container", "CodeableConcept", o.take("container"))
		if l := items(o.take("batch")); len(l) > 0 {
			a.set("batch", l[0])
			if len(l) > 1 {
				a.extendWith(p, "batch", "lotNumber=string expirationDate=dateTime", l[1:])
			}
		}
		a.extendWith(p, "content", "itemCodeableConcept=CodeableConcept itemReference=Reference amount=Quantity", o.take("content"))
		p.leave()
	}
}

// taken: what is not taken has a status of its own; the answer itself, which
// can also be "unknown", has no place.
func taken(a at) {
	switch a.text("status") {
	case "entered-in-error", "not-taken":
	default:
		if a.text("taken") == "n" {
			a.replace("status", "not-taken")
		}
	}
	extend("taken", "code")(a)
}

// category adds the code by which the profiles for R4 know a building block of
// the medication process; the code of STU3 stays (data-services.md 1.3).
func category(code, system, now string) step {
	return in("category", func(a at) {
		has := func(system, code string) bool {
			for _, o := range objects(a.get("coding")) {
				if fhir.System(o.text("system")) == system && o.text("code") == code {
					return true
				}
			}
			return false
		}
		if has(system, code) && !has(fhir.SNOMED, now) {
			a.set("coding", append(list{obj("system", fhir.SNOMED, "code", now)}, items(a.get("coding"))...))
		}
	})
}

// durationInPeriod: how long a medicine is used is an extension of the
// resource in STU3 and of the period of use in R4 (data-services.md 2.2).
func durationInPeriod(a at) {
	durations, rest := splitExtensions(a.object, timeDuration)
	if len(durations) == 0 {
		return
	}
	var period *object
	for _, o := range objects(rest) {
		if o.text("url") == timePeriod && period == nil {
			period, _ = o.get("valuePeriod").(*object)
		}
	}
	if period == nil {
		period = &object{}
		rest = append(rest, obj("url", timePeriod, "valuePeriod", period))
	}
	for _, e := range durations {
		period.add("extension", e)
	}
	a.set("extension", rest)
}

// stopType adds the code of R4 for a stop to that of STU3 (data-services.md
// 2.2): temporarily is "interrupted", for good is "stopped".
func stopType(a at) {
	snomed := map[string]string{"1": "385655000", "2": "410546004"}
	for _, e := range objects(a.get("modifierExtension")) {
		if e.text("url") != stopTypeExt {
			continue
		}
		concept, ok := e.get("valueCodeableConcept").(*object)
		if !ok {
			continue
		}
		for _, o := range objects(concept.get("coding")) {
			if now := snomed[o.text("code")]; now != "" && o.text("system") == "urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.2.1" {
				concept.set("coding", append(list{obj("system", fhir.SNOMED, "code", now)}, items(concept.get("coding"))...))
				break
			}
		}
	}
}

// extendWith makes extensions here of an element of a part that is gone.
func (a at) extendWith(part at, name, kind string, v value) {
	if v != nil {
		part.note(name, Extended)
		a.add("extension", part.extensions(crossVersion(part.path+"."+name), name, kind, v, nil)...)
	}
}
