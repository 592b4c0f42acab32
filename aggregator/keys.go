package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

const (
	rfc3986   = "urn:ietf:rfc:3986"
	bsnSystem = "http://fhir.nl/fhir/NamingSystem/bsn"
)

// statementIDs gives the identifiers that name the statement itself
// (merge.md 1.2 rules 3 to 5): not those of orders, messages, treatments or
// people.
func statementIDs(e *entry) []fhir.Ident {
	f := e.facts()
	if !f.idsRead {
		treatment := treatmentOf(e)
		for _, id := range f.idents {
			if id = scoped(e, id); namesStatement(id) && (treatment == "" || id.Key() != treatment) {
				f.ids, f.idKeys = append(f.ids, id), append(f.idKeys, id.Key())
			}
		}
		f.idsRead = true
	}
	return slices.Clip(f.ids)
}

func namesStatement(id fhir.Ident) bool {
	switch {
	case id.Use == "old" || id.Use == "secondary":
	case id.Type == "PLAC" || id.Type == "FILL" || id.Type == "ACSN":
	case id.System == bsnSystem:
	case len(id.Value) < 3:
	default:
		return true
	}
	return false
}

// scoped gives an identifier without a system the meaning it can have: an urn
// is known everywhere, anything else within its provider only.
func scoped(e *entry, id fhir.Ident) fhir.Ident {
	value := strings.ToLower(id.Value)
	switch {
	case id.System != "":
	case strings.HasPrefix(value, "urn:oid:") || strings.HasPrefix(value, "urn:uuid:"):
		id.System, id.Value = rfc3986, value
	default:
		id.System = "local:" + e.provider()
	}
	return id
}

// treatmentOf is the key of the pharmaceutical treatment that a building block
// belongs to: it names many blocks, so none of them. A converted hand-over has
// no other identifier (merge.md 1.3).
func treatmentOf(e *entry) string {
	if said, _ := e.read(); said != nil {
		if med, ok := said.(*clinical.Medication); ok && !med.Converted && !med.Treatment.IsZero() {
			return scoped(e, med.Treatment).Key()
		}
	}
	return ""
}

// addIdentifierKeys makes K1 keys of the identifiers, but for those a source
// uses for several records at once (merge.md 1.2 rule 6).
func addIdentifierKeys[T any](all []*statement[T], compatible func(a, b *statement[T]) bool) {
	shared := sharedKeys(all)
	for _, s := range all {
		keys := s.idKeys()
		degenerate := func(key string) bool {
			same := shared[key]
			return len(same) > 1 && isDegenerate(ofOrigin(same, s.Origin), compatible)
		}
		if slices.ContainsFunc(keys, degenerate) {
			s.reused = true
			keys = slices.DeleteFunc(slices.Clone(keys), degenerate)
		}
		s.keys[byIdentifier] = keys
	}
}

// idKeys are the keys of the identifiers.
func (s *statement[T]) idKeys() []string {
	if len(s.ids) == 0 {
		return nil
	}
	return slices.Clip(s.facts().idKeys)
}

// sharedKeys gives the statements of each identifier that several have.
func sharedKeys[T any](all []*statement[T]) map[string][]*statement[T] {
	first := make(map[string]*statement[T], len(all))
	shared := map[string][]*statement[T]{}
	for _, s := range all {
		for _, key := range s.idKeys() {
			switch other := first[key]; {
			case other == nil:
				first[key] = s
			case shared[key] == nil:
				shared[key] = []*statement[T]{other, s}
			default:
				shared[key] = append(shared[key], s)
			}
		}
	}
	return shared
}

func ofOrigin[T any](all []*statement[T], o fhir.Origin) []*statement[T] {
	var same []*statement[T]
	for _, s := range all {
		if s.Origin == o {
			same = append(same, s)
		}
	}
	return same
}

// isDegenerate: statements under one identifier, in order of key, that were
// given side by side and say different things.
func isDegenerate[T any](same []*statement[T], compatible func(a, b *statement[T]) bool) bool {
	for i, s := range same {
		for _, other := range [...]int{0, i - 1} {
			if other >= i || other < 0 || same[other].ID == s.ID {
				continue
			}
			o := same[other]
			if givenTogether(o.entry, s.entry) && (o.entry.hash != s.entry.hash || !compatible(o, s) || pointsElsewhere(o.entry, s.entry)) {
				return true
			}
		}
	}
	return false
}

// pointsElsewhere: two records that say the same of two different things, such
// as the births of twins, are two. A product is known by what it is.
func pointsElsewhere(a, b *entry) bool {
	targets := func(e *entry) (all []string) {
		for _, r := range e.content().refs {
			if supportRole(r.ref.Ref.Type) == "" && !isPeople(r.ref.Ref.Type) {
				all = append(all, r.path+"="+referenceText(r.ref))
			}
		}
		slices.Sort(all)
		return all
	}
	return !slices.Equal(targets(a), targets(b))
}

// addHashKeys makes the K4 keys: equal content at one provider.
func addHashKeys[T any](all []*statement[T]) {
	for _, s := range all {
		s.keys[byHash] = s.entry.hashKeys()
	}
}

// hashKey is the K4 key that goes with a hash.
type hashKey struct {
	hash Hash
	keys []string
}

// hashKeys keeps the key while the hash is the same.
func (e *entry) hashKeys() []string {
	f := e.facts()
	if h := e.hash; h != f.hashed.hash {
		f.hashed = hashKey{h, []string{e.provider() + "|" + string(h[:])}}
	}
	if e.hash.IsZero() {
		return nil
	}
	return f.hashed.keys
}
