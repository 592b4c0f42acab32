package mock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// once tries a request that may fail on the way.
func (a *app) once(ctx context.Context, address string) (*http.Response, []byte, error) {
	a.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		a.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	transport, _ := a.http.Transport.(*http.Transport)
	fresh := transport.Clone() // net/http repeats a GET on a kept connection by itself
	fresh.DisableKeepAlives = true
	res, err := fresh.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return res, raw, err
}

func TestFaultsGoWrongAsTheySay(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	address := base + "/AllergyIntolerance"
	for name, c := range map[string]struct {
		fault mock.Fault
		check func(*http.Response, []byte, error) bool
	}{
		"status": {mock.Fault{Kind: "status", Status: 429, RetryAfter: "2"}, func(r *http.Response, _ []byte, err error) bool {
			return err == nil && r.StatusCode == 429 && r.Header.Get("Retry-After") == "2"
		}},
		"reset":    {mock.Fault{Kind: "reset"}, func(_ *http.Response, _ []byte, err error) bool { return err != nil }},
		"truncate": {mock.Fault{Kind: "truncate"}, func(_ *http.Response, _ []byte, err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"html": {mock.Fault{Kind: "html200"}, func(r *http.Response, b []byte, err error) bool {
			return err == nil && r.StatusCode == 200 && bytes.HasPrefix(b, []byte("<!DOCTYPE html>"))
		}},
		"content type": {mock.Fault{Kind: "content-type"}, func(r *http.Response, b []byte, err error) bool {
			return err == nil && r.Header.Get("Content-Type") == "text/plain" && bytes.Contains(b, []byte("searchset"))
		}},
		"next to itself": {mock.Fault{Kind: "next", Next: "loop"}, func(_ *http.Response, b []byte, err error) bool {
			return err == nil && bytes.Contains(b, []byte(`{"relation":"next","url":"`+address+`"}`))
		}},
		"next to a bad host": {mock.Fault{Kind: "next", Next: "evil"}, func(_ *http.Response, b []byte, err error) bool {
			return err == nil && bytes.Contains(b, []byte(`"https://evil.medmij.localhost:`))
		}},
		"delay": {mock.Fault{Kind: "delay", Delay: "1ms"}, func(r *http.Response, _ []byte, err error) bool { return err == nil && r.StatusCode == 200 }},
	} {
		c.fault.On, c.fault.Times = "resource:49/AllergyIntolerance", 1
		if err := n.Fault(c.fault); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if res, body, err := a.once(context.Background(), address); !c.check(res, body, err) {
			t.Errorf("%s: answer %v, error %v", name, res, err)
		}
		if res, _, err := a.once(context.Background(), address); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: it went wrong a second time: %v", name, err)
		}
	}
	if left := n.Faults(); len(left) != 0 {
		t.Errorf("%d faults are left", len(left))
	}
	kinds := map[string]bool{}
	for _, e := range n.Requests("resource:49/AllergyIntolerance") {
		kinds[e.Fault] = true
	}
	for _, k := range mock.FaultKinds() {
		if k.Name != "hang" && !kinds[k.Name] {
			t.Errorf("the recorder did not see %s", k.Name)
		}
	}
}

func TestHangEndsWithTheClientOrTheNetwork(t *testing.T) {
	arrived := make(chan string, 100)
	n := start(t, mock.Config{Intercept: func(endpoint string, next http.Handler) http.Handler {
		arrived <- endpoint
		return next
	}})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	if err := n.Fault(mock.Fault{On: "resource", Kind: "hang"}, mock.Fault{On: "list", Kind: "delay", Delay: "1h"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := a.once(ctx, base+"/Patient"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	ended := make(chan error, 1)
	go func() {
		_, _, err := a.once(context.Background(), n.ListsURL+"MedMij_Whitelist.xml")
		ended <- err
	}()
	for endpoint := range arrived {
		if endpoint == "list:whitelist" {
			break
		}
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the request outlived the network")
	}
}

func TestFaultsMeetOnlyTheirEndpoint(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	if err := n.Fault(mock.Fault{On: "resource:49/Flag", Kind: "status", Status: 500}, mock.Fault{On: "token", Kind: "status", Status: 503}); err != nil {
		t.Fatal(err)
	}
	if res, _ := a.fhir(base, "Patient"); res.StatusCode != http.StatusOK {
		t.Errorf("another type: status %d", res.StatusCode)
	}
	if status, answer := a.form(token, tokenForm("x")); status != http.StatusServiceUnavailable || answer["error"] != "server_error" {
		t.Errorf("token: status %d, error %v", status, answer["error"])
	}
	if err := n.SetFaults(mock.Fault{On: "resource:49", Kind: "status", Status: 500}); err != nil {
		t.Fatal(err)
	}
	if res, _ := a.fhir(base, "Patient"); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("the whole service: status %d", res.StatusCode)
	}
}

func TestFaultsThatCannotBeSet(t *testing.T) {
	n := start(t, mock.Config{})
	for name, f := range map[string]mock.Fault{
		"unknown kind": {Kind: "explode"}, "no status": {Kind: "status"}, "no duration": {Kind: "delay", Delay: "soon"},
		"no target": {Kind: "next"}, "negative times": {Kind: "hang", Times: -1},
	} {
		if err := n.Fault(mock.Fault{Kind: "hang"}, f); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := n.SetFaults(f); err == nil {
			t.Errorf("%s: no error when replacing", name)
		}
	}
	if set := n.Faults(); len(set) != 0 {
		t.Errorf("%d faults are set by a call that failed", len(set))
	}
}

func TestTheInterceptorSeesEveryEndpoint(t *testing.T) {
	seen := make(chan string, 100)
	n := start(t, mock.Config{Intercept: func(endpoint string, next http.Handler) http.Handler {
		seen <- endpoint
		return next
	}})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	a.fhir(base, "Patient")
	a.get(n.AdminURL+"/admin/requests", nil)
	close(seen)
	var got []string
	for e := range seen {
		got = append(got, e)
	}
	if want := []string{"list:providers", "resource:49/Patient"}; !slices.Equal(got, want) {
		t.Errorf("endpoints %v, want %v", got, want)
	}
}

func TestAdminSteersARunningNetwork(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	admin := n.AdminURL + "/admin/"
	if res, body := a.do(http.MethodPut, admin+"faults", `[{"on":"list:whitelist","fault":"status","status":503,"retryAfter":"5","times":2}]`, nil); res.StatusCode != 200 {
		t.Fatalf("faults: %d %s", res.StatusCode, body)
	}
	if res, _ := a.get(n.ListsURL+"MedMij_Whitelist.xml", nil); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the fault is not served: %d", res.StatusCode)
	}
	if _, body := a.get(admin+"faults", nil); !strings.Contains(string(body), `"times":1`) {
		t.Errorf("faults left: %s", body)
	}
	_, body := a.get(admin+"requests?endpoint=list", nil)
	var seen []mock.Exchange
	if err := json.Unmarshal(body, &seen); err != nil || len(seen) != 1 || seen[0].Status != 503 || seen[0].Fault != "status" {
		t.Errorf("requests: %s (%v)", body, err)
	}
	before := n.Now()
	if res, _ := a.do(http.MethodPost, admin+"clock", `{"advance":"24h"}`, nil); res.StatusCode != 200 || n.Now().Sub(before) < 24*time.Hour {
		t.Errorf("clock: status %d, moved %v", res.StatusCode, n.Now().Sub(before))
	}
	if _, body := a.get(admin+"received", nil); strings.TrimSpace(string(body)) != "[]" {
		t.Errorf("received: %s", body)
	}
	if res, _ := a.do(http.MethodPost, admin+"reset", "", nil); res.StatusCode != http.StatusNoContent || len(n.Requests())+len(n.Faults()) != 0 {
		t.Errorf("reset: status %d", res.StatusCode)
	}
}

func TestAdminRefuses(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	for name, c := range map[string]struct {
		method, path, body string
		header             http.Header
		want               int
	}{
		"unknown fault":        {"PUT", "faults", `[{"fault":"explode"}]`, nil, 400},
		"unknown name":         {"PUT", "faults", `[{"fault":"hang","wher":"token"}]`, nil, 400},
		"no JSON":              {"PUT", "faults", `hang`, nil, 400},
		"no duration":          {"POST", "clock", `{"advance":"morgen"}`, nil, 400},
		"a page of a browser":  {"POST", "reset", ``, http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		"something else there": {"GET", "tokens", ``, nil, 404},
	} {
		if res, _ := a.do(c.method, n.AdminURL+"/admin/"+c.path, c.body, c.header); res.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", name, res.StatusCode, c.want)
		}
	}
}
