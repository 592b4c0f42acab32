package aggregator

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Op is what the person decided (merge.md 7).
type Op string

// The decisions a person can make. They are only ever added: a change of mind
// is one more.
const (
	OpJoin     Op = "join"     // A and B are about one thing: one line
	OpSeparate Op = "separate" // A and B are not: no rule may put them on one line
	OpConfirm  Op = "confirm"  // A and B on one line, looked at again
	OpDismiss  Op = "dismiss"  // a conflict was seen: it stays, smaller
	OpAccept   Op = "accept"   // the Patient of A is this person, whatever differs
	OpDeny     Op = "deny"     // the Patient of A is somebody else
	OpUndo     Op = "undo"     // an earlier decision counts no more
)

// Decision is one decision of the person about which records belong together.
// It is stored as a resource of source self, so that it is in every export and
// the overview stays a function of the records.
type Decision struct {
	Seq    int // order of deciding, from 1
	Op     Op
	A, B   []StableRef
	Code   string // the conflict that was dismissed
	Undoes int    // Seq of the decision that an undo takes back
	At     time.Time
	By     string // who decided for the person; empty: the person
	Note   string

	id string // of its resource
}

// StableRef names a record in a way that outlives a collection: by its
// business identifier; or, without one, by its id or else by what it says,
// so that a decision survives new ids as well as changed content (merge.md 7).
type StableRef struct {
	Provider string // source
	Kind     string // subject of the item
	Ident    string // business identifier, system and value; may be empty
	ID       string // service, type and id
	Hash     Hash   // of its content, without any id
	Facts    []Fact // what it said when the person decided
}

// Fact is something that a decision rests on: product, dose, status, agent,
// value or title. Key is compared, Words are shown.
type Fact struct{ Name, Key, Words string }

const decisionKind = "decision"

// Resource writes the decision as a FHIR R4 Basic with an id of its own.
func (d Decision) Resource() (fhir.Resource, error) {
	exts := []any{extText("seq", strconv.Itoa(d.Seq)), extText("op", string(d.Op)), extText("at", moment(d.At))}
	for _, x := range [...][2]string{{"code", d.Code}, {"by", d.By}, {"note", d.Note}} {
		if x[1] != "" {
			exts = append(exts, extText(x[0], x[1]))
		}
	}
	if d.Undoes > 0 {
		exts = append(exts, extText("undoes", strconv.Itoa(d.Undoes)))
	}
	for _, r := range d.A {
		exts = append(exts, r.extension("a"))
	}
	for _, r := range d.B {
		exts = append(exts, r.extension("b"))
	}
	return ownBasic(decisionKind+"-"+fhir.NewUUID(), decisionKind, d.At, exts)
}

// ownBasic writes a rule of the person: nothing about their health that was
// not in the records it is about.
func ownBasic(id, kind string, at time.Time, exts []any) (fhir.Resource, error) {
	raw, err := json.Marshal(map[string]any{
		"resourceType": "Basic", "id": id, "subject": selfReference(), "author": selfReference(),
		"created":   at.In(fhir.Amsterdam()).Format("2006-01-02"),
		"code":      map[string]any{"coding": []any{map[string]any{"system": Namespace + "kind", "code": kind}}},
		"extension": exts,
	})
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("write a %s: %w", kind, err)
	}
	return fhir.Parse(raw, fhir.R4), nil
}

func isOwnBasic(e *entry, kind string) bool {
	return e.Origin.IsSelf() && e.Type == "Basic" && !e.Deleted && e.Flaw == "" && e.node().Get("code").Coded().Has(Namespace+"kind", kind)
}

func extText(name, value string) map[string]any {
	return map[string]any{"url": Namespace + name, "valueString": value}
}

func extList(name string, parts []any) map[string]any {
	return map[string]any{"url": Namespace + name, "extension": parts}
}

func extOf(n fhir.Node, name string) string { return n.Ext(Namespace + name).Value().Text() }

func (r StableRef) extension(side string) map[string]any {
	parts := []any{extText("provider", r.Provider), extText("subject", r.Kind), extText("record", r.ID), extText("hash", hex.EncodeToString(r.Hash[:]))}
	if r.Ident != "" {
		parts = append(parts, extText("identifier", r.Ident))
	}
	for _, f := range r.Facts {
		parts = append(parts, extList("fact", []any{extText("name", f.Name), extText("key", f.Key), extText("words", f.Words)}))
	}
	return extList(side, parts)
}

func readRef(n fhir.Node) StableRef {
	r := StableRef{Provider: extOf(n, "provider"), Kind: extOf(n, "subject"), Ident: extOf(n, "identifier"), ID: extOf(n, "record")}
	_, _ = hex.Decode(r.Hash[:], []byte(firstOf(extOf(n, "hash"), 2*len(r.Hash)))) // a broken hash matches nothing
	for _, f := range n.Exts(Namespace + "fact") {
		r.Facts = append(r.Facts, Fact{extOf(f, "name"), extOf(f, "key"), extOf(f, "words")})
	}
	return r
}

func firstOf(s string, n int) string { return s[:min(n, len(s))] }

func readDecision(e *entry) (Decision, bool) {
	n := e.node()
	seq, err := strconv.Atoi(extOf(n, "seq"))
	d := Decision{
		Seq: seq, Op: Op(extOf(n, "op")), Code: extOf(n, "code"), By: extOf(n, "by"), Note: extOf(n, "note"),
		At: fhir.ParseDate(extOf(n, "at")).Low(), id: e.ID,
	}
	d.Undoes, _ = strconv.Atoi(extOf(n, "undoes"))
	for _, x := range n.Exts(Namespace + "a") {
		d.A = append(d.A, readRef(x))
	}
	for _, x := range n.Exts(Namespace + "b") {
		d.B = append(d.B, readRef(x))
	}
	return d, err == nil && seq > 0
}

// readDecisions gives the decisions in the order in which they were made. Two
// with one number, which only a vault put together from two can hold, are in
// the order of their ids.
func readDecisions(entries []*entry) []Decision {
	var all []Decision
	for _, e := range entries {
		if !isOwnBasic(e, decisionKind) || e.clash {
			continue
		}
		if d, ok := readDecision(e); ok {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b Decision) int { return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.id, b.id)) })
	return all
}

// undone gives the decisions that count no more, by number. An undo can itself
// be undone, so the last word counts.
func undone(all []Decision) map[int]bool {
	out := map[int]bool{}
	for _, d := range slices.Backward(all) {
		if d.Op == OpUndo && !out[d.Seq] {
			out[d.Undoes] = true
		}
	}
	return out
}
