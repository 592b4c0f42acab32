package aggregator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// T of the cases (merge.md 9.1).
var caseT = time.Date(2026, 1, 15, 12, 0, 0, 0, fhir.Amsterdam())

type object = map[string]any

// person is a provider in a case: gp, pharmacy, hospital or self.
func at(provider, service string, v fhir.Version, resources ...object) []fhir.Record {
	source := "medmij:" + provider + "@medmij"
	if provider == fhir.Self {
		source = fhir.Self
	}
	var out []fhir.Record
	for _, r := range resources {
		out = append(out, recordOf(source, service, v, r))
	}
	return out
}

func merged(t *testing.T, sets ...[]fhir.Record) *Overview {
	t.Helper()
	var all []fhir.Record
	for _, s := range sets {
		all = append(all, s...)
	}
	in := Input{AsOf: caseT}
	o, err := Merge(seq(all), in)
	if err != nil {
		t.Fatal(err)
	}
	checkInvariants(t, all, in, o)
	return o
}

func coding(system, code, display string) object {
	return object{"system": system, "code": code, "display": display}
}

func concept(system, code, display string) object {
	return object{"coding": []any{coding(system, code, display)}}
}

// rx is a medication building block in the making, R4 with Nictiz extensions.
type rx struct{ object }

func agreement(id, prk string) rx {
	return rx{object{
		"resourceType": "MedicationRequest", "id": id, "status": "unknown",
		"category":                  []any{concept(fhir.SNOMED, "33633005", "")},
		"medicationCodeableConcept": concept(fhir.PRK, prk, "MIDDEL "+prk),
		"dosageInstruction":         []any{daily(1)},
	}}
}

func administration(id, prk string) rx {
	r := agreement(id, prk)
	r.object["resourceType"] = "MedicationDispense"
	r.object["category"] = concept(fhir.SNOMED, "422037009", "")
	return r
}

func use(id, prk string) rx {
	r := agreement(id, prk)
	r.object["resourceType"] = "MedicationStatement"
	r.object["status"] = "active"
	r.object["category"] = concept(fhir.SNOMED, "422979000", "")
	r.object["dosage"] = r.object["dosageInstruction"]
	delete(r.object, "dosageInstruction")
	return r
}

func plain(id, prk string) rx {
	r := agreement(id, prk)
	delete(r.object, "category")
	r.object["status"] = "active"
	return r
}

func handover(id, prk, day string, days int) rx {
	r := agreement(id, prk)
	r.object["resourceType"] = "MedicationDispense"
	r.object["category"] = concept(fhir.SNOMED, "373784005", "")
	r.object["whenHandedOver"] = day
	delete(r.object, "dosageInstruction")
	if days > 0 {
		r.object["daysSupply"] = object{"value": days, "unit": "d", "code": "d", "system": fhir.UCUM}
	}
	return r
}

func daily(times int) object {
	return object{
		"timing":      object{"repeat": object{"frequency": times, "period": 1, "periodUnit": "d"}},
		"doseAndRate": []any{object{"doseQuantity": object{"value": 1, "unit": "stuk", "system": fhir.UCUM, "code": "1"}}},
	}
}

func (r rx) ext(list, name, member string, value any) rx {
	old, _ := r.object[list].([]any)
	r.object[list] = append(old, object{"url": nictiz + name, member: value})
	return r
}

func (r rx) period(start, end string) rx {
	p := object{}
	if start != "" {
		p["start"] = start
	}
	if end != "" {
		p["end"] = end
	}
	if r.object["resourceType"] == "MedicationStatement" {
		r.object["effectivePeriod"] = p
		return r
	}
	return r.ext("extension", "ext-TimeInterval.Period", "valuePeriod", p)
}

func (r rx) registered(when string) rx {
	return r.ext("extension", "ext-RegistrationDateTime", "valueDateTime", when)
}

func (r rx) asserted(day string) rx { r.object["dateAsserted"] = day; return r }

func (r rx) stop(code string) rx {
	return r.ext("modifierExtension", "ext-StopType", "valueCodeableConcept", concept(fhir.SNOMED, code, ""))
}

func (r rx) treatment(id string) rx {
	return r.ext("extension", "ext-PharmaceuticalTreatment.Identifier", "valueIdentifier", object{"system": "urn:oid:2.16.840.1.113883.2.4.3.11.999.77.1", "value": id})
}

func (r rx) ident(value string) rx {
	r.object["identifier"] = []any{object{"system": "urn:oid:2.16.840.1.113883.2.4.3.11.999.77.2", "value": value}}
	return r
}

func (r rx) follows(member, value string) rx {
	r.object[member] = []any{object{"identifier": object{"system": "urn:oid:2.16.840.1.113883.2.4.3.11.999.77.2", "value": value}}}
	if member == "priorPrescription" {
		r.object[member] = r.object[member].([]any)[0]
	}
	return r
}

func (r rx) times(n int) rx {
	member := "dosageInstruction"
	if r.object["resourceType"] == "MedicationStatement" {
		member = "dosage"
	}
	r.object[member] = []any{daily(n)}
	return r
}

func (r rx) asNeeded() rx {
	d := daily(1)
	d["asNeededBoolean"] = true
	r.object["dosageInstruction"] = []any{d}
	return r
}

func (r rx) named(name string) rx {
	r.object["medicationCodeableConcept"].(object)["coding"].([]any)[0].(object)["display"] = name
	return r
}

// allergyTo is an AllergyIntolerance in R4.
func allergyTo(id, system, code, display, clinical, verification string) object {
	a := object{"resourceType": "AllergyIntolerance", "id": id, "code": concept(system, code, display)}
	if clinical != "" {
		a["clinicalStatus"] = concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", clinical, "")
	}
	if verification != "" {
		a["verificationStatus"] = concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", verification, "")
	}
	return a
}

// result is a laboratory Observation in R4.
func result(id, system, code, value, unit, when string) object {
	return object{
		"resourceType": "Observation", "id": id, "status": "final",
		"category":          []any{concept(fhir.ObservationCategory, "laboratory", "")},
		"code":              concept(system, code, "test "+code),
		"effectiveDateTime": when,
		"valueQuantity":     object{"value": json.Number(value), "unit": unit, "system": fhir.UCUM, "code": unit},
	}
}

func with(r object, name string, value any) object { r[name] = value; return r }

func identified(r object, value string) object {
	return with(r, "identifier", []any{object{"system": "urn:oid:2.16.840.1.113883.2.4.3.11.999.6", "value": value}})
}

// shape sums up a subject: per item its section, its members and its conflicts.
func shape(o *Overview, subject string) string {
	var lines []string
	for _, item := range o.Subject(subject) {
		var members []string
		for _, p := range item.Parts {
			if !isSupport(p.Role) && p.Hidden != "version" {
				members = append(members, strings.TrimSuffix(strings.TrimPrefix(p.Source, "medmij:"), "@medmij")+"/"+p.ID)
			}
		}
		line := fmt.Sprintf("%s %s", item.Section, strings.Join(members, "+"))
		for _, c := range item.Conflicts {
			line += " " + c.Code
		}
		if g, ok := o.Group(item.Group); ok && g.Advice != "" {
			line += " [" + g.Advice + "]"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// recordOf makes the record of a resource.
func recordOf(source, service string, v fhir.Version, r object) fhir.Record {
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return fhir.Record{
		Resource: fhir.Parse(raw, v), Origin: fhir.Origin{Source: source, Service: service},
		Number: 1, Fetched: caseT.Add(-time.Hour),
	}
}

func jsonNumber(s string) json.Number { return json.Number(s) }
