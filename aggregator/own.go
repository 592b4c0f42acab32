package aggregator

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Namespace is where the project's own extensions and codes live.
const Namespace = "https://github.com/bundel-pgo/bundel/fhir/"

// ownNoteExt holds the text of a note of the person.
const ownNoteExt = Namespace + "note"

// ownMomentExt holds when a note was written: Basic has room for a day only.
const ownMomentExt = Namespace + "moment"

// ownUnusualExt tells that the person confirmed an unusual value (merge.md 6.1).
const ownUnusualExt = Namespace + "confirmedUnusual"

// OwnEntry is something the person adds. Value is a decimal with a point or a
// comma, digits kept ("36,60"); two with a slash for a blood pressure; the
// name of a medicine or of what the person is allergic to; the text of a note.
type OwnEntry struct {
	Kind      string // bloodpressure, weight, ..., medicine, allergy, note
	Value     string
	Timing    string    // of glucose: "fasting", "after-meal" or empty
	Detail    string    // how a medicine is used; which reaction an allergy gives
	Note      string    // free text
	At        time.Time // when; zero means now
	Confirmed bool      // an unusual value was confirmed
	ID        string    // of the entry that this is a new version of; empty for a new one
}

// LogValue keeps health data out of logs.
func (OwnEntry) LogValue() slog.Value { return slog.StringValue("[entry]") }

// The questions that an entry may raise before it is stored.
const (
	AskUnusual = "unusual" // far from what is usual: is it right?
	AskMgdl    = "mgdl"    // glucose: meant in mg/dL?
	AskMetres  = "metres"  // height: meant in metres?
	AskJump    = "jump"    // far from the last own value
	AskTwice   = "twice"   // the same was stored less than a minute ago
)

// Reasons why an entry is refused.
var (
	ErrKind       = errors.New("unknown kind of entry")
	ErrNumber     = errors.New("not a number")
	ErrImpossible = errors.New("no living person has this value")
	ErrFuture     = errors.New("lies in the future")
	ErrBirth      = errors.New("lies before the birth")
	ErrEmpty      = errors.New("nothing filled in")
)

// ownKind is a row of the table of measurements (merge.md 6.1). Limits are in
// the unit; outside refuse nothing is stored, outside warn one confirmation is
// asked for.
type ownKind struct {
	codes        []string // LOINC
	display      string
	profile      string
	unit, code   string
	refuse, warn [2]string
}

var ownKinds = map[string]ownKind{
	"heartrate":   {[]string{"8867-4"}, "Heart rate", "nl-core-HeartRate", "/min", "/min", [2]string{"20", "300"}, [2]string{"40", "150"}},
	"pulse":       {[]string{"8893-0"}, "Heart rate Peripheral artery by palpation", "nl-core-PulseRate", "/min", "/min", [2]string{"20", "300"}, [2]string{"40", "150"}},
	"weight":      {[]string{"29463-7"}, "Body weight", "nl-core-BodyWeight", "kg", "kg", [2]string{"0.3", "500"}, [2]string{"2", "300"}},
	"height":      {[]string{"8302-2"}, "Body height", "nl-core-BodyHeight", "cm", "cm", [2]string{"25", "250"}, [2]string{"45", "230"}},
	"temperature": {[]string{"8310-5"}, "Body temperature", "nl-core-BodyTemperature", "°C", "Cel", [2]string{"25", "45"}, [2]string{"34", "42"}},
	"oxygen":      {[]string{"59408-5", "2708-6"}, "Oxygen saturation in Arterial blood by Pulse oximetry", "nl-core-O2Saturation", "%", "%", [2]string{"30", "100"}, [2]string{"90", "100"}},
	"respiration": {[]string{"9279-1"}, "Respiratory rate", "", "{breaths}/min", "{breaths}/min", [2]string{"3", "80"}, [2]string{"8", "30"}},
	"glucose":     {[]string{"14743-9"}, "Glucose [Moles/volume] in Capillary blood by Glucometer", "", "mmol/L", "mmol/L", [2]string{"0.5", "50"}, [2]string{"3", "20"}},
}

var glucoseTiming = map[string]string{"": "14743-9", "fasting": "14770-2", "after-meal": "14760-3"}

