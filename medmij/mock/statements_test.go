package mock_test

import (
	"bytes"
	"crypto/tls"
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

// The statements of medmij-protocol.md 8.2 about the provider's side: the mock
// is probed as a DVA.

// as gives the app another client certificate.
func (a *app) as(cert, key []byte) *app {
	a.Helper()
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		a.Fatal(err)
	}
	transport, _ := a.http.Transport.(*http.Transport)
	transport = transport.Clone()
	transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	other := *a
	other.http = &http.Client{Transport: transport, CheckRedirect: a.http.CheckRedirect}
	a.Cleanup(other.http.CloseIdleConnections)
	return &other
}

// client gives the app a certificate of the right authority for a host.
func (a *app) client(host string) *app {
	a.Helper()
	cert, key, err := a.net.ClientCertificate(host)
	if err != nil {
		a.Fatal(err)
	}
	return a.as(cert, key)
}

func TestNET_07_RefusesOtherClients(t *testing.T) {
	n := start(t, mock.Config{Clients: []mock.Client{{Hostname: mock.DefaultClient, Name: "Bundel"}, {Hostname: "other.example.nl", Name: "Ander"}}})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	stranger := a.client("stranger.example.nl")
	if res, _ := stranger.fhir(base, "Patient"); res.StatusCode != http.StatusForbidden {
		t.Errorf("not on the Whitelist, records: status %d", res.StatusCode)
	}
	if status, answer := stranger.form(token, tokenForm("x")); status != http.StatusUnauthorized || answer["error"] != "invalid_client" {
		t.Errorf("not on the Whitelist, tokens: status %d, %v", status, answer)
	}
	if res, _ := a.client("other.example.nl").fhir(base, "Patient"); res.StatusCode != http.StatusOK {
		t.Errorf("another client of the Whitelist: status %d", res.StatusCode)
	}
	foreign := start(t, mock.Config{})
	for name, as := range map[string]*app{
		"of a foreign authority": a.as(foreign.ClientCert, foreign.ClientKey),
		"none":                   {T: t, net: n, http: withoutCertificate(t, a)},
	} {
		req, _ := http.NewRequest(http.MethodGet, base+"/Patient", nil)
		if res, err := as.http.Do(req); err == nil {
			res.Body.Close()
			t.Errorf("certificate %s: status %d", name, res.StatusCode)
		}
	}
}

func withoutCertificate(t *testing.T, a *app) *http.Client {
	t.Helper()
	transport, _ := a.http.Transport.(*http.Transport)
	transport = transport.Clone()
	transport.TLSClientConfig.Certificates = nil
	c := &http.Client{Transport: transport}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestAUT_15_IgnoresUnknownParameters(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	address := a.authorizeURL("huisarts-delinde") + "&foo=bar&foo=twice&prompt=none"
	if back := a.login(address, mock.Visitor{Persona: "anna"}); !back.Has("code") {
		t.Errorf("sent back with %q", back.Get("error"))
	}
}

func TestAUT_16_BadClientGetsAPageAndNoRedirect(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	for name, change := range map[string][]string{
		"unknown client":           {"client_id", "stranger.example.nl"},
		"another host":             {"redirect_uri", "https://stranger.example.nl/cb"},
		"no return address":        {"redirect_uri", ""},
		"no address at all":        {"redirect_uri", "://"},
		"unknown, rest wrong too":  {"client_id", "x", "response_type", "token"},
		"script in the tracing id": {"client_id", "x", "X-Correlation-ID", "<script>alert(1)</script>"},
	} {
		res, body := a.get(a.authorizeURL("huisarts-delinde", change...), nil)
		text := string(body)
		if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
			t.Errorf("%s: status %d, location %q", name, res.StatusCode, res.Header.Get("Location"))
		}
		for _, want := range []string{"TEST", "DVA", "telefoon", "Bezoek"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", name, want)
			}
		}
		if strings.Contains(text, "<script") || strings.Contains(text, "alert(1)") {
			t.Errorf("%s: text of the request is on the page", name)
		}
	}
}

func TestAUT_17_OtherErrorsGoBackWithTheState(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	for name, c := range map[string]struct {
		scope  string
		change []string
		want   string
	}{
		"response type":      {"huisarts-delinde", []string{"response_type", "token"}, "unsupported_response_type"},
		"scope":              {"nergens", nil, "invalid_scope"},
		"no request id":      {"huisarts-delinde", []string{"MedMij-Request-ID", ""}, "invalid_request"},
		"no correlation id":  {"huisarts-delinde", []string{"X-Correlation-ID", ""}, "invalid_request"},
		"one id for both":    {"huisarts-delinde", []string{"X-Correlation-ID", "7d0b4b0e-4a3b-4b52-9f6c-7a0e5c6c1d11"}, "invalid_request"},
		"an id that is none": {"huisarts-delinde", []string{"X-Correlation-ID", "1"}, "invalid_request"},
	} {
		back := a.login(a.authorizeURL(c.scope, c.change...), mock.Visitor{Persona: "anna"})
		if back.Get("error") != c.want || back.Get("state") != state || back.Has("code") {
			t.Errorf("%s: sent back with error %q", name, back.Get("error"))
		}
	}
	long := a.authorizeURL("huisarts-delinde", "state", strings.Repeat("x", 513))
	if back := a.login(long, mock.Visitor{Persona: "anna"}); back.Get("error") != "invalid_request" {
		t.Errorf("a state that is too long: error %q", back.Get("error"))
	}
}

