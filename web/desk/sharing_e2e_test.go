//go:build e2e

package desk

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/bundel-pgo/bundel/share"
)

// tick touches a tick or a round by the words beside it.
func (v *visitor) tick(words string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.Click(`//label[contains(., "`+words+`")]`)); err != nil {
		v.t.Fatal(words, err)
	}
}

// unlock types the passphrase.
func (v *visitor) unlock(says string) {
	v.t.Helper()
	v.fill("f-wachtzin", passphrase)
	v.press("Maak open", says)
}

// TestSharingInABrowser chooses, sees what that would add, saves, looks at what the
// other sees, shows it on this screen until that ends, stops, and finds all of it
// in the log.
func TestSharingInABrowser(t *testing.T) {
	d, now := sharing(t)
	v := newVisitor(t, d)
	v.open("/unlock", "Uw bundel is dicht")
	v.unlock("Overzicht")

	v.open("/d", "U deelt nog met niemand.")
	v.press("Iets delen", "Met wie wilt u iets delen?")
	v.fill("f-naam", "Bakkerij Smit")
	v.tick("Werkgever")
	v.tick("Metingen")
	v.press("Kijk wat dit deelt", "U bent nooit verplicht om dit te delen.")
	v.expect("Dit komt erbij")
	v.expect("Metingen (2)")
	v.tick("Deel ook nieuwe dingen met Bakkerij Smit")
	v.press("Bewaar", "Uw keuzes zijn bewaard.")
	v.expect("U deelt nu met 1 persoon of zorgverlener.")

	v.press("Bekijk precies wat Bakkerij Smit ziet", "Bakkerij Smit ziet 2 dingen.")
	v.open("/d", "Nu open")
	v.press("Bakkerij Smit", "Ook wat er later bij komt.")
	v.press("Begin nu", "Dit, en niets anders.")
	v.open("/m", "Dit, en niets anders.")
	now.pass(16 * time.Minute)
	if err := chromedp.Do(v.ctx, chromedp.Navigate(v.url+"/d/scherm")); err != nil {
		t.Fatal(err)
	}
	v.expect("Uw bundel is dicht")
	v.unlock("Overzicht")

	v.open("/d", "Nu open")
	v.press("Bakkerij Smit", "Begin nu")
	v.press("Begin nu", "Dit, en niets anders.")
	v.press("Klaar met laten zien", "Uw bundel is dicht")
	v.unlock("Overzicht")

	now.pass(time.Minute)
	v.open("/d", "Nu open")
	v.press("Stop nu", "kunnen wij niet terughalen")
	v.open("/d/logboek", "5 regels in het logboek.")
	for _, line := range []string{"U koos: mag dit zien", "U keek wat de ander ziet", "Op dit scherm laten zien", "U stopte met delen"} {
		v.expect(line)
	}
	if got := acts(t, d); got[len(got)-1] != share.ActRevoke {
		t.Errorf("%v", got)
	}
}
