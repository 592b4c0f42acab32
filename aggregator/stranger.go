package aggregator

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Stranger is a source with records that wait, because their Patient differs
// from the person (merge.md S15). Nothing of it is in the overview.
type Stranger struct {
	Source  string     `json:"source"`
	Said    []Identity `json:"said"`    // whom the records are about according to the source; empty when it did not say
	Known   Identity   `json:"known"`   // the person, as the vault knows them
	Records int        `json:"records"` // how many wait
	Denied  bool       `json:"denied"`  // the person said: this is not me
}

// Identity is whom a record is about, as far as it is compared; never a BSN.
type Identity struct {
	Name      string `json:"name"`
	BirthDate string `json:"birthDate"`
	Gender    string `json:"gender"` // male, female, or empty
}

func identityOf(n fhir.Node) Identity {
	return Identity{n.Names("name"), n.Str("birthDate"), knownGender(n)}
}

// strangersTold gathers by source what waits.
func (m *merger) strangersTold() []Stranger {
	bySource := map[string]*Stranger{}
	denied := map[string]bool{}
	for _, e := range m.strange {
		s := bySource[e.provider()]
		if s == nil {
			s = &Stranger{Source: e.provider(), Said: []Identity{}}
			if m.person != nil {
				s.Known = identityOf(m.person.node())
			}
			bySource[s.Source], denied[s.Source] = s, true
		}
		if e.Type != "Patient" {
			s.Records++
			continue
		}
		if who := identityOf(e.node()); !slices.Contains(s.Said, who) {
			s.Said = append(s.Said, who)
		}
		denied[s.Source] = denied[s.Source] && m.wordOn(e) == OpDeny
	}
	var out []Stranger
	for source, s := range bySource {
		s.Denied = denied[source] && len(s.Said) > 0
		slices.SortFunc(s.Said, func(a, b Identity) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.BirthDate, b.BirthDate), strings.Compare(a.Gender, b.Gender))
		})
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Stranger) int { return strings.Compare(a.Source, b.Source) })
	return out
}

// wordOn is what the person said last of a Patient, as it is now: OpAccept,
// OpDeny, or nothing.
func (m *merger) wordOn(e *entry) Op {
	var last Op
	for _, r := range m.rulings {
		if r.Op != OpAccept && r.Op != OpDeny || r.state == StateUndone {
			continue
		}
		for _, ref := range r.A {
			if ref.Provider == e.provider() && !ref.Hash.IsZero() && ref.Hash == m.lastingHash(e) {
				last = r.Op
			}
		}
	}
	return last
}

// Deny says that the Patients of a source who differ from the person are
// somebody else. What waits in quarantine stays there, and asks no more.
func (d *Decider) Deny(source string) (Decision, error) { return d.identity(OpDeny, source) }

// identity is a decision about the Patients of a source that wait.
func (d *Decider) identity(op Op, source string) (Decision, error) {
	out := d.decision(op)
	for _, e := range d.m.strange {
		if e.provider() == source && e.Type == "Patient" {
			out.A = append(out.A, d.m.refTo(e, "person"))
		}
	}
	if len(out.A) == 0 {
		return Decision{}, ErrNoStranger
	}
	return out, nil
}
