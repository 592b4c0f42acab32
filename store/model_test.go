package store

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// model is what the store should hold. Of the versions of a key it knows the
// newest snapshot as a set; older versions may not change.
type model struct {
	now       map[fhir.Ref][]string // sorted contents; "" is a removal
	before    []string              // all records in short, as last seen
	documents map[string]string
	log       []string
}

var (
	someID   = rapid.StringMatching(`[ab]`)
	someText = rapid.SampledFrom([]string{"x", "y", "z", "a much longer text, a much longer text, a much longer text"})
)

// TestModel does random things to a store, in a file and in memory, and to a
// map, and sees that both hold the same.
func TestModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		cfg := cheap()
		var open func() (*Store, error)
		var s *Store
		var err error
		if n%8 == 0 {
			path := filepath.Join(dir, fmt.Sprint(n))
			s, _, err = Create(path, testPhrase, cfg)
			open = func() (*Store, error) { return Open(path, Passphrase(testPhrase), cfg) }
		} else {
			kv := Memory()
			s, _, err = CreateOn(kv, testPhrase, cfg)
			open = func() (*Store, error) { return OpenOn(kv, Passphrase(testPhrase), cfg) }
		}
		if err != nil {
			t.Fatal(err)
		}
		m := &model{now: map[fhir.Ref][]string{}, documents: map[string]string{}}
		defer func() { _ = s.Close() }()
		actions := m.actions(&s)
		actions["reopen"] = func(t *rapid.T) {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = open(); err != nil {
				t.Fatal(err)
			}
		}
		t.Repeat(actions)
		if _, err := s.Verify(context.Background(), Deep); err != nil {
			t.Fatal(err)
		}
	})
}

func (m *model) actions(at **Store) map[string]func(*rapid.T) {
	ctx := context.Background()
	return map[string]func(*rapid.T){
		"put": func(t *rapid.T) { m.put(t, *at) },
		"remove": func(t *rapid.T) {
			ref := fhir.Ref{Type: "Basic", ID: someID.Draw(t, "id")}
			here := len(m.now[ref]) > 0 && m.now[ref][0] != ""
			if err := (*at).Remove(ctx, own, ref); (err == nil) != here {
				t.Fatalf("remove: %v, there %v", err, here)
			}
			if here {
				m.now[ref] = []string{""}
			}
		},
		"keep": func(t *rapid.T) {
			name, value := someID.Draw(t, "name"), someText.Draw(t, "value")
			if err := (*at).Keep(ctx, Setting, name, []byte(value)); err != nil {
				t.Fatal(err)
			}
			m.documents[name] = value
		},
		"drop": func(t *rapid.T) {
			name := someID.Draw(t, "name")
			_, here := m.documents[name]
			if err := (*at).Drop(ctx, Setting, name); (err == nil) != here {
				t.Fatalf("drop: %v, there %v", err, here)
			}
			delete(m.documents, name)
		},
		"append": func(t *rapid.T) {
			m.log = append(m.log, someText.Draw(t, "entry"))
			if err := (*at).Append(ctx, []byte(m.log[len(m.log)-1])); err != nil {
				t.Fatal(err)
			}
		},
		"forget": func(t *rapid.T) {
			name := someID.Draw(t, "name")
			if err := (*at).Forget(ctx, own.Source, Document{Kind: Setting, Name: name}); err != nil {
				t.Fatal(err)
			}
			clear(m.now)
			delete(m.documents, name)
			m.before = nil
		},
		"forget the log": func(t *rapid.T) {
			n := rapid.IntRange(0, len(m.log)).Draw(t, "lines")
			m.forgetLog(t, *at, n)
		},
		"compact": func(t *rapid.T) {
			if err := (*at).Compact(ctx); err != nil {
				t.Fatal(err)
			}
		},
		"back up and restore": func(t *rapid.T) { backAndForth(t, *at) },
		"":                    func(t *rapid.T) { m.check(t, *at) },
	}
}

