package aggregator

import (
	"fmt"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// substanceName is another word for each number.
func substanceName(i int) string {
	return fmt.Sprintf("%c%c%cazoline 10MG", 'A'+i%26, 'A'+i/26%26, 'A'+i/676%26)
}

// manyMedicines makes n records: hand-overs of a few products by one pharmacy,
// and agreements and lists of many products.
func manyMedicines(n int) []fhir.Record {
	var gp, ph, ho []object
	for i := range n / 4 {
		day := caseT.AddDate(0, 0, -i).Format("2006-01-02")
		prk := fmt.Sprint(1000 + i/4)
		ph = append(ph, handover(fmt.Sprint("d", i), fmt.Sprint(100+i%5), day, 30).object, administration(fmt.Sprint("t", i), prk).named(substanceName(i/4)).period(day, "").object)
		gp = append(gp, agreement(fmt.Sprint("a", i), prk).named(substanceName(i/4)).treatment("t"+prk).ident("MA"+fmt.Sprint(i)).period(day, "").registered(day).object)
		ho = append(ho, use(fmt.Sprint("u", i), prk).named(substanceName(i/4)).period(day, "").asserted(day).object)
	}
	all := at("gp", "49", fhir.R4, gp...)
	all = append(all, at("ph", "35", fhir.R4, ph...)...)
	return append(all, at("ho", "48", fhir.R4, ho...)...)
}

// BenchmarkMedication merges records that were read already.
func BenchmarkMedication(b *testing.B) {
	for _, n := range [...]int{500, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, err := Read(seq(manyMedicines(n)))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := s.Merge(Input{AsOf: caseT}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
