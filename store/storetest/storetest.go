// Package storetest checks a [store.Backend]. Whoever writes one calls [Run] in
// a test:
//
//	func TestBackend(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) storetest.Place {
//			tenant := newTenant(t)
//			return func() (store.Backend, error) { return postgres.Open(pool, tenant) }
//		})
//	}
//
// It checks what the interface promises, a store on top of it, and that whatever
// somebody with access to the Backend changes, moves, doubles, puts back or takes
// away is noticed.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// Place opens the Backend of one store: empty the first time, and with what was
// there when it was closed every time after. It is called again only after Close.
type Place func() (store.Backend, error)

// Run runs all checks, each in a place of its own.
func Run(t *testing.T, newPlace func(testing.TB) Place) {
	t.Helper()
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.run(newPlace(t)); err != nil {
				t.Error(err)
			}
		})
	}
	for _, a := range attacks() {
		t.Run("notices who would "+a.name, func(t *testing.T) {
			if err := attacked(newPlace(t), newPlace(t), a); err != nil {
				t.Error(err)
			}
		})
	}
}

// check is one promise of a Backend.
type check struct {
	name string
	run  func(Place) error
}

func checks() []check {
	return []check{
		{"gives back what it was given", keeps},
		{"keeps nothing of an update that fails", rollsBack},
		{"keeps what it has over closing and opening", survives},
		{"gives keys and names in order", sorts},
		{"gives a view one moment", isolates},
		{"runs updates one by one", serialises},
		{"drops whole buckets", drops},
		{"gives back the error of the function", givesErrors},
		{"carries a store", carries},
		{"carries what a store forgets", forgets},
		{"takes in what comes while the store is locked", takesIn},
	}
}

// with opens a place, runs fn on it and closes it.
func with(p Place, fn func(store.Backend) error) error {
	kv, err := p()
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return errors.Join(fn(kv), kv.Close())
}

var passphrase = []byte("nine quiet bicycles")

func config() store.Config { return store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}} }

// withStore opens a store on a place, made when make is set.
func withStore(p Place, create bool, fn func(*store.Store) error) error {
	kv, err := p()
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	var s *store.Store
	if create {
		s, _, err = store.CreateOn(kv, passphrase, config())
	} else {
		s, err = store.OpenOn(kv, store.Passphrase(passphrase), config())
	}
	if err != nil {
		return errors.Join(err, kv.Close())
	}
	return errors.Join(fn(s), s.Close())
}

// fill puts something of everything in a store.
func fill(s *store.Store) error { return fillWith(s, 3000) }

// fillWith has one resource of about so many bytes.
func fillWith(s *store.Store, large int) error {
	ctx := context.Background()
	for i := range 12 {
		if _, err := s.Put(ctx, fhir.One(clinic, fhir.R4, "q", resource(fmt.Sprint(i), "text"))); err != nil {
			return err
		}
	}
	_, err := s.Put(ctx, fhir.One(fhir.Origin{Source: fhir.Self}, fhir.R4, "own", resource("large", noise(large)), resource("mine", "x")))
	if err != nil {
		return err
	}
	_, err = s.InboxKey(ctx)
	return errors.Join(err, s.Remove(ctx, fhir.Origin{Source: fhir.Self}, fhir.Ref{Type: "Basic", ID: "mine"}),
		s.Keep(ctx, store.Setting, "language", []byte("nl")), s.Keep(ctx, store.Token, "grant", []byte("secret")),
		s.Append(ctx, []byte("one")), s.Append(ctx, []byte("two")))
}

var clinic = fhir.Origin{Source: "medmij:clinic@medmij", Service: "48"}

func resource(id, text string) fhir.Resource {
	return fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Basic","id":%q,"note":[{"text":%q}]}`, id, text), fhir.R4)
}

// noise does not compress, and is the same every time.
func noise(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"
	b, x := make([]byte, n), uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = letters[x%64]
	}
	return string(b)
}
