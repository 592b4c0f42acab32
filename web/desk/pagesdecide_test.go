package desk

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// decider is a person who decides on the pages of a real vault.
type decider struct {
	*browser
	pages *Pages
}

func newDecider(t *testing.T, d *Desk) *decider {
	t.Helper()
	return &decider{browse(t, d, "nl"), d.Pages(t.Context())}
}

// page gives the text of a page.
func (b *decider) page(path string) string {
	b.t.Helper()
	res, text := b.get(path)
	if res.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s", path, res.Status)
	}
	return strings.ReplaceAll(text, "\u00a0", " ")
}

// does posts a decision, and gives the address and the text of the page that
// the browser is led to.
func (b *decider) does(what string, pairs ...string) (path, text string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	res, _ := b.post("/j/"+what, form.Encode())
	if res.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("%s: %s", what, res.Status)
	}
	path = res.Header.Get("Location")
	return path, b.page(path)
}

func (b *decider) items() []aggregator.Item {
	b.t.Helper()
	o, err := b.pages.Overview(b.t.Context(), "nl")
	if err != nil {
		b.t.Fatal(err)
	}
	return o.Subject("medication")
}

func (b *decider) says(text string, want ...string) {
	b.t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			b.t.Errorf("%q is not on the page", w)
		}
	}
}

// TestThePersonJoinsAndSeparates goes the whole way through the pages: from two
// versions to one, back, and apart again.
func TestThePersonJoinsAndSeparates(t *testing.T) {
	d, now := moving(t)
	take(t, d, "huisarts", medicine)
	if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "medicine", Value: "Ibuprofen 400 mg", At: now.Now()}); err != nil {
		t.Fatal(err)
	}
	b := newDecider(t, d)
	apart := b.items()
	if len(apart) != 2 {
		t.Fatalf("%d items", len(apart))
	}
	x, y := apart[0].Key(), apart[1].Key()
	b.says(b.page("/v/"+x), "Is dit hetzelfde?", "Wij veranderen niets bij uw zorgverleners.")
	b.says(b.page("/i/"+x), "Waarom staat dit naast elkaar?", "U voegde dit zelf toe. Is het hetzelfde?")

	path, text := b.does("samen", "van", x, "blad", "v", "ding", x, "ding", y)
	if one := b.items(); len(one) != 1 || path != "/i/"+one[0].Key()+"?j=1" {
		t.Fatalf("%d items, at %s", len(one), path)
	}
	b.says(text, "U zei: dit is hetzelfde. Het staat nu bij elkaar.", "Ongedaan maken", "u voegde dit samen")

	one := b.items()[0].Key()
	_, text = b.does("terug", "van", one, "blad", "i", "nr", "1")
	b.says(text, "Uw keuze is ongedaan gemaakt.")
	if len(b.items()) != 2 {
		t.Error("the join still counts")
	}
	b.does("terug", "nr", "2") // undo the undo
	one = b.items()[0].Key()
	path, text = b.does("apart", "van", one, "blad", "v", "ding", one, "deel", "2")
	if len(b.items()) != 2 || !strings.HasPrefix(path, "/v/") {
		t.Errorf("%d items, at %s", len(b.items()), path)
	}
	b.says(text, "U zei: dit is niet hetzelfde. Het staat nu apart.")
	b.says(b.page("/j"), "U koos 4 keer", "U maakte keuze 1 ongedaan.", "U maakte keuze 2 ongedaan.", "Ongedaan gemaakt.", "U koos later iets anders.")
}

