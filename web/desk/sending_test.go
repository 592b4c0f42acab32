package desk

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/share"
)

const (
	gpOf       = "medmij:huisarts-delinde@medmij"
	hospitalOf = "medmij:ziekenhuis-noordzee@medmij"
	clinicOf   = "medmij:kliniek-zon&zee@medmij"
)

var (
	aPDF = []byte("%PDF-1.4\nBrief van de fysiotherapeut")
	aPNG = []byte("\x89PNG\r\n\x1a\n een foto van een wond")
)

// newSendBench has all providers, and one that takes requests to correct.
func newSendBench(t *testing.T) *bench {
	t.Helper()
	return newChangeBench(t, "kliniek-zon&zee")
}

// newChangeBench has all providers, of which one takes requests to correct.
func newChangeBench(t *testing.T, taker string) *bench {
	t.Helper()
	cfg := mock.Full()
	cfg.Corrections = "70"
	for i := range cfg.Providers {
		if cfg.Providers[i].Name == taker {
			cfg.Providers[i].Services = append(cfg.Providers[i].Services, "70")
		}
	}
	return newBenchAt(t, cfg)
}

// visit logs in at the clinic, where questionnaires come from, and collects.
func (b *bench) visitClinic(t *testing.T) {
	t.Helper()
	if _, err := b.connect(t, "kliniek-zon&zee", anna); err != nil {
		t.Fatal(err)
	}
	b.collectClinic(t)
}

func (b *bench) collectClinic(t *testing.T) {
	t.Helper()
	if _, err := b.Collect(t.Context(), nil, must(b.Grants(t.Context()))...); err != nil {
		t.Fatal(err)
	}
}

// itemOf finds an item by its subject and a part of its type.
func (b *bench) itemOf(t *testing.T, subject, typ, source string) aggregator.Item {
	t.Helper()
	for _, item := range must(b.Overview(t.Context(), time.Time{}, "nl")).Subject(subject) {
		for _, p := range item.Parts {
			if p.Type == typ && p.Source == source && p.Hidden == "" {
				return item
			}
		}
	}
	t.Fatalf("no %s with a %s", subject, typ)
	return aggregator.Item{}
}

// prepareKind makes something of a kind ready to be sent.
func (b *bench) prepareKind(t *testing.T, kind share.Kind) Sending {
	t.Helper()
	ctx := t.Context()
	switch kind {
	case share.KindMeasurements:
		for _, entry := range []aggregator.OwnEntry{{Kind: "weight", Value: "81.4"}, {Kind: "height", Value: "180"}, {Kind: "heartrate", Value: "64"}, {Kind: "temperature", Value: "36.6"}, {Kind: "pulse", Value: "64"}} {
			must(b.Add(ctx, entry))
		}
		must(0, b.Share(ctx, "vital", gpOf, false))
		return Measured(gpOf)
	case share.KindDocuments:
		must(0, b.AddDocument(ctx, aggregator.OwnDocument{Title: "Fysio", Data: aPDF}))
		must(0, b.Share(ctx, "letter", hospitalOf, false))
		return Sending{Kind: kind, Recipient: hospitalOf}
	case share.KindImages:
		b.visitClinic(t)
		must(0, b.AddDocument(ctx, aggregator.OwnDocument{Title: "Wond", Data: aPNG}))
		must(0, b.Share(ctx, "letter", clinicOf, false))
		return Sending{Kind: kind, Recipient: clinicOf}
	case share.KindAnswers:
		b.visitClinic(t)
		task := b.itemOf(t, "questionnaire", "Task", clinicOf)
		if faults := must(b.Answer(ctx, task.ID, share.Given{"1": {"goed"}, "2": {"Het gaat beter"}})); len(faults) > 0 {
			t.Fatal(faults)
		}
		must(0, b.AcceptRequest(ctx, task.ID))
		return Sending{Kind: kind, Recipient: clinicOf, Items: []string{task.ID}}
	}
	b.visitClinic(t)
	o := must(b.Overview(ctx, time.Time{}, "nl"))
	for _, item := range o.Items {
		if c, err := b.Correct(ctx, item.ID, clinicOf, "Dit heb ik nooit gehad"); err == nil {
			return Sending{Kind: kind, Recipient: clinicOf, Items: []string{c.ID}}
		}
	}
	t.Fatal("the clinic has nothing to correct")
	return Sending{}
}

