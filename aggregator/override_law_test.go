package aggregator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// vault is what a person has: records, and what they decided about them.
type vault struct {
	t       testing.TB
	records []fhir.Record
	in      Input
}

func newVault(t testing.TB, sets ...[]fhir.Record) *vault {
	v := &vault{t: t, in: Input{AsOf: caseT}}
	for _, s := range sets {
		v.records = append(v.records, s...)
	}
	return v
}

func (v *vault) overview() *Overview {
	o, err := Merge(seq(v.records), v.in)
	if err != nil {
		v.t.Fatal(err)
	}
	return o
}

func (v *vault) decider() *Decider {
	s, err := Read(seq(v.records))
	if err != nil {
		v.t.Fatal(err)
	}
	d, err := s.Decider(v.in, caseT, "")
	if err != nil {
		v.t.Fatal(err)
	}
	return d
}

// keep stores what the person decided.
func (v *vault) keep(rule interface{ Resource() (fhir.Resource, error) }) {
	r, err := rule.Resource()
	if err != nil {
		v.t.Fatal(err)
	}
	v.records = append(v.records, fhir.Record{Resource: r, Origin: fhir.Origin{Source: fhir.Self}, Number: 1, Fetched: caseT})
}

func (v *vault) must(d Decision, err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	v.keep(d)
}

// of gives the id of the item that holds a record, by source and id.
func (v *vault) of(source, id string) string {
	for _, item := range v.overview().Items {
		for _, p := range item.Parts {
			if p.ID == id && strings.Contains(p.Source, source) {
				return item.ID
			}
		}
	}
	v.t.Fatalf("no item of %s/%s", source, id)
	return ""
}

func (v *vault) shape() string { return shape(v.overview(), "medication") }

func ownMedicineOf(id, name string) []fhir.Record {
	return at(fhir.Self, "", fhir.R4, object{
		"resourceType": "MedicationStatement", "id": id, "status": "active", "dateAsserted": "2026-01-02",
		"medicationCodeableConcept": object{"text": name}, "effectivePeriod": object{"start": "2026-01-02"},
	})
}

func gpMedicine(id, prk, name string) []fhir.Record {
	return at("gp", "49", fhir.R4, plain(id, prk).named(name).period("2025-12-01", "").object)
}

