package medmij_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

// listApp is an app of the network: its lists, its client and what they log.
type listApp struct {
	*testing.T
	*medmij.Lists
	net    *mock.Network
	client *medmij.Client
	cfg    medmij.ListsConfig
	log    *bytes.Buffer
	edit   *listEditor
}

// listEditor changes what the list server answers.
type listEditor struct {
	mu      sync.Mutex
	replace map[string]*strings.Replacer // by endpoint
	answer  map[string]http.HandlerFunc  // instead of a list
	path    map[string]string            // paths that are served as others
}

func (e *listEditor) around(endpoint string, next http.Handler) http.Handler {
	e.mu.Lock()
	defer e.mu.Unlock()
	if h, ok := e.answer[endpoint]; ok {
		return h
	}
	r, ok := e.replace[endpoint]
	if !ok {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			e.mu.Lock()
			if path, ok := e.path[req.URL.Path]; ok {
				req.URL.Path = path
			}
			e.mu.Unlock()
			next.ServeHTTP(w, req)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, req)
		w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
		_, _ = io.WriteString(w, r.Replace(rec.Body.String()))
	})
}

// change has the server replace texts in a list; none sets it right again.
func (e *listEditor) change(endpoint string, oldnew ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.answer, endpoint)
	e.replace[endpoint] = strings.NewReplacer(oldnew...)
}

func (e *listEditor) serve(endpoint string, h http.HandlerFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer[endpoint] = h
}

