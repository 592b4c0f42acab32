package desk

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// benchRecords is the size for which product.md 6.16 has its budgets.
const benchRecords = 50_000

// manyOf is one data service of a person with a very long life: mostly results,
// and of everything else more than anybody has.
func manyOf(source, n int) []fhir.Resource {
	random := rand.New(rand.NewPCG(7, uint64(source)))
	day := func() string {
		return time.Date(2026, 5, 30, 9, 0, 0, 0, time.UTC).Add(-time.Duration(random.IntN(5000*24)) * time.Hour).Format(time.RFC3339)
	}
	var out []fhir.Resource
	for i := range n {
		var text string
		switch {
		case i%100 == 0:
			text = fmt.Sprintf(`{"resourceType":"MedicationRequest","id":"m%d","status":"completed","authoredOn":%q,"medicationCodeableConcept":{"coding":[{"system":%q,"code":"%d","display":"MIDDEL%d TABLET 50MG"}]},"dosageInstruction":[{"text":"1 keer per dag 1 tablet"}]}`,
				i, day(), fhir.PRK, 10000+i%5000, i%300)
		case i%100 == 1:
			text = fmt.Sprintf(`{"resourceType":"AllergyIntolerance","id":"a%d","code":{"text":"Stof %d"},"recordedDate":%q}`, i, i%50, day())
		case i%100 < 5:
			text = fmt.Sprintf(`{"resourceType":"Condition","id":"c%d","code":{"text":"Klacht %d"},"onsetDateTime":%q}`, i, i%400, day())
		case i%100 < 8:
			text = fmt.Sprintf(`{"resourceType":"DocumentReference","id":"d%d","status":"current","date":%q,"description":"Brief %d","type":{"text":"Brief"},"content":[{"attachment":{"contentType":"text/plain","data":"QnJpZWY="}}]}`, i, day(), i)
		default:
			text = fmt.Sprintf(`{"resourceType":"Observation","id":"o%d","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"effectiveDateTime":%q,"code":{"coding":[{"system":"http://loinc.org","code":"%d-%d","display":"Bepaling %d"}]},"valueQuantity":{"value":%d,"unit":"mmol/L","code":"mmol/L","system":"http://unitsofmeasure.org"}}`,
				i, day(), 10000+i%150, i%10, i%150, 1+random.IntN(90))
		}
		out = append(out, fhir.Parse([]byte(text), fhir.R4))
	}
	return out
}

// filled is an open vault of that size, with everything open to see.
func filled(b *testing.B) *Desk {
	b.Helper()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, fhir.Amsterdam())
	d, err := New(Config{Path: filepath.Join(b.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap}, Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := d.Create(b.Context(), []byte(passphrase)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	s, err := d.Vault()
	if err != nil {
		b.Fatal(err)
	}
	for source := range 5 {
		of := fhir.Origin{Source: fmt.Sprintf("medmij:bron%d@medmij", source), Service: "48"}
		if _, err := s.Put(b.Context(), fhir.One(of, fhir.R4, "everything", manyOf(source, benchRecords/5)...)); err != nil {
			b.Fatal(err)
		}
	}
	if err := d.SetGate(b.Context(), aggregator.GateRule{Wait: aggregator.WaitNot}); err != nil {
		b.Fatal(err)
	}
	return d
}

// BenchmarkPages asks for pages of a vault of 50,000 records through the
// handlers and a real desk (product.md 6.16: home and lists at p99 under 100 ms,
// search under 30 ms, at most 60 kB of HTML). "cold" is the first page after
// something was stored.
func BenchmarkPages(b *testing.B) {
	d := filled(b)
	s, err := web.New(web.Config{Desk: d.Pages(b.Context()), Port: 8080, Lang: "nl", Now: d.Now, Idle: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	v := &benchVisitor{b: b, handler: s.Handler()}
	v.ask("POST", "/unlock", url.Values{"wachtzin": {passphrase}}.Encode())
	o, err := d.Overview(b.Context(), time.Time{}, "nl")
	if err != nil {
		b.Fatal(err)
	}
	item := o.Subject("medication")[0].Key()
	result := o.Subject("lab")[0].Key()
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			d.changed()
			v.ask("GET", "/", "")
		}
	})
	for _, page := range []struct{ name, path, form string }{
		{"home", "/", ""},
		{"medicines", "/m", ""},
		{"stopped", "/m/gestopt?ouder=1", ""},
		{"allergies", "/a", ""},
		{"results", "/u", ""},
		{"result", "/u/" + result, ""},
		{"letters", "/b", ""},
		{"more", "/g", ""},
		{"item", "/i/" + item, ""},
		{"share", "/d", ""},
		{"changes", "/w", ""},
		{"search", "/zoek", "q=bepaling"},
	} {
		b.Run(page.name, func(b *testing.B) {
			var took []time.Duration
			size := 0
			for b.Loop() {
				start := time.Now()
				method := "GET"
				if page.form != "" {
					method = "POST"
				}
				size = v.ask(method, page.path, page.form)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			for _, q := range []int{50, 99} {
				b.ReportMetric(float64(took[(len(took)-1)*q/100].Microseconds())/1000, fmt.Sprint("p", q, "-ms"))
			}
			b.ReportMetric(float64(size)/1000, "kB")
		})
	}
}

// benchVisitor is a browser with a session.
type benchVisitor struct {
	b       *testing.B
	handler http.Handler
	cookies []*http.Cookie
}

// ask gives how large the answer is.
func (v *benchVisitor) ask(method, path, form string) int {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, strings.NewReader(form))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	if set := w.Result().Cookies(); len(set) > 0 {
		v.cookies = append(v.cookies, set...)
	}
	if w.Code >= 400 || w.Code >= 300 && path != "/unlock" {
		v.b.Fatal(path, w.Code, w.Header().Get("Location"))
	}
	return len(bytes.TrimSpace(w.Body.Bytes()))
}