// TestADecisionSurvivesItsResource: what is stored is what was decided.
func TestADecisionSurvivesItsResource(t *testing.T) {
	text := rapid.StringMatching(`[a-z |:é]{0,12}[a-z]`)
	ref := rapid.Custom(func(rt *rapid.T) StableRef {
		r := StableRef{Provider: text.Draw(rt, "provider"), Kind: text.Draw(rt, "kind"), Ident: text.Draw(rt, "ident"), ID: text.Draw(rt, "id")}
		copy(r.Hash[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "hash"))
		for range rapid.IntRange(0, 3).Draw(rt, "facts") {
			r.Facts = append(r.Facts, Fact{text.Draw(rt, "name"), text.Draw(rt, "key"), text.Draw(rt, "words")})
		}
		return r
	})
	lawChecks(t, func(rt *rapid.T) {
		want := Decision{
			Seq: rapid.IntRange(1, 1e6).Draw(rt, "seq"), Op: rapid.SampledFrom([]Op{OpJoin, OpSeparate, OpDismiss, OpUndo}).Draw(rt, "op"),
			A: rapid.SliceOfN(ref, 1, 3).Draw(rt, "a"), Undoes: rapid.IntRange(0, 9).Draw(rt, "undoes"),
			At: caseT, By: text.Draw(rt, "by"), Note: text.Draw(rt, "note"), Code: text.Draw(rt, "code"),
		}
		r, err := want.Resource()
		if err != nil {
			rt.Fatal(err)
		}
		got := readDecisions([]*entry{{Record: fhir.Record{Resource: r, Origin: fhir.Origin{Source: fhir.Self}}, root: r.Node()}})
		if len(got) != 1 {
			rt.Fatal("not read back")
		}
		want.id = r.ID
		if diff := cmp.Diff(want, got[0], cmp.AllowUnexported(Decision{}), cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// TestARuleInAFileDecidesNothing: only what the person stored counts.
func TestARuleInAFileDecidesNothing(t *testing.T) {
	v := newVault(t, ownMedicineOf("o", "middel 1"), gpMedicine("g", "1", "MIDDEL 1"))
	v.must(v.decider().Join(v.of("self", "o"), v.of("gp", "g")))
	v.records[len(v.records)-1].Origin.Source = "file:vreemd"
	if n := len(v.overview().Decisions); n != 0 {
		t.Errorf("%d decisions of a file count", n)
	}
}

// TestADecisionFindsItsRecord: by identifier, by id, else by what it says.
func TestADecisionFindsItsRecord(t *testing.T) {
	named := func(id string) rx { return plain(id, "1").named("MIDDEL 1").period("2025-12-01", "") }
	for name, c := range map[string]struct {
		before, after rx
		state         string
	}{
		"the same":                        {named("g"), named("g"), StateApplied},
		"a new id, the same content":      {named("g"), named("h"), StateApplied},
		"the same id, other content":      {named("g"), named("g").times(3), StateChanged},
		"a new id and other content":      {named("g"), named("h").times(3), StateDormant},
		"an identifier, all else is new":  {named("g").ident("R-100"), named("h").ident("R-100").times(3), StateChanged},
		"another identifier, the same id": {named("g").ident("R-100"), named("g").ident("R-200"), StateDormant},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, ownMedicineOf("o", "middel 1"), at("gp", "49", fhir.R4, c.before.object))
			v.must(v.decider().Join(v.of("self", "o"), v.of("gp", "g")))
			v.records[1] = at("gp", "49", fhir.R4, c.after.object)[0]
			o := v.overview()
			if got := o.Decisions[0].State; got != c.state {
				t.Errorf("%s, want %s", got, c.state)
			}
			if joined := len(o.Subject("medication")) == 1; joined != (c.state != StateDormant) {
				t.Errorf("joined: %v", joined)
			}
		})
	}
}

// TestADormantDecisionRevives when its record returns.
func TestADormantDecisionRevives(t *testing.T) {
	gp := gpMedicine("g", "1", "MIDDEL 1")
	v := newVault(t, ownMedicineOf("o", "middel 1"), gp)
	v.must(v.decider().Join(v.of("self", "o"), v.of("gp", "g")))
	v.records = slices.Delete(v.records, 1, 2)
	if s := v.overview().Decisions[0].State; s != StateDormant {
		t.Error(s)
	}
	v.records = append(v.records, gp...)
	if o := v.overview(); o.Decisions[0].State != StateApplied || len(o.Subject("medication")) != 1 {
		t.Errorf("%+v", o.Decisions)
	}
}

func TestCopiesOfOneRecordStayTogether(t *testing.T) {
	v := newVault(t, at("gp", "49", fhir.R4, plain("a", "1").ident("R-100").object), at("ph", "35", fhir.R4, plain("b", "1").ident("R-100").object))
	item := v.of("gp", "a")
	if _, err := v.decider().Separate(item, item+"#2"); !errors.Is(err, ErrSameRecord) {
		t.Error(err)
	}
	if _, err := v.decider().ConfirmSame(item); !errors.Is(err, ErrSameRecord) {
		t.Error(err)
	}
}

func TestDecisionsThatCannotBeMade(t *testing.T) {
	v := newVault(t, gpMedicine("g", "1", "MIDDEL 1"), at("ph", "35", fhir.R4, administration("p", "1").named("MIDDEL 1").period("2025-12-01", "").object),
		at("ho", "48", fhir.R4, allergyTo("x", fhir.SNK, "23167", "AMOXICILLINE", "active", "")))
	line, allergy := v.of("gp", "g"), v.of("ho", "x")
	d := v.decider()
	errOf := func(_ Decision, err error) error { return err }
	for name, c := range map[string]struct{ got, want error }{
		"no item":        {errOf(d.Join("medication:aaaaaaaaaaaa", line)), ErrNoItem},
		"no other item":  {errOf(d.Join(line, "x")), ErrNoItem},
		"one line":       {errOf(d.Join(line, line)), ErrTogether},
		"other subject":  {errOf(d.Join(line, allergy)), ErrRefused},
		"no part":        {errOf(d.Separate(line, line+"#9")), ErrNoItem},
		"part zero":      {errOf(d.Separate(line, line+"#0")), ErrNoItem},
		"no number":      {errOf(d.Separate(line, line+"#x")), ErrNoItem},
		"whole item":     {errOf(d.Separate(line, line)), ErrNoItem},
		"no conflict":    {errOf(d.Dismiss(line, "C-DOSE")), ErrNoConflict},
		"dismiss no one": {errOf(d.Dismiss("x", "C-DOSE")), ErrNoItem},
		"no decision":    {errOf(d.Undo(1)), ErrNoDecision},
		"no stranger":    {errOf(d.Accept("medmij:gp@medmij")), ErrNoStranger},
		"confirm no one": {errOf(d.ConfirmSame("x")), ErrNoItem},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v", name, c.got)
		}
	}
	if words := (&Refused{RefuseSubject}).Words("en"); words != "These are records of another kind." {
		t.Error(words)
	}
}

