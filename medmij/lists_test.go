package medmij

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared is where the published schemas, examples and test scripts are kept on
// a machine that has them.
func shared(t *testing.T, path ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "shared"}, path...)...))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the shared reference material is not on this machine")
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestPublishedExamplesPass(t *testing.T) {
	read := func(name string) *strings.Reader { return strings.NewReader(string(shared(t, "lists", name))) }
	whitelist, err := ReadWhitelist(read("MedMij_Whitelist_example.xml"), false)
	if err != nil || len(whitelist.Nodes) != 7 || whitelist.Number != 28654 {
		t.Errorf("Whitelist: %d nodes, number %d, %v", len(whitelist.Nodes), whitelist.Number, err)
	}
	ocl, err := ReadOCL(read("MedMij_OAuthclientlist_example.xml"), false)
	if err != nil || len(ocl.Clients) != 2 || ocl.Clients[0].Organization != "De Enige Echte PGO" {
		t.Errorf("OCL: %+v, %v", ocl.Clients, err)
	}
	gnl, err := ReadGNL(read("MedMij_Gegevensdienstnamenlijst_example.xml"))
	if err != nil || len(gnl.Services) != 7 {
		t.Errorf("GNL: %d services, %v", len(gnl.Services), err)
	}
	for name, version := range map[string]string{
		"MedMij_Zorgaanbiederslijst_example.xml":     "1.1",
		"MedMij_Zorgaanbiederslijst_example.9.3.xml": "1.4.0",
	} {
		zal, err := ReadZAL(read(name), false)
		if err != nil || len(zal.Providers) != 2 {
			t.Fatalf("%s: %d providers, %v", name, len(zal.Providers), err)
		}
		v := zal.Providers[0].Versions[0]
		if v.ID != version || len(v.Services) != 2 || len(v.Services[1].Roles) != 2 {
			t.Errorf("%s: %+v", name, v)
		}
		if zal.When().IsZero() {
			t.Errorf("%s: no time of publication", name)
		}
	}
}

// A list of each kind that is right, made by hand; the tests break it.
const (
	goodWhitelist = `<?xml version="1.0" encoding="UTF-8"?>
<Whitelist xmlns="xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/">
  <Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel>
  <Volgnummer>481</Volgnummer>
  <MedMijNodes>
    <MedMijNode><Hostname>inlog.dva.example.nl</Hostname></MedMijNode>
    <MedMijNode><Hostname>api.dva.example.nl</Hostname></MedMijNode>
  </MedMijNodes>
</Whitelist>`
	goodZAL = `<Zorgaanbiederslijst xmlns="xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release3/">
  <Tijdstempel>2026-03-02T09:15:00Z</Tijdstempel><Volgnummer>7</Volgnummer>
  <Zorgaanbieders><Zorgaanbieder>
    <Zorgaanbiedernaam>kliniek-zon&amp;zee@medmij</Zorgaanbiedernaam>
    <Aanbiedertype>ZA</Aanbiedertype>
    <Interfaceversies><Interfaceversie><InterfaceversieId>2</InterfaceversieId>
      <Gegevensdiensten><Gegevensdienst>
        <GegevensdienstId>49</GegevensdienstId>
        <AuthorizationEndpoint><AuthorizationEndpointuri>https://inlog.dva.example.nl/authorize</AuthorizationEndpointuri></AuthorizationEndpoint>
        <TokenEndpoint><TokenEndpointuri>https://api.dva.example.nl:8443/token</TokenEndpointuri></TokenEndpoint>
        <Systeemrollen><Systeemrol><Systeemrolcode>MM-2.0-HGB-FHIR</Systeemrolcode>
          <ResourceEndpoint><ResourceEndpointuri>https://api.dva.example.nl:8443/49/fhir</ResourceEndpointuri></ResourceEndpoint>
        </Systeemrol></Systeemrollen>
      </Gegevensdienst></Gegevensdiensten>
    </Interfaceversie></Interfaceversies>
  </Zorgaanbieder></Zorgaanbieders>
</Zorgaanbiederslijst>`
	goodOCL = `<OAuthclientlist xmlns="xmlns://afsprakenstelsel.medmij.nl/oauthclientlist/release2/">
  <Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel><Volgnummer>77</Volgnummer>
  <OAuthclients><OAuthclient><Hostname>pgo.example.nl</Hostname>
    <OAuthclientOrganisatienaam>Mijn Testdossier</OAuthclientOrganisatienaam></OAuthclient></OAuthclients>
</OAuthclientlist>`
	goodGNL = `<Gegevensdienstnamenlijst xmlns="xmlns://afsprakenstelsel.medmij.nl/gegevensdienstnamenlijst/release1/">
  <Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel><Volgnummer>19</Volgnummer>
  <Gegevensdiensten><Gegevensdienst><GegevensdienstId>49</GegevensdienstId><Weergavenaam>Huisartsgegevens</Weergavenaam></Gegevensdienst></Gegevensdiensten>
</Gegevensdienstnamenlijst>`
)

