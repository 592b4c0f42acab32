package mock_test

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// code logs Anna in at the GP.
func (a *app) code(v mock.Visitor, changes ...string) string {
	a.Helper()
	v.Persona = "anna"
	code := a.login(a.authorizeURL("huisarts-delinde", changes...), v).Get("code")
	if code == "" {
		a.Fatal("no code came back")
	}
	return code
}

func TestACodeWorksOnce(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, token, _ := a.zal("huisarts-delinde", "49")
	form := tokenForm(a.code(mock.Visitor{}))
	if status, _ := a.form(token, form); status != http.StatusOK {
		t.Fatalf("first time: status %d", status)
	}
	if status, answer := a.form(token, form); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
		t.Errorf("second time: status %d, error %v", status, answer["error"])
	}
}

func TestABadOfferEndsTheCode(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, token, _ := a.zal("huisarts-delinde", "49")
	for name, c := range map[string]struct{ param, value, want string }{
		"other return address": {"redirect_uri", "http://127.0.0.1:1/oauth/callback", "invalid_grant"},
		"no return address":    {"redirect_uri", "", "invalid_grant"},
		"other client":         {"client_id", "other.medmij.localhost", "invalid_client"},
	} {
		good := tokenForm(a.code(mock.Visitor{}))
		bad := url.Values{}
		for k, v := range good {
			bad[k] = v
		}
		bad.Set(c.param, c.value)
		if _, answer := a.form(token, bad); answer["error"] != c.want {
			t.Errorf("%s: error %v, want %s", name, answer["error"], c.want)
		}
		if _, answer := a.form(token, good); answer["error"] != "invalid_grant" {
			t.Errorf("%s: the code still works after a bad offer", name)
		}
	}
}

func TestACodeEndsAfterFifteenMinutes(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, _ := a.zal("huisarts-delinde", "49")
	form := tokenForm(a.code(mock.Visitor{}))
	n.Advance(15*time.Minute + time.Second)
	if _, answer := a.form(token, form); answer["error"] != "invalid_grant" {
		t.Errorf("error %v", answer["error"])
	}
}

func TestTokenRequestsThatAreWrongInForm(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, token, _ := a.zal("huisarts-delinde", "49")
	for name, c := range map[string]struct {
		query string
		form  url.Values
		want  string
	}{
		"parameters in the address": {"?code=x", url.Values{"grant_type": {"authorization_code"}}, "invalid_request"},
		"empty body":                {"", url.Values{}, "invalid_request"},
		"code twice":                {"", url.Values{"grant_type": {"authorization_code"}, "code": {"a", "b"}}, "invalid_request"},
		"password":                  {"", url.Values{"grant_type": {"password"}}, "unsupported_grant_type"},
		"unknown refresh token":     {"", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}, "invalid_grant"},
	} {
		if status, answer := a.form(token+c.query, c.form); status != http.StatusBadRequest || answer["error"] != c.want {
			t.Errorf("%s: status %d, error %v, want %s", name, status, answer["error"], c.want)
		}
	}
}

func TestLastingConsentRefreshesWithRotation(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	_, answer := a.form(token, tokenForm(a.code(mock.Visitor{Indefinite: true})))
	first, _ := answer["refresh_token"].(string)
	a.token, _ = answer["access_token"].(string)
	n.Advance(16 * time.Minute)
	if res, body := a.fhir(base, "EpisodeOfCare"); res.StatusCode != http.StatusUnauthorized || !strings.Contains(string(body), `"security"`) {
		t.Errorf("an old access token: status %d", res.StatusCode)
	}
	refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first}, "client_id": {mock.DefaultClient}}
	status, answer := a.form(token, refresh)
	second, _ := answer["refresh_token"].(string)
	if status != http.StatusOK || second == "" || second == first || answer["scope"] != "49" {
		t.Fatalf("refresh: status %d, rotated %t", status, second != first)
	}
	a.token, _ = answer["access_token"].(string)
	if res, _ := a.fhir(base, "EpisodeOfCare"); res.StatusCode != http.StatusOK {
		t.Errorf("the new token: status %d", res.StatusCode)
	}
	if _, answer := a.form(token, refresh); answer["error"] != "invalid_grant" {
		t.Errorf("the old refresh token still works: %v", answer["error"])
	}
	n.Advance(7 * 31 * 24 * time.Hour)
	refresh.Set("refresh_token", second)
	if _, answer := a.form(token, refresh); answer["error"] != "invalid_grant" {
		t.Errorf("consent did not lapse after six months: %v", answer["error"])
	}
}

func TestACodeChallengeIsVerified(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, token, _ := a.zal("huisarts-delinde", "49")
	sum := sha256.Sum256([]byte("verifier"))
	pkce := []string{"code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256"}
	for verifier, want := range map[string]int{"verifier": http.StatusOK, "other": http.StatusBadRequest, "": http.StatusBadRequest} {
		form := tokenForm(a.code(mock.Visitor{}, pkce...))
		form.Set("code_verifier", verifier)
		if status, _ := a.form(token, form); status != want {
			t.Errorf("verifier %q: status %d, want %d", verifier, status, want)
		}
	}
}

func TestTokenAndRecordsNeedAClientCertificate(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	transport, _ := a.http.Transport.(*http.Transport)
	transport = transport.Clone()
	transport.TLSClientConfig.Certificates = nil
	bare := &http.Client{Transport: transport}
	t.Cleanup(bare.CloseIdleConnections)
	for _, address := range []string{token, base + "/Patient"} {
		if res, err := bare.Get(address); err == nil {
			res.Body.Close()
			t.Errorf("%s answers without a client certificate", address)
		}
	}
	res, err := bare.Get(n.ListsURL + "MedMij_Whitelist.xml")
	if err != nil {
		t.Fatalf("the lists need no certificate: %v", err)
	}
	res.Body.Close()
}

func TestACertificateOfAnotherNetworkIsRefused(t *testing.T) {
	n, other := start(t, mock.Config{}), start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	cert, err := tls.X509KeyPair(other.ClientCert, other.ClientKey)
	if err != nil {
		t.Fatal(err)
	}
	transport, _ := a.http.Transport.(*http.Transport)
	transport = transport.Clone()
	transport.TLSClientConfig.Certificates = []tls.Certificate{cert}
	foreign := &http.Client{Transport: transport}
	t.Cleanup(foreign.CloseIdleConnections)
	if res, err := foreign.Get(base + "/Patient"); err == nil {
		res.Body.Close()
		t.Error("a certificate of a foreign authority is accepted")
	}
}
