package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bundel-pgo/bundel/share"
)

// startRelay starts the verb, and gives its address and what stops it.
func startRelay(ctx context.Context, listen, dir string) (address string, stop func() (exit int, said string), err error) {
	ctx, cancel := context.WithCancel(ctx)
	out, in := io.Pipe()
	var stderr bytes.Buffer
	m := &Main{Stdin: strings.NewReader(""), Stdout: in, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: time.Now}
	exit := make(chan int, 1)
	go func() {
		exit <- m.Run(ctx, []string{"relay", "--listen", listen, "--data", dir})
		in.Close()
	}()
	address, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		cancel()
		return "", nil, fmt.Errorf("exit %d: %s", <-exit, stderr.String())
	}
	return strings.TrimSpace(address), func() (int, string) {
		cancel()
		return <-exit, stderr.String()
	}, nil
}

func runRelay(t *testing.T, dir string) (address string, stop func() (exit int, said string)) {
	t.Helper()
	address, stop, err := startRelay(t.Context(), "127.0.0.1:0", dir)
	if err != nil {
		t.Fatal(err)
	}
	return address, stop
}

// relayKey is where a script keeps what stops its relay.
type relayKey struct{}

// scriptRelay runs a relay for a script: "relay start" sets $RELAY to its
// address and writes relay.json, a configuration that names it, and a second time starts it again in the same place; "relay stop"
// fails when it did not end well, or said anything.
func scriptRelay(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: relay start|stop")
	}
	stops := ts.Value(relayKey{}).(map[string]func() (int, string))
	if args[0] == "stop" {
		exit, said := stops["relay"]()
		if delete(stops, "relay"); exit != 0 || said != "" {
			ts.Fatalf("exit %d: %s", exit, said)
		}
		return
	}
	listen := strings.TrimPrefix(ts.Getenv("RELAY"), "http://")
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	address, stop, err := startRelay(context.Background(), listen, ts.MkAbs("relay"))
	ts.Check(err)
	stops["relay"] = stop
	ts.Defer(func() {
		if stop, ok := stops["relay"]; ok {
			delete(stops, "relay")
			stop()
		}
	})
	ts.Setenv("RELAY", address)
	ts.Check(os.WriteFile(ts.MkAbs("relay.json"), fmt.Appendf(nil, `{"share":{"relay":%q}}`, address), 0o600))
}

// scriptOpen is somebody else who opens a link or a code in a file of JSON, with
// its passcode or the one that is given: openlink made.json [PASSCODE]. What they
// read is in the file opened, and why they cannot in the file refused.
func scriptOpen(ts *testscript.TestScript, neg bool, args []string) {
	var l openedLink
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &l))
	if len(args) > 1 {
		l.Passcode, l.Born = args[1], args[1]
	}
	files, err := l.open()
	if (err != nil) != neg {
		ts.Fatalf("opened %d files: %v", len(files), err)
	}
	if err != nil {
		ts.Check(os.WriteFile(ts.MkAbs("refused"), []byte(err.Error()), 0o600))
		return
	}
	ts.Check(os.WriteFile(ts.MkAbs("opened"), files[0].Body, 0o600))
}

// openedLink is what the other was given.
type openedLink struct{ URI, Passcode, Code, Site, Born string }

// open does not keep connections: one to a relay that stopped would fail a try that
// the relay never saw.
func (l openedLink) open() ([]share.File, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if l.Code != "" {
		return share.OpenCode(context.Background(), client, strings.TrimSuffix(l.Site, "/v/"), l.Code, l.Born, "dr. Test")
	}
	return share.Open(context.Background(), client, l.URI, share.Opener{Recipient: "dr. Test", Passcode: l.Passcode, Now: time.Now()})
}

// TestTheRelayStopsWellAndGoesOn: what was placed before a restart opens after
// it, and nothing of it was said.
func TestTheRelayStopsWellAndGoesOn(t *testing.T) {
	dir := t.TempDir()
	address, stop := runRelay(t, dir)
	files := []share.File{{ContentType: share.TypeFHIR, Body: []byte(`{"resourceType":"Bundle"}`)}}
	made, err := share.NewLink(address, files, share.Options{BirthDate: "1961-04-02"})
	if err == nil {
		err = made.Publish(t.Context(), http.DefaultClient)
	}
	if err != nil {
		t.Fatal(err)
	}
	l := made.Link
	m := &Main{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now}
	if exit := m.Run(t.Context(), []string{"relay", "--listen", "127.0.0.1:0", "--data", dir}); exit != 1 {
		t.Errorf("a second relay with the same files: exit %d", exit)
	}
	if exit, said := stop(); exit != 0 || said != "" {
		t.Errorf("exit %d: %s", exit, said)
	}
	if _, err := share.OpenCode(t.Context(), http.DefaultClient, address, l.Code, "1961-04-02", "x"); !errors.Is(err, share.ErrRelay) {
		t.Errorf("after the stop: %v", err)
	}
	again, stop := runRelay(t, dir)
	got, err := share.OpenCode(t.Context(), http.DefaultClient, again, l.Code, "1961-04-02", "x")
	if err != nil || len(got) != 1 || !bytes.Equal(got[0].Body, files[0].Body) {
		t.Errorf("after the restart: %v %d", err, len(got))
	}
	if exit, said := stop(); exit != 0 || said != "" {
		t.Errorf("exit %d: %s", exit, said)
	}
}
