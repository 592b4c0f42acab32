package medmij

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rotating gives a new pair of tokens each time, and takes each refresh token once.
func rotating() (http.Handler, *atomic.Int32) {
	var calls atomic.Int32
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := calls.Load()
		_ = r.ParseForm()
		w.Header().Set("Content-Type", "application/json")
		if r.PostForm.Get("refresh_token") != fmt.Sprintf("refresh-canary-%d", n+1) {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		calls.Add(1)
		fmt.Fprintf(w, `{"access_token":"access-canary-%d","token_type":"bearer","refresh_token":"refresh-canary-%d"}`, n+2, n+2)
	}), &calls
}

// withData serves tokens, and answers every query with nothing.
func withData(tokens http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			tokens.ServeHTTP(w, r)
			return
		}
		serveFHIR(w, 200, bundle(""))
	}
}

func TestREF_01_TheRefreshTokenIsInTheBody(t *testing.T) {
	handler, _ := rotating()
	s := newSetup(t, handler)
	old := grantFor("49")
	g, err := s.Refresh(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	r := s.net.requests()[0]
	form, err := url.ParseQuery(r.body)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"refresh-canary-1"}, "client_id": {"pgo.example.nl"}}
	if diff := cmp.Diff(want, form); diff != "" {
		t.Error(diff)
	}
	if r.Method != http.MethodPost || r.URL.String() != old.Token || r.header("Authorization") != "" {
		t.Errorf("%s %s", r.Method, r.URL)
	}
	if g.AccessToken != "access-canary-2" || g.RefreshToken != "refresh-canary-2" || g.Generation != 1 {
		t.Error("the grant has other tokens")
	}
	if old.AccessToken != "access-canary-1" {
		t.Error("the old grant was changed")
	}
}

func TestREF_02_ARefreshBeginsAChain(t *testing.T) {
	tokens, _ := rotating()
	s := newSetup(t, withData(tokens))
	g := grantFor("46")
	chains := map[string]bool{g.CorrelationID: true}
	for range 3 {
		next, err := s.Refresh(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		fetchOne(t, s, next)
		sent := s.net.requests()
		refresh, resource := sent[len(sent)-2], sent[len(sent)-1]
		id := refresh.header("X-Correlation-ID")
		if !uuid4.MatchString(id) || chains[id] {
			t.Errorf("the chain %q is not a new one", id)
		}
		if resource.header("X-Correlation-ID") != id || next.CorrelationID != id {
			t.Error("what is fetched with the new token is in another chain")
		}
		if refresh.header("MedMij-Request-ID") == resource.header("MedMij-Request-ID") {
			t.Error("two requests share an id")
		}
		chains[id], g = true, next
	}
}

func TestREF_03_TheNewTokenIsStoredBeforeItIsUsed(t *testing.T) {
	handler, calls := rotating()
	broken := true
	var stored []*Grant
	s := newSetup(t, handler, func(c *Config) {
		c.Save = func(_ context.Context, g *Grant) error {
			if broken {
				return errors.New("disk full")
			}
			stored = append(stored, g)
			return nil
		}
	})
	if g, err := s.Refresh(t.Context(), grantFor("49")); err == nil || g != nil {
		t.Fatal("a grant that was not stored was given")
	}
	broken = false
	g, err := s.Refresh(t.Context(), grantFor("49"))
	if err != nil || g.AccessToken != "access-canary-2" || len(stored) != 1 {
		t.Errorf("the second time: %v", err)
	}
	if calls.Load() != 1 {
		t.Errorf("renewed %d times: the rotated token was lost", calls.Load())
	}
}

func TestREF_03_TheOldTokenIsKeptWhenThereIsNoNewOne(t *testing.T) {
	s := newSetup(t, tokenServer(`{"access_token":"b","token_type":"bearer"}`))
	g, err := s.Refresh(t.Context(), grantFor("49"))
	if err != nil || g.RefreshToken != "refresh-canary-1" || g.AccessToken != "b" {
		t.Errorf("%v", err)
	}
}

func TestREF_04_ConsentThatEnded(t *testing.T) {
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(400)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
	}))
	g, err := s.Refresh(t.Context(), grantFor("49"))
	if !errors.Is(err, ErrConsentEnded) || codeOf(err) != CodeExpired {
		t.Fatalf("got %v", err)
	}
	if g.State != GrantConsentEnded || g.AccessToken != "" || g.RefreshToken != "" || len(s.saved) != 1 || s.saved[0] != g {
		t.Error("the tokens are still there, or that they are gone was not stored")
	}
	if _, err := s.Refresh(t.Context(), grantFor("49")); !errors.Is(err, ErrConsentEnded) || len(s.net.requests()) != 1 {
		t.Errorf("an ended consent was tried again: %v", err)
	}
}

