package aggregator

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Wait is when the person wants to see a result (product.md 6.9).
type Wait string

// The moments at which a result opens, from early to late.
const (
	WaitNot   Wait = "now"
	WaitDays  Wait = "days"  // Days after it was issued
	WaitUntil Wait = "until" // after Until, an appointment for example
	WaitAsk   Wait = "ask"   // when the person chooses to; the default
	WaitNever Wait = "never"
)

// The kinds of results that a rule can name.
const (
	KindLab       = "lab"
	KindPathology = "pathology"
	KindImaging   = "imaging"
	KindDNA       = "dna"
	KindReport    = "report" // any other report of an examination
	KindLetter    = "letter" // only when a rule names it
)

// GateRule is when results open: those of a kind, of a source, of both, all of
// them, or the one item that Records names. Among rules that are equally
// precise the strictest counts; one for an item goes before all others.
type GateRule struct {
	Kind    string
	Source  string
	Records []StableRef // of one item
	Wait    Wait
	Days    int       // for WaitDays, 0..3650
	Until   fhir.Date // for WaitUntil: from the end of it
	At      time.Time // when the person said so
	Off     bool      // the rule counts no more
}

const gateKind = "gate"

// Resource writes the rule as a FHIR R4 Basic of source self. A rule for the
// same results is a new version of the same resource.
func (g GateRule) Resource() (fhir.Resource, error) {
	exts := []any{extText("wait", string(g.Wait)), extText("at", moment(g.At))}
	for _, x := range [...][2]string{{"result", g.Kind}, {"source", g.Source}, {"until", g.Until.String()}} {
		if x[1] != "" {
			exts = append(exts, extText(x[0], x[1]))
		}
	}
	if g.Days > 0 {
		exts = append(exts, extText("days", strconv.Itoa(g.Days)))
	}
	if g.Off {
		exts = append(exts, extText("off", "true"))
	}
	for _, r := range g.Records {
		exts = append(exts, r.extension("a"))
	}
	return ownBasic(gateKind+"-"+g.id(), gateKind, g.At, exts)
}

func (g GateRule) id() string {
	parts := []string{g.Kind, g.Source}
	for _, r := range g.Records {
		parts = append(parts, r.Provider+"|"+firstNonEmpty(r.Ident, r.ID))
	}
	slices.Sort(parts[2:])
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:10])
}

func readGateRule(e *entry) GateRule {
	n := e.node()
	g := GateRule{
		Kind: extOf(n, "result"), Source: extOf(n, "source"), Wait: Wait(extOf(n, "wait")),
		Until: fhir.ParseDate(extOf(n, "until")), At: fhir.ParseDate(extOf(n, "at")).Low(), Off: extOf(n, "off") == "true",
	}
	g.Days, _ = strconv.Atoi(extOf(n, "days"))
	for _, x := range n.Exts(Namespace + "a") {
		g.Records = append(g.Records, readRef(x))
	}
	return g
}

// IsGateRule tells whether the record is a rule of the person about when they
// want to see results.
func IsGateRule(r fhir.Record) bool {
	return r.Origin.IsSelf() && r.Type == "Basic" && strings.HasPrefix(r.ID, gateKind+"-")
}

// Gates are the rules of the person about when they want to see results,
// oldest first.
func (o *Overview) Gates() []GateRule { return slices.Clone(o.gates) }

// gates reads the rules of the person, oldest first.
func gates(entries []*entry) []GateRule {
	var all []GateRule
	for _, e := range entries {
		if isOwnBasic(e, gateKind) {
			if g := readGateRule(e); !g.Off {
				all = append(all, g)
			}
		}
	}
	slices.SortFunc(all, func(a, b GateRule) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.id(), b.id())) })
	return all
}

// opening is the moment at which something opens; the zero opening is open.
type opening struct {
	rank int // 0 at a moment, 1 when the person chooses, 2 never
	at   time.Time
}

func (o opening) open(now time.Time) bool { return o.rank == 0 && !o.at.After(now) }

func later(a, b opening) opening {
	if a.rank > b.rank || a.rank == b.rank && a.at.After(b.at) {
		return a
	}
	return b
}

// opens is when the rule opens a result that was issued then. A rule with a
// word that nobody knows keeps it closed: a newer program wrote it.
func (g GateRule) opens(issued time.Time) opening {
	switch g.Wait {
	case WaitNot:
		return opening{}
	case WaitDays:
		return opening{at: issued.AddDate(0, 0, g.Days)}
	case WaitUntil:
		return opening{at: g.Until.High()}
	case WaitNever:
		return opening{rank: 2}
	}
	return opening{rank: 1}
}

