package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// answer is one page of a query in a collection.
type answer struct {
	query   string
	ids     string // one letter each
	outcome fhir.Outcome
}

func collect(t testing.TB, s *Store, o fhir.Origin, answers ...answer) {
	t.Helper()
	_, err := s.Put(context.Background(), fhir.Source{Origin: o, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
		for _, a := range answers {
			p := fhir.Page{Query: a.query}
			for _, id := range strings.Split(a.ids, "") {
				p.Resources = append(p.Resources, resource("Observation", id, "text"))
			}
			if a.outcome != "" {
				p.Result = &fhir.QueryResult{Query: a.query, Outcome: a.outcome}
			}
			if !yield(p, nil) {
				return
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// standing gives per id "last" or "last-gone": the collections in which it was
// last seen and since which it is gone, from 1.
func standing(t testing.TB, s *Store, o fhir.Origin, at time.Time) map[string]string {
	t.Helper()
	receipts, err := s.ReceiptHistory(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	number := func(at time.Time) int {
		return 1 + slices.IndexFunc(receipts, func(r fhir.Receipt) bool { return r.Started.Equal(at) })
	}
	got := map[string]string{}
	for r, err := range s.RecordsAt(context.Background(), at) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Origin != o || r.LastSeen.IsZero() {
			continue
		}
		got[r.ID] = fmt.Sprint(number(r.LastSeen))
		if !r.Gone.IsZero() {
			got[r.ID] += fmt.Sprint("-", number(r.Gone))
		}
	}
	return got
}

var forever = time.Unix(1<<40, 0)

func TestGone(t *testing.T) {
	ok := fhir.OK
	for name, c := range map[string]struct {
		collections [][]answer
		want        map[string]string
	}{
		"all are still there": {
			[][]answer{{{"q", "ab", ok}}, {{"q", "ab", ok}}, {{"q", "ba", ok}}},
			map[string]string{"a": "3", "b": "3"},
		},
		"one is not": {
			[][]answer{{{"q", "ab", ok}}, {{"q", "b", ok}}, {{"q", "b", ok}}},
			map[string]string{"a": "1-2", "b": "3"},
		},
		"an empty answer is an answer": {
			[][]answer{{{"q", "a", ok}}, {{"q", "", fhir.Empty}}},
			map[string]string{"a": "1-2"},
		},
		"it comes back": {
			[][]answer{{{"q", "ab", ok}}, {{"q", "b", ok}}, {{"q", "ab", ok}}},
			map[string]string{"a": "3", "b": "3"},
		},
		"it goes again": {
			[][]answer{{{"q", "ab", ok}}, {{"q", "b", ok}}, {{"q", "ab", ok}}, {{"q", "b", ok}}},
			map[string]string{"a": "3-4", "b": "4"},
		},
		"a failed answer says nothing of what it lacks": {
			[][]answer{{{"q", "ab", ok}}, {{"q", "b", fhir.Failed}}},
			map[string]string{"a": "1", "b": "2"},
		},
		"nor does one without an end": {
			[][]answer{{{"q", "ab", ok}}, {{"q", "b", ""}}},
			map[string]string{"a": "1", "b": "2"},
		},
		"seen in an answer cut off, then gone": {
			[][]answer{{{"q", "ab", ok}}, {{"q", "a", fhir.Failed}}, {{"q", "b", ok}}},
			map[string]string{"a": "2-3", "b": "3"},
		},
		"a query that is not asked says nothing": {
			[][]answer{{{"q", "a", ok}, {"r", "b", ok}}, {{"r", "b", ok}}},
			map[string]string{"a": "1", "b": "2"},
		},
		"one of two queries still gives it": {
			[][]answer{{{"q", "a", ok}, {"r", "ab", ok}}, {{"q", "a", ok}, {"r", "", ok}}},
			map[string]string{"a": "2", "b": "1-2"},
		},
		"neither of two gives it any more, one after the other": {
			[][]answer{{{"q", "a", ok}, {"r", "a", ok}}, {{"q", "", ok}}, {{"r", "", ok}}},
			map[string]string{"a": "1-3"},
		},
		"two pages are one answer": {
			[][]answer{{{"q", "a", ""}, {"q", "b", ok}}, {{"q", "b", ""}, {"q", "a", ok}}},
			map[string]string{"a": "2", "b": "2"},
		},
		"not granted says nothing": {
			[][]answer{{{"q", "a", ok}}, {{"q", "", fhir.NotGranted}}},
			map[string]string{"a": "1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			kv := Memory()
			s, _, err := CreateOn(kv, testPhrase, cheap())
			if err != nil {
				t.Fatal(err)
			}
			for _, answers := range c.collections {
				collect(t, s, clinic, answers...)
			}
			if diff := cmp.Diff(c.want, standing(t, s, clinic, forever)); diff != "" {
				t.Error(diff)
			}
			_ = s.Close()
			if s, err = OpenOn(kv, Passphrase(testPhrase), cheap()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, standing(t, s, clinic, forever)); diff != "" {
				t.Errorf("opened again: %s", diff)
			}
		})
	}
}

// What a source refuses to have stored is not absent, and an own entry does not
// speak for the others.
func TestNotGone(t *testing.T) {
	s, _, _ := CreateOn(Memory(), testPhrase, cheap())
	put(t, s, own, resource("Basic", "a", "x"))
	put(t, s, own, resource("Basic", "b", "x"))
	put(t, s, clinic, resource("Basic", "c", "x"))
	bad := resource("Basic", "c", "y")
	bad.ID = "other"
	if _, err := s.Put(context.Background(), fhir.One(clinic, fhir.R4, "everything", bad)); err == nil {
		t.Fatal("not refused")
	}
	for r, err := range s.Records(context.Background()) {
		if err != nil || !r.Gone.IsZero() || r.LastSeen.IsZero() {
			t.Errorf("%v last seen %v, gone %v, %v", r.Ref, r.LastSeen, r.Gone, err)
		}
	}
}

// As of every moment a store gives what it gave then.
func TestRecordsAtIsThePast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kv := Memory()
		s, _, err := CreateOn(kv, testPhrase, cheap())
		if err != nil {
			t.Fatal(err)
		}
		var moments []time.Time
		var want [][]string
		for range rapid.IntRange(1, 6).Draw(t, "collections") {
			var page []fhir.Resource
			for range rapid.IntRange(0, 3).Draw(t, "resources") {
				page = append(page, resource("Basic", someID.Draw(t, "id"), someText.Draw(t, "text")))
			}
			query := rapid.SampledFrom([]string{"q", "r"}).Draw(t, "query")
			r, err := s.Put(context.Background(), fhir.One(clinic, fhir.R4, query, page...))
			if err != nil {
				t.Fatal(err)
			}
			moments, want = append(moments, r.Finished), append(want, standingLines(t, s, forever))
		}
		_ = s.Close()
		if s, err = OpenOn(kv, Passphrase(testPhrase), cheap()); err != nil {
			t.Fatal(err)
		}
		for i, at := range moments {
			if diff := cmp.Diff(want[i], standingLines(t, s, at)); diff != "" {
				t.Fatalf("as of collection %d: %s", i+1, diff)
			}
		}
		if got := standingLines(t, s, testStart); len(got) > 0 {
			t.Fatalf("before all: %v", got)
		}
	})
}

func standingLines(t *rapid.T, s *Store, at time.Time) (all []string) {
	for r, err := range s.RecordsAt(context.Background(), at) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(line(r), r.Fetched, r.LastSeen, r.Gone))
	}
	return all
}

