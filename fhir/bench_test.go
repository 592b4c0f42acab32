package fhir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// bigBundle generates a searchset of about size bytes with observations and
// patients, some with a BSN.
func bigBundle(size int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"searchset","entry":[`)
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"fullUrl":"https://provider.example/fhir/Observation/%[1]d","resource":{"resourceType":"Observation","id":"%[1]d",
			"meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/gp-LaboratoryResult"],"lastUpdated":"2025-05-12T10:00:00+02:00"},
			"identifier":[{"system":"urn:oid:1.2.3.999","value":"%[1]d"}],"status":"final",
			"code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobine [Mol/volume] in bloed"}]},
			"subject":{"reference":"Patient/1","display":"Patiënt %[1]d"},"effectiveDateTime":"2025-05-12",
			"valueQuantity":{"value":%[2]d.%[3]d,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},
			"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">%[4]s</div>"}},"search":{"mode":"match"}}`,
			i, i%10, i%7, strings.Repeat("Een zin met uitleg over deze bepaling. ", 12))
		if i%50 == 0 {
			fmt.Fprintf(&b, `,{"resource":{"resourceType":"Patient","id":"p%d","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"111222333"}]}}`, i)
		}
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

const benchSize = 12 << 20

func BenchmarkReadBundle(b *testing.B) {
	raw := bigBundle(benchSize)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range ReadBundle(bytes.NewReader(raw), STU3).Entries() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkTokenScan is what reading the same bytes costs at the least.
func BenchmarkTokenScan(b *testing.B) {
	raw := bigBundle(benchSize)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		dec := jsontext.NewDecoder(bytes.NewReader(raw))
		for {
			if _, err := dec.ReadToken(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkNode(b *testing.B) {
	var all []Resource
	for e, err := range ReadBundle(bytes.NewReader(bigBundle(1<<20)), STU3).Entries() {
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, e.Resource)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		_ = all[i%len(all)].Node()
		i++
	}
}
