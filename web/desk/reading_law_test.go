package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
)

// life is a desk to which anything may happen. Its clock moves with every look at
// it, but not while overviews are compared.
type life struct {
	*Desk
	kv    store.Backend
	now   time.Time
	still bool

	shown []shownThen
	since time.Time // since when changes are told
}

// shownThen is an overview that somebody may still be looking at.
type shownThen struct {
	o    *aggregator.Overview
	told []byte
}

func newLife(t *rapid.T) *life {
	l := &life{kv: store.Memory(), now: time.Date(2026, 6, 1, 12, 0, 0, 0, fhir.Amsterdam())}
	l.since = l.now
	var err error
	if l.Desk, err = New(Config{Path: "none", Now: l.tick}); err != nil {
		t.Fatal(err)
	}
	s, _, err := store.CreateOn(l.kv, []byte(passphrase), l.storeConfig())
	if err != nil {
		t.Fatal(err)
	}
	l.setVault(s)
	self := must(aggregator.NewSelf(fhir.Node{}))
	if err := l.putOwn(context.Background(), self); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *life) tick() time.Time {
	if !l.still {
		l.now = l.now.Add(time.Second)
	}
	return l.now
}

func (l *life) storeConfig() store.Config {
	return store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: l.tick}
}

// wholly is all that an overview tells, also what its JSON form leaves out.
func wholly(o *aggregator.Overview) []byte {
	values := make([]any, len(o.Items))
	for i, item := range o.Items {
		values[i] = []any{fmt.Sprintf("%T", item.Value), item.Value}
	}
	var joinable []any
	for _, g := range o.Groups {
		joinable = append(joinable, g.Joinable)
	}
	return must(json.Marshal([]any{o, values, joinable, o.Gates(), o.Transitions()}))
}

// look sees that every reader is given what a first reading gives: that of a desk
// at the same vault that has read nothing yet.
func (l *life) look(t *rapid.T) {
	ctx := context.Background()
	fresh, err := New(l.cfg)
	if err != nil {
		t.Fatal(err)
	}
	fresh.setVault(must(l.Vault()))
	l.still = true
	defer func() { l.still = false }()
	l.changed() // an overview of an hour ago holds, but is of another moment
	lang := rapid.SampledFrom([]string{"nl", "en"}).Draw(t, "lang")
	got, gotErr := l.overview(ctx, time.Time{}, lang)
	want, wantErr := fresh.overview(ctx, time.Time{}, lang)
	if gotErr != nil || wantErr != nil {
		t.Fatal(gotErr, wantErr)
	}
	all, view := wholly(got.all), wholly(got.view)
	if !bytes.Equal(all, wholly(want.all)) || !bytes.Equal(view, wholly(want.view)) || !got.until.Equal(want.until) {
		t.Fatalf("%s (-read anew +kept):\n%s", lang, cmp.Diff(string(wholly(want.all)), string(all)))
	}
	l.shown = append(l.shown, shownThen{got.all, all}, shownThen{got.view, view})
	l.lookBack(t, fresh)
}

// lookBack is look for what changed since a moment.
func (l *life) lookBack(t *rapid.T, fresh *Desk) {
	ctx := context.Background()
	for _, side := range [...]func(past) *aggregator.Overview{func(p past) *aggregator.Overview { return p.before }, func(p past) *aggregator.Overview { return p.same }} {
		got, want := side(must(l.pastOf(ctx, l.since, "en"))).View(l.viewer()), side(must(fresh.pastOf(ctx, l.since, "en"))).View(l.viewer())
		if !bytes.Equal(wholly(got), wholly(want)) {
			t.Fatalf("known at %v (-read anew +kept):\n%s", l.since, cmp.Diff(string(wholly(want)), string(wholly(got))))
		}
	}
	_, changes, gotErr := l.Changes(ctx, l.since, "en")
	_, want, wantErr := fresh.Changes(ctx, l.since, "en")
	if gotErr != nil || wantErr != nil || !bytes.Equal(must(json.Marshal(changes)), must(json.Marshal(want))) {
		t.Fatalf("changes since %v: %v, %v (-read anew +kept):\n%s", l.since, gotErr, wantErr, cmp.Diff(want, changes))
	}
}

// some draws an item of the overview of now.
func (l *life) some(t *rapid.T) string {
	o, err := l.overview(context.Background(), time.Time{}, rapid.SampledFrom([]string{"nl", "en"}).Draw(t, "lang"))
	if err != nil {
		t.Fatal(err)
	}
	if len(o.all.Items) == 0 {
		return "none"
	}
	return rapid.SampledFrom(o.all.Items).Draw(t, "item").ID
}

var lifeSources = []fhir.Origin{
	{Source: "medmij:gp@medmij", Service: "48"}, {Source: "medmij:gp@medmij", Service: "49"}, {Source: "medmij:ziekenhuis@medmij", Service: "48"}, {Source: "file:map"},
}