func TestReadZALGivesWhatItSays(t *testing.T) {
	zal, err := ReadZAL(strings.NewReader(goodZAL), false)
	if err != nil {
		t.Fatal(err)
	}
	p := zal.Providers[0]
	s := p.Versions[0].Services[0]
	got := fmt.Sprint(p.Name, p.Type, p.Versions[0].ID, s.ID, s.Authorization, s.Token, s.Roles[0].Code, s.Roles[0].Base)
	want := "kliniek-zon&zee@medmijZA249https://inlog.dva.example.nl/authorizehttps://api.dva.example.nl:8443/token" +
		"MM-2.0-HGB-FHIRhttps://api.dva.example.nl:8443/49/fhir"
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestListsAreAcceptedInTheseForms(t *testing.T) {
	prefixed := strings.NewReplacer("</", "</w:", "<", "<w:", "xmlns=", "xmlns:w=").Replace(
		goodWhitelist[strings.Index(goodWhitelist, "<Whitelist"):])
	for name, list := range map[string]string{
		"as published":    goodWhitelist,
		"a comment":       strings.Replace(goodWhitelist, "<Volgnummer>", "<!--File version: 8--><Volgnummer>", 1),
		"a prefix":        prefixed,
		"a schema hint":   strings.Replace(goodWhitelist, "<Whitelist ", `<Whitelist xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" `, 1),
		"no nodes at all": goodWhitelist[:strings.Index(goodWhitelist, "<MedMijNode>")] + "</MedMijNodes></Whitelist>",
		"fraction":        strings.Replace(goodWhitelist, "09:15:00+", "09:15:00.0+", 1),
	} {
		if _, err := ReadWhitelist(strings.NewReader(list), false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLST_03_WrongListsAreRefused(t *testing.T) {
	swap := func(list, old, new string) string {
		if !strings.Contains(list, old) {
			t.Fatalf("nothing to break: %s", old)
		}
		return strings.Replace(list, old, new, 1)
	}
	read := map[string]func(string) error{
		"Whitelist":                func(s string) error { _, err := ReadWhitelist(strings.NewReader(s), false); return err },
		"Zorgaanbiederslijst":      func(s string) error { _, err := ReadZAL(strings.NewReader(s), false); return err },
		"OAuthclientlist":          func(s string) error { _, err := ReadOCL(strings.NewReader(s), false); return err },
		"Gegevensdienstnamenlijst": func(s string) error { _, err := ReadGNL(strings.NewReader(s)); return err },
	}
	for _, c := range []struct{ name, list, broken, element string }{
		{"not XML", "Whitelist", "{}", ""},
		{"empty", "Whitelist", "", ""},
		{"cut off", "Whitelist", goodWhitelist[:len(goodWhitelist)-20], ""},
		{"another list", "Whitelist", goodZAL, ""},
		{"another namespace", "Whitelist", swap(goodWhitelist, "release2", "release9"), ""},
		{"a DOCTYPE", "Whitelist", swap(goodWhitelist, "<Whitelist", `<!DOCTYPE x [<!ENTITY a "b">]><Whitelist`), ""},
		{"an entity", "Whitelist", swap(goodWhitelist, "481", "&a;"), "Volgnummer"},
		{"no number", "Whitelist", swap(goodWhitelist, "<Volgnummer>481</Volgnummer>", ""), "Volgnummer"},
		{"number zero", "Whitelist", swap(goodWhitelist, "481", "0"), "Volgnummer"},
		{"date only", "Whitelist", swap(goodWhitelist, "2026-03-02T09:15:00+01:00", "2026-03-02"), "Tijdstempel"},
		{"wrong order", "Whitelist", swap(swap(goodWhitelist, "<Volgnummer>481</Volgnummer>", ""), "<Tijdstempel>", "<Volgnummer>481</Volgnummer><Tijdstempel>"), "Tijdstempel"},
		{"upper case host", "Whitelist", swap(goodWhitelist, "api.dva", "API.dva"), "Hostname"},
		{"one label", "Whitelist", swap(goodWhitelist, "api.dva.example.nl", "localhost"), "Hostname"},
		{"an address as host", "Whitelist", swap(goodWhitelist, "api.dva.example.nl", "10.0.0.12"), "Hostname"},
		{"the same host twice", "Whitelist", swap(goodWhitelist, "api.dva", "inlog.dva"), "Hostname"},
		{"an unknown element", "Whitelist", swap(goodWhitelist, "</MedMijNodes>", "</MedMijNodes><Extra/>"), "Whitelist"},
		{"stray text", "Whitelist", swap(goodWhitelist, "<MedMijNodes>", "<MedMijNodes>text"), "MedMijNodes"},
		{"an attribute", "Whitelist", swap(goodWhitelist, "<MedMijNodes>", `<MedMijNodes a="b">`), "MedMijNodes"},
		{"an attribute on a text", "Whitelist", swap(goodWhitelist, "<Volgnummer>", `<Volgnummer a="b">`), "Volgnummer"},
		{"a second root", "Whitelist", goodWhitelist + "<Whitelist/>", ""},
		{"the same provider twice", "Zorgaanbiederslijst", swap(goodZAL, "</Zorgaanbieders>", goodZAL[strings.Index(goodZAL, "<Zorgaanbieder>"):strings.Index(goodZAL, "</Zorgaanbieders>")]+"</Zorgaanbieders>"), "Zorgaanbiedernaam"},
		{"a name of another form", "Zorgaanbiederslijst", swap(goodZAL, "kliniek-zon", "Kliniek Zon"), "Zorgaanbiedernaam"},
		{"an unknown type", "Zorgaanbiederslijst", swap(goodZAL, ">ZA<", ">XX<"), "Aanbiedertype"},
		{"no services", "Zorgaanbiederslijst", swap(goodZAL, "</InterfaceversieId>", "</InterfaceversieId><Gegevensdiensten></Gegevensdiensten>"), "Gegevensdienst"},
		{"a release 2 list in release 3 form", "Zorgaanbiederslijst", swap(goodZAL, "release3", "release2"), "Zorgaanbiedernaam"},
		{"http", "Zorgaanbiederslijst", swap(goodZAL, "https://api", "http://api"), "TokenEndpointuri"},
		{"a port at the front", "Zorgaanbiederslijst", swap(goodZAL, "nl/authorize", "nl:8443/authorize"), "AuthorizationEndpointuri"},
		{"a query", "Zorgaanbiederslijst", swap(goodZAL, "/49/fhir", "/49/fhir?x=1"), "ResourceEndpointuri"},
		{"a user", "Zorgaanbiederslijst", swap(goodZAL, "https://api.dva.example.nl:8443/token", "https://a@api.dva.example.nl/token"), "TokenEndpointuri"},
		{"an address in an endpoint", "Zorgaanbiederslijst", swap(goodZAL, "https://api.dva.example.nl:8443/token", "https://127.0.0.1/token"), "TokenEndpointuri"},
		{"a short organisation name", "OAuthclientlist", swap(goodOCL, "Mijn Testdossier", "Mi"), "OAuthclientOrganisatienaam"},
		{"a long service name", "Gegevensdienstnamenlijst", swap(goodGNL, "Huisartsgegevens", strings.Repeat("x", 51)), "Weergavenaam"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := read[c.list](c.broken)
			var wrong *ListError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v, want a ListError", err)
			}
			if wrong.List != c.list || wrong.Element != c.element {
				t.Errorf("got %v, want element %q", wrong, c.element)
			}
		})
	}
}

func TestLST_11_ListsAreBounded(t *testing.T) {
	for name, list := range map[string]string{
		"large": strings.Replace(goodWhitelist, "<MedMijNodes>", "<!--"+strings.Repeat("x", maxListBytes)+"--><MedMijNodes>", 1),
		"deep":  strings.Replace(goodWhitelist, "<MedMijNodes>", strings.Repeat("<MedMijNodes>", 200_000), 1),
	} {
		if _, err := ReadWhitelist(strings.NewReader(list), false); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestDevAllowsLoopbackHostsOnly(t *testing.T) {
	for host, ok := range map[string]bool{
		"http://localhost:8080/authorize":        true,
		"http://a.medmij.localhost:99/authorize": true,
		"https://a.medmij.localhost/authorize":   true,
		"http://dva.example.nl/authorize":        false,
		"https://dva.example.nl:8443/authorize":  false,
		"https://127.0.0.1:8443/authorize":       false,
		"https://localhost.example.nl:1/a":       false,
	} {
		list := strings.Replace(goodZAL, "https://inlog.dva.example.nl/authorize", host, 1)
		if _, err := ReadZAL(strings.NewReader(list), true); (err == nil) != ok {
			t.Errorf("dev, %s: %v", host, err)
		}
		if _, err := ReadZAL(strings.NewReader(list), false); err == nil && strings.Contains(host, ":8") {
			t.Errorf("without dev %s is accepted", host)
		}
	}
	local := strings.Replace(goodWhitelist, "api.dva.example.nl", "localhost", 1)
	if _, err := ReadWhitelist(strings.NewReader(local), true); err != nil {
		t.Errorf("dev: %v", err)
	}
}

func FuzzReadLists(f *testing.F) {
	for _, seed := range []string{goodWhitelist, goodZAL, goodOCL, goodGNL, "<a", "<!DOCTYPE x>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		if w, err := ReadWhitelist(strings.NewReader(list), false); err == nil {
			for _, n := range w.Nodes {
				if !hostPattern.MatchString(n.Hostname) {
					t.Fatalf("host %q passed", n.Hostname)
				}
			}
		}
		if zal, err := ReadZAL(strings.NewReader(list), false); err == nil {
			for _, p := range zal.Providers {
				if !strings.HasSuffix(p.Name, "@medmij") || len(p.Versions) == 0 {
					t.Fatalf("provider %+v passed", p)
				}
			}
		}
		_, _ = ReadOCL(strings.NewReader(list), false)
		_, _ = ReadGNL(strings.NewReader(list))
	})
}
