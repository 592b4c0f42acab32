package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
)

// cheap makes unlocking fast in tests; the cost of a real vault is measured.
var cheap = store.KDF{Time: 1, Memory: 8 << 10, Threads: 1}

// TestMain makes the test binary answer to "bundel" in scripts: the whole
// program, with a cheap key and a browser that is a program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bundel": func() {
		p := &Main{
			Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
			Now: time.Now, Browse: visit, ReadPassword: readPassword, KDF: cheap,
			Keyring: drawerOf(os.Getenv("BUNDEL_TEST_KEYRING")),
		}
		os.Exit(p.Run(context.Background(), os.Args[1:]))
	}})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: ownFolder,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"providers": startProviders, "code": exitCode, "jsonhas": jsonHas, "jsonenv": jsonEnv,
			"relay": scriptRelay, "openlink": scriptOpen, "pages": scriptPages,
		},
	})
}

// ownFolder gives a script a home, a vault and a passphrase of its own.
func ownFolder(e *testscript.Env) error {
	e.Values[relayKey{}], e.Values[pagesKey{}] = map[string]func() (int, string){}, map[string]*served{}
	e.Setenv("HOME", e.WorkDir)
	e.Setenv("GORACE", os.Getenv("GORACE")) // a script hands on nothing by itself
	e.Setenv("BUNDEL_STORE", filepath.Join(e.WorkDir, "vault.bundel"))
	e.Setenv("BUNDEL_PASSPHRASE_FILE", filepath.Join(e.WorkDir, "passphrase"))
	return os.WriteFile(filepath.Join(e.WorkDir, "passphrase"), []byte("een lange wachtzin\n"), 0o600)
}

// startProviders starts the mock providers and writes config.json; the token
// of anna is $ANNA. With "full" all of them; with "fault ENDPOINT STATUS" the
// endpoint answers that.
func startProviders(ts *testscript.TestScript, neg bool, args []string) {
	var cfg mock.Config
	if len(args) == 1 && args[0] == "full" {
		cfg = mock.Full()
	}
	n, err := mock.Serve(context.Background(), cfg)
	ts.Check(err)
	ts.Defer(func() { n.Close() })
	if len(args) == 3 && args[0] == "fault" {
		status, err := strconv.Atoi(args[2])
		ts.Check(err)
		ts.Check(n.Fault(mock.Fault{On: args[1], Kind: "status", Status: status}))
	}
	raw, err := json.Marshal(map[string]any{
		"clientID": n.ClientID, "dev": true,
		"lists": map[string]any{"url": n.ListsURL, "addressBook": n.AddressBookURL},
		"tls":   map[string]any{"clientCert": n.ClientCertFile, "clientKey": n.ClientKeyFile, "backchannelRoots": n.CAFile},
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("config.json"), raw, 0o600))
	ts.Setenv("ANNA", n.Personas[0].Token)
}

// exitCode runs a command and compares its exit code: code 12 bundel sync.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// jsonHas checks that a file of JSON has a value at a path: jsonhas out.json
// items.0.subject medication. "len" is the length of a list.
func jsonHas(ts *testscript.TestScript, neg bool, args []string) {
	if got := jsonAt(ts, args[0], args[1]); (got == args[2]) == neg {
		ts.Fatalf("%s is %q", args[1], got)
	}
}

// jsonEnv sets a variable to a value of a file of JSON: jsonenv A out.json
// items.0.id.
func jsonEnv(ts *testscript.TestScript, neg bool, args []string) {
	ts.Setenv(args[0], jsonAt(ts, args[1], args[2]))
}

func jsonAt(ts *testscript.TestScript, file, path string) string {
	var value any
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	dec.UseNumber()
	ts.Check(dec.Decode(&value))
	for _, step := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			if step == "len" {
				value = len(v)
				continue
			}
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(v) {
				ts.Fatalf("%s has only %d", path, len(v))
			}
			value = v[i]
		default:
			ts.Fatalf("nothing at %s", path)
		}
	}
	return fmt.Sprint(value)
}

var button = regexp.MustCompile(`action="([^"]+/(continue|login|consent))"`)

// visit is a browser that logs in as anna: it keeps cookies, follows
// redirects and presses the button that goes on.
func visit(address string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	go func() {
		resp, err := client.Get(address)
		for step := 0; err == nil && step < 8; step++ {
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			found := button.FindStringSubmatch(string(body))
			if found == nil {
				return
			}
			next, _ := resp.Request.URL.Parse(found[1])
			resp, err = client.PostForm(next.String(), url.Values{"persona": {"anna"}, "indefinite": {"on"}})
		}
	}()
	return nil
}
