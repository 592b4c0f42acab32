package desk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
)

// The ledger of what was shared is a document (store.Setting) per line. It is
// not in the log of the store, of which the lines of MedMij must go after 36
// months: what was ever shared with whom has no such end, and is not forgotten
// with its provider either.
const ledgerPrefix = "ledger/"

// lineName sorts as the numbers do.
func lineName(n uint64) string { return fmt.Sprintf("%s%020d", ledgerPrefix, n) }

// LogShare adds to the ledger. What leaves waits for it: an error means that
// nothing may leave. Each line is on the disk as a whole or not at all, and two
// at once come after each other. Number and Prev of the line need not be set,
// and At is now when it is zero.
func (d *Desk) LogShare(ctx context.Context, l share.Line) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	if l.At.IsZero() {
		l.At = d.Now()
	}
	d.sharing.Lock()
	defer d.sharing.Unlock()
	n, last, err := lastLine(ctx, s)
	if err != nil {
		return err
	}
	for _, part := range l.Split() {
		if last, err = part.After(last); err != nil {
			return fmt.Errorf("write the ledger: %w", err)
		}
		n++
		if err := s.Keep(ctx, store.Setting, lineName(n), last); err != nil {
			return fmt.Errorf("write the ledger: %w", err)
		}
	}
	return nil
}

// lastLine finds the last line by its number, without reading the others: it
// doubles until there is none, and halves back.
func lastLine(ctx context.Context, s *store.Store) (n uint64, raw []byte, err error) {
	over := uint64(1)
	for {
		there, err := s.Load(ctx, store.Setting, lineName(over))
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return 0, nil, fmt.Errorf("read the ledger: %w", err)
		}
		n, raw, over = over, there, over*2
	}
	for over-n > 1 {
		middle := n + (over-n)/2
		switch there, err := s.Load(ctx, store.Setting, lineName(middle)); {
		case errors.Is(err, store.ErrNotFound):
			over = middle
		case err != nil:
			return 0, nil, fmt.Errorf("read the ledger: %w", err)
		default:
			n, raw = middle, there
		}
	}
	return n, raw, nil
}

// Ledger is everything that was ever shared, oldest first. A *share.BrokenError
// says that a line is not as it was written; the lines before it are given too.
func (d *Desk) Ledger(ctx context.Context) (share.Ledger, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	d.sharing.Lock()
	defer d.sharing.Unlock()
	var lines [][]byte
	sum := sha256.New()
	for doc, err := range s.ListUnder(ctx, store.Setting, ledgerPrefix) {
		if err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		if doc.Name != ledgerPrefix {
			lines = append(lines, doc.Value)
			_, _ = fmt.Fprintf(sum, "%d ", len(doc.Value))
			_, _ = sum.Write(doc.Value)
		}
	}
	return d.readLedger(s, [sha256.Size]byte(sum.Sum(nil)), lines)
}

// ledgerKept is the ledger as it was last read, and of which bytes: a choice to
// share all results of a life is hundreds of lines, and pages ask for them again
// and again.
type ledgerKept struct {
	of  [sha256.Size]byte
	all share.Ledger
}

// readLedger reads and checks the lines, unless just these were read before.
func (d *Desk) readLedger(s *store.Store, of [sha256.Size]byte, lines [][]byte) (share.Ledger, error) {
	d.mu.Lock()
	kept := d.ledger
	d.mu.Unlock()
	if kept.all != nil && kept.of == of {
		return slices.Clone(kept.all), nil
	}
	all, err := share.ReadLedger(lines)
	if err != nil {
		return all, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vault == s {
		d.ledger = ledgerKept{of, all}
	}
	return slices.Clone(all), nil
}
