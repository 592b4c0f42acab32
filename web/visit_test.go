package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/share"
)

// visiting is a browser at which the hospital looks along.
func visiting(t *testing.T) *client {
	t.Helper()
	c := newClient(t).unlock()
	if res := c.do("POST", visitPath, "wie="+hospitalKey); res.Header.Get("Location") != visitPath || len(c.desk.shown) != 1 {
		t.Fatalf("begin: %s", res.Status)
	}
	return c
}

// TestDuringAVisitNothingElseAnswers: the whole table of routes.
func TestDuringAVisitNothingElseAnswers(t *testing.T) {
	c := visiting(t)
	for _, rt := range c.s.table() {
		if duringVisit(rt.pattern) {
			continue
		}
		method, path := pathOf(rt.pattern)
		res := c.do(method, path, "")
		switch {
		case method == "GET" && (res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != visitPath):
			t.Errorf("%s: %s to %q", rt.pattern, res.Status, res.Header.Get("Location"))
		case method != "GET" && res.StatusCode != http.StatusForbidden:
			t.Errorf("%s: %s", rt.pattern, res.Status)
		}
	}
	if len(c.desk.wishes)+len(c.desk.stopped)+c.desk.begun > 0 || len(c.desk.shown) != 1 {
		t.Error("something was done")
	}
}

// TestTheOtherSeesOnlyTheirs, with no way to any other page.
func TestTheOtherSeesOnlyTheirs(t *testing.T) {
	c := visiting(t)
	res := c.do("GET", visitPath, "")
	if got := res.Header.Get("Refresh"); got != "901" {
		t.Errorf("the page is asked for again after %q s", got)
	}
	page := bodyOf(t, res)
	mustSay(t, page, "Gegevens van Anna de Vries", "Streekziekenhuis ziet", "Bloeddruk", "Huisarts De Linde")
	mustNotSay(t, page, "Simvastatine", "Kreatinine", "Penicilline", "Uw bundel", "Zoeken", "medmij:", "data-idle")
	for _, m := range regexp.MustCompile(`(?:href|action)="(/[^"]*)"`).FindAllStringSubmatch(page, -1) {
		if to := m[1]; !strings.HasPrefix(to, "/s/") && to != visitPath+"/klaar" {
			t.Errorf("leads to %q", to)
		}
	}
	// What changes in the meantime is not shown: the log has what was.
	c.desk.o.Items = nil
	mustSay(t, bodyOf(t, c.do("GET", visitPath, "")), "Bloeddruk")
}

// TestWhatIsSharedUnseenStaysClosedOnTheScreen: the person sits beside it.
func TestWhatIsSharedUnseenStaysClosedOnTheScreen(t *testing.T) {
	c := newClient(t).unlock()
	givenUnseen(c.desk)
	c.do("POST", visitPath, "wie="+hospitalKey)
	page := bodyOf(t, c.do("GET", visitPath, ""))
	mustSay(t, page, `class="seal"`)
	mustNotSay(t, page, "/k/", "Kiezen")
}

// TestAVisitEnds with the button or with the time; either way the passphrase
// comes before the person's own pages.
func TestAVisitEnds(t *testing.T) {
	for _, end := range []string{visitPath + "/klaar", "/lock"} {
		c := visiting(t)
		cookie := *c.cookies[c.s.sessions.name]
		res := c.do("POST", end, "")
		if res.Header.Get("Location") != "/unlock" || c.desk.State() != Locked || res.Header.Get("Clear-Site-Data") == "" {
			t.Errorf("%s: %s, %v", end, res.Status, c.desk.State())
		}
		c.desk.become(Open)
		c.cookies[cookie.Name] = &cookie
		if res := c.do("GET", "/", ""); res.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: the old session still works", end)
		}
		c.unlock()
		if res := c.do("GET", "/", ""); res.StatusCode != http.StatusOK {
			t.Errorf("%s: after the passphrase: %s", end, res.Status)
		}
	}
}

func TestAVisitEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk := newStoryDesk()
		s, err := New(Config{Desk: desk, Port: 8080, Idle: 5 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		c := &client{t: t, s: s, desk: desk, cookies: map[string]*http.Cookie{}}
		c.unlock().do("POST", visitPath, "wie="+hospitalKey)
		time.Sleep(14 * time.Minute) // longer than the pages stay open otherwise
		if res := c.do("GET", visitPath, ""); res.StatusCode != http.StatusOK {
			t.Fatalf("before its time: %s", res.Status)
		}
		time.Sleep(time.Minute + time.Second) // and that request did not put it off
		synctest.Wait()
		if desk.State() != Locked || s.visit.Load() != nil {
			t.Error("still open after its time")
		}
	})
}

// TestATimerThatSleptIsMadeUpFor: a computer that was asleep shows nothing after
// the time.
func TestATimerThatSleptIsMadeUpFor(t *testing.T) {
	c := visiting(t)
	c.s.Now = func() time.Time { return storyNow.Add(visitTime) }
	if res := c.do("GET", visitPath, ""); res.Header.Get("Location") != "/unlock" || c.desk.State() != Locked {
		t.Errorf("%s to %q", res.Status, res.Header.Get("Location"))
	}
}

// TestAVisitThatCannotBegin leaves everything as it was.
func TestAVisitThatCannotBegin(t *testing.T) {
	for name, tc := range map[string]struct {
		who     string
		refusal error
		status  int
	}{
		"nobody":              {"aaaa", nil, http.StatusNotFound},
		"nothing to show":     {sourceKey(storyPharmacy), nil, http.StatusSeeOther},
		"a log that is wrong": {hospitalKey, &share.BrokenError{Line: 2}, http.StatusConflict},
	} {
		c := newClient(t).unlock()
		c.desk.refusal = tc.refusal
		if res := c.do("POST", visitPath, "wie="+tc.who); res.StatusCode != tc.status || c.s.visit.Load() != nil {
			t.Errorf("%s: %s", name, res.Status)
		}
		if res := c.do("GET", visitPath, ""); res.Header.Get("Location") != "/d" {
			t.Errorf("%s: shows to %q", name, res.Header.Get("Location"))
		}
	}
}

// TestAnotherBrowserUnlocksIntoTheVisit: the passphrase alone does not end it in
// the browser that the other looks at.
func TestAnotherBrowserUnlocksIntoTheVisit(t *testing.T) {
	c := visiting(t)
	other := &client{t: t, s: c.s, desk: c.desk, cookies: map[string]*http.Cookie{}, agent: "another"}
	if res := other.do("GET", "/m", ""); res.Header.Get("Location") != "/unlock" {
		t.Errorf("without a session: %q", res.Header.Get("Location"))
	}
	if res := other.unlock().do("GET", "/m", ""); res.Header.Get("Location") != visitPath {
		t.Errorf("with one: %q", res.Header.Get("Location"))
	}
	if res := c.do("GET", "/m", ""); res.Header.Get("Location") != visitPath {
		t.Errorf("the first browser: %q", res.Header.Get("Location"))
	}
}
