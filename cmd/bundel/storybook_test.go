package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTheStorybookNeedsNoVault: it shows pages of the example person, and ends
// when it is told to.
func TestTheStorybookNeedsNoVault(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	opened, ended := make(chan string, 1), make(chan int, 1)
	m := &Main{
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, KDF: cheap,
		Getenv:       func(string) string { return "" },
		Browse:       func(address string) error { opened <- address; return nil },
		ReadPassword: func() ([]byte, error) { return nil, errNoTerminal },
	}
	go func() { ended <- m.Run(ctx, []string{"serve", "--storybook"}) }()
	address := <-opened
	for path, want := range map[string]string{"": "medicines", "nl/medicines": "Metoprolol", "en/share": "Share"} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.Body.Close() != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%q: %s, %v; it does not say %q", path, res.Status, err, want)
		}
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("it ended with %d", code)
	}
}
