package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/aggregator"
)

// shuttingDesk closes while it searches.
type shuttingDesk struct{ *storyDesk }

func (d shuttingDesk) Find(ctx context.Context, query, lang string, most int) ([]aggregator.Hit, int, error) {
	hits, n, err := d.storyDesk.Find(ctx, query, lang, most)
	d.become(Locked)
	return hits, n, err
}

// TestAPageThatIsMadeWhileTheVaultClosesIsNotGiven: nothing of it leaves the program.
func TestAPageThatIsMadeWhileTheVaultClosesIsNotGiven(t *testing.T) {
	c := newClient(t).unlock()
	mustSay(t, bodyOf(t, c.do("POST", "/zoek", "q=metop")), "Metoprolol")
	c.s.Desk = shuttingDesk{c.desk}
	res := c.do("POST", "/zoek", "q=metop")
	if body := bodyOf(t, res); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/unlock" || strings.Contains(body, "Metoprolol") {
		t.Errorf("%s to %q", res.Status, res.Header.Get("Location"))
	}
}

// TestARecoveryCodeDoesNotOutliveTheLock: its page warns, leaves and can be locked,
// on the first run and later.
func TestARecoveryCodeDoesNotOutliveTheLock(t *testing.T) {
	fresh, later := newClient(t), newClient(t).unlock()
	fresh.desk.become(NoVault)
	for name, page := range map[string]string{
		"first run": bodyOf(t, fresh.do("POST", "/nieuw", "wachtzin=een+lange+wachtzin&nogmaals=een+lange+wachtzin")),
		"settings":  bodyOf(t, later.do("POST", "/instellingen/code", "wachtzin=een+lange+wachtzin")),
	} {
		for _, want := range []string{`class="code"`, `id="slot"`, `action="/lock"`, `data-idle="600"`, `http-equiv="refresh"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %s", name, want)
			}
		}
	}
}

// TestAStoryChangesNothingInTheBrowser: a real Bundel has the same host.
func TestAStoryChangesNothingInTheBrowser(t *testing.T) {
	book := Storybook()
	for _, st := range stories() {
		w := httptest.NewRecorder()
		book.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/en/"+st.name, nil))
		for _, name := range []string{"Set-Cookie", "Clear-Site-Data"} {
			if got := w.Header().Get(name); got != "" {
				t.Errorf("%s: %s", st.name, name)
			}
		}
	}
}

// faultyDesk has a fault of the program in it.
type faultyDesk struct{ *storyDesk }

func (faultyDesk) Find(context.Context, string, string, int) ([]aggregator.Hit, int, error) {
	panic("kreatinine 85")
}

// TestAFaultOfTheProgramTellsNothing: the log names its kind, the browser gets an
// error, and the next request is answered.
func TestAFaultOfTheProgramTellsNothing(t *testing.T) {
	c := newClient(t).unlock()
	var log bytes.Buffer
	c.s.Log, c.s.Desk = slog.New(slog.NewTextHandler(&log, nil)), faultyDesk{c.desk}
	res := c.do("POST", "/zoek", "q=kreat")
	if body := bodyOf(t, res); res.StatusCode != http.StatusInternalServerError || strings.Contains(body+log.String(), "kreatinine") || !strings.Contains(log.String(), "kind=string") {
		t.Errorf("%s, %q, logged %q", res.Status, body, log.String())
	}
	if res := c.do("GET", "/m", ""); res.StatusCode != http.StatusOK {
		t.Errorf("the next: %s", res.Status)
	}
}
