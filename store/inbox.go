package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// How much may wait in an inbox: pages, and bytes of them sealed and compressed.
const (
	MaxWaiting      = 10_000
	MaxWaitingBytes = 256 << 20
)

// InboxKey lets a collector add to the inbox of one store, and read nothing. It
// prints as "[redacted]".
//
// What it proves when pages are received: whoever sealed them held this key, they
// are for this store, and each is in its place, once. It does not prove that the
// care provider gave what is in them: who holds it can add any record in the name
// of any source but the person's own. It opens nothing that is stored or waits.
type InboxKey struct {
	store  [16]byte
	secret [32]byte
}

const inboxKeyPrefix = "bundel-inbox-1."

// Reveal gives the key as text, for a place outside the file: a keyring, or the
// secrets of a server.
func (k InboxKey) Reveal() string {
	return inboxKeyPrefix + base64.RawURLEncoding.EncodeToString(append(k.store[:], k.secret[:]...))
}

// ParseInboxKey reads what Reveal gave, white space around it aside, or gives
// ErrInboxKey.
func ParseInboxKey(text string) (k InboxKey, err error) {
	body, found := strings.CutPrefix(strings.TrimSpace(text), inboxKeyPrefix)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if !found || err != nil || len(raw) != len(k.store)+len(k.secret) {
		return InboxKey{}, ErrInboxKey
	}
	copy(k.store[:], raw)
	copy(k.secret[:], raw[len(k.store):])
	return k, nil
}

// Format prints "[redacted]" for every verb.
func (InboxKey) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, redacted) }

// LogValue gives "[redacted]".
func (InboxKey) LogValue() slog.Value { return slog.StringValue(redacted) }

// InboxKey gives the key of the inbox, which is made the first time: a store of
// which nobody asked it has no inbox. It is the same every time, until
// [Store.DropInbox].
func (s *Store) InboxKey(ctx context.Context) (k InboxKey, err error) {
	if err = ctx.Err(); err == nil {
		_, err = s.readyToWrite()
	}
	if err == nil {
		err = s.update(func(tx *seal.Tx) error {
			id, secret, err := tx.InboxSecret()
			k.store = id
			copy(k.secret[:], secret)
			clear(secret)
			return err
		})
	}
	if err != nil {
		return InboxKey{}, fmt.Errorf("inbox key: %w", err)
	}
	return k, nil
}

// DropInbox receives what waits, takes the inbox away and makes the file anew.
// Every inbox key that was handed out is worth nothing from then on: it is the
// way to shut a collector out. [Store.InboxKey] makes a new inbox. What was
// received is told even with an error.
func (s *Store) DropInbox(ctx context.Context) (Received, error) {
	s.inbox.Lock()
	defer s.inbox.Unlock()
	r, err := s.receive(ctx)
	if err == nil {
		s.write.Lock()
		defer s.write.Unlock()
		err = s.update(func(tx *seal.Tx) error { return tx.DropInbox() })
	}
	if err == nil {
		err = s.compact()
	}
	if err != nil {
		return r, fmt.Errorf("drop the inbox: %w", err)
	}
	return r, nil
}

// Inbox adds to a store that is locked, without a key to it (security-store.md
// 1.5): for a collection in the background, or on a server that must not be able
// to read what it keeps. It is safe for concurrent use; of one origin only one
// Put should run at once.
type Inbox struct {
	cfg    Config
	kv     Backend
	writer *seal.InboxWriter
	room   seal.Room
}

// OpenInbox opens the inbox of the file at path. The file is opened for each page
// and closed after it, so that the person can unlock it at any moment; while it
// is unlocked, Put gives an *InUseError: then the program that has it open
// collects.
//
// Errors: those of Open that need no key, ErrNoInbox, and ErrInboxKey also when
// somebody changed the public key in the file: nothing is sealed to a key that
// the inbox key does not vouch for.
func OpenInbox(path string, key InboxKey, cfg Config) (*Inbox, error) {
	cfg = cfg.withDefaults()
	return OpenInboxOn(visits{path, cfg.Wait}, key, cfg)
}

