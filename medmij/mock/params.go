package mock

import (
	"maps"
	"slices"
	"strings"

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
	n     int // its place in the facts of a record
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
var params = numbered(map[string]*param{
	"category":                            {kind: token, paths: []string{"category"}},
	"code":                                {kind: token, paths: []string{"code"}, types: map[string][]string{"MedicationRequest": {"medicationCodeableConcept"}, "MedicationDispense": {"medicationCodeableConcept"}, "MedicationStatement": {"medicationCodeableConcept"}, "MedicationAdministration": {"medicationCodeableConcept"}}},
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
})

// numbered gives every parameter its place in the facts of a record.
func numbered(all map[string]*param) map[string]*param {
	for i, name := range slices.Sorted(maps.Keys(all)) {
		all[name].n = i
	}
	return all
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
func (p *param) places(r *record) []fhir.Node {
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
