package share

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// TestTheViewerIsSelfContained: no markup from words, no other places, nothing
// kept in the browser.
func TestTheViewerIsSelfContained(t *testing.T) {
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|localStorage|sessionStorage|indexedDB|cookie|\bstyle=|\son\w+=`)
	address := regexp.MustCompile(`https?://[^\s'"*]+`)
	total, files := 0, 0
	err := fs.WalkDir(Viewer(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(Viewer(), name)
		if err != nil {
			return err
		}
		total, files = total+len(raw), files+1
		if found := forbidden.FindString(string(raw)); found != "" {
			t.Errorf("%s has %s", name, found)
		}
		for _, a := range address.FindAllString(string(raw), -1) {
			if a != "https://github.com/bundel-pgo/bundel/fhir/source" && !strings.HasPrefix(a, "http://127.0.0.1:") {
				t.Errorf("%s names %s", name, a)
			}
		}
		return nil
	})
	if err != nil || files < 5 || total > 50_000 {
		t.Errorf("%v: %d files of %d bytes", err, files, total)
	}
}

func TestTheRelayServesTheViewer(t *testing.T) {
	r := cheapRelay(t, nil)
	for path, want := range map[string]struct {
		status int
		kind   string
	}{
		"/": {http.StatusSeeOther, ""}, "/v": {http.StatusSeeOther, ""}, "/v/": {http.StatusOK, "text/html"}, "/v/shl.js": {http.StatusOK, "text/javascript"},
		"/v/sheet.css": {http.StatusOK, "text/css"}, "/v/../relay.go": {http.StatusTemporaryRedirect, ""}, "/v/none": {http.StatusNotFound, "text/plain"},
	} {
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, r.PublicURL+path, nil))
		if w.Code != want.status || !strings.HasPrefix(w.Header().Get("Content-Type"), want.kind) {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		policy := w.Header().Get("Content-Security-Policy")
		if want.status == http.StatusOK && (!strings.Contains(policy, "connect-src 'self'") || strings.Contains(policy, "unsafe")) {
			t.Errorf("%s: policy %s", path, policy)
		}
	}
}

// TestTheViewerHasBothLanguages: every word in one language is there in the other.
func TestTheViewerHasBothLanguages(t *testing.T) {
	raw, err := fs.ReadFile(Viewer(), "words.js")
	if err != nil {
		t.Fatal(err)
	}
	nl, en, ok := strings.Cut(string(raw), "\n  en: {")
	if !ok {
		t.Fatal("no English")
	}
	name := regexp.MustCompile(`(?m)(?:^ {4}|, )(\w+): ['({]`)
	names := func(s string) string {
		var out []string
		for _, m := range name.FindAllStringSubmatch(strings.Split(s, "    kinds:")[0], -1) {
			out = append(out, m[1])
		}
		return strings.Join(out, " ")
	}
	if n, e := names(nl), names(en); n != e || len(n) < 200 {
		t.Errorf("nl: %s\nen: %s", n, e)
	}
}
