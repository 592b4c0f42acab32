package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/html"
)

// typing is what a page sends of a form that somebody fills in.
func typing(page, action string, pairs ...string) string {
	return form(append([]string{draftPage, page, draftAction, action}, pairs...)...)
}

// opensTo unlocks and gives the address where the person comes.
func (c *client) opensTo() string {
	c.t.Helper()
	return c.do("POST", "/unlock", "wachtzin=open").Header.Get("Location")
}

// TestWhatWasTypedSurvivesTheLock: it is sealed while the vault is closed, comes
// back in the field after opening, once, and is not stored.
func TestWhatWasTypedSurvivesTheLock(t *testing.T) {
	c := newClient(t).unlock()
	c.do("GET", "/e/12", "")
	if res := c.do("POST", "/leef", typing("/e/12", "/e/12", "waarde", "Ik slaap <slecht>", "dag", "2025-05-11")); res.StatusCode != http.StatusNoContent {
		t.Fatal(res.Status)
	}
	c.s.closeIdle()
	if c.desk.State() != Locked || bytes.Contains(c.s.drafts.sealed, []byte("slaap")) || len(c.s.drafts.sealed) == 0 {
		t.Fatalf("the vault is %v and the draft is %q", c.desk.State(), c.s.drafts.sealed)
	}
	if to := c.opensTo(); to != "/e/12" {
		t.Fatalf("sent to %q", to)
	}
	text := bodyOf(t, c.do("GET", "/e/12", ""))
	mustSay(t, text, "Ik slaap &lt;slecht&gt;", `value="2025-05-11"`, "Uw tekst staat er nog. Hij is nog niet bewaard.", "data-concept")
	mustNotSay(t, bodyOf(t, c.do("GET", "/e/12", "")), "Ik slaap", "Uw tekst staat er nog")
}

// TestAFormAfterTheLockIsAnsweredWithWords, and comes back when the browser was
// let in until then.
func TestAFormAfterTheLockIsAnsweredWithWords(t *testing.T) {
	note := form("waarde", "Ik slaap slecht", "dag", "2025-05-20", "tijd", "09:00")
	for _, tc := range []struct {
		name, path, form string
		change           func(*client)
		says, to, holds  string
	}{
		{"text comes back", "/e/12", note, nil, "u krijgt hem terug", "/e/12", "Ik slaap slecht"},
		{"a button has nothing to give back", "/z/haal", "", nil, "is niet gebeurd", "/", ""},
		{"another browser cannot plant anything", "/e/12", note, func(c *client) { c.agent = "another" }, "is niet gebeurd", "/", ""},
		{"nor one that was never let in", "/e/12", note, func(c *client) { clear(c.cookies) }, "is niet gebeurd", "/", ""},
		{"nor after the sessions were ended for safety", "/e/12", note, func(c *client) { c.s.sessions.end() }, "is niet gebeurd", "/", ""},
		{"a secret is never kept", "/instellingen/wachtzin", form("wachtzin", "geheim"), nil, "is niet gebeurd", "/", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			c.do("GET", "/e/12", "")
			c.s.closeIdle()
			was := c.agent
			if tc.change != nil {
				tc.change(c)
			}
			res := c.do("POST", tc.path, tc.form)
			if res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s", res.Status)
			}
			text := bodyOf(t, res)
			mustSay(t, text, tc.says, `name="wachtzin"`, "Maak open")
			mustNotSay(t, text, "Ik slaap", "geheim", "Anna")
			c.agent = was
			if to := c.opensTo(); to != tc.to {
				t.Errorf("sent to %q, want %q", to, tc.to)
			}
			if tc.holds != "" {
				mustSay(t, bodyOf(t, c.do("GET", tc.to, "")), tc.holds)
			}
		})
	}
}

