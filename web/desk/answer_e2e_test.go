//go:build e2e

package desk

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// choose touches an answer by its words.
func (v *visitor) choose(text string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.Click(`//label[contains(., "`+text+`")]`)); err != nil {
		v.t.Fatal(text, err)
	}
}

// TestAnAnswerInABrowser: from a difference to the person's own answer, and with
// the question to the sheet for a visit.
func TestAnAnswerInABrowser(t *testing.T) {
	b := twoDoses(t)
	v := newVisitor(t, b.pages.desk)
	v.open("/unlock", "Uw bundel is dicht")
	v.fill("f-wachtzin", passphrase)
	v.press("Maak open", "Bekijk het verschil")
	v.open("/m", "U gebruikt nu 1 medicijn.")
	v.press("Bekijk het verschil", "Wat gebruikt u echt?")
	v.press("Bewaar mijn antwoord", "Kies een antwoord.")
	v.choose("Anders")
	v.fill("f-zelf", "De helft")
	v.press("Bewaar mijn antwoord", "Bewaard. Uw antwoord staat er nu naast.")
	v.press("Zet op afspraakblad", "Vraag 1")
	v.open("/m", "Volgens u: De helft")
}

// TestIdentityInABrowser: records that wait come in after the person says so,
// and go out again.
func TestIdentityInABrowser(t *testing.T) {
	b := withStranger(t)
	v := newVisitor(t, b.pages.desk)
	v.open("/unlock", "Uw bundel is dicht")
	v.fill("f-wachtzin", passphrase)
	v.press("Maak open", "noemt iemand anders")
	v.press("Bekijk wie dit is", "Gaan deze gegevens over u?")
	v.choose("Dit ben ik niet")
	v.press("Bewaar mijn antwoord", "U zei: dit ben ik niet.")
	v.press("Ongedaan maken", "Uw keuze is ongedaan gemaakt.")
	v.open("/", "noemt iemand anders")
	v.press("Bekijk wie dit is", "Anna Bakker")
	v.choose("De gegevens komen in uw overzicht")
	v.press("Bewaar mijn antwoord", "U zei: dit ben ik.")
	v.open("/m", "Ibuprofen")
}
