package medmij

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// ListsConfig says where the lists are. Either Dir or URL is set.
type ListsConfig struct {
	Dir string // a folder with the four files and, if any, addressbook.json
	URL string // the address before the file names
	API string // the version asked for; empty is "2"

	// AddressBook is the file or the https address of the address book; empty
	// is addressbook.json in Dir, if it is there.
	AddressBook string

	TLS      TLS           // for URL
	Refresh  time.Duration // how often [Lists.Run] looks; zero is 15 minutes
	MaxStale time.Duration // when lists are too old to connect anywhere; zero is 24 hours
	Limits   Limits
	Dev      bool              // loopback hosts are allowed in the lists
	DevPorts map[string]string // see [DirectConfig]
	Now      func() time.Time  // nil is time.Now
	Log      *slog.Logger      // nil is slog.Default
}

// Lists keeps the lists up to date. A list that cannot be fetched, is not
// valid or is older than the one at hand changes nothing: the last good one
// stays. It is safe for concurrent use. It keeps nothing over a restart.
type Lists struct {
	cfg  ListsConfig
	http *http.Client

	refreshing sync.Mutex // one Refresh at a time

	mu        sync.RWMutex
	directory *Directory
	checked   time.Time // when the Whitelist was last seen to be good

	// Of the lists at hand; guarded by refreshing.
	whitelist listed[Whitelist]
	zal       listed[ZAL]
	ocl       listed[OCL]
	gnl       listed[GNL]
	book      []Address
}

// listed is the last good list of a kind.
type listed[T any] struct {
	list   *T
	number uint64
	sum    [sha256.Size]byte
}

// NewLists makes a Lists; nothing is read until Refresh.
func NewLists(cfg ListsConfig) *Lists {
	cfg.API = cmp.Or(cfg.API, "2")
	cfg.Refresh = cmp.Or(cfg.Refresh, 15*time.Minute)
	cfg.MaxStale = cmp.Or(cfg.MaxStale, 24*time.Hour)
	cfg.Limits = cfg.Limits.withDefaults()
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	// A fetch is seldom: no connection is kept open between two.
	transport := httpTransport(cfg.TLS, cfg.Limits, cfg.Dev, cfg.DevPorts)
	transport.DisableKeepAlives = true
	return &Lists{cfg: cfg, http: &http.Client{
		Transport:     transport,
		Timeout:       cfg.Limits.ListCall,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Directory is the current snapshot. The error is [ErrNoLists] before the
// first good Refresh and [ErrStale] when the Whitelist is too old to trust.
func (l *Lists) Directory() (*Directory, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.directory == nil {
		return nil, ErrNoLists
	}
	if l.cfg.Now().Sub(l.checked) > l.cfg.MaxStale {
		return nil, ErrStale
	}
	return l.directory, nil
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
// best there is.
func (l *Lists) Refresh(ctx context.Context) error {
	l.refreshing.Lock()
	defer l.refreshing.Unlock()
	dev, log := l.cfg.Dev, l.cfg.Log
	errWhitelist := take(ctx, l, FileWhitelist, &l.whitelist, log, func(r io.Reader) (*Whitelist, Stamp, error) {
		w, err := ReadWhitelist(r, dev)
		return w, w.Stamp, err
	})
	errs := []error{
		errWhitelist,
		take(ctx, l, FileZAL, &l.zal, log, func(r io.Reader) (*ZAL, Stamp, error) {
			z, err := ReadZAL(r, dev)
			return z, z.Stamp, err
		}),
		take(ctx, l, FileOCL, &l.ocl, log, func(r io.Reader) (*OCL, Stamp, error) {
			o, err := ReadOCL(r, dev)
			return o, o.Stamp, err
		}),
		take(ctx, l, FileGNL, &l.gnl, log, func(r io.Reader) (*GNL, Stamp, error) {
			g, err := ReadGNL(r)
			return g, g.Stamp, err
		}),
		l.readAddressBook(ctx),
	}
	if l.whitelist.list != nil && l.zal.list != nil {
		l.publish(errWhitelist == nil)
	}
	return errors.Join(errs...)
}

func (l *Lists) publish(fresh bool) {
	d := NewDirectory(l.whitelist.list, l.zal.list, l.ocl.list, l.gnl.list, l.book)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.directory = d
	if fresh {
		l.checked = l.cfg.Now()
	}
}

// Run refreshes at once and then at every interval until ctx ends. What goes
// wrong is logged.
func (l *Lists) Run(ctx context.Context) {
	ticker := time.NewTicker(l.cfg.Refresh)
	defer ticker.Stop()
	for {
		if err := l.Refresh(ctx); err != nil && ctx.Err() == nil {
			l.cfg.Log.Warn("MedMij lists not refreshed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// take reads one list and keeps it when it is good and not older.
func take[T any](ctx context.Context, l *Lists, file string, have *listed[T], log *slog.Logger,
	read func(io.Reader) (*T, Stamp, error),
) error {
	raw, err := l.fetch(ctx, file)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	// The same bytes were checked before; a real list takes a second or so.
	if have.list != nil && sum == have.sum {
		return nil
	}
	list, stamp, err := read(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	// An old list could bring back a host that was taken off.
	if stamp.Number < have.number {
		log.Warn("list_rollback_rejected", "list", file, "number", stamp.Number, "have", have.number)
		return fmt.Errorf("list %s: number %d is older than %d", file, stamp.Number, have.number)
	}
	if stamp.Number == have.number {
		log.Warn("list changed without a new number", "list", file, "number", stamp.Number)
	}
	*have = listed[T]{list: list, number: stamp.Number, sum: sum}
	return nil
}

func (l *Lists) fetch(ctx context.Context, file string) ([]byte, error) {
	limit := int64(maxListBytes)
	if file == FileZAL {
		limit = maxZALBytes
	}
	if l.cfg.Dir != "" {
		return readLimited(filepath.Join(l.cfg.Dir, file), limit)
	}
	target := strings.TrimRight(l.cfg.URL, "/") + "/" + file + "?api=" + url.QueryEscape(l.cfg.API)
	return l.download(ctx, file, target, limit)
}

// download reads from an address at most one byte more than allowed.
func (l *Lists) download(ctx context.Context, what, target string, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", what, err)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", what, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch %s: %w", what, &statusError{resp.StatusCode})
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", what, err)
	}
	return raw, nil
}

// readLimited reads at most one byte more than allowed, so that the reader of
// the list sees that it is too long.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// readAddressBook keeps the old one when the new one cannot be read. Only an
// address book that was asked for by name has to exist.
func (l *Lists) readAddressBook(ctx context.Context) error {
	at := l.cfg.AddressBook
	if at == "" && l.cfg.Dir != "" {
		at = filepath.Join(l.cfg.Dir, FileAddressBook)
	}
	var raw []byte
	var err error
	switch {
	case at == "":
		return nil
	case strings.HasPrefix(at, "https://"), strings.HasPrefix(at, "http://") && l.cfg.Dev:
		raw, err = l.download(ctx, "address book", at, maxZALBytes)
	default:
		raw, err = readLimited(at, maxZALBytes)
	}
	if errors.Is(err, fs.ErrNotExist) && l.cfg.AddressBook == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open address book: %w", err)
	}
	book, err := ReadAddressBook(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	l.book = book
	return nil
}
