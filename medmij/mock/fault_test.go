package mock_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/fhir"
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

// sign tells whether an answer went wrong as it should.
type sign func(r *http.Response, body []byte, err error) bool

func answered(status int, part string) sign {
	return func(r *http.Response, b []byte, err error) bool {
		return err == nil && r.StatusCode == status && bytes.Contains(b, []byte(part))
	}
}

func broke(is error) sign {
	return func(_ *http.Response, _ []byte, err error) bool {
		return err != nil && (is == nil || errors.Is(err, is))
	}
}

func brokeSaying(text string) sign {
	return func(_ *http.Response, _ []byte, err error) bool {
		return err != nil && strings.Contains(err.Error(), text)
	}
}

func headed(name, part string) sign {
	return func(r *http.Response, b []byte, err error) bool {
		return err == nil && strings.Contains(r.Header.Get(name), part) && bytes.Contains(b, []byte("searchset"))
	}
}

// leads is a redirect to an address that begins so; no body comes along.
func leads(to string) sign {
	return func(r *http.Response, b []byte, err error) bool {
		return err == nil && r.StatusCode == 307 && strings.HasPrefix(r.Header.Get("Location"), to) && len(b) == 0
	}
}

func spoiltJSON(check func([]byte) bool) sign {
	return func(r *http.Response, b []byte, err error) bool { return err == nil && r.StatusCode == 200 && check(b) }
}

