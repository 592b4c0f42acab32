//go:build e2e

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheFiveTasks is what product.md 6.16 lets people try, in both languages:
// add a GP, read the latest result, find why two doses differ, make a sheet for
// an appointment, and stop sharing.
func TestTheFiveTasks(t *testing.T) {
	for _, l := range []struct {
		lang, ready, busy         string
		inUse, differ, shut, open string
	}{
		{"nl", "Klaar", "Bezig", "Medicijnen", "noemen iets anders", "Er staat nu niets open.", "U deelt nu met 1 persoon of zorgverlener."},
		{"en", "Ready", "Busy", "Medicines", "say different things", "Nothing is open now.", "You share with 1 person or care provider now."},
	} {
		t.Run(l.lang, func(t *testing.T) {
			v := newVisitor(t)
			v.ready, v.busy = l.ready, l.busy
			v.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(startDemo(t)))
			v.wait(`document.querySelector('nav a[href="/z"]')`)
			if l.lang == "en" {
				v.press(`nav form button[value="en"]`)
				v.wait(`document.documentElement.lang === 'en'`)
			}
			v.connect("huisarts linde", "gp")
			v.connect("noordzee", "hospital")
			v.open("/")
			v.says(l.inUse)
			v.readsTheLatest()
			v.findsWhyDosesDiffer(l.differ)
			v.makesASheet()
			v.stopsSharing(l.open, l.shut)
		})
	}
}

// readsTheLatest goes from the list of results to the newest of one, with its
// range and the laboratory.
func (v *visitor) readsTheLatest() {
	v.t.Helper()
	v.open("/u")
	v.press(`main .name a[href^="/u/"]`)
	v.wait(`location.pathname.startsWith('/u/') && document.querySelector('main svg.line') && document.querySelector('main table tbody tr')`)
	v.says("mmol/l")
}

// findsWhyDosesDiffer comes from the list of medicines to two leaves side by side.
func (v *visitor) findsWhyDosesDiffer(differ string) {
	v.t.Helper()
	v.open("/m")
	v.press(`main a.button[href^="/v/"]`)
	v.wait(`location.pathname.startsWith('/v/') && document.querySelectorAll('main .leaf').length > 1 && document.querySelector('main .leaf mark')`)
	v.says(differ)
}

// makesASheet takes a question of the person's own to the sheet.
func (v *visitor) makesASheet() {
	v.t.Helper()
	v.do(chromedp.Evaluate[chromedp.Void](`location.assign('/p')`))
	v.press(`main a[href="/p/1"]`)
	v.wait(`document.querySelector('#f-vraag1')`)
	v.do(chromedp.SetValue(`#f-vraag1`, "Welke dosis klopt?"))
	v.press(`main form button.main`)
	v.wait(`document.querySelector('main') && document.querySelector('main').innerText.includes('Welke dosis klopt?') && !document.querySelector('#f-vraag1')`)
	v.says("Metformine")
}

// stopsSharing shares the medicines with the GP, and ends it.
func (v *visitor) stopsSharing(open, shut string) {
	v.t.Helper()
	v.do(chromedp.Evaluate[chromedp.Void](`location.assign('/d')`))
	v.wait(`location.pathname === '/d' && document.querySelector('main h1')`)
	v.says(shut)
	v.press(`table.matrix tbody input[type=checkbox][value^="s:medication"]`)
	v.press(`form[action="/d"] button.main`)
	v.press(`form[action="/d/bewaar"] button.main`)
	v.wait(`location.search === '?ok'`)
	v.says(open)
	v.press(`form[action="/d/stop"] button`)
	v.wait(`!document.querySelector('form[action="/d/stop"]') && document.querySelector('main h1')`)
	v.says(shut)
}
