package mock_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

func TestTOK_14_ACodeWorksOnceAndForFifteenMinutes(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, _ := a.zal("huisarts-delinde", "49")
	form := tokenForm(a.code(mock.Visitor{}))
	n.Advance(15*time.Minute - time.Second)
	if status, _ := a.form(token, form); status != http.StatusOK {
		t.Fatalf("just in time: status %d", status)
	}
	if _, answer := a.form(token, form); answer["error"] != "invalid_grant" {
		t.Errorf("second use: %v", answer["error"])
	}
	late := tokenForm(a.code(mock.Visitor{}))
	n.Advance(15*time.Minute + time.Second)
	if _, answer := a.form(token, late); answer["error"] != "invalid_grant" {
		t.Errorf("too late: %v", answer["error"])
	}
}

func TestTOK_15_AnotherReturnAddressEndsTheCode(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, token, _ := a.zal("huisarts-delinde", "49")
	for _, redirect := range []string{"", callback + "/", "http://127.0.0.1:41235/oauth/callback"} {
		good := tokenForm(a.code(mock.Visitor{}))
		bad := url.Values{}
		for name, value := range good {
			bad[name] = value
		}
		if bad.Del("redirect_uri"); redirect != "" {
			bad.Set("redirect_uri", redirect)
		}
		if _, answer := a.form(token, bad); answer["error"] != "invalid_grant" {
			t.Errorf("%q: %v", redirect, answer["error"])
		}
		if _, answer := a.form(token, good); answer["error"] != "invalid_grant" {
			t.Errorf("%q: the code works after it", redirect)
		}
	}
}

func TestTOK_16_ACodeIsOfItsClient(t *testing.T) {
	const other = "other.example.nl"
	n := start(t, mock.Config{Clients: []mock.Client{{Hostname: mock.DefaultClient, Name: "Bundel"}, {Hostname: other, Name: "Ander"}}})
	a := newApp(t, n)
	thief := a.client(other)
	_, token, _ := a.zal("huisarts-delinde", "49")
	for name, id := range map[string]string{"its own name": other, "the name of the client": mock.DefaultClient} {
		form := tokenForm(a.code(mock.Visitor{}))
		form.Set("client_id", id)
		if status, answer := thief.form(token, form); status != http.StatusUnauthorized || answer["error"] != "invalid_client" {
			t.Errorf("another client with %s: status %d, %v", name, status, answer["error"])
		}
	}
	_, answer := a.form(token, tokenForm(a.code(mock.Visitor{Indefinite: true})))
	access, _ := answer["access_token"].(string)
	refresh, _ := answer["refresh_token"].(string)
	thief.token = access
	_, _, base := a.zal("huisarts-delinde", "49")
	if res, _ := thief.fhir(base, "Patient"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("an access token of another: status %d", res.StatusCode)
	}
	steal := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {other}}
	if _, answer := thief.form(token, steal); answer["error"] != "invalid_client" {
		t.Errorf("a refresh token of another: %v", answer["error"])
	}
	steal.Set("client_id", mock.DefaultClient)
	if status, _ := a.form(token, steal); status != http.StatusOK {
		t.Errorf("and its owner lost it: status %d", status)
	}
}

func TestTOK_17_AnswersInTimeAndIsNotStored(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, token, _ := a.zal("huisarts-delinde", "49")
	for name, form := range map[string]url.Values{"good": tokenForm(a.code(mock.Visitor{})), "bad": tokenForm("x")} {
		begun := time.Now()
		res, _ := a.do(http.MethodPost, token, form.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
		if took := time.Since(begun); took > 10*time.Second || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: took %v, Cache-Control %q", name, took, res.Header.Get("Cache-Control"))
		}
	}
}

func TestTOK_18_AccessTokensLiveFifteenMinutes(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	if answer := a.granted("huisarts-delinde", "49", "huisarts-delinde", mock.Visitor{Persona: "anna"}); answer["expires_in"] != 900.0 {
		t.Errorf("expires_in %v", answer["expires_in"])
	}
	n.Advance(15*time.Minute + time.Second)
	if res, _ := a.fhir(base, "Patient"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("after that: status %d", res.StatusCode)
	}
}

func TestTOK_19_GrantsWhatTheClientListHas(t *testing.T) {
	cfg := mock.Demo()
	cfg.Clients[0].Services = []string{"46", "48", "63", "35"}
	a := newApp(t, start(t, cfg))
	v := mock.Visitor{Persona: "anna"}
	if answer := a.granted("ziekenhuis-noordzee", "48", "ziekenhuis-noordzee", v); answer["scope"] != "46 48 63" {
		t.Errorf("scope %v, want it without 51", answer["scope"])
	}
	_, _, base := a.zal("ziekenhuis-noordzee", "51")
	if res, _ := a.fhir(base, "DocumentReference?status=current"); res.StatusCode != http.StatusForbidden {
		t.Errorf("51 all the same: status %d", res.StatusCode)
	}
}

func TestREF_07_ConsentLapsesAfterSixMonths(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	answer := a.granted("huisarts-delinde", "49", "huisarts-delinde", mock.Visitor{Persona: "anna", Indefinite: true})
	renew := func(answer map[string]any) (int, map[string]any) {
		refresh, _ := answer["refresh_token"].(string)
		return a.form(token, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {mock.DefaultClient}})
	}
	for range 2 { // a visit within the time begins the time anew
		n.Advance(170 * 24 * time.Hour)
		status, next := renew(answer)
		if status != http.StatusOK {
			t.Fatalf("within six months: status %d", status)
		}
		answer = next
		a.token, _ = answer["access_token"].(string)
		a.search(base, "Patient")
	}
	n.Advance(170 * 24 * time.Hour)
	_, answer = renew(answer) // a refresh without records is no visit
	n.Advance(20 * 24 * time.Hour)
	if status, answer := renew(answer); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
		t.Errorf("after six months: status %d, %v", status, answer["error"])
	}
}
