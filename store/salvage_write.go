package store

import (
	"cmp"
	"context"
	"maps"
	"os"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/bolt"
	"github.com/bundel-pgo/bundel/store/internal/keys"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// writeAtOnce is how many chunks or log entries one transaction of a salvage
// writes.
const writeAtOnce = 64

// writeTo makes a new store under another name first, so that a salvage that is
// cut off leaves nothing that looks whole.
func (w *wreck) writeTo(ctx context.Context, path string, h keys.Header, vaultKey []byte, cfg Config) error {
	if _, err := os.Lstat(path); err == nil {
		return ErrExists
	}
	cfg.State, cfg.Anchor = "", nil // those of the damaged store, which may still be opened
	draft := bolt.Draft(path)
	_ = os.Remove(draft)
	s, err := createFile(draft, h, slices.Clone(vaultKey), cfg)
	if err != nil {
		return err
	}
	err = w.write(ctx, s)
	if closed := s.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = bolt.Name(draft, path)
	}
	if err != nil {
		_ = os.Remove(draft)
	}
	return err
}

func (w *wreck) write(ctx context.Context, s *Store) error {
	for _, o := range w.origins() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(w.alone[o]) > 0 {
			w.renumber(o)
		}
		if err := w.writeOrigin(s, o); err != nil {
			return err
		}
	}
	err := s.vault.Update(func(tx *seal.Tx) error {
		for d, e := range w.documents {
			compartment, _, err := d.at()
			if err == nil {
				err = tx.Replace(compartment, e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(w.lines, writeAtOnce) {
		err := s.vault.Update(func(tx *seal.Tx) error {
			for _, line := range some {
				if err := tx.AppendLine(line.Time, line.Text); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *wreck) origins() []fhir.Origin {
	all := map[fhir.Origin]bool{}
	for o := range w.chunks {
		all[o] = true
	}
	for o := range w.alone {
		all[o] = true
	}
	for o := range w.receipts {
		all[o] = true
	}
	return slices.SortedFunc(maps.Keys(all), compareOrigins)
}

// renumber puts the records of schema 1 into chunks too. Their ordinals came
// from all of them together, of which some may be lost: every resource of the
// origin gets a new one, and what was seen, which is told by ordinals, is let go.
func (w *wreck) renumber(o fhir.Origin) {
	ordinals := map[fhir.Ref]uint32{}
	of := func(ref fhir.Ref) uint32 {
		if ordinals[ref] == 0 {
			ordinals[ref] = uint32(len(ordinals) + 1) // #nosec G115 -- a count in memory
		}
		return ordinals[ref]
	}
	last := uint64(0)
	for other, all := range w.chunks {
		for _, c := range all {
			if other.Source == o.Source {
				last = max(last, c.number)
			}
		}
	}
	for _, c := range w.chunks[o] {
		for i := range c.items {
			c.items[i].ordinal = of(c.items[i].ref)
		}
	}
	for i, one := range w.alone[o] {
		one.ordinal = of(one.ref)
		last++
		c := packChunks([]write{one}, w.alike[o][i])[0]
		c.number = last
		w.chunks[o] = append(w.chunks[o], c)
	}
	delete(w.seen, o)
}

func (w *wreck) writeOrigin(s *Store, o fhir.Origin) error {
	all := w.chunks[o]
	slices.SortFunc(all, func(a, b packedChunk) int { return cmp.Compare(a.number, b.number) })
	for some := range slices.Chunk(all, writeAtOnce) {
		err := s.vault.Update(func(tx *seal.Tx) error { return putChunks(tx, o.Source, some) })
		if err != nil {
			return err
		}
	}
	return s.vault.Update(func(tx *seal.Tx) error { return w.writeReceipts(tx, o) })
}

// writeReceipts numbers them without gaps. One that speaks of a set that is lost
// keeps its text and says nothing of what was seen.
func (w *wreck) writeReceipts(tx *seal.Tx, o fhir.Origin) error {
	for _, e := range w.seen[o] {
		if err := tx.Add(seal.ListOf(o.Source), e); err != nil {
			return err
		}
	}
	for i, number := range slices.Sorted(maps.Keys(w.receipts[o])) {
		e := w.receipts[o][number]
		_, all, _ := parseSightings(e.Meta)
		if slices.ContainsFunc(all, func(s sighting) bool { _, there := w.seen[o][s.set]; return !there }) {
			e.Meta = nil
		}
		e.Name = receiptName(o, i+1)
		if err := tx.Add(seal.Receipts, e); err != nil {
			return err
		}
	}
	return nil
}
