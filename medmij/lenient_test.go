package medmij

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lenientZAL is a list of either release with one change, read leniently: the
// hosts of the services that came through, and what was tolerated.
func lenientZAL(t *testing.T, e edit) (services []string, counted tolerated, err error) {
	t.Helper()
	zal, counted, err := readingZAL(false, true)(strings.NewReader(e.apply(t)))
	for _, p := range zal.Providers {
		for _, v := range p.Versions {
			for _, s := range v.Services {
				services = append(services, bareName(p.Name)+" "+s.ID)
			}
		}
	}
	return services, counted, err
}

func TestLST_12_BothReleasesAndLenientReading(t *testing.T) {
	all2, all3 := []string{"eerste 49", "eerste 51", "tweede 49"}, []string{"kliniek-zon&zee 49"}
	for _, c := range []struct {
		edit
		want    []string
		counted tolerated
	}{
		{edit{"release 2", "Zorgaanbiederslijst", "", "", ""}, all2, tolerated{}},
		{edit{"release 3", "ZAL3", "", "", ""}, all3, tolerated{}},
		{edit{"an unknown element", "ZAL3", "<Aanbiedertype>", "<Nieuw><Diep>x</Diep></Nieuw><Aanbiedertype>", ""}, all3, tolerated{unknown: 1}},
		{edit{"an unknown element at the end", "ZAL3", "</Gegevensdienst>", "<Nieuw/><Nieuw/></Gegevensdienst>", ""}, all3, tolerated{unknown: 2}},
		{edit{"an unknown element in the root", "Zorgaanbiederslijst", "<Volgnummer>", "<Uitgever>x</Uitgever><Volgnummer>", ""}, all2, tolerated{unknown: 1}},
		{edit{"an unknown attribute", "ZAL3", "<Zorgaanbieder>", `<Zorgaanbieder soort="a">`, ""}, all3, tolerated{unknown: 1}},
		{edit{"an element of another namespace", "ZAL3", "<Aanbiedertype>", `<GegevensdienstId xmlns="x">1</GegevensdienstId><Aanbiedertype>`, ""}, all3, tolerated{unknown: 1}},
		{edit{"a trailing slash", "ZAL3", "/49/fhir<", "/49/fhir/<", ""}, all3, tolerated{addresses: 1}},
		{edit{"a double slash", "Zorgaanbiederslijst", "nl/authorize", "nl//authorize", ""}, all2, tolerated{addresses: 1}},
		{edit{"http", "Zorgaanbiederslijst", "https://inlog", "http://inlog", ""}, all2[1:], tolerated{dropped: 1}},
		{edit{"L14 a port at the front", "Zorgaanbiederslijst", "nl/authorize", "nl:8443/authorize", ""}, all2[1:], tolerated{dropped: 1}},
		{edit{"a query", "Zorgaanbiederslijst", "nl:8443/token", "nl:8443/token?a=b", ""}, all2[1:], tolerated{dropped: 1}},
		{edit{"capitals in a host", "Zorgaanbiederslijst", "api.dva", "API.dva", ""}, all2[1:], tolerated{dropped: 1}},
		{edit{"no token endpoint", "Zorgaanbiederslijst", "<TokenEndpointuri>https://api.dva.example.nl:8443/token</TokenEndpointuri>", "", ""}, all2[1:], tolerated{dropped: 1}},
		{edit{"no roles", "Zorgaanbiederslijst", "<Systeemrol><Systeemrolcode>HGB</Systeemrolcode>" + base2 + "</Systeemrol>", "", ""}, all2[1:], tolerated{dropped: 1}},
		{edit{"a role twice", "Zorgaanbiederslijst", ">PDB<", ">PLB<", ""}, []string{"eerste 49", "tweede 49"}, tolerated{dropped: 1}},
		{edit{"a service twice", "Zorgaanbiederslijst", ">51<", ">49<", ""}, []string{"eerste 49", "tweede 49"}, tolerated{dropped: 1}},
		{edit{"text in a service", "Zorgaanbiederslijst", "<GegevensdienstId>51", "x<GegevensdienstId>51", ""}, []string{"eerste 49", "tweede 49"}, tolerated{dropped: 1}},
		{edit{"the only service of a provider", "ZAL3", "https://api", "http://api", ""}, nil, tolerated{dropped: 1}},
	} {
		got, counted, err := lenientZAL(t, c.edit)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil || counted != c.counted {
			t.Errorf("%s: %v, %+v, %s", c.why, err, counted, diff)
		}
		if strict := readAny(c.list, c.apply(t)); (strict == nil) != (c.counted == tolerated{}) {
			t.Errorf("%s: strictly it is %v", c.why, strict)
		}
	}
}

