package r4

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"
)

// Why [ModelLoss] has nothing to compare.
var (
	ErrNoModel = errors.New("no model for this type of resource")
	ErrModel   = errors.New("the model refuses this resource")
)

// Harm says what a round trip through a model does to a place.
type Harm string

// The harms that [ModelLoss] finds.
const (
	Lost     Harm = "lost"     // was there, is gone
	Invented Harm = "invented" // was not there, and is
	Changed  Harm = "changed"  // has another value
)

// Loss is a place that a round trip through a model harms; it holds no content.
type Loss struct {
	Path string // such as Patient.name[0]._given
	Harm Harm
}

// String gives path and harm.
func (l Loss) String() string { return l.Path + ": " + string(l.Harm) }

// ModelLoss says what a Go program would lose that reads an R4 resource into
// the structs of github.com/samply/golang-fhir-models and writes it again: all
// places that are not the same, in the order of the resource, the topmost of
// each. With none, the structs are a safe view of this resource (data-services.md
// 3.3 has what they cannot hold). It fails with [ErrNoModel] for types that
// MedMij's services and conversions do not give, and with [ErrModel] when the
// structs cannot be filled, as with a code that they do not know; the error
// holds no content. It is safe for concurrent use.
func ModelLoss(raw []byte) ([]Loss, error) {
	was, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("compare with the model: %w", err)
	}
	model := modelOf(was.text("resourceType"))
	if model == nil {
		return nil, fmt.Errorf("compare with the model: %w", ErrNoModel)
	}
	if json.Unmarshal(raw, model) != nil { // its message may hold content
		return nil, fmt.Errorf("compare with the model: %w", ErrModel)
	}
	again, err := json.Marshal(model)
	if err != nil {
		return nil, fmt.Errorf("compare with the model: %w", ErrModel)
	}
	now, err := parse(again)
	if err != nil {
		return nil, fmt.Errorf("compare with the model: %w", ErrModel)
	}
	return compareObjects(nil, was, now, was.text("resourceType")), nil
}

func compareObjects(all []Loss, was, now *object, path string) []Loss {
	for _, m := range was.members {
		at := path + "." + m.name
		if !now.has(m.name) {
			all = append(all, Loss{at, Lost})
			continue
		}
		all = compareValues(all, m.value, now.get(m.name), at)
	}
	for _, m := range now.members {
		if !was.has(m.name) {
			all = append(all, Loss{path + "." + m.name, Invented})
		}
	}
	return all
}

func compareValues(all []Loss, was, now value, path string) []Loss {
	switch was := was.(type) {
	case *object:
		if now, ok := now.(*object); ok {
			return compareObjects(all, was, now, path)
		}
	case list:
		if now, ok := now.(list); ok && len(now) == len(was) {
			for i := range was {
				all = compareValues(all, was[i], now[i], fmt.Sprintf("%s[%d]", path, i))
			}
			return all
		}
	case scalar:
		// Strings may be escaped in another way; numbers must keep their digits.
		now, ok := now.(scalar)
		if ok && was.Kind() == now.Kind() && text(was) == text(now) && (was.Kind() == '"' || slices.Equal(was, now)) {
			return all
		}
	}
	return append(all, Loss{path, Changed})
}

// modelOf gives an empty model of a type that MedMij's services give, or that
// a conversion of theirs does.
func modelOf(typ string) any {
	model, ok := newModel[typ]
	if !ok {
		return nil
	}
	return model()
}

func of[T any]() any { return new(T) }

var newModel = map[string]func() any{
	"AllergyIntolerance":         of[models.AllergyIntolerance],
	"Appointment":                of[models.Appointment],
	"Binary":                     of[models.Binary],
	"BodyStructure":              of[models.BodyStructure],
	"Bundle":                     of[models.Bundle],
	"CarePlan":                   of[models.CarePlan],
	"CareTeam":                   of[models.CareTeam],
	"Communication":              of[models.Communication],
	"Composition":                of[models.Composition],
	"Condition":                  of[models.Condition],
	"Consent":                    of[models.Consent],
	"Coverage":                   of[models.Coverage],
	"Device":                     of[models.Device],
	"DeviceRequest":              of[models.DeviceRequest],
	"DeviceUseStatement":         of[models.DeviceUseStatement],
	"DiagnosticReport":           of[models.DiagnosticReport],
	"DocumentManifest":           of[models.DocumentManifest],
	"DocumentReference":          of[models.DocumentReference],
	"Encounter":                  of[models.Encounter],
	"EpisodeOfCare":              of[models.EpisodeOfCare],
	"FamilyMemberHistory":        of[models.FamilyMemberHistory],
	"Flag":                       of[models.Flag],
	"Goal":                       of[models.Goal],
	"HealthcareService":          of[models.HealthcareService],
	"Immunization":               of[models.Immunization],
	"ImmunizationRecommendation": of[models.ImmunizationRecommendation],
	"List":                       of[models.List],
	"Location":                   of[models.Location],
	"Media":                      of[models.Media],
	"Medication":                 of[models.Medication],
	"MedicationAdministration":   of[models.MedicationAdministration],
	"MedicationDispense":         of[models.MedicationDispense],
	"MedicationRequest":          of[models.MedicationRequest],
	"MedicationStatement":        of[models.MedicationStatement],
	"NutritionOrder":             of[models.NutritionOrder],
	"Observation":                of[models.Observation],
	"OperationOutcome":           of[models.OperationOutcome],
	"Organization":               of[models.Organization],
	"Parameters":                 of[models.Parameters],
	"Patient":                    of[models.Patient],
	"Person":                     of[models.Person],
	"Practitioner":               of[models.Practitioner],
	"PractitionerRole":           of[models.PractitionerRole],
	"Procedure":                  of[models.Procedure],
	"Provenance":                 of[models.Provenance],
	"Questionnaire":              of[models.Questionnaire],
	"QuestionnaireResponse":      of[models.QuestionnaireResponse],
	"RelatedPerson":              of[models.RelatedPerson],
	"ServiceRequest":             of[models.ServiceRequest],
	"Specimen":                   of[models.Specimen],
	"Substance":                  of[models.Substance],
	"Task":                       of[models.Task],
}
