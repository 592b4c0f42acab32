//go:build e2e

package web

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// typist is a person who has a keyboard and no mouse, before a real Server
// with the example behind it.
type typist struct{ *site }

func newTypist(t *testing.T, change func(*storyDesk)) typist {
	t.Helper()
	desk := newStoryDesk()
	change(desk)
	desk.become(Locked)
	s, err := New(Config{Desk: desk})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(t.Context(), ln) }()
	p := typist{newSite(t)}
	p.focused()
	p.url = "http://" + ln.Addr().String()
	p.at("/unlock", func() {
		if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(390, 800), chromedp.Navigate(p.url+"/unlock")); err != nil {
			t.Fatal(err)
		}
	})
	return p
}

// waits until an expression holds, across pages: on the way to another one the
// browser cannot answer.
func (p typist) waits(expression string) {
	p.t.Helper()
	var err error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if _, err = chromedp.Run(p.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(5*time.Second))); err == nil {
			return
		}
	}
	p.t.Fatalf("waited for %s at %s: %v", expression, eval[string](p.site, `location.pathname`), err)
}

// at does something that leads to a path, where the focus then is on the
// heading, or on the one field that asked for it.
func (p typist) at(path string, do func()) {
	p.t.Helper()
	do()
	p.waits(fmt.Sprintf(`location.pathname === %q && document.readyState === 'complete'`, path))
	if got := eval[string](p.site, `document.activeElement.matches('h1,[autofocus]') ? '' : document.activeElement.outerHTML.slice(0, 90)`); got != "" {
		p.t.Errorf("on %s the focus begins on %s", path, got)
	}
}

// to presses Tab until the focus is on what the selector finds.
func (p typist) to(selector string) {
	p.t.Helper()
	for range 90 {
		if eval[bool](p.site, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
		p.tabs(1)
	}
	p.t.Fatalf("Tab does not reach %s on %s", selector, eval[string](p.site, `location.pathname`))
}

// press presses a key that does something where the focus is.
func (p typist) press(key string) {
	p.t.Helper()
	code := map[string]int64{"Enter": 13, " ": 32, "ArrowDown": 40}[key]
	text := map[string]string{"Enter": "\r", " ": " "}[key]
	for _, params := range []input.DispatchKeyEventParams{
		{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: text, WindowsVirtualKeyCode: code},
		{Type: input.DispatchKeyEventTypeKeyUp, Key: key, WindowsVirtualKeyCode: code},
	} {
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, params); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p typist) types(text string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.KeyEvent(text)); err != nil {
		p.t.Fatal(err)
	}
}

// follows goes to a link or button with Tab and presses Enter on it.
func (p typist) follows(selector, path string) {
	p.t.Helper()
	p.to(selector)
	p.at(path, func() { p.press("Enter") })
}

// TestTheKeyboardIsEnough does what a person does here without a mouse: open the
// vault, skip to the page, add, choose what to see, share, and connect.
func TestTheKeyboardIsEnough(t *testing.T) {
	p := newTypist(t, closed)
	p.types("open")
	p.at("/", func() { p.press("Enter") })
	p.to(".skip")
	p.press("Enter")
	p.waits(`document.activeElement.id === 'inhoud'`)
	p.adds()
	p.chooses()
	p.shares()
	p.connects()
}

// adds adds a measurement.
func (p typist) adds() {
	p.t.Helper()
	p.follows(`a[href="/e"]`, "/e")
	p.follows(`a[href="/e/1"]`, "/e/1")
	p.to("#f-waarde")
	p.types("128")
	p.tabs(1)
	p.types("79")
	p.follows("main form.ask button", "/e/klaar")
}

// chooses chooses when to see a result that is closed.
func (p typist) chooses() {
	p.t.Helper()
	p.follows(`nav a[href="/u"]`, "/u")
	gate := eval[string](p.site, `document.querySelector('main a[href^="/k/"]').pathname`)
	p.follows(`main a[href="`+gate+`"]`, gate)
	p.to("input[name=wanneer]")
	p.press(" ")
	p.press("ArrowDown")
	p.waits(`document.activeElement.type === 'radio' && document.activeElement.checked`)
	p.to("main form.choose button")
	p.press("Enter")
	p.waits(`!location.pathname.startsWith('/k') && document.readyState === 'complete'`)
}

// shares changes a tick and saves it.
func (p typist) shares() {
	p.t.Helper()
	p.follows(`nav a[href="/d"]`, "/d")
	p.to("main input[type=checkbox]")
	before := eval[bool](p.site, `document.activeElement.checked`)
	p.press(" ")
	p.waits(fmt.Sprintf(`document.activeElement.checked === %v`, !before))
	p.to(`form[action="/d"] button.main`)
	p.press("Enter")
	p.waits(`!!document.querySelector('form[action="/d/bewaar"]') && document.readyState === 'complete'`)
	p.to(`form[action="/d/bewaar"] button.main`) // what it would change is shown first
	p.press("Enter")
	p.waits(`location.search === '?ok' && document.readyState === 'complete'`)
}

// connects looks for a provider and comes to the button that leads there.
func (p typist) connects() {
	p.t.Helper()
	p.follows(`nav a[href="/menu"]`, "/menu")
	p.follows(`main a[href="/z"]`, "/z")
	p.to("#f-q")
	p.types("linde")
	p.at("/z/zoek", func() { p.press("Enter") })
	p.follows(`form[action="/z/plan"] button`, "/z/plan")
	p.follows(`form[action="/z/begin"] button`, "/z/begin")
	p.to("a.button.main[rel=noreferrer]")
}