// sendNow goes the whole way: preview, login, send.
func (b *bench) sendNow(t *testing.T, s Sending) ([]Delivery, error) {
	t.Helper()
	started, err := b.BeginSend(t.Context(), s)
	if err != nil {
		return nil, err
	}
	done, err := b.comeBack(t, started, mock.Visitor{Persona: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	return b.Send(t.Context(), done.Grant, done.Sending)
}

// posted are the Bundles that were sent, whether they were taken or not.
func (b *bench) posted() []mock.Delivery {
	var out []mock.Delivery
	for _, d := range b.net.Received() {
		if bytes.Contains(d.Bundle, []byte(`"Bundle"`)) {
			out = append(out, d)
		}
	}
	return out
}

// TestEveryKindIsSentAsItWasShown goes the whole way for each kind: what the
// provider got is byte for byte what was shown, it follows the rules that
// senders are tested on, it goes once, and there is a receipt that holds.
func TestEveryKindIsSentAsItWasShown(t *testing.T) {
	for _, kind := range share.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			b := newSendBench(t)
			s := b.prepareKind(t, kind)
			shown := must(b.Prepare(t.Context(), s))
			if again := must(b.Prepare(t.Context(), s)); !bytes.Equal(again.Message.Bytes, shown.Message.Bytes) {
				t.Fatal("two previews differ")
			}
			s.Digest = shown.Message.Digest()
			all, err := b.sendNow(t, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range all {
				if d.Result != share.Sent {
					t.Errorf("%s: %s %s", d.Title, d.Result, d.Detail)
				}
			}
			got := b.posted()
			if len(got) != 1 || !bytes.Equal(got[0].Bundle, shown.Message.Bytes) {
				t.Fatalf("%d messages, or not what was shown", len(got))
			}
			checkRules(t, kind, got[0].Bundle)
			s.Digest = ""
			if _, err := b.sendNow(t, s); !errors.Is(err, ErrNothingToSend) || len(b.posted()) != 1 {
				t.Errorf("it goes twice: %v", err)
			}
			b.checkReceipt(t, s, shown, share.Sent, "")
			b.checkNothingLeft(t)
		})
	}
}

// checkNothingLeft: the consent for one message is in no document.
func (b *bench) checkNothingLeft(t *testing.T) {
	t.Helper()
	for _, g := range must(b.Grants(t.Context())) {
		if g.Purpose == medmij.Share {
			t.Error("the consent for one message was kept")
		}
	}
	if strings.Contains(b.logs.String(), "Fysio") || strings.Contains(b.logs.String(), "nooit gehad") {
		t.Error("what was sent is in the log")
	}
}

func (b *bench) checkReceipt(t *testing.T, s Sending, p Prepared, result, code string) {
	t.Helper()
	all := must(b.Receipts(t.Context()))
	if len(all) != 1 {
		t.Fatalf("%d receipts", len(all))
	}
	r := all[0]
	if !r.Valid || r.Recipient != s.Recipient || r.Kind != s.Kind || !r.Fits(p.Message.Bytes) || r.Code != code || r.Service == "" {
		t.Errorf("receipt %+v", r.Receipt)
	}
	var want []share.EntryOutcome
	for _, e := range p.Message.Entries {
		want = append(want, share.EntryOutcome{Type: e.Type, Result: result})
	}
	if diff := cmp.Diff(want, r.Entries); diff != "" {
		t.Error(diff)
	}
}

// senderRule is one of the rules for senders of conformance.md 1.5, on one entry.
type senderRule struct {
	name  string
	holds func(bundle, entry fhir.Node) bool
}

