package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

func receiptName(o fhir.Origin, number int) seal.Name {
	// #nosec G115 -- counted up from 1
	return seal.Name{Kind: seal.Receipt, Parts: []string{o.Source, o.Service, seal.Number(uint64(number))}}
}

// keepReceipt does not look at the caller's context: a Put that was stopped has
// a receipt too, or nobody would know that it is not complete.
func (p *intake) keepReceipt() error {
	if err := p.storeReceipt(); err != nil {
		return fmt.Errorf("store the receipt: %w", err)
	}
	return nil
}

func (p *intake) storeReceipt() error {
	body, err := json.Marshal(p.receipt)
	if err != nil {
		return err
	}
	s, o := p.s, p.receipt.Origin
	s.write.Lock()
	defer s.write.Unlock()
	if !p.idx.still(o, p.holding) {
		return ErrForgotten
	}
	if err := errors.Join(p.idx.firstDamage(), s.readSets(p.idx, o)); err != nil {
		return err
	}
	seen, number := p.sightings(), p.holding.receipts+1
	p.idx.chooseSets(p.holding, seen)
	err = s.update(func(tx *seal.Tx) error {
		if err := addSets(tx, o, p.holding, seen); err != nil {
			return err
		}
		e := seal.Entry{Name: receiptName(o, number), Body: body}
		if len(seen) > 0 {
			e.Meta = encodeSightings(p.began, seen)
		}
		if err := tx.Add(seal.Receipts, e); err != nil {
			return err
		}
		return p.also(tx)
	})
	if err != nil {
		return err
	}
	p.idx.mu.Lock()
	defer p.idx.mu.Unlock()
	p.holding.receipts = number
	p.holding.takeSeen(p.began, seen)
	return nil
}

// Receipts gives the newest receipt of every origin, sorted by source and service.
func (s *Store) Receipts(ctx context.Context) ([]fhir.Receipt, error) {
	idx, err := s.ready()
	if err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	var names []seal.Name
	idx.mu.RLock()
	for _, o := range slices.SortedFunc(maps.Keys(idx.origins), compareOrigins) {
		if last := idx.origins[o].receipts; last > 0 {
			names = append(names, receiptName(o, last))
		}
	}
	idx.mu.RUnlock()
	return s.readReceipts(ctx, names)
}

// ReceiptHistory gives every receipt of one origin, oldest first.
func (s *Store) ReceiptHistory(ctx context.Context, origin fhir.Origin) ([]fhir.Receipt, error) {
	idx, err := s.ready()
	if err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	var names []seal.Name
	for number := range idx.receiptsOf(origin) {
		names = append(names, receiptName(origin, number+1))
	}
	return s.readReceipts(ctx, names)
}

func (idx *index) receiptsOf(o fhir.Origin) int {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	if h := idx.origins[o]; h != nil {
		return h.receipts
	}
	return 0
}

func (s *Store) readReceipts(ctx context.Context, names []seal.Name) ([]fhir.Receipt, error) {
	var all []fhir.Receipt
	for some := range slices.Chunk(names, readAtOnce) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read receipts: %w", err)
		}
		err := s.view(func(tx *seal.Tx) error {
			for _, name := range some {
				var r fhir.Receipt
				e, found, err := tx.Get(seal.Receipts, name)
				if err != nil {
					return err
				}
				if !found || json.Unmarshal(e.Body, &r) != nil {
					return &DamagedError{Where: "record"}
				}
				all = append(all, r)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read receipts: %w", err)
		}
	}
	return all, nil
}