func TestATroubledProviderEndsNoConsent(t *testing.T) {
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	g, err := s.Refresh(t.Context(), grantFor("49"))
	if g != nil || codeOf(err) != CodeUnavailable || len(s.saved) != 0 || len(s.net.requests()) != 1 {
		t.Errorf("got %v with %d requests", err, len(s.net.requests()))
	}
}

func TestREF_05_OneRefreshForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, calls := rotating()
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			inner.ServeHTTP(w, r)
		}))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if g, err := s.Refresh(t.Context(), grantFor("49")); err != nil || g.AccessToken != "access-canary-2" {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		// And one that comes later with the old grant.
		if g, err := s.Refresh(t.Context(), grantFor("49")); err != nil || g.Generation != 1 {
			t.Errorf("late: %v", err)
		}
		if calls.Load() != 1 {
			t.Errorf("%d refreshes", calls.Load())
		}
	})
}

func TestREF_06_NothingIsRenewedWhileNothingIsFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens, calls := rotating()
		s := newSetup(t, withData(tokens))
		g := grantFor("46")
		g.Expiry = time.Now().Add(15 * time.Minute)
		sources := s.Fetch(t.Context(), g)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if calls.Load() != 0 || len(s.net.requests()) != 0 {
			t.Errorf("%d refreshes in an idle day", calls.Load())
		}
		collect(t, sources[0])
		if calls.Load() != 1 {
			t.Errorf("%d refreshes when data were fetched, want 1", calls.Load())
		}
	})
}

