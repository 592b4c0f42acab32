package clinical

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Kind says what sort of thing was not understood.
type Kind string

// The kinds of warnings.
const (
	KindModifier  Kind = "modifier"   // a modifierExtension that is not known: the meaning may be the opposite
	KindElement   Kind = "element"    // an element that this release does not have
	KindDate      Kind = "date"       // not a date
	KindNumber    Kind = "number"     // not a number
	KindBoolean   Kind = "boolean"    // neither true nor false
	KindCode      Kind = "code"       // not a code of the required value set
	KindReference Kind = "reference"  // a reference that names nothing
	KindFlaw      Kind = "flaw"       // the bytes could not be read; see [fhir.Flaw]
	KindNoSubject Kind = "no-subject" // no subject has this type of resource
	KindOther     Kind = "other"      // the resource is of another subject than was asked for
)

// Warning says where something was not understood. Path is made of names of
// FHIR and positions only, such as "Observation.component[1].valueQuantity",
// so that a warning may be logged; names that FHIR does not have are "?".
type Warning struct {
	Path string
	Kind Kind
}

// Head is what readings of every subject have (data-services.md 0.12, 0.13).
type Head struct {
	Ref         fhir.Ref         // resourceType and id
	Version     fhir.Version     // of the data service
	Profiles    []string         // meta.profile
	CareTypes   []fhir.Coding    // meta.tag with the system of Vektis COD016
	Identifiers []fhir.Ident     // identifier
	Certain     bool             // false when a modifierExtension is not known
	Extensions  int              // how many extensions are of a publisher that is not known
	Unread      []string         // elements of the resource that the reading has no field for
	Beside      []string         // urls of extensions of the resource itself that the reading has no field for
	Absent      []string         // elements of which the resource says that they are not known or masked
	Contained   []fhir.Reference // contained, as "#id"
}

// Common gives what readings of every subject have.
func (h *Head) Common() *Head { return h }

// Reading is a pointer to one of the types of this package, such as [*Allergy].
type Reading interface{ Common() *Head }

// readings is THE table: what reads which type of resource.
var readings = map[string]func(reader) Reading{
	"MedicationRequest": readMedication, "MedicationDispense": readMedication,
	"MedicationStatement": readMedication, "MedicationAdministration": readMedication,
	"Medication":                 readProduct,
	"Substance":                  readSubstance,
	"FamilyMemberHistory":        readRelative,
	"AllergyIntolerance":         readAllergy,
	"Observation":                readObservation,
	"Specimen":                   readSpecimen,
	"DiagnosticReport":           readReport,
	"DocumentReference":          readDocument,
	"DocumentManifest":           readDocument,
	"Binary":                     readFile,
	"Media":                      readMedia,
	"Appointment":                readAppointment,
	"Condition":                  readProblem,
	"EpisodeOfCare":              readEpisode,
	"Encounter":                  readEncounter,
	"Composition":                readNote,
	"Immunization":               readVaccination,
	"ImmunizationRecommendation": readVaccinationAdvice,
	"Procedure":                  readProcedure,
	"ProcedureRequest":           readRequest, "ServiceRequest": readRequest, "ReferralRequest": readRequest,
	"CarePlan":              readPlan,
	"CareTeam":              readTeam,
	"Goal":                  readGoal,
	"NutritionOrder":        readNutrition,
	"Device":                readDevice,
	"DeviceUseStatement":    readDeviceUse,
	"DeviceRequest":         readDeviceRequest,
	"Flag":                  readAlert,
	"Consent":               readDirective,
	"Questionnaire":         readQuestionnaire,
	"QuestionnaireResponse": readAnswers,
	"Task":                  readTask,
	"Coverage":              readCoverage,
	"Patient":               readPatient,
	"RelatedPerson":         readContact,
	"Person":                readContact,
	"Practitioner":          readPractitioner,
	"PractitionerRole":      readPost,
	"Organization":          readOrganisation,
	"Location":              readPlace,
	"HealthcareService":     readPlace,
}