// Leniency stops where it could let in what nobody looked at.
func TestLenientReadingHasLimits(t *testing.T) {
	for _, e := range []edit{
		{"a known element in the wrong place", "ZAL3", "<Aanbiedertype>", "<Interfaceversies/><Aanbiedertype>", ""},
		{"a provider named twice", "Zorgaanbiederslijst", "tweede@", "eerste@", ""},
		{"a provider without a good name", "Zorgaanbiederslijst", "tweede@", "Tweede@", ""},
		{"stray text", "ZAL3", "<Interfaceversies>", "<Interfaceversies>x", ""},
		{"a DOCTYPE", "Zorgaanbiederslijst", "<Zorgaanbiederslijst", "<!DOCTYPE x><Zorgaanbiederslijst", ""},
		{"an entity in a service", "Zorgaanbiederslijst", "https://inlog", "&a;", ""},
		{"a service cut off", "Zorgaanbiederslijst", "<TokenEndpoint>", "<TokenEndpoint", ""},
		{"another release", "ZAL3", "release3", "release4", ""},
		{"no number", "ZAL3", "<Volgnummer>7</Volgnummer>", "", ""},
		{"elements without end", "ZAL3", "<Aanbiedertype>", strings.Repeat("<Nieuw>", 100), ""},
		{"an instruction named xml in a service", "Zorgaanbiederslijst", "<TokenEndpoint>", `<?xml version="1.0"?><TokenEndpoint>`, ""},
	} {
		if got, counted, err := lenientZAL(t, e); err == nil {
			t.Errorf("%s: accepted as %v, %+v", e.why, got, counted)
		}
	}
	for _, e := range []edit{
		{"a host twice in a node", "Whitelist", "<Hostname>api", "<Hostname>evil.example.nl</Hostname><Hostname>api", ""},
		{"a wrong host", "Whitelist", "api.dva", "API.dva", ""},
	} {
		if w, _, err := reading[Whitelist](whitelistRule(false), true)(strings.NewReader(e.apply(t))); err == nil {
			t.Errorf("%s: accepted as %+v", e.why, w.Nodes)
		}
	}
}

// A skipped element is not read back in by another way.
func TestWhatIsSkippedIsNotUsed(t *testing.T) {
	evil := `<x:MedMijNodes xmlns:x="y"><x:MedMijNode><x:Hostname>evil.example.nl</x:Hostname></x:MedMijNode></x:MedMijNodes>`
	inside := `<x:Hostname xmlns:x="y">evil.example.nl</x:Hostname>`
	for name, e := range map[string]edit{
		"before":       {"", "Whitelist", "<MedMijNodes>", evil + "<MedMijNodes>", ""},
		"after":        {"", "Whitelist", "</MedMijNodes>", "</MedMijNodes>" + evil, ""},
		"in a node":    {"", "Whitelist", "<MedMijNode>", "<MedMijNode>" + inside, ""},
		"after a host": {"", "Whitelist", "</Hostname>", "</Hostname>" + inside, ""},
		"in unknown":   {"", "Whitelist", "<MedMijNodes>", "<MedMijNodes><Oud><MedMijNode><Hostname>evil.example.nl</Hostname></MedMijNode></Oud>", ""},
	} {
		w, counted, err := reading[Whitelist](whitelistRule(false), true)(strings.NewReader(e.apply(t)))
		if err != nil || counted.unknown != 1 {
			t.Errorf("%s: %v, %+v", name, err, counted)
		}
		want := []Node{{loginHost}, {apiHost}}
		if diff := cmp.Diff(want, w.Nodes); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Release 2 of the list of clients has no place for services; a lenient reader
// takes them all the same.
func TestServicesInRelease2OfTheOCL(t *testing.T) {
	e := edit{"", "OAuthclientlist", "</OAuthclientOrganisatienaam>", "</OAuthclientOrganisatienaam><Gegevensdiensten><Gegevensdienst><GegevensdienstId>49</GegevensdienstId></Gegevensdienst></Gegevensdiensten>", ""}
	if err := readAny("OAuthclientlist", e.apply(t)); err == nil {
		t.Error("strictly accepted")
	}
	ocl, _, err := reading[OCL](oclRule(false), true)(strings.NewReader(e.apply(t)))
	if err != nil {
		t.Fatal(err)
	}
	if ids, said := NewDirectory(nil, nil, ocl, nil, nil).ClientServices("pgo.example.nl"); !said || len(ids) != 1 {
		t.Errorf("services %v", ids)
	}
}

func TestLeniencyIsOffUnlessAskedAndIsLogged(t *testing.T) {
	s := newListServer()
	raw := strings.Replace(strings.Replace(goodZAL, "/49/fhir<", "/49/fhir/<", 1), "<Aanbiedertype>", "<Geheim>canary</Geheim><Aanbiedertype>", 1)
	s.set(FileZAL, raw)
	strict, _ := listsAt(s)
	if err := strict.Refresh(t.Context()); err == nil || strict.Last() != nil {
		t.Errorf("strictly: %v", err)
	}
	l, log := listsAt(s, func(c *ListsConfig) { c.Lenient = true })
	for range 2 { // the same list is told of once
		if err := l.Refresh(t.Context()); err != nil || l.Last().Len() != 1 {
			t.Fatal(err)
		}
	}
	said := log.String()
	if strings.Count(said, "not as its schema asks") != 1 || !strings.Contains(said, "skipped=1 addresses=1 dropped=0") {
		t.Errorf("the log says %s", said)
	}
	for _, content := range []string{"canary", "Geheim", "kliniek", "dva.example.nl"} {
		if strings.Contains(said, content) {
			t.Errorf("%s is in the log", content)
		}
	}
}
