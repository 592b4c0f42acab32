package share

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// cheapRelay answers at once: a passcode costs little, and anybody may ask often.
func cheapRelay(t testing.TB, change func(*RelayConfig)) *Relay {
	t.Helper()
	c := RelayConfig{Data: t.TempDir(), PublicURL: "https://relay.example", PerMinute: 100_000, PasscodeMemory: 64}
	if change != nil {
		change(&c)
	}
	r, err := OpenRelay(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// direct is a client of a relay without a network between: the public address
// is the relay, and nothing else can be reached.
func direct(r *Relay) *http.Client {
	return &http.Client{Transport: wire{r.Handler(), "203.0.113.7:40000"}}
}

type wire struct {
	h    http.Handler
	from string
}

func (w wire) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.URL.Host != "relay.example" {
		return nil, http.ErrNotSupported
	}
	in := httptest.NewRequestWithContext(q.Context(), q.Method, q.URL.String(), q.Body)
	in.Header = q.Header
	in.RemoteAddr = w.from
	out := httptest.NewRecorder()
	w.h.ServeHTTP(out, in)
	return out.Result(), nil
}

const smallDocument = `{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","title":"Samenvatting"}}]}`

func someFiles() []File {
	return []File{{ContentType: TypeFHIR, FHIRVersion: "4.0.1", Body: []byte(smallDocument)}}
}

func publish(t testing.TB, r *Relay, o Options) Link {
	t.Helper()
	o.Now = r.Now()
	l, err := publishAt(t.Context(), direct(r), r.PublicURL, someFiles(), o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func open(t testing.TB, r *Relay, l Link, passcode string) ([]File, error) {
	t.Helper()
	return Open(t.Context(), direct(r), l.URI, Opener{Recipient: "dr. Test", Passcode: passcode, Now: r.Now()})
}

// post asks the manifest of an id as a plain client would.
func post(t testing.TB, r *Relay, id, body string) (status int, header http.Header, answer map[string]any) {
	t.Helper()
	q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, r.PublicURL+"/shl/"+id, bytes.NewReader([]byte(body)))
	q.RemoteAddr = "198.51.100.9:1"
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, q)
	_ = json.Unmarshal(w.Body.Bytes(), &answer)
	return w.Code, w.Header(), answer
}

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

var morning = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// publishAt makes a link and publishes it.
func publishAt(ctx context.Context, client *http.Client, relayURL string, files []File, o Options) (Link, error) {
	u, err := NewLink(relayURL, files, o)
	if err != nil {
		return u.Link, err
	}
	return u.Link, u.Publish(ctx, client)
}
