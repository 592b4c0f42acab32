package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// exampleAt begins a demonstration that counts how often it is asked for.
func exampleAt(c *client, err error) *int {
	n := 0
	c.s.Example = func(context.Context, string) (Example, error) {
		n++
		return Example{Address: "http://127.0.0.1:8081/", Passphrase: "een wachtzin om te lenen"}, err
	}
	return &n
}

func TestWhoIsNewCanLookAtAnExampleFirst(t *testing.T) {
	c := newClient(t)
	c.desk.become(NoVault)
	mustNotSay(t, bodyOf(t, c.do("GET", "/nieuw", "")), "Probeer met een voorbeeldpersoon")
	begun := exampleAt(c, nil)
	mustSay(t, bodyOf(t, c.do("GET", "/nieuw", "")), "Stap 1 van 2", "Eerst kijken?", "Probeer met een voorbeeldpersoon")
	if *begun != 0 {
		t.Error("it began before anybody asked")
	}
	page := bodyOf(t, c.do("POST", "/voorbeeld", ""))
	mustSay(t, page, "Het voorbeeld staat klaar.", "een wachtzin om te lenen", "Open het voorbeeld", "Zij bestaat niet")
	if !strings.Contains(page, `href="http://127.0.0.1:8081/"`) {
		t.Error("no link leads to the example")
	}
	if c.desk.State() != NoVault || *begun != 1 {
		t.Errorf("the vault is %v, begun %d times", c.desk.State(), *begun)
	}
}

func TestTheExampleIsForWhoIsNewOrInside(t *testing.T) {
	for _, tc := range []struct {
		name   string
		before func(*client)
		status int
		begun  int
	}{
		{"without a vault", func(c *client) { c.desk.become(NoVault) }, http.StatusOK, 1},
		{"inside", func(c *client) { c.unlock() }, http.StatusOK, 1},
		{"before a closed vault", func(c *client) { c.desk.become(Locked) }, http.StatusSeeOther, 0},
		{"in another browser", func(c *client) { c.unlock(); c.cookies = map[string]*http.Cookie{} }, http.StatusSeeOther, 0},
	} {
		c := newClient(t)
		begun := exampleAt(c, nil)
		tc.before(c)
		if res := c.do("POST", "/voorbeeld", ""); res.StatusCode != tc.status || *begun != tc.begun {
			t.Errorf("%s: %s, begun %d times", tc.name, res.Status, *begun)
		}
	}
}

func TestAnExampleThatCannotBegin(t *testing.T) {
	c := newClient(t)
	c.desk.become(NoVault)
	if res := c.do("POST", "/voorbeeld", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("without one: %s", res.Status)
	}
	exampleAt(c, errors.New("no port is free"))
	res := c.do("POST", "/voorbeeld", "")
	if text := bodyOf(t, res); res.StatusCode < 500 || strings.Contains(text, "port is free") {
		t.Errorf("%s: %s", res.Status, text)
	}
}

// TestWhoHasNothingYetCanLookToo: product.md 6.13, empty-first.
func TestWhoHasNothingYetCanLookToo(t *testing.T) {
	c := newClient(t)
	empty(c.desk)
	c.unlock()
	mustNotSay(t, bodyOf(t, c.do("GET", "/", "")), "voorbeeldpersoon")
	exampleAt(c, nil)
	mustSay(t, bodyOf(t, c.do("GET", "/", "")), "U hebt nog geen zorgverlener toegevoegd.", "Probeer met een voorbeeldpersoon")
	c.s.Demo = true
	mustNotSay(t, bodyOf(t, c.do("GET", "/", "")), "voorbeeldpersoon")
}

// TestSixWordsAreProposed: others each time, in the language of the page, and
// good enough for the form they stand above.
func TestSixWordsAreProposed(t *testing.T) {
	c := newClient(t)
	c.desk.become(NoVault)
	proposed := regexp.MustCompile(`<p class="code">([a-z]+(?: [a-z]+){5})</p>`)
	seen := map[string]bool{}
	for range 20 {
		found := proposed.FindStringSubmatch(bodyOf(t, c.do("GET", "/nieuw", "")))
		if found == nil {
			t.Fatal("no six words on the page")
		}
		seen[found[1]] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d proposals in 20 pages", len(seen))
	}
	c.s.Random = bytes.NewReader(nil)
	if res := c.do("GET", "/nieuw", ""); res.StatusCode < 500 {
		t.Errorf("words without a source: %s", res.Status)
	}
}

func TestTheRecoveryCodeCanBePrinted(t *testing.T) {
	c := newClient(t)
	c.desk.become(NoVault)
	page := bodyOf(t, c.do("POST", "/nieuw", "wachtzin=een+lange+wachtzin&nogmaals=een+lange+wachtzin"))
	mustSay(t, page, "Stap 2 van 2", "7K3M-Q9TD", "Druk af", "Ik heb de code bewaard")
}
