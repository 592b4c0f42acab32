package mock

import (
	"fmt"
	"io/fs"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

const sample = `{"resourceType":"Bundle","entry":[
{"resource":{"resourceType":"Patient","id":"p"}},
{"resource":{"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-03-10T08:00:00+01:00",
 "category":[{"coding":[{"system":"http://snomed.info/sct","code":"49581000146104"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"1-1"},{"system":"urn:oid:2.16.9","code":"a"}]},
 "identifier":[{"system":"urn:oid:1.9","value":"X1"}],"context":{"reference":"Encounter/e1"}}},
{"resource":{"resourceType":"Observation","id":"o2","status":"preliminary","subject":{"reference":"Patient/p"},"effectivePeriod":{"start":"2026-03"},"code":{"text":"eigen"},"context":{"reference":"Encounter/e2"}}},
{"resource":{"resourceType":"Observation","id":"o3","status":"final","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://loinc.org","code":"2-2"}]}}},
{"resource":{"resourceType":"Encounter","id":"e1","subject":{"reference":"Patient/p"},"class":{"system":"urn:class","code":"IMP"},"episodeOfCare":[{"reference":"EpisodeOfCare/x"}],"period":{"start":"2026-03-01","end":"2026-03-05"}}},
{"resource":{"resourceType":"Encounter","id":"e2","subject":{"reference":"Patient/p"},"class":{"system":"urn:class","code":"AMB"}}},
{"resource":{"resourceType":"AllergyIntolerance","id":"a1","patient":{"reference":"Patient/p"},"category":["medication"],"clinicalStatus":"active"}},
{"resource":{"resourceType":"Medication","id":"m1","code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"1090"}]}}},
{"resource":{"resourceType":"MedicationDispense","id":"d1","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m1"},"whenHandedOver":"2026-02-01",
 "extension":[{"url":"http://nictiz.nl/fhir/StructureDefinition/zib-Medication-PeriodOfUse","valuePeriod":{"start":"2026-02-01"}},
  {"url":"http://nictiz.nl/fhir/StructureDefinition/zib-MedicationUse-Duration","valueDuration":{"value":30,"code":"d"}},
  {"url":"http://nictiz.nl/fhir/StructureDefinition/zib-Medication-MedicationTreatment","valueIdentifier":{"system":"urn:oid:1.5","value":"B1"}}]}}]}`

func sampleLibrary(t *testing.T) *library {
	t.Helper()
	w, err := build(Config{Data: nil, Personas: []Persona{}, Providers: []Provider{
		{Name: "x", Data: sampleFiles()},
	}}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	return w.libraries[key{"x", fhir.STU3}]
}

func TestSearchParameters(t *testing.T) {
	l := sampleLibrary(t)
	for query, want := range map[string][]string{
		"Observation":                                                                {"o1", "o2", "o3"},
		"Observation?status=final":                                                   {"o1", "o3"},
		"Observation?status=final,preliminary":                                       {"o1", "o2", "o3"},
		"Observation?status=final&code=http://loinc.org|":                            {"o1", "o3"},
		"Observation?code=http://loinc.org|1-1,http://x|9":                           {"o1"},
		"Observation?code=1-1":                                                       {"o1"},
		"Observation?code=|1-1":                                                      nil,
		"Observation?code=2.16.9|a":                                                  {"o1"}, // an OID with and without its prefix
		"Observation?category=http://snomed.info/sct|275711006":                      nil,
		"Observation?identifier=urn:oid:1.9|X1":                                      {"o1"},
		"Observation?identifier=X1,X2":                                               {"o1"},
		"Observation?date=2026-03-10":                                                {"o1"},
		"Observation?date=ge2026-03-10":                                              {"o1", "o2"}, // an open period goes on
		"Observation?date=gt2026-03-10":                                              {"o2"},
		"Observation?date=lt2026-03-02":                                              {"o2"},
		"Observation?date=ge2026-03-01&date=le2026-03-31":                            {"o1", "o2"},
		"Observation?date=ge2026-04":                                                 {"o2"},
		"Observation?_id=o1,o3":                                                      {"o1", "o3"},
		"Observation?context=Encounter/e2":                                           {"o2"},
		"Observation?context:Encounter.episodeofcare=EpisodeOfCare/x":                {"o1"},
		"Observation?context:Patient.episodeofcare=EpisodeOfCare/x":                  nil,
		"Observation?unknown=1":                                                      {"o1", "o2", "o3"},
		"Encounter?class=urn:class|IMP,urn:class|ACUTE":                              {"e1"},
		"Encounter?date=2026-03":                                                     {"e1"},
		"AllergyIntolerance?category=medication":                                     {"a1"},
		"AllergyIntolerance?category=food":                                           nil,
		"AllergyIntolerance?clinical-status=active":                                  {"a1"},
		"MedicationDispense?medication.code=urn:oid:2.16.840.1.113883.2.4.4.10|1090": {"d1"},
		"MedicationDispense?medication.code=1091":                                    nil,
		"MedicationDispense?medicationtreatment=urn:oid:1.5|B1":                      {"d1"},
		"MedicationDispense?whenhandedover=ge2026-02-01":                             {"d1"},
		"MedicationDispense?periodofuse=ge2026-03-02":                                {"d1"}, // the thirtieth day
		"MedicationDispense?periodofuse=ge2026-03-03":                                nil,
	} {
		typ, raw, _ := strings.Cut(query, "?")
		q, err := parseQuery(typ, raw)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		var got []string
		for _, r := range q.run(l, []string{"p"}, func(*record) bool { return true }) {
			got = append(got, r.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// Of two comparisons that are each other's opposite, one holds.
func TestDateComparisonsAreOpposites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := func(name string) time.Time {
			return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, name))
		}
		low := day("low")
		have := span{low, low.AddDate(0, 0, rapid.IntRange(0, 30).Draw(t, "length"))}
		asked := fhir.ParseDate(day("asked").Format(time.DateOnly))
		for a, b := range map[string]string{"eq": "ne", "ge": "eb", "le": "sa"} {
			if asked := (span{asked.Low(), asked.High()}); dateOps[a](have, asked) == dateOps[b](have, asked) {
				t.Fatalf("%s and %s agree", a, b)
			}
		}
	})
}

func FuzzParseQuery(f *testing.F) {
	f.Add("code=http://loinc.org%7C1-1&_include:iterate=A:b:C&date=ge2026-01-01&_count=3")
	f.Add("_id=,&date=&%zz")
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := parseQuery("Observation", raw)
		if err != nil {
			return
		}
		// What is said to be handled is understood again, in the same way.
		again, err := parseQuery("Observation", q.handled.Encode())
		if err != nil || !cmp.Equal(q.handled, again.handled) || len(q.filters) != len(again.filters) {
			t.Errorf("%q is not understood twice: %v", raw, err)
		}
	})
}

