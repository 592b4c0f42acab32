package mock_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// walk does what an app does, and gives what was recorded without the times.
// The official form has no ports, which differ between runs.
func walk(t *testing.T, seed uint64) ([]mock.Exchange, string) {
	t.Helper()
	cfg := full()
	cfg.Official, cfg.Seed = true, seed
	cfg.Now = func() time.Time { return dateT }
	n := mock.Start(t, cfg)
	a := newApp(t, n)
	for _, c := range [][2]string{{"huisarts-delinde", "49"}, {"ziekenhuis-noordzee", "52"}} {
		provider, service := c[0], c[1]
		a.granted(provider, service, provider, mock.Visitor{Persona: "anna", Indefinite: true})
		_, token, base := a.zal(provider, service)
		next := a.search(base, "Observation?_count=7&_include=Observation:subject&_include=Observation:performer").Next
		a.get(next, http.Header{"Authorization": {"Bearer " + a.token}})
		a.form(token, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}})
	}
	a.share(batch(sentPatient, sentWeight), "Prefer", "return=representation")
	_, _, answer := a.post("ziekenhuis-noordzee", "57", transactionOf(sentPatient, sentLetter, sentFile), "Prefer", "return=representation")
	exchanges := n.Requests()
	for i := range exchanges {
		exchanges[i].Time, exchanges[i].Took = time.Time{}, ""
	}
	return exchanges, answer + a.token
}

func TestTheSameSeedAndClockGiveTheSameRun(t *testing.T) {
	first, answer1 := walk(t, 42)
	second, answer2 := walk(t, 42)
	if diff := cmp.Diff(first, second); diff != "" || answer1 != answer2 {
		t.Errorf("two runs differ (-first +second):\n%s", diff)
	}
	if len(first) < 15 {
		t.Errorf("only %d exchanges were compared", len(first))
	}
	other, answer3 := walk(t, 43)
	if cmp.Equal(first, other) || answer1 == answer3 {
		t.Error("another seed gives the same run")
	}
}

func TestTheClockMoves(t *testing.T) {
	n := fullAt(t, func(c *mock.Config) { c.Now = func() time.Time { return dateT } })
	a := newApp(t, n)
	n.Advance(time.Hour)
	if !n.Now().Equal(dateT.Add(time.Hour)) {
		t.Errorf("the clock says %v", n.Now())
	}
	res, body := a.do(http.MethodPost, n.AdminURL+"/admin/clock", `{"advance":"1h"}`, nil)
	if res.StatusCode != http.StatusOK || !strings.Contains(string(body), "14:00:00Z") {
		t.Errorf("status %d: %s", res.StatusCode, body)
	}
	if res, _ := a.do(http.MethodPost, n.AdminURL+"/admin/publish", "", nil); res.StatusCode != http.StatusNoContent {
		t.Errorf("publish: status %d", res.StatusCode)
	}
	if _, list := a.get(n.ListsURL+"MedMij_Whitelist.xml", nil); !strings.Contains(string(list), "T14:00:00Z") {
		t.Errorf("the lists are of another time: %s", list)
	}
	n.Reset()
	if _, list := a.get(n.ListsURL+"MedMij_Whitelist.xml", nil); !strings.Contains(string(list), ">1002<") {
		t.Errorf("a reset takes the number of the lists back: %s", list)
	}
}