// TestWhatCannotBeDecidedIsSaid on the page that the form stood on, and
// nothing is stored.
func TestWhatCannotBeDecidedIsSaid(t *testing.T) {
	d, _ := moving(t)
	take(t, d, "huisarts", medicine)
	take(t, d, "apotheek", strings.Replace(medicine, "Ibuprofen", "Paracetamol", 1))
	b := newDecider(t, d)
	x, y := b.items()[0].Key(), b.items()[1].Key()
	for _, tc := range []struct {
		name, what string
		form       url.Values
		status     int
		says       string
	}{
		{"other medicines", "samen", url.Values{"van": {x}, "ding": {x, y}}, 200, "Dit kan niet bij elkaar. Dit zijn verschillende medicijnen."},
		{"one with itself", "samen", url.Values{"van": {x}, "ding": {x, x}}, 200, "Dit staat al bij elkaar."},
		{"one of two", "samen", url.Values{"van": {x}, "blad": {"v"}, "ding": {x}}, 200, "Kies er twee."},
		{"nothing to take off", "apart", url.Values{"van": {x}, "ding": {x}, "deel": {"1"}}, 200, "Dit zijn kopieën van één gegeven."},
		{"a difference that is gone", "gezien", url.Values{"van": {x}, "ding": {x}, "code": {"C-DOSE"}}, 200, "Dit verschil is er niet meer."},
		{"still right, of one record", "klopt", url.Values{"van": {x}, "ding": {x}}, 200, "Dit zijn kopieën van één gegeven."},
		{"no such decision", "terug", url.Values{"nr": {"7"}}, 200, "Deze keuze is al ongedaan gemaakt."},
		{"no such item", "klopt", url.Values{"ding": {"aaaaaaaaaaaa"}}, 404, "Deze pagina is er niet."},
		{"no such part", "apart", url.Values{"ding": {x}, "deel": {"9"}}, 404, "Deze pagina is er niet."},
		{"no item", "gezien", nil, 404, "Deze pagina is er niet."},
		{"no such decision to make", "accept", url.Values{"ding": {x}}, 404, "Deze pagina is er niet."},
	} {
		res, text := b.post("/j/"+tc.what, tc.form.Encode())
		if res.StatusCode != tc.status {
			t.Errorf("%s: %s", tc.name, res.Status)
		}
		b.says(text, tc.says)
	}
	o, err := b.pages.Overview(t.Context(), "nl")
	if err != nil || len(o.Decisions) != 0 || len(b.items()) != 2 {
		t.Errorf("%d decisions, %v", len(o.Decisions), err)
	}
}

