package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/keys"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// MinPassphrase is how many characters a passphrase must have at creation.
const MinPassphrase = 12

// Config holds what a store needs besides its file. The zero value is usable.
type Config struct {
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Log gets what happens, never content; discarded when nil.
	Log *slog.Logger
	// KDF is the cost of a passphrase at creation. The zero value measures this
	// machine and takes about 0.75 s, never less than 3 passes over 64 MiB; set
	// it only where a test or a vendor must fix the cost.
	KDF KDF
	// Wait is how long Open waits for another program to close the file; 2 s
	// when zero.
	Wait time.Duration
	// State is the folder for what must survive outside the file: the anchor and
	// the count of wrong keys. Empty: neither is kept.
	State string
	// Snapshots keeps one earlier copy of the file beside it (its name and ".1", as
	// sealed as the file): made before the first write to a store of an earlier
	// schema, and before a write when the one there is is a week old. Forget,
	// ForgetLog, Compact and Destroy remove it, also when this is off. What was
	// dropped since is in it. For files only.
	Snapshots bool
	// Anchor keeps the anchor elsewhere than in the folder State.
	Anchor Anchor
	// AcceptOlder opens a store that lacks what was in it here before, and takes
	// it for the newest from then on; the log says so. It is for one opening,
	// after the person was asked: they may have put back a back-up.
	AcceptOlder bool
}

// KDF is the cost of Argon2id: passes (1 to 16), memory in KiB (8 per thread to
// 2 GiB) and threads (1 to 16).
type KDF = keys.KDF

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Wait == 0 {
		c.Wait = 2 * time.Second
	}
	return c
}

// Store is one open store. It is safe for concurrent use; writers wait for each
// other, readers wait for nobody.
type Store struct {
	cfg Config
	kv  Backend

	life   sync.RWMutex // held for reading by every transaction
	vault  *seal.Vault
	closed bool

	snapshot sync.Once // made, or not wanted
	keeper   keeper
	notices  []Warning // never modified once it is open

	inbox sync.Mutex // one receiver; taken before write
	write sync.Mutex // one writer; taken before life and building
	build sync.Mutex // guards index
	check sync.Mutex // one key at a time: the next one waits for its count
	index *index     // nil until first used
}

// Create makes a new store with a passphrase, opens it, and gives the recovery
// code: the only other way in, shown once and kept nowhere. The folder is made
// when it is not there (mode 0700), the file has mode 0600. A crash leaves
// either no file or a whole store. Errors: ErrExists, *WeakPassphraseError.
func Create(path string, passphrase []byte, cfg Config) (*Store, RecoveryCode, error) {
	return create(passphrase, cfg, func(h keys.Header, vaultKey []byte, cfg Config) (*Store, error) {
		return createFile(path, h, vaultKey, cfg)
	})
}

// maker fills a new place with an empty store and opens it.
type maker func(h keys.Header, vaultKey []byte, cfg Config) (*Store, error)

func create(passphrase []byte, cfg Config, place maker) (*Store, RecoveryCode, error) {
	cfg = cfg.withDefaults()
	secret := normalise(passphrase)
	defer clear(secret)
	if err := checkPassphrase(secret); err != nil {
		return nil, RecoveryCode{}, err
	}
	if cfg.KDF == (KDF{}) {
		cfg.KDF = keys.Calibrate(keys.Measure)
	}
	header, vaultKey, recovery, err := keys.NewHeader(secret, cfg.KDF)
	if err != nil {
		return nil, RecoveryCode{}, err
	}
	defer clear(recovery)
	s, err := place(header, vaultKey, cfg)
	if err != nil {
		return nil, RecoveryCode{}, fmt.Errorf("create the store: %w", err)
	}
	return s, RecoveryCode{keys.FormatRecovery(recovery)}, nil
}

// createFile makes the file whole before it has its name, and opens it.
func createFile(path string, header keys.Header, vaultKey []byte, cfg Config) (*Store, error) {
	fill := func(kv seal.KV) error { return seal.Create(kv, header, bytes.Clone(vaultKey)) }
	if err := bolt.Create(path, fill); err != nil {
		return nil, err
	}
	s, err := open(path, cfg, func(keys.Header) ([]byte, error) { return vaultKey, nil })
	if err != nil {
		_ = os.Remove(path) // there is nothing in it, and nobody has its recovery code
	}
	return s, err
}

