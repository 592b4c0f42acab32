package share

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// TestASubjectIsWhatIsThereNow unless the person ticked "ook nieuwe"
// (product.md 6.10).
func TestASubjectIsWhatIsThereNow(t *testing.T) {
	old, late := item("vital", "a", fhir.Self), item("vital", "b", fhir.Self)
	for name, c := range map[string]struct {
		choice       Choice
		first, later bool
	}{
		"what is there now":   {Choice{Pins: pins(old)}, true, false},
		"also what is later":  {Choice{Pins: pins(old), Later: true}, true, true},
		"nothing was there":   {Choice{}, false, false},
		"only for some hours": {Choice{Later: true, Until: since}, false, false},
	} {
		c.choice.Recipient, c.choice.Subject, c.choice.Permit = gp, "vital", true
		p := Policy{Choices: []Choice{c.choice}, At: since}
		if p.Allows(old, gp) != c.first || p.Allows(late, gp) != c.later {
			t.Errorf("%s: %v, %v", name, p.Allows(old, gp), p.Allows(late, gp))
		}
	}
}

// TestOldChoicesKeepTheirMeaning: a Consent without the field reaches what
// comes later.
func TestOldChoicesKeepTheirMeaning(t *testing.T) {
	raw := `{"resourceType":"Consent","id":"share-1","status":"active","dateTime":"2026-05-01T10:00:00+02:00","provision":{"provision":[{"type":"permit",
		"actor":[{"reference":{"identifier":{"value":"` + gp + `"}}}],"class":[{"code":"vital"}]}]}}`
	r := fhir.Record{Resource: fhir.Parse([]byte(raw), fhir.R4), Origin: fhir.Origin{Source: fhir.Self}, Number: 1}
	choices, err := Choices(seq(r))
	if err != nil || len(choices) != 1 || !choices[0].Later || !choices[0].Permit {
		t.Fatalf("%+v, %v", choices, err)
	}
	if !(Policy{Choices: choices}).Allows(item("vital", "new", fhir.Self), gp) {
		t.Error("an old choice no longer reaches what comes later")
	}
}

func TestASubjectHasOneChoice(t *testing.T) {
	c := Choice{Recipient: gp, Subject: "vital", Permit: true}
	more := c
	more.Pins, more.Later = pins(item("vital", "a", fhir.Self)), true
	if c.ID() != more.ID() {
		t.Error("choosing a subject again is another Consent, so that the old one stays")
	}
}

func TestWhatChoicesWouldChange(t *testing.T) {
	a, b, c := item("vital", "a", fhir.Self), item("vital", "b", fhir.Self), item("lab", "c", hospital)
	view := &aggregator.Overview{Items: []aggregator.Item{a, b, c}}
	before := Policy{Choices: []Choice{{Recipient: gp, Name: "Huisarts", Pins: pins(a), Permit: true}, {Recipient: hospital, Subject: "vital", Permit: true, Later: true}}}
	after := Policy{Choices: []Choice{{Recipient: gp, Name: "Huisarts", Subject: "lab", Permit: true, Pins: pins(c)}, {Recipient: hospital, Subject: "vital", Permit: true, Later: true}}}
	want := []Effect{{Recipient: Recipient{ID: gp, Name: "Huisarts"}, Added: []string{c.ID}, Removed: []string{a.ID}}}
	if diff := cmp.Diff(want, Would(view, before, after)); diff != "" {
		t.Error(diff)
	}
	if got := Would(view, after, after); len(got) != 0 {
		t.Errorf("no change changes %+v", got)
	}
}

