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

func TestListsAreBounded(t *testing.T) {
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

// BenchmarkReadZAL reads a list of the real size: 5,000 providers with five
// services each.
func BenchmarkReadZAL(b *testing.B) {
	before, rest, _ := strings.Cut(goodZAL, "<Zorgaanbieder>")
	provider, after, _ := strings.Cut(rest, "</Zorgaanbieder>")
	service := provider[strings.Index(provider, "<Gegevensdienst>"):strings.Index(provider, "</Gegevensdiensten>")]
	var list strings.Builder
	list.WriteString(before)
	for i := range 5000 {
		var services strings.Builder
		for n := range 5 {
			services.WriteString(strings.Replace(service, ">49<", fmt.Sprintf(">%d<", 40+n), 1))
		}
		p := strings.Replace(provider, service, services.String(), 1)
		list.WriteString("<Zorgaanbieder>" + strings.Replace(p, "kliniek-zon", fmt.Sprintf("kliniek%d-zon", i), 1) + "</Zorgaanbieder>")
	}
	list.WriteString(after)
	b.SetBytes(int64(list.Len()))
	for b.Loop() {
		if _, err := ReadZAL(strings.NewReader(list.String()), false); err != nil {
			b.Fatal(err)
		}
	}
}