func TestREF_08_ThePersonIsToldInTime(t *testing.T) {
	at := func(s string) time.Time {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	for _, c := range []struct {
		consented, success, end string
	}{
		{"2026-01-01", "", "2026-07-01"},
		{"2026-01-01", "2026-03-01", "2026-09-01"},
		{"2026-03-01", "2026-01-01", "2026-09-01"},
		{"2025-08-31", "", "2026-02-28"}, // there is no 31 February
		{"2027-08-30", "", "2028-02-29"},
		{"2026-08-28", "", "2027-02-28"},
		{"2026-12-31", "", "2027-06-30"},
	} {
		g := grantFor("49")
		g.Consented = at(c.consented)
		if c.success != "" {
			g.LastSuccess = at(c.success)
		}
		end := g.ConsentEnd()
		if got := end.Format(time.DateOnly); got != c.end {
			t.Errorf("%s, %s: ends %s, want %s", c.consented, c.success, got, c.end)
		}
		for days, want := range map[int]bool{-31: false, -30: true, -1: true, 0: true, 5: true, -180: false} {
			if got := g.LapsesSoon(end.AddDate(0, 0, days)); got != want {
				t.Errorf("%s: %d days from the end: %v", c.consented, days, got)
			}
		}
		g.RefreshToken = ""
		if !g.ConsentEnd().IsZero() || g.LapsesSoon(end) {
			t.Error("a consent for one time has an end")
		}
		g.RefreshToken, g.State = "r", GrantConsentEnded
		if g.LapsesSoon(end) {
			t.Error("a consent that ended is about to end")
		}
	}
}

// grantKeeper is a store of one grant that several clients share, with a lock.
type grantKeeper struct {
	mu    sync.Mutex
	lock  chan struct{}
	names []string
	grant *Grant
}

func newKeeper(g *Grant) *grantKeeper { return &grantKeeper{lock: make(chan struct{}, 1), grant: g} }

func (k *grantKeeper) hold(ctx context.Context, name string) (func(), error) {
	k.mu.Lock()
	k.names = append(k.names, name)
	k.mu.Unlock()
	select {
	case k.lock <- struct{}{}:
		return func() { <-k.lock }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (k *grantKeeper) save(_ context.Context, g *Grant) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	copied := *g
	k.grant = &copied
	return nil
}

func (k *grantKeeper) reload(context.Context, *Grant) (*Grant, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.grant == nil {
		return nil, nil
	}
	copied := *k.grant
	return &copied, nil
}

func (k *grantKeeper) configure(c *Config) { c.Save, c.Hold, c.Reload = k.save, k.hold, k.reload }

func TestREF_05_WhoWaitedUsesTheTokensOfTheOther(t *testing.T) {
	handler, calls := rotating()
	k := newKeeper(grantFor("49"))
	var wg sync.WaitGroup
	for range 4 { // clients of their own, as in four processes
		s := newSetup(t, handler, k.configure)
		wg.Go(func() {
			if g, err := s.Refresh(t.Context(), grantFor("49")); err != nil || g.AccessToken != "access-canary-2" || g.Generation != 1 {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if calls.Load() != 1 {
		t.Errorf("%d refreshes", calls.Load())
	}
	plain := regexp.MustCompile(`^[0-9a-f]{32}$`)
	for _, name := range k.names {
		if !plain.MatchString(name) || name != k.names[0] {
			t.Errorf("locked %q", name)
		}
	}
	if other := grantFor("48"); other.lockName() != k.names[0] {
		t.Error("the name changes with the services")
	}
	anew := grantFor("49")
	anew.Consented = anew.Consented.Add(time.Second)
	if anew.lockName() == k.names[0] {
		t.Error("another consent has the same lock")
	}
}

func TestWhatIsFoundInTheStoreCounts(t *testing.T) {
	ended := grantFor("49")
	ended.State, ended.AccessToken, ended.RefreshToken, ended.Generation = GrantConsentEnded, "", "", 1
	late := grantFor("49")
	late.Generation, late.RefreshToken, late.Expiry = 1, "refresh-canary-1", time.Now().Add(-time.Hour)
	anew := grantFor("49")
	anew.Consented = anew.Consented.Add(time.Hour)
	before := grantFor("49")
	before.Consented = before.Consented.Add(-time.Hour)
	for _, c := range []struct {
		name    string
		stored  *Grant
		refresh int32 // how many are sent
		ended   bool
	}{
		{"deleted meanwhile", nil, 0, true},
		{"ended meanwhile", ended, 0, true},
		{"consented anew meanwhile", anew, 0, true},
		{"renewed long ago", late, 1, false},
		{"the consent before, this one is not stored yet", before, 1, false},
	} {
		handler, calls := rotating()
		k := newKeeper(c.stored)
		s := newSetup(t, handler, k.configure)
		_, err := s.Refresh(t.Context(), grantFor("49"))
		if errors.Is(err, ErrConsentEnded) != c.ended || (err == nil) == c.ended || calls.Load() != c.refresh {
			t.Errorf("%s: %v after %d refreshes", c.name, err, calls.Load())
		}
		if c.ended && k.grant != c.stored {
			t.Errorf("%s: something was stored", c.name)
		}
	}
}

func TestSucceededTakesOverWhatAnotherProcessStored(t *testing.T) {
	handler, _ := rotating()
	k := newKeeper(grantFor("49"))
	one, two := newSetup(t, handler, k.configure), newSetup(t, handler, k.configure)
	if _, err := one.Refresh(t.Context(), grantFor("49")); err != nil {
		t.Fatal(err)
	}
	g, err := two.Succeeded(t.Context(), grantFor("49"))
	if err != nil || g.RefreshToken != "refresh-canary-2" || k.grant.RefreshToken != "refresh-canary-2" || k.grant.LastSuccess.IsZero() {
		t.Errorf("the token that was used up is back: %v", err)
	}
}

func TestALockThatFailsSendsNothing(t *testing.T) {
	handler, calls := rotating()
	broken := errors.New("disk")
	k := newKeeper(grantFor("49"))
	for name, change := range map[string]func(*Config){
		"hold":   func(c *Config) { c.Hold = func(context.Context, string) (func(), error) { return nil, broken } },
		"reload": func(c *Config) { c.Reload = func(context.Context, *Grant) (*Grant, error) { return nil, broken } },
	} {
		s := newSetup(t, handler, k.configure, change)
		if _, err := s.Refresh(t.Context(), grantFor("49")); !errors.Is(err, broken) || calls.Load() != 0 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Succeeded(t.Context(), grantFor("49")); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
		if len(k.lock) != 0 {
			t.Errorf("%s: the lock is still held", name)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		k := newKeeper(grantFor("49"))
		k.lock <- struct{}{} // by a process that hangs
		s := newSetup(t, handler, k.configure)
		start := time.Now()
		if _, err := s.Refresh(t.Context(), grantFor("49")); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 2*time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
	for _, half := range []func(*Config){func(c *Config) { c.Hold = k.hold }, func(c *Config) { c.Reload = k.reload }} {
		cfg := Config{ClientID: "pgo.example.nl", RedirectURI: "https://pgo.example.nl/cb", Transport: &fakeNet{}}
		half(&cfg)
		if _, err := New(cfg); err == nil {
			t.Error("one of the two hooks is enough")
		}
	}
}

func TestSucceededNeverBringsAnOldTokenBack(t *testing.T) {
	handler, _ := rotating()
	s := newSetup(t, handler)
	old := grantFor("49")
	if _, err := s.Refresh(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	g, err := s.Succeeded(t.Context(), old)
	if err != nil || g.RefreshToken != "refresh-canary-2" || g.LastSuccess.IsZero() {
		t.Fatalf("%v", err)
	}
	again, err := s.Refresh(t.Context(), g)
	if err != nil || again.LastSuccess.IsZero() || again.RefreshToken != "refresh-canary-3" {
		t.Errorf("after it: %v", err)
	}
}

func TestRenewingNeedsSave(t *testing.T) {
	s := newSetup(t, tokenServer(goodAnswer), func(c *Config) { c.Save = nil })
	if _, err := s.Refresh(t.Context(), grantFor("49")); !errors.Is(err, errNoSave) || len(s.net.requests()) != 0 {
		t.Errorf("got %v", err)
	}
	if _, err := s.Succeeded(t.Context(), grantFor("49")); !errors.Is(err, errNoSave) {
		t.Errorf("got %v", err)
	}
}
