//go:build e2e

package desk

import (
	"context"
	"net"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/bundel-pgo/bundel/web"
)

// visitor is a headless browser before the pages of a real vault. It reaches
// nothing but this machine.
type visitor struct {
	t   *testing.T
	ctx context.Context
	url string
}

func newVisitor(t *testing.T, d *Desk) *visitor {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.New(web.Config{Desk: d.Pages(t.Context()), Port: listener.Addr().(*net.TCPAddr).Port, Lang: "nl", Now: d.Now, Idle: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(s.Handler())
	_ = srv.Listener.Close()
	srv.Listener = listener
	srv.Start()
	t.Cleanup(srv.Close)
	dir, err := os.MkdirTemp("", "bundel-e2e")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(dir))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return &visitor{t, ctx, srv.URL}
}

// open goes to a page and waits for what it must say.
func (v *visitor) open(path, says string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.Navigate(v.url+path)); err != nil {
		v.t.Fatal(path, err)
	}
	v.expect(says)
}

// fill replaces what a field holds.
func (v *visitor) fill(field, value string) {
	v.t.Helper()
	if _, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`document.getElementById("`+field+`").value = ""`)); err != nil {
		v.t.Fatal(field, err)
	}
	if err := chromedp.Do(v.ctx, chromedp.SendKeys("#"+field, value)); err != nil {
		v.t.Fatal(field, err)
	}
}

// press touches a button or link and waits for what the next page must say.
func (v *visitor) press(name, says string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.Click(`//*[(self::a or self::button) and contains(., "`+name+`")]`)); err != nil {
		v.t.Fatal(name, err)
	}
	v.expect(says)
}

func (v *visitor) expect(says string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.WaitReady(`//main//*[contains(translate(., "`+"\u00a0"+`", " "), "`+says+`")]`)); err != nil {
		v.t.Fatalf("%q is not on the page: %v", says, err)
	}
}

// TestOwnEntriesInABrowser adds, changes, removes and brings back an entry, and
// sets a target.
func TestOwnEntriesInABrowser(t *testing.T) {
	d, now := moving(t)
	v := newVisitor(t, d)
	v.open("/unlock", "Uw bundel is dicht")
	v.fill("f-wachtzin", passphrase)
	v.press("Maak open", "U hebt nog geen zorgverlener")

	v.open("/e/2", "Wat is uw gewicht?")
	v.fill("f-waarde", "8l,4")
	v.press("Bewaar", "Typ een getal")
	v.fill("f-waarde", "81,4")
	v.press("Bewaar", "Het is bewaard.")
	now.pass(time.Hour)
	v.open("/e/2", "Wat is uw gewicht?")
	v.fill("f-waarde", "92")
	v.press("Bewaar", "Klopt dit?")
	v.press("Ja, dit klopt", "Het is bewaard.")

	v.press("Alles wat u toevoegde", "U voegde 2 dingen toe.")
	v.press("92", "Verander dit")
	v.press("Verander dit", "Wat moet het zijn?")
	v.fill("f-waarde", "82")
	v.press("Bewaar", "Het is veranderd.")
	v.press("Haal dit weg", "U hebt dit weggehaald op")
	v.press("Zet het terug", "Teruggezet op")

	v.open("/u", "Gewicht")
	v.press("Gewicht", "Vul een streefwaarde in")
	v.press("Vul een streefwaarde in", "Wat is uw streefwaarde?")
	v.fill("f-onder", "80")
	v.press("Bewaar streefwaarde", "Uw streefwaarde: onder 80 kg.")
	v.expect("uw streefwaarde")
	v.press("Verander uw streefwaarde", "Wat is uw streefwaarde?")
	v.press("Haal deze streefwaarde weg", "Vul een streefwaarde in")
}