// lifeRecord is one of few resources, so that they meet: the same id with other
// words, the same words at another source.
func lifeRecord(t *rapid.T) fhir.Resource {
	id := rapid.StringMatching(`[abc]`).Draw(t, "id")
	n := rapid.IntRange(1, 3).Draw(t, "n")
	updated := rapid.SampledFrom([]string{"", `"meta":{"lastUpdated":"2026-05-02T10:00:00Z"},`, `"meta":{"lastUpdated":"2026-05-03T10:00:00Z"},`}).Draw(t, "updated")
	text := rapid.SampledFrom([]string{
		`{"resourceType":"Observation","id":"o%[1]s",%[3]s"status":"final","category":[{"coding":[{"code":"laboratory"}]}],"effectiveDateTime":"2026-05-2%[2]d","code":{"coding":[{"system":"http://loinc.org","code":"14682-9","display":"Kreatinine"}]},"valueQuantity":{"value":8%[2]d,"unit":"umol/L","code":"umol/L","system":"http://unitsofmeasure.org"}}`,
		`{"resourceType":"Observation","id":"o%[1]s",%[3]s"status":"entered-in-error","code":{"text":"Kreatinine %[2]d"}}`,
		`{"resourceType":"MedicationRequest","id":"m%[1]s",%[3]s"status":"active","authoredOn":"2026-05-0%[2]d","medicationCodeableConcept":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"1%[2]d","display":"METOPROLOL %[2]d"}],"text":"METOPROLOL TABLET %[2]d00MG"},"dosageInstruction":[{"text":"%[2]d keer per dag"}]}`,
		`{"resourceType":"AllergyIntolerance","id":"a%[1]s",%[3]s"code":{"text":"Stof %[2]d"},"recordedDate":"2026-05-0%[2]d"}`,
		`{"resourceType":"Condition","id":"c%[1]s",%[3]s"code":{"text":"Klacht %[2]d"},"onsetDateTime":"2026-05-0%[2]d"}`,
		`{"resourceType":"Appointment","id":"p%[1]s",%[3]s"status":"booked","start":"2026-06-0%[2]dT14:00:00+02:00","end":"2026-06-0%[2]dT14:30:00+02:00"}`,
		`{"resourceType":"Patient","id":"p%[1]s",%[3]s"name":[{"text":"Naam %[2]d","family":"Naam %[2]d"}],"birthDate":"196%[2]d-04-02"}`,
		`{"resourceType":"DocumentReference","id":"d%[1]s",%[3]s"status":"current","date":"2026-05-0%[2]dT09:00:00Z","description":"Brief %[2]d","type":{"text":"Brief"},"content":[{"attachment":{"contentType":"text/plain","data":"QnJpZWY="}}]}`,
	}).Draw(t, "resource")
	return fhir.Parse(fmt.Appendf(nil, text, id, n, updated), fhir.R4)
}

// collects gives pages of a source; between them somebody may look.
func (l *life) collects(t *rapid.T) {
	o := rapid.SampledFrom(lifeSources).Draw(t, "origin")
	src := fhir.Source{Origin: o, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
		for range rapid.IntRange(1, 3).Draw(t, "pages") {
			p := fhir.Page{Query: rapid.SampledFrom([]string{"q", "r"}).Draw(t, "query")}
			for range rapid.IntRange(0, 4).Draw(t, "resources") {
				p.Resources = append(p.Resources, lifeRecord(t))
			}
			if outcome := rapid.SampledFrom([]fhir.Outcome{"", fhir.OK, fhir.Failed}).Draw(t, "outcome"); outcome != "" {
				p.Result = &fhir.QueryResult{Query: p.Query, Outcome: outcome, Resources: len(p.Resources), Pages: 1}
			}
			if !yield(p, nil) {
				return
			}
			if rapid.IntRange(0, 4).Draw(t, "mid") == 0 {
				l.since = l.now
				l.changed()
				l.look(t)
			}
		}
	}}
	if _, err := must(l.Vault()).Put(context.Background(), src); err != nil {
		t.Fatal(err)
	}
	l.changed()
}

// unless stops on an error other than those that an odd wish may give.
func unless(t *rapid.T, err error, odd ...error) {
	var refused *aggregator.Refused
	if err != nil && !errors.As(err, &refused) && !slices.ContainsFunc(odd, func(o error) bool { return errors.Is(err, o) }) {
		t.Fatal(err)
	}
}

// TestWhatIsReadOnceDoesNotShow: whatever happens to a vault, pages say what they
// would say if all of it were read anew, and what somebody looks at stays as it is.
func TestWhatIsReadOnceDoesNotShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLife(t)
		defer func() { _ = l.Close() }()
		t.Repeat(l.actions())
		l.look(t)
		for _, s := range l.shown {
			if !bytes.Equal(wholly(s.o), s.told) {
				t.Fatal(cmp.Diff(string(s.told), string(wholly(s.o))))
			}
		}
	})
}