// A collection in which nothing changed writes its receipt and nothing else.
func TestPromise_UnchangedWritesNoRecord(t *testing.T) {
	s, _, _ := CreateOn(Memory(), testPhrase, cheap())
	var page []fhir.Resource
	for i := range 300 {
		page = append(page, resource("Observation", fmt.Sprint(i), "text"))
	}
	put(t, s, clinic, page...)
	count := func() (n uint64) {
		for _, c := range s.vault.Head().Compartments {
			n += c.Count
		}
		return n
	}
	before, commit := count(), s.vault.Head().Commit
	slices.Reverse(page)
	if r := put(t, s, clinic, page...); r.Unchanged != 300 {
		t.Errorf("%+v", r)
	}
	if n := count() - before; n != 1 || s.vault.Head().Commit != commit+1 {
		t.Errorf("%d values written in %d transactions", n, s.vault.Head().Commit-commit)
	}
}

func TestOrdinals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o ordinals
		all := map[uint32]bool{}
		for _, n := range rapid.SliceOf(rapid.Uint32Range(0, 400)).Draw(t, "numbers") {
			o.add(n)
			all[n] = true
		}
		back, ok := parseOrdinals(o.encode(), 400)
		if !ok || !back.equal(&o) {
			t.Fatalf("%v comes back as %v", o, back)
		}
		for n := range uint32(500) {
			if back.has(n) != all[n] {
				t.Fatalf("%d: %v", n, !all[n])
			}
		}
		if _, ok := parseOrdinals(o.encode(), 0); ok && len(all) > 1 {
			t.Fatal("larger ones than there are")
		}
	})
}

func FuzzOrdinals(f *testing.F) {
	f.Add([]byte{1, 5, 3, 200, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if o, ok := parseOrdinals(b, 1000); ok && len(o.words) > 16 {
			t.Fatal("more than there can be")
		}
	})
}

func FuzzChunk(f *testing.F) {
	c := chunk{service: "48", number: 3, fetched: 5, query: "q", trace: "t", items: []item{
		{ref: fhir.Ref{Type: "Basic", ID: "a"}, version: fhir.R4, ordinal: 1, number: 2, size: 3, fullURL: "u", masked: 1},
	}}
	f.Add(appendChunk(nil, c, false), false)
	f.Add(appendChunk(nil, c, true), true)
	f.Add(encodeSightings(5, []sighting{{query: "q", complete: true, set: 3}}), false)
	f.Fuzz(func(t *testing.T, b []byte, list bool) {
		w := wire{b: b}
		got := w.chunk("48", list)
		if len(got.items) > chunkMany {
			t.Fatalf("%d items", len(got.items))
		}
		if !w.bad { // what was read is written the same, up to how numbers are spelled
			again := wire{b: appendChunk(nil, got, list)}
			if diff := cmp.Diff(got, again.chunk("48", list), cmp.AllowUnexported(chunk{}, item{})); diff != "" || again.bad {
				t.Fatal(diff)
			}
		}
		_, _, _ = parseSightings(b)
	})
}
