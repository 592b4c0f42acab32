package mock_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

var dateT = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func fullAt(t *testing.T, change func(*mock.Config)) *mock.Network {
	t.Helper()
	cfg := full()
	cfg.Date = dateT
	if change != nil {
		change(&cfg)
	}
	return start(t, cfg)
}

func TestAMotherForHerChild(t *testing.T) {
	a := newApp(t, fullAt(t, nil))
	_, _, base := a.zal("huisarts-delinde", "49")
	a.granted("huisarts-delinde", "49", "huisarts-delinde onbehalfofchild", mock.Visitor{Persona: "dina"}, "MedMij_geboortedatum", "20180601")
	if got := a.search(base, "Patient").ids("match"); len(got) != 1 || got[0] != "Patient/delinde-eva" {
		t.Errorf("for Eva: %v", got)
	}
	a.granted("huisarts-delinde", "49", "huisarts-delinde", mock.Visitor{Persona: "dina"})
	if got := a.search(base, "Patient").ids("match"); len(got) != 1 || got[0] != "Patient/delinde-dina" {
		t.Errorf("for herself: %v", got)
	}
}

func TestRepresentationThatIsNoneIsRefused(t *testing.T) {
	a := newApp(t, fullAt(t, func(c *mock.Config) {
		c.Personas[0].Represents = []string{"fred", "cees"}
		c.Personas[1].Children = []string{"cees"}
	}))
	for name, c := range map[string]struct{ persona, kind, birth, want string }{
		"her child":                    {"dina", "onbehalfofchild", "20180601", ""},
		"another birth date":           {"dina", "onbehalfofchild", "20180602", "invalid_scope"},
		"her child as a grown-up":      {"dina", "onbehalfof", "20180601", "invalid_scope"},
		"somebody else's child":        {"gerda", "onbehalfofchild", "20180601", "invalid_scope"},
		"no birth date":                {"dina", "onbehalfofchild", "", "invalid_request"},
		"a birth date of another form": {"dina", "onbehalfofchild", "2018-06-01", "invalid_request"},
		"by authorization":             {"anna", "onbehalfof", "19570914", ""},
		"by authorization, 15 years":   {"anna", "onbehalfof", "20110601", "access_denied"},
		"a child of 15":                {"bram", "onbehalfofchild", "20110601", "access_denied"},
	} {
		back := a.login(a.authorizeURL("huisarts-delinde "+c.kind, "MedMij_geboortedatum", c.birth), mock.Visitor{Persona: c.persona})
		if back.Get("error") != c.want || back.Has("code") != (c.want == "") {
			t.Errorf("%s: error %q, want %q", name, back.Get("error"), c.want)
		}
	}
	for _, e := range a.net.Requests("authorize") {
		if strings.Contains(e.URL, "20180601") {
			t.Fatal("a birth date is in the record")
		}
	}
}

func TestTheAvailabilityTestEarlyAndLate(t *testing.T) {
	for _, late := range []bool{false, true} {
		n := fullAt(t, func(c *mock.Config) { c.Providers[0].LateCheck = late })
		a := newApp(t, n)
		_, token, base := a.zal("huisarts-delinde", "49")
		for name, v := range map[string]mock.Visitor{
			"too young": {Persona: "cees"}, "nothing there": {Persona: "bram"}, "not known": {Name: "Iemand Anders"},
		} {
			back := a.login(a.authorizeURL("huisarts-delinde"), v)
			if !late {
				if back.Get("error") != "access_denied" {
					t.Errorf("early, %s: error %q", name, back.Get("error"))
				}
				continue
			}
			_, answer := a.form(token, tokenForm(back.Get("code")))
			a.token, _ = answer["access_token"].(string)
			if found := a.search(base, "EpisodeOfCare"); found.Total != 0 || len(found.entries) != 0 {
				t.Errorf("late, %s: %d records", name, found.Total)
			}
		}
	}
}

