package store

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/faultkv"
	"github.com/bundel-pgo/bundel/store/internal/mem"
)

// copyOf gives a place with the same bytes.
func copyOf(t *testing.T, from Backend) *mem.KV {
	t.Helper()
	to := &mem.KV{}
	if err := copyAll(from, to); err != nil {
		t.Fatal(err)
	}
	return to
}

// contents is all that is in a place, as a new opening sees it, verified.
func contents(t *testing.T, kv Backend) (all []string) {
	t.Helper()
	s, err := OpenOn(kv, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(context.Background(), Deep); err != nil {
		t.Fatal(err)
	}
	if all, err = dumpOf(s); err != nil {
		t.Fatalf("verified, and yet: %v", err)
	}
	receipts, err := s.Receipts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range receipts {
		all = append(all, fmt.Sprint("receipt ", r.New, r.Changed, r.Unchanged, r.Detail))
	}
	return all
}

// changes are what is done to a store that fails. Put has several transactions:
// between the page and its receipt is a state of its own.
func changes() map[string]func(context.Context, *Store) error {
	page := []fhir.Resource{resource("Basic", "new", "text"), resource("Basic", "a", "changed"), resource("Binary", "large", noise(200_000))}
	return map[string]func(context.Context, *Store) error{
		"put": func(ctx context.Context, s *Store) error {
			_, err := s.Put(ctx, fhir.One(clinic, fhir.R4, "q", page...))
			return err
		},
		"keep":   func(ctx context.Context, s *Store) error { return s.Keep(ctx, Setting, "x", []byte("second")) },
		"drop":   func(ctx context.Context, s *Store) error { return s.Drop(ctx, Setting, "x") },
		"append": func(ctx context.Context, s *Store) error { return s.Append(ctx, []byte("two")) },
		"remove": func(ctx context.Context, s *Store) error {
			return s.Remove(ctx, own, fhir.Ref{Type: "Basic", ID: "mine"})
		},
		"forget": func(ctx context.Context, s *Store) error {
			return s.Forget(ctx, clinic.Source, Document{Kind: Setting, Name: "x"})
		},
		"forget the log": func(ctx context.Context, s *Store) error { _, err := s.ForgetLog(ctx, forever); return err },
		"compact":        func(ctx context.Context, s *Store) error { return s.Compact(ctx) },
	}
}

func ways() map[string]faultkv.Way {
	return map[string]faultkv.Way{"refuses": faultkv.Refuse, "writes a half": faultkv.Short, "is full": faultkv.Stay, "is unsure": faultkv.Unsure}
}

// errFull is as the file says it.
var errFull = fault.Pathless("write the store", syscall.ENOSPC)

// TestPromise_FailedWriteIsOldOrNew makes every operation of every change fail, in
// every way, and looks what a new opening finds: the state before or after, and for
// Put also the page without its receipt. What fails is told, and a store that can
// go on does.
func TestPromise_FailedWriteIsOldOrNew(t *testing.T) {
	base := &mem.KV{}
	s, _, err := CreateOn(base, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	put(t, s, clinic, resource("Basic", "a", "first"), resource("Basic", "b", "first"))
	put(t, s, own, resource("Basic", "mine", "first"))
	if err := errors.Join(s.Keep(ctx, Setting, "x", []byte("first")), s.Append(ctx, []byte("one")), s.Close()); err != nil {
		t.Fatal(err)
	}
	before := contents(t, copyOf(t, base))
	for name, change := range changes() {
		kv := &faultkv.KV{KV: copyOf(t, base)}
		do := func() (*Store, error) {
			s, err := OpenOn(kv, Passphrase(testPhrase), cheap())
			if err != nil {
				return nil, err
			}
			return s, change(ctx, s)
		}
		if _, err := do(); err != nil {
			t.Fatal(name, err)
		}
		ops, after := kv.Ops(), contents(t, copyOf(t, kv.KV))
		counts := map[string]int{}
		for way, how := range ways() {
			for n := 1; n <= ops; n++ {
				kv = &faultkv.KV{KV: copyOf(t, base), Way: how, Err: errFull}
				kv.FailAt(n)
				s, err := do()
				if err == nil || !errors.Is(err, ErrFull) && !errors.Is(err, ErrReopen) || !kv.Hit() {
					t.Fatalf("%s, %s at %d of %d: %v, hit %v", name, way, n, ops, err, kv.Hit())
				}
				kv.FailAt(0)
				checkOldOrNew(t, fmt.Sprintf("%s, %s at %d of %d", name, way, n, ops), copyOf(t, kv.KV), before, after, counts)
				checkGoesOn(t, s, change)
			}
		}
		t.Logf("%s: %d operations, %v", name, ops, counts)
	}
}

func checkOldOrNew(t *testing.T, name string, kv Backend, before, after []string, counts map[string]int) {
	t.Helper()

	got := contents(t, kv)
	switch {
	case cmp.Equal(got, before):
		counts["old"]++
	case cmp.Equal(got, after):
		counts["new"]++
	case isBetween(got, before, after):
		counts["between"]++
	default:
		t.Fatalf("%s: neither the old state nor the new one: %s", name, cmp.Diff(after, got))
	}
}

// isBetween is a Put of which the page was stored and the receipt was not, or was
// and says that the page could not be stored.
func isBetween(got, before, after []string) bool {
	records := func(all []string) (out []string) {
		for _, l := range all {
			if len(l) < 8 || l[:8] != "receipt " {
				out = append(out, l)
			}
		}
		return out
	}
	return cmp.Equal(records(got), records(before)) || cmp.Equal(records(got), records(after))
}

// checkGoesOn uses the store that failed: it does what was asked now, or says that
// it must be opened again.
func checkGoesOn(t *testing.T, s *Store, change func(context.Context, *Store) error) {
	t.Helper()
	if s == nil { // it could not even be opened
		return
	}
	err := change(context.Background(), s)
	if err != nil && !errors.Is(err, ErrReopen) && !errors.Is(err, ErrNotFound) {
		t.Fatalf("once more: %v", err)
	}
	for _, err := range s.Records(context.Background()) {
		if err != nil && !errors.Is(err, ErrReopen) {
			t.Fatalf("reading afterwards: %v", err)
		}
	}
}

// Creation that fails leaves a place where creation works, or a whole store.
func TestCreateThatFails(t *testing.T) {
	count := &faultkv.KV{KV: &mem.KV{}}
	if _, _, err := CreateOn(count, testPhrase, cheap()); err != nil {
		t.Fatal(err)
	}
	for way, how := range ways() {
		for n := 1; n <= count.Ops(); n++ {
			kv := &faultkv.KV{KV: &mem.KV{}, Way: how, Err: errFull}
			kv.FailAt(n)
			_, _, err := CreateOn(kv, testPhrase, cheap())
			if !errors.Is(err, ErrFull) {
				t.Fatalf("%s at %d: %v", way, n, err)
			}
			kv.FailAt(0)
			if _, _, err := CreateOn(kv, testPhrase, cheap()); err != nil && !errors.Is(err, ErrExists) {
				t.Fatalf("%s at %d: then %v", way, n, err)
			}
			if got := contents(t, kv.KV); len(got) != 0 {
				t.Fatalf("%s at %d: %v", way, n, got)
			}
		}
	}
}