// gateFacts are what the gate needs to know of an item.
type gateFacts struct {
	records []gateRecord
	rule    *GateRule // of this item alone
	secret  bool      // a source labelled it as restricted
}

// gateRecord is one record of an item that the gate is about.
type gateRecord struct {
	kind, source string
	issued       time.Time
	covered      bool // not old when it first came
}

// gateAge is how old a result may be, when it is first collected, to be kept
// closed; older ones are open (product.md 6.9).
const gateAge = 30 * 24 * time.Hour

// gateOf reads the facts of a line.
func (m *merger) gateOf(l *line) gateFacts {
	var f gateFacts
	for _, e := range l.members {
		g := e.gateFacts()
		f.secret = f.secret || g.secret
		if g.record.kind != "" {
			f.records = append(f.records, g.record)
		}
	}
	f.rule = m.itemRule(l)
	return f
}

// gateEntry is what the gate needs to know of one entry; a record without a
// kind is not about the gate.
type gateEntry struct {
	record gateRecord
	secret bool
}

// gateFacts reads it once.
func (e *entry) gateFacts() *gateEntry {
	f := e.facts()
	if f.gate == nil {
		f.gate = &gateEntry{secret: isRestricted(e)}
		if kind := resultKind(e); kind != "" && !e.Origin.IsSelf() {
			f.gate.record = gateRecordOf(e, kind)
		}
	}
	return f.gate
}

func gateRecordOf(e *entry, kind string) gateRecord {
	first := e.Fetched
	for _, old := range e.older {
		if old.Fetched.Before(first) {
			first = old.Fetched
		}
	}
	r := gateRecord{kind: kind, source: e.Origin.Source, issued: first}
	when := plainWhen(e.node())
	if d := firstDate(e.node().Date("issued"), e.node().Date("indexed")); !d.IsZero() {
		r.issued, when = d.Low(), firstDate(when, d)
	}
	r.covered = when.IsZero() || first.Sub(when.High()) <= gateAge
	return r
}

// isRestricted tells whether a label of the source asks for care: restricted
// or very restricted.
func isRestricted(e *entry) bool {
	for _, c := range e.node().Codeds("securityLabel") {
		if code := c.Code(""); code == "R" || code == "V" {
			return true
		}
	}
	return slices.ContainsFunc(e.node().Get("meta").All("security"), func(n fhir.Node) bool {
		return n.Str("code") == "R" || n.Str("code") == "V"
	})
}

// itemRule is the last rule about just this item. One that opens it counts
// only while the item has no record that the person did not know of.
func (m *merger) itemRule(l *line) *GateRule {
	for i := len(m.gates) - 1; i >= 0; i-- {
		g := &m.gates[i]
		if len(g.Records) == 0 {
			continue
		}
		known := m.findAll(g.Records)
		touches := slices.ContainsFunc(l.members, func(e *entry) bool { return slices.Contains(known, e) })
		covers := !slices.ContainsFunc(l.members, func(e *entry) bool { return !slices.Contains(known, e) })
		if touches && (covers || g.Wait != WaitNot) {
			return g
		}
	}
	return nil
}

// resultKind is the kind of result a record is; empty for all else.
func resultKind(e *entry) string {
	switch e.Type {
	case "ImagingStudy", "Media":
		return KindImaging
	case "DocumentReference", "DocumentManifest":
		return KindLetter
	case "DiagnosticReport":
		return firstNonEmpty(sectionKind(e), KindReport)
	case "Observation":
		if isVital(e) {
			return ""
		}
		if kind := sectionKind(e); kind != "" || isLab(e) {
			return firstNonEmpty(kind, KindLab)
		}
	}
	return ""
}

// sectionKind reads the diagnostic service section (HL7 v2 table 0074).
func sectionKind(e *entry) string {
	for _, c := range e.node().Codeds("category") {
		for _, coding := range c.Coding {
			switch coding.Code {
			case "GE":
				return KindDNA
			case "PAT", "SP", "CP", "PF":
				return KindPathology
			case "RAD", "RX", "CT", "NMR", "NMS", "RUS", "OUS", "CUS", "VUS", "MR", "imaging":
				return KindImaging
			case "LAB", "CH", "HM", "MB", "IMM", "BLB":
				return KindLab
			}
		}
	}
	return ""
}
