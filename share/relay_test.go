package share

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPublishedFilesComeBack(t *testing.T) {
	for name, o := range map[string]Options{
		"plain": {}, "passcode": {Passcode: true}, "long": {Long: true}, "long, passcode": {Long: true, Passcode: true}, "one file": {Direct: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := cheapRelay(t, nil)
			l := publish(t, r, o)
			got, err := open(t, r, l, l.Passcode)
			want := someFiles()
			if o.Direct { // the version stands in the manifest
				want[0].FHIRVersion = ""
			}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Fatalf("%v\n%s", err, diff)
			}
			log, err := Openings(t.Context(), direct(r), l)
			if err != nil || len(log.Openings) != 1 || log.End != "" {
				t.Fatalf("%v: %+v", err, log)
			}
			if o := log.Openings[0]; o.Event != EventOpened || o.Recipient != "dr. Test" || o.Network != "203.0.113.0/24" || o.Agent != "Bundel" {
				t.Errorf("log: %+v", o)
			}
		})
	}
}

// TestTheRelayKnowsNothing searches its whole file for what it must not have.
func TestTheRelayKnowsNothing(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{Passcode: true})
	c := publish(t, r, Options{BirthDate: "1961-04-02"})
	if _, err := open(t, r, l, l.Passcode); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(r.Data, tableFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"id": l.ID, "key": string(l.Key), "key as text": b64.EncodeToString(l.Key), "passcode": l.Passcode, "owner": l.Owner,
		"code": c.Code, "id of the code": c.ID[handleLength:], "birth date": "1961-04-02", "content": "Samenvatting",
	} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the table holds the %s", name)
		}
	}
}

// TestOnlyTheAllowedNumberOfWrongPasscodes: 200 at the same time give exactly
// ten answers 401, each with another number, and then nothing opens any more.
func TestOnlyTheAllowedNumberOfWrongPasscodes(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{Passcode: true})
	var mu sync.Mutex
	var wg sync.WaitGroup
	statuses, remaining := map[int]int{}, []int{}
	for i := range 200 {
		wg.Go(func() {
			status, _, a := post(t, r, l.ID, fmt.Sprintf(`{"recipient":"x","passcode":"wrong%d"}`, i))
			mu.Lock()
			defer mu.Unlock()
			if statuses[status]++; status == http.StatusUnauthorized {
				remaining = append(remaining, int(a["remainingAttempts"].(float64)))
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[int]int{401: 10, 404: 190}, statuses); diff != "" {
		t.Error(diff)
	}
	slices.Sort(remaining)
	if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, remaining); diff != "" {
		t.Error(diff)
	}
	if _, err := open(t, r, l, l.Passcode); !errors.Is(err, ErrGone) {
		t.Errorf("the right passcode afterwards: %v", err)
	}
	log, err := Openings(t.Context(), direct(r), l)
	if err != nil || log.End != EndAttempts || len(log.Openings) != 10 || log.Openings[0].Event != EventPasscode {
		t.Errorf("%v: %+v", err, log)
	}
}

func TestARightPasscodeTakesNoAttempt(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{Passcode: true})
	for range 12 {
		if _, err := open(t, r, l, l.Passcode); err != nil {
			t.Fatal(err)
		}
	}
	for want := 9; want >= 8; want-- {
		var wrong *PasscodeError
		if _, err := open(t, r, l, "00"); !errors.As(err, &wrong) || wrong.Remaining != want {
			t.Errorf("%v, want %d left", err, want)
		}
	}
	var none *PasscodeError // without a passcode nothing was guessed
	if _, err := open(t, r, l, ""); !errors.As(err, &none) || none.Remaining != 8 {
		t.Errorf("without a passcode: %v", err)
	}
	if _, err := open(t, r, l, l.Passcode); err != nil {
		t.Error(err)
	}
}

func TestARestartKeepsTheCounters(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{Passcode: true, MaxOpenings: 2})
	if _, err := open(t, r, l, "wrong"); err == nil {
		t.Fatal("opened")
	}
	if _, err := open(t, r, l, l.Passcode); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r = cheapRelay(t, func(c *RelayConfig) { c.Data = r.Data })
	var wrong *PasscodeError
	if _, err := open(t, r, l, "wrong"); !errors.As(err, &wrong) || wrong.Remaining != 8 {
		t.Errorf("%v", err)
	}
	if _, err := open(t, r, l, l.Passcode); err != nil {
		t.Error(err)
	}
	if _, err := open(t, r, l, l.Passcode); !errors.Is(err, ErrGone) {
		t.Errorf("third opening of two: %v", err)
	}
}

