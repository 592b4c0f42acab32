package r4

import "strings"

// The rules: what becomes of the elements of STU3 that R4 lacks, has elsewhere
// or has in another form. Their source is HL7's difference between STU3 and R4
// as data-services.md 3.5 has it, element by element; what is not in a row is
// the same in both, or a list in R4 where STU3 has one value, which fit.go does.
// Codes whose new name says less are marked "!": the old one stays with them.

// renamedTypes are resources with another name in R4.
var renamedTypes = map[string]string{
	"ProcedureRequest": "ServiceRequest", "ReferralRequest": "ServiceRequest", "BodySite": "BodyStructure",
}

// ruleTable has the steps of each type by its STU3 name. A type without steps
// has a row too: it was compared and needs none.
var ruleTable = merge(clinicalRules, medicationRules, careRules, requestRules, documentRules, otherRules)

func merge(tables ...map[string][]step) map[string][]step {
	all := map[string][]step{}
	for _, t := range tables {
		for typ, steps := range t {
			all[typ] = steps
		}
	}
	return all
}

// anyResource are the steps of every type.
var anyResource = []step{profiles}

// profiles takes away the claim to follow a profile for STU3; which one it was
// stays as an extension of meta.
func profiles(a at) {
	for _, meta := range objects(a.get("meta")) {
		at{meta, a.root, "Meta", a.c}.do(extend("profile", "uri"))
	}
}

const terminology = "http://terminology.hl7.org/CodeSystem/"

// The same in several types.
var (
	noDefinition = extend("definition", "Reference")
	requester    = pull("requester", "agent", "onBehalfOf", "Reference")
	requestState = codes("status", map[string]string{"cancelled": "revoked", "suspended": "on-hold"})
	eventState   = codes("status", map[string]string{"aborted": "stopped", "suspended": "on-hold"})
)

// encounter: context was an encounter or an episode; R4 has the encounter
// alone, and the Dutch profiles an extension for the episode.
func encounter(a at) {
	o, ok := a.get("context").(*object)
	if !ok {
		return
	}
	if a.typeOf(o) != "EpisodeOfCare" {
		rename("context", "encounter", "Reference")(a)
		return
	}
	a.note("context", Extended)
	a.add("extension", obj("url", episodeContext, "valueReference", a.take("context")))
}

// typeOf is the type of resource that a reference names, if it does.
func (a at) typeOf(ref *object) string {
	url := ref.text("reference")
	if id, ok := strings.CutPrefix(url, "#"); ok {
		for _, in := range objects(a.root.get("contained")) {
			if in.text("id") == id {
				return in.text("resourceType")
			}
		}
	}
	parts := strings.Split(url, "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[len(parts)-2]
}

// reference makes a reference of a uri.
func reference(from, to string) step {
	return func(a at) {
		if v := a.get(from); v != nil && !a.has(to) {
			a.put(from, to, obj("reference", v))
		}
	}
}

// codeableText makes a concept of a text.
func codeableText(name string) step {
	return func(a at) {
		if v := a.get(name); text(v) != "" {
			a.set(name, obj("text", v, "_text", a.take("_"+name)))
		}
	}
}

// wrapCodings makes concepts of codings.
func wrapCodings(name string) step {
	return func(a at) {
		if !a.has(name) {
			return
		}
		var all list
		for _, o := range a.parts(name) {
			all = append(all, obj("coding", list{o}))
		}
		a.set(name, all)
	}
}
