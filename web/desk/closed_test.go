package desk

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/web"
)

// browser is a person without scripts before the pages of a real vault.
type browser struct {
	t       *testing.T
	handler http.Handler
	cookies []*http.Cookie
	log     *bytes.Buffer
}

// browse opens the vault on its own pages.
func browse(t *testing.T, d *Desk, lang string) *browser {
	t.Helper()
	b := &browser{t: t, log: &bytes.Buffer{}}
	s, err := web.New(web.Config{
		Desk: d.Pages(t.Context()), Port: 8080, Lang: lang, Now: d.Now, Idle: time.Hour,
		Log: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.handler = s.Handler()
	if res, _ := b.post("/unlock", "wachtzin="+strings.ReplaceAll(passphrase, " ", "+")); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.Status)
	}
	return b
}

func (b *browser) do(r *http.Request) (*http.Response, string) {
	b.t.Helper()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	res := w.Result()
	for _, c := range res.Cookies() { // a newer one takes the place of an older one
		b.cookies = slices.DeleteFunc(b.cookies, func(old *http.Cookie) bool { return old.Name == c.Name })
		if c.MaxAge >= 0 {
			b.cookies = append(b.cookies, c)
		}
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, string(body)
}

func (b *browser) get(path string) (*http.Response, string) {
	b.t.Helper()
	return b.do(httptest.NewRequest("GET", "http://127.0.0.1:8080"+path, nil))
}

func (b *browser) post(path, form string) (*http.Response, string) {
	b.t.Helper()
	r := httptest.NewRequest("POST", "http://127.0.0.1:8080"+path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

var (
	hrefs = regexp.MustCompile(`href="(/[^"#]*)"`)
	blads = regexp.MustCompile(`name="blad" value="([a-z]+)"`)
)

// walk follows every link from the overview and gives every page there is, with
// what a search for each of the words finds.
func (b *browser) walk(keys []string, words ...string) map[string]string {
	b.t.Helper()
	pages := map[string]string{}
	todo := []string{"/", "/menu", "/g", "/d", "/d/1", "/d/2", "/d/3", "/d/4", "/d/5", "/zoek", "/k", "/z", "/z/bezig"}
	for _, key := range keys {
		for _, path := range []string{"/u/", "/i/", "/v/", "/k/"} {
			todo = append(todo, path+key)
		}
		todo = append(todo, "/i/"+key+"/0", "/b/"+key+"/0", "/k/"+key+"/samen")
	}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if _, seen := pages[path]; seen || strings.HasPrefix(path, "/s/") {
			continue
		}
		res, body := b.get(path)
		pages[path] = body + res.Header.Get("Location") + res.Header.Get("Content-Disposition")
		for _, m := range hrefs.FindAllStringSubmatch(body, -1) {
			todo = append(todo, m[1])
		}
	}
	for _, word := range words {
		_, pages["search for "+word] = b.post("/zoek", "q="+word)
	}
	return pages
}

const secondResult = `{"resourceType":"Observation","id":"2","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"effectiveDateTime":"2026-05-30","code":{"coding":[{"system":"http://loinc.org","code":"4548-4","display":"Geheimwaarde"}]},"valueQuantity":{"value":5791,"unit":"mmol/mol","code":"mmol/mol","system":"http://unitsofmeasure.org"},"note":[{"text":"Bespreken met de patient"}]}`

// TestNothingOfWhatIsClosedIsOnAPage walks every page of a vault in which all
// results are closed, in both languages: their names, values, codes and notes
// are on none of them, and in no log.
func TestNothingOfWhatIsClosedIsOnAPage(t *testing.T) {
	d, _ := moving(t)
	take(t, d, "ziekenhuis", newResult)
	take(t, d, "ziekenhuis", secondResult)
	take(t, d, "ziekenhuis", medicine)
	secrets := []string{"Kreatinine", "14682", "umol", "µmol", "4548-4", "eheimwaarde", "5791", "mmol/mol", "HbA1c", "Bespreken", "referentie", "volgens het lab"}
	o, err := d.Overview(t.Context(), time.Time{}, "nl")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, item := range o.Items {
		if item.Section == aggregator.Gated {
			keys = append(keys, item.Key())
		}
	}
	if len(keys) != 2 {
		t.Fatalf("%d results are closed", len(keys))
	}
	for _, lang := range []string{"nl", "en"} {
		b := browse(t, d, lang)
		pages := b.walk(keys, "laboratorium", "laboratory", "85")
		for path, body := range pages {
			if strings.HasPrefix(path, "/hulp/woorden") {
				continue // the same words for everybody
			}
			for _, secret := range secrets {
				if strings.Contains(body, secret) {
					t.Errorf("%s: %q is at %s", lang, secret, path)
				}
			}
		}
		if len(pages) < 30 || !strings.Contains(pages["/u"], `class="seal"`) || !strings.Contains(pages["/m"], "Ibuprofen") {
			t.Errorf("%s: only %d pages, or not those that should be there", lang, len(pages))
		}
		if log := b.log.String(); strings.Contains(log, "Kreatinine") || strings.Contains(log, keys[0]) {
			t.Errorf("the log says %s", log)
		}
	}
}

// TestTheChoiceIsKeptAndCounts, from the list to the open result, and back.
func TestTheChoiceIsKeptAndCounts(t *testing.T) {
	d, now := moving(t)
	take(t, d, "ziekenhuis", newResult)
	take(t, d, "ziekenhuis", secondResult)
	b := browse(t, d, "nl")
	_, list := b.get("/u")
	row := slices.IndexFunc(hrefs.FindAllStringSubmatch(list, -1), func(m []string) bool { return strings.HasSuffix(m[1], "/samen") })
	if row < 0 || strings.Count(list, `<h3 class="seal">`) != 1 {
		t.Fatal("the two results of one day do not stand on one row")
	}
	_, both := b.get(hrefs.FindAllStringSubmatch(list, -1)[row][1])
	keys := blads.FindAllStringSubmatch(both, -1)
	if len(keys) != 2 {
		t.Fatalf("the page chooses for %d results", len(keys))
	}
	first, second := keys[0][1], keys[1][1]
	now.pass(time.Minute)
	res, _ := b.post("/k", "wanneer=nu&blad="+first)
	if to := res.Header.Get("Location"); to != "/u/"+first {
		t.Fatalf("%s to %q", res.Status, to)
	}
	_, open := b.get("/u/" + first)
	if strings.Contains(open, "Kreatinine") == strings.Contains(open, "5791") {
		t.Error("not just the one result is open")
	}
	if res, _ := b.get("/u/" + second); res.Header.Get("Location") != "/k/"+second {
		t.Error("the other result is open too")
	}
	now.pass(time.Minute)
	if res, _ := b.post("/k", "wanneer=7&altijd=ja&blad="+second); res.Header.Get("Location") != "/u?ok" {
		t.Errorf("%s to %q", res.Status, res.Header.Get("Location"))
	}
	_, again := b.get("/k/" + second)
	if !strings.Contains(again, `value="7" checked`) {
		t.Error("what was chosen is not chosen beforehand")
	}
	b.expectRules(d)
	now.set(now.Now().AddDate(0, 0, 8))
	if res, _ := browse(t, d, "nl").get("/u/" + second); res.StatusCode != http.StatusOK {
		t.Errorf("after a week: %s to %q", res.Status, res.Header.Get("Location"))
	}
}

// expectRules looks for the three rules of the test in the vault.
func (b *browser) expectRules(d *Desk) {
	b.t.Helper()
	o, err := d.Overview(b.t.Context(), time.Time{}, "nl")
	if err != nil {
		b.t.Fatal(err)
	}
	var items, lasting int
	for _, g := range o.Gates() {
		switch {
		case len(g.Records) == 1:
			items++
		case g.Kind == aggregator.KindLab && g.Source != "" && g.Wait == aggregator.WaitDays && g.Days == 7:
			lasting++
		}
	}
	if items != 2 || lasting != 1 {
		b.t.Errorf("%d rules for one item, %d for all of the kind", items, lasting)
	}
}

// TestAllOrNoneOfAChoice: when one of the items is gone nothing is stored, and
// every choice is refused while the vault is closed.
func TestAllOrNoneOfAChoice(t *testing.T) {
	d, _ := moving(t)
	take(t, d, "ziekenhuis", newResult)
	p := d.Pages(t.Context())
	o, err := p.Overview(t.Context(), "nl")
	if err != nil {
		t.Fatal(err)
	}
	open := aggregator.GateRule{Wait: aggregator.WaitNot}
	if err := p.Wait(t.Context(), []string{o.Items[0].ID, "lab:aaaaaaaaaaaa"}, open); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	if o, err = p.Overview(t.Context(), "nl"); err != nil || len(o.Gates()) != 0 || o.Items[0].Section != aggregator.Gated {
		t.Errorf("%d rules were stored, %v", len(o.Gates()), err)
	}
	id := o.Items[0].ID
	p.Lock()
	if err := p.Wait(t.Context(), []string{id}, open); !errors.Is(err, web.ErrLocked) {
		t.Errorf("a choice while closed: %v", err)
	}
	if err := p.SetGate(t.Context(), open); !errors.Is(err, web.ErrLocked) {
		t.Errorf("a rule while closed: %v", err)
	}
}
