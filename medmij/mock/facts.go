package mock

import (
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// facts is what a record says at the places where a parameter looks. They are
// found out at the first search and kept: most searches ask the same.
type facts struct {
	tokens []fact
	spans  []span
	refs   []string
}

// fact is a code or a number with its system; a bare code has its system from
// the specification, not in the text.
type fact struct {
	system, code string
	bare         bool
}

// factsOf may work for two searches at once; both find the same.
func (p *param) factsOf(r *record) *facts {
	if known := r.facts[p.n].Load(); known != nil {
		return known
	}
	f := &facts{}
	switch p.kind {
	case date:
		f.spans = p.spans(r)
	case reference:
		for _, place := range p.places(r) {
			f.refs = append(f.refs, place.Str("reference"))
		}
	default:
		for _, place := range p.places(r) {
			f.tokens = appendFacts(f.tokens, place)
		}
	}
	r.facts[p.n].Store(f)
	return f
}

// appendFacts reads a code, Coding, CodeableConcept or Identifier.
func appendFacts(all []fact, n fhir.Node) []fact {
	if n.IsObject() && (n.Get("value").Exists() || n.Get("system").Exists()) {
		return append(all, fact{fhir.System(n.Str("system")), n.Str("value") + n.Str("code"), false})
	}
	for _, c := range n.Coded().Coding {
		all = append(all, fact{fhir.System(c.System), c.Code, !n.IsObject()})
	}
	return all
}

// value is one value of a search parameter, read once for all records. A token
// is "system|code", "system|" (any code), "|code" (no system) or "code" (any).
type value struct {
	text         string
	system, code string
	both         bool // a system is asked for, perhaps none
	compare      func(have, asked span) bool
	asked        span
}

// read understands the values of a parameter. What means nothing is an error,
// since ignoring it would give too much.
func (p *param) read(texts []string) ([]value, error) {
	var all []value
	for _, text := range texts {
		v := value{text: text}
		var system string
		if system, v.code, v.both = strings.Cut(text, "|"); v.both {
			v.system = fhir.System(system)
		} else {
			v.code = text
		}
		if p.kind == date {
			op, asked := dateOperand(text)
			if dateOps[op] == nil || asked.IsZero() {
				return nil, fmt.Errorf("%w: not a date with a known prefix", errSearch)
			}
			v.compare, v.asked = dateOps[op], span{asked.Low(), asked.High()}
		}
		all = append(all, v)
	}
	return all, nil
}

// matches tells whether one of the values (OR) holds for the resource.
func (p *param) matches(r *record, values []value) bool {
	f := p.factsOf(r)
	for i := range values {
		if values[i].matches(p.kind, f) {
			return true
		}
	}
	return false
}

func (v *value) matches(kind paramKind, f *facts) bool {
	switch kind {
	case date:
		for _, s := range f.spans {
			if v.compare(s, v.asked) {
				return true
			}
		}
	case reference: // "Type/id" and "id", whatever comes before it in the resource
		for _, given := range f.refs {
			if given == v.text || strings.HasSuffix(given, "/"+v.text) {
				return true
			}
		}
	default:
		for i := range f.tokens {
			if v.isToken(&f.tokens[i]) {
				return true
			}
		}
	}
	return false
}

func (v *value) isToken(f *fact) bool {
	if f.bare && v.code == f.code {
		return true
	}
	if v.both && f.system != v.system {
		return false
	}
	return v.code == f.code || (v.code == "" && v.both)
}
