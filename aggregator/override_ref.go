package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// refTo makes the lasting name of a record.
func (m *merger) refTo(e *entry, subject string) StableRef {
	r := StableRef{Provider: e.provider(), Kind: subject, ID: localID(e), Hash: m.lastingHash(e), Facts: m.facts(e)}
	for _, id := range statementIDs(e) {
		// An identifier that names more records than this one cannot name it.
		if m.refs().unique(r.Provider, id.Key(), e) && (r.Ident == "" || id.Key() < r.Ident) {
			r.Ident = id.Key()
		}
	}
	return r
}

// lastingHash is what a decision knows a record by. Even the least that is said
// of a Patient tells one from another.
func (m *merger) lastingHash(e *entry) Hash {
	if e.Type == "Patient" {
		return e.content().own
	}
	return m.hashOf(e)
}

func localID(e *entry) string { return e.Origin.Service + "|" + e.Type + "|" + e.ID }

// refIndex finds records by their lasting names.
type refIndex struct {
	byIdent, byID, byProvider map[string][]*entry
	byHash                    map[string]map[Hash][]*entry // per provider, made when needed
	hashOf                    func(*entry) Hash
}

// refs makes the index once, and only when there is a decision to look at.
func (m *merger) refs() *refIndex {
	if m.refIndex != nil {
		return m.refIndex
	}
	x := &refIndex{map[string][]*entry{}, map[string][]*entry{}, map[string][]*entry{}, map[string]map[Hash][]*entry{}, m.lastingHash}
	for _, e := range m.entries {
		if supportRole(e.Type) != "" && e.Type != "Patient" {
			continue
		}
		p := e.provider()
		for _, id := range statementIDs(e) {
			x.byIdent[p+"|"+id.Key()] = append(x.byIdent[p+"|"+id.Key()], e)
		}
		x.byID[p+"|"+localID(e)] = append(x.byID[p+"|"+localID(e)], e)
		x.byProvider[p] = append(x.byProvider[p], e)
	}
	m.refIndex = x
	return x
}

// unique tells whether no other record of e's data service has the identifier.
func (x *refIndex) unique(provider, ident string, e *entry) bool {
	return !slices.ContainsFunc(x.byIdent[provider+"|"+ident], func(o *entry) bool {
		return o.Origin == e.Origin && o.ID != e.ID
	})
}

// find gives the records a name stands for now; none when they are gone.
func (x *refIndex) find(r StableRef) []*entry {
	if r.Ident != "" {
		return x.byIdent[r.Provider+"|"+r.Ident]
	}
	if found := x.byID[r.Provider+"|"+r.ID]; len(found) > 0 {
		return found
	}
	return x.withHash(r.Provider, r.Hash)
}

// withHash finds records by what they say; one that says too little is not
// found.
func (x *refIndex) withHash(provider string, hash Hash) []*entry {
	if hash.IsZero() {
		return nil
	}
	if x.byHash[provider] == nil {
		x.byHash[provider] = map[Hash][]*entry{}
		for _, e := range x.byProvider[provider] {
			h := x.hashOf(e)
			x.byHash[provider][h] = append(x.byHash[provider][h], e)
		}
	}
	return x.byHash[provider][hash]
}

// facts are what a decision about the record rests on.
func (m *merger) facts(e *entry) []Fact {
	n := e.node()
	status := Fact{Name: "status", Key: strings.Join(statusWords(e), ", ")}
	status.Words = status.Key
	facts := []Fact{status}
	add := func(name, key, words string) {
		if key != "" || words != "" {
			facts = append(facts, Fact{name, firstNonEmpty(key, fold(words)), words})
		}
	}
	switch {
	case strings.HasPrefix(e.Type, "Medication"):
		p, dose := m.productOf(e), dosageOf(e)
		add("product", p.strict(), p.name)
		add("dose", firstNonEmpty(dose.Key(), dose.TextKey()), dose.Words(m.Lang))
	case e.Type == "AllergyIntolerance":
		code := allergyOf(e).Code
		agent, _ := m.agentOf(code)
		add("agent", agent.Key, code.Display())
	case isObservation(e):
		f := foundBy(e)
		add("title", "", f.code.Display())
		add("value", f.valueText(), f.words(m.Lang))
	case e.Type == "Patient":
		hash := m.lastingHash(e)
		return []Fact{{Name: "person", Key: hash.String()}}
	default:
		add("title", "", plainTitle(n))
	}
	return facts
}

// statusWords are the codes of a record that tell whether it still stands.
func statusWords(e *entry) []string {
	n := e.node()
	words := []string{n.Str("status"), n.Str("taken")}
	for _, name := range [...]string{"clinicalStatus", "verificationStatus"} {
		c := n.Get(name).Coded()
		words = append(words, c.Code(""))
	}
	if said, ok := first(e.read()).(*clinical.Medication); ok {
		words = append(words, string(said.Stop))
	}
	return slices.DeleteFunc(words, func(s string) bool { return s == "" })
}

// differing gives what changed since the person decided: "dose: a -> b".
func differing(then, now []Fact) []Fact {
	var out []Fact
	for _, f := range now {
		at := slices.IndexFunc(then, func(o Fact) bool { return o.Name == f.Name })
		switch {
		case at < 0:
			out = append(out, Fact{Name: f.Name, Words: f.Words})
		case then[at].Key != f.Key:
			out = append(out, Fact{f.Name, then[at].Words, f.Words})
		}
	}
	return out
}
