package share

import (
	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// result adds what was measured, reported or noted about how the person lives.
func (d *document) result(v voice) (string, error) {
	section, _ := d.extract.section(v.item)
	value, measured := v.item.Value.(*aggregator.Result)
	if !measured && section == secResults {
		return d.addVoice(v, object(d.report(v)))
	}
	if !measured {
		value = &aggregator.Result{Text: firstNonEmpty(v.item.Detail, v.item.Title), At: lineDate(v), Status: v.node.Str("status")}
	}
	r := d.observation(v, value, section)
	r.notes(append(remarks(v.item), value.Note))
	return d.addVoice(v, object(r))
}

// observation writes a result as delivered. Values are never converted, and a
// status that R4 does not know is unknown.
func (d *document) observation(v voice, value *aggregator.Result, section string) resource {
	r := resource{
		"resourceType": "Observation", "status": "unknown", "subject": reference(d.patient), "performer": []any{d.who(v)},
		"code": d.codeable(v.code, lineWords(v)),
	}
	switch section {
	case secResults:
		r["meta"] = profile("Observation-results-laboratory-pathology-uv-ips")
		r["category"] = []any{status("observation-category", "laboratory")}
	case secVitals:
		r["category"] = []any{status("observation-category", "vital-signs")}
	default:
		r["category"] = []any{status("observation-category", "social-history")}
	}
	r.oneOf("status", value.Status, "registered", "preliminary", "final", "amended", "corrected", "cancelled")
	at := value.At
	if at.IsZero() {
		at = lineDate(v)
	}
	r.when("effectiveDateTime", at)
	d.value(r, v, value)
	return r
}

// assessment is how the person functions, as a source found it. The section for it
// permits no observations.
func (d *document) assessment(v voice) resource {
	found := firstNonEmpty(clean(v.item.Detail), lineWords(v))
	r := resource{
		"resourceType": "ClinicalImpression", "status": "completed", "subject": reference(d.patient), "code": d.codeable(v.code, lineWords(v)),
		"summary": found, "finding": []any{object{"itemCodeableConcept": d.codeable(v.node.Get("valueCodeableConcept").Coded(), found)}},
	}
	if v.node.Str("status") == "preliminary" || v.node.Str("status") == "registered" {
		r["status"] = "in-progress"
	}
	r.text("effectiveDateTime", dateTime(lineDate(v)))
	return r
}

// value writes what was found, with the laboratory's own range and flag. A flag
// that this app derived is not of the laboratory, so it stays behind.
func (d *document) value(r resource, v voice, value *aggregator.Result) {
	parts := d.components(v, value)
	switch q := measured(value.Quantity); {
	case !value.Systolic.IsZero():
		parts = append(d.pressure(value), parts...)
	case q != nil:
		r["valueQuantity"] = q
	case clean(value.Text) != "":
		r["valueString"] = clean(value.Text)
	case len(parts) == 0:
		r["dataAbsentReason"] = concept(terminology+"data-absent-reason", "unknown")
	}
	if len(parts) > 0 {
		r["component"] = parts
	}
	if code := map[aggregator.Flag]string{aggregator.High: "H", aggregator.Low: "L", aggregator.Abnormal: "A", aggregator.Within: "N"}[value.Flag]; code != "" && !value.Computed {
		r["interpretation"] = []any{concept(fhir.Interpretation, code)}
	}
	if limits := rangeOf(value); len(limits) > 0 {
		r["referenceRange"] = []any{object(limits)}
	}
}

// rangeOf is the range that came with the result, never one of ours.
func rangeOf(value *aggregator.Result) resource {
	limits := resource{}
	for member, q := range map[string]fhir.Quantity{"low": value.Low, "high": value.High} {
		if q.Comparator != "" { // a range has plain numbers; the words keep the rest
			continue
		}
		if m := measured(q); m != nil {
			limits[member] = m
		}
	}
	limits.text("text", value.RangeText)
	return limits
}

// pressure gives both numbers a code of their own, as R4 asks of vital signs.
func (d *document) pressure(value *aggregator.Result) []any {
	var all []any
	for _, part := range [...]struct {
		code, name string
		q          fhir.Quantity
	}{{"8480-6", "Systolic blood pressure", value.Systolic}, {"8462-4", "Diastolic blood pressure", value.Diastolic}} {
		if q := measured(part.q); q != nil {
			all = append(all, object{
				"code":          object{"coding": []any{object{"system": fhir.LOINC, "code": part.code, "display": part.name}}},
				"valueQuantity": q,
			})
		}
	}
	return all
}

// components are the results of a group that are no lines of their own.
func (d *document) components(v voice, value *aggregator.Result) []any {
	var all []any
	for _, c := range value.Components {
		part := resource{"code": d.codeable(componentCode(v.node, c.Name), c.Name)}
		if q := measured(c.Quantity); q != nil {
			part["valueQuantity"] = q
		} else if text := clean(c.Text); text != "" {
			part["valueString"] = text
		} else {
			part["dataAbsentReason"] = concept(terminology+"data-absent-reason", "unknown")
		}
		if limits := rangeOf(&c); len(limits) > 0 {
			part["referenceRange"] = []any{object(limits)}
		}
		all = append(all, object(part))
	}
	return all
}

// componentCode finds the codes of a component by the name it is shown with.
func componentCode(n fhir.Node, name string) fhir.Coded {
	for _, c := range n.All("component") {
		if code := c.Get("code").Coded(); code.Display() == name {
			return code
		}
	}
	return fhir.Coded{}
}

// report is a conclusion; the results it is about are entries of their own, so
// that it points at none that the reader may not see.
func (d *document) report(v voice) resource {
	r := resource{
		"resourceType": "DiagnosticReport", "meta": profile("DiagnosticReport-uv-ips"), "status": "unknown", "subject": reference(d.patient),
		"code": d.codeable(v.code, lineWords(v)), "performer": []any{d.who(v)},
	}
	r.oneOf("status", v.node.Str("status"), "registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled")
	r.when("effectiveDateTime", lineDate(v))
	r.text("conclusion", v.item.Detail)
	return r
}