// Open opens a store. It takes as long as the passphrase was made to cost,
// whatever the size of the file: the first call that needs records reads the
// lists of them (about 1 µs per stored version), and the first write looks at
// every page.
//
// Errors: ErrNoStore, ErrExposed, ErrWrongKey (with Config.State a
// *WrongKeyError), *WaitError, *DamagedError, *InUseError, *NewerError,
// *RolledBackError. Opening changes the file only when a [Store.Forget] was cut
// off: it ends what that began, and where there is something to note about the
// anchor ([Store.Notices]).
func Open(path string, key Key, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	return open(path, cfg, cfg.unlocker(key))
}

func open(path string, cfg Config, unlock unlocker) (*Store, error) {
	file, err := bolt.Open(path, cfg.Wait)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s, err := openOn(file, cfg, unlock)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// openOn also does what a Forget that was cut off still owes.
func openOn(kv Backend, cfg Config, unlock unlocker) (*Store, error) {
	vault, err := openVault(kv, unlock)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if vault.Exposed() {
		cfg.Log.Warn("the keys could not all be locked in memory: they may reach swap")
	}
	s := &Store{cfg: cfg, kv: kv, vault: vault}
	if err := s.dropAnchor(); err != nil {
		vault.Close()
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if vault.Head().Owed {
		if err := s.compact(); err != nil {
			cfg.Log.Warn("what was forgotten is still in the file, unreadable", "error", err)
		}
	}
	s.settle()
	return s, nil
}

// openVault derives keys outside any transaction: that takes most of a second.
func openVault(kv Backend, unlock unlocker) (*seal.Vault, error) {
	header, err := readHeader(kv)
	if err != nil {
		return nil, err
	}
	vaultKey, err := unlock(header)
	if err != nil {
		return nil, err
	}
	return seal.Open(kv, header, vaultKey)
}

func readHeader(kv Backend) (keys.Header, error) {
	var raw []byte
	err := kv.View(func(tx seal.KVTx) (err error) {
		raw, err = seal.ReadHeader(tx)
		return err
	})
	if err != nil {
		return keys.Header{}, err
	}
	return keys.ParseHeader(raw)
}

// Check tells whether key opens this store, which is open already; it takes as
// long as Open does, and wrong keys count as there. One at a time. Errors:
// ErrWrongKey (with Config.State a *WrongKeyError), *WaitError, ErrClosed.
func (s *Store) Check(key Key) error {
	s.check.Lock()
	defer s.check.Unlock()
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return ErrClosed
	}
	var header keys.Header // proved: a slot that somebody put in opens nothing
	err := s.vault.View(func(tx *seal.Tx) (err error) {
		header, err = tx.Header()
		return err
	})
	if err != nil {
		return fmt.Errorf("check the key: %w", err)
	}
	vaultKey, err := s.cfg.unlocker(key)(header)
	clear(vaultKey)
	if err != nil {
		return fmt.Errorf("check the key: %w", err)
	}
	return nil
}

// Close waits for the transactions that run, zeroes the keys and lets go of the
// file. Everything afterwards gives ErrClosed; closing twice is no error.
func (s *Store) Close() error {
	if !s.end() {
		return nil
	}
	// Not before: who builds the index holds build and waits for life.
	s.build.Lock()
	defer s.build.Unlock()
	s.index = nil
	return s.kv.Close()
}

// end closes the vault and tells whether it was open.
func (s *Store) end() bool {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return false
	}
	s.closed = true
	s.settle()
	s.vault.Close()
	return true
}

// view and update are the only ways to the vault. They are short and never
// inside each other: Close waits for them.
func (s *Store) view(fn func(*seal.Tx) error) error {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return ErrClosed
	}
	return s.vault.View(fn)
}

func (s *Store) update(fn func(*seal.Tx) error) error {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return ErrClosed
	}
	s.keepPrevious()
	err := s.vault.Update(fn)
	if err == nil && s.keeper.committed() {
		s.settle()
	}
	return err
}
