package mock_test

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

func TestCollectFromLoginToRecords(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	for provider, scope := range map[string]string{
		"huisarts-delinde": "49", "apotheek-dezon": "35", "ziekenhuis-noordzee": "46 48 51 63",
	} {
		_, token, base := a.zal(provider, strings.Fields(scope)[0])
		back := a.login(a.authorizeURL(provider), mock.Visitor{Persona: "anna"})
		if back.Get("state") != state || len(back.Get("code")) < 22 {
			t.Fatalf("%s: state or code is wrong", provider)
		}
		status, answer := a.form(token, tokenForm(back.Get("code")))
		if status != http.StatusOK || answer["scope"] != scope || answer["expires_in"] != 900.0 || answer["token_type"] != "Bearer" {
			t.Fatalf("%s: token answer %d, scope %v", provider, status, answer["scope"])
		}
		if _, lasting := answer["refresh_token"]; lasting {
			t.Errorf("%s: a refresh token without lasting consent", provider)
		}
		a.token, _ = answer["access_token"].(string)
		if res, _ := a.fhir(base, "Patient/x"); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: the token is not accepted: %d", provider, res.StatusCode)
		}
	}
}

func TestVisitsThatEndInAccessDenied(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	for name, v := range map[string]mock.Visitor{
		"stops at the first page": {Persona: "anna", Stop: "cancel"},
		"stops at the login":      {Persona: "anna", Stop: "login-cancel"},
		"gives no consent":        {Persona: "anna", Stop: "deny"},
		"nothing available":       {Persona: "bram"},
		"not known here":          {Name: "Iemand Anders"},
	} {
		back := a.login(a.authorizeURL("huisarts-delinde"), v)
		if back.Get("error") != "access_denied" || back.Get("state") != state || back.Has("code") {
			t.Errorf("%s: sent back with error %q", name, back.Get("error"))
		}
	}
}

func TestWrongClientOrReturnAddressGetsAPageAndNoRedirect(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	for name, change := range map[string][]string{
		"unknown client":         {"client_id", "evil.example"},
		"no client":              {"client_id", ""},
		"no return address":      {"redirect_uri", ""},
		"foreign return address": {"redirect_uri", "https://evil.example/oauth/callback"},
		"fragment":               {"redirect_uri", "https://pgo.medmij.localhost/cb#x"},
		"user in the address":    {"redirect_uri", "http://127.0.0.1:80@evil.example/oauth/callback"},
		"loopback, other path":   {"redirect_uri", "http://127.0.0.1:41234/other"},
		"plain http elsewhere":   {"redirect_uri", "http://pgo.medmij.localhost/oauth/callback"},
	} {
		res, body := a.get(a.authorizeURL("huisarts-delinde", change...), nil)
		if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" || !strings.Contains(string(body), "0c9d3f6a") {
			t.Errorf("%s: status %d, location %q", name, res.StatusCode, res.Header.Get("Location"))
		}
	}
	good := a.authorizeURL("huisarts-delinde", "redirect_uri", "https://pgo.medmij.localhost/oauth/callback")
	if res, _ := a.get(good, nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("https on the client's own host: status %d", res.StatusCode)
	}
}

func TestOtherFaultsAreToldToTheClient(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	for name, c := range map[string]struct {
		scope  string
		change []string
		want   string
	}{
		"implicit flow":         {"huisarts-delinde", []string{"response_type", "token"}, "unsupported_response_type"},
		"no response type":      {"huisarts-delinde", []string{"response_type", ""}, "invalid_request"},
		"short state":           {"huisarts-delinde", []string{"state", "abc"}, "invalid_request"},
		"unknown provider":      {"nergens", nil, "invalid_scope"},
		"service not offered":   {"huisarts-delinde~48", nil, "invalid_scope"},
		"two providers":         {"huisarts-delinde~49 apotheek-dezon~35", nil, "invalid_scope"},
		"collect and share":     {"huisarts-delinde~49 huisarts-delinde~53", nil, "invalid_scope"},
		"no scope":              {"", nil, "invalid_scope"},
		"plain code challenge":  {"huisarts-delinde", []string{"code_challenge", "x", "code_challenge_method", "plain"}, "invalid_request"},
		"name with its address": {"huisarts-delinde@medmij", nil, "invalid_scope"},
	} {
		back := a.login(a.authorizeURL(c.scope, c.change...), mock.Visitor{Persona: "anna"})
		if back.Get("error") != c.want {
			t.Errorf("%s: error %q, want %q", name, back.Get("error"), c.want)
		}
	}
	twice := a.authorizeURL("huisarts-delinde") + "&scope=apotheek-dezon"
	if back := a.login(twice, mock.Visitor{Persona: "anna"}); back.Get("error") != "invalid_request" {
		t.Errorf("a parameter given twice: error %q", back.Get("error"))
	}
}