// newListApp starts a network and an app that knows its lists.
func newListApp(t *testing.T, change ...func(*medmij.ListsConfig)) *listApp {
	t.Helper()
	e := &listEditor{replace: map[string]*strings.Replacer{}, answer: map[string]http.HandlerFunc{}, path: map[string]string{}}
	l := &listApp{T: t, edit: e, log: new(bytes.Buffer), net: mock.Start(t, mock.Config{Seed: 7, Intercept: e.around})}
	pair, err := tls.X509KeyPair(l.net.ClientCert, l.net.ClientKey)
	if err != nil {
		t.Fatal(err)
	}
	creds := medmij.TLS{Certificate: &pair, Roots: x509.NewCertPool()}
	creds.Roots.AppendCertsFromPEM(l.net.CA)
	l.cfg = medmij.ListsConfig{
		URL: l.net.ListsURL, TLS: creds, Dev: true, ClientID: l.net.ClientID, Log: slog.New(slog.NewTextHandler(l.log, nil)),
	}
	for _, f := range change {
		f(&l.cfg)
	}
	l.Lists = medmij.NewLists(l.cfg)
	direct, err := medmij.NewDirect(medmij.DirectConfig{TLS: creds, Directory: l.Directory, Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.CloseIdle)
	l.client, err = medmij.New(medmij.Config{
		ClientID: l.net.ClientID, RedirectURI: "https://" + l.net.ClientID + "/oauth/callback", Transport: direct, Log: l.cfg.Log,
		Save: func(context.Context, *medmij.Grant) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// good refreshes without an error.
func (l *listApp) good() *medmij.Directory {
	l.Helper()
	if err := l.Refresh(l.Context()); err != nil {
		l.Fatal(err)
	}
	d, err := l.Directory()
	if err != nil {
		l.Fatal(err)
	}
	return d
}

// connection is that of the GP as it is listed now.
func (l *listApp) connection() medmij.Connection {
	l.Helper()
	d, err := l.Directory()
	if err != nil {
		l.Fatal(err)
	}
	p, ok := d.Provider("huisarts-delinde")
	if !ok || len(p.Connections) != 1 {
		l.Fatalf("connections of the GP: %v", p.Connections)
	}
	return p.Connections[0]
}

// finish lets the person log in, and exchanges the code.
func (l *listApp) finish(login medmij.Login) error {
	l.Helper()
	back, err := l.net.Visit(l.Context(), login.URL, mock.Visitor{Persona: "anna"})
	if err != nil {
		l.Fatal(err)
	}
	_, err = l.client.Finish(l.Context(), login, login.Handle, back.Query())
	return err
}

func TestLST_01_ListsComeOverTrustedTLS(t *testing.T) {
	l := newListApp(t)
	if d := l.good(); d.Len() != 3 {
		t.Errorf("%d providers", d.Len())
	}
	for _, e := range l.net.Requests("list") {
		if e.Host != strings.TrimSuffix(strings.TrimPrefix(l.net.ListsURL, "https://"), "/") {
			t.Errorf("asked at %s", e.Host)
		}
	}
	plain := "http://" + strings.TrimPrefix(l.net.ListsURL, "https://")
	for name, change := range map[string]func(*medmij.ListsConfig){
		"another authority": func(c *medmij.ListsConfig) {
			other := mock.Start(t, mock.Config{})
			c.TLS.Roots = x509.NewCertPool()
			c.TLS.Roots.AppendCertsFromPEM(other.CA)
		},
		"no authority":                      func(c *medmij.ListsConfig) { c.TLS = medmij.TLS{} },
		"another host":                      func(c *medmij.ListsConfig) { c.URL = strings.Replace(c.URL, "stelselnode", "other", 1) },
		"not over TLS":                      func(c *medmij.ListsConfig) { c.URL = plain },
		"not over TLS, outside development": func(c *medmij.ListsConfig) { c.URL, c.Dev = plain, false },
	} {
		l.net.Reset()
		cfg := l.cfg
		change(&cfg)
		wrong := medmij.NewLists(cfg)
		err := wrong.Refresh(t.Context())
		if _, none := wrong.Directory(); err == nil || !errors.Is(none, medmij.ErrNoLists) || wrong.Last() != nil {
			t.Errorf("%s: lists were loaded: %v", name, err)
		}
		var certificate *tls.CertificateVerificationError
		if !strings.HasPrefix(name, "not") && (!errors.As(err, &certificate) || len(l.net.Requests()) > 0) {
			t.Errorf("%s: %v, %d requests", name, err, len(l.net.Requests()))
		}
	}
}

func TestLST_02_TheVersionIsAskedFor(t *testing.T) {
	for asked, want := range map[string]string{"": "2", "3": "3"} {
		l := newListApp(t, func(c *medmij.ListsConfig) { c.API, c.ZAKL = asked, medmij.FileZAKL })
		l.good()
		files := map[string]bool{}
		for _, e := range l.net.Requests() {
			u, err := url.Parse(e.URL)
			if err != nil || e.Method != http.MethodGet || u.RawQuery != "api="+want {
				t.Errorf("asked %s %s", e.Method, e.URL)
			}
			files[strings.TrimPrefix(u.Path, "/")] = true
		}
		for _, file := range []string{medmij.FileWhitelist, medmij.FileZAL, medmij.FileOCL, medmij.FileGNL, medmij.FileZAKL} {
			if !files[file] {
				t.Errorf("%s was not asked for", file)
			}
		}
	}
}

// Faults L01, L02, L03, L04 and L15.
func TestLST_04_TheLastGoodListStays(t *testing.T) {
	l := newListApp(t)
	l.good()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, answer := range map[string]http.HandlerFunc{
		"503": status(503), "404": status(404), "304 that was not asked for": status(304), "204": status(204),
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, l.net.ListsURL+"elsewhere", http.StatusMovedPermanently)
		},
		"nothing":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"not XML":      func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"another list": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, emptyGNL) },
		"an invalid list": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Replace(emptyGNL, ">19<", ">x<", 1))
		},
	} {
		for _, list := range []string{"list:whitelist", "list:providers", "list:clients", "list:services"} {
			l.edit.serve(list, answer)
		}
		l.net.Reset()
		if err := l.Refresh(t.Context()); err == nil || strings.Contains(err.Error(), "<html>") {
			t.Errorf("%s: %v", name, err)
		}
		if d, err := l.Directory(); err != nil || d.Len() != 3 || d.ServiceName("49") == "Gegevensdienst 49" || d.Organization(l.net.ClientID) == "" {
			t.Errorf("%s: the last good lists are gone: %v", name, err)
		}
		if len(l.net.Requests("list")) != 4 || len(l.net.Requests("other")) != 0 {
			t.Errorf("%s: asked %v", name, l.net.Requests())
		}
	}
	login, err := l.client.Begin(t.Context(), l.connection(), medmij.Collect)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.finish(login); err != nil {
		t.Errorf("a login while the list server is down: %v", err)
	}
}

const emptyGNL = `<Gegevensdienstnamenlijst xmlns="xmlns://afsprakenstelsel.medmij.nl/gegevensdienstnamenlijst/release1/">
  <Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel><Volgnummer>19</Volgnummer><Gegevensdiensten/>
</Gegevensdienstnamenlijst>`

