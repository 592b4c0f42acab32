// Package read measures the reader of package fhir against others that read
// FHIR in Go, side by side in one run on Bundles that it makes itself.
package read

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// makers give one R4 resource each, the way a server prints it: without white
// space. Their share is about that of a GP's record with laboratory results.
var makers = []func(n int, r *rand.Rand) string{
	observation, observation, observation, observation, observation,
	medication, medication, condition, encounter, allergy, patient,
}

// Generate writes a searchset of about size bytes; the same size gives the
// same bytes. Every 1000th entry is a document of 30 kB in base64: in MedMij files
// travel apart, as Binary, and a page holds few.
func Generate(w io.Writer, size int) (entries int, err error) {
	r := rand.New(rand.NewPCG(1, uint64(size)))
	written, err := io.WriteString(w, `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"https://provider.example/fhir/Observation"}],"entry":[`)
	for ; err == nil && written < size; entries++ {
		text := makers[r.IntN(len(makers))](entries, r)
		if entries%1000 == 999 {
			text = document(entries, r)
		}
		comma := ","
		if entries == 0 {
			comma = ""
		}
		var n int
		n, err = fmt.Fprintf(w, `%s{"fullUrl":"https://provider.example/fhir/x/%d","resource":%s,"search":{"mode":"match"}}`, comma, entries, text)
		written += n
	}
	if err == nil {
		_, err = io.WriteString(w, `]}`)
	}
	return entries, err
}

// Bundle is Generate into memory.
func Bundle(size int) (raw []byte, entries int) {
	var b bytes.Buffer
	entries, _ = Generate(&b, size) // a Buffer has no errors
	return b.Bytes(), entries
}

// subject refers to the patient, at times the way that holds a masked BSN.
func subject(r *rand.Rand) string {
	if r.IntN(10) > 0 {
		return `"subject":{"reference":"Patient/1","display":"J. van der Berg"}`
	}
	return `"subject":{"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"111222333"},"display":"J. van der Berg"}`
}

func top(kind string, n int) string {
	return fmt.Sprintf(`{"resourceType":"%[1]s","id":"%[2]d","meta":{"versionId":"1","lastUpdated":"2025-05-%02[3]dT10:00:00.000+02:00",`+
		`"profile":["http://nictiz.nl/fhir/StructureDefinition/nl-core-%[1]s"]},"identifier":[{"system":"urn:oid:1.2.3.999","value":"%[2]d"}],`, kind, n, 1+n%28)
}

// narrative is there for half of the resources.
func narrative(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		return ""
	}
	return `"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><table><tr><td>` +
		strings.Repeat("Toelichting bij deze bepaling</td><td>7,2 mmol/L, gezien door de huisarts</td></tr><tr><td>", 1+r.IntN(6)) + `einde</td></tr></table></div>"},`
}

func observation(n int, r *rand.Rand) string {
	return top("Observation", n) + narrative(r) + `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],` +
		`"code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobine [Mol/volume] in bloed"},{"system":"http://snomed.info/sct","code":"38082009"}],"text":"Hemoglobine"},` +
		subject(r) + fmt.Sprintf(`,"effectiveDateTime":"2025-05-%02dT08:15:00+02:00",`, 1+r.IntN(28)) +
		fmt.Sprintf(`"valueQuantity":{"value":%d.%d0,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},`, r.IntN(20), r.IntN(10)) +
		`"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"N"}]}],` +
		`"referenceRange":[{"low":{"value":7.5,"unit":"mmol/L"},"high":{"value":10.0,"unit":"mmol/L"}}]}`
}

func medication(n int, r *rand.Rand) string {
	return top("MedicationRequest", n) + narrative(r) + `"status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"67903",` +
		`"display":"PARACETAMOL TABLET 500MG"},{"system":"urn:oid:2.16.840.1.113883.2.4.4.1","code":"2194"}]},` + subject(r) +
		`,"authoredOn":"2025-04-01","requester":{"reference":"Practitioner/2","display":"Huisarts De Wit"},` +
		`"dosageInstruction":[{"text":"3 keer per dag 1 tablet, bij pijn","timing":{"repeat":{"frequency":3,"period":1,"periodUnit":"d"}},"asNeededBoolean":true,` +
		`"doseAndRate":[{"doseQuantity":{"value":1,"unit":"stuk","system":"urn:oid:2.16.840.1.113883.2.4.4.1.900.2","code":"245"}}]}]}`
}

func condition(n int, r *rand.Rand) string {
	return top("Condition", n) + narrative(r) + `"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},` +
		`"code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006","display":"diabetes mellitus type 2"}]},` + subject(r) +
		`,"onsetDateTime":"2016","note":[{"text":"Goed ingesteld, controle over drie maanden. Patiënt voelt zich goed."}]}`
}

func encounter(n int, r *rand.Rand) string {
	return top("Encounter", n) + `"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},` + subject(r) +
		`,"period":{"start":"2025-05-12T09:00:00+02:00","end":"2025-05-12T09:10:00+02:00"},"reasonCode":[{"text":"Controle bloeddruk"}],` +
		`"serviceProvider":{"reference":"Organization/3","display":"Huisartsenpraktijk De Linde"}}`
}

func allergy(n int, r *rand.Rand) string {
	return top("AllergyIntolerance", n) + narrative(r) + `"criticality":"high","code":{"coding":[{"system":"http://snomed.info/sct","code":"91936005","display":"allergie voor penicilline"}]},` +
		`"patient":{"reference":"Patient/1"},"reaction":[{"manifestation":[{"text":"Huiduitslag"}],"severity":"moderate"}]}`
}

func patient(n int, _ *rand.Rand) string {
	return strings.TrimSuffix(top("Patient", n), `"identifier":[{"system":"urn:oid:1.2.3.999","value":"`+fmt.Sprint(n)+`"}],`) +
		`"identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"111222333"}],"name":[{"family":"van der Berg","given":["Jan","J."],` +
		`"_family":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/humanname-own-prefix","valueString":"van der"}]}}],"gender":"male","birthDate":"1970-03-12"}`
}

func document(n int, r *rand.Rand) string {
	content := make([]byte, 30_000)
	for i := range content {
		content[i] = byte(r.Uint32())
	}
	return top("DocumentReference", n) + `"status":"current",` + subject(r) + `,"content":[{"attachment":{"contentType":"application/pdf","title":"Brief","data":"` +
		base64.StdEncoding.EncodeToString(content) + `"}}]}`
}
