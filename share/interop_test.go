package share

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// relayOnNetwork serves a relay on this machine over HTTP. All its visitors are
// from one network.
func relayOnNetwork(t *testing.T) *Relay {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r := cheapRelay(t, func(c *RelayConfig) { c.PublicURL = "http://127.0.0.1:" + port })
	srv.Config.Handler = r.Handler()
	srv.Start()
	return r
}

// theirs opens a link with the npm package kill-the-clipboard, and prints the
// kinds of the resources or the name of the error.
const theirs = `
const { SHLViewer } = await import(process.argv[1]);
try {
	const v = new SHLViewer({ shlinkURI: process.argv[2] });
	const limit = process.argv[4] === '' ? {} : { embeddedLengthMax: Number(process.argv[4]) };
	const got = await v.resolveSHL({ recipient: 'npm', passcode: process.argv[3] || undefined, ...limit });
	console.log(got.fhirResources.map(r => r.resourceType).join());
} catch (e) { console.log(e.name); }`

// TestAnotherMakersViewerOpensOurLinks is a run against an implementation that
// shares nothing with ours. It needs Node, and in BUNDEL_SHL_NPM a folder in
// which "npm install kill-the-clipboard" was done.
func TestAnotherMakersViewerOpensOurLinks(t *testing.T) {
	dir := os.Getenv("BUNDEL_SHL_NPM")
	if dir == "" {
		t.Skip("BUNDEL_SHL_NPM names no folder with kill-the-clipboard")
	}
	r := relayOnNetwork(t)
	for _, c := range []struct {
		name     string
		o        Options
		passcode string // "right": that of the link
		limit    string
		want     string
	}{
		{"plain", Options{}, "", "", "Bundle"},
		{"by location", Options{}, "", "5", "Bundle"},
		{"passcode", Options{Passcode: true}, "right", "", "Bundle"},
		{"wrong passcode", Options{Passcode: true}, "1", "", "SHLInvalidPasscodeError"},
		{"long", Options{Long: true}, "", "", "Bundle"},
		{"one file", Options{Direct: true}, "", "", "Bundle"},
	} {
		l, err := publishAt(t.Context(), http.DefaultClient, r.PublicURL, someFiles(), c.o)
		if err != nil {
			t.Fatal(err)
		}
		if c.passcode == "right" {
			c.passcode = l.Passcode
		}
		if got := openWith(t, dir, l.URI, c.passcode, c.limit); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
		if err := Revoke(t.Context(), http.DefaultClient, l); err != nil {
			t.Fatal(err)
		}
		gone := "SHLManifestNotFoundError"
		if c.o.Direct { // it has no name for a file that is not there
			gone = "SHLNetworkError"
		}
		if got := openWith(t, dir, l.URI, c.passcode, c.limit); got != gone {
			t.Errorf("%s, revoked: %s", c.name, got)
		}
	}
}

func openWith(t *testing.T, dir, uri, passcode, limit string) string {
	t.Helper()
	module := filepath.Join(dir, "node_modules/kill-the-clipboard/dist/index.esm.js")
	out, err := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", theirs, module, uri, passcode, limit).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}
