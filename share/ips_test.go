package share

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/testdata"
)

var moment = time.Date(2026, 6, 1, 12, 0, 0, 0, fhir.Amsterdam())

// annaRecords are the records of the demonstration person, and some of her own.
func annaRecords(t testing.TB) []fhir.Record {
	t.Helper()
	var all []fhir.Record
	done := map[string]bool{}
	for _, p := range testdata.People()[0].Providers {
		for _, s := range p.Services {
			if s.Dir == "" || done[s.Dir] {
				continue
			}
			done[s.Dir] = true
			v, err := fhir.ParseVersion(s.FHIR)
			if err != nil {
				t.Fatal(err)
			}
			raws, err := testdata.Resources(s.Dir, moment)
			if err != nil {
				t.Fatal(err)
			}
			for _, raw := range raws {
				all = append(all, fhir.Record{
					Resource: fhir.Parse(raw, v), Origin: fhir.Origin{Source: "medmij:" + p.Name + "@medmij", Service: s.ID}, Number: 1, Fetched: moment.Add(-time.Hour),
				})
			}
		}
	}
	n := fhir.Parse([]byte(`{"resourceType":"Patient","name":[{"text":"Anna de Vries","family":"de Vries"}],"birthDate":"1961-04-02","gender":"female"}`), fhir.R4).Node()
	who, err := aggregator.NewSelf(n)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, fhir.Record{Resource: who, Origin: fhir.Origin{Source: fhir.Self}, Number: 1, Fetched: moment.Add(-72 * time.Hour)})
	for kind, value := range map[string]string{"weight": "81.40", "bloodpressure": "128/82", "medicine": "Paracetamol 500 mg", "allergy": "Latex"} {
		all = append(all, own(t, kind, value))
	}
	return all
}

func own(t testing.TB, kind, value string) fhir.Record {
	t.Helper()
	r, _, err := aggregator.NewOwn(aggregator.OwnEntry{Kind: kind, Value: value, At: moment.Add(-48 * time.Hour), Confirmed: true}, moment)
	if err != nil {
		t.Fatal(err)
	}
	return fhir.Record{Resource: r, Origin: fhir.Origin{Source: fhir.Self}, Number: 1, Fetched: moment.Add(-48 * time.Hour)}
}

// annaNames are her providers.
func annaNames() map[string]string {
	names := map[string]string{}
	for _, p := range testdata.People()[0].Providers {
		names["medmij:"+p.Name+"@medmij"] = p.Display
	}
	return names
}

func merged(t testing.TB, records []fhir.Record, lang string) *aggregator.Overview {
	t.Helper()
	o, err := aggregator.Merge(seq(records...), aggregator.Input{AsOf: moment, Lang: lang})
	if err != nil {
		t.Fatal(err)
	}
	return o.View(aggregator.Viewer{At: moment})
}

// readied is an extract that was read.
func readied(t testing.TB, e Extract, records []fhir.Record, lang string) Extract {
	t.Helper()
	e.At, e.Lang, e.Names = moment, lang, annaNames()
	if err := e.Read(seq(records...)); err != nil {
		t.Fatal(err)
	}
	return e
}

func ips(t testing.TB, e Extract) ([]byte, fhir.Node) {
	t.Helper()
	raw, err := e.IPS()
	if err != nil {
		t.Fatal(err)
	}
	return raw, fhir.Parse(raw, fhir.R4).Node()
}

func check(t testing.TB, raw []byte) {
	t.Helper()
	for _, found := range checkIPS(raw) {
		t.Error(found)
	}
}

// entriesOf gives the entries of a section with their types.
func entriesOf(bundle fhir.Node, code string) []fhir.Node {
	byURL := map[string]fhir.Node{}
	for _, e := range bundle.All("entry") {
		byURL[e.Str("fullUrl")] = e.Get("resource")
	}
	var all []fhir.Node
	for _, s := range bundle.All("entry")[0].Get("resource").All("section") {
		if s.Get("code").Coded().Code(fhir.LOINC) == code {
			for _, e := range s.All("entry") {
				all = append(all, byURL[e.Str("reference")])
			}
		}
	}
	return all
}

// TestSummaryOfTheDemonstrationPerson is the whole path in both languages: all
// she sees, as a document that holds to the rules.
func TestSummaryOfTheDemonstrationPerson(t *testing.T) {
	records := annaRecords(t)
	for _, lang := range []string{"nl", "en"} {
		e := readied(t, Own(merged(t, records, lang)), records, lang)
		raw, bundle := ips(t, e)
		check(t, raw)
		again, _ := ips(t, e)
		if !bytes.Equal(raw, again) {
			t.Error("the same extract gives other bytes")
		}
		for _, s := range bundle.All("entry")[0].Get("resource").All("section") {
			t.Logf("%s %-28s %d entries", lang, s.Str("title"), len(s.All("entry")))
		}
		t.Logf("%s %d bytes", lang, len(raw))
	}
}