// NewOwn makes the resource of an entry, of source self in R4. When the entry
// needs a yes and is not confirmed it gives the question instead. An entry
// that no person can have gives an error; nothing of it must be stored.
func NewOwn(e OwnEntry, now time.Time) (r fhir.Resource, question string, err error) {
	if e.At.IsZero() {
		e.At = now
	}
	if e.At.After(now.Add(5 * time.Minute)) {
		return r, "", ErrFuture
	}
	e.Value = strings.TrimSpace(e.Value)
	if e.Value == "" {
		return r, "", ErrEmpty
	}
	var content map[string]any
	switch e.Kind {
	case "medicine":
		content = ownMedicine(e)
	case "allergy":
		content = ownAllergy(e)
	case "note":
		content = ownNote(e)
	case "bloodpressure":
		content, question, err = ownPressure(e)
	default:
		content, question, err = ownMeasurement(e)
	}
	if err != nil || question != "" {
		return r, question, err
	}
	r, err = ownResource(content, e.ID)
	return r, "", err
}

// ownResource makes the resource, under a new id when none is given.
func ownResource(content map[string]any, id string) (fhir.Resource, error) {
	if id == "" {
		id = fhir.NewUUID()
	}
	content["id"] = id
	if content["resourceType"] != "Binary" { // the bytes of a file have no place for one
		content["identifier"] = []any{map[string]any{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:" + id}}
	}
	raw, err := json.Marshal(content)
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("write own entry: %w", err)
	}
	return fhir.Parse(raw, fhir.R4), nil
}

func ownMeasurement(e OwnEntry) (map[string]any, string, error) {
	kind, ok := ownKinds[e.Kind]
	if !ok {
		return nil, "", ErrKind
	}
	value, err := decimal(e.Value)
	if err != nil {
		return nil, "", err
	}
	if question := askFirst(e, value); question != "" {
		return nil, question, nil
	}
	switch {
	case !within(value, kind.refuse):
		return nil, "", ErrImpossible
	case !within(value, kind.warn) && !e.Confirmed:
		return nil, AskUnusual, nil
	}
	codes := kind.codes
	if e.Kind == "glucose" {
		codes = []string{glucoseTiming[e.Timing]}
	}
	o := ownObservation(e, codes, kind.display, kind.profile)
	o["valueQuantity"] = quantity(value, kind.unit, kind.code)
	return o, "", nil
}

// askFirst asks about units before it refuses: a height of 1.80 is metres, a
// glucose of 180 is probably mg/dL. Nothing is ever converted silently.
func askFirst(e OwnEntry, value string) string {
	switch {
	case e.Kind == "height" && within(value, [2]string{"0.5", "3"}):
		return AskMetres
	case e.Kind == "glucose" && within(value, [2]string{"33.1", "900"}) && !strings.Contains(value, "."):
		return AskMgdl
	}
	return ""
}

func ownPressure(e OwnEntry) (map[string]any, string, error) {
	first, second, ok := strings.Cut(e.Value, "/")
	sys, err := decimal(first)
	dia, err2 := decimal(second)
	if !ok || err != nil || err2 != nil {
		return nil, "", ErrNumber
	}
	s, _ := fhir.ParseDecimal(sys)
	d, _ := fhir.ParseDecimal(dia)
	switch {
	case !within(sys, [2]string{"40", "300"}) || !within(dia, [2]string{"20", "200"}) || s.Cmp(d) <= 0:
		return nil, "", ErrImpossible
	case (!within(sys, [2]string{"80", "200"}) || !within(dia, [2]string{"40", "120"})) && !e.Confirmed:
		return nil, AskUnusual, nil
	}
	o := ownObservation(e, []string{"85354-9"}, "Blood pressure panel with all children optional", "nl-core-BloodPressure")
	o["component"] = []any{
		map[string]any{"code": loinc([]string{"8480-6"}, "Systolic blood pressure"), "valueQuantity": quantity(sys, "mmHg", "mm[Hg]")},
		map[string]any{"code": loinc([]string{"8462-4"}, "Diastolic blood pressure"), "valueQuantity": quantity(dia, "mmHg", "mm[Hg]")},
	}
	return o, "", nil
}

// decimal takes a comma or a point and keeps the digits as typed.
func decimal(s string) (string, error) {
	s = strings.Replace(strings.TrimSpace(s), ",", ".", 1)
	whole, frac, found := strings.Cut(s, ".")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if found {
		whole += "." + frac
	}
	if _, ok := fhir.ParseDecimal(whole); !ok || strings.Trim(whole, "0123456789.") != "" || (found && frac == "") {
		return "", ErrNumber
	}
	return whole, nil
}

func within(value string, limits [2]string) bool {
	v, ok := fhir.ParseDecimal(value)
	low, okLow := fhir.ParseDecimal(limits[0])
	high, okHigh := fhir.ParseDecimal(limits[1])
	return ok && okLow && okHigh && v.Cmp(low) >= 0 && v.Cmp(high) <= 0
}

func ownObservation(e OwnEntry, codes []string, display, profile string) map[string]any {
	self := selfReference()
	o := map[string]any{
		"resourceType": "Observation", "status": "final",
		"category": []any{map[string]any{"coding": []any{map[string]any{
			"system": fhir.ObservationCategory, "code": "vital-signs", "display": "Vital Signs",
		}}}},
		"code": loinc(codes, display), "subject": self, "performer": []any{self},
		"effectiveDateTime": moment(e.At),
	}
	if profile != "" {
		o["meta"] = map[string]any{"profile": []any{nictiz + profile}}
	}
	if e.Note != "" {
		o["note"] = []any{map[string]any{"text": e.Note}}
	}
	if e.Confirmed {
		o["extension"] = []any{map[string]any{"url": ownUnusualExt, "valueBoolean": true}}
	}
	return o
}

func moment(t time.Time) string {
	return t.In(fhir.Amsterdam()).Format("2006-01-02T15:04:05-07:00")
}

func loinc(codes []string, display string) map[string]any {
	var coding []any
	for _, c := range codes {
		coding = append(coding, map[string]any{"system": fhir.LOINC, "code": c, "display": display})
	}
	return map[string]any{"coding": coding}
}

func quantity(value, unit, code string) map[string]any {
	return map[string]any{"value": json.Number(value), "unit": unit, "system": fhir.UCUM, "code": code}
}

func selfReference() map[string]any { return map[string]any{"reference": "Patient/self"} }

func ownMedicine(e OwnEntry) map[string]any {
	med := map[string]any{
		"resourceType": "MedicationStatement", "status": "active",
		"medicationCodeableConcept": map[string]any{"text": e.Value},
		"subject":                   selfReference(), "informationSource": selfReference(),
		"dateAsserted": moment(e.At), "effectivePeriod": map[string]any{"start": moment(e.At)},
	}
	if e.Detail != "" {
		med["dosage"] = []any{map[string]any{"text": e.Detail}}
	}
	if e.Note != "" {
		med["note"] = []any{map[string]any{"text": e.Note}}
	}
	return med
}

func ownAllergy(e OwnEntry) map[string]any {
	a := map[string]any{
		"resourceType": "AllergyIntolerance",
		"clinicalStatus": map[string]any{"coding": []any{map[string]any{
			"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active",
		}}},
		"code": map[string]any{"text": e.Value}, "patient": selfReference(),
		"recorder": selfReference(), "recordedDate": moment(e.At),
	}
	if e.Detail != "" {
		a["reaction"] = []any{map[string]any{"manifestation": []any{map[string]any{"text": e.Detail}}}}
	}
	if e.Note != "" {
		a["note"] = []any{map[string]any{"text": e.Note}}
	}
	return a
}

func ownNote(e OwnEntry) map[string]any {
	return map[string]any{
		"resourceType": "Basic", "subject": selfReference(), "created": e.At.In(fhir.Amsterdam()).Format("2006-01-02"),
		"code": map[string]any{"coding": []any{map[string]any{"system": Namespace + "kind", "code": "note"}}},
		"extension": []any{
			map[string]any{"url": ownNoteExt, "valueString": e.Value},
			map[string]any{"url": ownMomentExt, "valueDateTime": moment(e.At)},
		},
	}
}

func isOwnNote(e *entry) bool {
	return e.Type == "Basic" && e.node().Get("code").Coded().Has(Namespace+"kind", "note")
}

// NewSelf makes the person's own Patient. from may be a Patient that the
// person confirmed to be theirs; without one the name is marked unknown.
func NewSelf(from fhir.Node) (fhir.Resource, error) {
	p := map[string]any{"resourceType": "Patient", "id": "self"}
	unknown := map[string]any{"extension": []any{map[string]any{
		"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown",
	}}}
	if name := from.Names("name"); name != "" {
		p["name"] = []any{map[string]any{"text": name, "family": from.FamilyName("name")}}
	} else {
		p["name"] = []any{unknown}
	}
	for _, field := range [...]string{"birthDate", "gender"} {
		if v := from.Str(field); v != "" {
			p[field] = v
		} else {
			p["_"+field] = unknown
		}
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("write own Patient: %w", err)
	}
	return fhir.Parse(raw, fhir.R4), nil
}

// Limits gives the values outside which an entry of the kind is refused, in
// the unit of the kind; empty for kinds that are text.
func Limits(kind string) (low, high string) {
	limits := ownKinds[kind].refuse
	return limits[0], limits[1]
}
