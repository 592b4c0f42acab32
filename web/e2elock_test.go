//go:build e2e

package web

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// live serves the example as the program does, with a short idle time, and lets
// the browser in.
func live(t *testing.T, idle time.Duration) (*site, *storyDesk) {
	t.Helper()
	desk := newStoryDesk()
	srv, err := New(Config{Desk: desk, Idle: idle, Now: func() time.Time { return storyNow }})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(t.Context(), ln) }()
	s := newSite(t)
	s.url = "http://" + ln.Addr().String()
	desk.become(Locked)
	s.visit("/unlock")
	s.must(chromedp.Do(s.ctx, chromedp.SendKeys("#f-wachtzin", "open\r"), chromedp.WaitVisible(".nav")))
	return s, desk
}

// visit goes to a page of the program.
func (s *site) visit(path string) {
	s.t.Helper()
	s.must(chromedp.Do(s.ctx, chromedp.Navigate(s.url+path)))
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// until waits for an expression on the page to be true.
func (s *site) until(expression string) {
	s.t.Helper()
	if _, err := chromedp.Run(s.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		s.t.Fatalf("%s: %v", expression, err)
	}
}

// TestTheWarningKeepsWhatIsTyped: it comes up without taking the focus, its button
// keeps the vault open, and the focus and the text are where they were.
func TestTheWarningKeepsWhatIsTyped(t *testing.T) {
	s, desk := live(t, 10*time.Second)
	s.visit("/e/12")
	s.must(chromedp.Do(s.ctx, chromedp.SendKeys("#f-waarde", "Ik slaap slecht")))
	s.until(`!document.getElementById('slot').hidden`)
	if got := eval[string](s, `document.activeElement.id + '|' + document.getElementById('slot').parentNode.getAttribute('role')`); got != "f-waarde|alert" {
		t.Errorf("the focus and the role: %s", got)
	}
	s.shoot("warning-1280")
	s.must(chromedp.Do(s.ctx, chromedp.Click("#slot button")))
	s.until(`document.getElementById('slot').hidden`)
	if got := eval[string](s, `document.activeElement.id + '|' + document.activeElement.value`); got != "f-waarde|Ik slaap slecht" {
		t.Errorf("after the button: %s", got)
	}
	s.until(`!document.getElementById('slot').hidden`) // the whole time has begun anew
	if desk.State() != Open {
		t.Error("closed though the person asked to stay")
	}
}

// TestBackAfterLockShowsNothing, by the button and by itself.
func TestBackAfterLockShowsNothing(t *testing.T) {
	s, desk := live(t, 4*time.Second)
	s.visit("/m")
	s.must(chromedp.Do(s.ctx, chromedp.Click("form[action='/lock'] button"), chromedp.WaitVisible("#f-wachtzin")))
	if desk.State() != Locked {
		t.Fatal("the vault is open")
	}
	for range 2 {
		s.must(chromedp.Do(s.ctx, chromedp.NavigateBack(), chromedp.WaitVisible("#f-wachtzin")))
		if text := eval[string](s, `document.documentElement.textContent`); strings.Contains(text, "Metoprolol") || strings.Contains(text, "Anna") {
			t.Error("the page of before is there")
		}
	}
	s.visit("/unlock")
	s.must(chromedp.Do(s.ctx, chromedp.SendKeys("#f-wachtzin", "open\r"), chromedp.WaitVisible(".nav")))
	s.must(chromedp.Do(s.ctx, chromedp.WaitVisible("#f-wachtzin"))) // nobody asked to stay
	s.must(chromedp.Do(s.ctx, chromedp.NavigateBack(), chromedp.WaitVisible("#f-wachtzin")))
}

// TestTypingKeepsTheVaultOpen: for longer than the idle time, without a button.
func TestTypingKeepsTheVaultOpen(t *testing.T) {
	s, desk := live(t, 4*time.Second)
	s.visit("/e/12")
	s.must(chromedp.Do(s.ctx, chromedp.Click("#f-waarde")))
	for range 18 {
		s.must(chromedp.Do(s.ctx, chromedp.SendKeys("#f-waarde", "a")))
		s.until(`(window.from ??= Date.now()) + 500 < Date.now() && delete window.from`)
	}
	if desk.State() != Open {
		t.Error("closed while somebody was typing")
	}
}

// TestWhatWasTypedComesBackAfterTheLock, by itself and by the button; and the page
// that is beside it goes when the vault closes.
func TestWhatWasTypedComesBackAfterTheLock(t *testing.T) {
	s, desk := live(t, 6*time.Second)
	s.visit("/e/12")
	s.must(chromedp.Do(s.ctx, chromedp.SendKeys("#f-waarde", "Ik slaap slecht")))
	s.must(chromedp.Do(s.ctx, chromedp.WaitVisible("#f-wachtzin"), chromedp.SendKeys("#f-wachtzin", "open\r"), chromedp.WaitVisible("#f-waarde")))
	if got := eval[string](s, `location.pathname + '|' + document.getElementById('f-waarde').value`); got != "/e/12|Ik slaap slecht" {
		t.Fatalf("after the time: %s", got)
	}
	s.shoot("draft-back-1280")
	beside := s.tab(t)
	beside.visit("/m")
	s.must(chromedp.Do(s.ctx, chromedp.Click("form[action='/lock'] button"), chromedp.WaitVisible("#f-wachtzin")))
	if desk.State() != Locked {
		t.Fatal("the vault is open")
	}
	beside.until(`location.pathname === '/unlock'`)
	s.must(chromedp.Do(s.ctx, chromedp.SendKeys("#f-wachtzin", "open\r"), chromedp.WaitVisible("#f-waarde")))
	if got := eval[string](s, `document.getElementById('f-waarde').value`); got != "Ik slaap slecht" {
		t.Errorf("after the button: %s", got)
	}
}
