package store

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// What a source gave is kept per query as a set of resources, beside the
// receipt. A set that is the same as the one before is not written again, so a
// collection in which nothing changed writes its receipt and nothing else.

// look is one answer of a query.
type look struct {
	moment   int64
	complete bool // it was whole: what is not in it, the source did not give
}

// era is a row of looks that saw the same.
type era struct {
	set   uint64
	looks []look
}

// sighting is what one Put saw with one query.
type sighting struct {
	query    string
	complete bool
	set      uint64 // number of the set, when it was written
	ordinals *ordinals
}

func setName(service string, number uint64) seal.Name {
	return seal.Name{Kind: seal.Index, Parts: []string{wordSeen, service, seal.Number(number)}}
}

// encodeSightings is what is kept beside a receipt; the layout is final.
func encodeSightings(moment int64, all []sighting) []byte {
	b := binary.AppendVarint(nil, moment)
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, s := range all {
		b = append(appendText(b, s.query), flag(s.complete))
		b = binary.AppendUvarint(b, s.set)
	}
	return b
}

// noteSeen takes up what one receipt says was seen. Receipts of schema 1 say
// nothing of it.
func (h *holding) noteSeen(meta []byte) bool {
	if len(meta) == 0 {
		return true
	}
	moment, all, ok := parseSightings(meta)
	for _, s := range all {
		if _, there := h.sets[s.set]; !there {
			return false
		}
		h.look(s, moment)
	}
	return ok
}

func parseSightings(meta []byte) (moment int64, all []sighting, ok bool) {
	w := wire{b: meta}
	moment = w.moment()
	n := w.number(uint64(len(meta)))
	for range n {
		if w.bad {
			break
		}
		all = append(all, sighting{query: w.text(), complete: w.flag(), set: w.number(1 << 62)})
	}
	return moment, all, !w.bad && len(w.b) == 0
}

func (h *holding) look(s sighting, moment int64) {
	h.latest, h.looked = max(h.latest, moment), append(h.looked, moment)
	eras := h.looks[s.query]
	if last := len(eras) - 1; last < 0 || eras[last].set != s.set {
		eras = append(eras, era{set: s.set})
	}
	last := &eras[len(eras)-1]
	last.looks = append(last.looks, look{moment, s.complete})
	h.looks[s.query] = eras
}

// seen tells when a resource was last given, and since when it no longer is, as
// known at a moment. It is not gone as long as one query that ever gave it was
// not asked again, or not answered in full.
func (h *holding) seen(r *held, until int64) (last, gone int64) {
	present := false
	for _, v := range r.versions {
		if _, asked := h.looks[v.at.query]; v.fetched <= until {
			last, present = max(last, v.fetched), present || !asked
		}
	}
	for query, eras := range h.looks {
		saw := h.sawWith(query, r, until)
		if saw == 0 {
			continue
		}
		since := missedSince(eras, saw, until)
		last, gone, present = max(last, saw), max(gone, since), present || since == 0
	}
	if present {
		gone = 0
	}
	return last, gone
}

// sawWith is when a query last gave a resource; 0 when it never did.
func (h *holding) sawWith(query string, r *held, until int64) (saw int64) {
	for _, v := range r.versions {
		if v.at.query == query && v.fetched <= until {
			saw = max(saw, v.fetched)
		}
	}
	for _, e := range slices.Backward(h.looks[query]) {
		if set := h.sets[e.set]; set == nil || !set.has(r.ordinal) {
			continue
		}
		for _, l := range slices.Backward(e.looks) {
			if l.moment <= until {
				return max(saw, l.moment)
			}
		}
	}
	return saw
}

// missedSince is the first complete look after a moment; 0 when there is none.
func missedSince(eras []era, after, until int64) int64 {
	for _, e := range eras {
		if e.looks[len(e.looks)-1].moment <= after {
			continue
		}
		for _, l := range e.looks {
			if l.complete && l.moment > after && l.moment <= until {
				return l.moment
			}
		}
	}
	return 0
}

// readSets reads the sets of an origin that were not read before.
func (s *Store) readSets(idx *index, o fhir.Origin) error {
	idx.mu.RLock()
	h := idx.origins[o]
	if h == nil {
		idx.mu.RUnlock()
		return nil
	}
	var missing []uint64
	for number, set := range h.sets {
		if set == nil {
			missing = append(missing, number)
		}
	}
	most := h.ordinals
	idx.mu.RUnlock()
	if len(missing) == 0 {
		return nil
	}
	found := map[uint64]*ordinals{}
	err := s.view(func(tx *seal.Tx) error {
		for _, number := range missing {
			e, there, err := tx.Get(seal.ListOf(o.Source), setName(o.Service, number))
			if err != nil {
				return err
			}
			set, ok := parseOrdinals(e.Body, most)
			if !there || !ok {
				return &DamagedError{Where: "record"}
			}
			found[number] = set
		}
		return nil
	})
	if err != nil {
		return err
	}
	idx.mu.Lock()
	defer idx.mu.Unlock()
	maps.Copy(h.sets, found)
	return nil
}

// chooseSets gives every sighting its set: the one before it when that is the
// same, else a new number.
func (idx *index) chooseSets(h *holding, all []sighting) {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	next := h.lastSet
	for i := range all {
		s := &all[i]
		if eras := h.looks[s.query]; len(eras) > 0 {
			if last := eras[len(eras)-1].set; h.sets[last].equal(s.ordinals) {
				s.set = last
				continue
			}
		}
		next++
		s.set = next
	}
}

// addSets writes those that are new.
func addSets(tx *seal.Tx, o fhir.Origin, h *holding, all []sighting) error {
	for _, s := range all {
		if s.set <= h.lastSet {
			continue
		}
		err := tx.Add(seal.ListOf(o.Source), seal.Entry{Name: setName(o.Service, s.set), Body: s.ordinals.encode()})
		if err != nil {
			return err
		}
	}
	return nil
}

// takeSeen takes up what addSets wrote, after its commit.
func (h *holding) takeSeen(moment int64, all []sighting) {
	for _, s := range all {
		h.lastSet = max(h.lastSet, s.set)
		h.sets[s.set] = s.ordinals
		h.look(s, moment)
	}
}