func TestANewPartIsAskedAbout(t *testing.T) {
	before := item("lab", "a", hospital)
	after := before
	after.Parts = append(slices.Clone(after.Parts), item("lab", "b", fhir.Self).Parts...)
	joined := pins(item("lab", "b", fhir.Self))
	permit := Choice{Recipient: gp, Name: "Huisarts", Pins: pins(before), Permit: true}
	for name, c := range map[string]struct {
		choices []Choice
		item    aggregator.Item
		want    []Pin
	}{
		"joined an item":            {[]Choice{permit}, after, joined},
		"joined an item of subject": {[]Choice{{Recipient: gp, Subject: "lab", Pins: pins(before), Permit: true}}, after, joined},
		"nothing joined":            {[]Choice{permit}, before, nil},
		"chosen again":              {[]Choice{permit, {Recipient: gp, Pins: pins(after), Permit: true}}, after, nil},
		"refused since":             {[]Choice{permit, {Recipient: gp, Pins: pins(after)}}, after, nil},
		"never shared":              {nil, after, nil},
		"the recipient's own joined": {[]Choice{permit}, func() aggregator.Item {
			i := before
			i.Parts = append(slices.Clone(i.Parts), item("lab", "c", gp).Parts...)
			return i
		}(), nil},
		"withdrawn":        {[]Choice{permit}, in(after, aggregator.History), nil},
		"the choice ended": {[]Choice{{Recipient: gp, Pins: pins(before), Permit: true, Until: since}}, after, nil},
	} {
		p := Policy{Choices: c.choices, At: since}
		var got []Pin
		for _, a := range p.Asks(&aggregator.Overview{Items: []aggregator.Item{c.item}}) {
			got = append(got, a.New...)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(c.want) > 0 && p.Allows(c.item, gp) {
			t.Errorf("%s: shared without an answer", name)
		}
	}
}

func TestWhichChoiceTakesThePlaceOfWhich(t *testing.T) {
	a, ab := pins(item("lab", "a", hospital)), pins(item("lab", "a", hospital), item("lab", "b", hospital))
	for name, c := range map[string]struct {
		now, old Choice
		want     bool
	}{
		"more of the item":  {Choice{Recipient: gp, Pins: ab}, Choice{Recipient: gp, Pins: a}, true},
		"another item":      {Choice{Recipient: gp, Pins: a}, Choice{Recipient: gp, Pins: pins(item("lab", "c", hospital))}, false},
		"another recipient": {Choice{Recipient: gp, Pins: a}, Choice{Recipient: hospital, Pins: a}, false},
		"the same subject":  {Choice{Recipient: gp, Subject: "lab"}, Choice{Recipient: gp, Subject: "lab", Pins: a}, true},
		"item and subject":  {Choice{Recipient: gp, Pins: a}, Choice{Recipient: gp, Subject: "lab", Pins: a}, false},
	} {
		if got := c.now.Supersedes(c.old); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWhatTheyMiss: one line per reason, and nothing for what was not chosen.
func TestWhatTheyMiss(t *testing.T) {
	pill, other := in(item("medication", "p", hospital), aggregator.Current), in(item("medication", "q", hospital), aggregator.Current)
	pill.Conflicts = []aggregator.Conflict{{Code: "C-DOSE"}}
	latex := in(item("allergy", "l", hospital), aggregator.Active)
	closed := in(item("lab", "", hospital), aggregator.Gated)
	open, late, lost := in(item("lab", "o", hospital), aggregator.Found), in(item("lab", "n", hospital), aggregator.Found), in(item("lab", "d", hospital), aggregator.Found)
	lost.Conflicts = []aggregator.Conflict{{Code: "C-COLLISION"}}
	letter := restrictedLetter(t)
	view := &aggregator.Overview{Items: []aggregator.Item{pill, other, latex, closed, open, late, lost, letter}}
	lab := Choice{Recipient: gp, Subject: "lab", Permit: true, Pins: pins(open)}
	for name, c := range map[string]struct {
		choices []Choice
		want    map[string]int
	}{
		"nothing":              {nil, map[string]int{}},
		"one medicine":         {[]Choice{{Recipient: gp, Pins: pins(pill), Permit: true}}, map[string]int{MissesAllergies: 1, MissesDifference: 1, MissesMedicines: 1}},
		"medicines, allergies": {[]Choice{{Recipient: gp, Subject: "medication", Permit: true, Later: true}, {Recipient: gp, Subject: "allergy", Permit: true, Later: true}}, map[string]int{}},
		"results of then":      {[]Choice{lab}, map[string]int{MissesUnseen: 1, MissesNew: 1, MissesDoubt: 0}},
		"all letters":          {[]Choice{{Recipient: gp, Subject: letter.Subject, Permit: true, Later: true}}, map[string]int{MissesDelicate: 1}},
		"one result refused":   {[]Choice{lab, {Recipient: gp, Pins: pins(late)}}, map[string]int{MissesUnseen: 1, MissesNew: 0, MissesDoubt: 0}},
	} {
		got := map[string]int{}
		for _, f := range (Policy{Choices: c.choices, At: since}).Consequences(view, gp) {
			got[f.Code] = len(f.Items)
		}
		for code, n := range c.want {
			if n == 0 {
				c.want[code] = got[code]
			}
			if c.want[code] == 0 {
				delete(c.want, code)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestUnseenIsToldAndStaysClosed: with the word it leaves, and the person is
// told so.
func TestUnseenIsToldAndStaysClosed(t *testing.T) {
	full := in(item("lab", "x", hospital), aggregator.Found)
	full.Title = "Kreatinine"
	gated := aggregator.Item{ID: full.ID, Subject: "lab", Section: aggregator.Gated, Parts: []aggregator.Part{{Source: hospital, Role: aggregator.RoleRecord}}}
	view, all := &aggregator.Overview{Items: []aggregator.Item{gated}}, &aggregator.Overview{Items: []aggregator.Item{full}}
	p := Policy{Choices: []Choice{{Recipient: gp, Subject: "lab", Permit: true, Pins: pins(full), Later: true}}, At: since}.WithClosed(view, all)
	if len(p.For(view, gp).Items) != 0 {
		t.Error("it leaves without the word")
	}
	p.Choices[0].IncludeUnseen = true
	if got := p.For(view, gp).Items; len(got) != 1 || got[0].Title != "Kreatinine" {
		t.Errorf("it does not leave with the word: %+v", got)
	}
	if got := p.Preview(view, gp).Items; len(got) != 1 || got[0].Title != "" || got[0].Section != aggregator.Gated {
		t.Errorf("the person sees %+v", got)
	}
	if got := p.Consequences(view, gp); len(got) != 1 || got[0].Code != SharesUnseen {
		t.Errorf("the person is told %+v", got)
	}
	p.Choices = append(p.Choices, Choice{Recipient: gp, Pins: pins(full)})
	if len(p.For(view, gp).Items) != 0 {
		t.Error("a refusal of just this result does not count")
	}
}

func TestRecipients(t *testing.T) {
	for _, kind := range []RecipientKind{ToLink, ToPerson, ToFile, ToScreen} {
		a, b := NewRecipient(kind, "Piet", Family), NewRecipient(kind, "Piet", Family)
		if a.Kind() != kind || a.ID == b.ID {
			t.Errorf("%s: %s, %v", kind, a.Kind(), a.ID == b.ID)
		}
	}
	for _, id := range []string{gp, "file:x", "to:provider:x", "to:", ""} {
		if KindOf(id) != ToProvider {
			t.Errorf("%q is %s", id, KindOf(id))
		}
	}
	for role, want := range map[Role]string{"": "", Family: "", Employer: WarnNotObliged, Insurer: WarnNotObliged, Municipality: WarnNotObliged} {
		if got := (Recipient{Role: role}).Warning(); got != want {
			t.Errorf("%q: %q", role, got)
		}
	}
	r := stored(t, 1, Choice{Recipient: NewRecipient(ToPerson, "Piet", Family).ID, Subject: "vital", Permit: true, Since: time.Now()})
	if got := r.Node().Str("provision", "provision", "purpose", "code"); got != "PATRQT" {
		t.Errorf("the purpose is %q", got)
	}
}