// TestOneOpening: of many at the same time, one gets the files.
func TestOneOpening(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{MaxOpenings: 1})
	var mu sync.Mutex
	var wg sync.WaitGroup
	got := map[int]int{}
	for range 20 {
		wg.Go(func() {
			status, _, _ := post(t, r, l.ID, `{"recipient":"x"}`)
			mu.Lock()
			defer mu.Unlock()
			got[status]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[int]int{200: 1, 404: 19}, got); diff != "" {
		t.Error(diff)
	}
	if n := filesOf(t, r); n != 0 {
		t.Errorf("%d files are kept after the only opening", n)
	}
}

func filesOf(t *testing.T, r *Relay) int {
	t.Helper()
	n := 0
	if err := r.table.view(func(rows rows) error { n = len(rows.keys(bucketFiles, nil)); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRevokingIsAtOnce(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{})
	_, _, m := post(t, r, l.ID, `{"recipient":"x","embeddedLengthMax":0}`)
	location := m["files"].([]any)[0].(map[string]any)["location"].(string)
	if err := Revoke(t.Context(), direct(r), l); err != nil {
		t.Fatal(err)
	}
	if n := filesOf(t, r); n != 0 {
		t.Errorf("%d files are left", n)
	}
	if _, err := open(t, r, l, ""); !errors.Is(err, ErrGone) {
		t.Errorf("the link: %v", err)
	}
	if _, err := get(t.Context(), direct(r), location); !errors.Is(err, ErrGone) {
		t.Errorf("the location: %v", err)
	}
	if err := Renew(t.Context(), direct(r), l, someFiles()); !errors.Is(err, ErrGone) {
		t.Errorf("renewing: %v", err)
	}
	if log, err := Openings(t.Context(), direct(r), l); err != nil || log.End != EndRevoked {
		t.Errorf("%v: %+v", err, log)
	}
}

// TestOnlyTheOwner: another token cannot read, replace or revoke.
func TestOnlyTheOwner(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{Long: true})
	for _, token := range []string{b64.EncodeToString(NewKey()), "", l.Owner[:42]} {
		thief := l
		thief.Owner = token
		if err := Revoke(t.Context(), direct(r), thief); !errors.Is(err, ErrGone) {
			t.Errorf("revoked: %v", err)
		}
		if _, err := Openings(t.Context(), direct(r), thief); !errors.Is(err, ErrGone) {
			t.Errorf("read the log: %v", err)
		}
		if err := Renew(t.Context(), direct(r), thief, someFiles()); err == nil {
			t.Error("replaced the files")
		}
	}
	if _, err := open(t, r, l, ""); err != nil {
		t.Error(err)
	}
}

func TestRenewedFilesKeepTheirCounters(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{Long: true, MaxOpenings: 2})
	if _, err := open(t, r, l, ""); err != nil {
		t.Fatal(err)
	}
	newer := []File{{ContentType: TypeFHIR, Body: []byte(`{"resourceType":"Patient"}`)}}
	if err := Renew(t.Context(), direct(r), l, newer); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, r, l, "")
	if diff := cmp.Diff(newer, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := open(t, r, l, ""); !errors.Is(err, ErrGone) {
		t.Errorf("third opening of two: %v", err)
	}
}

// TestALinkEndsByItself: the clock is that of the test; the sweeper runs.
func TestALinkEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := cheapRelay(t, nil)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		l := publish(t, r, Options{Life: time.Hour})
		time.Sleep(time.Hour - time.Second)
		if _, err := open(t, r, l, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if status, _, _ := post(t, r, l.ID, `{"recipient":"x"}`); status != http.StatusNotFound {
			t.Errorf("after an hour: %d", status)
		}
		time.Sleep(2 * time.Minute)
		if n := filesOf(t, r); n != 0 {
			t.Errorf("%d files after the sweep", n)
		}
		if log, err := Openings(t.Context(), direct(r), l); err != nil || log.End != EndExpired || len(log.Openings) != 1 {
			t.Errorf("%v: %+v", err, log)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestATombstoneGoesAfterAMonth(t *testing.T) {
	c := &clock{morning}
	r := cheapRelay(t, func(rc *RelayConfig) { rc.Now = c.Now })
	l := publish(t, r, Options{})
	for _, step := range []struct {
		after time.Duration
		want  error
	}{{2 * time.Hour, nil}, {tombLife - time.Hour, nil}, {2 * time.Hour, ErrGone}} {
		c.now = c.now.Add(step.after)
		if err := r.Sweep(); err != nil {
			t.Fatal(err)
		}
		if _, err := Openings(t.Context(), direct(r), l); !errors.Is(err, step.want) {
			t.Errorf("at %s: %v", c.now, err)
		}
	}
}

// TestALocationHoldsOnceAndShortly is .files.location of the standard.
func TestALocationHoldsOnceAndShortly(t *testing.T) {
	c := &clock{morning}
	r := cheapRelay(t, func(rc *RelayConfig) { rc.Now = c.Now })
	l := publish(t, r, Options{MaxOpenings: 2})
	location := func() string {
		_, _, m := post(t, r, l.ID, `{"recipient":"x","embeddedLengthMax":10}`)
		f := m["files"].([]any)[0].(map[string]any)
		if f["embedded"] != nil {
			t.Fatal("embedded beyond the limit")
		}
		return f["location"].(string)
	}
	first := location()
	if sealed, err := get(t.Context(), direct(r), first); err != nil || !isSealed(string(sealed)) {
		t.Fatalf("%v", err)
	}
	if _, err := get(t.Context(), direct(r), first); !errors.Is(err, ErrGone) {
		t.Errorf("twice: %v", err)
	}
	last := location() // the last opening: the file waits for its ticket only
	c.now = c.now.Add(time.Hour - time.Second)
	if _, err := get(t.Context(), direct(r), last); !errors.Is(err, ErrGone) {
		t.Errorf("after an hour: %v", err)
	}
	if err := r.Sweep(); err != nil || filesOf(t, r) != 0 {
		t.Errorf("%v: %d files", err, filesOf(t, r))
	}
}

func TestTheLastOpeningMayFetchItsFile(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{MaxOpenings: 1})
	_, _, m := post(t, r, l.ID, `{"recipient":"x","embeddedLengthMax":10}`)
	if err := r.Sweep(); err != nil {
		t.Fatal(err)
	}
	sealed, err := get(t.Context(), direct(r), m["files"].([]any)[0].(map[string]any)["location"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := Unseal(sealed, l.Key); err != nil || string(f.Body) != smallDocument {
		t.Errorf("%v %s", err, f.Body)
	}
	if n := filesOf(t, r); n != 0 {
		t.Errorf("%d files are kept", n)
	}
}

// TestPollingALongLink: Retry-After on a good answer, 429 to who asks too often.
func TestPollingALongLink(t *testing.T) {
	c := &clock{morning}
	r := cheapRelay(t, func(rc *RelayConfig) { rc.Now = c.Now })
	l := publish(t, r, Options{Long: true})
	for i := range 4 {
		status, h, _ := post(t, r, l.ID, `{"recipient":"x"}`)
		if want := []int{200, 200, 200, 429}[i]; status != want || h.Get("Retry-After") != "10" {
			t.Errorf("%d: %d, Retry-After %s", i, status, h.Get("Retry-After"))
		}
	}
	c.now = c.now.Add(10 * time.Second)
	if status, _, _ := post(t, r, l.ID, `{"recipient":"x"}`); status != http.StatusOK {
		t.Errorf("after the wait: %d", status)
	}
}

func TestANetworkThatAsksTooMuchWaits(t *testing.T) {
	c := &clock{morning}
	r := cheapRelay(t, func(rc *RelayConfig) { rc.PerMinute, rc.Now = 5, c.Now })
	id := strings.Repeat("A", plainIDLength)
	for i := range 6 {
		status, h, _ := post(t, r, id, `{"recipient":"x"}`)
		if want := map[bool]int{true: 404, false: 429}[i < 5]; status != want || (want == 429) != (h.Get("Retry-After") != "") {
			t.Errorf("%d: %d", i, status)
		}
	}
	c.now = c.now.Add(time.Minute)
	if status, _, _ := post(t, r, id, `{"recipient":"x"}`); status != http.StatusNotFound {
		t.Errorf("a minute later: %d", status)
	}
	c.now = c.now.Add(time.Hour)
	if err := r.Sweep(); err != nil || len(r.nets.keys) != 0 {
		t.Errorf("%v: %d networks are remembered", err, len(r.nets.keys))
	}
}

func TestRequestsThatAreNotUnderstood(t *testing.T) {
	r := cheapRelay(t, nil)
	l := publish(t, r, Options{})
	u := publish(t, r, Options{Direct: true})
	for _, c := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"no JSON", "POST", "/shl/" + l.ID, "x", 400},
		{"no recipient", "POST", "/shl/" + l.ID, `{}`, 400},
		{"only spaces", "POST", "/shl/" + l.ID, `{"recipient":" \n "}`, 400},
		{"too long", "POST", "/shl/" + l.ID, `{"recipient":"` + strings.Repeat("x", 9000) + `"}`, 400},
		{"another id", "POST", "/shl/" + strings.Repeat("B", 43), `{"recipient":"x"}`, 404},
		{"long id", "POST", "/shl/" + strings.Repeat("B", 500), `{"recipient":"x"}`, 404},
		{"direct on a manifest", "GET", "/shl/" + l.ID + "?recipient=x", "", 404},
		{"manifest on a direct one", "POST", "/shl/" + u.ID, `{"recipient":"x"}`, 404},
		{"direct without recipient", "GET", "/shl/" + u.ID, "", 400},
		{"a ticket that never was", "GET", "/file/x", "", 404},
		{"log without token", "GET", "/shl/" + l.ID + "/log", "", 404},
		{"another path", "GET", "/etc/passwd", "", 405},
	} {
		q := httptest.NewRequestWithContext(t.Context(), c.method, r.PublicURL+c.path, strings.NewReader(c.body))
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, q)
		if w.Code != c.want || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.want)
		}
		if strings.Contains(w.Body.String(), l.ID) {
			t.Errorf("%s: the answer names the id", c.name)
		}
	}
}

