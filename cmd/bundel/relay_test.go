package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/share"
)

// runRelay starts the verb, and gives its address and what stops it.
func runRelay(t *testing.T, dir string) (address string, stop func() (exit int, said string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	m := &Main{Stdin: strings.NewReader(""), Stdout: in, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: time.Now}
	exit := make(chan int, 1)
	go func() {
		exit <- m.Run(ctx, []string{"relay", "--listen", "127.0.0.1:0", "--data", dir})
		in.Close()
	}()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("exit %d: %s", <-exit, stderr.String())
	}
	return strings.TrimSpace(address), func() (int, string) {
		cancel()
		return <-exit, stderr.String()
	}
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