func TestAUT_18_LastingConsentIsOfferedAndNotChosen(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	a.http = browser(t, n)
	res, _ := a.get(a.authorizeURL("huisarts-delinde"), nil)
	page, _ := res.Location()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	a.do(http.MethodPost, page.String()+"/continue", "", header)
	a.do(http.MethodPost, page.String()+"/login", "persona=anna", header)
	_, body := a.get(page.String(), nil)
	box := regexp.MustCompile(`<input[^>]*name="indefinite"[^>]*>`).FindString(string(body))
	if box == "" || strings.Contains(box, "checked") {
		t.Errorf("the box: %q", box)
	}
}

func TestAUT_19_NothingAvailableGivesNoCode(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	back := a.login(a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "bram"})
	if back.Has("code") || back.Get("error") != "access_denied" || back.Get("state") != state {
		t.Errorf("sent back with error %q", back.Get("error"))
	}
}

func TestAUT_20_CodesAreUnguessableAndUnique(t *testing.T) {
	n := mock.Start(t, mock.Config{}) // no seed: as in the field
	a := newApp(t, n)
	seen := map[string]bool{}
	for range 20 {
		code := a.login(a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "anna"}).Get("code")
		if len(code) < 43 || seen[code] { // 43 signs of base64 are 256 bits
			t.Errorf("a code of %d signs, seen before: %t", len(code), seen[code])
		}
		seen[code] = true
	}
}

func TestLOG_05_LogsAndEchoesTheIDs(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	a.granted("huisarts-delinde", "49", "huisarts-delinde", mock.Visitor{Persona: "anna"})
	const id, chain = "1a0b7b8e-7a20-4c1d-9d0b-9f7a1f6f2c10", "2c9d3f6a-2c1d-4c3e-8a55-3a8f4b9f2e77"
	h := http.Header{"Authorization": {"Bearer " + a.token}, "Medmij-Request-Id": {id}, "X-Correlation-Id": {chain}}
	for name, address := range map[string]string{"good": base + "/Patient", "refused": base + "/Nonsense"} {
		if res, _ := a.get(address, h); res.Header.Get("MedMij-Request-ID") != id {
			t.Errorf("%s: echoes %q", name, res.Header.Get("MedMij-Request-ID"))
		}
	}
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	if res, _ := a.do(http.MethodPost, token, tokenForm("x").Encode(), h); res.Header.Get("MedMij-Request-ID") != id {
		t.Errorf("token: echoes %q", res.Header.Get("MedMij-Request-ID"))
	}
	logged := 0
	for _, e := range n.Requests() {
		if e.Header.Get("MedMij-Request-ID") == id && e.Header.Get("X-Correlation-ID") == chain {
			logged++
		}
	}
	if logged != 3 {
		t.Errorf("%d of 3 requests are logged with their ids", logged)
	}
	authorize := n.Requests("authorize")
	if len(authorize) != 1 || !strings.Contains(authorize[0].URL, "X-Correlation-ID=0c9d3f6a") {
		t.Errorf("the authorization request is logged as %v", authorize)
	}
}

func TestLST_14_EachPublicationCountsOneMore(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	type stamped struct {
		XMLName     xml.Name
		Tijdstempel string
		Volgnummer  int
	}
	read := func(file string) stamped {
		_, body := a.get(n.ListsURL+file+"?api=2", nil)
		var s stamped
		if err := xml.Unmarshal(body, &s); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(body, []byte("<"+s.XMLName.Local+` xmlns="`+s.XMLName.Space+`"`)) || bytes.Contains(body, []byte("<"+s.XMLName.Local+":")) {
			t.Errorf("%s: the namespace is not the default one", file)
		}
		return s
	}
	zone := regexp.MustCompile(`(Z|[+-][0-9]{2}:[0-9]{2})$`)
	for _, file := range []string{medmij.FileWhitelist, medmij.FileZAL, medmij.FileOCL, medmij.FileGNL} {
		first := read(file)
		if again := read(file); again != first {
			t.Errorf("%s: another stamp without a publication", file)
		}
		n.Advance(time.Hour)
		n.Publish()
		next := read(file)
		if next.Volgnummer != first.Volgnummer+1 || next.Tijdstempel == first.Tijdstempel || !zone.MatchString(next.Tijdstempel) {
			t.Errorf("%s: %v and then %v", file, first, next)
		}
	}
}
