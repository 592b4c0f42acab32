package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/bundel-pgo/bundel/web/glossary"
)

// Config is what a Server needs.
type Config struct {
	Desk Desk // required

	// Port is the port in the Host of requests. Serve sets it from its
	// listener; zero without Serve refuses every request.
	Port int

	Lang string           // "nl" or "en": the first language; zero: what the person chose last, or Dutch
	Idle time.Duration    // closes the vault after so long without a request, unless the person chose; zero: 10 minutes
	Now  func() time.Time // zero: time.Now
	Log  *slog.Logger     // zero: nothing is logged; never gets health data

	// Certificate are names of substances for which some countries want a
	// certificate from who carries them; "a + b" is a medicine that holds both.
	// The medicine passport then advises to ask the pharmacy. Nil: the list of
	// product.md 6.14.
	Certificate []string

	// About is who makes this edition, as help tells; zero: Bundel itself.
	About About

	// Demo says that the vault holds an example person.
	Demo bool

	// Example begins the demonstration in a language, or says where it is when it
	// was begun before; it outlives the context, which is that of a request. Nil:
	// there is none to show.
	Example func(ctx context.Context, lang string) (Example, error)

	// Random is where proposed passphrases come from; nil: the system's source.
	Random io.Reader

	// Glossary holds nl.txt and en.txt, the words that the pages explain, in the
	// format of package glossary; nil: those of Bundel.
	Glossary fs.FS
}

// Server answers the pages of one person. It is safe for concurrent use.
type Server struct {
	Config
	port     atomic.Int64
	lang     atomic.Value                // string: one person, one language; empty until somebody says which
	prefs    atomic.Pointer[Preferences] // nil until the vault was open
	sessions *sessions
	visit    atomic.Pointer[visit]                    // nil unless somebody looks along
	pages    map[string]map[string]*template.Template // by language and name
	files    map[string]file
	books    map[string]*glossary.Book // by language
	idle     *time.Timer
	made     listsMade
	drafts   drafts
	mux      *http.ServeMux
	inner    http.Handler // the routes, without the guard
}

// New makes a Server. It fails when the Config lacks a Desk, and with a
// *glossary.LineError when its Glossary has a line that cannot be read.
func New(c Config) (*Server, error) {
	if c.Desk == nil {
		return nil, errors.New("web: a Config needs a Desk")
	}
	if c.Idle == 0 {
		c.Idle = 10 * time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Certificate == nil {
		c.Certificate = certificateList()
	}
	c.About = c.About.filled()
	built, err := embedded()
	if err != nil {
		return nil, fmt.Errorf("web: read the templates: %w", err)
	}
	s := &Server{Config: c, sessions: newSessions(), files: built.files, pages: built.pages}
	s.port.Store(int64(c.Port))
	s.lang.Store(c.Lang)
	if s.books, err = booksOf(c.Glossary); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	s.mux = s.routes()
	s.inner = s.mux
	s.idle = time.AfterFunc(c.Idle, s.closeIdle)
	return s, nil
}

// Handler is the whole site: guard, sessions and routes.
func (s *Server) Handler() http.Handler { return s.guard(s.inner) }

// Serve answers on the listener until ctx ends or the listener fails. The
// listener must be on a loopback address. The vault is closed on the way out.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !ok || !addr.IP.IsLoopback() {
		return fmt.Errorf("web: %s is not a loopback address", ln.Addr())
	}
	s.port.Store(int64(addr.Port))
	srv := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 60 * time.Second,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	stop := context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		_ = srv.Shutdown(last)
	})
	defer stop()
	err := srv.Serve(ln)
	s.idle.Stop()
	s.close()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("web: serve the pages: %w", err)
}

// Address is where the pages are: "http://127.0.0.1:8080/".
func (s *Server) Address() string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.FormatInt(s.port.Load(), 10)) + "/"
}

// words are the texts in the language of now.
func (s *Server) words() *words { return s.wordsOr("") }

// wordsOr are the texts in the language of now, or in another one as long as
// nobody chose.
func (s *Server) wordsOr(otherwise string) *words {
	return wordsIn(cmp.Or(s.lang.Load().(string), otherwise))
}

// close ends every session and closes the vault, and with it any visit.
func (s *Server) close() {
	s.visit.Store(nil)
	s.drafts.close(s.Now(), s.idleAfter())
	s.sessions.close()
	s.Desk.Lock()
	s.made.forget()
}

// closeIdle is what the idle timer does. A first run that is still on its way
// has nothing to close.
func (s *Server) closeIdle() {
	if s.Desk.State() == Open {
		s.Log.Info("closed the vault after a time without requests")
		s.close()
	}
}

// touch puts the idle timer back to its full time; during a visit to the end of
// that, which no request puts off.
func (s *Server) touch() {
	if now := s.visit.Load(); now != nil {
		s.idle.Reset(now.until.Sub(s.Now()))
		return
	}
	s.idle.Reset(s.idleAfter())
}
