package share

import (
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

const gp, hospital = "medmij:gp@medmij", "medmij:ho@medmij"

var since = time.Date(2026, 6, 1, 9, 0, 0, 0, fhir.Amsterdam())

func seq(records ...fhir.Record) iter.Seq2[fhir.Record, error] {
	return func(yield func(fhir.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func stored(t testing.TB, number int, c Choice) fhir.Record {
	t.Helper()
	r, err := c.Resource()
	if err != nil {
		t.Fatal(err)
	}
	return fhir.Record{Resource: r, Origin: fhir.Origin{Source: fhir.Self}, Number: number, Fetched: since}
}

// choices draws any choice that a person can make.
func choices() *rapid.Generator[Choice] {
	return rapid.Custom(func(t *rapid.T) Choice {
		c := Choice{
			Recipient: rapid.SampledFrom([]string{gp, hospital}).Draw(t, "recipient"), Name: "Zorgverlener",
			Permit: rapid.Bool().Draw(t, "permit"), Since: since,
			IncludeUnseen: rapid.Bool().Draw(t, "unseen"), Role: rapid.SampledFrom([]Role{"", Family, Insurer}).Draw(t, "role"),
		}
		if rapid.Bool().Draw(t, "ends") {
			c.Until = since.Add(time.Duration(rapid.IntRange(1, 1000).Draw(t, "hours")) * time.Hour)
		}
		if rapid.Bool().Draw(t, "by subject") {
			c.Subject = rapid.SampledFrom([]string{"vital", "lab", "medication"}).Draw(t, "subject")
			c.Later = rapid.Bool().Draw(t, "later")
		}
		fewest := 1
		if c.Subject != "" {
			fewest = 0
		}
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9.-]{1,12}`), fewest, 4, rapid.ID).Draw(t, "ids")
		for _, id := range ids {
			c.Pins = append(c.Pins, Pin{rapid.SampledFrom([]string{fhir.Self, hospital}).Draw(t, "source"), rapid.SampledFrom([]string{"", "48"}).Draw(t, "service"), "Observation", id})
		}
		return c
	})
}

// TestChoicesSurviveTheirConsent is CON-09: rules to Consent and back.
func TestChoicesSurviveTheirConsent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := choices().Draw(rt, "choice")
		back, err := Choices(seq(stored(t, 1, c)))
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff([]Choice{c}, back, cmpopts.IgnoreUnexported(Choice{})); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestConsentNamesNoTypeInItsRoot(t *testing.T) {
	r := stored(t, 1, Choice{Recipient: gp, Subject: "vital", Permit: true, Later: true, Since: since})
	if typ := r.Node().Str("provision", "type"); typ != "" {
		t.Errorf("the root provision has type %q, which R4 does not permit", typ)
	}
	if r.Node().Get("policyRule").Coded().Code("") != "OPTOUT" {
		t.Error("the base policy is not: nothing but what is permitted")
	}
}

func TestRevokingIsANewVersion(t *testing.T) {
	c := Choice{Recipient: gp, Subject: "vital", Permit: true, Later: true, Since: since}
	first := stored(t, 1, c)
	c.Revoked, c.Since = true, since.Add(time.Hour)
	second := stored(t, 2, c)
	if first.ID != second.ID {
		t.Fatal("a revocation is another resource")
	}
	left, err := Choices(seq(first, second))
	if err != nil || len(left) != 0 {
		t.Errorf("still in force: %v, %v", left, err)
	}
}

func item(subject, id, source string) aggregator.Item {
	return aggregator.Item{ID: subject + ":" + id, Subject: subject, Parts: []aggregator.Part{{Source: source, Type: "Observation", ID: id, Role: aggregator.RoleRecord, Version: "1"}}}
}

func pins(items ...aggregator.Item) []Pin {
	var all []Pin
	for _, i := range items {
		all = append(all, PinsOf(i)...)
	}
	return all
}

func TestPolicy(t *testing.T) {
	weight := item("vital", "w", fhir.Self)
	restricted := restrictedLetter(t)
	relatives := item("person", "r", hospital)
	relatives.Parts[0].Type = "FamilyMemberHistory"
	for _, c := range []struct {
		name    string
		choices []Choice
		item    aggregator.Item
		want    bool
	}{
		{"CON-01 no rules", nil, weight, false},
		{"subject permits", []Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true}}, weight, true},
		{"another recipient", []Choice{{Recipient: hospital, Subject: "vital", Permit: true, Later: true}}, weight, false},
		{"CON-02 subject permits, item denies", []Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true}, {Recipient: gp, Pins: pins(weight)}}, weight, false},
		{"CON-03 subject denies, item permits", []Choice{{Recipient: gp, Subject: "vital"}, {Recipient: gp, Pins: pins(weight), Permit: true}}, weight, true},
		{"CON-04 equal weight: no wins", []Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true}, {Recipient: gp, Subject: "vital"}}, weight, false},
		{"CON-05 revoked", []Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true, Revoked: true}}, weight, false},
		{"CON-05 ended before it is sent", []Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true, Until: since}}, weight, false},
		{"CON-05 ends later", []Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true, Until: since.Add(time.Second)}}, weight, true},
		{"CON-05 a refusal that ended", []Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true}, {Recipient: gp, Subject: "vital", Until: since}}, weight, true},
		{"CON-08 restricted, subject permits", []Choice{{Recipient: gp, Subject: "letter", Permit: true, Later: true}}, restricted, false},
		{"CON-08 restricted, item permits", []Choice{{Recipient: gp, Pins: pins(restricted), Permit: true}}, restricted, true},
		{"about relatives, subject permits", []Choice{{Recipient: gp, Subject: "person", Permit: true, Later: true}}, relatives, false},
		{"not seen yet", []Choice{{Recipient: gp, Subject: "lab", Permit: true, Later: true}}, in(item("lab", "a", hospital), aggregator.Gated), false},
		{"withdrawn", []Choice{{Recipient: gp, Subject: "lab", Permit: true, Later: true}}, in(item("lab", "a", hospital), aggregator.History), false},
		{"CON-07 never back to its origin", []Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true}}, item("vital", "x", gp), false},
	} {
		if got := (Policy{Choices: c.choices, At: since}).Allows(c.item, gp); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func in(i aggregator.Item, s aggregator.Section) aggregator.Item {
	i.Section = s
	return i
}

// restrictedLetter is an item of a letter that its source labelled.
func restrictedLetter(t *testing.T) aggregator.Item {
	t.Helper()
	r := fhir.Parse([]byte(`{"resourceType":"DocumentReference","id":"l","status":"current","description":"Brief","securityLabel":[{"coding":[{"code":"R"}]}]}`), fhir.R4)
	o, err := aggregator.Merge(seq(fhir.Record{Resource: r, Origin: fhir.Origin{Source: hospital, Service: "51"}, Number: 1, Fetched: since}), aggregator.Input{AsOf: since})
	if err != nil || len(o.Items) != 1 {
		t.Fatal(err, o)
	}
	return o.Items[0]
}

// TestADenialNeverAllows is P11: without a permit nothing is allowed, and a
// refusal more never allows.
func TestADenialNeverAllows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := rapid.SliceOfN(choices(), 0, 5).Draw(rt, "choices")
		i := item(rapid.SampledFrom([]string{"vital", "lab"}).Draw(rt, "subject"), "a", fhir.Self)
		i.Parts[0].ID = rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "id")
		p := Policy{Choices: all, At: since}
		refusal := choices().Draw(rt, "refusal")
		refusal.Permit = false
		more := Policy{Choices: append(slices.Clone(all), refusal), At: since}
		if more.Allows(i, gp) && !p.Allows(i, gp) {
			rt.Fatal("a refusal allows")
		}
		permits := slices.ContainsFunc(all, func(c Choice) bool { return c.Permit })
		if p.Allows(i, gp) && !permits {
			rt.Fatal("allowed without a permit")
		}
	})
}

// TestANewPartAsksAgain is CON-06.
func TestANewPartAsksAgain(t *testing.T) {
	before := item("lab", "a", hospital)
	p := Policy{Choices: []Choice{{Recipient: gp, Pins: pins(before), Permit: true}}}
	after := before
	after.Parts = append(slices.Clone(after.Parts), aggregator.Part{Source: fhir.Self, Type: "Observation", ID: "b", Role: aggregator.RoleRecord})
	if !p.Allows(before, gp) || p.Allows(after, gp) {
		t.Error("a part that joined later is shared without being asked")
	}
}

func TestDoubtIsNotShared(t *testing.T) {
	i := item("lab", "a", hospital)
	i.Conflicts = []aggregator.Conflict{{Code: "C-COLLISION"}}
	if (Policy{Choices: []Choice{{Recipient: gp, Subject: "lab", Permit: true, Later: true}}}).Allows(i, gp) {
		t.Error("an item whose identity is in doubt is shared")
	}
}

// TestWhatLeavesIsPermitted: for any choices, the recipient's overview is a
// subset of what is allowed and tells nothing of the rest.
func TestWhatLeavesIsPermitted(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := &aggregator.Overview{
			Sources: []aggregator.SourceStatus{{Source: hospital}}, Unread: []aggregator.Unread{{Source: hospital}},
			Groups: []aggregator.Group{{ID: "g1"}},
		}
		for _, id := range []string{"a", "b", "c"} {
			i := item(rapid.SampledFrom([]string{"vital", "lab"}).Draw(rt, "subject"), id, rapid.SampledFrom([]string{fhir.Self, hospital, gp}).Draw(rt, "source"))
			i.Group, i.SharedWith = "g1", []string{hospital}
			o.Items = append(o.Items, i)
		}
		p := Policy{Choices: rapid.SliceOfN(choices(), 0, 4).Draw(rt, "choices")}
		out := p.For(o, gp)
		for _, i := range out.Items {
			if !p.Allows(i, gp) || i.Group != "" || len(i.SharedWith) > 0 {
				rt.Fatalf("leaves: %+v", i)
			}
		}
		if len(out.Sources)+len(out.Unread)+len(out.Groups) > 0 {
			rt.Fatal("the recipient sees that there is more")
		}
		if len(p.Choices) == 0 && len(out.Items) > 0 {
			rt.Fatal("something leaves without a choice")
		}
	})
}

// nearItem is one of few items, of records that others have too.
func nearItem(t *rapid.T) aggregator.Item {
	subject := rapid.SampledFrom([]string{"vital", "lab"}).Draw(t, "subject")
	out := item(subject, "x", hospital)
	out.Parts = nil
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID).Draw(t, "records") {
		out.Parts = append(out.Parts, item(subject, id, rapid.SampledFrom([]string{fhir.Self, hospital}).Draw(t, "source")).Parts...)
	}
	out.Section = rapid.SampledFrom([]aggregator.Section{aggregator.Found, aggregator.Found, aggregator.Gated}).Draw(t, "section")
	return out
}

// nearChoices are choices about such items.
func nearChoices(t *rapid.T) []Choice {
	all := rapid.SliceOfN(choices(), 0, 5).Draw(t, "choices")
	for i := range all {
		all[i].Pins = pins(nearItem(t))
		all[i].Revoked = rapid.IntRange(0, 4).Draw(t, "revoked") == 0
	}
	return all
}

// TestAnIndexedPolicyDecidesTheSame, also when a choice of it was given other
// records afterwards: it never goes by those that it had. One for many items
// decides the same as one that looks through its choices.
func TestAnIndexedPolicyDecidesTheSame(t *testing.T) {
	shared := 0
	rapid.Check(t, func(rt *rapid.T) {
		p := Policy{Choices: nearChoices(rt), At: since.Add(time.Duration(rapid.IntRange(0, 1000).Draw(rt, "hours")) * time.Hour)}
		quick := p.Indexed()
		if len(p.Choices) > 0 && rapid.Bool().Draw(rt, "others") {
			at, others := rapid.IntRange(0, len(p.Choices)-1).Draw(rt, "choice"), pins(nearItem(rt))
			p.Choices[at].Pins, quick.Choices[at].Pins = others, others
		}
		for range 4 {
			i := nearItem(rt)
			p.closed = map[string]aggregator.Item{i.ID: in(i, aggregator.Found)}
			quick.closed = p.closed
			for _, to := range []string{gp, hospital} {
				want, asks := p.Allows(i, to), p.joined(i, to)
				if want {
					shared++
				}
				for name, q := range map[string]Policy{"indexed": quick, "again": quick.Indexed(), "for many": p.forMany(), "indexed for many": quick.forMany()} {
					if q.Allows(i, to) != want || !slices.Equal(q.joined(i, to), asks) {
						rt.Fatalf("%s, %s for %s: %v, %v", name, i.ID, to, want, asks)
					}
				}
			}
		}
	})
	if shared == 0 {
		t.Error("nothing was shared")
	}
}

// TestRestrictedLetterNeedsItsOwnChoice is DOC-12 and CON-08: a choice for all
// letters does not reach one that its source marked.
func TestRestrictedLetterNeedsItsOwnChoice(t *testing.T) {
	part := aggregator.Part{Source: hospital, Service: "51", Type: "DocumentReference", ID: "a", Role: aggregator.RoleRecord}
	item := aggregator.Item{ID: "letter:a", Subject: "letter", Parts: []aggregator.Part{part}, Value: &aggregator.Letter{Hidden: true}}
	all := Choice{Recipient: gp, Subject: "letter", Permit: true, Later: true}
	this := Choice{Recipient: gp, Pins: PinsOf(item), Permit: true}
	for name, c := range map[string]struct {
		choices []Choice
		want    bool
	}{"all letters": {[]Choice{all}, false}, "this letter": {[]Choice{all, this}, true}} {
		if got := (Policy{Choices: c.choices}).Allows(item, gp); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	item.Value = &aggregator.Letter{}
	if !(Policy{Choices: []Choice{all}}).Allows(item, gp) {
		t.Error("a letter without a mark is not shared with the others")
	}
}

func TestAnnotateNamesRecipientsOnce(t *testing.T) {
	o := &aggregator.Overview{Items: []aggregator.Item{item("vital", "w", fhir.Self)}}
	Policy{Choices: []Choice{{Recipient: hospital, Subject: "vital", Permit: true, Later: true}, {Recipient: gp, Subject: "vital", Permit: true, Later: true}, {Recipient: gp, Subject: "vital", Permit: true, Later: true}}}.Annotate(o)
	if diff := cmp.Diff([]string{gp, hospital}, o.Items[0].SharedWith); diff != "" {
		t.Error(diff)
	}
}

func measurement(t testing.TB, kind, value string) fhir.Record {
	t.Helper()
	r, question, err := aggregator.NewOwn(aggregator.OwnEntry{Kind: kind, Value: value, Note: "thuis", At: since, Confirmed: true}, since)
	if err != nil || question != "" {
		t.Fatal(err, question)
	}
	return fhir.Record{Resource: r, Origin: fhir.Origin{Source: fhir.Self}, Number: 1, Fetched: since}
}

func self(t testing.TB) fhir.Record {
	t.Helper()
	n := fhir.Parse([]byte(`{"resourceType":"Patient","id":"x","name":[{"text":"A. Voorbeeld","family":"Voorbeeld"}],"birthDate":"1961-04-02","gender":"female"}`), fhir.R4).Node()
	r, err := aggregator.NewSelf(n)
	if err != nil {
		t.Fatal(err)
	}
	return fhir.Record{Resource: r, Origin: fhir.Origin{Source: fhir.Self}, Number: 1}
}

// TestMeasurementsFollowTheSenderRules checks each rule of conformance.md 1.5
// on every kind.
func TestMeasurementsFollowTheSenderRules(t *testing.T) {
	var records []fhir.Record
	for kind, value := range map[string]string{
		"bloodpressure": "128/82", "weight": "81.40", "height": "180", "temperature": "36.6", "oxygen": "97", "heartrate": "64", "pulse": "66", "glucose": "6.3",
	} {
		records = append(records, measurement(t, kind, value))
	}
	message, err := Measurements(self(t), records)
	raw := message.Bytes
	if err != nil {
		t.Fatal(err)
	}
	bundle := fhir.Parse(raw, fhir.STU3).Node()
	if bundle.Str("type") != "batch" || len(bundle.All("entry")) != len(records)+1 {
		t.Fatalf("type %q, %d entries", bundle.Str("type"), len(bundle.All("entry")))
	}
	if strings.Contains(string(raw), "81.4,") || !strings.Contains(string(raw), "81.40") {
		t.Error("the digits as typed are gone")
	}
	for i, e := range bundle.All("entry") {
		checkEntry(t, bundle, e, i == 0)
	}
}

func checkEntry(t *testing.T, bundle, e fhir.Node, first bool) {
	t.Helper()
	r := e.Get("resource")
	typ := r.Str("resourceType")
	switch {
	case (typ == "Patient") != first:
		t.Errorf("%s is not the only Patient, in front", typ)
	case r.Str("id") != "" || !strings.HasPrefix(e.Str("fullUrl"), "urn:uuid:"):
		t.Error("a new resource has an id, or no urn:uuid")
	case e.Str("request", "method") != "POST" || e.Str("request", "url") != typ:
		t.Errorf("request %s %s", e.Str("request", "method"), e.Str("request", "url"))
	case r.Get("meta", "profile").Text() == "":
		t.Errorf("%s has no profile", typ)
	}
	if first {
		return
	}
	patient := bundle.All("entry")[0].Str("fullUrl")
	for _, who := range [...]string{"subject", "performer"} {
		if ref := r.Get(who).Reference(); ref.URL != patient || ref.Display == "" {
			t.Errorf("%s points at %q %q", who, ref.URL, ref.Display)
		}
	}
	code := r.Get("code").Coded()
	if code.Code(fhir.LOINC) == "" || code.Display() == "" || r.Str("status") != "final" || r.Str("comment") != "thuis" {
		t.Errorf("%s: %+v", code.Display(), code)
	}
	if r.Get("note").Exists() || r.Get("category").Coded().Code("") == "" {
		t.Error("R4 elements in an STU3 message")
	}
}

func TestOnlyOwnMeasurementsCanBeSent(t *testing.T) {
	good := measurement(t, "weight", "81")
	foreign, deleted := good, good
	foreign.Origin.Source, deleted.Deleted = hospital, true
	note, _, err := aggregator.NewOwn(aggregator.OwnEntry{Kind: "note", Value: "x"}, since)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]fhir.Record{
		"foreign": foreign, "deleted": deleted,
		"note": {Resource: note, Origin: fhir.Origin{Source: fhir.Self}},
	} {
		if CanSend(r) {
			t.Errorf("%s can be sent", name)
		}
		if _, err := Measurements(self(t), []fhir.Record{r}); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if !CanSend(good) {
		t.Error("an own weight cannot be sent")
	}
}

func TestAPersonWithoutANameIsNotInvented(t *testing.T) {
	nameless, err := aggregator.NewSelf(fhir.Node{})
	if err != nil {
		t.Fatal(err)
	}
	message, err := Measurements(fhir.Record{Resource: nameless}, []fhir.Record{measurement(t, "weight", "81")})
	if err != nil {
		t.Fatal(err)
	}
	name := fhir.Parse(message.Bytes, fhir.STU3).Node().All("entry")[0].Get("resource", "name")
	if name.Ext("http://hl7.org/fhir/StructureDefinition/data-absent-reason").Value().Text() != "unknown" {
		t.Error("no reason for the absent name")
	}
}