// TestAnUndoCanBeUndone, and the state at any number can be made again.
func TestAnUndoCanBeUndone(t *testing.T) {
	v := newVault(t, ownMedicineOf("o", "middel 1"), gpMedicine("g", "1", "MIDDEL 1"))
	count := func() int { return len(v.overview().Subject("medication")) }
	v.must(v.decider().Join(v.of("self", "o"), v.of("gp", "g")))
	v.must(v.decider().Undo(1))
	if count() != 2 {
		t.Error("still joined")
	}
	v.must(v.decider().Undo(2))
	if count() != 1 {
		t.Error("the undo still counts")
	}
	for seq, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 1} {
		v.in.UntilDecision = seq
		if count() != want {
			t.Errorf("until %d: %d lines", seq, count())
		}
	}
}

// TestConfirmingKeepsWhatTheRulesJoined: the person's word outlives the rule
// that put two records on one line.
func TestConfirmingKeepsWhatTheRulesJoined(t *testing.T) {
	v := newVault(t, gpMedicine("g", "1", "MIDDEL 1"), at("ph", "35", fhir.R4, administration("p", "1").named("MIDDEL 1").period("2025-12-01", "").object))
	v.must(v.decider().ConfirmSame(v.of("gp", "g")))
	v.records[0] = at("gp", "49", fhir.R4, plain("g", "1").named("MIDDEL 1").period("2025-12-01", "").times(2).object)[0]
	if got := v.shape(); got != "current gp/g+ph/p C-DOSE C-JOIN-CHANGED" {
		t.Error(got)
	}
}

// TestThisIsMe is S15: the person takes in what waited, until it changes.
func TestThisIsMe(t *testing.T) {
	self := at(fhir.Self, "", fhir.R4, object{"resourceType": "Patient", "id": "self", "name": []any{object{"family": "Jansen"}}})
	patient := func(family string) object {
		return object{"resourceType": "Patient", "id": "p", "name": []any{object{"family": family}}}
	}
	about := with(allergyTo("x", fhir.SNK, "23167", "AMOXICILLINE", "active", ""), "patient", object{"reference": "Patient/p"})
	v := newVault(t, self, at("gp", "49", fhir.R4, patient("Jansen-de Wit"), about))
	if len(v.overview().Subject("allergy")) != 0 {
		t.Fatal("a stranger's allergy is in the overview")
	}
	v.must(v.decider().Accept("medmij:gp@medmij"))
	if o := v.overview(); len(o.Subject("allergy")) != 1 || len(o.Unread) != 0 || o.Decisions[0].State != StateApplied {
		t.Errorf("%+v", o.Unread)
	}
	v.records[1] = at("gp", "49", fhir.R4, patient("Bakker"))[0]
	if o := v.overview(); len(o.Subject("allergy")) != 0 {
		t.Error("another Patient came in under the old decision")
	}
}

// TestReinstalledFromItsRecords is OVR-01: what an export carries is enough.
func TestReinstalledFromItsRecords(t *testing.T) {
	v := newVault(t, ownMedicineOf("o", "middel 1"), gpMedicine("g", "1", "MIDDEL 1"))
	v.must(v.decider().Join(v.of("self", "o"), v.of("gp", "g")))
	want := bytesOf(t, v.overview())
	for i, r := range v.records {
		v.records[i].Resource = fhir.Parse(r.Bytes(), r.Version)
	}
	if diff := cmp.Diff(want, bytesOf(t, v.overview())); diff != "" {
		t.Error(diff)
	}
}

// randomVault draws a person with a few medicines and allergies at several
// sources, alike enough to be joined and taken apart.
func randomVault(t testing.TB, rt *rapid.T) *vault {
	v := newVault(t)
	for i := range rapid.IntRange(2, 6).Draw(rt, "records") {
		source := rapid.SampledFrom([]string{"gp", "ph", "ho", fhir.Self}).Draw(rt, "source")
		prk := rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "prk")
		id := fmt.Sprintf("r%d", i)
		var r object
		switch rapid.IntRange(0, 3).Draw(rt, "kind") {
		case 0:
			status := rapid.SampledFrom([]string{"active", "inactive"}).Draw(rt, "status")
			r = allergyTo(id, fhir.SNK, "2316"+prk, "STOF "+prk, status, "")
		case 1:
			r = administration(id, prk).period("2025-12-01", "").times(rapid.IntRange(1, 2).Draw(rt, "times")).object
		default:
			r = plain(id, prk).period("2025-12-01", "").times(rapid.IntRange(1, 2).Draw(rt, "times")).object
		}
		v.records = append(v.records, at(source, "48", fhir.R4, r)...)
	}
	return v
}