func (l *life) actions() map[string]func(*rapid.T) {
	ctx := context.Background()
	odd := []error{
		ErrNotFound, aggregator.ErrNoItem, aggregator.ErrTogether, aggregator.ErrSameRecord, aggregator.ErrNoConflict, aggregator.ErrNoDecision,
		aggregator.ErrGated, aggregator.ErrNoStranger,
	}
	return map[string]func(*rapid.T){
		"collect":       l.collects,
		"collect again": l.collects,
		"own entry": func(t *rapid.T) {
			kind := rapid.SampledFrom([]string{"weight", "note", "medicine"}).Draw(t, "kind")
			value := map[string]string{"weight": "80", "note": "Vraag", "medicine": "Metoprolol"}[kind]
			_, err := l.Add(ctx, aggregator.OwnEntry{Kind: kind, Value: value, Confirmed: true})
			unless(t, err)
		},
		"remove or bring back": func(t *rapid.T) {
			all, err := l.Own(ctx)
			unless(t, err)
			if len(all) == 0 {
				t.Skip()
			}
			o := rapid.SampledFrom(all).Draw(t, "own")
			if o.Removed {
				unless(t, l.Restore(ctx, o.ID))
			} else {
				unless(t, l.Remove(ctx, o.ID))
			}
		},
		"see later": func(t *rapid.T) {
			unless(t, l.SetGate(ctx, l.gate(t)))
		},
		"see one later": func(t *rapid.T) {
			unless(t, l.Wait(ctx, l.some(t), l.gate(t)), odd...)
		},
		"decide": func(t *rapid.T) {
			_, err := l.decideSome(ctx, t)
			unless(t, err, odd...)
		},
		"say": func(t *rapid.T) {
			unless(t, l.Say(ctx, aggregator.OwnEntry{Kind: "medicine", State: aggregator.UseStopped}, "", l.some(t)), append(odd, aggregator.ErrEmpty)...)
		},
		"share": func(t *rapid.T) {
			target := rapid.SampledFrom([]string{"lab", "medication", l.some(t)}).Draw(t, "target")
			unless(t, l.Share(ctx, target, "medmij:gp@medmij", rapid.Bool().Draw(t, "stop")), odd...)
		},
		"sent": func(t *rapid.T) {
			k := key{Ref: fhir.Ref{Type: "Observation", ID: "oa"}, name: "oa"}
			unless(t, l.keepMark(ctx, "medmij:gp@medmij", k, share.Sent))
			l.changed()
		},
		"call a source": func(t *rapid.T) {
			unless(t, l.nameProvider(ctx, "file:map", Provider{Name: rapid.StringMatching(`[AB]`).Draw(t, "name")}))
			l.changed()
		},
		"forget": func(t *rapid.T) {
			unless(t, l.Forget(ctx, rapid.SampledFrom(lifeSources).Draw(t, "origin").Source), ErrNotFound)
		},
		"go on":     func(t *rapid.T) { l.now = l.now.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "hours")) * time.Hour) },
		"new visit": func(*rapid.T) { l.since = l.now },
		"lock": func(t *rapid.T) {
			unless(t, l.Close())
			s, err := store.OpenOn(l.kv, store.Passphrase([]byte(passphrase)), l.storeConfig())
			unless(t, err)
			l.setVault(s)
		},
		"look":       l.look,
		"look again": l.look,
	}
}

func (l *life) gate(t *rapid.T) aggregator.GateRule {
	return rapid.SampledFrom([]aggregator.GateRule{
		{Wait: aggregator.WaitNot},
		{Wait: aggregator.WaitDays, Days: 7},
		{Wait: aggregator.WaitNever},
		{Kind: aggregator.KindLab, Wait: aggregator.WaitNot},
		{Source: "medmij:gp@medmij", Wait: aggregator.WaitNever},
		{Wait: aggregator.WaitDays, Days: 7, Off: true},
	}).Draw(t, "rule")
}

func (l *life) decideSome(ctx context.Context, t *rapid.T) (aggregator.Decision, error) {
	a, b := l.some(t), l.some(t)
	switch rapid.SampledFrom([]string{"join", "separate", "part", "same", "seen", "undo", "accept", "deny"}).Draw(t, "decision") {
	case "join":
		return l.Join(ctx, a, b)
	case "separate":
		return l.Separate(ctx, a, b)
	case "part":
		return l.Separate(ctx, a+"#1", a+"#2")
	case "same":
		return l.ConfirmSame(ctx, a)
	case "seen":
		return l.Dismiss(ctx, a, "C-DOSE")
	case "undo":
		return l.Undo(ctx, rapid.IntRange(1, 4).Draw(t, "number"))
	case "accept":
		return l.Accept(ctx, "medmij:ziekenhuis@medmij")
	}
	return l.Deny(ctx, "medmij:ziekenhuis@medmij")
}
