package web

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// TestTheLookComesBack: what is written in the cookie is what is read, and
// nothing that somebody else put there gets any further.
func TestTheLookComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Preferences{
			Colour: rapid.SampledFrom([]string{"", ColourLight, ColourDark}).Draw(t, "colour"),
			Large:  rapid.Bool().Draw(t, "large"), Contrast: rapid.Bool().Draw(t, "contrast"),
			Lang: rapid.SampledFrom([]string{"", "nl", "en"}).Draw(t, "lang"),
		}
		if got := readLook(p.cookie()); got != p {
			t.Fatalf("%q became %+v", p.cookie(), got)
		}
		strange := rapid.String().Draw(t, "strange")
		if got := readLook(strange); got != readLook(got.cookie()) {
			t.Fatalf("%q is not one of ours: %+v", strange, got)
		}
	})
	if got := readLook(`donker" onload="x.nl2.GROOT.`); got != (Preferences{}) {
		t.Errorf("read %+v", got)
	}
	if got := (Preferences{Idle: time.Minute}).cookie(); got != "" {
		t.Errorf("%q is told to who has no session", got)
	}
}

// rootOf gives the attributes of a page that say how it looks.
func rootOf(t *testing.T, text string) (lang, colour, class string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	root := nodes(doc, "html")[0]
	lang, _ = attr(root, "lang")
	colour, _ = attr(root, "data-kleur")
	class, _ = attr(root, "class")
	return lang, colour, class
}

func (c *client) looks(path, lang, colour, class string) {
	c.t.Helper()
	l, k, g := rootOf(c.t, bodyOf(c.t, c.do("GET", path, "")))
	if l != lang || k != colour || g != class {
		c.t.Errorf("%s is %q %q %q, want %q %q %q", path, l, k, g, lang, colour, class)
	}
}

// TestTheLookHolds on every page at once, on the unlock page after locking, which
// wipes all cookies, and there again when the program was started anew.
func TestTheLookHolds(t *testing.T) {
	c := newClient(t).unlock()
	c.looks("/m", "nl", "", "")
	if res := c.do("POST", "/instellingen/weergave", "kleur=donker&letters=large&contrast=more&taal=en"); res.Header.Get("Location") != "/instellingen/weergave?ok" {
		t.Fatalf("%s to %q", res.Status, res.Header.Get("Location"))
	}
	c.looks("/m", "en", "donker", "large sharp")
	c.do("POST", "/lock", "")
	clear(c.cookies) // Clear-Site-Data
	c.looks("/unlock", "en", "donker", "large sharp")
	kept := c.cookies[lookCookie]
	if kept == nil || kept.Value != "donker.groot.contrast.en" || !kept.HttpOnly || kept.SameSite != http.SameSiteStrictMode || kept.MaxAge <= 0 {
		t.Fatalf("the browser keeps %+v", kept)
	}

	again := newClient(t)
	again.desk.become(Locked)
	again.looks("/unlock", "nl", "", "")
	again.cookies[lookCookie] = kept
	again.looks("/unlock", "en", "donker", "large sharp")
	again.unlock()
	again.looks("/", "en", "", "") // of a look this vault says: as the computer
	if got := again.cookies[lookCookie]; got == nil || got.Value != "en" {
		t.Errorf("the browser keeps %v", got)
	}
}

// TestAnUntouchedLookLeavesNoCookie: who chose nothing gets none.
func TestAnUntouchedLookLeavesNoCookie(t *testing.T) {
	c := newClient(t).unlock()
	for _, path := range []string{"/", "/instellingen", "/instellingen/weergave"} {
		c.do("GET", path, "")
	}
	if c.cookies[lookCookie] != nil {
		t.Errorf("got %v", c.cookies[lookCookie])
	}
}

// TestUnknownAnswersAreNoLook: a form that is not ours sets nothing strange.
func TestUnknownAnswersAreNoLook(t *testing.T) {
	c := newClient(t).unlock()
	c.do("POST", "/instellingen/weergave", form("kleur", `x" onload="y`, "letters", "reus", "contrast", "", "taal", "de"))
	if c.desk.set.preferences != (Preferences{}) {
		t.Errorf("kept %+v", c.desk.set.preferences)
	}
	c.looks("/", "nl", "", "")
}

