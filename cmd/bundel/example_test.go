package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestWhoStartsCanLookFirst: a person without a vault asks for the example, opens
// it, and finds it in their own language; their own pages still have no vault.
// When the program ends nothing of the example is left.
func TestWhoStartsCanLookFirst(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	opened, ended := make(chan string, 1), make(chan int, 1)
	m := &Main{
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, KDF: cheap,
		Getenv: func(name string) string {
			return map[string]string{"BUNDEL_STORE": filepath.Join(dir, "vault.bundel"), "BUNDEL_LANG": "en"}[name]
		},
		Browse:       func(address string) error { opened <- address; return nil },
		ReadPassword: func() ([]byte, error) { return nil, errNoTerminal },
	}
	go func() { ended <- m.Run(ctx, []string{"serve"}) }()
	own := newReader(t, <-opened)
	own.wants("", "Try it with an example person")
	link := regexp.MustCompile(`href="(http://127\.0\.0\.1:\d+/)"`)
	first, again := link.FindStringSubmatch(own.post("voorbeeld")), link.FindStringSubmatch(own.post("voorbeeld"))
	if first == nil || again == nil || first[1] != again[1] || first[1] == own.address {
		t.Fatalf("the example is at %v and %v", first, again)
	}
	example := newReader(t, first[1])
	if page := example.post("unlock", "wachtzin", demoPassphrase); !strings.Contains(page, "You have not added a care provider yet.") {
		t.Error("the example did not open, or not in English")
	}
	own.wants("", "Try it with an example person")
	if left, _ := filepath.Glob(filepath.Join(dir, "bundel-demo-*")); len(left) != 1 {
		t.Errorf("%d folders of examples", len(left))
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// reader is a browser without scripts.
type reader struct {
	t       *testing.T
	address string
	client  *http.Client
}

func newReader(t *testing.T, address string) *reader {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t: t, address: address, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

// post sends a form and gives the page that follows.
func (v *reader) post(path string, pairs ...string) string {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return v.ask(http.MethodPost, path, form.Encode())
}

// wants asks for a page that has to say something.
func (v *reader) wants(path, want string) {
	v.t.Helper()
	if page := v.ask(http.MethodGet, path, ""); !strings.Contains(page, want) {
		v.t.Errorf("%q does not say %q", path, want)
	}
}

func (v *reader) ask(method, path, body string) string {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.address+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	page, err := io.ReadAll(res.Body)
	if err != nil || res.Body.Close() != nil || res.StatusCode != http.StatusOK {
		v.t.Fatalf("%s %q: %s, %v", method, path, res.Status, err)
	}
	return string(page)
}
