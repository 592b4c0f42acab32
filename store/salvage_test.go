package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// rich makes a store with all there can be in one, some of it dropped again.
func rich(t *testing.T) (path string) {
	t.Helper()
	s, path := newStore(t)
	ctx := context.Background()
	for i := range 4 {
		o := fhir.Origin{Source: fmt.Sprint("medmij:p", i%3, "@medmij"), Service: fmt.Sprint(40 + i)}
		for j := range 5 {
			var page []fhir.Resource
			for k := range 60 {
				page = append(page, resource("Observation", fmt.Sprint(k), fmt.Sprint(i, j/2, k, noise(200))))
			}
			put(t, s, o, page[j:]...)
		}
	}
	put(t, s, own, resource("Binary", "large", noise(400_000)), resource("Basic", "note", "mine"))
	if err := s.Remove(ctx, own, fhir.Ref{Type: "Basic", ID: "note"}); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		name := fmt.Sprint("token", i)
		err := errors.Join(s.Keep(ctx, Token, name, []byte("old")), s.Keep(ctx, Token, name, []byte("new")),
			s.Append(ctx, fmt.Append(nil, "line ", i)))
		if i%3 == 0 {
			err = errors.Join(err, s.Drop(ctx, Token, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.ForgetLog(ctx, timeOfLine(t, s, 10)); n != 10 || err != nil {
		t.Fatal(n, err)
	}
	put(t, s, clinic, resource("Basic", "secret", "forget me"))
	if err := errors.Join(s.Forget(ctx, clinic.Source), s.Keep(ctx, Setting, "last", []byte("word")), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// timeOfLine is when the entry after so many was written.
func timeOfLine(t *testing.T, s *Store, after int) (at time.Time) {
	t.Helper()
	for e, err := range s.Log(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Number == uint64(after)+1 {
			at = e.Time
		}
	}
	return at
}

// ruin changes the pages of a file.
func ruin(t *testing.T, path string, change func(id int, page []byte)) string {
	t.Helper()
	to := copied(t, path)
	raw, _ := os.ReadFile(to)
	for id := range len(raw) / 4096 {
		change(id, raw[id*4096:(id+1)*4096])
	}
	if err := os.WriteFile(to, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

func isPage(id int, page []byte, sort byte) bool {
	return binary.LittleEndian.Uint64(page) == uint64(id) && page[8] == sort
}

func isBranch(id int, page []byte) bool { return isPage(id, page, 1) }

// everything is what a salvage must bring back: all but the numbers of the log.
func everything(t *testing.T, path string) (all []string) {
	t.Helper()
	all, err := dump(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for r, err := range s.Records(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(r.Ref, r.Fetched, r.Query, r.LastSeen, r.Gone))
	}
	for d, err := range s.List(context.Background(), Token) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d.Name+string(d.Value))
	}
	return all
}

func TestPromise_SalvageBringsBackAll(t *testing.T) {
	path := rich(t)
	want := everything(t, path)
	for name, damage := range map[string]func(id int, page []byte){
		"nothing":                       func(int, []byte) {},
		"both first pages":              func(id int, page []byte) { wipeIf(page, id < 2) },
		"first pages and all branches":  func(id int, page []byte) { wipeIf(page, id < 2 || isBranch(id, page)) },
		"those and the free pages list": func(id int, page []byte) { wipeIf(page, id < 2 || isBranch(id, page) || isPage(id, page, 0x10)) },
	} {
		broken := ruin(t, path, damage)
		if _, err := Open(broken, Passphrase(testPhrase), cheap()); (err == nil) != (name == "nothing") {
			t.Errorf("%s: opening it: %v", name, err)
		}
		to := filepath.Join(t.TempDir(), "saved")
		began := time.Now()
		r, err := Salvage(context.Background(), broken, Passphrase(testPhrase), to, cheap())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, everything(t, to)); diff != "" {
			t.Errorf("%s: %.2000s", name, diff)
		}
		if err := inspect(to); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %+v in %v", name, r, time.Since(began))
	}
}

func wipeIf(page []byte, yes bool) {
	if yes {
		clear(page)
	}
}

// With pages missing all that is on the others comes back, and never anything
// that was dropped or forgotten.
func TestSalvageOfAPart(t *testing.T) {
	path := rich(t)
	want := everything(t, path)
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 5)) // #nosec G404 -- a test that can be repeated
		wiped := 0
		broken := ruin(t, path, func(id int, page []byte) {
			hit := random.IntN(20) == 0
			wipeIf(page, hit)
			if hit {
				wiped++
			}
		})
		to := filepath.Join(t.TempDir(), "saved")
		r, err := Salvage(context.Background(), broken, Passphrase(testPhrase), to, cheap())
		if errors.Is(err, ErrDamaged) {
			continue // the header or the key table is gone: said, and nothing written
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := inspect(to); err != nil {
			t.Errorf("seed %d: what was made is damaged: %v", seed, err)
		}
		got, err := dump(to)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range got {
			if !slices.Contains(want, l) {
				t.Errorf("seed %d: not there before: %.100s", seed, l)
			}
		}
		t.Logf("%d pages wiped: %d of %d records, %+v", wiped, r.Records, 1200+3, r)
	}
}

// Without any summary what is on the pages still comes back, but for the parts
// of what is very large.
func TestSalvageBlind(t *testing.T) {
	path := rich(t)
	broken := ruin(t, path, func(_ int, page []byte) {
		if i := strings.Index(string(page), "head\x01\x01"); i >= 0 {
			page[i+20] ^= 1
		}
	})
	r, err := Salvage(context.Background(), broken, Passphrase(testPhrase), "", cheap())
	if err != nil || !r.Blind || r.Records < 700 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestSalvageOfOldStores(t *testing.T) {
	for path, want := range goldens(t) {
		broken := ruin(t, path, func(id int, page []byte) { wipeIf(page, id < 2 || isBranch(id, page)) })
		to := filepath.Join(t.TempDir(), "saved")
		if _, err := Salvage(context.Background(), broken, Recovery(want.Recovery), to, cheap()); err != nil {
			t.Fatal(err)
		}
		got, err := dump(to)
		if err != nil {
			t.Fatal(err)
		}
		// Schema 1 left no tombstone where a document was dropped.
		got = slices.DeleteFunc(short(got), func(l string) bool { return strings.HasPrefix(l, "s3vvv ") })
		if diff := cmp.Diff(want.Dump, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if err := inspect(to); err != nil {
			t.Error(err)
		}
	}
}

func TestSalvageRefuses(t *testing.T) {
	s, path := newStore(t)
	_ = s.Close()
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	_ = os.WriteFile(text, []byte(strings.Repeat("some other file ", 1000)), 0o600)
	for name, c := range map[string]struct {
		path, to string
		key      Key
		want     error
	}{
		"no file":              {filepath.Join(dir, "none"), "", Passphrase(testPhrase), ErrNoStore},
		"another passphrase":   {path, "", Passphrase([]byte("ten quiet bicycles")), ErrWrongKey},
		"no store":             {text, "", Passphrase(testPhrase), ErrDamaged},
		"a file in the way":    {path, text, Passphrase(testPhrase), ErrExists},
		"the file itself":      {path, path, Passphrase(testPhrase), ErrExists},
		"a folder for a store": {dir, "", Passphrase(testPhrase), errAny},
	} {
		_, err := Salvage(context.Background(), c.path, c.key, c.to, cheap())
		if err == nil || (c.want != errAny && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
