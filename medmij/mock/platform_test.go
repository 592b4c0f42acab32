package mock_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

func TestTheWholeTopologyHasItsProviders(t *testing.T) {
	n := start(t, full())
	a := newApp(t, n)
	_, body := a.get(n.ListsURL+medmij.FileZAL, nil)
	list, err := medmij.ReadZAL(strings.NewReader(string(body)), true)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range list.Providers {
		text := p.Type
		for _, v := range p.Versions {
			text += " " + v.ID + ":"
			for _, s := range v.Services {
				text += s.ID + ","
			}
		}
		got[strings.TrimSuffix(p.Name, "@medmij")] = text
	}
	want := map[string]string{
		"huisarts-delinde": "ZA 2:49,58,53,", "apotheek-dezon": "ZA 1.4.0:31,35, 2:31,35,", "ziekenhuis-noordzee": "ZA 2:48,46,47,51,57,52,",
		"vaccinatiedienst": "BAZB 2:63,", "oudehuisarts": "ZA 1.4.0:49,", "kliniek-zon&zee": "ZA 2:48,55,59,60,", "kapot": "ZA 2:49,53,",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("providers (-want +got):\n%s", diff)
	}
	if s := a.listed("huisarts-delinde", "49").Subscription; s == nil || s.Days != 180 {
		t.Errorf("the GP gives subscriptions of 180 days: %v", s)
	}
	if s := a.listed("huisarts-delinde", "53").Subscription; s != nil {
		t.Error("a service that receives has no news to subscribe to")
	}
}

func TestAProviderAtTwoPlatformsNeedsTwoLogins(t *testing.T) {
	n := start(t, full())
	a := newApp(t, n)
	authorize1, token1, base1 := a.zal("ziekenhuis-noordzee", "48")
	authorize2, token2, base2 := a.zal("ziekenhuis-noordzee", "52")
	if authorize1 == authorize2 || token1 == token2 {
		t.Fatalf("one platform for both: %s, %s", authorize1, token1)
	}
	v := mock.Visitor{Persona: "anna"}
	if answer := a.granted("ziekenhuis-noordzee", "48", "ziekenhuis-noordzee", v); answer["scope"] != "48 46 47 51" {
		t.Errorf("scope at the first: %v", answer["scope"])
	}
	if res, _ := a.fhir(base2, "Observation"); res.StatusCode != http.StatusForbidden {
		t.Errorf("its token at the second: status %d", res.StatusCode)
	}
	if found := a.search(base1, "Condition"); found.Total == 0 {
		t.Error("nothing at the first")
	}
	if answer := a.granted("ziekenhuis-noordzee", "52", "ziekenhuis-noordzee", v); answer["scope"] != "52" {
		t.Errorf("scope at the second: %v", answer["scope"])
	}
	if found := a.search(base2, "Observation?code=http://loinc.org|85354-9"); found.Total == 0 {
		t.Error("nothing at the second")
	}
	if res, _ := a.fhir(base1, "Condition"); res.StatusCode != http.StatusForbidden {
		t.Errorf("the second token at the first: status %d", res.StatusCode)
	}
}

func TestWhatIsOfOnePlatformIsUnknownAtTheOther(t *testing.T) {
	n := start(t, full())
	a := newApp(t, n)
	_, token1, base1 := a.zal("ziekenhuis-noordzee", "48")
	_, token2, base2 := a.zal("ziekenhuis-noordzee", "52")
	code := a.login(a.authorizeAt("ziekenhuis-noordzee", "48", "ziekenhuis-noordzee"), mock.Visitor{Persona: "anna"}).Get("code")
	if _, answer := a.form(token2, tokenForm(code)); answer["error"] != "invalid_grant" {
		t.Errorf("a code of the first at the second: %v", answer["error"])
	}
	if _, answer := a.form(token1, tokenForm(code)); answer["error"] != "invalid_grant" {
		t.Errorf("and it is not gone: %v", answer["error"])
	}
	wrong := strings.Replace(base2, "/52/", "/48/", 1)
	if res, _ := a.fhir(wrong, "Condition"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a service of the first at the second: status %d", res.StatusCode)
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(base1, "https://"), "/")
	req, _ := http.NewRequest(http.MethodGet, base2+"/Observation", nil)
	req.Host = host
	res, err := a.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("the name of the first at the second: status %d", res.StatusCode)
	}
	if back := a.login(a.authorizeAt("ziekenhuis-noordzee", "52", "huisarts-delinde"), mock.Visitor{Persona: "anna"}); back.Get("error") != "invalid_scope" {
		t.Errorf("a provider that is not at the second: %q", back.Get("error"))
	}
}

