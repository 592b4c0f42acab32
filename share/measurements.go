package share

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// MeasurementService is the MedMij data service that takes measurements.
const MeasurementService = "53"

// ErrNotSendable is returned for a record that service 53 does not take.
var ErrNotSendable = errors.New("share: not a measurement that can be sent")

// zib is how the STU3 information standard (Zelfmetingen 2.0) writes a kind of
// measurement, by its LOINC code (merge.md 6.1).
type zib struct{ profile, display string }

const nictiz = "http://nictiz.nl/fhir/StructureDefinition/"

var zibs = map[string]zib{
	"85354-9": {"zib-BloodPressure", "Blood pressure panel"},
	"8867-4":  {"zib-HeartRate", "Heart rate"},
	"8893-0":  {"zib-PulseRate", "Heart rate Peripheral artery by palpation"},
	"29463-7": {"zib-BodyWeight", "Body weight"},
	"8302-2":  {"zib-BodyHeight", "Body height"},
	"8310-5":  {"zib-BodyTemperature", "Body temperature"},
	"59408-5": {"zib-OxygenSaturation", "Oxygen saturation in Arterial blood by Pulse oximetry"},
	"14743-9": {"vitalsign-bloodglucose", "Glucose [Moles/volume] in Capillary blood by Glucometer"},
	"14770-2": {"vitalsign-bloodglucose", "Fasting glucose [Moles/volume] in Capillary blood by Glucometer"},
	"14760-3": {"vitalsign-bloodglucose", "Glucose [Moles/volume] in Capillary blood --2 hours post meal"},
}

// CanSend tells whether service 53 takes the record: an own measurement of a
// known kind.
func CanSend(r fhir.Record) bool {
	if !r.Origin.IsSelf() || r.Type != "Observation" || r.Deleted {
		return false
	}
	_, ok := kindOf(r.Node())
	return ok
}

func kindOf(n fhir.Node) (string, bool) {
	for _, c := range n.Get("code").Coded().Coding {
		if _, ok := zibs[c.Code]; ok && c.System == fhir.LOINC {
			return c.Code, true
		}
	}
	return "", false
}

// Measurements writes own measurements as the STU3 batch Bundle that service
// 53 takes: one Patient and one Observation per record, in the order given.
// The answer has one entry for each, the Patient first (data-services.md 1.8,
// medmij-protocol.md 4.6). person is the vault's own Patient. The error is
// ErrNotSendable for a record that the service does not take.
func Measurements(person fhir.Record, records []fhir.Record) (Message, error) {
	seed := []string{string(KindMeasurements)}
	for _, r := range records {
		seed = append(seed, r.ID, digestOf(r.Bytes()))
	}
	b := newBundle("batch", seed...)
	who := b.addPerson(person, fhir.STU3)
	for i, r := range records {
		o, err := observation(r, who)
		if err != nil {
			return Message{}, err
		}
		b.create(i, b.urn(strconv.Itoa(i)), o)
	}
	return b.message(KindMeasurements)
}

func patient(n fhir.Node, name string) map[string]any {
	p := map[string]any{"resourceType": "Patient"}
	if name != "" {
		p["name"] = []any{map[string]any{"text": name}}
	} else {
		p["name"] = []any{map[string]any{"extension": []any{map[string]any{
			"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown",
		}}}}
	}
	for _, field := range [...]string{"birthDate", "gender"} {
		if v := n.Str(field); v != "" {
			p[field] = v
		}
	}
	return p
}

func observation(r fhir.Record, who map[string]any) (map[string]any, error) {
	n := r.Node()
	code, ok := kindOf(n)
	if !ok || !CanSend(r) {
		return nil, ErrNotSendable
	}
	o := map[string]any{
		"resourceType": "Observation",
		"meta":         profiled(nictiz + zibs[code].profile),
		"identifier":   identifiers(n),
		"status":       "final", "category": []any{category(code)},
		"code":    map[string]any{"coding": []any{map[string]any{"system": fhir.LOINC, "code": code, "display": zibs[code].display}}},
		"subject": who, "performer": []any{who},
		"effectiveDateTime": n.Str("effectiveDateTime"),
	}
	if q := n.Get("valueQuantity").Quantity(); !q.IsZero() {
		o["valueQuantity"] = quantity(q)
	}
	if parts := components(n); len(parts) > 0 {
		o["component"] = parts
	}
	if note := n.Str("note", "text"); note != "" {
		o["comment"] = note // STU3 has one comment where R4 has notes
	}
	return o, nil
}

func identifiers(n fhir.Node) []any {
	var out []any
	for _, id := range n.Idents("identifier") {
		out = append(out, map[string]any{"system": id.System, "value": id.Value})
	}
	return out
}

// category: glucose is a laboratory finding in this standard, the rest are
// vital signs.
func category(code string) map[string]any {
	if strings.HasPrefix(zibs[code].profile, "vitalsign-bloodglucose") {
		return map[string]any{"coding": []any{map[string]any{
			"system": fhir.SNOMED, "code": "49581000146104", "display": "Laboratory test finding",
		}}}
	}
	return map[string]any{"coding": []any{map[string]any{
		"system": "http://hl7.org/fhir/observation-category", "code": "vital-signs", "display": "Vital Signs",
	}}}
}

func quantity(q fhir.Quantity) map[string]any {
	return map[string]any{"value": json.Number(q.Value), "unit": q.Unit, "system": fhir.UCUM, "code": q.Code}
}

func components(n fhir.Node) []any {
	var parts []any
	for _, c := range n.All("component") {
		coded := c.Get("code").Coded()
		parts = append(parts, map[string]any{
			"code": map[string]any{"coding": []any{map[string]any{
				"system": fhir.LOINC, "code": coded.Code(fhir.LOINC), "display": coded.Display(),
			}}},
			"valueQuantity": quantity(c.Get("valueQuantity").Quantity()),
		})
	}
	return parts
}

func firstNonEmpty(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