// forgetLog drops the first n lines.
func (m *model) forgetLog(t *rapid.T, s *Store, n int) {
	at, i := forever, 0
	for e, err := range s.Log(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if i == n {
			at = e.Time
		}
		i++
	}
	if got, err := s.ForgetLog(context.Background(), at); err != nil || got != n {
		t.Fatalf("%d lines dropped, want %d: %v", got, n, err)
	}
	m.log = m.log[n:]
}

func (m *model) put(t *rapid.T, s *Store) {
	page := map[fhir.Ref][]string{}
	var resources []fhir.Resource
	for range rapid.IntRange(0, 4).Draw(t, "resources") {
		r := resource("Basic", someID.Draw(t, "id"), someText.Draw(t, "text"))
		resources = append(resources, r)
		page[r.Ref] = append(page[r.Ref], string(r.Bytes()))
	}
	if _, err := s.Put(context.Background(), fhir.One(own, fhir.R4, "q", resources...)); err != nil {
		t.Fatal(err)
	}
	for ref, contents := range page {
		slices.Sort(contents)
		contents = slices.Compact(contents)
		known := func(c string) bool { return slices.Contains(m.now[ref], c) }
		if slices.ContainsFunc(contents, func(c string) bool { return !known(c) }) {
			m.now[ref] = contents
		}
	}
}

func (m *model) check(t *rapid.T, s *Store) {
	ctx := context.Background()
	snapshots := map[fhir.Ref]map[int64][]string{}
	latest := map[fhir.Ref]int64{}
	var all []string
	for r, err := range s.Records(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, line(r))
		at := r.Fetched.UnixNano()
		if snapshots[r.Ref] == nil {
			snapshots[r.Ref] = map[int64][]string{}
		}
		snapshots[r.Ref][at] = append(snapshots[r.Ref][at], string(r.Bytes()))
		latest[r.Ref] = max(latest[r.Ref], at)
	}
	now := map[fhir.Ref][]string{}
	for ref, at := range latest {
		now[ref] = slices.Sorted(slices.Values(snapshots[ref][at]))
	}
	if diff := cmp.Diff(m.now, now); diff != "" {
		t.Fatalf("newest snapshots: %s", diff)
	}
	for _, old := range m.before {
		if !slices.Contains(all, old) {
			t.Fatalf("an older version changed or is gone: %s", old)
		}
	}
	m.before = all
	m.checkRest(t, s)
}

func (m *model) checkRest(t *rapid.T, s *Store) {
	documents := map[string]string{}
	for d, err := range s.List(context.Background(), Setting) {
		if err != nil {
			t.Fatal(err)
		}
		documents[d.Name] = string(d.Value)
	}
	for _, prefix := range []string{"a", "b", "ab"} {
		want := map[string]string{}
		for name, value := range m.documents {
			if strings.HasPrefix(name, prefix) {
				want[name] = value
			}
		}
		got := map[string]string{}
		for d, err := range s.ListUnder(context.Background(), Setting, prefix) {
			if err != nil {
				t.Fatal(err)
			}
			got[d.Name] = string(d.Value)
		}
		if !maps.Equal(want, got) {
			t.Fatalf("under %q: %v, want %v", prefix, got, want)
		}
	}
	var log []string
	for e, err := range s.Log(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, string(e.Entry))
	}
	if !maps.Equal(m.documents, documents) || !slices.Equal(m.log, log) {
		t.Fatalf("documents %v want %v, log %v want %v", documents, m.documents, log, m.log)
	}
}

// backAndForth restores a backup and compares everything with the store.
func backAndForth(t *rapid.T, s *Store) {
	var out bytes.Buffer
	if err := s.Backup(context.Background(), &out, testPhrase); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "bundel-model-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	to := filepath.Join(dir, "restored")
	if _, err := Restore(context.Background(), &out, Passphrase(testPhrase), to, cheap()); err != nil {
		t.Fatal(err)
	}
	other, err := Open(to, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	got, err := dumpOf(other)
	if err != nil {
		t.Fatal(err)
	}
	want, err := dumpOf(s)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
}
