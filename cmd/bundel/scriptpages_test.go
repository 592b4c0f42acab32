package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// pagesKey is where a script keeps its open pages.
type pagesKey struct{}

// served is `bundel serve` with somebody at it, who has no scripts.
type served struct {
	address string
	client  *http.Client
	stop    func() (exit int, said string)
}

// startPages runs the verb as a person in the script would.
func startPages(ts *testscript.TestScript, args ...string) *served {
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	m := &Main{Stdin: strings.NewReader(""), Stdout: in, Stderr: &stderr, Getenv: ts.Getenv, Now: time.Now, KDF: cheap}
	exit := make(chan int, 1)
	go func() {
		exit <- m.Run(ctx, append([]string{"serve", "--no-browser"}, args...))
		in.Close()
	}()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		cancel()
		ts.Fatalf("exit %d: %s", <-exit, stderr.String())
	}
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	s := &served{address: strings.TrimSuffix(strings.TrimSpace(address), "/"), client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
	s.stop = func() (int, string) {
		cancel()
		return <-exit, stderr.String()
	}
	return s
}

func (s *served) ask(method, path string, form url.Values) (string, error) {
	q, err := http.NewRequest(method, s.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := s.client.Do(q)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s", resp.Status)
	}
	return string(body), err
}

// scriptPages is a person at their pages: "pages start ARGS" opens the vault on
// them, "pages get PATH" and "pages post PATH FORM" keep what they show in the
// file page, "pages stop" fails when the program did not end well or said
// what it should not.
func scriptPages(ts *testscript.TestScript, neg bool, args []string) {
	all := ts.Value(pagesKey{}).(map[string]*served)
	var body string
	var err error
	switch {
	case args[0] == "start":
		s := startPages(ts, args[1:]...)
		all["pages"] = s
		ts.Defer(func() {
			if all["pages"] == s {
				s.stop()
			}
		})
		passphrase, err := os.ReadFile(ts.Getenv("BUNDEL_PASSPHRASE_FILE"))
		ts.Check(err)
		_, err = s.ask("POST", "/unlock", url.Values{"wachtzin": {strings.TrimSpace(string(passphrase))}})
		ts.Check(err)
		return
	case args[0] == "stop":
		exit, said := all["pages"].stop()
		if delete(all, "pages"); exit != 0 || strings.Contains(said, "shlink") {
			ts.Fatalf("exit %d: %s", exit, said)
		}
		return
	case args[0] == "get" && len(args) == 2:
		body, err = all["pages"].ask("GET", args[1], nil)
	case args[0] == "post" && len(args) == 3:
		form, _ := url.ParseQuery(args[2])
		body, err = all["pages"].ask("POST", args[1], form)
	default:
		ts.Fatalf("usage: pages start ARGS | get PATH | post PATH FORM | stop")
	}
	if (err != nil) != neg {
		ts.Fatalf("%s: %v", args[1], err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("page"), []byte(body), 0o600))
}
