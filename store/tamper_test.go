package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// tampering is what somebody without keys can do with bbolt at hand. before is
// an older state of the same store, other a different store.
type tampering func(tx *bbolt.Tx, before, other map[string]map[string][]byte) error

func tamperings() map[string]tampering {
	type state = map[string]map[string][]byte
	records := func(tx *bbolt.Tx) *bbolt.Bucket { return tx.Bucket(compartments(tx)[0]) }
	return map[string]tampering{
		"swap two records": func(tx *bbolt.Tx, _, _ state) error {
			b := records(tx)
			k, v := pairs(b)
			return errors.Join(b.Put(k[0], v[1]), b.Put(k[1], v[0]))
		},
		"take out a record": func(tx *bbolt.Tx, _, _ state) error {
			b := records(tx)
			k, _ := pairs(b)
			return b.Delete(k[3])
		},
		"take out all records of a source": func(tx *bbolt.Tx, _, _ state) error {
			b := records(tx)
			k, _ := pairs(b)
			for _, k := range k {
				if err := b.Delete(k); err != nil {
					return err
				}
			}
			return nil
		},
		"double a record": func(tx *bbolt.Tx, _, _ state) error {
			b := records(tx)
			_, v := pairs(b)
			return b.Put(bytes.Repeat([]byte{7}, 16), v[0])
		},
		"move a record to another source": func(tx *bbolt.Tx, _, _ state) error {
			names := compartments(tx)
			k, v := pairs(tx.Bucket(names[0]))
			return errors.Join(tx.Bucket(names[0]).Delete(k[0]), tx.Bucket(names[1]).Put(k[0], v[0]))
		},
		"put back older values": func(tx *bbolt.Tx, before, _ state) error {
			for _, name := range compartments(tx) {
				for k, v := range before[string(name)] {
					if err := tx.Bucket(name).Put([]byte(k), v); err != nil {
						return err
					}
				}
			}
			return nil
		},
		"put back the older head": func(tx *bbolt.Tx, before, _ state) error {
			return tx.Bucket([]byte("s")).Put([]byte("head"), before["s"]["head"])
		},
		"bring a record from another store": func(tx *bbolt.Tx, _, other state) error {
			for name, values := range other {
				for k, v := range values {
					if len(name) == 8 {
						return records(tx).Put([]byte(k), v)
					}
				}
			}
			return errors.New("no other record")
		},
		"bring the head of another store": func(tx *bbolt.Tx, _, other state) error {
			return tx.Bucket([]byte("s")).Put([]byte("head"), other["s"]["head"])
		},
		"bring the header of another store": func(tx *bbolt.Tx, _, other state) error {
			return tx.Bucket([]byte("h")).Put([]byte("header"), other["h"]["header"])
		},
		"add a bucket": func(tx *bbolt.Tx, _, _ state) error {
			b, err := tx.CreateBucket([]byte("stranger"))
			return errors.Join(err, b.Put([]byte("k"), []byte("v")))
		},
		"delete a source":     func(tx *bbolt.Tx, _, _ state) error { return tx.DeleteBucket(compartments(tx)[0]) },
		"delete the head":     func(tx *bbolt.Tx, _, _ state) error { return tx.Bucket([]byte("s")).Delete([]byte("head")) },
		"delete the headings": func(tx *bbolt.Tx, _, _ state) error { return tx.DeleteBucket([]byte("s")) },
		"delete the header":   func(tx *bbolt.Tx, _, _ state) error { return tx.DeleteBucket([]byte("h")) },
		"delete the keys":     func(tx *bbolt.Tx, _, _ state) error { return tx.DeleteBucket([]byte("k")) },
		"delete one key": func(tx *bbolt.Tx, _, _ state) error {
			return tx.Bucket([]byte("k")).Delete([]byte("audit"))
		},
		"swap two keys": func(tx *bbolt.Tx, _, _ state) error {
			b := tx.Bucket([]byte("k"))
			k, v := pairs(b)
			return errors.Join(b.Put(k[0], v[1]), b.Put(k[1], v[0]))
		},
		"a bucket in a bucket": func(tx *bbolt.Tx, _, _ state) error {
			_, err := records(tx).CreateBucket([]byte("inner"))
			return err
		},
		"reorder the slots": func(tx *bbolt.Tx, _, _ state) error {
			b := tx.Bucket([]byte("h"))
			h := string(b.Get([]byte("header")))
			open, end := strings.Index(h, `["`), strings.Index(h, `"]`)
			slots := strings.Split(h[open+2:end], `","`)
			return b.Put([]byte("header"), []byte(h[:open+2]+slots[1]+`","`+slots[0]+h[end:]))
		},
	}
}

