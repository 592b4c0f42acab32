package medmij

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func day(s string) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, s, fhir.Amsterdam())
	if err != nil {
		panic(err)
	}
	return d
}

// asks gives the queries that an Ask becomes, by the names of their results.
func asks(t *testing.T, a Ask) []string {
	t.Helper()
	s := newSetup(t, always(200, bundle("")), func(c *Config) {
		c.Now = func() time.Time { return day("2026-06-15") }
	})
	sources, err := s.Ask(t.Context(), grantFor(a.Service), a)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(collect(t, sources[0]).results))
}

func TestFiltersGoToTheQueriesThatCarryThem(t *testing.T) {
	const sctMA, sctTA, sctMVE = "category=http://snomed.info/sct|16076005", "category=http://snomed.info/sct|422037009", "category=http://snomed.info/sct|373784005"
	for _, c := range []struct {
		name string
		ask  Ask
		want []string
	}{
		{
			"a period, by its name in each query",
			Ask{Service: "31", Period: Period{From: day("2026-01-01"), To: day("2026-02-01")}},
			[]string{
				"MedicationDispense?" + sctMVE + "&_include=MedicationDispense:medication&whenhandedover=ge2026-01-01&whenhandedover=le2026-02-01",
				"MedicationDispense?" + sctTA + "&_include=MedicationDispense:medication&periodofuse=ge2026-01-01&periodofuse=le2026-02-01",
				"MedicationRequest?" + sctMA + "&_include=MedicationRequest:medication&periodofuse=ge2026-01-01&periodofuse=le2026-02-01",
			},
		},
		{"a period in the place of the table's", Ask{Service: "47", Period: Period{To: day("2026-02-01")}}, []string{"Appointment?date=le2026-02-01"}},
		{"no bounds at all", Ask{Service: "47", Period: Period{All: true}}, []string{"Appointment"}},
		{"bounds that do not count", Ask{Service: "47", Period: Period{From: day("2026-01-01"), To: day("2026-02-01"), Outside: true}}, []string{"Appointment?date=gt2026-01-01&date=lt2026-02-01"}},
		{"the newest of some codes", Ask{Service: "52", Codes: []string{"http://loinc.org|8302-2", "http://snomed.info/sct|1"}, Latest: true}, []string{"Observation/$lastn?code=http://loinc.org|8302-2,http://snomed.info/sct|1"}},
		{"the newest of all", Ask{Service: "52", Latest: true}, []string{
			"Observation/$lastn?category=http://hl7.org/fhir/observation-category|vital-signs",
			"Observation/$lastn?code=http://loinc.org|14760-3,http://loinc.org|14743-9,http://loinc.org|14770-2",
		}},
		{"one query", Ask{Service: "48", Query: "Flag"}, []string{"Flag"}},
		{"a query that is not asked by default", Ask{Service: "52", Query: "Observation?category=vital-signs"}, []string{"Observation?category=vital-signs"}},
		{"another status", Ask{Service: "59", Status: []string{"accepted", "completed"}}, []string{"Task?code=http://loinc.org|74468-0&status=accepted,completed"}},
		{"more included", Ask{Service: "46", Include: []string{"specimen"}}, []string{"Observation?category=http://snomed.info/sct|49581000146104&_include=Observation:specimen"}},
		{"nothing included", Ask{Service: "48", Query: "Patient?_include=Patient:general-practitioner", Bare: true}, []string{"Patient"}},
		{"what nothing narrows is as it is in the table", Ask{Service: "47"}, []string{"Appointment?date=ge{today-150d}"}},
		{"one resource", Ask{Service: "51", Reads: []fhir.Ref{{Type: "Binary", ID: "b"}}}, []string{"Binary"}},
		{"a comma is part of its value", Ask{Service: "31", Codes: []string{`a|b,c\d`}, Query: "MedicationRequest?" + sctMA + "&_include=MedicationRequest:medication"}, []string{
			"MedicationRequest?" + sctMA + "&_include=MedicationRequest:medication&medication.code=" + `a|b\,c\\d`,
		}},
	} {
		if diff := cmp.Diff(c.want, asks(t, c.ask)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestADayIsADutchDay(t *testing.T) {
	late := time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC) // half past midnight in Amsterdam
	if got := asks(t, Ask{Service: "47", Period: Period{From: late}}); !slices.Equal(got, []string{"Appointment?date=ge2026-07-01"}) {
		t.Errorf("%v", got)
	}
}

func TestSeveralAsksOfAServiceAreOneSource(t *testing.T) {
	s := newSetup(t, always(200, bundle("")))
	sources, err := s.Ask(t.Context(), grantFor("46", "48", "52"),
		Ask{Service: "52", Codes: []string{"a|b"}}, Ask{Service: "48", Query: "Flag"}, Ask{Service: "52", Codes: []string{"a|c"}}, Ask{Service: "52", Codes: []string{"a|b"}})
	if err != nil || len(sources) != 2 || sources[0].Origin.Service != "48" || sources[1].Origin.Service != "52" {
		t.Fatalf("%+v, %v", sources, err)
	}
	if got := collect(t, sources[1]); len(got.results) != 2 || len(s.net.requests()) != 2 {
		t.Errorf("%+v", got.results)
	}
	if sources, err := s.Ask(t.Context(), grantFor("46")); err != nil || len(sources) != 0 {
		t.Errorf("nothing asked gives %d sources, %v", len(sources), err)
	}
}

func TestRSC_05_AsksThatMayNotBeSent(t *testing.T) {
	for name, a := range map[string]Ask{
		"an unknown service":                  {Service: "12345"},
		"a service to send with":              {Service: "53"},
		"a service that was not granted":      {Service: "49"},
		"a query of another service":          {Service: "48", Query: "EpisodeOfCare"},
		"a filter that no query has":          {Service: "46", Treatments: []string{"a|b"}},
		"a filter that this query lacks":      {Service: "48", Query: "Flag", Period: Period{From: day("2026-01-01")}},
		"the newest of what has none":         {Service: "48", Query: "Flag", Latest: true},
		"ids for a query without":             {Service: "48", Query: "Flag", IDs: []string{"a"}},
		"an empty value":                      {Service: "31", Codes: []string{""}},
		"a value with a line break":           {Service: "31", Codes: []string{"a\r\nX: y"}},
		"a value without end":                 {Service: "31", Codes: []string{strings.Repeat("x", 501)}},
		"a citizen service number":            {Service: "31", Identifiers: []string{"http://fhir.nl/fhir/NamingSystem/bsn|999900006"}},
		"one by its OID":                      {Service: "31", Identifiers: []string{"urn:oid:2.16.840.1.113883.2.4.6.3|999900006"}},
		"a bare one":                          {Service: "31", Identifiers: []string{"999900006"}},
		"an include that is a parameter":      {Service: "46", Include: []string{"specimen&patient=1"}},
		"an id that is a path":                {Service: "67", Query: "Condition?context=EpisodeOfCare/{id}", IDs: []string{"../x"}},
		"a read of a path":                    {Service: "51", Reads: []fhir.Ref{{Type: "Binary", ID: "../../admin"}}},
		"a read of something that is no type": {Service: "51", Reads: []fhir.Ref{{Type: "$everything", ID: "x"}}},
	} {
		s := newSetup(t, always(200, bundle("")))
		g := grantFor("31", "46", "48", "49", "51", "53", "67")
		g.Granted = []string{"31", "46", "48", "51", "53", "67"}
		sources, err := s.Ask(t.Context(), g, Ask{Service: "46"}, a)
		if err == nil || sources != nil || len(s.net.requests()) > 0 {
			t.Errorf("%s is asked", name)
		}
		if name == "a service that was not granted" && !errors.Is(err, ErrNotGranted) {
			t.Errorf("%v", err)
		}
		if err != nil && strings.Contains(err.Error(), "999900006") {
			t.Errorf("%s: the number is in the error", name)
		}
	}
	// A number that only looks like one is an identifier of somebody else.
	if _, err := newSetup(t, always(200, "")).Ask(t.Context(), grantFor("31"), Ask{Service: "31", Identifiers: []string{"urn:oid:1.2.3|999900006"}}); err != nil {
		t.Errorf("%v", err)
	}
}

// What a filter puts in an address comes out of it as it was, and changes no
// other parameter.
func TestLawsOfFilters(t *testing.T) {
	value := rapid.StringMatching(`[ -~]{1,30}`)
	service, _ := ServiceByID("31")
	rapid.Check(t, func(t *rapid.T) {
		a := Ask{Service: "31", Codes: rapid.SliceOfN(value, 1, 3).Draw(t, "codes"), Query: service.Queries[0].Path}
		queries, err := a.queries(service)
		if err != nil {
			return // a number that looks like a BSN
		}
		p := paging{origin: apiBase, limit: 1}
		u, err := p.first(queries[0].at(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		got := u.Query()
		if len(got) != 3 || got.Get("medication.code") != anyOf(a.Codes) || u.Fragment != "" || u.Path != "/fhir/MedicationRequest" {
			t.Fatalf("%q becomes %s", a.Codes, u)
		}
	})
}

func TestOwnRowsReplaceThoseOfTheTable(t *testing.T) {
	s := newSetup(t, always(200, bundle("")), func(c *Config) {
		c.Services = []Service{
			{ID: "46", Version: fhir.R4, Direction: Collect, Queries: []Query{{Path: "Observation"}}},
			{ID: "900", Version: fhir.R4, Direction: Collect, Queries: []Query{{Path: "Goal"}}},
		}
	})
	var got []string
	for _, source := range s.Fetch(t.Context(), grantFor("46", "54", "900")) {
		collect(t, source)
		got = append(got, source.Origin.Service+" "+source.Version.String())
	}
	var sent []string
	for _, r := range s.net.requests() {
		sent = append(sent, strings.TrimPrefix(r.URL.String(), apiBase))
	}
	if diff := cmp.Diff([]string{"46 R4", "54 STU3", "900 R4"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/Observation", "/AllergyIntolerance", "/Goal"}, sent); diff != "" {
		t.Error(diff)
	}
}

// Filters hold what the person is looking for, so the chain log has none of it.
func TestLOG_03_FiltersAreNotInTheChainLog(t *testing.T) {
	s := newSetup(t, always(200, bundle("")))
	sources, err := s.Ask(t.Context(), grantFor("31", "51"),
		Ask{Service: "31", Identifiers: []string{"x|canary"}}, Ask{Service: "51", Reads: []fhir.Ref{{Type: "Binary", ID: "canary"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		collect(t, source)
	}
	if len(s.events) == 0 {
		t.Fatal("nothing is logged")
	}
	for _, e := range s.events {
		if e.Request != nil && (strings.Contains(e.Request.URI, "canary") || !strings.HasPrefix(e.Request.URI, "https://"+apiHost)) {
			t.Errorf("logged: %s", e.Request.URI)
		}
	}
}