// TestOtherPagesMayAsk: viewers of other makers are pages of other sites.
func TestOtherPagesMayAsk(t *testing.T) {
	r := cheapRelay(t, nil)
	q := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, r.PublicURL+"/shl/x", nil)
	q.Header.Set("Origin", "https://viewer.example")
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, q)
	h := w.Header()
	if w.Code != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Headers") != "content-type" {
		t.Errorf("%d %v", w.Code, h)
	}
	if m := h.Get("Access-Control-Allow-Methods"); strings.Contains(m, "DELETE") || strings.Contains(m, "PUT") || !strings.Contains(m, "POST") {
		t.Errorf("methods %s", m)
	}
}

func TestWhatARelayDoesNotTake(t *testing.T) {
	c := &clock{morning}
	r := cheapRelay(t, func(rc *RelayConfig) { rc.Now, rc.MaxFile, rc.MaxLink, rc.MaxLinks = c.Now, 2000, 3000, 2 })
	big := func(n int) File { return File{ContentType: TypeFHIR, Body: []byte(randomText(n))} }
	small := big(100)
	for name, x := range map[string]struct {
		o     Options
		files []File
	}{
		"a large file":          {Options{}, []File{big(3000)}},
		"large files":           {Options{}, []File{big(1200), big(1200), big(1200)}},
		"no files":              {Options{}, nil},
		"many files":            {Options{}, slices.Repeat([]File{small}, 21)},
		"another kind":          {Options{}, []File{{ContentType: "text/html", Body: []byte("x")}}},
		"two files directly":    {Options{Direct: true}, []File{small, small}},
		"more than a year":      {Options{Life: 367 * 24 * time.Hour}, []File{small}},
		"in the past":           {Options{Life: -time.Hour}, []File{small}},
		"a code for a day":      {Options{Life: 24 * time.Hour, BirthDate: "1961-04-02"}, []File{small}},
		"a code that is direct": {Options{Direct: true, BirthDate: "1961-04-02"}, []File{small}},
	} {
		x.o.Now = c.now
		if _, err := publishAt(t.Context(), direct(r), r.PublicURL, x.files, x.o); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := publishAt(t.Context(), direct(r), r.PublicURL, []File{small}, Options{Direct: true, Passcode: true, Now: c.now}); err == nil {
		t.Error("one file with a passcode")
	}
	for i, want := range []error{nil, nil, ErrRefused} {
		if _, err := publishAt(t.Context(), direct(r), r.PublicURL, []File{small}, Options{Now: c.now}); !errors.Is(err, want) {
			t.Errorf("link %d: %v", i, err)
		}
	}
}

func randomText(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.Write(NewKey())
	}
	return b.String()
}

