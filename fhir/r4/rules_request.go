package r4

import "slices"

// requestRules are of what was asked for, and of tasks.
var requestRules = map[string][]step{
	"DeviceRequest":    {noDefinition, encounter, requester, requestState, intent},
	"NutritionOrder":   {nutrition},
	"ProcedureRequest": {noDefinition, encounter, requester, requestState},
	"ReferralRequest": {
		noDefinition, encounter, requester, requestState, note("description"),
		rename("type", "category", "CodeableConcept"), rename("groupIdentifier", "requisition", "Identifier"),
		serviceRequested, rename("specialty", "performerType", "CodeableConcept"),
		rename("recipient", "performer", "Reference"),
	},
	"Task": {
		rename("definitionUri", "instantiatesUri", "uri"), canonical("definitionReference", "instantiatesCanonical"),
		encounter, rename("reason", "reasonCode", "CodeableConcept"), requester,
	},
}

// intent: a concept in STU3, a code in R4. A concept without such a code stays
// as an extension and leaves the intent unknown.
func intent(a at) {
	concept, ok := a.get("intent").(*object)
	if !ok {
		needCode("intent")(a)
		return
	}
	e, _ := a.c.table.find("DeviceRequest", "intent")
	codings := objects(concept.get("coding"))
	i := slices.IndexFunc(codings, func(o *object) bool { return slices.Contains(e.codes, o.text("code")) })
	if i < 0 || len(codings) > 1 || len(concept.members) > 1 { // it says more than a code
		extend("intent", "CodeableConcept")(a)
	}
	if i >= 0 {
		a.set("intent", codings[i].get("code"))
	}
	needCode("intent")(a)
}

// nutrition: a diet was proposed, planned or requested by its status, and is by
// its intent.
func nutrition(a at) {
	intents := map[string]string{"proposed": "proposal", "planned": "plan"}
	want := intents[a.text("status")]
	if want == "" {
		want = "order" // data-services.md 3.5
	}
	need("intent", str(want))(a)
	codes("status", map[string]string{
		"proposed": "draft!", "planned": "draft!", "requested": "active!", "cancelled": "revoked",
	})(a)
	needCode("status")(a)
}

// serviceRequested: R4 has one service, and details of it.
func serviceRequested(a at) {
	if l := items(a.take("serviceRequested")); len(l) > 0 {
		a.set("code", l[0])
		a.add("orderDetail", l[1:]...)
	}
}