// TestAFormDuringAVisitIsAnsweredWithWords: it is not done, and what was typed is
// there after the visit.
func TestAFormDuringAVisitIsAnsweredWithWords(t *testing.T) {
	c := newClient(t).unlock()
	c.do("GET", "/e/12", "")
	c.s.visit.Store(&visit{o: c.desk.o, who: "Streekziekenhuis", until: storyNow.Add(visitTime)})
	res := c.do("POST", "/e/12", form("waarde", "Ik slaap slecht"))
	text := bodyOf(t, res)
	if res.StatusCode != http.StatusForbidden {
		t.Error(res.Status)
	}
	mustSay(t, text, "Er kijkt nu iemand mee.", visitPath, "Uw tekst krijgt u terug")
	mustNotSay(t, text, "Ik slaap", "Anna")
	mustNotSay(t, bodyOf(t, c.do("POST", "/z/haal", "")), "Uw tekst")
	c.do("POST", visitPath+"/klaar", "")
	if to := c.opensTo(); to != "/e/12" {
		t.Fatalf("sent to %q", to)
	}
	mustSay(t, bodyOf(t, c.do("GET", "/e/12", "")), "Ik slaap slecht")
}

// TestOnlyAFormOfAPageIsKept: no foreign address, no form without text, and
// nothing that was sent meanwhile.
func TestOnlyAFormOfAPageIsKept(t *testing.T) {
	for name, said := range map[string]string{
		"another site":         typing("//evil.test/", "/e/12", "waarde", "x"),
		"a whole address":      typing("http://evil.test/e/12", "/e/12", "waarde", "x"),
		"a backslash":          typing(`/\evil.test`, "/e/12", "waarde", "x"),
		"no page at all":       typing("/nergens", "/e/12", "waarde", "x"),
		"a form with a secret": typing("/instellingen/wachtzin", "/instellingen/wachtzin", "nieuw", "x"),
		"an action elsewhere":  typing("/e/12", "http://evil.test/e/12", "waarde", "x"),
		"nothing typed":        "",
	} {
		c := newClient(t).unlock()
		c.do("GET", "/e/12", "")
		c.do("POST", "/leef", said)
		c.s.closeIdle()
		if to := c.opensTo(); to != "/" {
			t.Errorf("%s: sent to %q", name, to)
		}
	}
	c := newClient(t).unlock()
	c.do("GET", "/e/12", "")
	c.do("POST", draftPath, typing("/e/12", "/e/12", "waarde", "x"))
	c.do("POST", "/e/12", form("waarde", "x", "dag", "2025-05-20", "tijd", "09:00"))
	c.s.closeIdle()
	if to := c.opensTo(); to != "/" {
		t.Errorf("what was stored comes back at %q", to)
	}
}

