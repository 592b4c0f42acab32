package medmij

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func farAway() time.Time { return time.Now().Add(time.Hour) }

func TestLOG_01_EveryRequestAndAnswerIsInTheChainLog(t *testing.T) {
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			tokenServer(goodAnswer)(w, r)
		case r.URL.Query().Get("page") == "1":
			w.WriteHeader(400)
		default:
			serveFHIR(w, 200, bundle("?page=1&secret=canary", resource("AllergyIntolerance", "a")))
		}
	}))
	l, q := begin(t, s, connection("54"), Collect)
	g, err := s.Finish(t.Context(), l, l.Handle, url.Values{"code": {"code-canary"}, "state": {q.Get("state")}})
	if err != nil {
		t.Fatal(err)
	}
	g.Granted = []string{"54"}
	fetchOne(t, s, g)
	var kinds []string
	for _, e := range s.events {
		kinds = append(kinds, e.Event.Type)
		if e.Event.TraceID != l.CorrelationID || e.Event.Location != "pgo.example.nl" || e.Event.SessionID == "" {
			t.Errorf("LOG-02: %+v", e.Event)
		}
	}
	want := []string{
		eventAuthorization, eventAuthorizationAnswer, eventToken, eventTokenAnswer,
		eventResource, eventResourceAnswer, eventResource, eventResourceError,
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
	raw, err := json.Marshal(s.events)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(raw) + s.log.String(); strings.Contains(text, "canary") || strings.Contains(text, q.Get("state")) {
		t.Error("LOG-03: something secret is in a log")
	}
	first, second := s.events[4].Request, s.events[6].Request
	if first.URI != apiBase+"/AllergyIntolerance" || first.ServiceID != 54 || first.ProviderID != "huisarts-delinde" {
		t.Errorf("%+v", first)
	}
	if second.URI != apiBase+"/AllergyIntolerance?page=&secret=" {
		t.Errorf("the values of a next link are logged: %s", second.URI)
	}
	if sent := s.net.requests(); first.ID != sent[1].header("MedMij-Request-ID") {
		t.Error("LOG-02: the request id is another one")
	}
}

func TestAnEventIsOneLineOfJSON(t *testing.T) {
	e := Event{
		Event:   EventHead{Type: eventResource, Location: "pgo.example.nl", Datetime: time.Date(2026, 3, 2, 10, 4, 11, 0, time.UTC), SessionID: "s", TraceID: "t"},
		Request: &EventRequest{ID: "r", Method: "GET", ServiceID: 49},
	}
	raw, err := json.Marshal(e)
	want := `{"event":{"type":"send_resource_request","location":"pgo.example.nl","datetime":"2026-03-02T10:04:11Z","session_id":"s","trace_id":"t"},` +
		`"request":{"id":"r","method":"GET","service_id":49}}`
	if err != nil || string(raw) != want {
		t.Errorf("got %s, %v", raw, err)
	}
}

// dripping gives one byte at a time.
type dripping struct{ pause time.Duration }

func (d dripping) Read(p []byte) (int, error) {
	time.Sleep(d.pause)
	p[0] = ' '
	return 1, nil
}

func TestADrippingAnswerIsGivenUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		pause time.Duration
		want  error
	}{{"a byte a second", time.Second, errTooSlow}, {"fast", time.Microsecond, errTooLarge}} {
		synctest.Test(t, func(t *testing.T) {
			resp := &http.Response{Header: http.Header{}, Body: io.NopCloser(dripping{c.pause})}
			b, err := openBody(resp, 1<<10, Limits{}.withDefaults(), time.Now, func() {})
			if err != nil {
				t.Fatal(err)
			}
			defer b.close()
			if _, err := io.ReadAll(b); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
		})
	}
}

func TestASilentAnswerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := make(chan struct{})
		resp := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader("x"))}
		b, err := openBody(resp, 10, Limits{}.withDefaults(), time.Now, func() { close(stopped) })
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		<-stopped
		if !b.silent() || time.Since(start) != 30*time.Second {
			t.Errorf("stopped after %v", time.Since(start))
		}
	})
}
