package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// pieces gives what is in the buckets that were not there before: values, and
// wrapped keys. Found again in a file, they would be remains.
func pieces(t *testing.T, path string, before map[string]bool) (all [][]byte) {
	t.Helper()
	edit(t, path, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			keys, values := pairs(b)
			for i := range keys {
				if id := string(name) + string(keys[i]); !before[id] && (len(name) == 8 || string(name) == "k") {
					all = append(all, keys[i], values[i])
				}
				before[string(name)+string(keys[i])] = true
			}
			return nil
		})
	})
	return all
}

// TestPromise_ForgetErases looks for every byte of a forgotten source in every
// file of the folder.
func TestPromise_ForgetErases(t *testing.T) {
	s, path := newStore(t)
	ctx := context.Background()
	put(t, s, own, resource("Basic", "mine", "stays"))
	put(t, s, fhir.Origin{Source: "medmij:other@medmij"}, resource("Basic", "other", "stays"))
	_ = s.Append(ctx, []byte("stays too"))
	_ = s.Close()
	before := map[string]bool{}
	pieces(t, path, before)
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		var page []fhir.Resource
		for j := range 100 {
			page = append(page, resource("Observation", fmt.Sprint(j), fmt.Sprint(i, noise(300))))
		}
		put(t, s, clinic, page...)
		put(t, s, fhir.Origin{Source: clinic.Source, Service: "49"}, page[i:]...)
	}
	put(t, s, clinic, resource("Binary", "large", noise(300_000)))
	_ = s.Keep(ctx, Token, "grant", []byte("its token"))
	_ = s.Close()
	marks := pieces(t, path, before)
	if len(marks) < 50 {
		t.Fatalf("only %d pieces to look for", len(marks))
	}
	s, err = Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	log := slices.Collect(logOf(t, s))
	if err := s.Forget(ctx, clinic.Source, Document{Kind: Token, Name: "grant"}, Document{Kind: Setting, Name: "none"}); err != nil {
		t.Fatal(err)
	}
	checkErased(t, filepath.Dir(path), marks)
	if got := strings.Join(lines(t, s), " "); strings.Count(got, "stays") != 2 || strings.Contains(got, clinic.Source) {
		t.Errorf("left: %s", got)
	}
	if _, err := s.Load(ctx, Token, "grant"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	s = reopen(t, s, path)
	if r, err := s.Verify(ctx, Deep); err != nil || r.Receipts != 2 || r.Records != 2 {
		t.Errorf("%+v %v", r, err)
	}
	if got := slices.Collect(logOf(t, s)); !slices.Equal(got, log) {
		t.Errorf("log %v, was %v", got, log)
	}
	// It can come again, as if for the first time.
	if r := put(t, s, clinic, resource("Observation", "1", "new")); r.New != 1 {
		t.Errorf("%+v", r)
	}
	if all, err := s.ReceiptHistory(ctx, clinic); err != nil || len(all) != 1 {
		t.Errorf("%d receipts, %v", len(all), err)
	}
}

func checkErased(t *testing.T, dir string, marks [][]byte) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range marks {
			if len(m) >= 16 && bytes.Contains(raw, m) {
				t.Errorf("piece %d of %d bytes is still in %s", i, len(m), f.Name())
			}
		}
	}
}

func logOf(t *testing.T, s *Store) func(func(string) bool) {
	return func(yield func(string) bool) {
		for e, err := range s.Log(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if !yield(fmt.Sprint(e.Number, e.Time, string(e.Entry))) {
				return
			}
		}
	}
}

// A Forget that was cut off before the file was made anew is ended by the next
// opening.
func TestForgetIsEndedByOpening(t *testing.T) {
	s, path := newStore(t)
	put(t, s, clinic, resource("Basic", "a", noise(500)))
	_ = s.Close()
	marks := pieces(t, path, map[string]bool{})
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	s.kv = struct{ Backend }{s.kv} // one that cannot be made anew
	if err := s.Forget(context.Background(), clinic.Source); err != nil {
		t.Fatal(err)
	}
	s.kv = s.kv.(struct{ Backend }).Backend
	// As if the program ended here: what is owed is still owed.
	if err := s.vault.Update(func(tx *seal.Tx) error { tx.Owe(true); return nil }); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, path)
	if s.vault.Head().Owed {
		t.Error("still owed")
	}
	var of [][]byte
	for _, m := range marks {
		if len(m) > 400 && len(m) < 700 {
			of = append(of, m) // the record, and not what is rewritten all the time
		}
	}
	checkErased(t, filepath.Dir(path), of)
	if len(of) == 0 || len(lines(t, s)) != 0 {
		t.Errorf("%d pieces to look for, %d records", len(of), len(lines(t, s)))
	}
}

