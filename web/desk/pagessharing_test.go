package desk

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// matrix is the pages over a vault with a medicine, two measurements and a result
// that is closed.
type matrix struct {
	t     *testing.T
	d     *Desk
	now   *clock
	pages *Pages
	piet  share.Recipient
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	d, now := sharing(t)
	return &matrix{t, d, now, d.Pages(t.Context()), share.Recipient{Name: "Piet", Role: share.Family}}
}

// choose stores wishes a minute later, so that every choice has its moment. The
// first makes Piet.
func (m *matrix) choose(wishes ...web.Wish) {
	m.t.Helper()
	m.now.pass(time.Minute)
	for i := range wishes {
		if wishes[i].To.Name == "" {
			wishes[i].To = m.piet
		}
	}
	if err := m.pages.Choose(m.t.Context(), wishes...); err != nil {
		m.t.Fatal(err)
	}
	for _, r := range must(m.pages.Shares(m.t.Context())).Recipients {
		if r.Name == "Piet" {
			m.piet.ID = r.Source
		}
	}
}

// sees are the subjects of what Piet may see.
func (m *matrix) sees() string {
	m.t.Helper()
	var subjects []string
	for _, item := range must(m.pages.Preview(m.t.Context(), m.piet.ID, "nl")).Items {
		subjects = append(subjects, item.Subject)
	}
	return strings.Join(subjects, " ")
}

func (m *matrix) item(subject string) string {
	m.t.Helper()
	return must(m.d.Overview(m.t.Context(), time.Time{}, "nl")).Subject(subject)[0].ID
}

func (m *matrix) add(kind, value string) {
	m.t.Helper()
	m.now.pass(time.Hour)
	if _, err := m.d.Add(m.t.Context(), aggregator.OwnEntry{Kind: kind, Value: value, Confirmed: true}); err != nil {
		m.t.Fatal(err)
	}
}

func (m *matrix) own() (n int) {
	for _, c := range must(m.pages.Shares(m.t.Context())).Chosen {
		if c.Subject == "" {
			n++
		}
	}
	return n
}

// TestASubjectIsWhatIsThereNow, unless what comes later was chosen as well.
func TestASubjectIsWhatIsThereNow(t *testing.T) {
	m := newMatrix(t)
	m.choose(web.Wish{Subject: "vital", Permit: true})
	m.add("weight", "80.9")
	if got := m.sees(); got != "vital vital" {
		t.Errorf("with what came later: %q", got)
	}
	if miss := must(m.pages.Misses(t.Context(), m.piet.ID)); len(miss) != 1 || miss[0].Code != share.MissesNew {
		t.Errorf("misses %v", miss)
	}
	m.choose(web.Wish{Subject: "vital", Permit: true, Later: true})
	m.add("weight", "80.1")
	if got := m.sees(); got != "vital vital vital vital" {
		t.Errorf("with later: %q", got)
	}
	m.choose(web.Wish{Subject: "vital", Permit: true})
	m.add("weight", "79.9")
	if got := m.sees(); got != "vital vital vital vital" {
		t.Errorf("later no more: %q", got)
	}
}

// TestAnItemGoesBeforeItsSubject, and one that is as its subject has no choice of
// its own.
func TestAnItemGoesBeforeItsSubject(t *testing.T) {
	m := newMatrix(t)
	item := m.item("vital")
	for _, step := range []struct {
		name   string
		wishes []web.Wish
		sees   string
		own    int
	}{
		{"an item alone", []web.Wish{{Item: item, Permit: true}}, "vital", 1},
		{"the same again", []web.Wish{{Item: item, Permit: true}}, "vital", 1},
		{"its subject too", []web.Wish{{Subject: "vital", Permit: true}}, "vital vital", 1},
		{"as its subject", []web.Wish{{Item: item, Permit: true}}, "vital vital", 0},
		{"not this one", []web.Wish{{Item: item}}, "vital", 1},
		{"not this one, again", []web.Wish{{Item: item}}, "vital", 1},
		{"this one again", []web.Wish{{Item: item, Permit: true}}, "vital vital", 0},
		{"the item before its subject in one call", []web.Wish{{Item: item}, {Subject: "vital"}}, "", 0},
		{"both at once", []web.Wish{{Item: item, Permit: true}, {Subject: "vital", Permit: true}}, "vital vital", 0},
	} {
		m.choose(step.wishes...)
		if got := m.sees(); got != step.sees || m.own() != step.own {
			t.Errorf("%s: sees %q, %d own choices", step.name, got, m.own())
		}
	}
}

