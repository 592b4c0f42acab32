package medmij

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	// refreshEvery is the most that may be between two looks (LST-05).
	refreshEvery = 15 * time.Minute
	// clockSlack is how far a clock may be put back without suspicion.
	clockSlack = 5 * time.Minute
)

// ListsConfig says where the lists are. Either Dir or URL is set.
type ListsConfig struct {
	Dir string // a folder with the four files and, if any, those of ZAKL and address book
	URL string // the address before the file names
	API string // the version asked for; empty is "2"

	// AddressBook is the file or the https address of the address book; empty
	// is addressbook.json in Dir, if it is there.
	AddressBook string
	// ZAKL is the name of the file, in Dir or after URL, with the numbers of
	// providers; empty is [FileZAKL] in Dir and none at a URL. It may be absent.
	ZAKL string
	// Cache is a folder where the last good lists are kept over a restart, for
	// this Lists alone; it is made when it is not there. What is in it is
	// public, but who can write there can change whom the app trusts. Empty
	// keeps nothing.
	Cache string

	// Lenient takes lists that are not quite as their schemas ask: unknown
	// elements and attributes are skipped, addresses may have double and
	// trailing slashes, and services of a provider that are wrong beyond that
	// are dropped. What was tolerated is counted in the log.
	Lenient bool
	// ClientID is the app itself. When it is not on the lists, each refresh
	// logs a warning; see [Directory.SelfCheck]. Empty checks nothing.
	ClientID string

	TLS      TLS           // for URL
	Refresh  time.Duration // how often [Lists.Run] looks; zero and more than 15 minutes is 15 minutes
	MaxStale time.Duration // when lists are too old to connect anywhere; zero is 24 hours
	Limits   Limits
	Dev      bool              // loopback hosts are allowed in the lists
	DevPorts map[string]string // see [DirectConfig]
	Now      func() time.Time  // nil is time.Now
	Log      *slog.Logger      // nil is slog.Default
}

// Lists keeps the lists up to date. A list that cannot be fetched, is not
// valid or is older than the one at hand changes nothing: the last good one
// stays. It is safe for concurrent use.
type Lists struct {
	cfg  ListsConfig
	http *http.Client

	refreshing sync.Mutex // one Refresh at a time

	mu        sync.RWMutex
	directory *Directory
	checked   time.Time // when the Whitelist was last seen to be good
	seen      time.Time // the latest moment on the clock, on the wall

	// Of the lists at hand; guarded by refreshing.
	whitelist *Whitelist
	zal       *ZAL
	ocl       *OCL
	gnl       *GNL
	zakl      *ZAKL
	book      []Address
	keepers   []*keeper
	cache     *listCache // nil when there is none; read at the first Refresh
}

// NewLists makes a Lists; nothing is read until Refresh.
func NewLists(cfg ListsConfig) *Lists {
	cfg.API = cmp.Or(cfg.API, "2")
	if cfg.Refresh <= 0 || cfg.Refresh > refreshEvery {
		cfg.Refresh = refreshEvery
	}
	cfg.MaxStale = cmp.Or(cfg.MaxStale, 24*time.Hour)
	cfg.Limits = cfg.Limits.withDefaults()
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	// A fetch is seldom: no connection is kept open between two.
	transport := httpTransport(cfg.TLS, cfg.Limits, cfg.Dev, cfg.DevPorts)
	transport.DisableKeepAlives = true
	l := &Lists{cfg: cfg, http: &http.Client{
		Transport:     transport,
		Timeout:       cfg.Limits.ListCall,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	l.keepers = l.allKeepers()
	if cfg.Cache != "" {
		l.cache = &listCache{dir: cfg.Cache, source: l.keepers[0].at}
	}
	return l
}

// Directory is the current snapshot. The error is [ErrNoLists] before the
// first good Refresh and [ErrStale] when the Whitelist is too old to trust, or
// when the clock was put back so that its age cannot be known.
func (l *Lists) Directory() (*Directory, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.directory == nil {
		return nil, ErrNoLists
	}
	if l.stale(l.cfg.Now()) {
		return nil, ErrStale
	}
	return l.directory, nil
}

// stale looks at the age by the clock on the wall and by the one that only
// runs while the machine does, and believes the larger.
func (l *Lists) stale(now time.Time) bool {
	age := max(now.Sub(l.checked), now.Round(0).Sub(l.checked.Round(0)))
	return age > l.cfg.MaxStale || now.Round(0).Before(l.seen.Add(-clockSlack))
}

// Last is the current snapshot however old it is, for names of what is stored
// already; nil when there never was one. It is not for making connections.
func (l *Lists) Last() *Directory {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.directory
}

// Refresh reads all lists and takes those that are good and not older. The
// error joins what was wrong with the others; the snapshot is then still the
// best there is. The first Refresh begins with what the cache has.
func (l *Lists) Refresh(ctx context.Context) error {
	l.refreshing.Lock()
	defer l.refreshing.Unlock()
	l.fromCache()
	var errs []error
	changed := false
	for _, k := range l.keepers {
		took, err := l.take(ctx, k)
		changed = changed || took
		errs = append(errs, err)
	}
	l.publish(changed)
	l.look(errs[0] == nil)
	l.toCache()
	l.selfCheck()
	return errors.Join(errs...)
}

// publish puts what is at hand in force.
func (l *Lists) publish(changed bool) {
	if l.whitelist == nil || l.zal == nil {
		return
	}
	d := l.Last()
	if changed || d == nil {
		d = NewDirectory(l.whitelist, l.zal, l.ocl, l.gnl, l.zakl.Join(l.book))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.directory, l.checked = d, l.keepers[0].checked
}

// look remembers the time. With a Whitelist that was checked just now, it does
// not matter that it was later once.
func (l *Lists) look(fresh bool) {
	now := l.cfg.Now().Round(0)
	l.mu.Lock()
	defer l.mu.Unlock()
	if fresh || now.After(l.seen) {
		l.seen = now
	}
}

func (l *Lists) selfCheck() {
	d := l.Last()
	if l.cfg.ClientID == "" || d == nil || l.ocl == nil {
		return
	}
	if err := d.SelfCheck(l.cfg.ClientID); err != nil {
		l.cfg.Log.Warn("this app is not on the MedMij lists", "error", err)
	}
}

// Run refreshes at once and then at every interval until ctx ends; after a
// failure sooner, at first after a minute. What goes wrong is logged.
func (l *Lists) Run(ctx context.Context) {
	for failures := 0; ; {
		due := time.NewTimer(l.cfg.Refresh)
		if err := l.Refresh(ctx); err == nil {
			failures = 0
		} else if ctx.Err() == nil {
			l.cfg.Log.Warn("MedMij lists not refreshed", "error", err)
			due.Reset(min(l.cfg.Refresh, time.Minute<<min(failures, 4)))
			failures++
		}
		select {
		case <-ctx.Done():
			due.Stop()
			return
		case <-due.C:
		}
	}
}
