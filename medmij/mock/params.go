package mock

import (
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// paramKind is how the values of a search parameter are compared.
type paramKind int

const (
	token paramKind = iota
	date
	reference
)

// param is a search parameter: where it looks, as paths with dots. A name of a
// choice, such as effective[x], gives a moment or a period. An entry for a
// type goes before that of all types.
type param struct {
	kind  paramKind
	paths []string
	types map[string][]string
}

const (
	treatmentSTU3 = "http://nictiz.nl/fhir/StructureDefinition/zib-Medication-MedicationTreatment"
	treatmentR4   = "http://nictiz.nl/fhir/StructureDefinition/ext-PharmaceuticalTreatment.Identifier"
	periodSTU3    = "http://nictiz.nl/fhir/StructureDefinition/zib-Medication-PeriodOfUse"
	periodR4      = "http://nictiz.nl/fhir/StructureDefinition/ext-TimeInterval.Period"
	durationSTU3  = "http://nictiz.nl/fhir/StructureDefinition/zib-MedicationUse-Duration"
	durationR4    = "http://nictiz.nl/fhir/StructureDefinition/ext-TimeInterval.Duration"
	stopSTU3      = "http://nictiz.nl/fhir/StructureDefinition/zib-Medication-StopType"
	stopR4        = "http://nictiz.nl/fhir/StructureDefinition/ext-StopType"
)

// params is the table of search parameters (conformance.md 2.4). A path that
// starts with "ext:" is the value of an extension with that address.
var params = map[string]param{
	"category":                            {kind: token, paths: []string{"category"}},
	"code":                                {kind: token, paths: []string{"code"}, types: map[string][]string{"MedicationRequest": {"medicationCodeableConcept"}, "MedicationDispense": {"medicationCodeableConcept"}, "MedicationStatement": {"medicationCodeableConcept"}}},
	"status":                              {kind: token, paths: []string{"status"}},
	"clinical-status":                     {kind: token, paths: []string{"clinicalStatus"}},
	"verification-status":                 {kind: token, paths: []string{"verificationStatus"}},
	"type":                                {kind: token, paths: []string{"type"}},
	"class":                               {kind: token, paths: []string{"class"}},
	"contenttype":                         {kind: token, paths: []string{"content.attachment.contentType"}},
	"vaccine-code":                        {kind: token, paths: []string{"vaccineCode"}},
	"identifier":                          {kind: token, paths: []string{"identifier", "masterIdentifier"}},
	"medicationtreatment":                 {kind: token, paths: []string{"ext:" + treatmentSTU3}},
	"pharmaceutical-treatment-identifier": {kind: token, paths: []string{"ext:" + treatmentR4}},
	"date":                                {kind: date, paths: []string{"effective[x]", "performed[x]", "occurrence[x]", "period", "date", "start"}},
	"indexed":                             {kind: date, paths: []string{"indexed"}},
	"created":                             {kind: date, paths: []string{"created"}},
	"authoredon":                          {kind: date, paths: []string{"authoredOn"}},
	"whenhandedover":                      {kind: date, paths: []string{"whenHandedOver"}},
	"effective-time":                      {kind: date, paths: []string{"effective[x]"}},
	"periodofuse":                         {kind: date, paths: []string{"ext:" + periodSTU3, "effective[x]"}},
	"period-of-use":                       {kind: date, paths: []string{"ext:" + periodR4, "effective[x]"}},
	"context":                             {kind: reference, paths: []string{"context", "encounter"}},
	"encounter":                           {kind: reference, paths: []string{"encounter", "context"}},
	"episodeofcare":                       {kind: reference, paths: []string{"episodeOfCare"}},
	"medication":                          {kind: reference, paths: []string{"medicationReference"}},
}

// at gives every place that a path leads to.
func at(n fhir.Node, path string) []fhir.Node {
	if url, ok := strings.CutPrefix(path, "ext:"); ok {
		var found []fhir.Node
		for _, e := range n.Exts(url) {
			found = append(found, e.Value())
		}
		return found
	}
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return n.All(name)
	}
	var found []fhir.Node
	for _, item := range n.All(name) {
		found = append(found, at(item, rest)...)
	}
	return found
}

// places gives every place in a resource where the parameter looks.
func (p param) places(r *record) []fhir.Node {
	paths := p.paths
	if own := p.types[r.Type]; own != nil {
		paths = own
	}
	var found []fhir.Node
	for _, path := range paths {
		found = append(found, at(r.node, path)...)
	}
	return found
}

// matches tells whether one of the values (OR) holds for the resource.
func (p param) matches(r *record, values []string) bool {
	switch p.kind {
	case date:
		return p.matchesDate(r, values)
	case reference:
		return matchesReference(p.places(r), values)
	}
	for _, place := range p.places(r) {
		for _, value := range values {
			if matchesToken(place, value) {
				return true
			}
		}
	}
	return false
}