// TestWhatWouldChangeIsWhatChanges: what the page says before storing is what the
// other sees after it, and saying it stores nothing.
func TestWhatWouldChangeIsWhatChanges(t *testing.T) {
	m := newMatrix(t)
	before := len(acts(t, m.d))
	wishes := []web.Wish{{To: m.piet, Subject: "medication", Permit: true}, {To: m.piet, Subject: "vital", Permit: true}, {To: m.piet, Item: m.item("vital")}}
	would := must(m.pages.Would(t.Context(), wishes...))
	if len(would) != 1 || len(would[0].Added) != 2 || would[0].Recipient.Name != "Piet" || len(acts(t, m.d)) != before {
		t.Fatalf("%+v", would)
	}
	if got := must(m.pages.Shares(t.Context())); len(got.Chosen)+len(got.Recipients) != 0 {
		t.Errorf("stored %+v", got)
	}
	m.choose(wishes...)
	var sees []string
	for _, item := range must(m.pages.Preview(t.Context(), m.piet.ID, "nl")).Items {
		sees = append(sees, item.ID)
	}
	if diff := cmp.Diff(would[0].Added, sees); diff != "" {
		t.Errorf("(-told +sees):\n%s", diff)
	}
	if got := must(m.pages.Called(t.Context(), m.piet.ID, "medmij:weg@medmij")); got[0] != "Piet" || got[1] != "medmij:weg@medmij" {
		t.Errorf("called %q", got)
	}
	if !strings.HasPrefix(m.piet.ID, "to:person:") {
		t.Errorf("made %q", m.piet.ID)
	}
}

// TestUnseenLeavesByItsOwnWordOnly, and stays closed for the person.
func TestUnseenLeavesByItsOwnWordOnly(t *testing.T) {
	m := newMatrix(t)
	lab := m.item("lab")
	m.choose(web.Wish{Subject: "lab", Permit: true, Later: true})
	if got := m.sees(); got != "" {
		t.Fatalf("a subject shares what is closed: %q", got)
	}
	m.choose(web.Wish{Item: lab, Permit: true, Unseen: true})
	o := must(m.pages.Preview(t.Context(), m.piet.ID, "nl"))
	if len(o.Items) != 1 || o.Items[0].Section != aggregator.Gated {
		t.Fatalf("%+v", o.Items)
	}
	shared := must(m.pages.Shares(t.Context()))
	if i := len(shared.Chosen) - 1; !(shared.Chosen[0].IncludeUnseen || shared.Chosen[i].IncludeUnseen) {
		t.Error("the choice does not tell")
	}
	m.choose(web.Wish{Item: lab})
	if got := m.sees(); got != "" {
		t.Errorf("taken back: %q", got)
	}
}

// TestStoppingEndsWhatIsSeen: by one choice, although its subject is shared, and
// by all of them.
func TestStoppingEndsWhatIsSeen(t *testing.T) {
	m := newMatrix(t)
	m.choose(web.Wish{Item: m.item("vital"), Permit: true})
	m.choose(web.Wish{Subject: "vital", Permit: true}, web.Wish{Subject: "medication", Permit: true})
	choiceOf := func(subject string) string {
		for _, c := range must(m.pages.Shares(t.Context())).Chosen {
			if c.Subject == subject && c.Permit {
				return c.ID()
			}
		}
		t.Fatal("no choice")
		return ""
	}
	for _, step := range []struct{ name, choice, sees string }{
		{"the item", choiceOf(""), "medication vital"},
		{"the subject", choiceOf("vital"), "medication"},
		{"all of it", "", ""},
	} {
		m.now.pass(time.Minute)
		if err := m.pages.StopSharing(t.Context(), m.piet.ID, step.choice); err != nil {
			t.Fatal(step.name, err)
		}
		if got := m.sees(); got != step.sees {
			t.Errorf("%s: sees %q", step.name, got)
		}
	}
	if err := m.pages.StopSharing(t.Context(), m.piet.ID, ""); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("nothing to stop: %v", err)
	}
}

