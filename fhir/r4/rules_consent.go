package r4

import "github.com/bundel-pgo/bundel/fhir"

// consentScope: what the consent is about is required in R4. An advance
// directive is known by its category (data-services.md 1.1).
func consentScope(a at) {
	code := "treatment"
	for _, concept := range objects(a.get("category")) {
		for _, o := range objects(concept.get("coding")) {
			if fhir.System(o.text("system")) == fhir.SNOMED && o.text("code") == "11341000146107" {
				code = "adr"
			}
		}
	}
	need("scope", obj("coding", list{obj("system", terminology+"consentscope", "code", code)}))(a)
	if !a.has("category") {
		need("category", list{unknown()})(a)
	}
}

// provision gathers what is permitted; exceptions are provisions in it.
func provision(a at) {
	inner := &object{}
	for _, name := range [...]string{"period", "actor", "action", "securityLabel", "purpose", "dataPeriod", "data"} {
		if v := a.take(name); v != nil {
			inner.set(name, v)
		}
	}
	in("except", wrapCodings("code"))(a)
	if v := a.take("except"); v != nil {
		inner.set("provision", v)
	}
	if len(inner.members) > 0 {
		a.set("provision", inner)
	}
}

// policyRule: a uri in STU3, a concept in R4.
func policyRule(a at) {
	v, extra := a.get("policyRule"), a.take("_policyRule")
	if _, done := v.(*object); done || v == nil && extra == nil {
		return
	}
	coding := obj("system", "urn:ietf:rfc:3986", "code", v, "_code", extra)
	a.put("policyRule", "policyRule", obj("coding", list{coding}))
}