// TestADecisionOfAnUnknownKind is refused by the desk itself too.
func TestADecisionOfAnUnknownKind(t *testing.T) {
	d, _ := moving(t)
	if _, err := d.Pages(t.Context()).Decide(t.Context(), web.Decision{Op: aggregator.OpAccept}); !errors.Is(err, web.ErrNotFound) {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Pages(t.Context()).Decide(t.Context(), web.Decision{Op: aggregator.OpUndo, Seq: 1}); !errors.Is(err, web.ErrLocked) {
		t.Error(err)
	}
}

// TestTheLastVisit is when the vault was last closed or, without that, opened;
// it outlives the program, and checking the passphrase is no visit.
func TestTheLastVisit(t *testing.T) {
	d, now := moving(t)
	start := now.Now()
	first := d.Pages(t.Context())
	unlock := func(p *Pages) {
		t.Helper()
		if err := p.Unlock(t.Context(), []byte(passphrase)); err != nil {
			t.Fatal(err)
		}
	}
	first.Lock()
	now.set(start.Add(24 * time.Hour))
	unlock(first)
	if got := first.LastVisit(); !got.Equal(start) {
		t.Errorf("after the first: %v", got)
	}
	now.set(start.Add(25 * time.Hour))
	unlock(first) // another window
	if got := first.LastVisit(); !got.Equal(start) {
		t.Errorf("a check counts as a visit: %v", got)
	}
	if err := d.Close(); err != nil { // the program ends without locking
		t.Fatal(err)
	}
	again, err := New(Config{Path: d.cfg.Path, Store: d.cfg.Store, Now: d.cfg.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	second := again.Pages(t.Context())
	unlock(second)
	if got, want := second.LastVisit(), start.Add(24*time.Hour); !got.Equal(want) {
		t.Errorf("after a program that ended: %v, want %v", got, want)
	}
}

// TestAFirstVisitHasNoLast: of a vault that was just made everything is new.
func TestAFirstVisitHasNoLast(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	d, err := New(Config{Path: filepath.Join(t.TempDir(), "v.bundel"), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	d.cfg.Store.KDF = cheap
	t.Cleanup(func() { d.Close() })
	p := d.Pages(t.Context())
	p.last = now // of a vault that was forgotten
	if _, err := p.Create(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	if !p.LastVisit().IsZero() {
		t.Errorf("last visit %v", p.LastVisit())
	}
}

// TestChangesSinceTheLastVisit are on the first page, with from what to what;
// what only the time did is said to be so.
func TestChangesSinceTheLastVisit(t *testing.T) {
	d, now := moving(t)
	take(t, d, "huisarts", medicine)
	b := newDecider(t, d)
	if text := b.page("/"); strings.Contains(text, "Wat is er veranderd?") {
		t.Error("a first visit tells what changed")
	}
	b.says(b.page("/w"), "Er is 1 ding veranderd.", "Nieuw", "Ibuprofen")
	b.post("/lock", "")

	now.pass(48 * time.Hour)
	take2 := strings.Replace(medicine, `"status":"active"`, `"status":"stopped"`, 1)
	b = newDecider(t, d)
	b.says(b.page("/"), "In uw bundel is niets veranderd.", "Kijk verder terug")
	now.pass(time.Hour)
	take(t, d, "huisarts", take2)
	text := b.page("/")
	b.says(text, "Wat is er veranderd?", "Bekijk de verandering", "Ibuprofen")
	b.says(b.page("/w/dag"), "Er is 1 ding veranderd.", "Ibuprofen")
	b.says(b.page("/w/maand"), "Nieuw")
	if res, _ := b.get("/w/ooit"); res.StatusCode != http.StatusNotFound {
		t.Errorf("since no such moment: %s", res.Status)
	}
}

// TestThePastIsMadeOnce for a moment, until something is stored.
func TestThePastIsMadeOnce(t *testing.T) {
	d, now := moving(t)
	take(t, d, "huisarts", medicine)
	since := now.Now()
	now.pass(time.Hour)
	past := func() *aggregator.Overview {
		t.Helper()
		made, err := d.pastOf(t.Context(), since, "nl")
		if err != nil {
			t.Fatal(err)
		}
		return made.same
	}
	one := past()
	if past() != one {
		t.Error("made again without a reason")
	}
	if english, err := d.pastOf(t.Context(), since, "en"); err != nil || english.same == one {
		t.Error("another language is another past", err)
	}
	take(t, d, "apotheek", medicine)
	if past() == one {
		t.Error("what was stored is not in it")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.pastOf(t.Context(), since, "nl"); !errors.Is(err, ErrClosed) {
		t.Errorf("of a closed vault: %v", err)
	}
}

// TestAnUndoneDecisionStillTellsOfWhat it was, and which an undo took back; it
// does nothing.
func TestAnUndoneDecisionStillTellsOfWhat(t *testing.T) {
	d, now := moving(t)
	take(t, d, "huisarts", medicine)
	if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "medicine", Value: "Ibuprofen 400 mg", At: now.Now()}); err != nil {
		t.Fatal(err)
	}
	overview := func() *aggregator.Overview {
		t.Helper()
		o, err := d.Overview(t.Context(), time.Time{}, "nl")
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	items := overview().Subject("medication")
	if _, err := d.Join(t.Context(), items[0].ID, items[1].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Undo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	o := overview()
	if len(o.Subject("medication")) != 2 || len(o.Decisions) != 2 {
		t.Fatalf("%d items, %d decisions", len(o.Subject("medication")), len(o.Decisions))
	}
	join, undo := o.Decisions[0], o.Decisions[1]
	if join.State != aggregator.StateUndone || len(join.Items) != 2 {
		t.Errorf("the join: %s, %d items", join.State, len(join.Items))
	}
	if undo.Undoes != 1 || len(undo.Items) != 0 {
		t.Errorf("the undo: of %d, %d items", undo.Undoes, len(undo.Items))
	}
}

// BenchmarkFirstPage is what the changes add to the first page: the overview is
// kept, and so is the past, so only the comparing is left.
func BenchmarkFirstPage(b *testing.B) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	d, err := New(Config{Path: filepath.Join(b.TempDir(), "v.bundel"), Store: store.Config{KDF: cheap}, Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	if _, err := d.Create(b.Context(), []byte(passphrase)); err != nil {
		b.Fatal(err)
	}
	var entries []fhir.Resource
	for i := range 5000 {
		r, _, err := aggregator.NewOwn(aggregator.OwnEntry{Kind: "weight", Value: fmt.Sprint(60 + i%30), At: now.Add(-time.Duration(i) * time.Hour), Confirmed: true}, now)
		if err != nil {
			b.Fatal(err)
		}
		entries = append(entries, r)
	}
	if err := d.putOwn(b.Context(), entries...); err != nil {
		b.Fatal(err)
	}
	since := now
	now = now.Add(24 * time.Hour)
	changes := func() error { _, _, err := d.Changes(b.Context(), since, "nl"); return err }
	overview := func() error { _, err := d.Overview(b.Context(), time.Time{}, "nl"); return err }
	if err := changes(); err != nil {
		b.Fatal(err)
	}
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"changes", changes},
		{"overview after storing", func() error { d.changed(); return overview() }},
		{"changes after storing", func() error { d.changed(); return changes() }},
	} {
		b.Run(part.name, func(b *testing.B) {
			for b.Loop() {
				if err := part.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