func senderRules() []senderRule {
	isUpdate := func(e fhir.Node) bool { return e.Str("request", "method") == "PUT" }
	resource := func(e fhir.Node) fhir.Node { return e.Get("resource") }
	everywhere := func(name string, good func(fhir.Node) bool) func(_, e fhir.Node) bool {
		return func(_, e fhir.Node) bool {
			holds := true
			walkTree(e.Get("resource"), func(member string, n fhir.Node) { holds = holds && (member != name || good(n)) })
			return holds
		}
	}
	return []senderRule{
		{"an update has a fullUrl and an id", func(_, e fhir.Node) bool {
			id := resource(e).Str("id")
			return !isUpdate(e) || id != "" && strings.HasSuffix(e.Str("fullUrl"), "/"+id)
		}},
		{"an update names the resource in its url", func(_, e fhir.Node) bool {
			r := resource(e)
			return !isUpdate(e) || e.Str("request", "url") == r.Str("resourceType")+"/"+r.Str("id")
		}},
		{"a new resource has no id", func(_, e fhir.Node) bool { return isUpdate(e) || !resource(e).Get("id").Exists() }},
		{"a new resource has a urn:uuid", func(_, e fhir.Node) bool { return isUpdate(e) || strings.HasPrefix(e.Str("fullUrl"), "urn:uuid:") }},
		{"the url of a request names nobody", func(_, e fhir.Node) bool { return !strings.ContainsAny(e.Str("request", "url"), "?=") }},
		{"every resource but Binary has a profile", func(_, e fhir.Node) bool {
			return resource(e).Str("resourceType") == "Binary" || resource(e).Str("meta", "profile") != ""
		}},
		{"every Coding has a system and a code", everywhere("coding", func(n fhir.Node) bool { return n.Str("system") != "" && n.Str("code") != "" })},
		{"no value set is the system of a Coding", everywhere("coding", func(n fhir.Node) bool {
			return !strings.HasPrefix(n.Str("system"), "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.2")
		})},
		{"every concept has words", everywhere("coding", func(n fhir.Node) bool { return n.Str("display") != "" })},
		{"every Reference has a display", func(_, e fhir.Node) bool {
			holds := true
			walkTree(resource(e), func(_ string, n fhir.Node) { holds = holds && (n.Str("reference") == "" || n.Str("display") != "") })
			return holds
		}},
		{"every Identifier has a system and a value", everywhere("identifier", func(n fhir.Node) bool { return n.Str("system") != "" && n.Str("value") != "" })},
		{"every address inside leads somewhere", func(bundle, e fhir.Node) bool {
			there, holds := map[string]bool{}, true
			for _, other := range bundle.All("entry") {
				there[other.Str("fullUrl")] = true
			}
			walkTree(resource(e), func(name string, n fhir.Node) {
				if (name == "reference" || name == "url") && strings.HasPrefix(n.Text(), "urn:uuid:") {
					holds = holds && there[n.Text()]
				}
			})
			return holds
		}},
	}
}

func walkTree(n fhir.Node, do func(string, fhir.Node)) {
	for name, member := range n.Members() {
		for _, item := range append(member.Items(), member) {
			do(name, item)
			walkTree(item, do)
		}
	}
}

// sentCounts are the rules on the Bundle: its type and how many there are of
// each type of resource.
func sentCounts() map[share.Kind]struct {
	kind    string
	version fhir.Version
	counts  map[string]int
} {
	type row = struct {
		kind    string
		version fhir.Version
		counts  map[string]int
	}
	return map[share.Kind]row{
		share.KindMeasurements: {"batch", fhir.STU3, map[string]int{"Patient": 1, "Observation": 5}},
		share.KindDocuments:    {"transaction", fhir.STU3, map[string]int{"Patient": 1, "DocumentManifest": 1, "DocumentReference": 1, "Binary": 1}},
		share.KindImages:       {"transaction", fhir.STU3, map[string]int{"Patient": 1, "Organization": 1, "List": 1, "Media": 1, "Binary": 1}},
		share.KindAnswers:      {"transaction", fhir.STU3, map[string]int{"Task": 1, "QuestionnaireResponse": 1}},
		share.KindCorrection:   {"transaction", fhir.R4, map[string]int{"Patient": 1, "Organization": 1, "Communication": 1}},
	}
}

func checkRules(t *testing.T, kind share.Kind, raw []byte) {
	t.Helper()
	want := sentCounts()[kind]
	if fhir.HasBSN(raw) {
		t.Error("rule: no BSN")
	}
	bundle := fhir.Parse(bytes.Clone(raw), want.version).Node()
	if got := bundle.Str("type"); got != want.kind {
		t.Errorf("rule: the Bundle is a %s, not a %s", want.kind, got)
	}
	counts := map[string]int{}
	for _, e := range bundle.All("entry") {
		typ := e.Str("resource", "resourceType")
		counts[typ]++
		for _, r := range senderRules() {
			if !r.holds(bundle, e) {
				t.Errorf("rule: %s: not so for %s", r.name, typ)
			}
		}
	}
	if diff := cmp.Diff(want.counts, counts); diff != "" {
		t.Error(diff)
	}
}

func ownFile(title string, data []byte) aggregator.OwnDocument {
	return aggregator.OwnDocument{Title: title, Data: data}
}

func weightOf(value string) aggregator.OwnEntry {
	return aggregator.OwnEntry{Kind: "weight", Value: value}
}