// A person grows older with the clock.
func TestCeesBecomesSixteen(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	n.Advance(367 * 24 * time.Hour)
	if back := a.login(a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "cees"}); !back.Has("code") {
		t.Errorf("at 16: %v", back.Get("error"))
	}
}

func TestASubscriptionIsGrantedAndTaken(t *testing.T) {
	a := newApp(t, fullAt(t, nil))
	_, _, base := a.zal("huisarts-delinde", "49")
	at := a.listed("huisarts-delinde", "49").Subscription.Endpoint
	send := func(body string) int {
		res, _ := a.do(http.MethodPost, at, body, http.Header{"Authorization": {"Bearer " + a.token}, "Content-Type": {"application/json"}})
		return res.StatusCode
	}
	id := strings.Repeat("a1.-", 16)
	if status := send(`{"id":"` + id + `","end":"2026-08-01T00:00:00Z"}`); status != http.StatusForbidden {
		t.Errorf("with another token: status %d", status)
	}
	answer := a.granted("huisarts-delinde", "49", "subscribe~90/huisarts-delinde~49", mock.Visitor{Persona: "anna"})
	if answer["scope"] != "subscribe~90/huisarts-delinde~49" {
		t.Errorf("scope %v", answer["scope"])
	}
	for body, want := range map[string]int{
		`{"id":"` + id + `","end":"2026-08-01T00:00:00Z"}`: http.StatusNoContent,
		`{"id":"` + id + `","status":"off"}`:               http.StatusNoContent,
		`{"id":"` + id + `"}`:                              http.StatusBadRequest,
		`{"id":"short","end":"2026-08-01T00:00:00Z"}`:      http.StatusBadRequest,
		`no JSON`: http.StatusBadRequest,
	} {
		if status := send(body); status != want {
			t.Errorf("%s: status %d, want %d", body, status, want)
		}
	}
	if res, _ := a.fhir(base, "Patient"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a subscription collects: status %d", res.StatusCode)
	}
	a.token = "unknown"
	if status := send(`{}`); status != http.StatusUnauthorized {
		t.Errorf("without a token: status %d", status)
	}
	at = strings.Replace(at, "huisarts-delinde", "kapot", 1)
	if status := send(`{}`); status != http.StatusNotFound {
		t.Errorf("where none is given: status %d", status)
	}
}

func TestTheCancelledLoginSaysSoAndGoesBack(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	a.http = browser(t, n)
	res, _ := a.get(a.authorizeURL("huisarts-delinde"), nil)
	page, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	a.do(http.MethodPost, page.String()+"/continue", "", nil)
	a.do(http.MethodPost, page.String()+"/login-cancel", "", nil)
	if _, body := a.get(page.String(), nil); !strings.Contains(string(body), "U bent niet ingelogd") {
		t.Error("no page says that the login was cancelled")
	}
	res, _ = a.do(http.MethodPost, page.String()+"/back", "", nil)
	if to, err := res.Location(); err != nil || to.Query().Get("error") != "access_denied" {
		t.Errorf("back to %v, %v", to, err)
	}
	back, err := n.Visit(context.Background(), a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "anna", Stop: "login-cancel"})
	if err != nil || back.Query().Get("error") != "access_denied" {
		t.Errorf("a visitor who cancels the login: %v, %v", back, err)
	}
}

func TestThePageOfARepresentativeNamesBoth(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	a.http = browser(t, n)
	res, _ := a.get(a.authorizeURL("huisarts-delinde onbehalfofchild", "MedMij_geboortedatum", "20180601"), nil)
	page, _ := res.Location()
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	a.do(http.MethodPost, page.String()+"/continue", "", form)
	a.do(http.MethodPost, page.String()+"/login", "persona=dina", form)
	_, body := a.get(page.String(), nil)
	for _, want := range []string{"Dina Kok", "namens", "Eva Kok"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
