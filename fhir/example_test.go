package fhir_test

import (
	"fmt"
	"strings"
	"testing/fstest"

	"github.com/bundel-pgo/bundel/fhir"
)

func ExampleParse() {
	r := fhir.Parse([]byte(`{"resourceType":"Patient","id":"p1","identifier":[
		{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"111222333"}],
		"name":[{"use":"official","family":"de Vries","given":["Anna"]}],"birthDate":"1961-03"}`), fhir.STU3)
	n := r.Node()
	fmt.Println(r.Ref, "masked:", r.Masked)
	fmt.Println(n.Names("name"), "born", n.Date("birthDate").Day())
	fmt.Println(n.Idents("identifier"))
	// Output:
	// Patient/p1 masked: 1
	// Anna de Vries born 1961-03
	// []
}

func ExampleReadBundle() {
	b := fhir.ReadBundle(strings.NewReader(`{"resourceType":"Bundle","type":"searchset",
		"link":[{"relation":"next","url":"https://provider.example/fhir?page=2"}],
		"entry":[{"resource":{"resourceType":"Condition","id":"c1"},"search":{"mode":"match"}}]}`), fhir.STU3)
	for entry, err := range b.Entries() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(entry.Resource.Ref, entry.Mode)
	}
	fmt.Println(b.Next)
	// Output:
	// Condition/c1 match
	// https://provider.example/fhir?page=2
}

func ExampleReadAny() {
	lines := "{\"resourceType\":\"Condition\",\"id\":\"1\"}\n{oops\n{\"resourceType\":\"Condition\",\"id\":\"2\"}\n"
	for r, err := range fhir.ReadAny(strings.NewReader(lines), fhir.R4) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(r.Ref)
	}
	// Output:
	// Condition/1
	// line 2 cannot be read: the JSON is broken or ends early
	// Condition/2
}

func ExampleFiles() {
	folder := fstest.MapFS{
		"gp/condition.json": {Data: []byte(`{"resourceType":"Condition","id":"1"}`)},
		"gp/letter.pdf":     {Data: []byte("%PDF")},
		"lab.xml":           {Data: []byte(`<Observation xmlns="http://hl7.org/fhir"><id value="2"/></Observation>`)},
	}
	for item, err := range fhir.Files(folder, fhir.STU3) {
		switch {
		case err != nil:
			fmt.Println(item.Path, err)
		case item.Skipped:
			fmt.Println(item.Path, "skipped")
		default:
			fmt.Println(item.Path, item.Resource.Ref)
		}
	}
	// Output:
	// gp/condition.json Condition/1
	// gp/letter.pdf skipped
	// lab.xml Observation/2
}

func ExampleXMLToJSON() {
	out, err := fhir.XMLToJSON(strings.NewReader(`<Patient xmlns="http://hl7.org/fhir">
		<active value="true"/><name><given value="Anna"/></name></Patient>`), fhir.R4)
	fmt.Println(string(out), err)
	// Output:
	// {"resourceType":"Patient","active":true,"name":[{"given":["Anna"]}]} <nil>
}

func ExampleDosages() {
	r := fhir.Parse([]byte(`{"resourceType":"MedicationRequest","dosageInstruction":[{
		"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},
		"asNeededCodeableConcept":{"text":"bij jeuk"},
		"doseQuantity":{"value":1,"unit":"stuk","system":"urn:oid:2.16.840.1.113883.2.4.4.1.900.2","code":"245"}}]}`), fhir.STU3)
	d := fhir.Dosages(r.Node(), "dosageInstruction")
	fmt.Println(d.Words("nl"))
	fmt.Println(d.Words("en"))
	fmt.Println(d.Key())
	// Output:
	// 2 keer per dag 1 stuk, bij jeuk
	// 2 times a day 1 piece, bij jeuk
	// prn for=bij jeuk dose=1 1 freq=2 per 86400
}

func ExampleEqualValue() {
	gp := fhir.Quantity{Value: "0.08", System: fhir.UCUM, Code: "mmol/L"}
	hospital := fhir.Quantity{Value: "78", Unit: "µmol/l"}
	fmt.Println(fhir.EqualValue(gp, hospital))
	inMicromol, _ := gp.In("umol/L")
	fmt.Println(inMicromol.RatString())
	// Output:
	// true
	// 80
}

func ExampleQuantity_Words() {
	q := fhir.Quantity{Value: "5.10", Comparator: "<", Unit: "mmol/L"}
	fmt.Println(strings.ReplaceAll(q.Words("nl"), "\u00a0", " "))
	// Output:
	// < 5,10 mmol/L
}

func ExampleDate_Words() {
	for _, text := range []string{"2025-05-12", "2025-05", "2025"} {
		fmt.Println(strings.ReplaceAll(fhir.ParseDate(text).Words("nl"), "\u00a0", " "))
	}
	// Output:
	// 12 mei 2025
	// mei 2025
	// 2025
}

func ExampleNarrative() {
	fmt.Println(fhir.Narrative(`<div xmlns="http://www.w3.org/1999/xhtml"><p>Uitslag</p>
		<table><tr><td>Hb</td><td>8,1</td></tr></table><script>alert(1)</script></div>`))
	// Output:
	// Uitslag
	// Hb | 8,1
}
