package mock_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

// shared gives a file or folder of the specifications beside the checkout.
func shared(t testing.TB, path ...string) string {
	t.Helper()
	at := filepath.Join(append([]string{"..", "..", "..", "shared"}, path...)...)
	if _, err := os.Stat(at); err != nil {
		t.Skip("no shared folder beside the checkout")
	}
	return at
}

func TestTheOfficialListsAreValidByTheirSchemas(t *testing.T) {
	tool, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("no xmllint to check against the schemas in shared")
	}
	cfg := full()
	cfg.Official, cfg.Release2 = true, true
	a := newApp(t, start(t, cfg))
	for file, schema := range map[string]string{
		medmij.FileWhitelist: "MedMij_Whitelist.xsd", medmij.FileZAL: "MedMij_Zorgaanbiederslijst.xsd",
		medmij.FileOCL: "MedMij_OAuthclientlist.xsd", medmij.FileGNL: "MedMij_Gegevensdienstnamenlijst.xsd",
	} {
		_, body := a.get(a.net.ListsURL+file+"?api=2", nil)
		at := filepath.Join(t.TempDir(), file)
		if err := os.WriteFile(at, body, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(tool, "--nonet", "--noout", "--schema", shared(t, "lists", schema), at).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
	if _, body := a.get(a.net.ListsURL+medmij.FileZAL, nil); !strings.Contains(string(body), "oudehuisarts@medmij") || strings.Contains(string(body), "delinde") {
		t.Error("release 2 has the names it allows, and only those")
	}
}

func TestTheOfficialListsPassTheStrictReader(t *testing.T) {
	for name, release2 := range map[string]bool{"release 3": false, "release 2": true} {
		cfg := full()
		cfg.Official, cfg.Release2 = true, release2
		a := newApp(t, start(t, cfg))
		read := func(file string) *bytes.Reader {
			_, body := a.get(a.net.ListsURL+file+"?api=2", nil)
			return bytes.NewReader(body)
		}
		white, err1 := medmij.ReadWhitelist(read(medmij.FileWhitelist), false)
		zal, err2 := medmij.ReadZAL(read(medmij.FileZAL), false)
		_, err3 := medmij.ReadOCL(read(medmij.FileOCL), false)
		_, err4 := medmij.ReadGNL(read(medmij.FileGNL))
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var hosts []string
		for _, node := range white.Nodes {
			hosts = append(hosts, node.Hostname)
		}
		for _, p := range zal.Providers {
			for _, s := range p.Versions[0].Services {
				for _, address := range []string{s.Authorization, s.Token, s.Roles[0].Base} {
					u, err := url.Parse(address)
					if err != nil || u.Port() != "" || u.Scheme != "https" || !slices.Contains(hosts, u.Host) {
						t.Errorf("%s: %s is no official address of a listed host", name, address)
					}
				}
			}
		}
		if slices.Contains(hosts, "localhost") || slices.Contains(hosts, "evil.medmij.localhost") {
			t.Errorf("%s: whitelist %v", name, hosts)
		}
	}
}

func TestTheOfficialFormFromLoginToRecords(t *testing.T) {
	cfg := full()
	cfg.Official = true
	a := newApp(t, start(t, cfg))
	for _, c := range []struct {
		provider, service, query string
		want                     int
	}{{"huisarts-delinde", "49", "Patient", 1}, {"vaccinatiedienst", "63", "Immunization", 2}} {
		a.granted(c.provider, c.service, c.provider, mock.Visitor{Persona: "anna"})
		_, _, base := a.zal(c.provider, c.service)
		if got := a.search(base, c.query); got.Total != c.want || got.Self != base+"/"+c.query {
			t.Errorf("%s: %d by %s, self link %s", c.provider, got.Total, c.query, got.Self)
		}
	}
}

// The transport of the app itself gets everywhere with DevPorts, and nowhere
// without.
func TestDevPortsAreWhatTheTransportNeeds(t *testing.T) {
	cfg := full()
	cfg.Official = true
	n := start(t, cfg)
	a := newApp(t, n)
	_, body := a.get(n.ListsURL+medmij.FileWhitelist, nil)
	white, err := medmij.ReadWhitelist(bytes.NewReader(body), false)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := tls.X509KeyPair(n.ClientCert, n.ClientKey)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(n.CA)
	directory := medmij.NewDirectory(white, nil, nil, nil, nil)
	ask := func(ports map[string]string, base string) (int, error) {
		direct, err := medmij.NewDirect(medmij.DirectConfig{
			TLS: medmij.TLS{Certificate: &cert, Roots: roots}, Dev: true, DevPorts: ports,
			Directory: func() (*medmij.Directory, error) { return directory, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		req, _ := http.NewRequest(http.MethodGet, base+"/Patient", nil)
		req.Header.Set("Authorization", "Bearer "+a.token)
		res, err := direct.RoundTrip(req)
		if err != nil {
			return 0, err
		}
		res.Body.Close()
		return res.StatusCode, nil
	}
	for provider, service := range map[string]string{"huisarts-delinde": "49", "ziekenhuis-noordzee": "52"} {
		_, _, base := a.zal(provider, service)
		want := map[string]int{"49": http.StatusOK, "52": http.StatusNotFound}[service] // 52 offers no Patient
		if status, err := ask(n.DevPorts(), base); err != nil || status != want {
			t.Errorf("%s: status %d, %v", provider, status, err)
		}
		if status, err := ask(nil, base); err == nil && status == want {
			t.Errorf("%s is reached without its port", provider)
		}
	}
	if ports := start(t, mock.Config{}).DevPorts(); len(ports) != 0 {
		t.Errorf("the development form needs no ports: %v", ports)
	}
}

func TestTheListOfIdentifiers(t *testing.T) {
	a := newApp(t, start(t, full()))
	res, body := a.get(a.net.ListsURL+"MedMij_Zorgaanbiederskoppellijst.xml", nil)
	want := `<Zorgaanbiedernaam>huisarts-delinde@medmij</Zorgaanbiedernaam>
      <IdentificerendeKenmerken>
        <IdentificerendKenmerk>
          <AGB>01099999</AGB>`
	if res.StatusCode != http.StatusOK || !strings.Contains(string(body), want) || !strings.Contains(string(body), "Zorgaanbiederskoppellijst/release1/") {
		t.Errorf("status %d, %s", res.StatusCode, body)
	}
}

func TestServicesPerClientAreOnTheList(t *testing.T) {
	cfg := mock.Demo()
	cfg.Clients[0].Services = []string{"46", "48"}
	a := newApp(t, start(t, cfg))
	_, body := a.get(a.net.ListsURL+medmij.FileOCL, nil)
	if _, err := medmij.ReadOCL(bytes.NewReader(body), true); err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(body), "<GegevensdienstId>46</GegevensdienstId>") {
		t.Errorf("no services: %s", body)
	}
}
