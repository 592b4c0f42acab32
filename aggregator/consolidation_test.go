package aggregator

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// The treatments of the Dutch qualification (merge.md 9.2): where each stands
// at noon of 1 June 2026, and the dose that is shown. They may not be copied,
// so the tests are skipped where they are absent; the cases CONS-* hold our
// own blocks for every row.
var consolidated = map[string]struct {
	section    Section
	dose, next string
	conflict   string
}{
	"OTCmedicatie":           {section: Recent},
	"ToekomstigEnNieuweMA":   {section: Current, next: "Vanaf 11 juni 2026"},
	"WDS_nieuweWDS":          {section: Current},
	"WDS_stopMA":             {section: Recent},
	"WDS_wijzigTA":           {section: Current},
	"andermans1":             {section: Current, conflict: "C-USE-DIFFERS"},
	"andermans2":             {section: Past},
	"geannuleerd":            {section: Cancelled},
	"gebruik":                {section: Recent},
	"gestopt":                {section: Recent},
	"gestoptandermans":       {section: Recent},
	"gewijzigd":              {section: Current, dose: "2 keer per dag 1 stuk"},
	"gewijzigd_toekomst":     {section: Current, dose: "2 keer per week 1 stuk", next: "Vanaf 3 juni 2026"},
	"gewijzigddoorander":     {section: Current, dose: "1 keer per dag 2 stuks"},
	"nieuweToekomstigeMA":    {section: Current, next: "Vanaf 2 juni 2026"},
	"onderbroken":            {section: Paused},
	"toekomstig":             {section: Planned},
	"PGOToekomstigeMA":       {section: Current, next: "Vanaf 2 juni 2026"},
	"PGO_WDS":                {section: Current},
	"PGO_WDS_OnderbrokenMA":  {section: Paused},
	"PGO_WDS_stopMA":         {section: Recent},
	"PGO_WDS_wijzigWDS":      {section: Current},
	"onderbreken":            {section: Paused},
	"WDS_trombose_medicatie": {section: Current},
	"wijzigen_verhoging":     {section: Current},
}

func TestConsolidationOfTheQualification(t *testing.T) {
	byTreatment := fixtureTreatments(t, "R4/mp9-68", fhir.R4)
	for name, want := range consolidated {
		t.Run(name, func(t *testing.T) {
			records := byTreatment["MBH_300_"+name+"-tmg"]
			if records == nil {
				t.Fatal("no such treatment in the fixtures")
			}
			items := mergedFixture(t, records, byTreatment[""])
			if len(items) != 1 {
				t.Fatalf("%d lines, want one: %v", len(items), items)
			}
			item, v := items[0], items[0].Value.(*Medicine)
			if item.Section != want.section || !strings.HasPrefix(v.Dose, want.dose) || !strings.HasPrefix(plainSpaces(v.Next), want.next) {
				t.Errorf("got %s, dose %q, next %q; want %+v", item.Section, v.Dose, v.Next, want)
			}
			var codes []string
			for _, c := range item.Conflicts {
				codes = append(codes, c.Code)
			}
			if got := strings.Join(codes, " "); got != want.conflict {
				t.Errorf("conflicts %q, want %q", got, want.conflict)
			}
		})
	}
}

// TestChainsOfSTU3 are those of MP 9.0.7, where a stop may point at nothing.
func TestChainsOfSTU3(t *testing.T) {
	byTreatment := fixtureTreatments(t, "STU3/medicatie-31-35", fhir.STU3)
	for name, want := range map[string]struct {
		section Section
		dose    string
		ended   string
	}{
		"aanvullendeinformatiewensen-VNK": {Paused, "3 keer per dag 1 stuk", "paused"},
		"aanvullendeinstructie-VNK":       {Recent, "1 keer per dag 1 stuk", "stopped"},
		"redenvanvoorschrijven-VNK":       {Current, "1 keer per week 4 stuks", ""},
		"toelichting-VNK":                 {Current, "1 keer per dag 2 stuks", ""},
		"QA1-JNK":                         {Current, "1 keer per dag 2 stuks", ""},
		"QA2-JNK":                         {Past, "1 keer per dag 10 ml", "over"},
		"QA3-JNK":                         {Recent, "2 keer per dag 50 ml", "over"},
		"ZINRvoorschrijven-KST":           {Current, "1 keer per dag 1 stuk", ""},
		"VVandermansMA-ZTP":               {Unclear, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			items := mergedFixture(t, byTreatment["MBH_907_"+name], byTreatment[""])
			if len(items) != 1 {
				t.Fatalf("%d lines, want one", len(items))
			}
			v := items[0].Value.(*Medicine)
			if items[0].Section != want.section || !strings.HasPrefix(plainSpaces(v.Dose), want.dose) || v.Ended != want.ended {
				t.Errorf("got %s, %q, %q; want %+v", items[0].Section, v.Dose, v.Ended, want)
			}
		})
	}
}

// mergedFixture merges the blocks of one treatment, with the products, at the
// moment of the fixtures.
func mergedFixture(t *testing.T, blocks, support []fhir.Record) []Item {
	t.Helper()
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, fhir.Amsterdam())
	o, err := Merge(seq(append(slices.Clone(blocks), support...)), Input{AsOf: at})
	if err != nil {
		t.Fatal(err)
	}
	return o.Subject("medication")
}

// fixtureTreatments gives the building blocks of a folder by treatment id, and
// everything else under no id.
func fixtureTreatments(t *testing.T, folder string, v fhir.Version) map[string][]fhir.Record {
	t.Helper()
	if _, err := os.Stat(fixtures); err != nil {
		t.Skip("no shared fixtures here")
	}
	out := map[string][]fhir.Record{}
	for item, err := range fhir.Files(os.DirFS(fixtures+"/"+folder), v) {
		if err != nil {
			t.Fatal(err)
		}
		r := fhir.Record{Resource: item.Resource, Origin: fhir.Origin{Source: "file:" + folder}, Number: 1, Fetched: time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)}
		id := ""
		if block, _ := clinical.ReadMedication(r.Resource); block != nil {
			id = block.Treatment.Value
		}
		out[id] = append(out[id], r)
	}
	return out
}
