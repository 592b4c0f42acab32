package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The rows of docs/CONFORMANCE.md that the pages show.

// mainText is the text of a story's main part, with plain spaces.
func mainText(t *testing.T, story string) string {
	t.Helper()
	_, doc := pageOf(t, story)
	return strings.ReplaceAll(textOf(nodes(doc, "main")[0]), nbsp, " ")
}

func wantTexts(t *testing.T, story string, want ...string) {
	t.Helper()
	text := mainText(t, story)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q: %s", story, w, text)
		}
	}
}

// UX-01: providers are found and shown by name, kind and place; the MedMij name
// is nowhere to be read.
func TestUX_01_TheProviderIsChosenByAReadableName(t *testing.T) {
	wantTexts(t, "/nl/providers-found", "Huisarts De Linde", "Lindelaan 3, 9712 AB Groningen", "Huisartsgegevens", "Al toegevoegd", "Kies")
	if text := mainText(t, "/nl/providers-found"); strings.Contains(text, "@medmij") {
		t.Error("a MedMij name is shown")
	}
}

// LST-13: a provider behind two platforms is two logins, and is said to be.
func TestLST_13_ThePersonIsToldOfTwoLogins(t *testing.T) {
	wantTexts(t, "/nl/providers-found", "U logt hier 2 keer in.")
	wantTexts(t, "/en/providers-found", "You log in here 2 times.")
	wantTexts(t, "/nl/plan", "U logt 3 keer in.", "1. Huisarts De Linde", "2. Streekziekenhuis", "3. Streekziekenhuis", "Dezelfde inlogpagina als bij 2.")
	wantTexts(t, "/en/plan", "You log in 3 times.", "The same login page as at 2.")
}

// AUT-12: showing pages asks no provider anything; only the button does.
func TestAUT_12_NoLoginBeginsByItself(t *testing.T) {
	c := newClient(t).unlock()
	for _, path := range []string{"/", "/m", "/a", "/u", "/b", "/d", "/z", "/z/" + sourceKey(storyGP), "/z/bezig"} {
		if res := c.do("GET", path, ""); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if c.desk.begun != 0 {
		t.Errorf("%d logins began without a choice", c.desk.begun)
	}
	c.do("POST", "/z/verbind", "bron="+storyGP+"&n=0")
	if c.desk.begun != 1 {
		t.Errorf("the choice began %d logins", c.desk.begun)
	}
}

// AUT-14: the page that leads to the provider holds the state in a link: it is
// not kept, and where the person goes learns nothing of where they were.
func TestAUT_14_TheWayToTheProviderIsNotKept(t *testing.T) {
	c := newClient(t).unlock()
	res := c.do("POST", "/z/verbind", "bron="+storyGP+"&n=0")
	if res.StatusCode != http.StatusOK || res.Header.Get("Referrer-Policy") != "no-referrer" ||
		!strings.Contains(res.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
}

// CBK-10: after the login the browser is at an address without code or state.
func TestCBK_10_TheAddressAfterALoginHasNoSecret(t *testing.T) {
	c := newClient(t).unlock()
	c.do("POST", "/z/verbind", "bron="+storyGP+"&n=0")
	res := c.do("GET", callbackPath+"?code=secretcode&state=secretstate", "")
	doc, err := html.Parse(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, n := range slices.Concat(nodes(doc, "a"), nodes(doc, "meta")) {
		href, _ := attr(n, "href")
		content, _ := attr(n, "content")
		where := href + content
		if strings.Contains(where, "secret") {
			t.Errorf("%s leads on with a secret", where)
		}
		if strings.Contains(where, "/z/bezig") {
			links++
		}
	}
	if res.StatusCode != http.StatusOK || links == 0 {
		t.Errorf("%d, %d ways on", res.StatusCode, links)
	}
	if res.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(res.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("%v", res.Header)
	}
}

// CBK-11: a failure comes with the id under which the provider knows it.
func TestCBK_11_AFailureHasANumberToTell(t *testing.T) {
	wantTexts(t, "/nl/trouble", "Code P-503.", "Nummer voor uw zorgverlener: 4b1d8f0e-7a52-4f0e-9c36-1f2ad0e7c955")
}

func TestUX_02_SourceAndDateAreWithEveryItem(t *testing.T) {
	wantTexts(t, "/nl/item", "Huisarts De Linde", "opgehaald vandaag om 09:20", "Apotheek Zuid", "opgehaald 3 april 2025")
	// In the lists every item leads to the page that has them.
	for _, story := range []string{"/nl/medicines", "/nl/allergies", "/nl/results", "/nl/letters"} {
		_, doc := pageOf(t, story)
		items := 0
		for _, li := range nodes(nodes(doc, "main")[0], "li") {
			if len(nodes(li, "h2", "h3")) == 0 {
				continue
			}
			if items++; len(nodes(li, "a")) == 0 {
				t.Errorf("%s: %q leads nowhere", story, textOf(li))
			}
		}
		if items == 0 {
			t.Errorf("%s has no items", story)
		}
	}
}

func TestUX_03_ConsentsCanBeChangedForEachProvider(t *testing.T) {
	wantTexts(t, "/nl/source-lasting", "Toestemmingen aanpassen", "Vervalt op 20 november 2025 als u tot dan niets ophaalt.")
	wantTexts(t, "/nl/source-consents", "Voor één keer.", "Uw toestemming is gestopt.", "Nog geen toestemming.")
	wantTexts(t, "/en/source-lasting", "Change consents", "Ends on 20 November 2025")
	wantTexts(t, "/nl/source", "Doet nu niet mee met MedMij.", "Wat u al had, blijft staan.")
}

func TestUX_05_WhatIsMissingIsSaidAboveTheOverview(t *testing.T) {
	text := mainText(t, "/nl/overview")
	missing, list := strings.Index(text, "Uw gegevens zijn niet compleet."), strings.Index(text, "In uw bundel")
	if missing < 0 || list < missing {
		t.Errorf("the overview does not begin with what is missing: %s", text)
	}
	wantTexts(t, "/nl/overview", "Bekijk wat ontbreekt", "1 gegeven konden wij niet lezen.")
	if strings.Contains(mainText(t, "/nl/overview-calm"), "niet compleet") {
		t.Error("a complete overview says that it is not")
	}
}

// SEC-03: other sites and other names for this machine get nothing; the long
// tables, and other machines, are in guard_test.go.
func TestSEC_03_ThePagesAreForThisMachineOnly(t *testing.T) {
	c := newClient(t).unlock()
	for name, change := range map[string]func(*http.Request){
		"another Host":   func(r *http.Request) { r.Host = "evil.test:8080" },
		"another site":   header("Sec-Fetch-Site", "cross-site"),
		"another origin": func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.test") },
	} {
		res := c.do("POST", "/z/haal", "", change)
		if res.StatusCode < 400 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
}
