package store

import (
	"cmp"
	"context"
	"encoding/json"
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
func (s *Store) keepReceipt(r fhir.Receipt) error {
	idx, err := s.readyToWrite()
	if err != nil {
		return fmt.Errorf("store the receipt: %w", err)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("store the receipt: %w", err)
	}
	s.write.Lock()
	defer s.write.Unlock()
	idx.mu.RLock()
	number := idx.receipts[r.Origin] + 1
	idx.mu.RUnlock()
	err = s.update(func(tx *seal.Tx) error {
		return tx.Add(seal.Receipts, seal.Entry{Name: receiptName(r.Origin, number), Body: body})
	})
	if err != nil {
		return fmt.Errorf("store the receipt: %w", err)
	}
	idx.mu.Lock()
	defer idx.mu.Unlock()
	idx.receipts[r.Origin] = number
	return nil
}

// Receipts gives the newest receipt of every origin, sorted by source and service.
func (s *Store) Receipts(ctx context.Context) ([]fhir.Receipt, error) {
	idx, err := s.ready()
	if err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	idx.mu.RLock()
	last := maps.Clone(idx.receipts)
	idx.mu.RUnlock()
	origins := slices.SortedFunc(maps.Keys(last), func(a, b fhir.Origin) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Service, b.Service))
	})
	var names []seal.Name
	for _, o := range origins {
		names = append(names, receiptName(o, last[o]))
	}
	return s.readReceipts(ctx, names)
}

// ReceiptHistory gives every receipt of one origin, oldest first.
func (s *Store) ReceiptHistory(ctx context.Context, origin fhir.Origin) ([]fhir.Receipt, error) {
	idx, err := s.ready()
	if err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	idx.mu.RLock()
	last := idx.receipts[origin]
	idx.mu.RUnlock()
	var names []seal.Name
	for number := range last {
		names = append(names, receiptName(origin, number+1))
	}
	return s.readReceipts(ctx, names)
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
