//go:build e2e

package desk

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// atProvider goes through the pages of a provider, agrees, and waits until the
// page that the browser comes back to says something.
func (v *visitor) atProvider(says string) {
	v.t.Helper()
	step := func(form string) {
		v.t.Helper()
		if err := chromedp.Do(v.ctx, chromedp.WaitReady(`form[action$="`+form+`"] button`), chromedp.Click(`form[action$="`+form+`"] button`)); err != nil {
			v.t.Fatalf("at the provider, %s: %v", form, err)
		}
	}
	if err := chromedp.Do(v.ctx, chromedp.Click(`a.button.main[rel=noreferrer]`)); err != nil {
		v.t.Fatal(err)
	}
	step("/continue")
	if err := chromedp.Do(v.ctx, chromedp.WaitReady(`form[action$="/login"] button`)); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](`(() => { for (const o of document.querySelectorAll('[name=persona]')) { o.checked = o.value === 'anna'; if (o.tagName === 'SELECT') o.value = 'anna'; } return true; })()`)); err != nil {
		v.t.Fatal(err)
	}
	step("/login")
	step("/consent")
	v.expect(says)
}

// post presses the button of the form that goes to an address.
func (v *visitor) post(form, says string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.Click(`form[action="`+form+`"] button`)); err != nil {
		v.t.Fatal(err)
	}
	v.expect(says)
}

// TestThePlanInABrowser is the whole way with scripts: three providers chosen,
// three logins one after the other, one that does not answer and then does, one
// that is disconnected and kept, one that is erased.
func TestThePlanInABrowser(t *testing.T) {
	b := newBench(t)
	v := newVisitor(t, b.Desk)
	if err := b.SetRedirect(v.url + "/oauth/callback"); err != nil {
		t.Fatal(err)
	}
	v.open("/unlock", "Uw bundel is dicht")
	v.fill("f-wachtzin", passphrase)
	v.press("Maak open", "U hebt nog geen zorgverlener")
	for i, name := range []string{"huisarts linde", "apotheek zon", "noordzee"} {
		v.open("/z", "Bij wie wilt u gegevens ophalen?")
		v.fill("f-q", name)
		v.post("/z/zoek", "gevonden.")
		v.post("/z/plan", "U logt "+string(rune('1'+i))+" keer in.")
	}
	if err := b.net.Fault(mock.Fault{On: "resource:35", Kind: "status", Status: 503}); err != nil {
		t.Fatal(err)
	}
	v.post("/z/begin", "Keer 1 van 3.")
	v.atProvider("1 van 3 keer inloggen is gedaan.")
	v.post("/z/begin", "Keer 2 van 3.")
	v.atProvider("2 van 3 keer inloggen is gedaan.")
	v.post("/z/begin", "Keer 3 van 3.")
	v.atProvider("Gegevens ophalen")
	v.expect("2 van 3 zijn klaar.")
	v.expect("Apotheek De Zon reageert niet. Dat ligt niet aan u.")
	if err := b.net.SetFaults(); err != nil {
		t.Fatal(err)
	}
	v.post("/z/haal", "3 van 3 zijn klaar.")

	v.open("/z", "U hebt 3 zorgverleners toegevoegd.")
	v.press("Huisartsenpraktijk De Linde", "Loskoppelen")
	v.press("Loskoppelen", "U stopt met ophalen bij Huisartsenpraktijk De Linde.")
	v.press("Koppel los", "Losgekoppeld. Wat u had, staat er nog.")
	v.press("Apotheek De Zon", "Loskoppelen")
	v.press("Loskoppelen", "U stopt met ophalen bij Apotheek De Zon.")
	v.press("Bekijk wat verdwijnt", "U wist wat van Apotheek De Zon kwam.")
	v.press("Wis deze gegevens", "Gewist. Er is niets van over in uw bundel.")
	if n := b.leftOf(t, thePharmacy); n != 0 || b.leftOf(t, theGP) == 0 {
		t.Errorf("%d things are left of what was erased", n)
	}
	v.open("/z/volledig", "Wat er is, en wat niet")
}
