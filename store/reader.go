package store

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// content is what is stored beside a name.
type content struct {
	body    []byte
	version fhir.Version
	masked  int
	fullURL string
	trace   string
	gone    bool
}

// readSome reads the content of some versions, each chunk once. What is damaged
// is nil and put on the index.
func (s *Store) readSome(idx *index, some []stored) ([]*content, error) {
	all := make([]*content, len(some))
	order := make([]int, len(some))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareSpots(some[a], some[b]) })
	err := s.view(func(tx *seal.Tx) error {
		var r reader
		for _, i := range order {
			c, err := r.read(tx, some[i])
			var damaged *DamagedError
			if errors.As(err, &damaged) {
				idx.hurt(damaged)
				continue
			}
			if err != nil {
				return err
			}
			all[i] = &c
		}
		return nil
	})
	return all, err
}

// compareSpots puts together what is in one chunk.
func compareSpots(a, b stored) int {
	if c := compareOrigins(a.key.Origin, b.key.Origin); c != 0 {
		return c
	}
	return int(a.at.chunk) - int(b.at.chunk) // #nosec G115 -- counted up from 1
}

// reader keeps the chunk it read last.
type reader struct {
	origin fhir.Origin
	chunk  packedChunk
	err    error
	number uint64
}

func (r *reader) read(tx *seal.Tx, w stored) (content, error) {
	if w.at.chunk == 0 {
		return readAlone(tx, w)
	}
	if r.number != w.at.chunk || r.origin != w.key.Origin {
		r.origin, r.number = w.key.Origin, w.at.chunk
		r.chunk, r.err = readChunk(tx, w.key.Origin, w.at.chunk)
	}
	if r.err != nil {
		return content{}, r.err
	}
	if w.pos >= len(r.chunk.items) {
		return content{}, &DamagedError{Where: "record"}
	}
	it := r.chunk.items[w.pos]
	if it.ref != w.key.Ref || it.number != w.number || it.gone != w.gone || r.chunk.fetched != w.fetched {
		return content{}, &DamagedError{Where: "record"}
	}
	return content{r.chunk.at(w.pos), it.version, it.masked, it.fullURL, r.chunk.trace, it.gone}, nil
}

// readAlone reads a record of its own, as schema 1 wrote them.
func readAlone(tx *seal.Tx, w stored) (content, error) {
	e, found, err := tx.Get(w.key.Source, resourceName(w.key, w.number))
	if err != nil {
		return content{}, err
	}
	var m recordMeta
	if !found || json.Unmarshal(e.Meta, &m) != nil {
		return content{}, &DamagedError{Where: "record"}
	}
	return content{e.Body, m.Version, m.Masked, m.FullURL, m.Trace, e.Gone}, nil
}

// readOne reads one version within a transaction.
func readOne(tx *seal.Tx, w stored) (fhir.Record, error) {
	var r reader
	c, err := r.read(tx, w)
	if err != nil {
		return fhir.Record{}, err
	}
	record, ok := w.record(c)
	if !ok {
		return fhir.Record{}, &DamagedError{Where: "record"}
	}
	return record, nil
}
