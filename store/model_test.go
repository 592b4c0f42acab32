package store

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
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

func TestModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		s, _, err := Create(path, testPhrase, cheap())
		if err != nil {
			t.Fatal(err)
		}
		m := &model{now: map[fhir.Ref][]string{}, documents: map[string]string{}}
		defer func() { _ = s.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) { m.put(t, s) },
			"remove": func(t *rapid.T) {
				ref := fhir.Ref{Type: "Basic", ID: someID.Draw(t, "id")}
				here := len(m.now[ref]) > 0 && m.now[ref][0] != ""
				if err := s.Remove(context.Background(), own, ref); (err == nil) != here {
					t.Fatalf("remove: %v, there %v", err, here)
				}
				if here {
					m.now[ref] = []string{""}
				}
			},
			"keep": func(t *rapid.T) {
				name, value := someID.Draw(t, "name"), someText.Draw(t, "value")
				if err := s.Keep(context.Background(), Setting, name, []byte(value)); err != nil {
					t.Fatal(err)
				}
				m.documents[name] = value
			},
			"drop": func(t *rapid.T) {
				name := someID.Draw(t, "name")
				_, here := m.documents[name]
				if err := s.Drop(context.Background(), Setting, name); (err == nil) != here {
					t.Fatalf("drop: %v, there %v", err, here)
				}
				delete(m.documents, name)
			},
			"append": func(t *rapid.T) {
				m.log = append(m.log, someText.Draw(t, "entry"))
				if err := s.Append(context.Background(), []byte(m.log[len(m.log)-1])); err != nil {
					t.Fatal(err)
				}
			},
			"reopen": func(t *rapid.T) {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = Open(path, Passphrase(testPhrase), cheap()); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) { m.check(t, s) },
		})
		if _, err := s.Verify(context.Background(), Deep); err != nil {
			t.Fatal(err)
		}
	})
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