// fixtureSets are the folders of the qualification data, a release each.
func fixtureSets(t testing.TB) map[string]fhir.Version {
	t.Helper()
	const root = "../../shared/fixtures"
	if _, err := os.Stat(root); err != nil {
		t.Skip("no shared fixtures here")
	}
	sets := map[string]fhir.Version{root + "/bundles-dvamock": fhir.STU3}
	for folder, v := range map[string]fhir.Version{"STU3": fhir.STU3, "R4": fhir.R4, "cc0": 0} {
		entries, err := os.ReadDir(root + "/" + folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			sets[root+"/"+folder+"/"+e.Name()] = v
			if strings.HasPrefix(e.Name(), "STU3") {
				sets[root+"/"+folder+"/"+e.Name()] = fhir.STU3
			} else if v == 0 {
				sets[root+"/"+folder+"/"+e.Name()] = fhir.R4
			}
		}
	}
	return sets
}

// byPatient divides the resources of a folder by the patient they are about;
// what is about nobody goes with everybody.
func byPatient(t testing.TB, dir string, v fhir.Version) map[string][]fhir.Record {
	t.Helper()
	people := map[string][]fhir.Record{}
	var common []fhir.Record
	seen := map[string]int{}
	for item, err := range fhir.Files(os.DirFS(dir), v) {
		if err != nil {
			t.Fatal(err)
		}
		r := fhir.Record{Resource: item.Resource, Origin: fhir.Origin{Source: "file:test"}, Fetched: moment.Add(-time.Hour)}
		seen[r.Ref.String()]++
		r.Number = seen[r.Ref.String()]
		switch id := patientOf(r); {
		case r.Type == "":
		case id != "":
			people[id] = append(people[id], r)
		default:
			common = append(common, r)
		}
	}
	for id := range people {
		people[id] = append(people[id], common...)
	}
	return people
}

func patientOf(r fhir.Record) string {
	if r.Type == "Patient" {
		return r.ID
	}
	for _, name := range [...]string{"subject", "patient", "for", "beneficiary"} {
		if id := r.Node().Get(name).Reference().Ref.ID; id != "" {
			return id
		}
	}
	return ""
}

// TestSummaryOfEveryFixture makes a summary of every patient of the
// qualification data and checks it. Run it with -v for the table.
func TestSummaryOfEveryFixture(t *testing.T) {
	sets := fixtureSets(t)
	total := [4]int{}
	for _, dir := range slices.Sorted(mapKeys(sets)) {
		people, count := byPatient(t, dir, sets[dir]), [4]int{}
		for id, records := range people {
			raw, bundle := ips(t, readied(t, Own(merged(t, records, "nl")), records, "nl"))
			found := checkIPS(raw)
			for _, f := range found {
				t.Errorf("%s %s: %s", dir, id, f)
			}
			sections := bundle.All("entry")[0].Get("resource").All("section")
			count[0]++
			count[1] += len(sections)
			count[3] += len(found)
			for _, s := range sections {
				count[2] += len(s.All("entry"))
			}
		}
		for i := range total {
			total[i] += count[i]
		}
		t.Logf("%-60s %3d patients %4d sections %5d entries %d errors", strings.TrimPrefix(dir, "../../shared/fixtures/"), count[0], count[1], count[2], count[3])
	}
	t.Logf("%-60s %3d patients %4d sections %5d entries %d errors", "all", total[0], total[1], total[2], total[3])
	if total[0] == 0 || total[2] == 0 {
		t.Error("no patient, or nothing in any summary")
	}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// TestSummariesToValidate writes the summaries that docs/ips/validate.sh checks:
// of the example person in both languages, and of somebody of whom nothing is known.
func TestSummariesToValidate(t *testing.T) {
	dir := os.Getenv("BUNDEL_IPS_OUT")
	if dir == "" {
		t.Skip("BUNDEL_IPS_OUT is not set")
	}
	all := annaRecords(t)
	for name, records := range map[string][]fhir.Record{"anna": all, "nobody": nil} {
		for _, lang := range []string{fhir.Dutch, fhir.English} {
			summary, _ := ips(t, readied(t, Own(merged(t, records, lang)), records, lang))
			if err := os.WriteFile(filepath.Join(dir, name+"-"+lang+".json"), summary, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAPersonWithoutAName has a name of which it says that it is not known: IPS
// wants one.
func TestAPersonWithoutAName(t *testing.T) {
	_, bundle := ips(t, readied(t, Own(merged(t, nil, "nl")), nil, "nl"))
	name := bundle.All("entry")[1].Get("resource").All("name")
	if len(name) != 1 || name[0].Get("_text").Ext("http://hl7.org/fhir/StructureDefinition/data-absent-reason").Value().Text() != "unknown" {
		t.Errorf("%d names", len(name))
	}
}
