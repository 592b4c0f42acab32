package medmij

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

func listedService(id, login, api string) ListedService {
	return ListedService{
		ID: id, Authorization: "https://" + login + "/authorize", Token: "https://" + api + "/token",
		Roles: []Role{{Code: "R-" + id, Base: "https://" + api + "/" + id}},
	}
}

func smallDirectory() *Directory {
	book := []Address{
		{Name: "huisarts-delinde", Display: "Huisartsenpraktijk De Linde", Kind: "gp", Street: "Lindelaan 3", Postcode: "9712 AB", City: "Groningen", AGB: "01099999"},
		{Name: "huisarts-debeuk", Display: "Huisartsenpraktijk De Beuk", Kind: "gp", Street: "Beukenweg 8", Postcode: "3511 CD", City: "Utrecht"},
		{Name: "apotheek-dezon", Display: "Apotheek De Zon", Kind: "pharmacy", Postcode: "9712 CC", City: "Groningen"},
		{Name: "ziekenhuis-noordzee", Display: "Ziekenhuis Noordzee", Kind: "hospital", City: "’s-Gravenhage"},
		{Name: "praktijk-cafe", Display: "Praktijk Café Zórg", Kind: "gp", City: "Súdwest-Fryslân"},
	}
	zal := &ZAL{}
	for _, a := range book {
		zal.Providers = append(zal.Providers, ListedProvider{Name: a.Name + "@medmij", Type: "ZA", Versions: []InterfaceVersion{
			{ID: "2", Services: []ListedService{listedService("49", loginHost, apiHost)}},
		}})
	}
	zal.Providers = append(zal.Providers, ListedProvider{Name: "kliniek-zon&zee@medmij", Versions: []InterfaceVersion{
		{ID: "2", Services: []ListedService{listedService("48", loginHost, apiHost)}},
	}})
	whitelist := &Whitelist{Nodes: []Node{{loginHost}, {apiHost}}}
	gnl := &GNL{Services: []NamedService{{"49", "Huisartsgegevens"}}}
	ocl := &OCL{Clients: []OAuthClient{{Hostname: "pgo.example.nl", Organization: "Mijn Testdossier"}}}
	return NewDirectory(whitelist, zal, ocl, gnl, book)
}

