package aggregator

import (
	"iter"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// Statements holds what records say, read once, so that an overview at another
// moment, in another language or after a few more records does not read
// everything again. It is not safe for concurrent use. It holds health data in
// memory; let go of it when the store is closed.
type Statements struct {
	versions map[recordKey][]fhir.Record
	entries  map[recordKey][]*entry // of the versions that speak; absent when they must be looked at again
}

// Read reads records to the end and fails only when they do.
func Read(records iter.Seq2[fhir.Record, error]) (*Statements, error) {
	s := &Statements{versions: map[recordKey][]fhir.Record{}, entries: map[recordKey][]*entry{}}
	return s, s.Add(records)
}

// Add takes in more records, in any order. A version that is there already
// takes the place of the old one: what is known of when it was last seen may
// have changed.
func (s *Statements) Add(records iter.Seq2[fhir.Record, error]) error {
	for r, err := range records {
		if err != nil {
			return err
		}
		s.add(r)
	}
	return nil
}

func (s *Statements) add(r fhir.Record) {
	k := recordKey{r.Origin, r.Ref}
	delete(s.entries, k)
	all := s.versions[k]
	at := slices.IndexFunc(all, func(v fhir.Record) bool { return v.Number == r.Number })
	if at >= 0 {
		all[at] = r
		return
	}
	s.versions[k] = append(all, r)
}

// Forget takes out every record of a source.
func (s *Statements) Forget(source string) {
	for k := range s.versions {
		if k.origin.Source == source {
			delete(s.versions, k)
			delete(s.entries, k)
		}
	}
}

// speaking gives the entries of all resources, sorted by key, whatever the
// order in which the records came.
func (s *Statements) speaking() []*entry {
	all := make([]*entry, 0, len(s.versions))
	for k, versions := range s.versions {
		known, ok := s.entries[k]
		if !ok {
			known = speaking(versions)
			s.entries[k] = known
		}
		all = append(all, known...)
	}
	slices.SortFunc(all, compareEntries)
	return all
}
