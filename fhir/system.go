package fhir

import "strings"

// The code systems that readers branch on (data-services.md 2.0).
const (
	SNOMED = "http://snomed.info/sct"
	LOINC  = "http://loinc.org"
	UCUM   = "http://unitsofmeasure.org"
	ATC    = "http://www.whocc.no/atc"

	GPK = "urn:oid:2.16.840.1.113883.2.4.4.1"  // generic product
	PRK = "urn:oid:2.16.840.1.113883.2.4.4.10" // prescription product
	HPK = "urn:oid:2.16.840.1.113883.2.4.4.7"  // trade product
	ZI  = "urn:oid:2.16.840.1.113883.2.4.4.8"  // article, one package
	SNK = "urn:oid:2.16.840.1.113883.2.4.4.1.750"
	SSK = "urn:oid:2.16.840.1.113883.2.4.4.1.725"

	NHG45 = "https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen"
	ICPC  = "http://hl7.org/fhir/sid/icpc-1-nl"

	ObservationCategory = "http://terminology.hl7.org/CodeSystem/observation-category"
	Interpretation      = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
	NullFlavor          = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
)

// The identifier systems that are known under a name and under an OID
// (data-services.md 2.0).
const (
	UZIPerson = "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers"
	UZISystem = "http://fhir.nl/fhir/NamingSystem/uzi-nr-sys"
	URA       = "http://fhir.nl/fhir/NamingSystem/ura"
	AGB       = "http://fhir.nl/fhir/NamingSystem/agb-z"
	UZOVI     = "http://fhir.nl/fhir/NamingSystem/uzovi"
)

var systemNames = map[string]string{
	SNOMED: "SNOMED", LOINC: "LOINC", ATC: "ATC", GPK: "GPK", PRK: "PRK", HPK: "HPK", ZI: "ZI",
	SNK: "SNK", SSK: "SSK", NHG45: "NHG", ICPC: "ICPC", URA: "URA", AGB: "AGB", UZOVI: "UZOVI",
}

var oidNames = map[string]string{
	"urn:oid:" + bsnOID:                    bsnURI,
	"urn:oid:2.16.528.1.1007.3.1":          UZIPerson,
	"urn:oid:2.16.528.1.1007.3.2":          UZISystem,
	"urn:oid:2.16.528.1.1007.3.3":          URA,
	"urn:oid:2.16.840.1.113883.2.4.6.1":    AGB,
	"urn:oid:2.16.840.1.113883.2.4.6.4":    UZOVI,
	"urn:oid:2.16.840.1.113883.6.96":       SNOMED,
	"urn:oid:2.16.840.1.113883.6.1":        LOINC,
	"urn:oid:2.16.840.1.113883.6.73":       ATC,
	"urn:oid:2.16.840.1.113883.6.8":        UCUM,
	"urn:oid:2.16.840.1.113883.2.4.4.31.1": ICPC,
}

// System normalises the name of a code or identifier system: white space, an
// OID without its prefix, the OID of a system that has a name, and the renames
// between STU3 and R4.
func System(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 8 && strings.EqualFold(s[:8], "urn:oid:") {
		s = "urn:oid:" + s[8:]
	} else if isOID(s) {
		s = "urn:oid:" + s
	}
	if name, ok := oidNames[s]; ok {
		return name
	}
	s = strings.TrimSuffix(s, "/")
	return renamed(s)
}

func isOID(s string) bool {
	if !strings.HasPrefix(s, "2.16.") && !strings.HasPrefix(s, "1.3.") {
		return false
	}
	return strings.Trim(s, "0123456789.") == ""
}

// renamed maps the STU3 names of HL7's own systems to those of R4.
func renamed(s string) string {
	const old, current = "http://hl7.org/fhir/", "http://terminology.hl7.org/CodeSystem/"
	switch {
	case s == old+"v2/0078":
		return Interpretation
	case strings.HasPrefix(s, old+"v3/"):
		return current + "v3-" + strings.TrimPrefix(s, old+"v3/")
	case strings.HasPrefix(s, old+"v2/"):
		return current + "v2-" + strings.TrimPrefix(s, old+"v2/")
	case s == old+"observation-category":
		return ObservationCategory
	}
	return s
}