// Fault L05, now and after a restart.
func TestLST_06_AnOlderListIsRefused(t *testing.T) {
	folder := t.TempDir()
	l := newListApp(t, func(c *medmij.ListsConfig) { c.Cache = folder })
	l.good()
	for _, c := range []struct {
		list string
		edit []string
	}{
		{"list:whitelist", []string{"api.dva.", "api9.dva."}},
		{"list:providers", []string{"huisarts-delinde", "huisarts-deeik"}},
		{"list:clients", []string{"Bundel (test)", "Iemand Anders"}},
		{"list:services", []string{"Huisartsgegevens", "Iets Anders"}},
	} {
		l.edit.change(c.list, append(c.edit, "<Volgnummer>1001<", "<Volgnummer>1000<")...)
		for name, now := range map[string]*medmij.Lists{"running": l.Lists, "after a restart": medmij.NewLists(l.cfg)} {
			l.log.Reset()
			err := now.Refresh(t.Context())
			if err == nil || strings.Count(l.log.String(), "list_rollback_rejected") != 1 {
				t.Errorf("%s, %s: %v", c.list, name, err)
			}
			d, err := now.Directory()
			if err != nil {
				t.Fatal(err)
			}
			_, listed := d.Provider("huisarts-delinde")
			if !listed || !d.Allowed("api.dva.medmij.localhost") || d.Organization(l.net.ClientID) != "Bundel (test)" || d.ServiceName("49") == "Iets Anders" {
				t.Errorf("%s, %s: the older list is in force", c.list, name)
			}
		}
		l.edit.change(c.list, append(c.edit, "<Volgnummer>1001<", "<Volgnummer>1002<")...)
		if l.good(); c.list == "list:whitelist" {
			if d, _ := l.Directory(); d.Allowed("api.dva.medmij.localhost") {
				t.Error("a host that was taken off is allowed")
			}
			l.edit.change(c.list, "<Volgnummer>1001<", "<Volgnummer>1003<")
			l.good()
		}
		l.edit.change(c.list, "<Volgnummer>1001<", "<Volgnummer>1004<")
		l.good()
	}
}