// OpenInboxOn is [OpenInbox] on a Backend. Where the Backend lets several programs
// in, pages can be added while the store is open. Close closes the Backend; after
// an error it is the caller's.
func OpenInboxOn(kv Backend, key InboxKey, cfg Config) (*Inbox, error) {
	w, err := seal.NewInboxWriter(key.store, key.secret[:])
	if err == nil {
		err = w.Check(kv)
	}
	if err != nil {
		return nil, fmt.Errorf("open the inbox: %w", err)
	}
	return &Inbox{cfg.withDefaults(), kv, w, seal.Room{Messages: MaxWaiting, Bytes: MaxWaitingBytes}}, nil
}

// Close wipes the key.
func (in *Inbox) Close() error {
	in.writer.Zero()
	return in.kv.Close()
}

// Put seals what a source gives, a page a message, and tells how many pages are
// in the inbox: each is there whole or not at all, and is on the disk before the
// next one is asked for. [Store.Receive] stores them as [Store.Put] would.
//
// An error of the source ends it, and what came before stands. A resource that
// cannot be kept is refused ([*RefusedError]) and the rest goes on. Further
// errors: *InboxFullError, ErrTooLarge for a page of more than 64 MB, ErrNotOwn
// for the person's own entries, which only an open store takes, ErrBadName,
// *InUseError, ErrNoInbox and ErrInboxKey.
func (in *Inbox) Put(ctx context.Context, src fhir.Source) (n int, err error) {
	switch {
	case !usableOrigin(src.Origin):
		return 0, ErrBadName
	case src.Origin.IsSelf():
		return 0, ErrNotOwn
	}
	p := posting{Inbox: in, refused: map[Reason]int{}}
	p.message = message{origin: src.Origin, version: src.Version, began: in.cfg.Now().UnixNano()}
	_, _ = rand.Read(p.delivery[:]) // never fails: it ends the program instead
	err = p.pages(ctx, src)
	return p.sent, errors.Join(err, p.refusals())
}

// posting is one Put into an inbox under way.
type posting struct {
	*Inbox
	message
	sent    int
	refused map[Reason]int
}

func (p *posting) pages(ctx context.Context, src fhir.Source) error {
	end := complete
	var cause error
	if src.Pages != nil {
		for page, err := range src.Pages {
			if err != nil {
				end, cause = cutByError, fmt.Errorf("put: read the source: %w", err)
				break
			}
			if err := ctx.Err(); err != nil {
				end, cause = cutByCaller, fmt.Errorf("put: %w", err)
				break
			}
			if err := p.send(goesOn, page); err != nil {
				return fmt.Errorf("put: store a page: %w", err)
			}
			p.sent++
		}
	}
	if err := p.send(end, fhir.Page{}); err != nil {
		return errors.Join(cause, fmt.Errorf("put: store the end: %w", err))
	}
	return cause
}

// send refuses at this door what the store would refuse at its own, so that it
// is told to whoever can do something about it.
func (p *posting) send(end ending, page fhir.Page) error {
	m := p.message
	m.end, m.at, m.page, m.refused = end, p.cfg.Now().UnixNano(), page, map[Reason]int{}
	m.page.Resources = nil
	for _, r := range page.Resources {
		if reason := refuses(r); reason != "" {
			m.refused[reason]++
			continue
		}
		m.page.Resources = append(m.page.Resources, r)
	}
	b, err := m.encode()
	if err != nil {
		return err
	}
	if err := p.writer.Add(p.kv, b, p.room); err != nil {
		return err
	}
	p.index++
	for reason, n := range m.refused {
		p.refused[reason] += n
	}
	return nil
}

func (p *posting) refusals() error {
	var all []error
	for _, reason := range sortedReasons(p.refused) {
		all = append(all, &RefusedError{Reason: reason, Count: p.refused[reason]})
	}
	return errors.Join(all...)
}

// visits is the file of a store that somebody else may want to unlock: it is
// opened for each transaction.
type visits struct {
	path string
	wait time.Duration
}

func (v visits) View(fn func(BackendTx) error) error {
	return v.with(func(f *bolt.File) error { return f.View(fn) })
}

func (v visits) Update(fn func(BackendTx) error) error {
	return v.with(func(f *bolt.File) error { return f.Update(fn) })
}

func (v visits) with(fn func(*bolt.File) error) error {
	f, err := bolt.Open(v.path, v.wait)
	if err != nil {
		return err
	}
	return errors.Join(fn(f), f.Close())
}

func (visits) Close() error { return nil }
