package medmij

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServicesAreGroupedByTheirEndpoints(t *testing.T) {
	versions := []InterfaceVersion{
		{ID: "1.4.0", Services: []ListedService{
			listedService("48", "old.example.nl", "old.example.nl"), listedService("51", "old.example.nl", "old.example.nl"),
		}},
		{ID: "2", Services: []ListedService{
			listedService("48", loginHost, apiHost), listedService("46", loginHost, apiHost),
			listedService("52", loginHost, "api2.example.nl"),
		}},
		{ID: "9", Services: []ListedService{listedService("48", "new.example.nl", "new.example.nl")}},
	}
	var got []string
	for _, c := range newestOf(connectionsOf(Provider{Name: "a@medmij"}, versions)) {
		line := string(c.Dialect) + " " + hostOf(c.Authorization) + " " + hostOf(c.Token)
		for _, s := range c.Services {
			line += " " + s.ID
		}
		got = append(got, line)
	}
	want := []string{
		"2 " + loginHost + " " + apiHost + " 48 46",
		"2 " + loginHost + " api2.example.nl 52",
		"1.2 old.example.nl old.example.nl 51",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Of a service that is there twice at one place, the higher version counts.
func TestAServiceInTwoVersionsOfADialect(t *testing.T) {
	for _, versions := range [][2]string{{"2", "2.2"}, {"1.5.0", "1.6"}, {"1.3.0", "1.4.0"}} {
		low, high := listedService("48", loginHost, apiHost), listedService("48", loginHost, apiHost)
		low.Roles[0].Base += "/low"
		got := connectionsOf(Provider{Name: "a@medmij"}, []InterfaceVersion{{versions[0], []ListedService{low}}, {versions[1], []ListedService{high}}})
		if len(got) != 1 || len(got[0].Services) != 1 || got[0].Services[0].Roles[0] != high.Roles[0] {
			t.Errorf("%v: %+v", versions, got)
		}
	}
}

func TestDialects(t *testing.T) {
	for version, want := range map[string]Dialect{
		"1.1": Dialect12, "1.4.0": Dialect12, "1.5.0": Dialect15, "1.10": Dialect15, "2": Dialect2, "2.2.4": Dialect2, "3": "",
	} {
		if got := dialectOf(version); got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

// twoSuppliers is a hospital that has its services at two DVAs.
func twoSuppliers(t *testing.T) *Directory {
	t.Helper()
	raw := strings.Replace(goodZAL, "<Gegevensdiensten>", `<Gegevensdiensten><Gegevensdienst>
        <GegevensdienstId>51</GegevensdienstId>
        <AuthorizationEndpoint><AuthorizationEndpointuri>https://inlog.dva2.example.nl/authorize</AuthorizationEndpointuri></AuthorizationEndpoint>
        <TokenEndpoint><TokenEndpointuri>https://api.dva2.example.nl/token</TokenEndpointuri></TokenEndpoint>
        <Systeemrollen><Systeemrol><Systeemrolcode>MM-3.0-PLB-FHIR</Systeemrolcode>
          <ResourceEndpoint><ResourceEndpointuri>https://api.dva2.example.nl/51/fhir</ResourceEndpointuri></ResourceEndpoint>
        </Systeemrol></Systeemrollen>
      </Gegevensdienst>`, 1)
	zal, err := ReadZAL(strings.NewReader(raw), false)
	if err != nil {
		t.Fatal(err)
	}
	hosts := &Whitelist{Nodes: []Node{{loginHost}, {apiHost}, {"inlog.dva2.example.nl"}, {"api.dva2.example.nl"}}}
	return NewDirectory(hosts, zal, nil, nil, nil)
}

func TestLST_13_SeveralSuppliersAreSeveralLogins(t *testing.T) {
	d := twoSuppliers(t)
	p, _ := d.Provider("kliniek-zon&zee")
	if len(p.Connections) != 2 || p.Connections[0].ID() == p.Connections[1].ID() {
		t.Fatalf("connections %+v", p.Connections)
	}
	if plan := d.Plan([]Wish{{Provider: p.Name}}); len(plan.Logins) != 2 || len(plan.Missing) > 0 {
		t.Errorf("the person is told of %d logins", len(plan.Logins))
	}
	s := newSetup(t, tokenServer(goodAnswer))
	s.net.hosts["inlog.dva2.example.nl"], s.net.hosts["api.dva2.example.nl"] = true, true
	for i, want := range []string{"https://inlog.dva2.example.nl/authorize?", "https://" + loginHost + "/authorize?"} {
		l, q := begin(t, s, p.Connections[i], Collect)
		if !strings.HasPrefix(l.URL, want) || q.Get("scope") != "kliniek-zon&zee" {
			t.Errorf("login %d goes elsewhere", i+1)
		}
		g, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"code"}, "state": {q.Get("state")}})
		if err != nil {
			t.Fatal(err)
		}
		if sent := s.net.requests(); sent[len(sent)-1].URL.String() != g.Connection.Token || g.Connection.Token != p.Connections[i].Token {
			t.Errorf("login %d: the code went to another token endpoint", i+1)
		}
	}
}

// Faults L08 and L09: a provider, its endpoints or a service left the list.
func TestFindingAStoredConnection(t *testing.T) {
	at := func(version string, ids ...string) InterfaceVersion {
		v := InterfaceVersion{ID: version}
		for _, id := range ids {
			v.Services = append(v.Services, listedService(id, loginHost, apiHost))
		}
		return v
	}
	elsewhere := InterfaceVersion{ID: "2", Services: []ListedService{listedService("48", "inlog.dva2.example.nl", "api.dva2.example.nl")}}
	directory := func(versions ...InterfaceVersion) *Directory {
		return NewDirectory(nil, &ZAL{Providers: []ListedProvider{{Name: "a@medmij", Versions: versions}}}, nil, nil, nil)
	}
	stored := func(d *Directory, i int) Connection { return d.listed["a"][i] }
	for _, c := range []struct {
		name   string
		before InterfaceVersion
		which  int
		now    *Directory
		want   string // dialect and services
	}{
		{"as it was", at("2", "48", "49"), 0, directory(at("2", "48", "49")), "2 48 49"},
		{"a service fewer", at("2", "48", "49"), 0, directory(at("2", "49")), "2 49"},
		{"a service more", at("2", "48"), 0, directory(at("2", "48", "49")), "2 48 49"},
		{"beside another supplier", at("2", "48"), 0, directory(elsewhere, at("2", "49")), "2 49"},
		{"other endpoints", at("2", "48"), 0, directory(elsewhere), ""},
		{"no services at all", at("2", "48"), 0, directory(), ""},
		{"no provider", at("2", "48"), 0, NewDirectory(nil, &ZAL{}, nil, nil, nil), ""},
		{"a newer dialect at the same endpoints", at("1.5.0", "48"), 0, directory(at("2", "48", "49")), "2 48 49"},
		{"its own dialect beside a newer one", at("1.5.0", "48"), 0, directory(at("2", "49"), at("1.5.0", "48")), "1.5 48"},
		{"one service of several", at("1.4.0", "48", "51"), 1, directory(at("1.4.0", "48", "51")), "1.2 51"},
		{"that service left", at("1.4.0", "48", "51"), 1, directory(at("1.4.0", "48")), ""},
		{"that service in a newer dialect", at("1.4.0", "48"), 0, directory(at("2", "48", "49")), "2 48 49"},
		{"only an older dialect", at("2", "48"), 0, directory(at("1.4.0", "48")), ""},
		{"a dialect we do not speak", at("2", "48"), 0, directory(at("3", "48")), ""},
	} {
		found, ok := c.now.Listed(stored(directory(c.before), c.which))
		got := string(found.Dialect)
		for _, o := range found.Services {
			got += " " + o.ID
		}
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v", c.name, got, ok)
		}
	}
}