func TestANameWithAnAmpersand(t *testing.T) {
	a := newApp(t, start(t, full()))
	_, _, base := a.zal("kliniek-zon&zee", "48")
	if answer := a.granted("kliniek-zon&zee", "48", "kliniek-zon&zee", mock.Visitor{Persona: "anna"}); answer["scope"] != "48 59" {
		t.Errorf("scope %v", answer["scope"])
	}
	found := a.search(base, "Condition")
	if found.Total != 1 || found.Self != base+"/Condition" {
		t.Errorf("%d conditions, self link %s, want one at %s", found.Total, found.Self, base)
	}
}

func TestEveryPersonaHasItsRecords(t *testing.T) {
	n := start(t, mock.Full())
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	_, _, vaccinations := a.zal("vaccinatiedienst", "63")
	_, _, old := a.zal("oudehuisarts", "49")
	const measurements = "Observation?code=https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen|"
	for _, c := range []struct {
		persona, base, query string
		want                 int
	}{
		{"anna", vaccinations, "Immunization", 2},
		{"anna", old, "EpisodeOfCare", 1},
		{"bram", base, "EpisodeOfCare", 0},
		{"cees", base, "EpisodeOfCare", 1}, // a fixed token asks no age
		{"dina", base, measurements, 1},
		{"eva", base, "EpisodeOfCare", 1},
		{"fred", base, measurements, 2500},
		{"gerda", base, "AllergyIntolerance?category=medication", 1},
	} {
		for _, p := range n.Personas {
			if p.ID == c.persona {
				a.token = p.Token
			}
		}
		if got := a.search(c.base, c.query).Total; got != c.want {
			t.Errorf("%s: %d by %s, want %d", c.persona, got, c.query, c.want)
		}
	}
}

func TestFredTakesManyPages(t *testing.T) {
	n := start(t, mock.Full())
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	for _, p := range n.Personas {
		if p.ID == "fred" {
			a.token = p.Token
		}
	}
	seen, pages := map[string]bool{}, 0
	for query := "Observation?code=3208"; query != ""; pages++ {
		found := a.search(base, query)
		for _, id := range found.ids("match") {
			seen[id] = true
		}
		query = strings.TrimPrefix(found.Next, base+"/")
	}
	if len(seen) != 2500 || pages != 50 {
		t.Errorf("%d measurements on %d pages, want 2500 on 50", len(seen), pages)
	}
}

func TestGerdaIsDirty(t *testing.T) {
	n := start(t, full())
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	a.token = n.Personas[len(n.Personas)-1].Token
	found := a.search(base, "Observation")
	if found.Total != 6 || len(found.Outcomes) != 1 {
		t.Errorf("%d measurements and %d outcomes, want 6 and 1", found.Total, len(found.Outcomes))
	}
	if _, body := a.fhir(base, "Patient"); !strings.Contains(string(body), "999990949") {
		t.Error("the BSN is not sent")
	}
	a.token = n.Personas[0].Token
	if found := a.search(base, "Observation"); len(found.Outcomes) != 0 {
		t.Error("Gerda's outcome comes with Anna's records")
	}
}

func TestConfigurationsThatCannotBeServed(t *testing.T) {
	for name, change := range map[string]func(*mock.Config){
		"no client":             func(c *mock.Config) { c.Clients = []mock.Client{} },
		"name with a capital":   func(c *mock.Config) { c.Providers[0].Name = "Huisarts" },
		"name with its address": func(c *mock.Config) { c.Providers[0].Name += "@medmij" },
		"a name twice":          func(c *mock.Config) { c.Providers[1].Name = c.Providers[0].Name },
		"type":                  func(c *mock.Config) { c.Providers[0].Type = "ZORG" },
		"service":               func(c *mock.Config) { c.Providers[0].Services = []string{"49/../48"} },
		"second platform":       func(c *mock.Config) { c.Providers[0].SecondDVA = []string{"99"} },
		"corrections":           func(c *mock.Config) { c.Corrections = "x" },
		"fault":                 func(c *mock.Config) { c.Faults = []mock.Fault{{Kind: "none of these"}} },
	} {
		cfg := full()
		change(&cfg)
		if n, err := mock.Serve(t.Context(), cfg); err == nil {
			n.Close()
			t.Errorf("%s: no error", name)
		}
	}
}
