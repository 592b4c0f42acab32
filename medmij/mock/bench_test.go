package mock

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"
)

// benchRecords are 3,000 resources of one patient: 2,000 measurements of 40
// codes, 500 agreements and the 499 products they are about.
func benchRecords() []byte {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"p"}}`)
	for i := range 2000 {
		fmt.Fprintf(&b, `,{"resource":{"resourceType":"Observation","id":"o%d","status":"final","subject":{"reference":"Patient/p","display":"P"},`+
			`"category":[{"coding":[{"system":"http://snomed.info/sct","code":"49581000146104","display":"lab"}]}],`+
			`"code":{"coding":[{"system":"http://loinc.org","code":"%d-1","display":"test"}]},"effectiveDateTime":"2026-%02d-%02dT08:00:00+01:00",`+
			`"valueQuantity":{"value":%d,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}}`, i, i%40, i%12+1, i%28+1, i)
	}
	for i := range 500 {
		fmt.Fprintf(&b, `,{"resource":{"resourceType":"MedicationRequest","id":"r%d","subject":{"reference":"Patient/p"},`+
			`"category":{"coding":[{"system":"http://snomed.info/sct","code":"%d","display":"afspraak"}]},`+
			`"medicationReference":{"reference":"Medication/m%d","display":"middel"}}}`, i, 16076005+i%10, i%499)
	}
	for i := range 499 {
		fmt.Fprintf(&b, `,{"resource":{"resourceType":"Medication","id":"m%d","code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"%d"}]}}}`, i, i)
	}
	b.WriteString("]}")
	return b.Bytes()
}

// face is the API of a network over these records, without sockets.
func benchFace(tb testing.TB) (http.Handler, *Network) {
	tb.Helper()
	cfg := Config{Data: []fs.FS{fstest.MapFS{"all.json": {Data: benchRecords()}}}}.withDefaults()
	w, err := build(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	n := &Network{cfg: cfg, world: w, Personas: w.personas, random: seeded(1)}
	n.forget()
	return n.apiFace(1), n
}

func benchRequest(n *Network, path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://"+hostAPI+"/"+dataProvider+path, nil)
	r.Header.Set("Authorization", "Bearer "+n.Personas[0].Token)
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{DNSNames: []string{DefaultClient}}}}
	return r
}

// Typical queries over 3,000 resources. The bar is 2,000 a second.
func BenchmarkSearch(b *testing.B) {
	face, n := benchFace(b)
	for _, q := range []struct{ name, path string }{
		{"code", "/48/fhir/Observation?code=http://loinc.org%7C7-1"},
		{"codeAndDate", "/48/fhir/Observation?code=http://loinc.org%7C7-1&date=ge2026-06-01&date=le2026-09-01"},
		{"lastn", "/48/fhir/Observation/$lastn?code=http://loinc.org%7C7-1"},
		{"include", "/48/fhir/MedicationRequest?category=http://snomed.info/sct%7C16076005&_include=MedicationRequest:medication"},
		{"nothing", "/48/fhir/AllergyIntolerance"},
		{"pageOfAll", "/48/fhir/Observation?_count=50"},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				w := httptest.NewRecorder()
				if face.ServeHTTP(w, benchRequest(n, q.path)); w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "searches/s")
		})
	}
}

// From nothing to listening. The bar for the demonstration is 200 ms.
func BenchmarkServe(b *testing.B) {
	for name, cfg := range map[string]Config{"demo": {}, "full": Full()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n, err := Serve(context.Background(), cfg)
				if err != nil {
					b.Fatal(err)
				}
				n.Close()
			}
		})
	}
}

func TestBenchmarkAsksWhatItSays(t *testing.T) {
	face, n := benchFace(t)
	for path, want := range map[string]int{
		"/48/fhir/Observation?code=http://loinc.org%7C7-1":                      50,
		"/48/fhir/MedicationRequest?category=http://snomed.info/sct%7C16076005": 50,
		"/48/fhir/Observation?_count=50":                                        2000,
	} {
		w := httptest.NewRecorder()
		face.ServeHTTP(w, benchRequest(n, path))
		if !bytes.Contains(w.Body.Bytes(), fmt.Appendf(nil, `"total":%d,`, want)) {
			t.Errorf("%s: %.120s", path, w.Body)
		}
	}
}

// A demonstration that takes seconds to begin is none. The bar of 200 ms is the
// benchmark's; this one allows for a busy machine.
func TestTheDemonstrationBeginsQuickly(t *testing.T) {
	begun := time.Now()
	n := Start(t, Config{})
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("took %v with %d personas", took, len(n.Personas))
	}
}
