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
	stale    map[recordKey]bool // to be looked at again
	sorted   []*entry           // of the versions that speak, by key
	books    [2]keptBook        // of all entries, and of those that may become items
}

// keptBook is the book of entries, and of the person, as it was last made.
type keptBook struct {
	entries []*entry
	person  *entry
	book    *book
}

// Read reads records to the end and fails only when they do.
func Read(records iter.Seq2[fhir.Record, error]) (*Statements, error) {
	s := &Statements{versions: map[recordKey][]fhir.Record{}, stale: map[recordKey]bool{}}
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
	s.stale[k] = true
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
			s.stale[k] = true
		}
	}
}

// speaking gives the entries of all resources, sorted by key, whatever the
// order in which the records came. Only those that changed are read.
func (s *Statements) speaking() []*entry {
	if len(s.stale) > 0 {
		// The list is made anew: whoever has the old one may keep it.
		kept := make([]*entry, 0, len(s.versions))
		for _, e := range s.sorted {
			if !s.stale[recordKey{e.Origin, e.Ref}] {
				kept = append(kept, e)
			}
		}
		s.sorted = append(kept, s.readStale()...)
		slices.SortFunc(s.sorted, compareEntries)
		clear(s.stale)
	}
	return slices.Clone(s.sorted)
}

// readStale reads what changed on all processors: no entry needs another to be
// read, and they are put in order afterwards.
func (s *Statements) readStale() []*entry {
	var todo [][]fhir.Record
	for k := range s.stale {
		if versions := s.versions[k]; len(versions) > 0 {
			todo = append(todo, versions)
		}
	}
	read := make([][]*entry, len(todo))
	table := subjects()
	inParallel(len(todo), func(i int) {
		read[i] = speaking(todo[i])
		for _, e := range read[i] {
			e.readAll(table)
		}
	})
	return slices.Concat(read...)
}

// readAll reads what every merge looks at.
func (e *entry) readAll(table []subject) {
	e.facts()
	if e.Origin.IsSelf() && e.Type == "Consent" { // no line is made of it, and it may name all records of a life
		e.root, e.lean = fhir.Node{}, true
		return
	}
	if e.Flaw != "" || e.Deleted {
		return
	}
	e.content()
	e.gateFacts()
	switch e.subjectIn(table) {
	case "medication":
		e.medication()
	case "lab", "vital":
		e.observation()
	}
	statementIDs(e)
	e.readAnswer()
	e.slim()
}

// bookFor gives the book of the entries and the person, which is made anew only
// when one of them is another than last time.
func (s *Statements) bookFor(which int, entries []*entry, person *entry) *book {
	k := &s.books[which]
	if k.book == nil || k.person != person || !slices.Equal(k.entries, entries) {
		*k = keptBook{slices.Clone(entries), person, newBook(entries)}
		if person != nil {
			k.book.add(person)
		}
	}
	return k.book
}
