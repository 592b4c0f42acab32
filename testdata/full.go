package testdata

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed full
var fullFiles embed.FS

// Full is the folder tree of the people that only the whole topology of the
// mock has (README.md, "More people"), as [FS] is of the demonstration: Cees,
// Dina and her daughter Eva, Fred, Gerda, and Anna at three more providers.
func Full() fs.FS {
	sub, err := fs.Sub(fullFiles, "full")
	if err != nil {
		panic("testdata: " + err.Error()) // the name above is a constant
	}
	return sub
}

// glucose is one of Fred's measurements, with the fields that differ.
const glucose = `{"resource":{"resourceType":"Observation","id":"delinde-fred-%[1]d",` +
	`"meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/gp-LaboratoryResult"]},` +
	`"identifier":[{"system":"urn:oid:2.16.840.1.113883.2.4.3.11.999.7.101.13","value":"fred-%[1]d"}],"status":"final",` +
	`"category":[{"coding":[{"system":"http://snomed.info/sct","code":"49581000146104","display":"bevinding betreffende laboratoriumonderzoek"}]}],` +
	`"code":{"coding":[{"system":"https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen","code":"3208","display":"glucose draagbare meter"}]},` +
	`"subject":{"reference":"Patient/delinde-fred","display":"Fred Mulder"},"effectiveDateTime":"${DATE, T, D, -%[2]d}T%02[3]d:00:00+01:00",` +
	`"performer":[{"reference":"Practitioner/delinde-vos","display":"M. Vos"}],` +
	`"valueQuantity":{"value":%[4]d.%[5]d,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}}`

// Fred gives n measurements of Fred, newest first, six a day, as a Bundle with
// placeholders for the dates. They are the same every time.
func Fred(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, glucose, i+1, i/6+1, 21-3*(i%6), 4+i*7%9, i*3%10)
	}
	b.WriteString("]}\n")
	return b.Bytes()
}
