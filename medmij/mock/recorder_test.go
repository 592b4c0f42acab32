package mock_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

func TestTheRecorderKeepsNoSecretsAndNoRecords(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	code := a.code(mock.Visitor{Indefinite: true})
	_, answer := a.form(token, tokenForm(code))
	access, _ := answer["access_token"].(string)
	refresh, _ := answer["refresh_token"].(string)
	a.form(token, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {mock.DefaultClient}})
	a.token = access
	next := a.search(base, "Observation").Next
	a.fhir(base, "Observation?code=http://loinc.org|8480-6")
	a.fhir(base, strings.TrimPrefix(next, base+"/"))
	a.token = n.Personas[0].Token
	a.share(batch(sentPatient, sentWeight))
	_, page, _ := strings.Cut(next, "_page=")
	raw, err := json.Marshal(n.Requests())
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"code": code, "access token": access, "refresh token": refresh, "state": state, "fixed token": a.token, "next link": page,
		"name": "Anna", "value": "81.40",
	} {
		if secret == "" || strings.Contains(string(raw), secret) {
			t.Errorf("the recorder holds the %s, or there was none", name)
		}
	}
	for _, kept := range []string{"http://loinc.org%7C8480-6", `"grant_type":["authorization_code"]`, `"clientCert":["pgo.medmij.localhost"]`, `/session/sha256:`, "0c9d3f6a-2c1d-4c3e-8a55-3a8f4b9f2e77"} {
		if !strings.Contains(string(raw), kept) {
			t.Errorf("the recorder lacks %s", kept)
		}
	}
}

func TestTheRecorderTellsWhatHappened(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("ziekenhuis-noordzee", "48")
	a.fhir(base, "Flag")
	a.fhir(base, "Nonsens")
	a.get(strings.Replace(base, "api.dva", "evil", 1)+"/Flag", nil)
	a.get(n.ListsURL+"nothing", nil)
	var got []string
	for _, e := range n.Requests() {
		got = append(got, e.Endpoint+" "+http.StatusText(e.Status))
	}
	want := []string{"list:providers OK", "resource:48/Flag OK", "resource:48/Nonsens Not Found", "evil OK", "other Not Found"}
	if !slices.Equal(got, want) {
		t.Errorf("recorded %v, want %v", got, want)
	}
	if found := n.Requests("resource:4"); len(found) != 0 {
		t.Errorf("part of a name stands for %d endpoints", len(found))
	}
	if found := n.Requests("resource", "evil"); len(found) != 3 {
		t.Errorf("%d requests of the services and the bad host, want 3", len(found))
	}
}

func TestTheSameSeedGivesTheSameCodes(t *testing.T) {
	codes := map[string]bool{}
	for range 2 {
		n, err := mock.Serve(context.Background(), mock.Config{Seed: 42})
		if err != nil {
			t.Fatal(err)
		}
		a := newApp(t, n)
		codes[a.code(mock.Visitor{})] = true
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(codes) != 1 {
		t.Error("the seed does not decide")
	}
}