// TestWritingOnKeepsTheVaultOpen, and a page that only gives what was typed does not.
func TestWritingOnKeepsTheVaultOpen(t *testing.T) {
	for path, want := range map[string]State{"/leef": Open, draftPath: Locked} {
		synctest.Test(t, func(t *testing.T) {
			desk := newStoryDesk()
			s, err := New(Config{Desk: desk, Port: 8080, Idle: 10 * time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			c := &client{t: t, s: s, desk: desk, cookies: map[string]*http.Cookie{}}
			c.unlock()
			for range 10 {
				time.Sleep(2 * time.Minute)
				c.do("POST", path, typing("/e/12", "/e/12", "waarde", "x"))
			}
			if got := desk.State(); got != want {
				t.Errorf("%s: the vault is %v", path, got)
			}
			s.idle.Stop()
		})
	}
}

// TestAPageThatWasLeftLongAgoIsNotComeBackTo.
func TestAPageThatWasLeftLongAgoIsNotComeBackTo(t *testing.T) {
	for after, want := range map[time.Duration]string{11 * time.Minute: "/e/12", 13 * time.Minute: "/"} {
		c, now := newClient(t), storyNow
		c.s.Now = func() time.Time { return now }
		c.unlock().do("GET", "/e/12", "")
		c.do("POST", draftPath, typing("/e/12", "/e/12", "waarde", "x"))
		now = now.Add(after)
		c.s.closeIdle()
		if to := c.opensTo(); to != want {
			t.Errorf("after %v: %q", after, to)
		}
	}
}

// TestEveryKindOfFieldIsFilled, and never what the page itself put there.
func TestEveryKindOfFieldIsFilled(t *testing.T) {
	page := `<form method="post" action="/x"><input name="q" value="other"></form>
<form method="post" action="/e/1"><input type="hidden" name="h" value="own"><input type="password" name="p" value=""><input name="t" value="old"><input name="t"><textarea name="a">old</textarea>
<input type="radio" name="r" value="1" checked><input type="radio" name="r" value="2"><input type="checkbox" name="c" value="1" checked><select name="s"><option value="1" selected>1<option value="2">2</select></form>`
	typed := url.Values{"h": {"x"}, "p": {"x"}, "q": {"x"}, "t": {"one", "two"}, "a": {"</textarea><b>"}, "r": {"2"}, "s": {"2"}}
	out, ok := refill([]byte(page), &draft{"/e/1", typed})
	if !ok {
		t.Fatal("not filled")
	}
	doc, err := html.Parse(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range nodes(doc, "input", "option", "textarea") {
		_, checked := attr(n, "checked")
		_, selected := attr(n, "selected")
		text := attrOf(n, "name") + attrOf(n, "value")
		if n.Data == "textarea" {
			text += n.FirstChild.Data
		}
		if checked || selected {
			text += "!"
		}
		got = append(got, text)
	}
	if want := "qother hown p tone ttwo a</textarea><b> r1 r2! c1 1 2!"; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	if _, ok := refill([]byte(page), &draft{"/e/2", typed}); ok {
		t.Error("a page without the form is filled")
	}
}

// TestEveryWritableFormIsOne: each is in the table, and none asks for a secret.
func TestEveryWritableFormIsOne(t *testing.T) {
	n, s := 0, newClient(t).s
	for _, rt := range s.table() {
		if strings.HasPrefix(rt.pattern, "POST ") && writable(rt.pattern) {
			n++
		}
	}
	if n != 11 {
		t.Errorf("%d writable forms are in the table", n)
	}
	for _, st := range stories() {
		_, doc := pageOf(t, "/nl/"+st.name)
		for _, f := range nodes(doc, "form") {
			for in := range f.Descendants() {
				if attrOf(in, "type") == "password" && writable(s.routeOf("POST", attrOf(f, "action"))) {
					t.Errorf("%s keeps a secret of %s", st.name, attrOf(f, "action"))
				}
			}
		}
	}
}

// TestAPageWithoutAScriptGoesAway just after the vault has closed; one on which
// somebody may be writing later.
func TestAPageWithoutAScriptGoesAway(t *testing.T) {
	for path, want := range map[string]string{"/m": `content="602; url=/unlock"`, "/e/12": `content="1202; url=/unlock"`} {
		mustSay(t, pageAfter(t, path, nil), want)
	}
	c := newClient(t)
	c.desk.become(Locked)
	mustNotSay(t, bodyOf(t, c.do("GET", "/unlock", "")), "http-equiv")
}

// TestAPreviewOfPaperCanBeLocked: the whole record can stand on it, and it has no
// frame. The button is in what does not go on paper.
func TestAPreviewOfPaperCanBeLocked(t *testing.T) {
	for _, st := range stories() {
		_, doc := pageOf(t, "/nl/"+st.name)
		if !hasClass(doc, "desk") {
			continue
		}
		locks := 0
		for n := range doc.Descendants() {
			if cls := attrOf(n, "class"); cls == "desk" {
				for _, f := range nodes(n, "form") {
					if attrOf(f, "action") == "/lock" {
						locks++
					}
				}
			}
		}
		if locks != 1 {
			t.Errorf("%s has %d ways to lock", st.name, locks)
		}
	}
}
