package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// told is a record with all that Records tells of it.
func told(r fhir.Record) string {
	return fmt.Sprint(line(r), r.Query, r.Fetched.UnixNano(), " ", r.LastSeen.UnixNano(), " ", r.Gone.UnixNano())
}

func tell(t interface{ Fatal(...any) }, records iter.Seq2[fhir.Record, error]) []string {
	var all []string
	for r, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, told(r))
	}
	return all
}

// follower takes in the news again and again.
type follower struct {
	mark Mark
	here map[string]string
}

func (f *follower) catchUp(t interface{ Fatal(...any) }, s *Store) News {
	n, err := s.Since(context.Background(), f.mark)
	if err != nil {
		t.Fatal(err)
	}
	if n.Whole {
		f.here = map[string]string{}
	}
	for r, err := range n.Records {
		if err != nil {
			t.Fatal(err)
		}
		f.here[fmt.Sprint(r.Origin, r.Ref, r.Number)] = told(r)
	}
	f.mark = n.Mark
	return n
}

// holds sees that the follower has what a first reading gives.
func (f *follower) holds(t interface{ Fatal(...any) }, s *Store) {
	want, got := tell(t, s.Records(context.Background())), []string{}
	for _, r := range f.here {
		got = append(got, r)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Fatal(cmp.Diff(want, got))
	}
}

var followed = []fhir.Origin{{Source: fhir.Self}, clinic, {Source: clinic.Source, Service: "49"}, {Source: "medmij:ander-test@medmij", Service: "48"}}

// TestWhoFollowsHasAll does random things to a store. Who takes in the news after
// some of them, also in the midst of a collection, has what a first reading
// gives; and what was stored by a moment stays the same as long as no news is
// from before it.
func TestWhoFollowsHasAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kv, cfg := Memory(), cheap()
		s, _, err := CreateOn(kv, testPhrase, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		f, past := follower{}, pastOf{}
		t.Repeat(map[string]func(*rapid.T){
			"collect": func(t *rapid.T) {
				o := rapid.SampledFrom(followed).Draw(t, "origin")
				if _, err := s.Put(context.Background(), someSource(t, o, func() { f.catchUp(t, s); past = pastAt(t, s, cfg.Now()) })); err != nil {
					t.Fatal(err)
				}
			},
			"remove": func(t *rapid.T) {
				err := s.Remove(context.Background(), own, fhir.Ref{Type: "Observation", ID: someID.Draw(t, "id")})
				if err != nil && !errors.Is(err, ErrNotFound) {
					t.Fatal(err)
				}
			},
			"forget": func(t *rapid.T) {
				if err := s.Forget(context.Background(), rapid.SampledFrom(followed).Draw(t, "origin").Source); err != nil {
					t.Fatal(err)
				}
			},
			"reopen": func(t *rapid.T) {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = OpenOn(kv, Passphrase(testPhrase), cfg); err != nil {
					t.Fatal(err)
				}
			},
			"look back": func(t *rapid.T) { past = pastAt(t, s, cfg.Now()) },
			"follow": func(t *rapid.T) {
				f.catchUp(t, s)
				f.holds(t, s)
				past.holds(t, s)
			},
		})
	})
}

// someSource gives some pages of some queries; between them, now and then, mid
// is called.
func someSource(t *rapid.T, o fhir.Origin, mid func()) fhir.Source {
	return fhir.Source{Origin: o, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
		for range rapid.IntRange(0, 3).Draw(t, "pages") {
			p := fhir.Page{Query: rapid.SampledFrom([]string{"q", "r"}).Draw(t, "query")}
			for range rapid.IntRange(0, 3).Draw(t, "resources") {
				p.Resources = append(p.Resources, resource("Observation", someID.Draw(t, "id"), someText.Draw(t, "text")))
			}
			if outcome := rapid.SampledFrom([]fhir.Outcome{"", fhir.OK, fhir.Failed}).Draw(t, "outcome"); outcome != "" {
				p.Result = &fhir.QueryResult{Query: p.Query, Outcome: outcome}
			}
			if !yield(p, nil) {
				return
			}
			if rapid.IntRange(0, 3).Draw(t, "mid") == 0 {
				mid()
			}
		}
	}}
}

// pastOf is what was stored by a moment.
type pastOf struct {
	at   time.Time
	mark Mark
	all  []string
}

func pastAt(t *rapid.T, s *Store, at time.Time) pastOf {
	n, err := s.Since(context.Background(), Mark{})
	if err != nil {
		t.Fatal(err)
	}
	return pastOf{at, n.Mark, tell(t, s.RecordsAt(context.Background(), at))}
}

func (p *pastOf) holds(t *rapid.T, s *Store) {
	n, err := s.Since(context.Background(), p.mark)
	if err != nil {
		t.Fatal(err)
	}
	if n.Whole || !n.From.IsZero() && !n.From.After(p.at) {
		return
	}
	if got := tell(t, s.RecordsAt(context.Background(), p.at)); !slices.Equal(got, p.all) {
		t.Fatal(cmp.Diff(p.all, got))
	}
}

// TestNewsIsFew: what did not change is not read again, and what is read again
// is not the whole store unless something is gone from it.
func TestNewsIsFew(t *testing.T) {
	s, _ := newStore(t)
	put(t, s, own, resource("Observation", "a", "x"), resource("Observation", "b", "x"))
	put(t, s, clinic, resource("Observation", "c", "x"), resource("Observation", "d", "x"))
	var f follower
	for _, step := range []struct {
		name  string
		do    func()
		whole bool
		want  []string // ids, in order
		news  bool     // there is a moment of the news
	}{
		{"at first", func() {}, true, []string{"c", "d", "a", "b"}, true},
		{"nothing came", func() {}, false, nil, false},
		{"an own entry", func() { put(t, s, own, resource("Observation", "e", "x")) }, false, []string{"e"}, true},
		{"a new version", func() { put(t, s, own, resource("Observation", "a", "y")) }, false, []string{"a", "a"}, true},
		{"a removal", func() { _ = s.Remove(t.Context(), own, fhir.Ref{Type: "Observation", ID: "b"}) }, false, []string{"b", "b"}, true},
		{"what a source gave was seen again", func() { put(t, s, clinic, resource("Observation", "c", "x")) }, false, []string{"c", "d"}, true},
		{"a small document", func() { _ = s.Keep(t.Context(), Setting, "name", []byte("x")) }, false, nil, false},
		{"another source", func() { put(t, s, followed[3], resource("Observation", "c", "x")) }, false, []string{"c"}, true},
		{"a source is forgotten", func() { _ = s.Forget(t.Context(), clinic.Source) }, true, []string{"c", "a", "a", "b", "b", "e"}, true},
		{"it is back", func() { put(t, s, clinic, resource("Observation", "c", "x")) }, false, []string{"c"}, true},
	} {
		step.do()
		var ids []string
		n := f.catchUp(t, s)
		for r := range n.Records {
			ids = append(ids, r.ID)
		}
		if n.Whole != step.whole || !slices.Equal(ids, step.want) || n.From.IsZero() == step.news {
			t.Errorf("%s: whole %v, %v, from %v", step.name, n.Whole, ids, n.From)
		}
		f.holds(t, s)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Since(t.Context(), f.mark); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed store tells news: %v", err)
	}
}
