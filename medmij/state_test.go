package medmij

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var stateStart = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func loginAt(at time.Time) Login {
	return Login{Connection: connection("54"), Purpose: Collect, Created: at, Expires: at.Add(30 * time.Minute)}
}

func consentAt(at time.Time, lasting bool) *Grant {
	g := &Grant{
		Connection: connection("54"), Purpose: Collect, Granted: []string{"54"}, State: GrantActive,
		AccessToken: "access", Expiry: at.Add(15 * time.Minute), Consented: at,
	}
	if lasting {
		g.RefreshToken = "refresh"
	}
	return g
}

// moved is a Known after a move that has to succeed.
func moved(t *testing.T) func(Known, error) Known {
	return func(k Known, err error) Known {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
}

// waiting, trading and granted are a connection on its way.
func waiting(t *testing.T) Known {
	return moved(t)(Known{Listed: true}.Begin(loginAt(stateStart), 7, stateStart))
}

func trading(t *testing.T) Known { return moved(t)(waiting(t).Return(stateStart)) }

func granted(t *testing.T, lasting bool) Known {
	return moved(t)(trading(t).Consent(consentAt(stateStart, lasting), stateStart))
}

// TestStatesFollowTheClock: 30 minutes for a login, 15 for a token, six months
// for a consent.
func TestStatesFollowTheClock(t *testing.T) {
	sixMonths := stateStart.AddDate(0, 6, 0).Sub(stateStart)
	ended := *consentAt(stateStart, true)
	ended.State, ended.AccessToken, ended.RefreshToken = GrantConsentEnded, "", ""
	collected := *consentAt(stateStart, true)
	collected.LastSuccess = stateStart.AddDate(0, 1, 0)
	forever := *consentAt(stateStart, false)
	forever.Expiry = time.Time{}
	refused := moved(t)(waiting(t).Break(&Error{Code: CodeCancel}, stateStart))
	for _, c := range []struct {
		name  string
		known Known
		after time.Duration
		want  ConnectionState
	}{
		{"nothing", Known{Listed: true}, 0, StateNone},
		{"a login waits", waiting(t), 30*time.Minute - 1, StateAwaiting},
		{"and lapses", waiting(t), 30 * time.Minute, StateAbandoned},
		{"a code is exchanged", trading(t), time.Minute, StateExchanging},
		{"and the program was stopped", trading(t), 5 * time.Minute, StateExchangeFailed},
		{"a token lives", granted(t, false), 15*time.Minute - 1, StateActive},
		{"and ends", granted(t, false), 15 * time.Minute, StateExpired},
		{"a token without an end", Known{Grant: &forever, Listed: true}, 10 * sixMonths, StateActive},
		{"a lasting consent", granted(t, true), sixMonths - 1, StateLasting},
		{"and lapses by itself", granted(t, true), sixMonths, StateConsentEnded},
		{"but later when data were collected", Known{Grant: &collected, Listed: true}, sixMonths, StateLasting},
		{"the provider ended it", Known{Grant: &ended, Listed: true}, 0, StateConsentEnded},
		{"refused", refused, sixMonths, StateDenied},
		{"not on the lists any more", Known{Grant: &collected}, 0, StateUnlisted},
		{"stopped after the grant was stored", Known{
			Grant: consentAt(stateStart.Add(time.Second), false), Standing: trading(t).Standing, Listed: true,
		}, time.Hour, StateExpired},
		{"a login that lapsed before a later consent", Known{
			Login: waiting(t).Login, Grant: consentAt(stateStart.Add(time.Hour), false), Listed: true,
		}, 3 * time.Hour, StateExpired},
	} {
		now := stateStart.Add(c.after)
		if got := c.known.State(now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := c.known.Lapse(now).State(now); got != c.want {
			t.Errorf("%s: %s once lapsed, want %s", c.name, got, c.want)
		}
	}
}

func TestEveryStateThatIsWrongHasWords(t *testing.T) {
	for state, want := range map[ConnectionState]string{
		StateNone: "", StateAwaiting: "", StateExchanging: "", StateActive: "", StateLasting: "",
		StateExpired: CodeExpired, StateConsentEnded: CodeExpired, StateAbandoned: CodeAbandoned,
		StateDenied: CodeCancel, StateExchangeFailed: CodeExchange, StateUnlisted: CodeUnlisted,
	} {
		if got := state.Code(); got != want || got != "" && FailureOf(got).Code != want {
			t.Errorf("%s is explained by %q, want %q", state, got, want)
		}
	}
}

func TestHowALoginBreaks(t *testing.T) {
	for _, c := range []struct {
		name  string
		known Known
		cause error
		want  ConnectionState
		last  string
	}{
		{"nobody came", waiting(t), nil, StateAbandoned, ""},
		{"no consent, or nothing there", waiting(t), &Error{Code: CodeCancel, Trace: "t"}, StateDenied, CodeCancel},
		{"our mistake", waiting(t), &Error{Code: CodeClient, Trace: "t"}, StateExchangeFailed, CodeClient},
		{"their trouble", waiting(t), &Error{Code: CodeUnavailable, Trace: "t"}, StateExchangeFailed, CodeUnavailable},
		{"another browser", waiting(t), &Error{Code: CodeLogin, Trace: "t"}, StateAbandoned, CodeLogin},
		{"a code that was used up", trading(t), &Error{Code: CodeLogin, Trace: "t"}, StateExchangeFailed, CodeLogin},
		{"the token endpoint is silent", trading(t), &Error{Code: CodeTimeout, Trace: "t"}, StateExchangeFailed, CodeTimeout},
	} {
		k := moved(t)(c.known.Break(c.cause, stateStart))
		if k.State(stateStart) != c.want || k.Login != nil {
			t.Errorf("%s: %s, want %s", c.name, k.State(stateStart), c.want)
		}
		var want *LastError
		if c.last != "" {
			want = &LastError{Code: c.last, Time: stateStart, Trace: "t"}
		}
		if diff := cmp.Diff(want, k.Standing.LastError); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestWhatCannotHappen has every move from a state it has no place in.
func TestWhatCannotHappen(t *testing.T) {
	now := stateStart.Add(time.Minute)
	late := loginAt(stateStart.Add(-time.Hour))
	share := loginAt(stateStart)
	share.Purpose = Share
	other := consentAt(stateStart.Add(time.Hour), true)
	older := consentAt(stateStart, true)
	renewed := consentAt(stateStart, true)
	renewed.Generation = 1
	longer := consentAt(stateStart, false)
	longer.Expiry = longer.Expiry.Add(time.Hour)
	halfEnded := consentAt(stateStart, true)
	halfEnded.State = GrantConsentEnded
	ended := granted(t, true)
	ended.Grant = consentAt(stateStart, true)
	ended.Grant.State, ended.Grant.AccessToken, ended.Grant.RefreshToken = GrantConsentEnded, "", ""
	unlisted := waiting(t)
	unlisted.Listed = false
	atSecond := granted(t, true)
	atSecond.Grant = renewed
	for name, try := range map[string]func() (Known, error){
		"begin during the exchange":          func() (Known, error) { return trading(t).Begin(loginAt(now), 7, now) },
		"begin where nothing is listed":      func() (Known, error) { return Known{}.Begin(loginAt(now), 7, now) },
		"begin a login that has lapsed":      func() (Known, error) { return Known{Listed: true}.Begin(late, 7, now) },
		"begin a login to share":             func() (Known, error) { return Known{Listed: true}.Begin(share, 7, now) },
		"return without a login":             func() (Known, error) { return Known{Listed: true}.Return(now) },
		"return twice":                       func() (Known, error) { return trading(t).Return(now) },
		"return too late":                    func() (Known, error) { return waiting(t).Return(stateStart.Add(time.Hour)) },
		"return to what is not listed":       func() (Known, error) { return unlisted.Return(now) },
		"break what was not begun":           func() (Known, error) { return granted(t, true).Break(nil, now) },
		"a grant out of nowhere":             func() (Known, error) { return Known{Listed: true}.Consent(other, now) },
		"a grant before the code":            func() (Known, error) { return waiting(t).Consent(other, now) },
		"no grant":                           func() (Known, error) { return trading(t).Consent(nil, now) },
		"a grant that has ended":             func() (Known, error) { return trading(t).Consent(ended.Grant, now) },
		"renew nothing":                      func() (Known, error) { return waiting(t).Renew(renewed, now) },
		"renew to nothing":                   func() (Known, error) { return granted(t, true).Renew(nil, now) },
		"renew to another consent":           func() (Known, error) { return granted(t, true).Renew(other, now) },
		"renew backwards":                    func() (Known, error) { return atSecond.Renew(older, now) },
		"renew what ended":                   func() (Known, error) { return ended.Renew(renewed, now) },
		"renew after six months":             func() (Known, error) { return granted(t, true).Renew(renewed, stateStart.AddDate(0, 6, 0)) },
		"end and keep the tokens":            func() (Known, error) { return granted(t, true).Renew(halfEnded, now) },
		"renew what cannot be":               func() (Known, error) { return granted(t, false).Renew(renewed, now) },
		"a one-time token that lives longer": func() (Known, error) { return granted(t, false).Renew(longer, now) },
		"fail at asking where nothing is":    func() (Known, error) { return waiting(t).Fail(ErrStale, now) },
		"fail without a reason":              func() (Known, error) { return granted(t, true).Fail(nil, now) },
	} {
		k, err := try()
		if !errors.Is(err, ErrMove) {
			t.Errorf("%s: %v, now %s", name, err, k.State(now))
		}
		if err != nil && strings.Contains(err.Error(), "linde") {
			t.Errorf("%s: %v names the provider", name, err)
		}
	}
}

func TestTokensThatWorkOutrankALoginThatFails(t *testing.T) {
	k := granted(t, true)
	now := stateStart.Add(time.Hour)
	k = moved(t)(k.Begin(loginAt(now), 8, now))
	if got := k.State(now); got != StateLasting || k.Standing.ListNumber != 8 {
		t.Errorf("while the person is away: %s, list %d", got, k.Standing.ListNumber)
	}
	k = moved(t)(k.Break(&Error{Code: CodeCancel}, now))
	if got := k.State(now); got != StateLasting || k.Standing.LastError.Code != CodeCancel {
		t.Errorf("after a refusal: %s", got)
	}
	if got := k.State(now.AddDate(1, 0, 0)); got != StateDenied {
		t.Errorf("once it lapsed: %s", got)
	}
}

func TestTheLastSuccessNeverGoesBack(t *testing.T) {
	k := granted(t, true)
	newer, older := *k.Grant, *k.Grant
	newer.LastSuccess = stateStart.Add(time.Hour)
	older.Generation, older.AccessToken = 1, "another"
	now := stateStart.Add(2 * time.Hour)
	k = moved(t)(k.Renew(&newer, now))
	k = moved(t)(k.Renew(&older, now))
	if !k.Grant.LastSuccess.Equal(newer.LastSuccess) || k.Grant.AccessToken != "another" || !older.LastSuccess.IsZero() {
		t.Errorf("%v with %q", k.Grant.LastSuccess, k.Grant.AccessToken)
	}
}

// drawMove draws something that may happen, possible or not.
func drawMove(t *rapid.T, k Known, now time.Time) (name string, to Known, err error) {
	name = rapid.SampledFrom([]string{"begin", "return", "deny", "break", "consent", "renew", "end", "succeed", "fail", "list", "lapse"}).Draw(t, "move")
	switch name {
	case "begin":
		to, err = k.Begin(loginAt(now), 7, now)
	case "return":
		to, err = k.Return(now)
	case "deny":
		to, err = k.Break(&Error{Code: CodeCancel}, now)
	case "break":
		to, err = k.Break(&Error{Code: CodeTimeout}, now)
	case "consent":
		to, err = k.Consent(consentAt(now, rapid.Bool().Draw(t, "lasting")), now)
	case "renew", "end", "succeed":
		to, err = k.Renew(drawGrant(t, name, k.Grant, now), now)
	case "fail":
		to, err = k.Fail(&Error{Code: CodeUnavailable}, now)
	case "list":
		to = k
		to.Listed = !k.Listed
	case "lapse":
		to = k.Lapse(now)
	}
	return name, to, err
}

// drawGrant is what may come of a grant, of this consent or one before it.
func drawGrant(t *rapid.T, name string, old *Grant, now time.Time) *Grant {
	g := consentAt(stateStart, true)
	if old != nil {
		*g = *old
	}
	g.Generation += rapid.IntRange(-1, 1).Draw(t, "generation")
	switch name {
	case "renew":
		g.State, g.AccessToken, g.Expiry = GrantActive, "another", now.Add(15*time.Minute)
		g.RefreshToken = "another"
	case "end":
		g.State, g.AccessToken, g.RefreshToken = GrantConsentEnded, "", ""
	case "succeed":
		g.LastSuccess = now.Add(-time.Duration(rapid.IntRange(0, 100).Draw(t, "hours ago")) * time.Hour)
	}
	return g
}

// arrows are the changes of state that a move may make; time, the lists and
// moves that stay where they are come on top.
var arrows = map[string][]string{
	"begin": {
		"none awaiting_callback", "expired awaiting_callback", "abandoned awaiting_callback", "denied awaiting_callback",
		"exchange_failed awaiting_callback", "consent_ended awaiting_callback",
	},
	"return":  {"awaiting_callback exchanging"},
	"deny":    {"awaiting_callback denied", "abandoned denied", "exchanging exchange_failed"},
	"break":   {"awaiting_callback exchange_failed", "abandoned exchange_failed", "exchanging exchange_failed"},
	"consent": {"exchanging active", "exchanging active_refresh", "exchange_failed active", "exchange_failed active_refresh", "active active_refresh", "active_refresh active"},
	"end":     {"active consent_ended", "active_refresh consent_ended", "expired consent_ended"},
}

// TestLawsOfConnections lets anything happen in any order and at any time.
func TestLawsOfConnections(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, now := Known{Listed: true}, stateStart
		for range rapid.IntRange(1, 40).Draw(t, "moves") {
			minutes := rapid.SampledFrom([]int{0, 0, 1, 4, 16, 31, 60 * 24 * 30, 60 * 24 * 200}).Draw(t, "minutes")
			later := now.Add(time.Duration(minutes) * time.Minute)
			if was := k.State(now); !was.HasTokens() && k.State(later).HasTokens() {
				t.Fatalf("time made %s into %s", was, k.State(later))
			}
			now = later
			before, was := snapshot(t, k), k.State(now)
			name, next, err := drawMove(t, k, now)
			if snapshot(t, k) != before {
				t.Fatalf("%s changed what it was called on", name)
			}
			if err != nil {
				if !errors.Is(err, ErrMove) || snapshot(t, next) != before {
					t.Fatalf("%s was refused and did something: %v", name, err)
				}
				continue
			}
			checkArrow(t, name, was, next.State(now), k.Listed && next.Listed)
			checkKnown(t, name, k, next, now)
			k = next
		}
	})
}

func snapshot(t *rapid.T, k Known) string {
	raw, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func checkArrow(t *rapid.T, name string, from, to ConnectionState, listed bool) {
	if !listed {
		if name != "list" && to != StateUnlisted {
			t.Fatalf("%s brought back what is not listed: %s", name, to)
		}
		return
	}
	if from == to {
		return
	}
	for _, arrow := range arrows[name] {
		if arrow == string(from)+" "+string(to) {
			return
		}
	}
	// Ending a consent shows the login that was tried meanwhile.
	if name == "end" && from.HasTokens() && !to.HasTokens() {
		return
	}
	t.Fatalf("%s: %s to %s", name, from, to)
}

func checkKnown(t *rapid.T, name string, before, k Known, now time.Time) {
	k.Listed, before.Listed = true, true
	state := k.State(now)
	if state.HasTokens() && (k.Grant.State != GrantActive || k.Grant.AccessToken == "") {
		t.Fatalf("%s: %s without a token", name, state)
	}
	if g := k.Lapse(now).Grant; !state.HasTokens() && g != nil && (g.AccessToken != "" || g.RefreshToken != "") {
		t.Fatalf("%s: tokens in %s", name, state)
	}
	if k.Lapse(now).State(now) != state || snapshot(t, k.Lapse(now).Lapse(now)) != snapshot(t, k.Lapse(now)) {
		t.Fatalf("%s: lapsing changes %s", name, state)
	}
	if !before.State(now).HasTokens() && state.HasTokens() && name != "consent" {
		t.Fatalf("%s gave tokens without a login", name)
	}
	if before.Grant != nil && k.Grant != nil && name != "consent" && k.Grant.LastSuccess.Before(before.Grant.LastSuccess) {
		t.Fatalf("%s: the last success went back", name)
	}
	var stored Standing
	raw, _ := json.Marshal(k.Standing)
	if err := json.Unmarshal(raw, &stored); err != nil {
		t.Fatal(err)
	}
	again := k
	again.Standing = stored
	if again.State(now) != state {
		t.Fatalf("%s: %s is %s after storing", name, state, again.State(now))
	}
}

// TestStatesOfARealConnection has the client do what the moves tell of.
func TestStatesOfARealConnection(t *testing.T) {
	now, ended := stateStart, false
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ended {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(400)
			_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
			return
		}
		tokenServer(goodAnswer)(w, r)
	}), func(c *Config) { c.Now = func() time.Time { return now } })
	k := Known{Listed: true}
	l, q := begin(t, s, connection("54"), Collect)
	k = moved(t)(k.Begin(l, 3, now))
	k = moved(t)(k.Return(now))
	g, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"x"}, "state": {q.Get("state")}})
	if err != nil {
		t.Fatal(err)
	}
	k = moved(t)(k.Consent(g, now))
	if got := k.State(now); got != StateLasting {
		t.Fatalf("after the login: %s", got)
	}
	k = moved(t)(k.Fail(&Error{Code: CodeUnavailable, Trace: "t"}, now))
	now = now.Add(time.Hour)
	g, err = s.Refresh(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	k = moved(t)(k.Renew(g, now))
	if k.Standing.LastError == nil {
		t.Error("a new token is no success yet")
	}
	g, err = s.Succeeded(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	k = moved(t)(k.Renew(g, now))
	if k.Standing.LastError != nil || !k.Grant.LastSuccess.Equal(now) || k.State(now.AddDate(0, 5, 0)) != StateLasting {
		t.Errorf("after a success: %+v", k.Standing)
	}
	now, ended = now.Add(time.Hour), true
	g, err = s.Refresh(t.Context(), g)
	if !errors.Is(err, ErrConsentEnded) {
		t.Fatal(err)
	}
	k = moved(t)(k.Renew(g, now))
	k = moved(t)(k.Fail(err, now))
	if got := k.State(now); got != StateConsentEnded || k.Standing.LastError.Code != CodeExpired || k.Standing.LastError.Trace == "" {
		t.Errorf("after the end: %s, %+v", got, k.Standing.LastError)
	}
}