// matchesToken compares a code, Coding, CodeableConcept or Identifier with
// "system|code", "system|" (any code), "|code" (no system) or "code" (any).
func matchesToken(n fhir.Node, value string) bool {
	system, code, both := strings.Cut(value, "|")
	if !both {
		system, code = "", value
	}
	check := func(s, c string) bool {
		if both && fhir.System(s) != fhir.System(system) {
			return false
		}
		return code == c || (code == "" && both)
	}
	if n.IsObject() && (n.Get("value").Exists() || n.Get("system").Exists()) {
		return check(n.Str("system"), n.Str("value")+n.Str("code"))
	}
	for _, c := range n.Coded().Coding {
		// A bare code has its system from the specification, not in the text.
		if check(c.System, c.Code) || (!n.IsObject() && code == c.Code) {
			return true
		}
	}
	return false
}

// matchesReference accepts "Type/id" and "id", whatever comes before it in the
// resource.
func matchesReference(places []fhir.Node, values []string) bool {
	for _, place := range places {
		given := place.Str("reference")
		for _, value := range values {
			if given == value || strings.HasSuffix(given, "/"+value) {
				return true
			}
		}
	}
	return false
}

// span is a period without absent ends.
type span struct{ low, high time.Time }

var (
	longAgo   = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	farFuture = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// matchesDate compares periods, not moments: a day has a begin and an end, and
// a period without an end goes on.
func (p param) matchesDate(r *record, values []string) bool {
	spans := p.spans(r)
	for _, value := range values {
		op, asked := dateOperand(value)
		for _, s := range spans {
			if compareDate(op, s, asked) {
				return true
			}
		}
	}
	return false
}

// dateOperand takes the prefix off: ge2026-01-01. No prefix means eq.
func dateOperand(value string) (op string, asked fhir.Date) {
	op = "eq"
	if len(value) > 2 && value[0] >= 'a' && value[0] <= 'z' {
		op, value = value[:2], value[2:]
	}
	return op, fhir.ParseDate(value)
}

// dateOps are the comparisons of FHIR between what a resource says and what is
// asked.
var dateOps = map[string]func(have, asked span) bool{
	"eq": func(h, a span) bool { return !h.low.Before(a.low) && !h.high.After(a.high) },
	"ne": func(h, a span) bool { return h.low.Before(a.low) || h.high.After(a.high) },
	"ge": func(h, a span) bool { return !h.high.Before(a.low) },
	"gt": func(h, a span) bool { return h.high.After(a.high) },
	"le": func(h, a span) bool { return !h.low.After(a.high) },
	"lt": func(h, a span) bool { return h.low.Before(a.low) },
	"sa": func(h, a span) bool { return h.low.After(a.high) },
	"eb": func(h, a span) bool { return h.high.Before(a.low) },
	"ap": func(h, a span) bool { return !h.high.Before(a.low) && !h.low.After(a.high) },
}

func compareDate(op string, have span, asked fhir.Date) bool {
	return dateOps[op](have, span{asked.Low(), asked.High()})
}

// spans gives the periods a resource speaks of; a resource without any is never
// found by date.
func (p param) spans(r *record) []span {
	var found []span
	for _, path := range p.paths {
		prefix, choice := strings.CutSuffix(path, "[x]")
		if choice {
			if typ, v := r.node.Choice(prefix); v.Exists() && (typ == "Period" || typ == "DateTime" || typ == "Date" || typ == "Instant") {
				found = appendSpan(found, v, r.node)
			}
			continue
		}
		for _, n := range at(r.node, path) {
			found = appendSpan(found, n, r.node)
		}
	}
	return found
}

func appendSpan(spans []span, n, resource fhir.Node) []span {
	if !n.IsObject() {
		d := fhir.ParseDate(n.Text())
		if d.IsZero() {
			return spans
		}
		return append(spans, span{d.Low(), d.High()})
	}
	period, s := n.Period(), span{longAgo, farFuture}
	if !period.Start.IsZero() {
		s.low = period.Start.Low()
	}
	switch {
	case !period.End.IsZero():
		s.high = period.End.High()
	case !period.Start.IsZero():
		s.high = endOf(s.low, resource)
	}
	return append(spans, s)
}

// endOf adds the duration that MedMij gives beside a period of use.
func endOf(start time.Time, resource fhir.Node) time.Time {
	for _, url := range []string{durationSTU3, durationR4} {
		q := resource.Ext(url).Value().Quantity()
		value, ok := q.Rat()
		if !ok {
			continue
		}
		n := int(value.Num().Int64() / value.Denom().Int64())
		switch q.Code {
		case "d":
			return start.AddDate(0, 0, n).Add(-time.Second)
		case "wk":
			return start.AddDate(0, 0, 7*n).Add(-time.Second)
		case "mo":
			return start.AddDate(0, n, 0).Add(-time.Second)
		}
	}
	return farFuture
}