func TestTheOlderScopeAsksForServicesOneByOne(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, token, _ := a.zal("ziekenhuis-noordzee", "48")
	back := a.login(a.authorizeURL("ziekenhuis-noordzee~46 ziekenhuis-noordzee~51"), mock.Visitor{Persona: "anna"})
	if _, answer := a.form(token, tokenForm(back.Get("code"))); answer["scope"] != "46 51" {
		t.Errorf("scope %v", answer["scope"])
	}
}

func TestOnlyServicesOfTheClientListAreGranted(t *testing.T) {
	cfg := mock.Demo()
	cfg.Clients[0].Services = []string{"46", "48"}
	a := newApp(t, start(t, cfg))
	_, token, _ := a.zal("ziekenhuis-noordzee", "48")
	back := a.login(a.authorizeURL("ziekenhuis-noordzee"), mock.Visitor{Persona: "anna"})
	if _, answer := a.form(token, tokenForm(back.Get("code"))); answer["scope"] != "46 48" {
		t.Errorf("scope %v", answer["scope"])
	}
}

// browser is a person's browser without any knowledge of the pages.
func browser(t *testing.T, n *mock.Network) *http.Client {
	t.Helper()
	c, err := n.HTTPClient()
	if err != nil {
		t.Fatal(err)
	}
	if c.Jar, err = cookiejar.New(nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestThePagesAreBoundToTheBrowserTheyBeganIn(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	a.http = browser(t, n)
	res, _ := a.get(a.authorizeURL("huisarts-delinde"), nil)
	page, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	if res, _ := a.get(page.String(), nil); res.StatusCode != http.StatusOK {
		t.Fatalf("own page: status %d", res.StatusCode)
	}
	a.http = browser(t, n)
	if res, _ := a.get(page.String(), nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("another browser: status %d", res.StatusCode)
	}
	res, _ = a.do(http.MethodPost, page.String()+"/continue", "", http.Header{"Sec-Fetch-Site": {"cross-site"}})
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: status %d", res.StatusCode)
	}
}

func TestThePagesEndAfterAnHour(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	a.http = browser(t, n)
	res, _ := a.get(a.authorizeURL("huisarts-delinde"), nil)
	page, _ := res.Location()
	n.Advance(61 * time.Minute)
	if res, _ := a.get(page.String(), nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", res.StatusCode)
	}
}

var inputs = regexp.MustCompile(`<input[^>]*>`)

func TestThePagesSayTestAndTickNothing(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	a.http = browser(t, n)
	res, _ := a.get(a.authorizeURL("huisarts-delinde"), nil)
	page, _ := res.Location()
	for _, step := range []struct{ post, form, wants string }{
		{"", "", "Huisartsenpraktijk De Linde"},
		{"continue", "", "Bram Smit"},
		{"login", "persona=anna", "Huisartsgegevens"},
	} {
		if step.post != "" {
			a.do(http.MethodPost, page.String()+"/"+step.post, step.form, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
		}
		res, raw := a.get(page.String(), nil)
		body := string(raw)
		if !strings.Contains(body, `>TEST</p>`) || !strings.Contains(body, `<html lang="nl">`) || !strings.Contains(body, step.wants) {
			t.Errorf("the page after %q lacks TEST, its language or %q", step.post, step.wants)
		}
		for _, input := range inputs.FindAllString(body, -1) {
			if strings.Contains(input, "checked") {
				t.Errorf("the page after %q has something chosen: %s", step.post, input)
			}
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' http://127.0.0.1:41234") {
			t.Errorf("the policy would stop the way back: %s", csp)
		}
	}
}

func TestSharingHasNoLastingConsent(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	back := a.login(a.authorizeURL("huisarts-delinde~53"), mock.Visitor{Persona: "anna", Indefinite: true})
	_, answer := a.form(token, tokenForm(back.Get("code")))
	if answer["scope"] != "53" || answer["refresh_token"] != nil {
		t.Errorf("scope %v, refresh token given: %t", answer["scope"], answer["refresh_token"] != nil)
	}
	a.token, _ = answer["access_token"].(string)
	if res, _ := a.fhir(base, "EpisodeOfCare"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a token for sharing collects: status %d", res.StatusCode)
	}
}

func TestVisitGivesUp(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	if _, err := n.Visit(context.Background(), a.authorizeURL("huisarts-delinde"), mock.Visitor{}); err == nil {
		t.Error("nobody logged in, and no error")
	}
	if err := n.Fault(mock.Fault{On: "page:consent", Kind: "status", Status: 503}); err != nil {
		t.Fatal(err)
	}
	_, err := n.Visit(context.Background(), a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "anna"})
	if err == nil || strings.Contains(err.Error(), state) || strings.Contains(err.Error(), url.QueryEscape(callback)) {
		t.Errorf("error %v", err)
	}
}
