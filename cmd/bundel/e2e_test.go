//go:build e2e

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// startDemo runs `bundel demo` and gives the page at which it opens the
// browser.
func startDemo(t *testing.T) (start string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	opened := make(chan string, 1)
	m := &Main{
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, KDF: cheap,
		Getenv:       func(string) string { return "" },
		Browse:       func(address string) error { opened <- address; return nil },
		ReadPassword: func() ([]byte, error) { return nil, errNoTerminal },
	}
	var done sync.WaitGroup
	done.Go(func() {
		if code := m.Run(ctx, []string{"demo", "--quiet"}); code != 0 {
			t.Errorf("demo ended with %d", code)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
	select {
	case start = <-opened:
	case <-time.After(time.Minute):
		t.Fatal("the demonstration opened no browser")
	}
	return start
}

// visitor is a person with a browser.
type visitor struct {
	t   *testing.T
	ctx context.Context

	ready, busy string // what the page of progress says
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	v := &visitor{t: t, ready: "Klaar", busy: "Bezig"}
	v.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return v
}

func (v *visitor) do(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, steps...); err != nil {
		v.t.Fatal(errors.Join(err, v.where()))
	}
}

// wait waits until an expression holds, across pages.
func (v *visitor) wait(expression string) {
	v.t.Helper()
	for end := time.Now().Add(40 * time.Second); ; {
		if ok, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](`!!(`+expression+`)`)); err == nil && ok {
			return
		}
		if time.Now().After(end) {
			v.t.Fatal(errors.Join(errors.New("waited for "+expression), v.where()))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// press clicks what the selector finds, once it is there.
func (v *visitor) press(selector string) {
	v.t.Helper()
	v.wait(`document.querySelector(` + "`" + selector + "`" + `)`)
	v.do(chromedp.Click(selector))
}

func (v *visitor) read() string {
	v.t.Helper()
	text, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`document.querySelector('main').innerText`))
	if err != nil {
		v.t.Fatal(err)
	}
	return text
}

// where tells at which page the browser is, without its query.
func (v *visitor) where() error {
	v.shot("stuck")
	text, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`location.origin + location.pathname + "\n" + document.body.innerText.slice(0, 1500)`))
	return errors.Join(err, errors.New(text))
}

// shot keeps a picture of the page when BUNDEL_SHOTS names a folder.
func (v *visitor) shot(name string) {
	dir := os.Getenv("BUNDEL_SHOTS")
	if dir == "" {
		return
	}
	_ = chromedp.Do(v.ctx, chromedp.EmulateViewport(1280, 900))
	png, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		v.t.Log(err)
	}
}

// choose searches a provider on the pages and puts it into the plan.
func (v *visitor) choose(query, name string) {
	v.t.Helper()
	v.open("/z")
	v.wait(`document.querySelector('form[action="/z/zoek"] input')`)
	v.do(chromedp.SetValue(`form[action="/z/zoek"] input`, query))
	v.press(`form[action="/z/zoek"] button`)
	v.wait(`document.querySelector('form[action="/z/plan"] button')`)
	v.shot("found-" + name)
	v.press(`form[action="/z/plan"] button`)
	v.wait(`location.pathname === '/z/plan' && document.querySelector('form[action="/z/begin"] button')`)
	v.shot("plan-" + name)
}

// connect searches a provider on the pages, logs in at the provider's own as
// anna, and waits until the collecting is done.
func (v *visitor) connect(query, name string) {
	v.t.Helper()
	v.choose(query, name)
	v.press(`form[action="/z/begin"] button`)
	v.logIn(name)
	v.wait(`location.pathname === '/z/bezig' && document.querySelector('main').innerText.includes('` + v.ready + `') && !document.querySelector('main').innerText.includes('` + v.busy + `')`)
	v.shot("progress-" + name)
}

// logIn leaves Bundel and logs in and agrees at the provider's own pages.
func (v *visitor) logIn(name string) {
	v.t.Helper()
	v.wait(`document.querySelector('a.button.main[rel=noreferrer]')`)
	v.shot("leave-" + name)
	v.press(`a.button.main`)
	v.press(`form[action$="/continue"] button`)
	v.wait(`document.querySelector('form[action$="/login"]')`)
	v.shot("login-" + name)
	_, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](`(() => { const f = document.querySelector('form[action$="/login"]');
		for (const o of f.querySelectorAll('input[name=persona]')) o.checked = o.value === 'anna';
		const s = f.querySelector('select[name=persona]'); if (s) s.value = 'anna'; return true; })()`))
	if err != nil {
		v.t.Fatal(err)
	}
	v.press(`form[action$="/login"] button`)
	v.wait(`document.querySelector('form[action$="/consent"] button')`)
	v.shot("consent-" + name)
	v.press(`form[action$="/consent"] button`)
}