func TestForgetMeanwhile(t *testing.T) {
	s, _ := newStore(t)
	ctx := context.Background()
	pages := func(yield func(fhir.Page, error) bool) {
		if !yield(fhir.Page{Query: "q", Resources: []fhir.Resource{resource("Basic", "a", "x")}}, nil) {
			return
		}
		if err := s.Forget(ctx, clinic.Source); err != nil {
			t.Error(err)
		}
		yield(fhir.Page{Query: "q", Resources: []fhir.Resource{resource("Basic", "b", "x")}}, nil)
	}
	if _, err := s.Put(ctx, fhir.Source{Origin: clinic, Version: fhir.R4, Pages: pages}); !errors.Is(err, ErrForgotten) {
		t.Error(err)
	}
	if r, err := s.Verify(ctx, Deep); err != nil || r.Records != 0 || r.Receipts != 0 {
		t.Errorf("%+v %v", r, err)
	}
	for name, err := range map[string]error{"no name": s.Forget(ctx, ""), "an internal one": s.Forget(ctx, "\x00log")} {
		if !errors.Is(err, ErrBadName) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Readers and writers go on while the file is exchanged under them.
func TestCompactWhileInUse(t *testing.T) {
	s, path := newStore(t)
	ctx, done := context.Background(), make(chan error)
	go func() {
		var err error
		for i := range 20 {
			o := fhir.Origin{Source: fmt.Sprint("file:", i%4)}
			_, putErr := s.Put(ctx, fhir.One(o, fhir.R4, "q", resource("Basic", fmt.Sprint(i), "x")))
			for _, readErr := range s.Records(ctx) {
				err = errors.Join(err, readErr)
			}
			err = errors.Join(err, putErr, s.Append(ctx, []byte("x")))
		}
		done <- err
	}()
	for i := range 6 {
		if i%2 == 0 {
			if err := s.Compact(ctx); err != nil {
				t.Error(err)
			}
		} else if err := s.Forget(ctx, "file:none"); err != nil {
			t.Error(err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	s = reopen(t, s, path)
	if r, err := s.Verify(ctx, Deep); err != nil || r.Records != 20 || r.LogEntries != 20 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestCompactMakesItSmaller(t *testing.T) {
	s, path := newStore(t)
	for i := range 200 {
		_ = s.Keep(context.Background(), Setting, fmt.Sprint(i), []byte(noise(4000)))
	}
	for i := range 195 {
		_ = s.Drop(context.Background(), Setting, fmt.Sprint(i))
	}
	before, _ := os.Stat(path)
	if err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	after, _ := os.Stat(path)
	if after.Size() > before.Size()/4 {
		t.Errorf("%d bytes, %d before", after.Size(), before.Size())
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 2 { // and who has it open
		t.Errorf("left behind: %v", files)
	}
}

func TestForgetLogKeepsTheProof(t *testing.T) {
	s, path := newStore(t)
	ctx := context.Background()
	for i := range 30 {
		_ = s.Append(ctx, fmt.Append(nil, "entry ", i))
	}
	if n, err := s.ForgetLog(ctx, timeOfLine(t, s, 12)); n != 12 || err != nil {
		t.Fatal(n, err)
	}
	_ = s.Append(ctx, []byte("entry 30"))
	s = reopen(t, s, path)
	number := uint64(12)
	for e, err := range s.Log(ctx) {
		if number++; err != nil || e.Number != number || string(e.Entry) != fmt.Sprint("entry ", number-1) {
			t.Fatalf("%d: %d %s %v", number, e.Number, e.Entry, err)
		}
	}
	if r, err := s.Verify(ctx, Quick); number != 31 || r.LogEntries != 19 || err != nil {
		t.Errorf("%d, %+v %v", number, r, err)
	}
	if n, err := s.ForgetLog(ctx, forever); n != 19 || err != nil || len(slices.Collect(logOf(t, s))) != 0 {
		t.Errorf("all of it: %d %v", n, err)
	}
	_ = s.Append(ctx, []byte("entry 31"))
	if got := slices.Collect(logOf(t, s)); len(got) != 1 || !strings.HasPrefix(got[0], "32 ") {
		t.Errorf("after all of it: %v", got)
	}
	_ = s.Close()
	edit(t, path, func(tx *bbolt.Tx) error { // the one that is left
		b := tx.Bucket(compartments(tx)[0])
		k, _ := pairs(b)
		return b.Delete(k[0])
	})
	if err := inspect(path); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}

func TestDestroy(t *testing.T) {
	s, path := newStore(t)
	if err := s.Destroy(); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) > 0 {
		t.Errorf("left: %v", files)
	}
	if err := errors.Join(s.Destroy()); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	kv := Memory()
	s, _, _ = CreateOn(kv, testPhrase, cheap())
	if err := s.Destroy(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := CreateOn(kv, testPhrase, cheap()); err != nil {
		t.Errorf("a new one in its place: %v", err)
	}
}

// Two programs on one Backend that has no lock: the second writer is told, and
// changes nothing.
func TestTwoWritersOnOneBackend(t *testing.T) {
	kv := Memory()
	a, _, err := CreateOn(kv, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := CreateOn(kv, testPhrase, cheap()); !errors.Is(err, ErrExists) {
		t.Errorf("over one that is there: %v", err)
	}
	b, err := OpenOn(kv, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := a.Keep(ctx, Setting, "x", []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := b.Keep(ctx, Setting, "y", []byte("b")); !errors.Is(err, ErrReopen) {
		t.Errorf("the second writer: %v", err)
	}
	if _, err := a.Verify(ctx, Deep); err != nil {
		t.Error(err)
	}
}

// Whoever holds many stores open must know what one costs.
func TestIdleStoreIsSmall(t *testing.T) {
	const count = 200
	var all []*Store
	var before, after runtime.MemStats
	var kvs []Backend
	for range count + 1 {
		kv := Memory()
		s, _, err := CreateOn(kv, testPhrase, Config{KDF: KDF{Time: 1, Memory: 64, Threads: 1}})
		if err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
		kvs = append(kvs, kv)
	}
	goroutines := runtime.NumGoroutine()
	for i, kv := range kvs {
		s, err := OpenOn(kv, Passphrase(testPhrase), Config{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
		if i == 0 { // the first one makes what all share
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / count
	if n := runtime.NumGoroutine() - goroutines; n > 0 || each > 32<<10 {
		t.Errorf("%d bytes each, %d goroutines more", each, n)
	}
	t.Logf("%d bytes per open store that rests", each)
	runtime.KeepAlive(all)
}
