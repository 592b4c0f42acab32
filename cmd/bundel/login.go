package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/web/desk"
)

// login takes the person's browser to a provider and waits for it to come
// back, on a loopback address of its own (security-store.md B12): /start sets
// a cookie that only this browser has, and the callback must bring it back.
type login struct {
	app   *app
	begin func(context.Context) (desk.Started, error)
	visit func(ctx context.Context, start string) error // opens /start
	ln    net.Listener
	name  string // of the cookie
	done  chan finished
	shown chan struct{} // closed when the browser has its last page
	once  sync.Once
}

type finished struct {
	desk.Finished
	err error
}

const callbackPath = "/oauth/callback"

// newLogin listens and points the client of the desk at this address.
func (a *app) newLogin(ctx context.Context, d *desk.Desk) (*login, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the login: %w", err)
	}
	l := &login{app: a, ln: ln, name: "bundel_" + strings.ToLower(rand.Text()[:8]) + "_login", done: make(chan finished, 1), shown: make(chan struct{})}
	if err := d.SetRedirect("http://" + ln.Addr().String() + callbackPath); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return l, nil
}

// run does one login. It ends when the browser came back, or ctx ends.
func (l *login) run(ctx context.Context, d *desk.Desk, begin func(context.Context) (desk.Started, error)) (desk.Finished, error) {
	l.begin = begin
	mux := http.NewServeMux()
	mux.HandleFunc("GET /start", l.start)
	mux.HandleFunc("GET "+callbackPath, func(w http.ResponseWriter, r *http.Request) { l.callback(w, r, d) })
	mux.HandleFunc("GET /klaar", func(w http.ResponseWriter, _ *http.Request) { l.last(w, true) })
	mux.HandleFunc("GET /mislukt", func(w http.ResponseWriter, _ *http.Request) { l.last(w, false) })
	srv := &http.Server{Handler: l.guard(mux), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: time.Minute}
	go func() { _ = srv.Serve(l.ln) }()
	defer srv.Close()
	if err := l.visit(ctx, "http://"+l.ln.Addr().String()+"/start"); err != nil {
		return desk.Finished{}, err
	}
	select {
	case f := <-l.done:
		// Let the browser have its last page before the listener closes.
		select {
		case <-l.shown:
		case <-time.After(time.Second):
		}
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = srv.Shutdown(last)
		return f.Finished, f.err
	case <-ctx.Done():
		return desk.Finished{}, usage(l.app.t("u hebt het inloggen gestopt; er is niets veranderd", "you stopped the login; nothing changed"), "bundel connect")
	}
}

// guard refuses other names for this address (DNS rebinding) and sets the
// headers that every answer has.
func (l *login) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
		if r.Host != l.ln.Addr().String() {
			http.Error(w, "", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (l *login) start(w http.ResponseWriter, r *http.Request) {
	started, err := l.begin(r.Context())
	if err != nil {
		l.finish(finished{err: err})
		l.page(w, false)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: l.name, Value: started.Handle, Path: callbackPath, MaxAge: 1800,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, started.Address, http.StatusFound)
}

func (l *login) callback(w http.ResponseWriter, r *http.Request, d *desk.Desk) {
	cookie, err := r.Cookie(l.name)
	if err != nil {
		l.page(w, false) // another browser: the login goes on waiting
		return
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		l.page(w, false)
		return
	}
	f, err := d.Finish(r.Context(), cookie.Value, query)
	if errors.Is(err, desk.ErrBinding) {
		l.page(w, false)
		return
	}
	// On to an address without code and state (CBK-10): this one stays in the
	// history of the browser.
	to := "/klaar"
	if err != nil {
		to = "/mislukt"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	l.finish(finished{f, err})
}

// last is the page at which a login ends, however often it is looked at.
func (l *login) last(w http.ResponseWriter, ok bool) {
	l.page(w, ok)
	l.once.Do(func() { close(l.shown) })
}

func (l *login) finish(f finished) {
	select {
	case l.done <- f:
	default: // somebody was first
	}
}

// endPage is what the person sees last. Its address has no secrets: the
// terminal tells the rest.
var endPage = template.Must(template.New("").Parse(`<!doctype html><html lang="{{.Lang}}"><meta charset="utf-8"><title>Bundel</title><h1>{{.Text}}</h1>`))

func (l *login) page(w http.ResponseWriter, ok bool) {
	text := l.app.t("Dat is niet gelukt. Kijk in uw terminal.", "That did not work. Look at your terminal.")
	if ok {
		text = l.app.t("Gelukt. U kunt dit venster sluiten.", "Done. You can close this window.")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = endPage.Execute(w, struct{ Lang, Text string }{l.app.lang, text})
}

// browse opens the person's browser, or tells where to go.
func (a *app) browse(noBrowser bool) func(context.Context, string) error {
	return func(_ context.Context, address string) error {
		fmt.Fprintln(a.Stderr, a.t("Log in op deze pagina: ", "Log in on this page: ")+address)
		if noBrowser {
			return nil
		}
		if err := a.Browse(address); err != nil {
			a.say("%s", a.t("De browser ging niet vanzelf open.", "The browser did not open by itself."))
		}
		return nil
	}
}