// TestAnEndThatWasSetStays when the reach of a choice changes, and what ended is
// not shown as open.
func TestAnEndThatWasSetStays(t *testing.T) {
	m := newMatrix(t)
	m.choose(web.Wish{Subject: "vital", Permit: true})
	c := must(m.d.ChoiceFor(t.Context(), "vital", m.piet, false))
	c.Permit, c.Until = true, m.now.Now().Add(48*time.Hour)
	if err := m.d.Choose(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	m.choose(web.Wish{Subject: "vital", Permit: true, Later: true})
	if got := must(m.pages.Shares(t.Context())).Chosen; len(got) != 1 || !got[0].Until.Equal(c.Until) || !got[0].Later {
		t.Errorf("%+v", got)
	}
	m.now.set(c.Until)
	if got := must(m.pages.Shares(t.Context())).Chosen; len(got) != 0 {
		t.Errorf("after its end: %+v", got)
	}
}

// TestAWishEndsByItself on its day: nothing is seen any more, the ledger has one
// line of it, and sharing it again is without an end.
func TestAWishEndsByItself(t *testing.T) {
	m := newMatrix(t)
	end := m.now.Now().Add(48 * time.Hour)
	m.choose(web.Wish{Subject: "vital", Permit: true, Until: end}, web.Wish{Item: m.item("medication"), Permit: true, Until: end})
	m.now.set(end.Add(-time.Second))
	if got := m.sees(); got != "medication vital vital" {
		t.Errorf("before the end: %q", got)
	}
	m.now.set(end)
	if got := m.sees(); got != "" {
		t.Errorf("at the end: %q", got)
	}
	m.sees()
	ended := 0
	for _, l := range must(m.pages.Ledger(t.Context())) {
		if l.Act == share.ActExpire && l.To == m.piet.ID && l.Until == end.UTC().Format(time.RFC3339) {
			ended++
		}
	}
	if ended != 2 {
		t.Errorf("%d lines of an end", ended)
	}
	m.choose(web.Wish{Subject: "vital", Permit: true})
	m.now.pass(1000 * time.Hour)
	if got := m.sees(); got != "vital vital" {
		t.Errorf("shared again: %q", got)
	}
}

// TestANewEndReplacesTheOld; taking back has none.
func TestANewEndReplacesTheOld(t *testing.T) {
	m := newMatrix(t)
	first, second := m.now.Now().Add(24*time.Hour), m.now.Now().Add(96*time.Hour)
	m.choose(web.Wish{Subject: "vital", Permit: true, Until: first})
	m.choose(web.Wish{Subject: "vital", Permit: true, Until: second})
	if got := must(m.pages.Shares(t.Context())).Chosen; len(got) != 1 || !got[0].Until.Equal(second) {
		t.Errorf("%+v", got)
	}
	m.choose(web.Wish{Item: m.item("medication"), Until: second})
	for _, c := range must(m.pages.Shares(t.Context())).Chosen {
		if !c.Permit && !c.Until.IsZero() {
			t.Errorf("a refusal that ends: %+v", c)
		}
	}
}

// TestPaperHasItsLine with what is on it: not what is closed, although that may
// leave; and none when there is nothing to print.
func TestPaperHasItsLine(t *testing.T) {
	m := newMatrix(t)
	m.choose(web.Wish{Item: m.item("lab"), Permit: true, Unseen: true})
	before := len(must(m.pages.Ledger(t.Context())))
	if o := must(m.pages.Paper(t.Context(), m.piet.ID, "nl")); len(o.Items) != 0 || len(must(m.pages.Ledger(t.Context()))) != before {
		t.Error("a line of nothing")
	}
	m.choose(web.Wish{Subject: "vital", Permit: true})
	o := must(m.pages.Paper(t.Context(), m.piet.ID, "nl"))
	ledger := must(m.pages.Ledger(t.Context()))
	last := ledger[len(ledger)-1]
	if len(o.Items) != 2 || last.Act != share.ActExport || last.How != "print" || last.Name != "Piet" || last.To != m.piet.ID || len(last.Pins) != 2 || last.Until != "" {
		t.Errorf("%d items, %+v", len(o.Items), last)
	}
	if err := must(m.d.Vault()).Keep(t.Context(), store.Setting, lineName(last.Number), []byte(`{"n":1}`)); err != nil {
		t.Fatal(err)
	}
	if o, err := m.pages.Paper(t.Context(), m.piet.ID, "nl"); !errors.Is(err, share.ErrLedger) || o != nil {
		t.Errorf("ready without a line: %v", err)
	}
}

// TestShowingHasItsLine with what was on the screen and until when; without the
// line nothing is shown.
func TestShowingHasItsLine(t *testing.T) {
	m := newMatrix(t)
	until := m.now.Now().Add(15 * time.Minute)
	m.choose(web.Wish{Subject: "vital", Permit: true}, web.Wish{Item: m.item("lab"), Permit: true, Unseen: true})
	o := must(m.pages.Show(t.Context(), m.piet.ID, "nl", until))
	ledger := must(m.pages.Ledger(t.Context()))
	last := ledger[len(ledger)-1]
	if len(o.Items) != 3 || last.Act != share.ActOpen || last.How != "screen" || last.Name != "Piet" || len(last.Pins) != 2 || last.Until != until.UTC().Format(time.RFC3339) {
		t.Errorf("%d items, %+v", len(o.Items), last)
	}
	if o := must(m.pages.Show(t.Context(), "to:person:nobody", "nl", until)); len(o.Items) != 0 || len(must(m.pages.Ledger(t.Context()))) != len(ledger) {
		t.Error("a line of nothing")
	}
	if err := must(m.d.Vault()).Keep(t.Context(), store.Setting, lineName(1), []byte(`{"n":1}`)); err != nil {
		t.Fatal(err)
	}
	if err := must(m.d.Vault()).Keep(t.Context(), store.Setting, lineName(last.Number), []byte(`{"n":1}`)); err != nil {
		t.Fatal(err)
	}
	if o, err := m.pages.Show(t.Context(), m.piet.ID, "nl", until); !errors.Is(err, share.ErrLedger) || o != nil {
		t.Errorf("shown without a line: %v", err)
	}
	var broken *share.BrokenError
	if _, err := m.pages.Ledger(t.Context()); !errors.As(err, &broken) || broken.Line != 1 {
		t.Errorf("the ledger: %v", err)
	}
}

// TestWishesForWhatIsNotThere store nothing, and a closed vault says so.
func TestWishesForWhatIsNotThere(t *testing.T) {
	m := newMatrix(t)
	for _, w := range []web.Wish{{To: m.piet, Subject: "nonsense", Permit: true}, {To: m.piet, Item: "vital:nonsense", Permit: true}, {To: m.piet}} {
		if err := m.pages.Choose(t.Context(), web.Wish{To: m.piet, Subject: "vital", Permit: true}, w); !errors.Is(err, web.ErrNotFound) {
			t.Errorf("%+v: %v", w, err)
		}
	}
	if got := len(acts(t, m.d)); got != 0 {
		t.Errorf("%d lines", got)
	}
	m.pages.Lock()
	ctx := t.Context()
	for name, do := range map[string]func(context.Context) error{
		"shares": func(ctx context.Context) error { _, err := m.pages.Shares(ctx); return err },
		"called": func(ctx context.Context) error { _, err := m.pages.Called(ctx, "x"); return err },
		"would":  func(ctx context.Context) error { _, err := m.pages.Would(ctx, web.Wish{Subject: "vital"}); return err },
		"choose": func(ctx context.Context) error { return m.pages.Choose(ctx, web.Wish{Subject: "vital"}) },
		"stop":   func(ctx context.Context) error { return m.pages.StopSharing(ctx, "x", "") },
		"asks":   func(ctx context.Context) error { _, err := m.pages.Asks(ctx); return err },
		"misses": func(ctx context.Context) error { _, err := m.pages.Misses(ctx, "x"); return err },
		"show":   func(ctx context.Context) error { _, err := m.pages.Show(ctx, "x", "nl", time.Time{}); return err },
		"ledger": func(ctx context.Context) error { _, err := m.pages.Ledger(ctx); return err },
	} {
		if err := do(ctx); !errors.Is(err, web.ErrLocked) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAPersonWhoseChoicesEndedStaysInSight: by the person and by the time, on the
// page of sharing.
func TestAPersonWhoseChoicesEndedStaysInSight(t *testing.T) {
	d, now := moving(t)
	take(t, d, "huisarts", medicine)
	piet, mo := share.NewRecipient(share.ToPerson, "Piet", share.Family), share.NewRecipient(share.ToPerson, "Mo", share.Family)
	for to, until := range map[share.Recipient]time.Time{piet: {}, mo: now.Now().Add(time.Hour)} {
		c := must(d.ChoiceFor(t.Context(), "medication", to, false))
		c.Permit, c.Until = true, until
		must(0, d.Choose(t.Context(), c))
	}
	p := browse(t, d, "nl")
	if _, body := p.get("/d"); strings.Contains(textIn(body), "Voorbij") {
		t.Error("it is over while they see something")
	}
	must(0, d.Pages(t.Context()).StopSharing(t.Context(), piet.ID, ""))
	now.pass(2 * time.Hour)
	_, body := p.get("/d")
	_, past, ok := strings.Cut(textIn(body), "Voorbij")
	if !ok || !strings.Contains(past, "Piet") || !strings.Contains(past, "Mo") || !strings.Contains(past, "U deelt niets meer, sinds") {
		t.Error(textIn(body))
	}
}
