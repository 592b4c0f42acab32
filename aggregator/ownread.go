package aggregator

import (
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// ReadOwn gives back the entry that [NewOwn] made a resource of, or what
// [NewOwnDocument] made of a file, as it was
// typed and with its ID; not ok for everything else the vault holds of the
// person: choices, targets, their own Patient.
func ReadOwn(r fhir.Resource) (e OwnEntry, ok bool) {
	n := r.Node()
	e.ID = r.ID
	switch r.Type {
	case "Observation":
		ok = e.readMeasurement(n)
	case "MedicationStatement":
		e.Kind, e.Value, e.Detail = "medicine", n.Str("medicationCodeableConcept", "text"), n.Str("dosage", "text")
		e.At, ok = ownMoment(n.Str("dateAsserted"))
		e.readUse(n)
	case "AllergyIntolerance":
		e.Kind, e.Value, e.Detail = "allergy", n.Str("code", "text"), n.Str("reaction", "manifestation", "text")
		e.At, ok = ownMoment(n.Str("recordedDate"))
	case "DocumentReference":
		e.Kind, e.Value = KindDocument, n.Str("description")
		e.At, ok = ownMoment(n.Str("date"))
	case "Basic":
		e.Kind, e.Value = "note", n.Ext(ownNoteExt).Value().Text()
		if e.At, ok = ownMoment(n.Ext(ownMomentExt).Value().Text()); !ok {
			e.At, ok = fhir.ParseDate(n.Str("created")).Low(), true
		}
	}
	e.Note, e.About = n.Str("note", "text"), readAbout(n)
	return e, ok && e.Value != ""
}

func (e *OwnEntry) readMeasurement(n fhir.Node) (ok bool) {
	code := n.Get("code").Coded()
	e.Kind, e.Timing = ownKindOf(code)
	e.Value = n.Str("valueQuantity", "value")
	if parts := n.All("component"); len(parts) == 2 && code.Has(fhir.LOINC, "85354-9") {
		e.Kind = "bloodpressure"
		e.Value = parts[0].Str("valueQuantity", "value") + "/" + parts[1].Str("valueQuantity", "value")
	}
	e.Confirmed = n.Ext(ownUnusualExt).Value().Bool()
	e.At, ok = ownMoment(n.Str("effectiveDateTime"))
	return ok && e.Kind != ""
}

// ownKindOf is the kind of measurement with a code; of glucose also when it was
// measured.
func ownKindOf(code fhir.Coded) (kind, timing string) {
	for timing, glucose := range glucoseTiming {
		if code.Has(fhir.LOINC, glucose) {
			return "glucose", timing
		}
	}
	for name, k := range ownKinds {
		if code.Has(fhir.LOINC, k.codes[0]) {
			return name, ""
		}
	}
	return "", ""
}

func ownMoment(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, text)
	return at.In(fhir.Amsterdam()), err == nil
}
