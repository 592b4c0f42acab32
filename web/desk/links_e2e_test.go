//go:build e2e

package desk

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/bundel-pgo/bundel/web"
)

// reader is the other side: a tab of its own before the page of the relay.
func (v *visitor) reader(l web.GivenLink, says string) {
	v.t.Helper()
	tab, cancel := chromedp.NewContext(v.ctx)
	defer cancel()
	fill := `document.getElementById('who').value = 'Dra. García'; document.getElementById('passcode').value = '` + l.Passcode + `'; document.querySelector('#ask button').click(); 1`
	if err := chromedp.Do(tab, chromedp.Navigate(l.URI)); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Run(tab, chromedp.Poll[bool](`!document.getElementById('ask').hidden`)); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Run(tab, chromedp.Evaluate[int](fill)); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Run(tab, chromedp.Poll[bool](`document.body.textContent.includes('`+says+`')`)); err != nil {
		v.t.Fatalf("the reader does not see %q: %v", says, err)
	}
}

// TestALinkInABrowser makes a link, lets somebody open it, sees that, stops it,
// and the other finds nothing any more.
func TestALinkInABrowser(t *testing.T) {
	b := newRelayed(t)
	b.now.set(time.Now()) // the page of the reader goes by its own clock
	v := newVisitor(t, b.Desk)
	v.open("/unlock", "Uw bundel is dicht")
	v.fill("f-wachtzin", passphrase)
	v.press("Maak open", "medicijn")
	v.open("/d/link", "Er staat geen link open.")
	v.press("Maak een link", "Wie mag wat zien, en hoe lang?")
	v.fill("f-naam", "Arts in Spanje")
	if err := chromedp.Do(v.ctx, chromedp.Click("#f-wat-0"), chromedp.Click("#f-keer-2")); err != nil {
		t.Fatal(err)
	}
	v.press("Maak de link", "Niemand opende de link nog.")
	l := b.only()
	v.reader(l, "Ibuprofen")
	v.open("/d/link/"+l.ID, "Dra. García")
	v.open("/d/link", "1 keer geopend")
	v.press("Stop nu", "Deze link is dicht.")
	v.reader(l, "This link does not work, or not any more.")
}
