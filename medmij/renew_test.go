package medmij

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
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

func TestREF_01_TheRefreshRequest(t *testing.T) {
	handler, _ := rotating()
	s := newSetup(t, handler)
	old := grantFor("49")
	g, err := s.Refresh(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	r := s.net.requests()[0]
	body, _ := url.ParseQuery(r.body)
	if body.Get("grant_type") != "refresh_token" || body.Get("refresh_token") != "refresh-canary-1" ||
		body.Get("client_id") != "pgo.example.nl" || body.Has("scope") || body.Has("redirect_uri") {
		t.Errorf("the body has %d parameters that are not right", len(body))
	}
	if r.header("X-Correlation-ID") == old.CorrelationID || r.header("X-Correlation-ID") != g.CorrelationID {
		t.Error("REF-02: a refresh starts a new chain")
	}
	if g.AccessToken != "access-canary-2" || g.RefreshToken != "refresh-canary-2" || g.Generation != 1 {
		t.Error("the grant has other tokens")
	}
	if old.AccessToken != "access-canary-1" {
		t.Error("the old grant was changed")
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
