package medmij

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

const toSend = `{"resourceType":"Bundle","type":"batch","entry":[
	{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},
	{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Observation"},"request":{"method":"POST","url":"Observation"}}]}`

func shareGrant() *Grant {
	g := grantFor("53")
	g.Purpose, g.RefreshToken = Share, ""
	return g
}

func TestDEL_04_EveryEntryHasItsResult(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         []EntryResult
	}{
		{
			"all well", `[{"response":{"status":"201 Created","location":"Patient/1"}},{"response":{"status":"200"}}]`,
			[]EntryResult{{OK: true, Known: true, Status: "201 Created", Location: "Patient/1"}, {OK: true, Known: true, Status: "200"}},
		},
		{
			"one refused", `[{"response":{"status":"201"}},{"response":{"status":"422"}}]`,
			[]EntryResult{{OK: true, Known: true, Status: "201"}, {Known: true, Status: "422"}},
		},
		{"one missing", `[{"response":{"status":"201"}}]`, []EntryResult{{OK: true, Known: true, Status: "201"}, {}}},
		{
			"one too many", `[{"response":{"status":"201"}},{"response":{"status":"201"}},{"response":{"status":"201"}}]`,
			[]EntryResult{{OK: true, Known: true, Status: "201"}, {OK: true, Known: true, Status: "201"}},
		},
		{"no status", `[{"response":{"status":"201"}},{}]`, []EntryResult{{OK: true, Known: true, Status: "201"}, {}}},
	} {
		s := newSetup(t, always(200, `{"resourceType":"Bundle","type":"batch-response","entry":`+c.answer+`}`))
		got, err := s.Send(t.Context(), shareGrant(), "53", []byte(toSend))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestDEL_01_ThePost(t *testing.T) {
	s := newSetup(t, always(200, `{"resourceType":"Bundle","type":"batch-response"}`))
	if _, err := s.Send(t.Context(), shareGrant(), "53", []byte(toSend)); err != nil {
		t.Fatal(err)
	}
	r := s.net.requests()[0]
	for name, want := range map[string]string{
		"Content-Type": "application/fhir+json; fhirVersion=3.0", "Accept": "application/fhir+json; fhirVersion=3.0",
		"Prefer": "return=representation", "Authorization": "Bearer access-canary-1", "X-Correlation-ID": shareGrant().CorrelationID,
	} {
		if got := r.header(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if r.Method != http.MethodPost || r.URL.String() != apiBase || r.body != toSend || !uuid4.MatchString(r.header("MedMij-Request-ID")) {
		t.Error("the request is not the Bundle at the base")
	}
}

func TestDEL_05_NothingIsSentTwice(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		unknown bool
		code    string
	}{
		{"503", always(503, ""), true, CodeUnavailable},
		{"not readable", always(200, "<html>"), true, CodeBad},
		{"another Bundle", always(200, bundle("")), true, CodeBad},
		{"refused", always(422, ""), false, "P-422"},
		{"401", always(401, ""), false, CodeExpired},
		{"a redirect", always(307, ""), false, CodeTrust},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSetup(t, c.handler)
			_, err := s.Send(t.Context(), shareGrant(), "53", []byte(toSend))
			if errors.Is(err, ErrUnknownOutcome) != c.unknown || codeOf(err) != c.code {
				t.Errorf("%s: %v", c.name, err)
			}
			if n := len(s.net.requests()); n != 1 {
				t.Errorf("%s: sent %d times", c.name, n)
			}
		})
	}
}

func TestDEL_05_OverARealConnection(t *testing.T) {
	ca := newAuthority(t)
	n := 0
	port, _ := tlsServer(t, ca.issue(t, local, farAway()), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		n++
		panic(http.ErrAbortHandler)
	}))
	s := newSetup(t, nil, func(c *Config) { c.Transport = direct(t, TLS{Roots: ca.pool}, true, local) })
	g := shareGrant()
	g.Services[0].Roles[0].Base = fmt.Sprintf("https://%s:%s/fhir", local, port)
	if _, err := s.Send(t.Context(), g, "53", []byte(toSend)); !errors.Is(err, ErrUnknownOutcome) || n != 1 {
		t.Errorf("a reset: %v after %d requests", err, n)
	}
	g.Services[0].Roles[0].Base = "https://" + local + ":1/fhir"
	if _, err := s.Send(t.Context(), g, "53", []byte(toSend)); err == nil || errors.Is(err, ErrUnknownOutcome) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestWhatIsNotSent(t *testing.T) {
	collectGrant, ended := shareGrant(), shareGrant()
	collectGrant.Purpose = Collect
	ended.AccessToken = ""
	bsn := strings.Replace(toSend, `{"resourceType":"Patient"}`,
		`{"resourceType":"Patient","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"}]}`, 1)
	for name, send := range map[string]struct {
		g             *Grant
		service, body string
	}{
		"a grant to collect with":         {collectGrant, "53", toSend},
		"a token that ended":              {ended, "53", toSend},
		"another service":                 {shareGrant(), "57", toSend},
		"a collect service":               {shareGrant(), "49", toSend},
		"a transaction":                   {shareGrant(), "53", strings.Replace(toSend, "batch", "transaction", 1)},
		"no Bundle":                       {shareGrant(), "53", "{}"},
		"a citizen service number inside": {shareGrant(), "53", bsn},
	} {
		s := newSetup(t, always(200, "{}"))
		if _, err := s.Send(t.Context(), send.g, send.service, []byte(send.body)); err == nil || len(s.net.requests()) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
