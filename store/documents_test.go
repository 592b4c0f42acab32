package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestDocuments(t *testing.T) {
	s, path := newStore(t)
	ctx := context.Background()
	keep := func(kind Kind, name, value string) {
		t.Helper()
		if err := s.Keep(ctx, kind, name, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	keep(Setting, "b", "2")
	keep(Setting, "a", "1")
	keep(Setting, "a", "one")
	keep(Token, "a", "token")
	keep(Login, "a", "")
	keep(Setting, "c", strings.Repeat("x", MaxDocument))
	if err := s.Drop(ctx, Setting, "b"); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, path)
	var got []string
	for _, kind := range []Kind{Token, Login, Setting} {
		for d, err := range s.List(ctx, kind) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%d %s %d", d.Kind, d.Name, len(d.Value)))
		}
	}
	if diff := cmp.Diff([]string{"1 a 5", "2 a 0", "3 a 3", fmt.Sprint("3 c ", MaxDocument)}, got); diff != "" {
		t.Error(diff)
	}
	if v, err := s.Load(ctx, Setting, "a"); err != nil || string(v) != "one" {
		t.Errorf("%q %v", v, err)
	}
	_, missing := s.Load(ctx, Setting, "b")
	for name, c := range map[string]struct{ got, want error }{
		"load what was dropped": {missing, ErrNotFound},
		"drop it again":         {s.Drop(ctx, Setting, "b"), ErrNotFound},
		"no name":               {s.Keep(ctx, Setting, "", nil), ErrBadName},
		"no kind":               {s.Keep(ctx, 0, "a", nil), ErrBadName},
		"too large":             {s.Keep(ctx, Setting, "a", make([]byte, MaxDocument+1)), ErrTooLarge},
		"a large log entry":     {s.Append(ctx, make([]byte, MaxDocument+1)), ErrTooLarge},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v", name, c.got)
		}
	}
	if r, err := s.Verify(ctx, Deep); err != nil || r.Documents != 4 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestCancelled(t *testing.T) {
	s, _ := newStore(t)
	put(t, s, own, resource("Basic", "a", "x"))
	_ = s.Append(context.Background(), []byte("x"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, loadErr := s.Load(ctx, Setting, "a")
	_, receiptErr := s.Receipts(ctx)
	_, verifyErr := s.Verify(ctx, Deep)
	for name, err := range map[string]error{
		"Keep": s.Keep(ctx, Setting, "a", nil), "Drop": s.Drop(ctx, Setting, "a"), "Load": loadErr,
		"Append": s.Append(ctx, nil), "Remove": s.Remove(ctx, own, resource("Basic", "a", "").Ref),
		"Records": first(s.Records(ctx)), "Log": first(s.Log(ctx)), "Receipts": receiptErr, "Verify": verifyErr,
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLogInOrder(t *testing.T) {
	s, path := newStore(t)
	for i := range 40 {
		if err := s.Append(context.Background(), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	s = reopen(t, s, path)
	n := 0
	last := testStart
	for e, err := range s.Log(context.Background()) {
		if err != nil || string(e.Entry) != fmt.Sprint(n) || e.Number != uint64(n+1) || e.Time.Sub(last) < time.Second {
			t.Fatalf("entry %d: number %d, %v", n, e.Number, err)
		}
		last = e.Time
		n++
	}
	if n != 40 {
		t.Errorf("%d entries", n)
	}
}

func TestRemove(t *testing.T) {
	s, path := newStore(t)
	ctx := context.Background()
	note := resource("Basic", "note", "mine")
	put(t, s, own, note)
	put(t, s, clinic, note)
	if err := s.Remove(ctx, own, note.Ref); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ got, want error }{
		"twice":                  {s.Remove(ctx, own, note.Ref), ErrNotFound},
		"what never was":         {s.Remove(ctx, own, fhir.Ref{Type: "Basic", ID: "x"}), ErrNotFound},
		"what a provider stated": {s.Remove(ctx, clinic, note.Ref), ErrNotOwn},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v", name, c.got)
		}
	}
	s = reopen(t, s, path)
	if r := put(t, s, own, note); r.Changed != 1 {
		t.Errorf("writing it again: %+v", r)
	}
	var got []string
	for r, err := range s.History(ctx, own, note.Ref) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(r.Number, r.Deleted, len(r.Bytes()) > 0, r.Version, r.Ref))
	}
	want := []string{"1 false true R4 Basic/note", "2 true false R4 Basic/note", "3 false true R4 Basic/note"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReceipts(t *testing.T) {
	s, path := newStore(t)
	ctx := context.Background()
	b := fhir.Origin{Source: clinic.Source, Service: "49"}
	for range 3 {
		put(t, s, b, resource("Basic", "x", "y"))
	}
	put(t, s, own, resource("Basic", "x", "y"))
	put(t, s, clinic)
	s = reopen(t, s, path)
	newest, err := s.Receipts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range newest {
		got = append(got, fmt.Sprint(r.Origin, r.Outcome(), r.New, r.Unchanged))
	}
	want := []string{
		fmt.Sprint(clinic, fhir.Empty, 0, 0), fmt.Sprint(b, fhir.Complete, 0, 1), fmt.Sprint(own, fhir.Complete, 1, 0),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	all, err := s.ReceiptHistory(ctx, b)
	if err != nil || len(all) != 3 || all[0].New != 1 || all[2].Unchanged != 1 || !all[0].Started.Before(all[1].Started) {
		t.Errorf("history %+v %v", all, err)
	}
}

func TestRecordsAreSorted(t *testing.T) {
	s, path := newStore(t)
	for _, o := range []fhir.Origin{own, clinic, {Source: clinic.Source, Service: "100"}, {Source: "file:a"}} {
		put(t, s, o, resource("B", "2", "x"), resource("B", "10", "x"), resource("A", "9", "x"))
		put(t, s, o, resource("B", "2", "y"))
	}
	var got []string
	s = reopen(t, s, path)
	for r := range s.Records(context.Background()) {
		got = append(got, strings.Join([]string{r.Origin.Source, r.Origin.Service, r.Type, r.ID, fmt.Sprint(r.Number)}, "\x00"))
	}
	if !slices.IsSorted(got) || len(got) != 16 {
		t.Errorf("%d records: %q", len(got), got)
	}
	for source, want := range map[string]int{own.Source: 4, clinic.Source: 8, "file:a": 4, "file:": 0, "": 0} {
		n := 0
		for r, err := range s.RecordsOf(context.Background(), source) {
			if err != nil || r.Origin.Source != source {
				t.Errorf("of %q: %v %v", source, r.Origin, err)
			}
			n++
		}
		if n != want {
			t.Errorf("%d records of %q", n, source)
		}
	}
}

// TestKeepWhile writes in the background while the document it depends on comes
// and goes: nothing is ever there without it.
func TestKeepWhile(t *testing.T) {
	s, _ := newStore(t)
	ctx := context.Background()
	grant, note := Document{Kind: Token, Name: "grant", Value: []byte("v2")}, Document{Kind: Setting, Name: "standing", Value: []byte("x")}
	always := func([]byte) bool { return true }
	for name, c := range map[string]struct {
		doc, other Document
		holds      func([]byte) bool
		want       error
	}{
		"there is nothing": {grant, grant, always, ErrForgotten},
		"the other is not": {note, grant, always, ErrForgotten},
		"a name":           {note, Document{Kind: Token}, always, ErrBadName},
		"another name":     {Document{Kind: Token}, grant, always, ErrBadName},
	} {
		if err := s.KeepWhile(ctx, c.doc, c.other, c.holds); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Keep(ctx, Token, "grant", []byte("v1")); err != nil {
		t.Fatal(err)
	}
	is := func(want string) func([]byte) bool { return func(v []byte) bool { return string(v) == want } }
	if err := s.KeepWhile(ctx, grant, grant, is("v0")); !errors.Is(err, ErrForgotten) {
		t.Error(err)
	}
	if err := errors.Join(s.KeepWhile(ctx, grant, grant, is("v1")), s.KeepWhile(ctx, note, grant, is("v2"))); err != nil {
		t.Error(err)
	}
	if err := s.Drop(ctx, Token, "grant"); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepWhile(ctx, note, grant, always); !errors.Is(err, ErrForgotten) {
		t.Error("dropped:", err)
	}
	keepWhileForgetting(t, s, grant, note)
}

func keepWhileForgetting(t *testing.T, s *Store, grant, note Document) {
	t.Helper()
	ctx := context.Background()
	var wg sync.WaitGroup
	for range 4 {
		if err := s.Keep(ctx, grant.Kind, grant.Name, grant.Value); err != nil {
			t.Fatal(err)
		}
		for _, doc := range []Document{grant, note} {
			wg.Go(func() {
				for range 20 {
					if err := s.KeepWhile(ctx, doc, grant, func([]byte) bool { return true }); err != nil && !errors.Is(err, ErrForgotten) {
						t.Error(err)
					}
				}
			})
		}
		if err := s.Forget(ctx, clinic.Source, grant, note); err != nil {
			t.Error(err)
		}
		wg.Wait()
		for _, doc := range []Document{grant, note} {
			if _, err := s.Load(ctx, doc.Kind, doc.Name); !errors.Is(err, ErrNotFound) {
				t.Errorf("%d is back: %v", doc.Kind, err)
			}
		}
	}
}
