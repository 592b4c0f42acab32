package mock_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// TestTheWayBackChangesAsSaid: only the parameters of the fault differ.
func TestTheWayBackChangesAsSaid(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	for name, c := range map[string]struct {
		faults []mock.Fault
		check  func(url.Values) bool
	}{
		"error":      {[]mock.Fault{{Kind: "callback-error", Value: "401"}}, func(q url.Values) bool { return q.Get("error") == "401" && !q.Has("code") && q.Get("state") == state }},
		"no state":   {[]mock.Fault{{Kind: "state", Value: "missing"}}, func(q url.Values) bool { return !q.Has("state") && q.Has("code") }},
		"bad state":  {[]mock.Fault{{Kind: "state", Value: "wrong"}}, func(q url.Values) bool { return q.Has("code") && q.Get("state") != state && q.Has("state") }},
		"two states": {[]mock.Fault{{Kind: "state", Value: "dup"}}, func(q url.Values) bool { return len(q["state"]) == 2 }},
		"two codes":  {[]mock.Fault{{Kind: "code", Value: "dup"}}, func(q url.Values) bool { return len(q["code"]) == 2 && q.Get("state") == state }},
		"both":       {[]mock.Fault{{Kind: "code", Value: "with-error"}}, func(q url.Values) bool { return q.Has("code") && q.Has("error") }},
		"neither":    {[]mock.Fault{{Kind: "code", Value: "neither"}}, func(q url.Values) bool { return !q.Has("code") && !q.Has("error") && q.Get("state") == state }},
		"words": {[]mock.Fault{{Kind: "callback-error", Value: "server_error"}, {Kind: "description", Value: "html"}}, func(q url.Values) bool {
			return q.Get("error") == "server_error" && strings.Contains(q.Get("error_description"), "<script>")
		}},
		"many words": {[]mock.Fault{{Kind: "description", Value: "long"}}, func(q url.Values) bool { return len(q.Get("error_description")) > 2_000_000 }},
		"server":     {[]mock.Fault{{Kind: "iss", Value: "right"}}, func(q url.Values) bool { return strings.HasPrefix(q.Get("iss"), "http://localhost:") && q.Has("code") }},
		"other":      {[]mock.Fault{{Kind: "iss", Value: "foreign"}}, func(q url.Values) bool { return q.Get("iss") == "https://evil.medmij.localhost" }},
		"more": {[]mock.Fault{{Kind: "extra-parameters"}}, func(q url.Values) bool {
			return q.Get("expires_in") == "900" && q.Has("code") && q.Get("state") == state
		}},
	} {
		set(t, n, c.faults...)
		if back := a.login(a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "anna"}); !c.check(back) {
			t.Errorf("%s: came back with %v parameters", name, len(back))
		}
	}
	set(t, n, mock.Fault{Kind: "code", Value: "dup", Times: 1})
	if back := a.login(a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "anna", Stop: "cancel"}); back.Get("error") != "access_denied" {
		t.Errorf("a visit that was stopped came back with %v", back)
	}
	if left := n.Faults(); len(left) != 0 {
		t.Error("the fault of the way back is counted at another page")
	}
}

// TestTokenAnswersChangeAsSaid, and what they promise holds.
func TestTokenAnswersChangeAsSaid(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("ziekenhuis-noordzee", "48")
	for name, c := range map[string]struct {
		fault mock.Fault
		check func(map[string]any) bool
	}{
		"mac":       {mock.Fault{Kind: "token-type", Value: "mac"}, func(m map[string]any) bool { return m["token_type"] == "mac" }},
		"no type":   {mock.Fault{Kind: "token-type", Value: "absent"}, func(m map[string]any) bool { return m["token_type"] == nil }},
		"small":     {mock.Fault{Kind: "token-type", Value: "lower-case"}, func(m map[string]any) bool { return m["token_type"] == "bearer" }},
		"no life":   {mock.Fault{Kind: "expires", Value: "absent"}, func(m map[string]any) bool { return m["expires_in"] == nil }},
		"text":      {mock.Fault{Kind: "expires", Value: "string"}, func(m map[string]any) bool { return m["expires_in"] == "900" }},
		"zero":      {mock.Fault{Kind: "expires", Value: "zero"}, func(m map[string]any) bool { return m["expires_in"] == 0.0 }},
		"negative":  {mock.Fault{Kind: "expires", Value: "negative"}, func(m map[string]any) bool { return m["expires_in"] == -900.0 }},
		"huge":      {mock.Fault{Kind: "expires", Value: "huge"}, func(m map[string]any) bool { f, _ := m["expires_in"].(float64); return f > 1e10 }},
		"one time":  {mock.Fault{Kind: "no-refresh"}, func(m map[string]any) bool { return m["refresh_token"] == nil }},
		"names":     {mock.Fault{Kind: "scope", Value: "names"}, func(m map[string]any) bool { return strings.HasPrefix(str(m["scope"]), "ziekenhuis-noordzee~46 ") }},
		"no scope":  {mock.Fault{Kind: "scope", Value: "absent"}, func(m map[string]any) bool { return m["scope"] == nil }},
		"foreign":   {mock.Fault{Kind: "scope", Value: "foreign"}, func(m map[string]any) bool { return strings.HasPrefix(str(m["scope"]), "iemand-anders~49 46 ") }},
		"long":      {mock.Fault{Kind: "access-token", Value: "long"}, func(m map[string]any) bool { return len(str(m["access_token"])) == 8<<10 }},
		"odd":       {mock.Fault{Kind: "access-token", Value: "odd"}, func(m map[string]any) bool { return strings.Contains(str(m["access_token"]), "!#$") }},
		"two lines": {mock.Fault{Kind: "access-token", Value: "crlf"}, func(m map[string]any) bool { return strings.Contains(str(m["access_token"]), "\r\n") }},
		"no token":  {mock.Fault{Kind: "access-token", Value: "absent"}, func(m map[string]any) bool { return m["access_token"] == nil }},
		"more":      {mock.Fault{Kind: "extra-members"}, func(m map[string]any) bool { return m["id_token"] != nil }},
	} {
		set(t, n, c.fault)
		_, answer := a.form(token, tokenForm(a.hospitalCode()))
		if !c.check(answer) {
			t.Errorf("%s: %v", name, answer)
		}
		if members := len(answer); members < 4 || members > 7 {
			t.Errorf("%s: %d members", name, members)
		}
		access := str(answer["access_token"])
		if access == "" || strings.Contains(access, "\n") {
			continue
		}
		if res, _ := a.get(base+"/Flag", http.Header{"Authorization": {"Bearer " + access}}); res.StatusCode != http.StatusOK {
			t.Errorf("%s: the token does not work: %d", name, res.StatusCode)
		}
	}
}