// TestWhichLanguage: what was asked at the start goes before what was chosen some
// other time, and what is chosen now before both.
func TestWhichLanguage(t *testing.T) {
	for _, tc := range []struct{ name, asked, vault, want string }{
		{"nobody said", "", "", "nl"},
		{"chosen before", "", "en", "en"},
		{"asked at the start", "nl", "en", "nl"},
		{"asked and never chosen", "en", "", "en"},
	} {
		c := newClient(t)
		c.s.lang.Store(tc.asked)
		c.desk.set.preferences.Lang = tc.vault
		c.unlock().looks("/m", tc.want, "", "")
		other := map[string]string{"nl": "en", "en": "nl"}[tc.want]
		c.do("POST", "/taal", form("taal", other, "terug", "/m"))
		c.looks("/m", other, "", "")
		if c.desk.set.preferences.Lang != other {
			t.Errorf("%s: the vault keeps %q", tc.name, c.desk.set.preferences.Lang)
		}
	}
}

// TestALanguageOutsideTheVaultStaysOutside: who has no session writes nothing in it.
func TestALanguageOutsideTheVaultStaysOutside(t *testing.T) {
	c := newClient(t)
	c.desk.become(Locked)
	c.do("POST", "/taal", "taal=en&terug=/unlock")
	c.looks("/unlock", "en", "", "")
	if c.desk.set.preferences != (Preferences{}) || c.cookies[lookCookie] == nil {
		t.Errorf("the vault keeps %+v, the browser %v", c.desk.set.preferences, c.cookies[lookCookie])
	}
	stranger := newClient(t)
	stranger.do("POST", "/taal", "taal=en&terug=/")
	if stranger.desk.set.preferences.Lang != "" {
		t.Error("a browser without a session changed an open vault")
	}
}

// TestTheVaultClosesWhenThePersonSaid, counted from the last request.
func TestTheVaultClosesWhenThePersonSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t).unlock()
		mustSay(t, bodyOf(t, c.do("GET", "/instellingen/tijd", "")), `value="10" checked`, "Na 10 minuten gaat uw bundel vanzelf dicht.", `data-idle="600"`)
		c.do("POST", "/instellingen/tijd", "minuten=5")
		time.Sleep(4*time.Minute + 59*time.Second)
		synctest.Wait()
		mustSay(t, bodyOf(t, c.do("GET", "/instellingen/tijd?ok", "")), `value="5" checked`, "Uw keuze is bewaard.", `data-idle="300"`)
		time.Sleep(5*time.Minute + time.Second)
		synctest.Wait()
		if c.desk.State() != Locked {
			t.Error("the vault is still open")
		}
	})
}

// TestOnlyTheTimesOnThePage: never and a day are not among them.
func TestOnlyTheTimesOnThePage(t *testing.T) {
	for _, n := range []string{"", "0", "-5", "7", "1440", "vijf", "5.0"} {
		c := newClient(t).unlock()
		mustSay(t, bodyOf(t, c.do("POST", "/instellingen/tijd", form("minuten", n))), "Kies een van de antwoorden.")
		if c.desk.set.preferences.Idle != 0 {
			t.Errorf("%q is kept as %s", n, c.desk.set.preferences.Idle)
		}
	}
}

// TestALanguageOfTheFirstRunStays, though the vault was made after it was chosen.
func TestALanguageOfTheFirstRunStays(t *testing.T) {
	c := newClient(t)
	c.desk.become(NoVault)
	c.do("POST", "/taal", "taal=en&terug=/nieuw")
	c.do("POST", "/nieuw", form("wachtzin", nextPass, "nogmaals", nextPass))
	c.looks("/", "en", "", "")
	if got := c.cookies[lookCookie]; got == nil || got.Value != "en" {
		t.Errorf("the browser keeps %v", got)
	}
}