func state(t *testing.T, path string) map[string]map[string][]byte {
	t.Helper()
	all := map[string]map[string][]byte{}
	edit(t, path, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			all[string(name)] = map[string][]byte{}
			k, v := pairs(b)
			for i := range k {
				all[string(name)][string(k[i])] = v[i]
			}
			return nil
		})
	})
	return all
}

func filled(t *testing.T) (path string, before map[string]map[string][]byte) {
	t.Helper()
	s, path := newStore(t)
	ctx := context.Background()
	for i := range 12 { // each in a chunk of its own
		put(t, s, clinic, resource("Observation", fmt.Sprint(i), fmt.Sprint("first ", i)))
	}
	put(t, s, own, resource("Basic", "note", "mine"))
	_ = s.Keep(ctx, Setting, "language", []byte("nl"))
	_ = s.Append(ctx, []byte("one"))
	_ = s.Close()
	before = state(t, path)
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Keep(ctx, Setting, "language", []byte("en"))
	_ = s.Append(ctx, []byte("two"))
	_ = s.Close()
	return path, before
}

func TestPromise_TamperingIsNoticed(t *testing.T) {
	path, before := filled(t)
	elsewhere, _ := filled(t)
	other := state(t, elsewhere)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, tamper := range tamperings() {
		copied := filepath.Join(t.TempDir(), "copy")
		if err := os.WriteFile(copied, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		edit(t, copied, func(tx *bbolt.Tx) error { return tamper(tx, before, other) })
		if err := inspect(copied); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := inspect(path); err != nil {
		t.Errorf("nothing: %v", err)
	}
}

func inspect(path string) error {
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	_, err = s.Verify(context.Background(), Quick)
	return err
}

// What is intact can still be read, and nothing can be written over the rest.
func TestDamagedStoreIsReadOnly(t *testing.T) {
	path, _ := filled(t)
	raw, _ := os.ReadFile(path)
	lost, hit := 0, 0
	for i := range 8 {
		copied := filepath.Join(t.TempDir(), "copy")
		_ = os.WriteFile(copied, raw, 0o600)
		damaged := false
		edit(t, copied, func(tx *bbolt.Tx) error {
			b := tx.Bucket(compartments(tx)[i])
			k, v := pairs(b)
			if damaged = len(k) > 0; !damaged { // no tokens are kept
				return nil
			}
			v[0][20] ^= 1
			return b.Put(k[0], v[0])
		})
		if damaged {
			hit++
			lost += 13 - checkReadOnly(t, copied)
		}
	}
	if hit != 7 || lost < 2 || lost > 4 { // a record or its list, of both sources
		t.Errorf("%d records lost with one value of each of %d compartments damaged", lost, hit)
	}
}

func checkReadOnly(t *testing.T, path string) (intact int) {
	t.Helper()
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx := context.Background()
	for _, err = range s.Records(ctx) {
		if err == nil {
			intact++
		}
	}
	if intact < 12 || !errors.Is(err, ErrDamaged) {
		t.Errorf("%d intact, then %v", intact, err)
	}
	_, putErr := s.Put(ctx, one("new"))
	for name, err := range map[string]error{
		"Put": putErr, "Keep": s.Keep(ctx, Setting, "a", nil), "Append": s.Append(ctx, nil),
		"Remove": s.Remove(ctx, own, resource("Basic", "note", "").Ref), "Drop": s.Drop(ctx, Setting, "language"),
		"Forget": s.Forget(ctx, clinic.Source), "Compact": s.Compact(ctx),
	} {
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := s.Verify(ctx, Deep)
	if !errors.Is(err, ErrDamaged) || len(r.Damage) == 0 {
		t.Errorf("%+v %v", r, err)
	}
	return intact
}

// TestPromise_LogCannotBeEdited is CON-10 too: an entry of the log that was
// altered, taken out or added breaks the chain.
func TestPromise_LogCannotBeEdited(t *testing.T) {
	s, path := newStore(t)
	for i := range 40 {
		if err := s.Append(context.Background(), fmt.Append(nil, "entry ", i)); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	raw, _ := os.ReadFile(path)
	for i := range 40 {
		copied := filepath.Join(t.TempDir(), "copy")
		_ = os.WriteFile(copied, raw, 0o600)
		edit(t, copied, func(tx *bbolt.Tx) error {
			b := tx.Bucket(compartments(tx)[0])
			k, _ := pairs(b)
			return b.Delete(k[i])
		})
		s, err := Open(copied, Passphrase(testPhrase), cheap())
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for e, err2 := range s.Log(context.Background()) {
			if err = err2; err == nil && string(e.Entry) != fmt.Sprint("entry ", n) {
				t.Errorf("entry %d: %s", n, e.Entry)
			}
			n++
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("without one of the entries: %v", err)
		}
		_ = s.Close()
	}
}

func TestPromise_WrongKeyIsNotDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v")
	s, code, err := Create(path, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	_, another, _ := Create(path+"2", testPhrase, cheap())
	last := code.Reveal()[len(code.Reveal())-1]
	typo := code.Reveal()[:len(code.Reveal())-1] + map[bool]string{true: "1", false: "0"}[last == '0']
	for name, key := range map[string]Key{
		"another passphrase": Passphrase([]byte("ten quiet bicycles")), "nothing": Passphrase(nil),
		"the code of another store": Recovery(another.Reveal()), "a typing error": Recovery(typo), "no code": Recovery("x"),
	} {
		if _, err := Open(path, key, cheap()); !errors.Is(err, ErrWrongKey) || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	damageHeader(t, path, func(h []byte) { h[bytes.Index(h, []byte("slots"))+60] ^= 1 })
	if _, err := Open(path, Passphrase(testPhrase), cheap()); !errors.Is(err, ErrDamaged) || errors.Is(err, ErrWrongKey) {
		t.Errorf("a damaged slot: %v", err)
	}
}

func damageHeader(t *testing.T, path string, change func([]byte)) {
	t.Helper()
	edit(t, path, func(tx *bbolt.Tx) error {
		h := append([]byte(nil), tx.Bucket([]byte("h")).Get([]byte("header"))...)
		change(h)
		return tx.Bucket([]byte("h")).Put([]byte("header"), h)
	})
}

func TestNewerStore(t *testing.T) {
	s, path := newStore(t)
	_ = s.Close()
	edit(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("h")).Put([]byte("header"), []byte(`{"magic":"BUNDEL2\u0000","slots":["AAAA"]}`))
	})
	_, err := Open(path, Passphrase(testPhrase), cheap())
	var newer *NewerError
	if !errors.As(err, &newer) || newer.Need != 2 || newer.Have != 1 {
		t.Errorf("%v", err)
	}
}

func TestPromise_ForgedCostIsRefused(t *testing.T) {
	s, path := newStore(t)
	_ = s.Close()
	forge(t, path)
	began := time.Now()
	_, err := Open(path, Passphrase(testPhrase), cheap())
	if took := time.Since(began); !errors.Is(err, ErrDamaged) || took > time.Second {
		t.Errorf("after %v: %v", took, err)
	}
}
