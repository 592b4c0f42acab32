package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Level is how much Verify looks at.
type Level uint8

const (
	// Quick checks the first pages and the size, opens every record, and
	// compares counts, set hashes and the chain of the log.
	Quick Level = iota
	// Deep also checks every page of the file, and that every resource reads
	// back as what was stored.
	Deep
)

// Report counts what Verify saw.
type Report struct {
	Level        Level
	Commit       uint64 // number of the last transaction
	Compartments int    // sources and internal ones
	Records      int    // versions of resources
	Unread       int    // of those, kept with a flaw (Deep only)
	Receipts     int
	Documents    int
	LogEntries   int
	Waiting      int             // pages in the inbox
	Damage       []*DamagedError // empty when all is well
}

// Verify checks the store and gives what it saw; the error is the first damage,
// or what kept it from checking. It changes nothing. Writers wait while it
// checks the file itself.
func (s *Store) Verify(ctx context.Context, level Level) (Report, error) {
	r := Report{Level: level}
	if err := s.checkFile(&r); err != nil {
		return r, fmt.Errorf("verify: %w", err)
	}
	damage, err := s.scan(false, func(_ string, e seal.Entry) { r.count(e) })
	if err != nil && !r.take(err) {
		return r, fmt.Errorf("verify: %w", err)
	}
	r.Damage = append(r.Damage, damage...)
	if err := s.checkInbox(&r); err != nil {
		return r, fmt.Errorf("verify: %w", err)
	}
	for _, err := range s.lines(ctx) {
		if err != nil && !r.take(err) {
			return r, fmt.Errorf("verify: %w", err)
		}
	}
	if level == Deep {
		if err := s.verifyContent(ctx, &r); err != nil {
			return r, fmt.Errorf("verify: %w", err)
		}
	}
	if len(r.Damage) > 0 {
		return r, fmt.Errorf("verify: %w", r.Damage[0])
	}
	return r, nil
}

// take puts damage on the report; other errors are not its business.
func (r *Report) take(err error) bool {
	var damaged *DamagedError
	if !errors.As(err, &damaged) {
		return false
	}
	r.Damage = append(r.Damage, damaged)
	return true
}

// checkFile reads past bbolt, so writers must wait.
func (s *Store) checkFile(r *Report) error {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return ErrClosed
	}
	head := s.vault.Head()
	r.Commit, r.Compartments = head.Commit, len(head.Compartments)
	file, ok := s.kv.(checker)
	if !ok {
		return nil
	}
	err := s.vault.Pause(func() error { return file.Check(r.Level == Deep) })
	if err != nil && !r.take(err) {
		return err
	}
	return nil
}

// checkInbox finds what [Store.Receive] would put right: a fault here keeps
// nobody from writing.
func (s *Store) checkInbox(r *Report) error {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.closed {
		return ErrClosed
	}
	waiting, damage, err := s.vault.ScanInbox()
	r.Waiting, r.Damage = waiting, append(r.Damage, damage...)
	if err != nil && !r.take(err) {
		return err
	}
	return nil
}

func (r *Report) count(e seal.Entry) {
	switch e.Name.Kind {
	case seal.Resource:
		r.Records++
	case seal.Many:
		w := wire{b: e.Meta}
		r.Records += len(w.chunk("", false).items)
	case seal.Receipt:
		r.Receipts++
	case seal.Token, seal.Setting:
		if !e.Gone {
			r.Documents++
		}
	case seal.Log:
		r.LogEntries++
	}
}

// verifyContent reads every resource the way a caller would.
func (s *Store) verifyContent(ctx context.Context, r *Report) error {
	idx, err := s.ready()
	if err != nil {
		if r.take(err) {
			return nil
		}
		return err
	}
	before := len(idx.damage)
	var damaged error
	for record, err := range s.Records(ctx) {
		switch {
		case errors.Is(err, ErrDamaged):
			damaged = err // the index has the rest of it, but for what is read beside the records
		case err != nil:
			return err
		case record.Flaw != "":
			r.Unread++
		}
	}
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	if len(r.Damage) == 0 {
		r.Damage = append(r.Damage, idx.damage[min(before, len(idx.damage)):]...)
	}
	if len(r.Damage) == 0 && damaged != nil {
		r.take(damaged)
	}
	return nil
}