// decideSomething makes a decision that is allowed, if what was drawn is.
func (v *vault) decideSomething(rt *rapid.T) bool {
	items := v.overview().Items
	pick := func(name string) Item { return items[rapid.IntRange(0, len(items)-1).Draw(rt, name)] }
	a, b, d := pick("a"), pick("b"), v.decider()
	var made Decision
	var err error
	switch rapid.IntRange(0, 3).Draw(rt, "op") {
	case 0, 1:
		made, err = d.Join(a.ID, b.ID)
	case 2:
		made, err = d.Separate(a.ID, a.ID+"#"+fmt.Sprint(rapid.IntRange(1, 3).Draw(rt, "part")))
	case 3:
		if len(a.Conflicts) == 0 {
			return false
		}
		made, err = d.Dismiss(a.ID, a.Conflicts[0].Code)
	}
	if err != nil {
		return false
	}
	v.keep(made)
	return true
}

// TestDecisionLaws is P8, S2 and S9 for any records and decisions: a record
// never gets out of the active section, no difference disappears, what was not
// touched stays byte for byte, and undoing everything gives what was before.
func TestDecisionLaws(t *testing.T) {
	lawChecks(t, func(rt *rapid.T) {
		v := randomVault(t, rt)
		first := contentOf(t, v.overview())
		made := 0
		for range rapid.IntRange(1, 5).Draw(rt, "decisions") {
			before := v.overview()
			if !v.decideSomething(rt) {
				continue
			}
			made++
			after := v.overview()
			checkConservation(t, v.records, after)
			checkNothingHidden(rt, before, after)
			checkUntouched(rt, t, before, after)
		}
		for seq := made; seq > 0; seq-- {
			v.must(v.decider().Undo(seq))
		}
		o := v.overview()
		if diff := cmp.Diff(first, contentOf(t, o)); diff != "" {
			rt.Fatalf("undone, but not as before: %s", diff)
		}
		if len(o.Decisions) != 2*made {
			rt.Fatalf("%d decisions in the list, %d were made", len(o.Decisions), 2*made)
		}
	})
}

// contentOf is the overview without the list of decisions.
func contentOf(t testing.TB, o *Overview) string {
	c := *o
	c.Decisions = nil
	return bytesOf(t, &c)
}

func itemWith(o *Overview, p Part) Item {
	for _, item := range o.Items {
		if slices.ContainsFunc(item.Parts, func(q Part) bool { return q.Source == p.Source && q.Type == p.Type && q.ID == p.ID }) {
			return item
		}
	}
	return Item{}
}

func checkNothingHidden(rt *rapid.T, before, after *Overview) {
	// A join that takes back a separation brings the line of before, with what it
	// said before.
	takenBack := func(d DecisionState) bool { return d.State == StateOlder }
	joined := after.Decisions[len(after.Decisions)-1].Op == OpJoin && !slices.ContainsFunc(after.Decisions, takenBack)
	for _, item := range before.Items {
		for _, p := range item.Parts {
			now := itemWith(after, p)
			if item.Subject == "allergy" && item.Section == Active && now.Section != Active && joined {
				rt.Fatalf("%s is no longer active", p.ID)
			}
			if item.Section == Current && now.Section != Current && joined {
				rt.Fatalf("%s is no longer current", p.ID)
			}
			for _, c := range item.Conflicts {
				has := slices.ContainsFunc(now.Conflicts, func(d Conflict) bool { return d.Code == c.Code })
				if joined && !has && !strings.HasPrefix(c.Code, "C-JOIN") && c.Code != "C-BELONGS" {
					rt.Fatalf("a join hides %s of %s", c.Code, p.ID)
				}
			}
		}
	}
}

// checkUntouched compares the items of groups that hold nothing the decision is about.
func checkUntouched(rt *rapid.T, t testing.TB, before, after *Overview) {
	d := after.Decisions[len(after.Decisions)-1]
	touched := map[string]bool{}
	for _, o := range [...]*Overview{before, after} {
		for _, item := range o.Items {
			for _, id := range d.Items {
				if other, ok := o.Find(id); ok && (other.ID == item.ID || other.Group != "" && other.Group == item.Group) {
					for _, p := range item.Parts {
						touched[p.Source+p.ID] = true
					}
				}
			}
		}
	}
	for _, item := range before.Items {
		if slices.ContainsFunc(item.Parts, func(p Part) bool { return touched[p.Source+p.ID] }) {
			continue
		}
		was, _ := json.Marshal(item)
		is, _ := json.Marshal(itemWith(after, item.Parts[0]))
		if string(was) != string(is) {
			rt.Fatalf("not touched, but changed: %s", cmp.Diff(string(was), string(is)))
		}
	}
}
