//go:build e2e

package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// fill types in fields by their ids and presses the button of their form.
func (v *visitor) fill(pairs ...string) {
	v.t.Helper()
	form := ""
	for i := 0; i+1 < len(pairs); i += 2 {
		form = "#f-" + pairs[i]
		v.wait(`document.querySelector('` + form + `')`)
		v.do(chromedp.SetValue(form, pairs[i+1]))
	}
	v.press(`form:has(` + form + `) button:not([type=button])`)
}

// says waits until the page says something.
func (v *visitor) says(text string) {
	v.t.Helper()
	v.wait(`document.querySelector('main') && document.querySelector('main').innerText.includes('` + text + `')`)
}

// dark waits for a page that is dark with large letters and runs off no side.
func (v *visitor) dark(path string) {
	v.t.Helper()
	v.wait(`location.pathname === '` + path + `' && document.readyState === 'complete'`)
	v.wait(`getComputedStyle(document.documentElement).backgroundColor === 'rgb(23, 28, 25)' && getComputedStyle(document.documentElement).fontSize === '20px'`)
	v.wait(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
}

// TestThePersonSetsThingsInTheBrowser: another look, which holds outside the vault
// too; another passphrase, which is the only one that opens it; and an end to all.
func TestThePersonSetsThingsInTheBrowser(t *testing.T) {
	const next = "zeven stille fietsen"
	start := startDemo(t)
	v := newVisitor(t)
	v.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(start))
	v.open("/instellingen")
	v.press(`main a[href="/instellingen/weergave"]`)
	v.press(`#f-kleur-donker`)
	v.press(`#f-letters-large`)
	v.press(`main form button`)
	v.says("Uw keuze is bewaard.")
	v.dark("/instellingen/weergave")
	v.shot("settings-look")

	v.open("/instellingen")
	v.press(`main a[href="/instellingen/wachtzin"]`)
	v.fill("wachtzin", "een verkeerde wachtzin", "nieuw", next, "nogmaals", next)
	v.says("Nog 4 pogingen")
	v.fill("wachtzin", demoPassphrase, "nieuw", next, "nogmaals", next)
	v.says("Uw wachtzin is veranderd.")

	v.press(`form[action="/lock"] button`)
	v.dark("/unlock")
	v.shot("settings-unlock")
	v.fill("wachtzin", demoPassphrase)
	v.says("Dat klopt niet.")
	v.fill("wachtzin", next)
	v.dark("/")

	v.open("/instellingen")
	v.press(`main a[href="/instellingen/wissen"]`)
	v.wait(`document.querySelector('#f-ja')`)
	v.press(`#f-ja`)
	v.fill("wachtzin", next)
	v.says("Alles is gewist.")
	if text := v.read(); !strings.Contains(text, "Kies een wachtzin.") {
		t.Errorf("the first page says %q", text)
	}
	v.shot("settings-erased")
}