// Read reads a resource by its type, and where a type has several subjects by
// its codes and profiles. The Reading is nil, with one warning that says why, for a resource that cannot be read
// or is of no subject.
func Read(res fhir.Resource) (Reading, []Warning) { return ReadNode(res, res.Node()) }

// ReadNode is Read for who has the content of the resource at hand already.
func ReadNode(res fhir.Resource, root fhir.Node) (Reading, []Warning) {
	if res.Flaw != "" {
		return nil, []Warning{{Path: known(res), Kind: KindFlaw}}
	}
	read, ok := readings[res.Type]
	if !ok || !res.Version.HasType(res.Type) {
		return nil, []Warning{{Path: known(res), Kind: KindNoSubject}}
	}
	r := reader{node: root, path: res.Type, log: &log{version: res.Version, seen: map[string]bool{}, asked: map[string]bool{}}}
	r.log.walk(r.node, res.Type, res.Type)
	value := read(r)
	h := value.Common()
	h.Ref, h.Version, h.Profiles = res.Ref, res.Version, res.Profiles
	r.readHead(h)
	return value, r.log.warnings
}

// known keeps a type that FHIR does not have out of a warning.
func known(res fhir.Resource) string {
	if fhir.STU3.HasType(res.Type) || fhir.R4.HasType(res.Type) {
		return res.Type
	}
	return "?"
}

// as narrows a reading to the subject that was asked for.
func as[T any](value Reading, warnings []Warning) (*T, []Warning) {
	v, ok := any(value).(*T)
	if !ok && value != nil {
		warnings = []Warning{{Path: value.Common().Ref.Type, Kind: KindOther}}
	}
	return v, warnings
}

const careType = "urn:oid:2.16.840.1.113883.2.4.6.7"

func (r reader) readHead(h *Head) {
	for _, tag := range r.node.Get("meta").All("tag") {
		for _, c := range tag.Coded().Coding {
			if c.System == careType {
				h.CareTypes = append(h.CareTypes, c)
			}
		}
	}
	h.Identifiers = r.node.Idents("identifier")
	for _, c := range r.node.All("contained") {
		h.Contained = append(h.Contained, fhir.Reference{URL: "#" + c.Str("id")})
	}
	h.Certain = !slices.ContainsFunc(r.log.warnings, func(w Warning) bool { return w.Kind == KindModifier })
	h.Extensions, h.Absent = r.log.extensions, r.log.absent
	r.log.unread(r.node, h.Ref.Type, "")
	slices.Sort(r.log.missed)
	h.Unread = slices.Compact(r.log.missed)
	for _, x := range r.node.All("extension") {
		if url := x.Str("url"); !r.log.asked[url] && !slices.Contains(h.Beside, url) {
			h.Beside = append(h.Beside, url)
		}
	}
}

// unread lists the elements that nobody asked for: of the resource, and of the
// parts that only this type of resource has.
func (l *log) unread(n fhir.Node, typ, place string) {
	for name, value := range n.Members() {
		base := strings.TrimPrefix(name, "_")
		if headMembers[base] {
			continue
		}
		at := below(place, base)
		if !l.seen[at] {
			l.missed = append(l.missed, at)
			continue
		}
		m, _ := l.version.Member(typ, base)
		if !strings.HasPrefix(m.Kind, typ) {
			continue
		}
		for _, item := range list(value) {
			l.unread(item, m.Kind, at)
		}
	}
}

// list gives the items of a list, or the one value.
func list(n fhir.Node) []fhir.Node {
	if items := n.Items(); items != nil {
		return items
	}
	return []fhir.Node{n}
}

// headMembers are read for every subject, or say nothing about care.
var headMembers = map[string]bool{
	"resourceType": true, "id": true, "meta": true, "text": true, "identifier": true, "contained": true,
	"extension": true, "modifierExtension": true, "implicitRules": true, "language": true,
}
