package r4

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// everywhere changes what has another name or form in R4 in every type
// (data-services.md 2.0), in an object and all in it but other resources.
func (c *conversion) everywhere(o *object, path string) {
	for _, m := range slices.Clone(o.members) {
		if m.name == "contained" || m.name == "resource" {
			continue
		}
		for _, in := range objects(m.value) {
			c.everywhere(in, path+"."+m.name)
			at{object: in, path: upper(strings.TrimPrefix(m.name, "value")), c: c}.do(dataTypes[m.name]...)
		}
	}
	if system := o.text("system"); system != "" {
		o.set("system", str(systemName(system)))
	}
	for _, name := range [...]string{"reference", "fullUrl"} {
		if url := o.text(name); url != "" {
			o.set(name, str(URL(url)))
		}
	}
	for _, name := range [...]string{"extension", "modifierExtension"} {
		for _, e := range objects(o.get(name)) {
			if to, ok := renamedExtensions[e.text("url")]; ok && !isDispenseOnly(e) {
				e.set("url", str(to))
			}
		}
	}
	here := at{object: o, path: path, c: c}
	here.role()
	here.telecomType()
}

// URL is the address of a resource, or a reference to it, with the name that
// its type has in R4: a ProcedureRequest is a ServiceRequest.
func URL(url string) string {
	parts := strings.Split(url, "/")
	for i, part := range parts[:len(parts)-1] {
		if to, ok := renamedTypes[part]; ok {
			parts[i] = to
		}
	}
	return strings.Join(parts, "/")
}

// systemName is the name in R4 of one of HL7's own code systems.
func systemName(s string) string {
	const old, current = "http://hl7.org/fhir/", "http://terminology.hl7.org/CodeSystem/"
	name, ok := strings.CutPrefix(s, old)
	if !ok {
		return s
	}
	if slices.Contains(movedSystems, name) {
		return current + name
	}
	return fhir.System(s)
}

// movedSystems moved from hl7.org/fhir to terminology.hl7.org under their own
// name; the v2 and v3 systems did too, under another, which fhir.System knows.
var movedSystems = strings.Fields(`admit-source condition-category consentaction
	consentcategorycodes contactentity-type data-absent-reason diagnosis-role diet
	discharge-disposition encounter-special-arrangements encounter-type flag-category
	goal-acceptance-status goal-category goal-priority goal-relationship-type
	immunization-origin immunization-recommendation-status list-empty-reason list-order
	location-physical-type medication-admin-category medication-statement-category
	observation-category organization-type practitioner-role processpriority
	reaction-event-certainty referencerange-meaning service-category service-type
	substance-category usage-context-type`)

// renamedExtensions are the extensions of the Dutch profiles of zib 2017 that
// have another name in those of zib 2020, with a value of the same type
// (data-services.md 2.0, 2.2, 2.8).
var renamedExtensions = map[string]string{
	zib + "code-specification":                                    codeSpecification,
	zib + "zib-AddressInformation-AddressType":                    zib + "ext-AddressInformation.AddressType",
	zib + "zib-Medication-MedicationTreatment":                    zib + "ext-PharmaceuticalTreatment.Identifier",
	zib + "zib-Medication-PeriodOfUse":                            timePeriod,
	zib + "zib-MedicationUse-Duration":                            timeDuration,
	zib + "zib-Medication-StopType":                               stopTypeExt,
	zib + "zib-Medication-RepeatPeriodCyclicalSchedule":           zib + "ext-InstructionsForUse.RepeatPeriodCyclicalSchedule",
	zib + "zib-AdministrationAgreement-AuthoredOn":                zib + "ext-RegistrationDateTime",
	zib + "zib-MedicationUse-AsAgreedIndicator":                   zib + "ext-AsAgreedIndicator",
	zib + "zib-MedicationUse-Author":                              zib + "ext-MedicationUse2.Author",
	zib + "zib-MedicationUse-Prescriber":                          zib + "ext-MedicationUse2.Prescriber",
	zib + "zib-Dispense-RequestDate":                              zib + "ext-MedicationDispense.RequestDate",
	zib + "zib-Dispense-DistributionForm":                         zib + "ext-MedicationDispense.DistributionForm",
	zib + "EpisodeOfCare-Title":                                   zib + "ext-EpisodeOfCare.EpisodeOfCareName",
	zib + "extension-context-nl-core-episodeofcare":               episodeContext,
	zib + "BodySite-Qualifier":                                    zib + "ext-AnatomicalLocation.Laterality",
	"http://hl7.org/fhir/StructureDefinition/goal-pertainsToGoal": "http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal",
}

// isDispenseOnly: a dispense that was converted from MP 6.12 has its own number
// in the place of a treatment's (data-services.md 1.3). The name of R4 would
// make it one, so that extension keeps its name.
func isDispenseOnly(e *object) bool {
	id, ok := e.get("valueIdentifier").(*object)
	return ok && strings.HasSuffix(id.text("system"), ".77.373784005.1")
}

// role makes a reference to a role of the reference to a practitioner that
// carries it (data-services.md 2.0): R4 has roles there. The practitioner stays
// as an extension, since the role may not have been fetched; the extension that
// held the role stays when it has words of its own.
func (a at) role() {
	roles, rest := splitExtensions(a.object, practitionerRole)
	if len(roles) != 1 {
		return
	}
	role, ok := roles[0].get("valueReference").(*object)
	if !ok || role.text("reference") == "" {
		return
	}
	if was := a.get("reference"); was != nil {
		a.c.note(a.path, Replaced)
		rest = append(rest, obj("url", crossVersion("Reference"), "valueReference", obj("reference", was)))
	}
	a.set("reference", role.get("reference"))
	if !a.has("display") && role.has("display") {
		a.set("display", role.get("display"))
	}
	if a.text("display") != role.text("display") || role.has("identifier") {
		rest = append(rest, roles[0])
	}
	a.setExtensions(rest)
}

// telecomType moves the kind of a phone number or address to where the profiles
// for R4 have it, on the system.
func (a at) telecomType() {
	kinds, rest := splitExtensions(a.object, zib+"zib-ContactInformation-TelecomType")
	if len(kinds) == 0 {
		return
	}
	extra, ok := a.get("_system").(*object)
	if !ok {
		extra = &object{}
	}
	for _, e := range kinds {
		e.set("url", str(codeSpecification))
		extra.add("extension", e)
	}
	a.set("_system", extra)
	a.setExtensions(rest)
}

// dataTypes are the steps of data types that differ, by the names under which
// they occur; a dosage is in the rules of medication.
var dataTypes = map[string][]step{
	"valueMoney":     {rename("code", "currency", "code"), extend("system", "uri"), extend("unit", "string"), extend("comparator", "code")},
	"signature":      signature,
	"valueSignature": signature,
}

// signature: who signed was a uri or a reference, and is a reference.
var signature = []step{
	rename("contentType", "sigFormat", "code"), rename("blob", "data", "base64Binary"),
	reference("whoUri", "who"), rename("whoReference", "who", "Reference"),
	reference("onBehalfOfUri", "onBehalfOf"), rename("onBehalfOfReference", "onBehalfOf", "Reference"),
}