func FuzzScrubURL(f *testing.F) {
	f.Add("/session/abc/consent?code=tops3cret&state=x")
	f.Add("/x?code=a&code=b&;=%zz")
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.Parse("http://h/session/tops3cret/" + url.PathEscape(path) + "?code=tops3cret&state=tops3cret&a=" + url.QueryEscape(path))
		if err != nil || strings.Contains(path, "tops3cret") {
			return
		}
		if clean := scrubURL(u); strings.Contains(clean, "tops3cret") {
			t.Errorf("%q keeps a secret", clean)
		}
	})
}

func FuzzRedirectOf(f *testing.F) {
	f.Add("http://127.0.0.1:1/oauth/callback")
	f.Add("https://pgo.medmij.localhost@evil.example/")
	f.Fuzz(func(t *testing.T, given string) {
		u, ok := redirectOf([]string{given}, DefaultClient)
		if ok && u.Hostname() != DefaultClient && u.Host != "127.0.0.1:"+u.Port() {
			t.Errorf("%q leads elsewhere", given)
		}
	})
}

func FuzzReadDelivery(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient"}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := delivery{rules: rulesOf(serviceTable("")["53"])}
		if d.read(raw, fhir.STU3) == nil {
			d.judge() // must not fail on anything that was read
		}
	})
}

func TestEndpointNames(t *testing.T) {
	for address, want := range map[string]string{
		"https://api.dva.medmij.localhost:1/p/49/fhir/Observation/$lastn?code=x": "resource:49/Observation",
		"https://api.dva.medmij.localhost:1/p/53/fhir":                           "resource:53",
		"https://api.dva.medmij.localhost:1/oauth2/token":                        "token",
		"http://localhost:1/session/abc/consent":                                 "page:consent",
		"http://localhost:1/session/abc":                                         "page",
		"https://stelselnode.medmij.localhost/MedMij_Whitelist.xml":              "list:whitelist",
		"https://evil.medmij.localhost/MedMij_Whitelist.xml":                     "evil",
		"http://localhost/favicon.ico":                                           "other",
	} {
		if got := endpointOf(httptest.NewRequest("GET", address, nil)); got != want {
			t.Errorf("%s is %s, want %s", address, got, want)
		}
	}
}

func ExampleFaultKinds() {
	for _, k := range FaultKinds() {
		if k.For == "token" && len(k.Values) > 0 && k.Name != "token-error" {
			fmt.Println(k.Name, k.Values)
		}
	}
	// Output:
	// access-token [long odd crlf absent]
	// expires [absent string zero negative huge]
	// scope [names absent fewer foreign]
	// token-type [mac absent lower-case]
}

func sampleFiles() []fs.FS { return []fs.FS{fstest.MapFS{"s.json": {Data: []byte(sample)}}} }
