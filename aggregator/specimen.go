package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// specimenRow is a class of material: its SNOMED codes and the words with which
// Dutch laboratories write it. Materials of one family may stand for each other
// in a code ("blood" is what was drawn, "serum" what was measured); two families
// never.
type specimenRow struct{ class, family, codes, words string }

// specimenRows is THE table of material. Codes are from memory but for 119364003,
// 119297000 and 122575003; a code that is not here makes a class of its own.
var specimenRows = [...]specimenRow{
	{"blood", "blood", "119297000 122555007 258580003", "bloed|volbloed|veneus bloed|blood|whole blood|edta-bloed"},
	{"serum", "blood", "119364003", "serum"},
	{"plasma", "blood", "119361006", "plasma|citraatplasma|heparineplasma"},
	{"capillary", "blood", "122554006", "capillair bloed|vingerprik|capillary blood"},
	{"arterial", "blood", "122552005", "arterieel bloed|arterial blood"},
	{"urine", "urine", "122575003 258574006", "urine|mid-stream urine|portie urine"},
	{"urine-24h", "urine", "276833005", "24-uurs urine|24 uurs urine|urine 24h|24 hour urine"},
}

// specimenOf gives the class of material and its family. Both are empty when
// the source does not say.
func specimenOf(material fhir.Coded) (class, family string) {
	for _, c := range material.Coding {
		for _, row := range specimenRows {
			if c.System == fhir.SNOMED && strings.Contains(" "+row.codes+" ", " "+c.Code+" ") {
				return row.class, row.family
			}
		}
	}
	words := fold(material.Display())
	for _, row := range specimenRows {
		if words != "" && strings.Contains("|"+row.words+"|", "|"+words+"|") {
			return row.class, row.family
		}
	}
	return words, words
}

func familyOf(class string) string {
	for _, row := range specimenRows {
		if row.class == class {
			return row.family
		}
	}
	return class
}

// settleSpecimen combines the material that was sent with what the code says is
// measured. contradicts: the two are of different families, as in urine under a
// code for serum.
func settleSpecimen(material fhir.Coded, implied string) (class string, contradicts bool) {
	given, family := specimenOf(material)
	switch {
	case implied == "" || given == "":
		return firstNonEmpty(given, implied), false
	case family != familyOf(implied):
		return given, true
	case given == "blood" || given == "urine", implied == "serum" && given == "plasma":
		return implied, false // what was drawn, and what LOINC pools
	}
	return given, false
}

// material reads what was examined and when it was taken: the Specimen,
// contained or not.
func (m *merger) material(e *entry, r fhir.Reference) (typ fhir.Coded, collected fhir.Date) {
	if r.IsZero() {
		return typ, collected
	}
	if target := m.book.follow(e, r); target != nil {
		specimen, _ := readAs[*clinical.Specimen](target)
		return ofSpecimen(specimen)
	}
	if id, ok := strings.CutPrefix(r.URL, "#"); ok {
		s, _ := clinical.ReadNode(fhir.Resource{Ref: fhir.Ref{Type: "Specimen", ID: id}, Version: e.Version}, e.node().Contained(id))
		if specimen, ok := s.(*clinical.Specimen); ok {
			return ofSpecimen(specimen)
		}
	}
	return fhir.Coded{Text: r.Display}, collected
}

func ofSpecimen(s *clinical.Specimen) (typ fhir.Coded, collected fhir.Date) {
	if s == nil {
		return typ, collected
	}
	return s.Type, s.Collected.Start
}
