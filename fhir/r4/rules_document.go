package r4

// documentRules are of letters, files, questionnaires and consent.
var documentRules = map[string][]step{
	"Binary":      {rename("content", "data", "base64Binary")},
	"Bundle":      {},
	"Composition": {rename("class", "category", "CodeableConcept")},
	"Communication": {
		noDefinition, encounter, notDone("notDone", "not-done"), eventState,
		rename("notDoneReason", "statusReason", "CodeableConcept"), rename("topic", "about", "Reference"),
	},
	"Consent":          {consentScope, provision, rename("consentingParty", "performer", "Reference"), policyRule, extend("sourceIdentifier", "Identifier")},
	"DocumentManifest": {manifestContent},
	"DocumentReference": {
		rename("indexed", "date", "instant"), created, rename("class", "category", "CodeableConcept"),
		in("context", relatedRef),
	},
	"List":             {},
	"OperationOutcome": {},
	"Parameters":       {},
	"Provenance": {
		rename("period", "occurredPeriod", "Period"), wrapCodings("activity"), wrapCodings("reason"),
		in("agent", agent...), in("entity",
			reference("whatUri", "what"), rename("whatReference", "what", "Reference"), whatIdentifier, in("agent", agent...)),
	},
	"Questionnaire":         {in("item", question)},
	"QuestionnaireResponse": {canonical("questionnaire", "questionnaire"), rename("parent", "partOf", "Reference"), encounter, in("item", answerItem)},
}

var agent = []step{
	reference("whoUri", "who"), rename("whoReference", "who", "Reference"),
	reference("onBehalfOfUri", "onBehalfOf"), rename("onBehalfOfReference", "onBehalfOf", "Reference"),
	rename("relatedAgentType", "type", "CodeableConcept"),
}

// whatIdentifier: R4 has the identifier in the reference.
func whatIdentifier(a at) {
	if v := a.get("whatIdentifier"); v != nil && !a.has("what") {
		a.put("whatIdentifier", "what", obj("identifier", v))
	}
}

// created: R4 has the moment of creation with each file.
func created(a at) {
	v, extra := a.take("created"), a.take("_created")
	if v == nil && extra == nil {
		return
	}
	done := false
	for _, content := range objects(a.get("content")) {
		for _, file := range objects(content.get("attachment")) {
			if !file.has("creation") && extra == nil {
				file.set("creation", v)
				done = true
			}
		}
	}
	if !done {
		a.extend("created", "dateTime", v, extra)
	}
}

// relatedRef: a reference or an identifier; in R4 a reference can hold both.
func relatedRef(a at) {
	if !a.has("related") {
		return
	}
	var all list
	for _, o := range a.parts("related") {
		ref := o.takeObject("ref")
		if id := o.take("identifier"); id != nil && !ref.has("identifier") {
			ref.set("identifier", id)
		}
		at{o, a.root, a.path + ".related", a.c}.leave()
		all = append(all, ref)
	}
	a.set("related", all)
}

// manifestContent: references to what is in the package. A file that stood in
// it has no place but an extension of an otherwise empty reference.
func manifestContent(a at) {
	var all list
	for _, o := range a.parts("content") {
		if o.has("reference") {
			all = append(all, o)
			continue
		}
		here := at{o, a.root, a.path + ".content", a.c}
		ref := o.takeObject("pReference")
		extend("pAttachment", "Attachment")(here)
		ref.add("extension", items(o.take("extension"))...)
		here.leave()
		all = append(all, ref)
	}
	if len(all) > 0 {
		a.set("content", all)
	}
}
