package aggregator

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// manyRecords are n statements of one person as a busy file has them: results
// of years at three laboratories, courses of medicines with their hand-overs,
// and a few allergies, letters and problems. A fifth is there twice.
func manyRecords(n int) []fhir.Record {
	random := rand.New(rand.NewPCG(6, 28))
	out := make([]fhir.Record, 0, n)
	for i := 0; len(out) < n; i++ {
		raw := manyResource(random, i)
		out = append(out, manyRecord(raw, i%3))
		if i%5 == 0 && len(out) < n {
			out = append(out, manyRecord(raw, (i+1)%3))
		}
	}
	return out
}

var manyOrigins = [...]fhir.Origin{
	{Source: "medmij:gp@medmij", Service: "49"}, {Source: "medmij:ph@medmij", Service: "35"}, {Source: "medmij:ho@medmij", Service: "48"},
}

func manyRecord(raw string, at int) fhir.Record {
	return fhir.Record{
		Resource: fhir.Parse([]byte(raw), fhir.R4), Origin: manyOrigins[at], Number: 1,
		Fetched: caseT.Add(-time.Hour), Query: "everything",
	}
}

func manyResource(random *rand.Rand, i int) string {
	day := time.Date(2016, 1, 1, 8, random.IntN(600), 0, 0, time.UTC).AddDate(0, 0, random.IntN(3600))
	ident := fmt.Sprintf(`"identifier":[{"system":"urn:oid:2.16.840.1.113883.2.4.3.11.999.9","value":"n%d"}]`, i)
	switch {
	case i%10 < 6:
		r := evalResults[random.IntN(len(evalResults))]
		return fmt.Sprintf(`{"resourceType":"Observation","id":"o%d",%s,"status":"final","category":[{"coding":[{"system":%q,"code":"laboratory"}]}],
"code":{"coding":[{"system":%q,"code":%q,"display":"bepaling"}]},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"unit":%q,"system":%q,"code":%q}}`,
			i, ident, fhir.ObservationCategory, fhir.LOINC, r.loinc, day.Format(time.RFC3339), r.value, r.unit, fhir.UCUM, r.unit)
	case i%10 < 9:
		p := evalProducts[random.IntN(len(evalProducts))]
		typ := [...]string{"MedicationRequest", "MedicationDispense"}[i%2]
		category := [...]string{"33633005", "422037009"}[i%2]
		start, end := day.Format("2006-01-02"), day.AddDate(0, 0, 90).Format("2006-01-02")
		return fmt.Sprintf(`{"resourceType":%q,"id":"m%d",%s,"status":"unknown","category":{"coding":[{"system":%q,"code":%q}]},
"extension":[{"url":"%sext-TimeInterval.Period","valuePeriod":{"start":%q,"end":%q}},{"url":"%sext-RegistrationDateTime","valueDateTime":%q}],
"medicationCodeableConcept":{"coding":[{"system":%q,"code":"%s%d","display":%q}]},
"dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"stuk","system":%q,"code":"1"}}]}]}`,
			typ, i, ident, fhir.SNOMED, category, nictiz, start, end, nictiz, day.Format(time.RFC3339), fhir.PRK, p.prk, random.IntN(10), p.name, fhir.UCUM)
	case i%40 < 20:
		g := evalAgents[random.IntN(len(evalAgents))]
		return fmt.Sprintf(`{"resourceType":"AllergyIntolerance","id":"a%d",%s,"code":{"coding":[{"system":%q,"code":%q,"display":%q}]},"recordedDate":%q}`,
			i, ident, g.system, g.code, g.name, day.Format("2006-01-02"))
	}
	return fmt.Sprintf(`{"resourceType":"Condition","id":"c%d",%s,"code":{"coding":[{"system":%q,"code":"%d","display":"klacht %d"}]},"onsetDateTime":%q}`,
		i, ident, fhir.SNOMED, 1000000+random.IntN(500), i%500, day.Format("2006-01-02"))
}

// BenchmarkMerge merges statements that are in memory (merge.md 10): at most
// 60 ms for 10,000, 0.7 s for 100,000 and 10 s for 1,000,000, and the time per
// statement grows by at most 1.3 from 1,000 to 100,000.
func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million takes some gigabytes; run without -short")
			}
			s := inMemory(b, n)
			runtime.GC()
			b.ReportAllocs()
			var items int
			for b.Loop() {
				o, err := s.Merge(Input{AsOf: caseT})
				if err != nil {
					b.Fatal(err)
				}
				items = len(o.Items)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/statement")
			b.ReportMetric(float64(items), "items")
		})
	}
}

// inMemory reads the records, and merges once so that what is kept from one
// overview to the next is there.
func inMemory(tb testing.TB, n int) *Statements {
	s, err := Read(seq(manyRecords(n)))
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := s.Merge(Input{AsOf: caseT}); err != nil {
		tb.Fatal(err)
	}
	return s
}

// BenchmarkRead reads records that were just taken out of a store.
func BenchmarkRead(b *testing.B) {
	records := manyRecords(10_000)
	for b.Loop() {
		s, err := Read(seq(records))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Merge(Input{AsOf: caseT}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVault goes from an unlocked vault of 10,000 records to the overview:
// at most 0.5 s (merge.md 10).
func BenchmarkVault(b *testing.B) {
	cfg := store.Config{KDF: store.KDF{Time: 1, Memory: 8, Threads: 1}}
	vault, _, err := store.CreateOn(store.Memory(), []byte("een zin van genoeg letters"), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer vault.Close()
	byOrigin := map[fhir.Origin][]fhir.Resource{}
	for _, r := range manyRecords(10_000) {
		byOrigin[r.Origin] = append(byOrigin[r.Origin], r.Resource)
	}
	for origin, resources := range byOrigin {
		pages := func(yield func(fhir.Page, error) bool) {
			yield(fhir.Page{Query: "everything", Resources: resources}, nil)
		}
		if _, err := vault.Put(b.Context(), fhir.Source{Origin: origin, Version: fhir.R4, Pages: pages}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	var items int
	for b.Loop() {
		o, err := Merge(vault.Records(b.Context()), Input{AsOf: caseT})
		if err != nil {
			b.Fatal(err)
		}
		items = len(o.Items)
	}
	b.ReportMetric(float64(items), "items")
}

// BenchmarkDelta adds one record to 10,000 and makes the overview anew.
func BenchmarkDelta(b *testing.B) {
	s := inMemory(b, 10_000)
	extra := manyRecords(11_000)[10_000:]
	at := 0
	for b.Loop() {
		if err := s.Add(seq(extra[at%len(extra) : at%len(extra)+1])); err != nil {
			b.Fatal(err)
		}
		at++
		if _, err := s.Merge(Input{AsOf: caseT}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNothingIsLostAtSize keeps the big benchmark honest: as many records
// go in as come out, at a size that a test can afford.
func TestNothingIsLostAtSize(t *testing.T) {
	records := manyRecords(20_000)
	o, err := Merge(seq(records), Input{AsOf: caseT})
	if err != nil {
		t.Fatal(err)
	}
	checkConservation(t, records, o)
}