// Fault L06.
func TestLST_07_NothingGoesOutOnStaleLists(t *testing.T) {
	now := time.Now()
	l := newListApp(t, func(c *medmij.ListsConfig) { c.Now = func() time.Time { return now } })
	l.good()
	conn := l.connection()
	l.edit.serve("list:whitelist", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	now = now.Add(23 * time.Hour)
	_ = l.Refresh(t.Context())
	if _, err := l.client.Begin(t.Context(), conn, medmij.Collect); err != nil {
		t.Errorf("after 23 hours: %v", err)
	}
	now = now.Add(2 * time.Hour)
	_ = l.Refresh(t.Context()) // the other lists are fresh
	l.net.Reset()
	var refused *medmij.Error
	if _, err := l.client.Begin(t.Context(), conn, medmij.Collect); !errors.Is(err, medmij.ErrStale) || !errors.As(err, &refused) || refused.Code != medmij.CodeLists {
		t.Errorf("after 25 hours: %v", err)
	}
	grant, err := medmij.FixedToken(conn, l.net.Personas[0].Token)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range l.client.Fetch(t.Context(), grant) {
		for page, err := range source.Pages {
			if err == nil && page.Result != nil && page.Result.Detail != medmij.CodeLists {
				t.Errorf("%s: %+v", page.Query, page.Result)
			}
		}
	}
	if sent := l.net.Requests(); len(sent) > 0 {
		t.Errorf("%d requests on stale lists", len(sent))
	}
	if d := l.Last(); d == nil || d.ServiceName("49") == "" {
		t.Error("what is stored cannot be shown")
	}
	l.edit.change("list:whitelist")
	l.good()
	if _, err := l.client.Begin(t.Context(), conn, medmij.Collect); err != nil {
		t.Errorf("after a good list: %v", err)
	}
}

func TestLST_08_EndpointsComeFromTheListAtTheStart(t *testing.T) {
	l := newListApp(t)
	l.good()
	login, err := l.client.Begin(t.Context(), l.connection(), medmij.Collect)
	if err != nil {
		t.Fatal(err)
	}
	// The provider moves while the person is at the pages.
	l.edit.path["/moved/token"] = "/oauth2/token"
	l.edit.change("list:providers", "/oauth2/token", "/moved/token", "<Volgnummer>1001<", "<Volgnummer>1002<")
	d := l.good()
	if err := l.finish(login); err != nil {
		t.Fatal(err)
	}
	if old, moved := l.asked("/oauth2/token"), l.asked("/moved/token"); old != 1 || moved != 0 {
		t.Errorf("the exchange went to the old endpoint %d times, to the new one %d times", old, moved)
	}
	if _, listed := d.Listed(login.Connection); listed {
		t.Error("the old endpoints are still listed")
	}
	again, err := l.client.Begin(t.Context(), l.connection(), medmij.Collect)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.finish(again); err != nil {
		t.Fatal(err)
	}
	if old, moved := l.asked("/oauth2/token"), l.asked("/moved/token"); old != 1 || moved != 1 {
		t.Errorf("the new exchange: %d to the old, %d to the new", old, moved)
	}
	if found, listed := d.Listed(again.Connection); !listed || len(found.Services) != 2 {
		t.Errorf("the new endpoints: %+v", found)
	}
	l.edit.change("list:providers", "huisarts-delinde", "huisarts-deeik", "<Volgnummer>1001<", "<Volgnummer>1003<")
	if _, listed := l.good().Listed(again.Connection); listed {
		t.Error("L08: a provider that left is still listed")
	}
}

func (l *listApp) asked(path string) (n int) {
	for _, e := range l.net.Requests() {
		if u, err := url.Parse(e.URL); err == nil && u.Path == path {
			n++
		}
	}
	return n
}

func TestLST_09_ServicesAreNamedAsListed(t *testing.T) {
	l := newListApp(t)
	l.edit.change("list:services", ">Huisartsgegevens<", ">Gegevens van de huisarts<", "<GegevensdienstId>48<", "<GegevensdienstId>4800<")
	d := l.good()
	if got := d.ServiceName("49"); got != "Gegevens van de huisarts" {
		t.Errorf("service 49 is shown as %q", got)
	}
	if got := d.ServiceName("48"); got != "Gegevensdienst 48" {
		t.Errorf("L13: a service without a name is shown as %q", got)
	}
}

// Fault L07.
func TestLST_11_DangerousListsDoNoHarm(t *testing.T) {
	l := newListApp(t)
	l.good()
	var sent atomic.Int64
	entities := strings.Repeat("&a;", 1000)
	for name, answer := range map[string]http.HandlerFunc{
		"DOCTYPE": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!DOCTYPE x>"+emptyGNL) },
		"entities": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `<!DOCTYPE x [<!ENTITY b "bbbbbbbb"><!ENTITY a "`+strings.Repeat("&b;", 1000)+`">]><Whitelist>`+entities+"</Whitelist>")
		},
		"an external entity": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `<!DOCTYPE x [<!ENTITY a SYSTEM "`+l.net.ListsURL+`secret">]><Whitelist>&a;</Whitelist>`)
		},
		"depth": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("<a>", 200_000)) },
		"1 GiB": func(w http.ResponseWriter, _ *http.Request) {
			sent.Store(0)
			part := bytes.Repeat([]byte("<MedMijNode>"), 1<<14)
			for range 1 << 30 / len(part) {
				n, err := w.Write(part)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		},
	} {
		for _, list := range []string{"list:whitelist", "list:clients", "list:services"} {
			l.edit.serve(list, answer)
		}
		l.net.Reset()
		if err := l.Refresh(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
		if d, err := l.Directory(); err != nil || d.Len() != 3 || !d.Allowed("api.dva.medmij.localhost") {
			t.Errorf("%s: the last good lists are gone: %v", name, err)
		}
		if len(l.net.Requests("other")) > 0 {
			t.Errorf("%s: something else was fetched", name)
		}
	}
	// What is in the buffers between the two counts too.
	if n := sent.Load(); n == 0 || n > 64<<20 {
		t.Errorf("%d MiB of an endless list were taken", n>>20)
	}
}

// Fault L12: who is not on the lists is told at each refresh.
func TestTheAppIsToldThatItIsNotListed(t *testing.T) {
	l := newListApp(t)
	l.good()
	if strings.Contains(l.log.String(), "not on the MedMij lists") {
		t.Errorf("the app is listed, and the log says %s", l.log)
	}
	l.edit.change("list:clients", l.net.ClientID, "other.medmij.localhost", "<Volgnummer>1001<", "<Volgnummer>1002<")
	for range 2 {
		l.log.Reset()
		var missing *medmij.MissingError
		if err := l.good().SelfCheck(l.net.ClientID); !errors.As(err, &missing) || len(missing.Lists) != 1 || missing.Lists[0] != medmij.FileOCL {
			t.Errorf("got %v", err)
		}
		if n := strings.Count(l.log.String(), "not on the MedMij lists"); n != 1 {
			t.Errorf("%d warnings: %s", n, l.log)
		}
	}
}
