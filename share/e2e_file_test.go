//go:build e2e

package share

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// openFile opens a page from a folder, as out of a mail, on a phone.
func (b *reader) openFile(page []byte) {
	b.t.Helper()
	name := filepath.Join(b.t.TempDir(), "summary.html")
	if err := os.WriteFile(name, page, 0o600); err != nil {
		b.t.Fatal(err)
	}
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(390, 900), chromedp.Navigate("file://"+filepath.ToSlash(name))); err != nil {
		b.t.Fatal(err)
	}
}

// try types a code and waits until the page has answered.
func (b *reader) try(code string) string {
	b.t.Helper()
	eval[int](b, `document.getElementById("code").value = "`+code+`", document.querySelector("button").click(), 1`)
	b.waitFor(`!document.getElementById("ask") || !["", JSON.parse(document.getElementById("words").textContent).busy].includes(document.getElementById("say").textContent)`)
	return eval[string](b, `document.getElementById("say")?.textContent ?? ""`)
}

// TestALockedFileInABrowser opens a file as its reader does: a code that is too
// short, a wrong one, and the right one as a person types it. It has all
// sections, fits a phone, and reached for nothing.
func TestALockedFileInABrowser(t *testing.T) {
	records := annaRecords(t)
	summary, bundle := ips(t, readied(t, Own(merged(t, records, "nl")), records, "nl"))
	lock := Lock{Code: NewFileCode(), Lang: "nl"} // with the real count
	page, err := lock.HTML(summary)
	if err != nil {
		t.Fatal(err)
	}
	b := newReader(t, "nl-NL")
	b.openFile(page)
	if said := b.try("abc"); !strings.Contains(said, "16 letters") {
		t.Errorf("a short code: %q", said)
	}
	if said := b.try(NewFileCode()); !strings.Contains(said, "past niet") {
		t.Errorf("a wrong code: %q", said)
	}
	if shown := eval[string](b, `document.body.innerText`); strings.Contains(shown, "Anna") {
		t.Error("something is shown before it is open")
	}
	begun := time.Now()
	if said := b.try(strings.ToLower(strings.ReplaceAll(lock.Code, "-", " "))); said != "" {
		t.Fatalf("the right code: %q", said)
	}
	t.Logf("opened %d bytes in %v", len(page), time.Since(begun).Round(time.Millisecond))
	shown := eval[string](b, `document.body.innerText`)
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
	if rows := eval[int](b, `document.querySelectorAll("tbody tr").length`); rows < 100 {
		t.Errorf("%d rows", rows)
	}
	if got := eval[string](b, `document.activeElement.tagName`); got != "H1" {
		t.Errorf("focus is on %s", got)
	}
	if over := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		t.Errorf("it runs %d px off a phone", over)
	}
	b.still()
	if len(b.complaints) > 0 {
		t.Errorf("the browser complained: %s", strings.Join(b.complaints, "\n"))
	}
}

// still: nothing was fetched but the file itself.
func (b *reader) still() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.asked {
		if !strings.HasPrefix(url, "file:") && url != "about:blank" {
			b.t.Error("the page reached for something else")
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
	b := newReader(t, "nl-NL")
	b.openFile(page)
	if said := b.try(lock.Code); said != "" {
		t.Fatal(said)
	}
	if got := eval[int](b, `document.querySelectorAll("#content script, #content img, #content i, #content b, #content [onclick]").length`); got != 0 {
		t.Errorf("%d elements that a narrative may not bring", got)
	}
	if shown := eval[string](b, `document.getElementById("content").innerText`); !strings.Contains(shown, "een") || !strings.Contains(shown, "<b>twee") || !strings.Contains(shown, "<i>S") {
		t.Errorf("shown: %q", shown)
	}
	b.still()
}
