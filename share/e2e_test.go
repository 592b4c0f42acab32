//go:build e2e

package share

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// reader is somebody with a browser and the file, from a folder, as in a mail.
type reader struct {
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	requests   []string
}

func newReader(t *testing.T, page []byte) *reader {
	t.Helper()
	dir, err := os.MkdirTemp("", "bundel-e2e")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	name := filepath.Join(dir, "summary.html")
	if err := os.WriteFile(name, page, 0o600); err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(dir, "browser")))
	r := &reader{}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	r.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(r.listen))
	t.Cleanup(cancel)
	if err := chromedp.Do(r.ctx, chromedp.EmulateViewport(390, 900), chromedp.Navigate("file://"+filepath.ToSlash(name))); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *reader) listen(ev any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		r.complaints = append(r.complaints, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		r.requests = append(r.requests, e.Request.URL)
	}
}

func value[T any](t *testing.T, r *reader, expression string) T {
	t.Helper()
	v, err := chromedp.Run(r.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// try types a code and waits until the page has answered.
func (r *reader) try(t *testing.T, code string) string {
	t.Helper()
	value[int](t, r, `document.getElementById("code").value = "`+code+`", document.querySelector("button").click(), 1`)
	if _, err := chromedp.Run(r.ctx, chromedp.Poll[bool](`!document.getElementById("ask") || !["", JSON.parse(document.getElementById("words").textContent).busy].includes(document.getElementById("say").textContent)`)); err != nil {
		t.Fatal(err)
	}
	return value[string](t, r, `document.getElementById("say")?.textContent ?? ""`)
}

// TestALockedFileInABrowser opens a file as its reader does: a code that is too
// short, a wrong one, and the right one as a person types it. It has all
// sections, fits a phone, and reached for nothing.
func TestALockedFileInABrowser(t *testing.T) {
	records := annaRecords(t)
	summary, bundle := ips(t, readied(t, Own(merged(t, records, "nl")), records, "nl"))
	lock := Lock{Code: NewCode(), Lang: "nl"} // with the real count
	page, err := lock.HTML(summary)
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t, page)
	if said := r.try(t, "abc"); !strings.Contains(said, "16 letters") {
		t.Errorf("a short code: %q", said)
	}
	if said := r.try(t, NewCode()); !strings.Contains(said, "past niet") {
		t.Errorf("a wrong code: %q", said)
	}
	if shown := value[string](t, r, `document.body.innerText`); strings.Contains(shown, "Anna") {
		t.Error("something is shown before it is open")
	}
	begun := time.Now()
	if said := r.try(t, strings.ToLower(strings.ReplaceAll(lock.Code, "-", " "))); said != "" {
		t.Fatalf("the right code: %q", said)
	}
	t.Logf("opened %d bytes in %v", len(page), time.Since(begun).Round(time.Millisecond))
	shown := value[string](t, r, `document.body.innerText`)
	for _, s := range bundle.All("entry")[0].Get("resource").All("section") {
		if !strings.Contains(shown, s.Str("title")) {
			t.Errorf("section %s is not shown", s.Str("title"))
		}
	}
	for _, want := range []string{"Anna de Vries", "2 april 1961", "1 juni 2026", "Zelf toegevoegd", "kan niet worden teruggehaald"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown", want)
		}
	}
	if rows := value[int](t, r, `document.querySelectorAll("tbody tr").length`); rows < 100 {
		t.Errorf("%d rows", rows)
	}
	if got := value[string](t, r, `document.activeElement.tagName`); got != "H1" {
		t.Errorf("focus is on %s", got)
	}
	if over := value[int](t, r, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		t.Errorf("it runs %d px off a phone", over)
	}
	r.still(t)
	if len(r.complaints) > 0 {
		t.Errorf("the browser complained: %s", strings.Join(r.complaints, "\n"))
	}
}

// still: nothing was fetched but the file itself.
func (r *reader) still(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, url := range r.requests {
		if !strings.HasPrefix(url, "file:") {
			t.Error("the page reached for something else")
		}
	}
}

// TestANarrativeIsNoMarkup: what a source wrote is text on the page, and what
// is no table or words in a narrative is left out.
func TestANarrativeIsNoMarkup(t *testing.T) {
	div := `<div xmlns='http://www.w3.org/1999/xhtml'><p onclick='x()'>een<script>document.title='x'</script></p><img src='http://127.0.0.1:1/'/><td>&lt;b&gt;twee</td></div>`
	summary := `{"entry":[{"resource":{"resourceType":"Composition","title":"T","date":"2026-06-01","section":[{"title":"<i>S","text":{"div":"` + div + `"}}]}},{"resource":{"resourceType":"Patient"}}]}`
	lock := cheapLock("en")
	page, err := lock.HTML([]byte(summary))
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t, page)
	if said := r.try(t, lock.Code); said != "" {
		t.Fatal(said)
	}
	if got := value[int](t, r, `document.querySelectorAll("#summary script, #summary img, #summary i, #summary b, #summary [onclick]").length`); got != 0 {
		t.Errorf("%d elements that a narrative may not bring", got)
	}
	if shown := value[string](t, r, `document.getElementById("summary").innerText`); !strings.Contains(shown, "een") || !strings.Contains(shown, "<b>twee") || !strings.Contains(shown, "<i>S") {
		t.Errorf("shown: %q", shown)
	}
	r.still(t)
}