func str(v any) string { s, _ := v.(string); return s }

func (a *app) hospitalCode() string {
	a.Helper()
	return a.login(a.authorizeURL("ziekenhuis-noordzee"), mock.Visitor{Persona: "anna", Indefinite: true}).Get("code")
}

func TestAScopeWithFewerServicesGivesFewer(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("ziekenhuis-noordzee", "48")
	set(t, n, mock.Fault{Kind: "scope", Value: "fewer"})
	_, answer := a.form(token, tokenForm(a.hospitalCode()))
	a.token = str(answer["access_token"])
	if res, _ := a.fhir(base, "Flag"); answer["scope"] != "46" || res.StatusCode != http.StatusForbidden {
		t.Errorf("scope %v, status %d for another service", answer["scope"], res.StatusCode)
	}
}

// TestATokenErrorUsesUpWhatWasOffered, as the framework asks of a code.
func TestATokenErrorUsesUpWhatWasOffered(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, _ := a.zal("huisarts-delinde", "49")
	for code, want := range map[string]int{"invalid_grant": 400, "invalid_client": 401, "server_error": 500, "temporarily_unavailable": 503} {
		offered := a.code(mock.Visitor{})
		set(t, n, mock.Fault{Kind: "token-error", Value: code, Times: 1})
		if status, answer := a.form(token, tokenForm(offered)); status != want || answer["error"] != code || answer["access_token"] != nil {
			t.Errorf("%s: status %d, %v", code, status, answer["error"])
		}
		if status, _ := a.form(token, tokenForm(offered)); status != http.StatusBadRequest {
			t.Errorf("%s: the code works a second time", code)
		}
	}
	set(t, n, mock.Fault{Kind: "token-json-only"})
	if status, _ := a.form(token, tokenForm("x")); status != http.StatusUnprocessableEntity {
		t.Errorf("status %d for a form", status)
	}
}

// TestBatchAnswersChangeAsSaid, and what is not in them was taken all the same.
func TestBatchAnswersChangeAsSaid(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "53")
	header := http.Header{"Authorization": {"Bearer " + a.token}, "Content-Type": {"application/fhir+json; fhirVersion=3.0"}}
	for value, want := range map[string][]string{
		"partly": {"201 Created", "422 Unprocessable Entity"}, "fewer": {"201 Created"}, "no-location": {"201 Created", "201 Created"},
	} {
		set(t, n, mock.Fault{On: "resource:53", Kind: "batch", Value: value})
		_, body := a.do(http.MethodPost, base, batch(sentPatient, sentWeight), header)
		var answer struct {
			Entry []struct {
				Resource json.RawMessage `json:"resource"`
				Response struct {
					Status   string `json:"status"`
					Location string `json:"location"`
				} `json:"response"`
			} `json:"entry"`
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range answer.Entry {
			got = append(got, e.Response.Status)
			if value == "no-location" && (e.Response.Location != "" || e.Resource != nil) {
				t.Error("it says where it is")
			}
		}
		if strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("%s: %v", value, got)
		}
	}
	set(t, n, mock.Fault{On: "resource:53", Kind: "reset", Value: "after"})
	if got := len(n.Received()); got != 3 {
		t.Errorf("%d deliveries before the reset", got)
	}
}

// TestFilesAreWhatTheySay: with a document that is not what it was, what is said
// of it changes too, unless the file lies.
func TestFilesAreWhatTheySay(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("ziekenhuis-noordzee", "51")
	documents := a.search(base, "DocumentReference?status=current")
	first := documents.entries[0].Resource.Node().All("content")[0].Get("attachment")
	file := strings.TrimPrefix(first.Str("url"), base+"/")
	for value, c := range map[string]struct{ kind, part string }{
		"lie": {"application/pdf", "<script>"}, "svg": {"image/svg+xml", "<svg"}, "html": {"text/html", "<script>"}, "pdf-script": {"application/pdf", "%PDF-"},
	} {
		set(t, n, mock.Fault{On: "resource:51", Kind: "file", Value: value})
		said := a.search(base, "DocumentReference?status=current").entries[0].Resource.Node().All("content")[0].Get("attachment")
		if said.Str("contentType") != c.kind {
			t.Errorf("%s: the document says %s", value, said.Str("contentType"))
		}
		res, raw := a.get(base+"/"+file, http.Header{"Authorization": {"Bearer " + a.token}, "Accept": {c.kind + ", */*"}})
		if res.StatusCode != http.StatusOK || !strings.Contains(string(raw), c.part) {
			t.Errorf("%s: status %d, %d bytes", value, res.StatusCode, len(raw))
		}
	}
}