func TestLST_10_TheWhitelistIsExact(t *testing.T) {
	d := NewDirectory(&Whitelist{Nodes: []Node{{apiHost}, {"127.0.0.11"}, {"127.1"}, {"host.0x7f000001"}, {"::1"}}}, nil, nil, nil, nil)
	for host, want := range map[string]bool{
		apiHost: true, "API.dva.example.nl": true, apiHost + ":8443": true, apiHost + ".": true,
		"x." + apiHost: false, apiHost + ".evil.test": false, "dva.example.nl": false, "": false, "evil.test/" + apiHost: false,
		apiHost + "..": false, "*." + apiHost: false, "api.dva.example.nl\x00": false, " " + apiHost: false,
		"127.0.0.11": false, "127.1": false, "127.1:443": false, "host.0x7f000001": false, "::1": false, "[::1]:443": false,
	} {
		if got := d.Allowed(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestNamesToShow(t *testing.T) {
	d := smallDirectory()
	if d.ServiceName("49") != "Huisartsgegevens" || d.ServiceName("48") != "Gegevensdienst 48" {
		t.Error("service names")
	}
	if d.Organization("pgo.example.nl") != "Mijn Testdossier" || d.Len() != 6 {
		t.Error("organisation or number")
	}
	p, ok := d.Provider("Kliniek-Zon&Zee@medmij")
	if !ok || p.Display != "Kliniek Zon & Zee" || p.Kind != "other" {
		t.Errorf("%+v", p)
	}
	if _, ok := d.Provider("nobody"); ok {
		t.Error("nobody is there")
	}
}

func TestServicesOfAClient(t *testing.T) {
	const namespace = "oauthclientlist/release3/"
	services := func(ids ...string) string {
		all := "<Gegevensdiensten>"
		for _, id := range ids {
			all += "<Gegevensdienst><GegevensdienstId>" + id + "</GegevensdienstId></Gegevensdienst>"
		}
		return all + "</Gegevensdiensten>"
	}
	version := func(id, services string) string {
		return "<Interfaceversie><InterfaceversieId>" + id + "</InterfaceversieId>" + services + "</Interfaceversie>"
	}
	for _, c := range []struct {
		name, namespace, shape string
		want                   []string
	}{
		{"not said", namespace, "", nil},
		{"not said in release 2", "oauthclientlist/release2/", "", nil},
		{"directly", namespace, services("51", "48"), []string{"48", "51"}},
		{"per version", namespace, "<Interfaceversies>" + version("1.5.0", services("48")) + version("2", services("48", "49")) + "</Interfaceversies>", []string{"48", "49"}},
	} {
		raw := strings.Replace(goodOCL, "oauthclientlist/release2/", c.namespace, 1)
		raw = strings.Replace(raw, "</OAuthclientOrganisatienaam>", "</OAuthclientOrganisatienaam>"+c.shape, 1)
		ocl, err := ReadOCL(strings.NewReader(raw), false)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		d := NewDirectory(nil, nil, ocl, nil, nil)
		if got, said := d.ClientServices("pgo.example.nl"); !slices.Equal(got, c.want) || said != (c.want != nil) {
			t.Errorf("%s: %v, %v", c.name, got, said)
		}
		if got, said := d.ClientServices("pgo2.example.nl"); said || len(got) > 0 {
			t.Errorf("%s: another client has %v", c.name, got)
		}
		if d.Organization("pgo.example.nl") != "Mijn Testdossier" {
			t.Errorf("%s: no name", c.name)
		}
	}
	for _, wrong := range []string{services(), "<Interfaceversies/>", services("48", "48"), services("")} {
		raw := strings.Replace(goodOCL, "release2", "release3", 1)
		raw = strings.Replace(raw, "</OAuthclientOrganisatienaam>", "</OAuthclientOrganisatienaam>"+wrong, 1)
		if _, err := ReadOCL(strings.NewReader(raw), false); err == nil {
			t.Errorf("accepted: %s", wrong)
		}
	}
}

// Fault L12: the app itself is not on the lists.
func TestSelfCheck(t *testing.T) {
	const me = "pgo.example.nl"
	listed := &OCL{Clients: []OAuthClient{{Hostname: me}}}
	node := &Whitelist{Nodes: []Node{{me}}}
	for _, c := range []struct {
		name      string
		whitelist *Whitelist
		ocl       *OCL
		want      []string
	}{
		{"on both", node, listed, nil},
		{"not on the list of clients", node, &OCL{}, []string{FileOCL}},
		{"not on the Whitelist", &Whitelist{}, listed, []string{FileWhitelist}},
		{"on neither", nil, &OCL{}, []string{FileOCL, FileWhitelist}},
		{"a list of clients that was not read", node, nil, nil},
	} {
		err := NewDirectory(c.whitelist, nil, c.ocl, nil, nil).SelfCheck(me)
		var missing *MissingError
		if c.want == nil {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if !errors.As(err, &missing) || missing.ClientID != me || !slices.Equal(missing.Lists, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Fault L14: what the schema lets through and is never to be contacted is
// refused at use. The list is good, and so are its other entries.
func TestOddEntriesAreRefusedAtUse(t *testing.T) {
	whitelist, err := ReadWhitelist(strings.NewReader(strings.Replace(goodWhitelist, "<MedMijNode>", "<MedMijNode><Hostname>10.0.0.12</Hostname></MedMijNode><MedMijNode>", 1)), false)
	if err != nil {
		t.Fatal(err)
	}
	for name, odd := range map[string][2]string{
		"a login page at a number":       {frontURI, "https://10.0.0.12/authorize"},
		"a token endpoint at a number":   {backURI, "https://10.0.0.12:8443/token"},
		"a login page of half a code":    {frontURI, "https://inlog.dva.example.nl/%zz"},
		"a login page with a line end":   {frontURI, "https://inlog.dva.example.nl/a\nb"},
		"a port in another script":       {backURI, "https://api.dva.example.nl:٤٤٣/token"},
		"a host that is not on the list": {backURI, "https://api.dva.example.org/token"},
		"a host that ends in a dash":     {frontURI, "https://inlog.dva-"},
		"a login page at a short number": {frontURI, "https://127.1/authorize"},
	} {
		zal, err := ReadZAL(strings.NewReader(strings.Replace(goodZAL2, odd[0], odd[1], 1)), false)
		if err != nil {
			t.Errorf("%s: the list is refused: %v", name, err)
			continue
		}
		d := NewDirectory(whitelist, zal, nil, nil, nil)
		transport, err := NewDirect(DirectConfig{Directory: func() (*Directory, error) { return d, nil }})
		if err != nil {
			t.Fatal(err)
		}
		s := newSetup(t, always(200, "{}"), func(c *Config) { c.Transport = transport })
		begun := map[string]bool{}
		for _, provider := range []string{"eerste", "tweede"} {
			p, _ := d.Provider(provider)
			for _, c := range p.Connections {
				_, err := s.Begin(t.Context(), c, Collect, c.Services[0].ID)
				if err != nil && codeOf(err) != CodeTrust {
					t.Errorf("%s: %v", name, err)
				}
				begun[provider+c.Services[0].ID] = err == nil
			}
		}
		if begun["eerste49"] || !begun["eerste51"] || !begun["tweede49"] {
			t.Errorf("%s: logins could begin at %v", name, begun)
		}
	}
}

func TestABaseThatIsNoAddressIsNotContacted(t *testing.T) {
	s := newSetup(t, always(200, bundle("")))
	for _, base := range []string{"https://" + apiHost + "/%zz", "https://" + apiHost + ":٤٤٣/x", "https://10.0.0.12/x", ""} {
		g := grantFor("46")
		g.Connection.Services[0].Roles[0].Base = base
		if r := oneQuery(t, fetchOne(t, s, g)); r.Outcome != fhir.Failed || len(s.net.requests()) > 0 {
			t.Errorf("%s: %+v, %d requests", base, r, len(s.net.requests()))
		}
	}
}