// TestNothingInTheClear: a relay refuses files that are not encrypted.
func TestNothingInTheClear(t *testing.T) {
	r := cheapRelay(t, nil)
	for _, jwe := range []string{"", smallDocument, "a.b.c.d.e", b64.EncodeToString([]byte(`{"alg":"none"}`)) + "....", b64.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM"}`)) + "..<.>."} {
		raw, err := json.Marshal(putRequest{Expires: r.Now().Add(time.Hour).Unix(), Files: []putFile{{ContentType: TypeFHIR, Sealed: jwe}}})
		if err != nil {
			t.Fatal(err)
		}
		q := httptest.NewRequestWithContext(t.Context(), http.MethodPut, r.PublicURL+"/shl/"+b64.EncodeToString(NewKey()), bytes.NewReader(raw))
		q.Header.Set("Authorization", "Bearer "+b64.EncodeToString(NewKey()))
		w := httptest.NewRecorder()
		if r.Handler().ServeHTTP(w, q); w.Code != http.StatusBadRequest {
			t.Errorf("%.20q: %d", jwe, w.Code)
		}
	}
}

func TestFromWhereSomebodyAsks(t *testing.T) {
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.77:1", "", "203.0.113.0/24"},
		{"203.0.113.77:1", "198.51.100.1", "203.0.113.0/24"}, // not our proxy
		{"127.0.0.1:1", "198.51.100.1", "198.51.100.0/24"},
		{"127.0.0.1:1", "10.0.0.1, 2001:db8:1:2::3", "2001:db8:1::/48"}, // the last hop is what the proxy saw
		{"[::1]:1", "nonsense", "::/48"},
		{"[::ffff:203.0.113.77]:1", "", "203.0.113.0/24"},
		{"[fe80::1%eth0]:1", "", "fe80::/48"},
		{"nonsense", "", ""},
	} {
		q := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if q.RemoteAddr = c.peer; c.forwarded != "" {
			q.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := networkOf(q); got != c.want {
			t.Errorf("%s %s: %s", c.peer, c.forwarded, got)
		}
	}
}

func TestRecipientsAreOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"dr.  Jansen\r\n\tUMC": "dr. Jansen UMC", "": "", "\x00\u202e": "", strings.Repeat("é", 300): strings.Repeat("é", 100),
	} {
		if got := cleanRecipient(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X) AppleWebKit Chrome/120 Safari/537 Edg/120": "Edge", "Mozilla/5.0 Gecko Firefox/120": "Firefox",
		"Mozilla/5.0 Chrome/1 Safari/5": "Chrome", "Mozilla/5.0 Version/17 Safari/605": "Safari", "curl/8": "other",
	} {
		if got := agentOf(agent); got != want {
			t.Errorf("%s: %s", agent, got)
		}
	}
}

func TestARelayNeedsAnAddress(t *testing.T) {
	for _, address := range []string{"", "relay.example", "http://relay.example", "https://relay.example/?a=b", "https://relay.example/" + strings.Repeat("x", 80), "https://u:p@relay.example", "https://relay.example/#a"} {
		if _, err := NewLink(address, someFiles(), Options{BirthDate: "1961-04-02"}); !errors.Is(err, ErrPublicURL) {
			t.Errorf("a code at %s: %v", address, err)
		}
		if _, err := OpenCode(t.Context(), http.DefaultClient, address, "K7M2Q4XD9A", "1961-04-02", "x"); err == nil || errors.Is(err, ErrRelay) {
			t.Errorf("a code was asked for at %s: %v", address, err)
		}
		if _, err := OpenRelay(RelayConfig{Data: t.TempDir(), PublicURL: address}); !errors.Is(err, ErrPublicURL) {
			t.Errorf("%s: %v", address, err)
		}
	}
	r := cheapRelay(t, func(c *RelayConfig) { c.PublicURL = "https://relay.example/" + strings.Repeat("x", 50) + "/" })
	l := publish(t, r, Options{BirthDate: "1961-04-02"})
	if n := len(l.address()); n > maxURL {
		t.Errorf("the address has %d characters", n)
	}
	if _, err := OpenCode(t.Context(), direct(r), r.PublicURL, l.Code, "1961-04-02", "x"); err != nil {
		t.Errorf("below a path: %v", err)
	}
	if _, err := OpenRelay(RelayConfig{Data: r.Data, PublicURL: "https://relay.example"}); err == nil {
		t.Error("two relays have one table")
	}
}
