package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMockScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/mock",
		Setup: ownFolder,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mockserve": mockServe, "code": exitCode, "jsonhas": jsonHas, "status": httpStatus,
		},
	})
}

// mockServe runs "bundel mock serve" with arguments until the script ends. The
// first line goes to ready.json, and config.json is for a client of it.
func mockServe(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithCancel(context.Background())
	read, write := io.Pipe()
	done := make(chan int, 1)
	p := &Main{Stdout: write, Stderr: io.Discard, Getenv: ts.Getenv, Now: time.Now}
	for i := range args { // paths of the script, not of this process
		if _, err := os.Stat(ts.MkAbs(args[i])); err == nil {
			args[i] = ts.MkAbs(args[i])
		}
	}
	go func() {
		done <- p.Run(ctx, append([]string{"mock", "serve"}, args...))
		write.Close()
	}()
	ts.Defer(func() {
		cancel()
		if code := <-done; code != 0 {
			ts.Logf("mock serve ended with %d", code)
		}
	})
	line, err := bufio.NewReader(read).ReadString('\n')
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("ready.json"), []byte(line), 0o600))
	var ready struct{ Lists, AddressBook, ClientID, ClientCert, ClientKey, CA, Admin string }
	ts.Check(json.Unmarshal([]byte(line), &ready))
	config, err := json.Marshal(map[string]any{
		"clientID": ready.ClientID, "dev": true,
		"lists": map[string]any{"url": ready.Lists, "addressBook": ready.AddressBook},
		"tls":   map[string]any{"clientCert": ready.ClientCert, "clientKey": ready.ClientKey, "backchannelRoots": ready.CA},
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("config.json"), config, 0o600))
	ts.Setenv("ADMIN", ready.Admin)
}

// httpStatus asks the admin endpoint: status 200 /admin/faults. The answer is
// kept in answer.json.
func httpStatus(ts *testscript.TestScript, _ bool, args []string) {
	at, err := url.Parse(ts.Getenv("ADMIN") + args[1])
	ts.Check(err)
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // loopback, and the test is not about TLS
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", at.Port()))
		},
	}}
	defer client.CloseIdleConnections()
	res, err := client.Get(at.String())
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer.json"), body, 0o600))
	if res.Status[:3] != args[0] {
		ts.Fatalf("%s: %s", args[1], res.Status)
	}
}
