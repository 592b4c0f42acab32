package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

func one(text string) fhir.Source {
	return fhir.One(clinic, fhir.R4, "everything", resource("Observation", "a", text))
}

func TestPromise_BytesAsReceived(t *testing.T) {
	noise := make([]byte, 2_300_000)
	_, _ = rand.Read(noise)
	binary := `{"resourceType":"Binary","id":"scan","data":"` + base64.StdEncoding.EncodeToString(noise) + `"}`
	fullURL := fhir.Parse([]byte(`{"resourceType":"Patient","id":"p"}`), fhir.STU3)
	fullURL.FullURL = "https://example.test/Patient/p"
	for name, r := range map[string]fhir.Resource{
		"three megabytes of noise":   fhir.Parse([]byte(binary), fhir.R4),
		"a megabyte of one letter":   resource("Observation", "long", strings.Repeat("a", 1<<20)),
		"odd white space":            fhir.Parse([]byte("{ \"resourceType\" :\t\"Basic\",\n\"id\":\"w\" }"), fhir.R4),
		"a number as it was written": fhir.Parse([]byte(`{"resourceType":"Basic","id":"n","x":1.500E+03}`), fhir.R4),
		"a name twice":               fhir.Parse([]byte(`{"resourceType":"Basic","id":"d","x":1,"x":2}`), fhir.R4),
		"no JSON at all":             fhir.Parse([]byte("<html>sorry</html>"), fhir.STU3),
		"no id":                      fhir.Parse([]byte(`{"resourceType":"Basic"}`), fhir.STU3),
		"bad UTF-8":                  fhir.Parse([]byte("{\"resourceType\":\"Basic\",\"id\":\"\xff\"}"), fhir.R4),
		"masked BSN": fhir.Parse([]byte(`{"resourceType":"Patient","id":"m","identifier":[{"system":`+
			`"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}]}`), fhir.R4),
		"from a Bundle": fullURL,
	} {
		t.Run(name, func(t *testing.T) {
			s, path := newStore(t)
			if got := put(t, s, clinic, r); got.New != 1 || got.Masked != r.Masked {
				t.Fatalf("receipt %+v", got)
			}
			s = reopen(t, s, path)
			for got, err := range s.History(context.Background(), clinic, r.Ref) {
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Bytes(), r.Bytes()) {
					t.Errorf("other bytes: %d, want %d", len(got.Bytes()), len(r.Bytes()))
				}
				if got.Ref != r.Ref || got.Version != r.Version || got.FullURL != r.FullURL || got.Flaw != r.Flaw ||
					got.Masked != r.Masked || got.Number != 1 || got.Origin != clinic || got.Fetched.IsZero() {
					t.Errorf("got %+v, want %+v", got, r)
				}
			}
			if _, err := s.Verify(context.Background(), Deep); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPromise_SameIDTwiceKeepsBoth(t *testing.T) {
	a, b, c := resource("Observation", "x", "a"), resource("Observation", "x", "b"), resource("Observation", "x", "c")
	type step struct {
		put    []fhir.Resource
		counts [3]int   // new, changed, unchanged
		now    []string // contents of the newest snapshot
		all    int
	}
	for name, steps := range map[string][]step{
		"both stay, a re-sync writes nothing": {
			{[]fhir.Resource{a, b}, [3]int{2, 0, 0}, []string{"a", "b"}, 2},
			{[]fhir.Resource{a, b}, [3]int{0, 0, 2}, []string{"a", "b"}, 2},
			{[]fhir.Resource{b, a}, [3]int{0, 0, 2}, []string{"a", "b"}, 2},
		},
		"one of two changes: the other joins the new snapshot": {
			{[]fhir.Resource{a, b}, [3]int{2, 0, 0}, []string{"a", "b"}, 2},
			{[]fhir.Resource{a, c}, [3]int{0, 1, 1}, []string{"a", "c"}, 4},
			{[]fhir.Resource{c, a}, [3]int{0, 0, 2}, []string{"a", "c"}, 4},
		},
		"the changed one comes first": {
			{[]fhir.Resource{a, b}, [3]int{2, 0, 0}, []string{"a", "b"}, 2},
			{[]fhir.Resource{c, a}, [3]int{0, 2, 0}, []string{"c", "a"}, 4},
		},
		"there and back": {
			{[]fhir.Resource{a}, [3]int{1, 0, 0}, []string{"a"}, 1},
			{[]fhir.Resource{b}, [3]int{0, 1, 0}, []string{"b"}, 2},
			{[]fhir.Resource{a}, [3]int{0, 1, 0}, []string{"a"}, 3},
		},
		"the same twice in one page": {
			{[]fhir.Resource{a, a}, [3]int{1, 0, 1}, []string{"a"}, 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, path := newStore(t)
			for i, step := range steps {
				r := put(t, s, clinic, step.put...)
				if got := [3]int{r.New, r.Changed, r.Unchanged}; got != step.counts {
					t.Errorf("step %d: new, changed, unchanged = %v, want %v", i, got, step.counts)
				}
				s = reopen(t, s, path)
				all, now := snapshot(t, s, a.Ref)
				if diff := cmp.Diff(step.now, now); diff != "" || all != step.all {
					t.Errorf("step %d: %d versions, want %d; newest %s", i, all, step.all, diff)
				}
			}
		})
	}
}

func snapshot(t *testing.T, s *Store, ref fhir.Ref) (all int, now []string) {
	t.Helper()
	var last time.Time
	for r, err := range s.History(context.Background(), clinic, ref) {
		if err != nil {
			t.Fatal(err)
		}
		if all++; r.Number != all {
			t.Errorf("number %d after %d versions", r.Number, all)
		}
		if !r.Fetched.Equal(last) {
			last, now = r.Fetched, nil
		}
		now = append(now, r.Node().All("note")[0].Str("text"))
	}
	return all, now
}

// With a clock that stands still, two Puts are still two snapshots.
func TestSnapshotsWithAStandingClock(t *testing.T) {
	s, _ := newStore(t)
	s.cfg.Now = func() time.Time { return testStart }
	put(t, s, clinic, resource("Observation", "x", "a"))
	put(t, s, clinic, resource("Observation", "x", "b"))
	all, now := snapshot(t, s, fhir.Ref{Type: "Observation", ID: "x"})
	if all != 2 || len(now) != 1 || now[0] != "b" {
		t.Errorf("%d versions, newest %v", all, now)
	}
}

func TestPromise_NoBSN(t *testing.T) {
	s, path := newStore(t)
	leak := resource("Patient", "leak", "fine")
	leak.FullURL = "https://x.test/?identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019"
	renamed := resource("Patient", "one", "fine")
	renamed.ID = "another"
	r, err := s.Put(context.Background(), fhir.One(clinic, fhir.R4, "all",
		leak, resource("Patient", "good", "fine"), renamed, fhir.Resource{}))
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v", err)
	}
	for _, reason := range []Reason{HoldsBSN, Altered, NoBytes} {
		if !strings.Contains(err.Error(), string(reason)) {
			t.Errorf("no word of %s in %v", reason, err)
		}
	}
	if r.New != 1 || r.Outcome() != fhir.Partial || r.Detail == "" {
		t.Errorf("receipt %+v", r)
	}
	if strings.Contains(err.Error()+r.Detail, "99999") {
		t.Error("the BSN is in the error")
	}
	if got := lines(t, reopen(t, s, path)); len(got) != 1 || !strings.Contains(got[0], "Patient/good") {
		t.Errorf("stored: %v", got)
	}
}

func TestSourceThatBreaksOff(t *testing.T) {
	broken := errors.New("line down")
	cancelled, cancel := context.WithCancel(context.Background())
	pages := func(end error, stop func()) iter.Seq2[fhir.Page, error] {
		return func(yield func(fhir.Page, error) bool) {
			result := &fhir.QueryResult{Query: "A", Outcome: fhir.OK, Resources: 1, Pages: 1}
			if !yield(fhir.Page{Query: "A", Resources: []fhir.Resource{resource("Basic", "a", "1")}, Result: result}, nil) {
				return
			}
			stop()
			yield(fhir.Page{Query: "B"}, end)
		}
	}
	for name, c := range map[string]struct {
		ctx   context.Context
		pages iter.Seq2[fhir.Page, error]
		want  error
	}{
		"by itself":     {context.Background(), pages(broken, func() {}), broken},
		"by the caller": {cancelled, pages(nil, cancel), context.Canceled},
	} {
		s, path := newStore(t)
		r, err := s.Put(c.ctx, fhir.Source{Origin: clinic, Version: fhir.R4, Pages: c.pages})
		if !errors.Is(err, c.want) || r.New != 1 || r.Detail == "" || r.Outcome() != fhir.Partial {
			t.Errorf("%s: %v %+v", name, err, r)
		}
		s = reopen(t, s, path)
		got, err := s.Receipts(context.Background())
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: receipts %v, %v", name, got, err)
		}
		if diff := cmp.Diff(r, got[0]); diff != "" {
			t.Errorf("%s: the stored receipt differs: %s", name, diff)
		}
		if got := lines(t, s); len(got) != 1 {
			t.Errorf("%s: stored %v", name, got)
		}
	}
}

func TestPutRefusesNames(t *testing.T) {
	s, _ := newStore(t)
	for _, name := range []string{"", "\x00log", strings.Repeat("x", maxName+1)} {
		_, err := s.Put(context.Background(), fhir.Source{Origin: fhir.Origin{Source: name}})
		if !errors.Is(err, ErrBadName) {
			t.Errorf("%.8q: %v", name, err)
		}
	}
	if r, err := s.Put(context.Background(), fhir.Source{Origin: clinic}); err != nil || r.New != 0 {
		t.Errorf("a source without pages: %+v %v", r, err)
	}
}

func TestPutsAtOnce(t *testing.T) {
	s, path := newStore(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			o := fhir.Origin{Source: fmt.Sprintf("file:%d", i)}
			for j := range 10 {
				_, err := s.Put(context.Background(), fhir.One(o, fhir.R4, "q", resource("Basic", fmt.Sprint(j%5), fmt.Sprint(j))))
				if err != nil {
					t.Error(err)
				}
				for _, err := range s.Records(context.Background()) {
					if err != nil {
						t.Error(err)
					}
				}
				if err := s.Append(context.Background(), fmt.Append(nil, i, j)); err != nil {
					t.Error(err)
				}
				for _, err := range s.Log(context.Background()) {
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	s = reopen(t, s, path)
	if got := len(lines(t, s)); got != 40 {
		t.Errorf("%d versions, want 40", got)
	}
	if r, err := s.Verify(context.Background(), Deep); err != nil || r.LogEntries != 40 || r.Receipts != 40 {
		t.Errorf("%+v %v", r, err)
	}
}
