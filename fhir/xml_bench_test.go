package fhir

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
)

// BenchmarkXML reads a page of resources that was written as XML.
func BenchmarkXML(b *testing.B) {
	var doc strings.Builder
	doc.WriteString(`<Bundle ` + fhirNS + `>`)
	for e, err := range ReadBundle(bytes.NewReader(bigBundle(1<<20)), STU3).Entries() {
		if err != nil {
			b.Fatal(err)
		}
		one, err := JSONToXML(e.Resource.Bytes())
		if err != nil {
			b.Fatal(err)
		}
		doc.WriteString(`<entry><resource>` + strings.TrimPrefix(string(one), xml.Header) + `</resource></entry>`)
	}
	doc.WriteString(`</Bundle>`)
	b.SetBytes(int64(doc.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := XMLToJSON(strings.NewReader(doc.String()), STU3); err != nil {
			b.Fatal(err)
		}
	}
}
