package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// What a caller branches on, beside the errors of store and medmij.
var (
	ErrClosed   = errors.New("the vault is not open")
	ErrNotFound = errors.New("not found")
	ErrNoMedMij = errors.New("no MedMij lists are configured")
	ErrBinding  = errors.New("the login was begun in another browser, was used, or is too old")
)

// Config is what a Desk needs.
type Config struct {
	Path   string           // of the vault file
	Store  store.Config     // Now and Log are taken from below when nil; without State nothing slows down guessing
	MedMij *MedMij          // nil: everything but connecting
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: nothing is logged
	// Keyring may open the vault without its passphrase, see [Desk.AddToKeyring];
	// nil: only what the person types opens it.
	Keyring Keyring
	// Relay is the address of the relay at which links are made, see
	// [Desk.MakeLink]; empty: none can be. RelayClient speaks with it; nil: one
	// that gives up after ten seconds.
	Relay       string
	RelayClient *http.Client
}

// Desk is one person's vault and all that is done with it.
type Desk struct {
	cfg   Config
	lists *medmij.Lists
	chain *medmij.ChainLog

	gateway *medmij.Gateway // nil: with a certificate and lists of our own

	mu     sync.Mutex
	vault  *store.Store
	client *medmij.Client
	read   *reading // of the vault; nil when it is closed
	cache  cache
	past   past
	own    ownKept
	ledger ledgerKept
	found  map[string]medmij.Provider // at the gateway, by MedMij name
	wrong  int                        // tries with a wrong key that are not noted yet

	lang string // of the overview that was last asked for

	deciding sync.Mutex // one decision at a time: each has a number
	sending  sync.Mutex // one message at a time: nothing goes twice
	sharing  sync.Mutex // one line of the ledger at a time: each holds the one before
	making   sync.Mutex // one overview at a time: who waits gets the same
	linking  sync.Mutex // one look at the links at a time: an opening is noted once
}

// cache keeps the overview of now in each language, until something is stored
// or a moment passes at which it may become another.
type cache struct {
	generation int
	made       map[string]made // by language
}

// made is an overview: what the person may see of it, and all of it, which no
// page reads.
type made struct {
	key       cacheKey
	until     time.Time // it holds before this moment; zero: until something is stored
	view, all *aggregator.Overview

	index func() *aggregator.Index // of the view, made once
	begin func()                   // makes the index in the background, once

	choices []share.Choice     // in force; one that ends makes another overview
	asks    func() []share.Ask // made once
	chosen  func() []int       // where in all the item of each choice stands, as itemsOf gives it
}

// cacheKey tells one overview from another.
type cacheKey struct {
	generation int
	asOf       time.Time
	lang       string
}

// New makes a Desk with a closed vault. The error is about the configuration.
func New(cfg Config) (*Desk, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Store.Now == nil {
		cfg.Store.Now = cfg.Now
	}
	if cfg.Store.Log == nil {
		cfg.Store.Log = cfg.Log
	}
	if cfg.Keyring == nil {
		cfg.Keyring = noKeyring{}
	}
	d := &Desk{cfg: cfg}
	if cfg.MedMij != nil {
		if err := d.setUpMedMij(*cfg.MedMij); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Create makes the vault, with the person's own Patient in it, and opens it.
// The recovery code is given once.
func (d *Desk) Create(ctx context.Context, passphrase []byte) (store.RecoveryCode, error) {
	s, code, err := store.Create(d.cfg.Path, passphrase, d.cfg.Store)
	if err != nil {
		return code, fmt.Errorf("make the vault: %w", err)
	}
	d.setVault(s)
	d.noteOr(ctx, access{Kind: web.EventOpen, What: "made"})
	self, err := aggregator.NewSelf(fhir.Node{})
	if err == nil {
		err = d.putOwn(ctx, self)
	}
	return code, err
}

// Open opens the vault with a passphrase or a recovery code.
func (d *Desk) Open(key store.Key) error {
	d.mu.Lock()
	cfg := d.cfg.Store
	d.mu.Unlock()
	s, err := store.Open(d.cfg.Path, key, cfg)
	if errors.Is(err, store.ErrWrongKey) {
		d.noteWrong()
	}
	if err != nil {
		return fmt.Errorf("open the vault: %w", err)
	}
	d.mu.Lock()
	d.cfg.Store.AcceptOlder = false // it was for one opening
	d.mu.Unlock()
	d.setVault(s)
	return nil
}

// Unlock opens the vault, or checks the key when it is open: a wrong try by
// somebody else at this computer must not end the work of the person.
func (d *Desk) Unlock(key store.Key) error {
	s, err := d.Vault()
	if err != nil {
		return d.Open(key)
	}
	if err = s.Check(key); errors.Is(err, store.ErrWrongKey) {
		d.noteOr(context.Background(), access{Kind: web.EventOpen, What: "wrong"})
	}
	return err
}

func (d *Desk) setVault(s *store.Store) {
	if old := d.swap(s); old != nil {
		_ = old.Close()
	}
}

// swap takes another vault, nil for none, and gives the one before. All that was
// kept in memory of that one is let go of.
func (d *Desk) swap(s *store.Store) (old *store.Store) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old = d.vault
	d.vault, d.read, d.cache, d.past, d.own, d.ledger = s, nil, cache{}, past{}, ownKept{}, ledgerKept{}
	if s != nil {
		d.read = &reading{vault: s}
	}
	return old
}

// Close closes the vault; it may be called twice.
func (d *Desk) Close() error {
	if s := d.swap(nil); s != nil {
		return s.Close()
	}
	return nil
}

// Vault is the open vault, or ErrClosed.
func (d *Desk) Vault() (*store.Store, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vault == nil {
		return nil, ErrClosed
	}
	return d.vault, nil
}

// reading is what was read of the open vault, or ErrClosed.
func (d *Desk) reading() (*reading, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.read == nil {
		return nil, ErrClosed
	}
	return d.read, nil
}

// Now is the moment by the desk's clock.
func (d *Desk) Now() time.Time { return d.cfg.Now() }

// changed forgets the overview that was made before something was stored. What
// was read for it stays: the next one reads what came.
func (d *Desk) changed() {
	d.mu.Lock()
	d.cache.generation++
	d.mu.Unlock()
}

// putOwn stores what the person wrote.
func (d *Desk) putOwn(ctx context.Context, resources ...fhir.Resource) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	defer d.changed()
	_, err = s.Put(ctx, fhir.One(fhir.Origin{Source: fhir.Self}, fhir.R4, "own", resources...))
	if err != nil {
		return fmt.Errorf("store own entry: %w", err)
	}
	return nil
}

// keep stores a small document as JSON.
func (d *Desk) keep(ctx context.Context, kind store.Kind, name string, value any) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keep a document: %w", err)
	}
	return s.Keep(ctx, kind, name, raw)
}

// load reads a small document; ErrNotFound when it is not there.
func (d *Desk) load(ctx context.Context, kind store.Kind, name string, value any) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	raw, err := s.Load(ctx, kind, name)
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, value)
}