func TestFaultsGoWrongAsTheySay(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	address := base + "/AllergyIntolerance"
	host := base[:strings.Index(base, "/huisarts")]
	for name, c := range map[string]struct {
		fault mock.Fault
		check sign
	}{
		"status": {mock.Fault{Kind: "status", Status: 429, RetryAfter: "2"}, func(r *http.Response, _ []byte, err error) bool {
			return err == nil && r.StatusCode == 429 && r.Header.Get("Retry-After") == "2"
		}},
		"status with a date": {mock.Fault{Kind: "status", Status: 503, RetryAfter: "+90s"}, func(r *http.Response, _ []byte, err error) bool {
			at, parsed := http.ParseTime(r.Header.Get("Retry-After"))
			return err == nil && parsed == nil && at.Sub(n.Now()) > time.Minute
		}},
		"401": {mock.Fault{Kind: "status", Status: 401}, func(r *http.Response, b []byte, _ error) bool {
			return strings.Contains(r.Header.Get("Www-Authenticate"), "invalid_token") && bytes.Contains(b, []byte("security"))
		}},
		"404":            {mock.Fault{Kind: "status", Status: 404}, answered(404, "not-supported")},
		"reset":          {mock.Fault{Kind: "reset"}, broke(syscall.ECONNRESET)},
		"reset after":    {mock.Fault{Kind: "reset", Value: "after"}, broke(syscall.ECONNRESET)},
		"eof":            {mock.Fault{Kind: "eof"}, broke(io.EOF)},
		"garbage":        {mock.Fault{Kind: "garbage"}, brokeSaying("malformed HTTP")},
		"truncate":       {mock.Fault{Kind: "truncate"}, broke(io.ErrUnexpectedEOF)},
		"length":         {mock.Fault{Kind: "length"}, broke(io.ErrUnexpectedEOF)},
		"chunks":         {mock.Fault{Kind: "chunks"}, brokeSaying("chunk")},
		"http10":         {mock.Fault{Kind: "http10"}, spoiltJSON(func(b []byte) bool { return len(b) > 100 && !json.Valid(b) })},
		"dribble":        {mock.Fault{Kind: "dribble", Delay: "1us"}, answered(200, "searchset")},
		"html":           {mock.Fault{Kind: "html200"}, answered(200, "<!DOCTYPE html>")},
		"empty":          {mock.Fault{Kind: "empty"}, spoiltJSON(func(b []byte) bool { return len(b) == 0 })},
		"content type":   {mock.Fault{Kind: "content-type"}, headed("Content-Type", "text/plain")},
		"another type":   {mock.Fault{Kind: "content-type", Value: "image/png"}, headed("Content-Type", "image/png")},
		"release":        {mock.Fault{Kind: "fhir-version"}, headed("Content-Type", "fhirVersion=4.0")},
		"odd headers":    {mock.Fault{Kind: "headers", Value: "odd"}, headed("Set-Cookie", "mock=1")},
		"large headers":  {mock.Fault{Kind: "headers", Value: "large"}, headed("X-Large", strings.Repeat("a", 2<<20))},
		"gzip bad":       {mock.Fault{Kind: "gzip", Value: "bad"}, broke(gzip.ErrHeader)},
		"gzip cut":       {mock.Fault{Kind: "gzip", Value: "cut"}, broke(io.ErrUnexpectedEOF)},
		"redirect":       {mock.Fault{Kind: "redirect", Value: "same"}, leads(address + "?moved=1")},
		"redirect loop":  {mock.Fault{Kind: "redirect", Value: "loop"}, leads(address)},
		"redirect evil":  {mock.Fault{Kind: "redirect", Value: "evil"}, leads("https://evil.medmij.localhost:")},
		"redirect plain": {mock.Fault{Kind: "redirect", Value: "http"}, leads("http" + strings.TrimPrefix(host, "https"))},
		"outcome":        {mock.Fault{Kind: "outcome200"}, answered(200, `"OperationOutcome"`)},
		"xml": {mock.Fault{Kind: "xml"}, func(r *http.Response, b []byte, err error) bool {
			back, xmlErr := fhir.XMLToJSON(bytes.NewReader(b), fhir.STU3)
			return err == nil && xmlErr == nil && strings.Contains(r.Header.Get("Content-Type"), "fhir+xml") && bytes.Contains(back, []byte("AllergyIntolerance"))
		}},
		"cut":      {mock.Fault{Kind: "json", Value: "cut"}, spoiltJSON(func(b []byte) bool { return !json.Valid(b) })},
		"trailing": {mock.Fault{Kind: "json", Value: "trailing"}, spoiltJSON(func(b []byte) bool { return !json.Valid(b) && bytes.HasSuffix(b, []byte(`}{"resourceType":"Bundle"}`)) })},
		"twice": {mock.Fault{Kind: "json", Value: "twice"}, spoiltJSON(func(b []byte) bool {
			return json.Valid(b) && bytes.HasPrefix(b, []byte(`{"resourceType":"Bundle","type":"history"`))
		})},
		"twice inside": {mock.Fault{Kind: "json", Value: "twice-inside"}, spoiltJSON(func(b []byte) bool { return json.Valid(b) && bytes.Contains(b, []byte(`{"id":"mock-other",`)) })},
		"bom":          {mock.Fault{Kind: "json", Value: "bom"}, spoiltJSON(func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xef\xbb\xbf{")) })},
		"utf16":        {mock.Fault{Kind: "json", Value: "utf16"}, spoiltJSON(func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xfe{\x00")) })},
		"utf8":         {mock.Fault{Kind: "json", Value: "bad-utf8"}, spoiltJSON(func(b []byte) bool { return !utf8.Valid(b) && bytes.HasPrefix(b, []byte(`{"mock"`)) })},
		"utf8 inside":  {mock.Fault{Kind: "json", Value: "bad-utf8-inside"}, spoiltJSON(func(b []byte) bool { return !utf8.Valid(b) && !bytes.HasPrefix(b, []byte(`{"mock"`)) })},
		"deep":         {mock.Fault{Kind: "json", Value: "deep"}, spoiltJSON(func(b []byte) bool { return bytes.Contains(b, bytes.Repeat([]byte("["), 10_000)) })},
		"million":      {mock.Fault{Kind: "json", Value: "million"}, spoiltJSON(func(b []byte) bool { return bytes.Count(b, []byte("match")) == 1_000_000 })},
		"delay":        {mock.Fault{Kind: "delay", Delay: "1ms"}, answered(200, "searchset")},
	} {
		c.fault.On, c.fault.Times = "resource:49/AllergyIntolerance", 1
		if err := n.Fault(c.fault); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if res, body, err := a.once(context.Background(), address); !c.check(res, body, err) {
			t.Errorf("%s: answer %v, %d bytes, error %v", name, res, len(body), err)
		}
		if res, _, err := a.once(context.Background(), address); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: it went wrong a second time: %v", name, err)
		}
	}
	if left := n.Faults(); len(left) != 0 {
		t.Errorf("%d faults are left", len(left))
	}
	for i, e := range n.Requests("resource:49/AllergyIntolerance") {
		if (e.Fault == "") != (i%2 == 1) {
			t.Errorf("request %d is recorded with fault %q", i, e.Fault)
		}
	}
}

// TestAGzipBombIsSmallOnTheWay unpacks a part of it only.
func TestAGzipBombIsSmallOnTheWay(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	set(t, n, mock.Fault{On: "resource", Kind: "gzip", Value: "bomb"})
	res, err := a.http.Get(base + "/AllergyIntolerance")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if unpacked, err := io.CopyN(io.Discard, res.Body, 64<<20); err != nil || !res.Uncompressed {
		t.Errorf("%d bytes, %v", unpacked, err)
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
		"no target": {Kind: "next"}, "unknown target": {Kind: "next", Next: "home"}, "negative times": {Kind: "hang", Times: -1},
		"unknown endpoint":           {Kind: "hang", On: "tokens"},
		"unknown list":               {Kind: "hang", On: "list:black"},
		"unknown page":               {Kind: "hang", On: "page:home"},
		"nothing after the colon":    {Kind: "hang", On: "resource:"},
		"a list fault at a token":    {Kind: "rollback", On: "token"},
		"a token fault at a list":    {Kind: "scope", Value: "fewer", On: "list"},
		"an answer on a connection":  {Kind: "hang", On: "host:localhost"},
		"an answer on the way back":  {Kind: "hang", On: "callback"},
		"an unknown host":            {Kind: "connection", Value: "reset", On: "host:example.nl"},
		"unknown value":              {Kind: "certificate", Value: "purple"},
		"no value":                   {Kind: "certificate"},
		"a value where none is":      {Kind: "hang", Value: "x"},
		"no text":                    {Kind: "drop", On: "list:whitelist"},
		"a status where none is":     {Kind: "hang", Status: 500},
		"a retry where none is":      {Kind: "reset", RetryAfter: "2"},
		"a delay where none is":      {Kind: "status", Status: 500, Delay: "2s"},
		"a next where none is":       {Kind: "total", Value: "more", Next: "evil"},
		"a provider where none is":   {Kind: "rollback", Provider: "huisarts-delinde"},
		"a redirect that is none":    {Kind: "redirect", Value: "same", Status: 200},
		"a moment that is none":      {Kind: "status", Status: 503, RetryAfter: "+soon"},
		"an address in another list": {Kind: "endpoint", Value: "ip", On: "list:whitelist"},
		"counting what is refused":   {Kind: "connection", Value: "refuse", Times: 1},
		"choosing what is refused":   {Kind: "connection", Value: "refuse", When: "nth=2"},
		"TLS where none is":          {Kind: "tls", Value: "1.1", On: "host:localhost"},
		"unknown condition":          {Kind: "hang", When: "moon=full"},
		"condition without a value":  {Kind: "hang", When: "nth"},
		"condition twice":            {Kind: "hang", When: "nth=1,nth=2"},
		"no chance":                  {Kind: "hang", When: "p=0"},
		"certainty":                  {Kind: "hang", When: "p=1"},
		"one and others":             {Kind: "hang", When: "nth=2,after=3"},
		"one, twice":                 {Kind: "hang", When: "nth=2", Times: 2},
		"somebody unknown":           {Kind: "hang", When: "persona=zoë"},
		"somebody at a list":         {Kind: "hang", On: "list", When: "persona=anna"},
		"somebody at a connection":   {Kind: "connection", Value: "reset", When: "persona=anna"},
		"negative number":            {Kind: "hang", When: "nth=-1"},
		"a number that is none":      {Kind: "hang", When: "after=many"},
	} {
		if err := n.Fault(mock.Fault{Kind: "hang"}, f); err == nil {
			t.Errorf("%s: no error", name)
		} else if !strings.HasPrefix(err.Error(), "fault cannot be set: ") {
			t.Errorf("%s: %v", name, err)
		}
		if err := n.SetFaults(f); err == nil {
			t.Errorf("%s: no error when replacing", name)
		}
	}
	if _, err := mock.Serve(context.Background(), mock.Config{Faults: []mock.Fault{{Kind: "explode"}}}); err == nil {
		t.Error("no error for a configuration with it")
	}
	if set := n.Faults(); len(set) != 0 {
		t.Errorf("%d faults are set by a call that failed", len(set))
	}
}

// TestWhenChoosesRequests gives the statuses of six requests.
func TestWhenChoosesRequests(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	bram := newApp(t, n)
	bram.token = n.Personas[1].Token
	for when, want := range map[string]string{
		"":                  "!!!!!!", // all
		"nth=2":             ".!....",
		"after=4":           "....!!",
		"persona=anna":      "!!!!!!",
		"persona=bram":      "......",
		"after=2,p=0.99999": "..!!!!",
	} {
		set(t, n, mock.Fault{On: "resource:49", Kind: "status", Status: 500, When: when})
		got := ""
		for range 6 {
			res, _ := a.fhir(base, "AllergyIntolerance")
			got += map[int]string{200: ".", 500: "!"}[res.StatusCode]
		}
		if got != want {
			t.Errorf("%q: %s, want %s", when, got, want)
		}
	}
	set(t, n, mock.Fault{On: "resource:49", Kind: "status", Status: 500, When: "persona=bram,nth=1"})
	if res, _ := a.fhir(base, "Patient"); res.StatusCode != 200 {
		t.Error("anna meets the fault of bram")
	}
	if res, _ := bram.fhir(base, "Patient"); res.StatusCode != 500 {
		t.Error("bram does not meet his fault")
	}
}

// TestAPersonaIsKnownAtTheTokenAndThePages, where it is the code or the visit
// that says who it is.
func TestAPersonaIsKnownAtTheTokenAndThePages(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, _ := a.zal("huisarts-delinde", "49")
	set(t, n, mock.Fault{On: "token", Kind: "token-error", Value: "invalid_grant", When: "persona=anna"})
	if status, answer := a.form(token, tokenForm(a.code(mock.Visitor{}))); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("status %d, %v", status, answer["error"])
	}
	set(t, n, mock.Fault{On: "callback", Kind: "state", Value: "missing", When: "persona=anna"})
	if back := a.login(a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "anna"}); back.Has("state") || !back.Has("code") {
		t.Errorf("came back with %v", back)
	}
	set(t, n, mock.Fault{On: "token", Kind: "status", Status: 500, When: "persona=bram"})
	if status, _ := a.form(token, tokenForm(a.code(mock.Visitor{}))); status != 200 {
		t.Errorf("anna meets the fault of bram: %d", status)
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
	var connections []mock.Connection
	if _, body := a.get(admin+"connections?host=stelselnode.medmij.localhost", nil); json.Unmarshal(body, &connections) != nil || len(connections) != 1 || connections[0].Handshake != "done" {
		t.Errorf("connections: %s", body)
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
