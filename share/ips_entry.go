package share

import (
	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// entry adds the resource of one voice and gives its urn.
func (d *document) entry(v voice) (string, error) {
	var r resource
	section, _ := d.extract.section(v.item)
	switch section {
	case secMedication:
		r = d.medication(v)
	case secAllergies:
		r = d.allergy(v)
	case secProblems, secPast:
		r = d.condition(v)
	case secImmunized:
		r = d.immunization(v)
	case secProcedures:
		r = d.procedure(v)
	case secDevices:
		return d.device(v)
	case secAlerts:
		r = d.alert(v)
	case secDirectives:
		r = d.directive(v)
	case secPlan:
		r = d.planned(v)
	case secFunctional:
		r = d.assessment(v)
	default:
		return d.result(v)
	}
	if r["resourceType"] != "Consent" && r["resourceType"] != "Flag" {
		r.notes(remarks(v.item))
	}
	return d.addVoice(v, object(r))
}

// lineWords is what the overview calls a line. It is the text beside the codes,
// since it also says when something was not done or not given.
func lineWords(v voice) string { return v.item.Name() }

// lineDate is the moment of a line, as precise as its source gave it.
func lineDate(v voice) fhir.Date { return fhir.ParseDate(v.item.When) }

// medication is a statement about use, whatever was delivered: an agreement,
// a hand-over and a report of use all come down to one line that says whether it
// is in use. An IPS permits requests too, but a request says nothing of that. The
// dose is only text: nothing is calculated from what a source wrote.
func (d *document) medication(v voice) resource {
	r := resource{
		"resourceType": "MedicationStatement", "meta": profile("MedicationStatement-uv-ips"), "status": medicationStatus(v.item),
		"medicationCodeableConcept": d.codeable(v.code, lineWords(v)), "subject": reference(d.patient), "informationSource": d.who(v),
	}
	m, ok := v.item.Value.(*aggregator.Medicine)
	if !ok {
		m = &aggregator.Medicine{}
	}
	if p := period(m.Start, m.End); len(p) > 0 {
		r["effectivePeriod"] = p
	} else {
		r["_effectiveDateTime"] = absent()
	}
	if dose := clean(v.dose); dose != "" {
		r["dosage"] = []any{object{"text": dose}}
	}
	if reason := clean(m.Reason); reason != "" {
		r["reasonCode"] = []any{object{"text": reason}}
	}
	return r
}

// medicationStatus follows the section of the overview, which looked at all
// sources; the status of one record may be years old.
func medicationStatus(item aggregator.Item) string {
	m, _ := item.Value.(*aggregator.Medicine)
	switch item.Section {
	case aggregator.Current:
		return "active"
	case aggregator.Planned, aggregator.Later:
		return "intended"
	case aggregator.Paused:
		return "on-hold"
	case aggregator.Recent:
		if m != nil && m.Ended == "stopped" {
			return "stopped"
		}
		return "completed"
	}
	return "unknown"
}

// allergy keeps how certain and how grave the source calls it. R4 has no place
// for an organisation here, so who said it is in the Provenance.
func (d *document) allergy(v voice) resource {
	n := v.node
	r := resource{
		"resourceType": "AllergyIntolerance", "meta": profile("AllergyIntolerance-uv-ips"),
		"code": d.codeable(v.code, lineWords(v)), "patient": reference(d.patient),
		"clinicalStatus": status("allergyintolerance-clinical", activeWhen(v.item.Section != aggregator.Inactive && v.item.Section != aggregator.Refuted)),
	}
	switch code := n.Get("verificationStatus").Coded().Code(""); {
	case v.item.Section == aggregator.Refuted:
		r["verificationStatus"] = status("allergyintolerance-verification", "refuted")
	case code == "confirmed" || code == "unconfirmed":
		r["verificationStatus"] = status("allergyintolerance-verification", code)
	}
	r.oneOf("type", n.Str("type"), "allergy", "intolerance")
	r.oneOf("criticality", n.Str("criticality"), "low", "high", "unable-to-assess")
	a, ok := v.item.Value.(*aggregator.Allergy)
	if !ok {
		return r
	}
	r.text("onsetDateTime", dateTime(a.Since))
	r.text("recordedDate", dateTime(a.Confirmed))
	var reactions []any
	for _, words := range a.Reactions {
		if words = clean(words); words != "" {
			reactions = append(reactions, object{"text": words})
		}
	}
	if len(reactions) > 0 {
		r["reaction"] = []any{object{"manifestation": reactions}}
	}
	if v.own {
		r["recorder"] = reference(d.patient)
	}
	return r
}

// activeWhen is the clinical status of a problem or an allergy.
func activeWhen(active bool) string {
	if active {
		return "active"
	}
	return "inactive"
}

// condition is a problem, a diagnosis or what a general practitioner keeps
// together as an episode.
func (d *document) condition(v voice) resource {
	r := resource{
		"resourceType": "Condition", "meta": profile("Condition-uv-ips"), "subject": reference(d.patient),
		"code":           d.codeable(v.code, lineWords(v)),
		"clinicalStatus": status("condition-clinical", conditionStatus(v)),
		"category":       []any{status("condition-category", "problem-list-item")},
	}
	switch code := v.node.Get("verificationStatus").Coded().Code(""); code {
	case "unconfirmed", "provisional", "differential", "confirmed", "refuted":
		r["verificationStatus"] = status("condition-ver-status", code)
	}
	r.text("onsetDateTime", dateTime(lineDate(v)))
	if v.own {
		r["recorder"] = reference(d.patient)
	}
	return r
}

// conditionStatus keeps what the source says as long as it does not stand
// against the section in which the overview has the line.
func conditionStatus(v voice) string {
	code := v.node.Get("clinicalStatus").Coded().Code("")
	switch code {
	case "active", "recurrence", "relapse":
		if v.item.Section != aggregator.Inactive {
			return code
		}
	case "inactive", "remission", "resolved":
		if v.item.Section == aggregator.Inactive {
			return code
		}
	}
	return activeWhen(v.item.Section != aggregator.Inactive)
}

// immunization: a jab that was not given is in it too, as such.
func (d *document) immunization(v voice) resource {
	given := "completed"
	if v.node.Get("notGiven").Bool() || v.node.Str("status") == "not-done" {
		given = "not-done"
	}
	r := resource{
		"resourceType": "Immunization", "meta": profile("Immunization-uv-ips"), "status": given, "patient": reference(d.patient),
		"vaccineCode": d.codeable(v.code, lineWords(v)), "performer": []any{object{"actor": d.who(v)}},
	}
	r.when("occurrenceDateTime", lineDate(v))
	r.text("lotNumber", v.node.Str("lotNumber"))
	return r
}

// procedure writes the status in the words of R4, where STU3 had others.
func (d *document) procedure(v voice) resource {
	r := resource{
		"resourceType": "Procedure", "meta": profile("Procedure-uv-ips"), "status": "unknown", "subject": reference(d.patient),
		"code": d.codeable(v.code, lineWords(v)), "performer": []any{object{"actor": d.who(v)}},
	}
	switch code := v.node.Str("status"); {
	case v.node.Get("notDone").Bool():
		r["status"] = "not-done"
	case code == "suspended": // as STU3 calls it
		r["status"] = "on-hold"
	case code == "aborted":
		r["status"] = "stopped"
	default:
		r.oneOf("status", code, "preparation", "in-progress", "not-done", "on-hold", "stopped", "completed")
	}
	r.when("performedDateTime", lineDate(v))
	return r
}

// device adds the aid and its use, of which the entry is.
func (d *document) device(v voice) (string, error) {
	url, err := d.add(object{
		"resourceType": "Device", "meta": profile("Device-uv-ips"), "patient": reference(d.patient), "type": d.codeable(v.code, lineWords(v)),
	}, v.item.ID)
	if err != nil {
		return "", err
	}
	r := resource{
		"resourceType": "DeviceUseStatement", "meta": profile("DeviceUseStatement-uv-ips"), "status": "active",
		"subject": reference(d.patient), "device": reference(url),
	}
	r.oneOf("status", v.node.Str("status"), "active", "completed", "intended", "stopped", "on-hold")
	r.when("timingDateTime", lineDate(v))
	if v.own {
		r["source"] = reference(d.patient)
	}
	r.notes(remarks(v.item))
	return d.addVoice(v, object(r))
}

// alert is what a source wants others to notice, whatever record it used.
func (d *document) alert(v voice) resource {
	r := resource{
		"resourceType": "Flag", "meta": profile("Flag-alert-uv-ips"), "status": "active", "subject": reference(d.patient),
		"code": d.codeable(v.code, lineWords(v)), "author": d.who(v),
	}
	if p := period(lineDate(v), fhir.Date{}); len(p) > 0 {
		r["period"] = p
	}
	return r
}

// directive is a wish of the person about treatment, as a source noted it.
func (d *document) directive(v voice) resource {
	r := resource{
		"resourceType": "Consent", "status": "active", "scope": status("consentscope", "adr"),
		"category": []any{status("consentcategorycodes", "acd")}, "patient": reference(d.patient),
		"policyRule": object{"text": firstNonEmpty(clean(joined(v.item.Title, v.item.Detail)), d.words.unknown)},
	}
	r.text("dateTime", dateTime(lineDate(v)))
	return r
}

// planned is a request or a plan; goals and advised vaccines are plans too. The
// section for plans permits no requests: one is a plan with it as the activity.
func (d *document) planned(v voice) resource {
	r := resource{
		"resourceType": "CarePlan", "status": "unknown", "intent": "plan",
		"subject": reference(d.patient), "author": d.who(v),
	}
	r.oneOf("status", v.node.Str("status"), "draft", "active", "on-hold", "revoked", "completed")
	r.text("title", lineWords(v))
	switch what := d.codeable(v.code, lineWords(v)); v.parts[0].Type {
	case "ProcedureRequest", "ServiceRequest", "ReferralRequest":
		r["intent"] = "order"
		r["activity"] = []any{object{"detail": object{"kind": "ServiceRequest", "code": what, "status": activityStatus(v.node.Str("status"))}}}
	default:
		r["category"] = []any{what}
		r.text("description", v.item.Detail)
	}
	if p := period(lineDate(v), fhir.Date{}); len(p) > 0 {
		r["period"] = p
	}
	return r
}

// activityStatus is that of a request in the words for an activity. Whether
// somebody began with what was asked, a request does not say.
func activityStatus(request string) string {
	switch request {
	case "on-hold", "completed":
		return request
	case "revoked":
		return "cancelled"
	}
	return "unknown"
}
