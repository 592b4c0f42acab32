package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/web/desk"
)

// The answer that sends the person's browser to the provider holds the state
// of the login: nobody stores it, and the provider is not told where it came
// from.
func TestAUT_14_TheWayToTheProviderIsNotStored(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	const address = "https://inlog.dva.example.nl/authorize?state=state-canary"
	l := &login{ln: ln, name: "bundel_test_login", begin: func(context.Context) (desk.Started, error) {
		return desk.Started{Address: address, Handle: "handle-canary"}, nil
	}}
	req := httptest.NewRequest(http.MethodGet, "http://"+ln.Addr().String()+"/start", nil)
	rec := httptest.NewRecorder()
	l.guard(http.HandlerFunc(l.start)).ServeHTTP(rec, req)
	h := rec.Result().Header
	if rec.Code != http.StatusFound || h.Get("Location") != address {
		t.Fatalf("%d to %q", rec.Code, h.Get("Location"))
	}
	if h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("Cache-Control %q, Referrer-Policy %q", h.Get("Cache-Control"), h.Get("Referrer-Policy"))
	}
	cookie := h.Get("Set-Cookie")
	for _, want := range []string{"handle-canary", "HttpOnly", "SameSite=Lax", "Path=" + callbackPath} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie lacks %s", want)
		}
	}
}

// CBK-10: whatever became of it, the browser ends at an address without a
// secret, and that page is what the waiting side waits for.
func TestCBK_10_ALoginEndsAtAnAddressWithoutSecrets(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	d, err := desk.New(desk.Config{Path: t.TempDir() + "/vault.bundel"})
	if err != nil {
		t.Fatal(err)
	}
	l := &login{app: &app{Main: &Main{}, lang: "nl"}, ln: ln, name: "bundel_test_login", done: make(chan finished, 1), shown: make(chan struct{})}
	req := httptest.NewRequest(http.MethodGet, callbackPath+"?code=code-canary&state=state-canary", nil)
	req.AddCookie(&http.Cookie{Name: l.name, Value: "handle"})
	rec := httptest.NewRecorder()
	l.callback(rec, req, d)
	to := rec.Result().Header.Get("Location")
	if rec.Code != http.StatusSeeOther || to != "/mislukt" {
		t.Fatalf("%d to %q", rec.Code, to)
	}
	l.last(httptest.NewRecorder(), false)
	l.last(httptest.NewRecorder(), false) // a reload
	select {
	case <-l.shown:
	default:
		t.Error("nobody knows that the last page was shown")
	}
	if f := <-l.done; f.err == nil {
		t.Error("a login without a client went well")
	}
}
