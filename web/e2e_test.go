//go:build e2e

package web

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
)

// site is a headless browser before the storybook. It reaches nothing but this
// machine, and keeps what the browser complained about.
type site struct {
	t   *testing.T
	ctx context.Context
	url string

	mu         sync.Mutex
	complaints []string
}

func newSite(t *testing.T) *site {
	t.Helper()
	srv := httptest.NewServer(Storybook())
	t.Cleanup(srv.Close)
	dir, err := os.MkdirTemp("", "bundel-e2e")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(dir),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	)
	s := &site{t: t, url: srv.URL}
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	s.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(s.listen))
	t.Cleanup(cancel)
	return s
}

// listen keeps what the policy of a page refused. That a page answers with an
// error is what some stories are about.
func (s *site) listen(ev any) {
	if e, ok := ev.(*log.EventEntryAdded); ok && e.Entry.Source != log.EntrySourceRecommendation && !strings.Contains(e.Entry.Text, "responded with a status of") {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.complaints = append(s.complaints, e.Entry.Text)
	}
}

// open shows a story on a screen of a width.
func (s *site) open(story string, width int64) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(s.url+"/nl/"+story)); err != nil {
		s.t.Fatalf("%s at %d: %v", story, width, err)
	}
}

// resize shows the page that is open on another screen.
func (s *site) resize(width int64) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, chromedp.EmulateViewport(width, 900)); err != nil {
		s.t.Fatal(err)
	}
}

// eval gives the value of an expression on the page.
func eval[T any](s *site, expression string) T {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// shoot keeps a picture in $BUNDEL_SHOTS, when that is set.
func (s *site) shoot(name string) {
	s.t.Helper()
	dir := os.Getenv("BUNDEL_SHOTS")
	if dir == "" {
		return
	}
	// Everything that is fixed to the window stands where the page ends.
	height := eval[int64](s, `document.documentElement.scrollHeight`)
	width := eval[int64](s, `innerWidth`)
	if err := chromedp.Do(s.ctx, chromedp.EmulateViewport(width, height)); err != nil {
		s.t.Fatal(err)
	}
	png, err := chromedp.Run(s.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// small are the controls that are lower than 44 px (product.md 6.16). Of a tick the
// row is the target; a link within a sentence is as high as its line.
const small = `[...document.querySelectorAll('a,button,input:not([type=hidden]),select')].filter(e => {
	const within = e.matches('[type=checkbox],[type=radio]') && e.closest('label,.tick') || e;
	const b = within.getBoundingClientRect();
	const words = [...e.parentNode.childNodes].some(n => n.nodeType === 3 && /\p{L}{2}/u.test(n.data));
	return b.width > 1 && b.height > 0 && b.height < 43.5 && !e.closest('.away,.skip') && !(e.tagName === 'A' && words && !e.matches('.button'));
}).map(e => e.outerHTML.slice(0, 90) + ' in ' + e.parentNode.outerHTML.slice(0, 70))`

// TestPagesInABrowser shows every page, looks for anything the policy of the
// pages refused, and checks that every target is large enough to touch.
// TestTextMayGrow checks that nothing runs off a narrow screen.
func TestPagesInABrowser(t *testing.T) {
	newSite(t).each(func(*site) {}, func(s *site, _ int, st story) {
		s.open(st.name, 1280)
		s.shoot(st.name + "-1280")
		s.resize(390)
		s.shoot(st.name + "-390")
		if found := eval[[]string](s, small); len(found) > 0 {
			s.t.Errorf("%s has targets lower than 44 px:\n%s", st.name, strings.Join(found, "\n"))
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.complaints) > 0 {
			s.t.Errorf("%s: the browser complained: %s", st.name, strings.Join(s.complaints, "\n"))
			s.complaints = nil
		}
	})
}

func TestDarkPages(t *testing.T) {
	s := newSite(t)
	dark := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	for _, name := range []string{"overview", "medicines", "result", "share", "unlock"} {
		s.open(name, 1280)
		if _, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, dark); err != nil {
			t.Fatal(err)
		}
		if got := eval[string](s, `getComputedStyle(document.documentElement).backgroundColor`); got != "rgb(23, 28, 25)" {
			t.Errorf("%s: the paper is %s", name, got)
		}
		s.shoot(name + "-dark")
	}
}

// TestTheBandCoversTheLine measures that the mark of a row lies on the line of
// the page, wide and narrow, and that focus goes to the heading.
func TestTheBandCoversTheLine(t *testing.T) {
	s := newSite(t)
	for width, want := range map[int64]float64{1280: 256, 390: 16} {
		s.open("medicines", width)
		if got := eval[float64](s, `document.querySelector('.bars .band').getBoundingClientRect().left`); got != want {
			t.Errorf("at %d the band begins at %v, the line at %v", width, got, want)
		}
		if got := eval[string](s, `document.activeElement.tagName`); got != "H1" {
			t.Errorf("focus is on %s", got)
		}
	}
}

// TestProgressRefreshesByItself lets the script fetch the page again and checks
// that the page itself stays.
func TestProgressRefreshesByItself(t *testing.T) {
	s := newSite(t)
	s.open("progress", 1280)
	eval[int](s, `window.here = 1`)
	if _, err := chromedp.Run(s.ctx, chromedp.Poll[bool](`performance.getEntriesByType('resource').some(e => e.initiatorType === 'xmlhttprequest')`)); err != nil {
		t.Fatal(err)
	}
	if got := eval[int](s, `window.here || 0`); got != 1 {
		t.Error("the page was loaded anew")
	}
}