// open follows the link of the navigation.
func (v *visitor) open(path string) {
	v.t.Helper()
	v.press(`nav a[href="` + path + `"]`)
	v.wait(`location.pathname === "` + path + `" && document.readyState === 'complete'`)
}

// TestThePersonInTheBrowser is the main job as a person does it, in a real
// browser: search, log in, consent, watch, read, add, share, send.
func TestThePersonInTheBrowser(t *testing.T) {
	start := startDemo(t)
	v := newVisitor(t)
	v.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(start))
	v.wait(`document.querySelector('nav a[href="/z"]')`)
	v.shot("first")
	v.connect("huisarts linde", "gp")
	v.connect("apotheek zon", "pharmacy")
	v.connect("noordzee", "hospital")
	for _, page := range []struct {
		path, name string
		says       []string
	}{
		{"/", "overview", []string{"Medicijnen", "verschil"}},
		{"/m", "medicines", []string{"Metoprolol", "Metformine", "Huisartsenpraktijk De Linde", "Apotheek De Zon", "Ziekenhuis Noordzee", "Verschil"}},
		{"/a", "allergies", []string{"Amoxicilline", "pinda"}},
		{"/u", "results", []string{"Kreatinine", "HbA1c"}},
		{"/b", "letters", []string{"Ontslagbrief"}},
		{"/d", "share", []string{"Huisartsenpraktijk De Linde"}},
		{"/z", "providers", []string{"Apotheek De Zon"}},
	} {
		v.open(page.path)
		v.shot(page.name)
		for _, want := range page.says {
			if text := v.read(); !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", page.name, want, text)
			}
		}
	}
	v.openClosed()
	v.takePart()
}

// openClosed chooses to see the one result that the demonstration keeps closed.
func (v *visitor) openClosed() {
	v.t.Helper()
	v.open("/u")
	v.shot("closed")
	v.press(`main a[href^="/k/"]`)
	v.wait(`location.pathname.startsWith('/k/') && document.querySelector('main form.choose')`)
	v.shot("choose")
	if text := v.read(); !strings.Contains(text, "U hoeft niet te kijken.") || !strings.Contains(text, "Ziekenhuis Noordzee") || strings.Contains(text, "Kreatinine") {
		v.t.Errorf("the page of a closed result says:\n%s", text)
	}
	v.press(`label[for="w-nu"]`)
	v.press(`main form.choose button`)
	v.wait(`location.pathname.startsWith('/u/') && document.querySelector('main h1')`)
	v.shot("opened")
	if text := v.read(); !strings.Contains(text, "Kreatinine") {
		v.t.Errorf("the opened result says:\n%s", text)
	}
	v.open("/u")
	v.wait(`!document.querySelector('main .seal')`)
}

// takePart adds a measurement, chooses to share it with the GP and sends it.
func (v *visitor) takePart() {
	v.t.Helper()
	v.do(chromedp.Evaluate[chromedp.Void](`location.assign('/e')`))
	v.wait(`location.pathname === '/e' && document.querySelector('main h1')`)
	v.shot("add")
	v.press(`main a[href="/e/1"]`)
	v.wait(`document.querySelector('#f-tweede')`)
	v.do(chromedp.SendKeys(`#f-waarde`, "128"), chromedp.SendKeys(`#f-tweede`, "79"))
	v.shot("add-first")
	v.press(`main form.ask button`)
	v.wait(`location.pathname === '/e/klaar'`)
	v.shot("added")
	v.open("/d")
	v.press(`input[type=checkbox][aria-label*="Metingen"][aria-label*="De Linde"]`)
	v.press(`form[action="/d"] button.main`)
	v.press(`form[action="/d/bewaar"] button.main`)
	v.wait(`location.search === '?ok'`)
	v.shot("share-chosen")
	v.press(`main a[href^="/d/post/"]`)
	v.wait(`location.pathname.startsWith('/d/post/') && document.querySelector('form[action="/d/stuur"] button.main')`)
	v.shot("parcel")
	v.press(`form[action="/d/stuur"] button.main`)
	v.logIn("send")
	v.wait(`location.pathname === '/d/verstuurd' && document.querySelector('main li')`)
	v.shot("sent")
	if text := v.read(); !strings.Contains(text, "aangekomen bij Huisartsenpraktijk De Linde") || !strings.Contains(text, "128") {
		v.t.Errorf("the sent page does not say what arrived:\n%s", text)
	}
}
