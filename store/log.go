package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// LogEntry is one entry of the person's own log. It prints as "[log entry]".
type LogEntry struct {
	Number uint64 // from 1 without gaps; what ForgetLog dropped keeps its numbers
	Time   time.Time
	Entry  []byte // as given to Append
}

// Format prints "[log entry]" for every verb.
func (LogEntry) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, "[log entry]") }

// LogValue gives "[log entry]".
func (LogEntry) LogValue() slog.Value { return slog.StringValue("[log entry]") }

// Append adds an entry to the log, stamped with the time. Each entry is chained
// to the one before it with a key, and the head holds the end of the chain: none
// can be changed, taken out or added unseen. Error: ErrTooLarge above
// [MaxDocument].
func (s *Store) Append(ctx context.Context, entry []byte) error {
	if len(entry) > MaxDocument {
		return fmt.Errorf("append: %w", ErrTooLarge)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if _, err := s.readyToWrite(); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	err := s.update(func(tx *seal.Tx) error { return tx.AppendLine(s.cfg.Now(), entry) })
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

// Log gives the log, oldest first, and checks the chain on the way: an entry
// that was tampered with ends it with a *DamagedError.
func (s *Store) Log(ctx context.Context) iter.Seq2[LogEntry, error] {
	return func(yield func(LogEntry, error) bool) {
		for line, err := range s.lines(ctx) {
			if err != nil {
				yield(LogEntry{}, fmt.Errorf("read the log: %w", err))
				return
			}
			if !yield(LogEntry{line.Number, line.Time, line.Text}, nil) {
				return
			}
		}
	}
}

// lines reads some entries at a time and takes the chain along from one
// transaction to the next.
func (s *Store) lines(ctx context.Context) iter.Seq2[seal.Line, error] {
	return func(yield func(seal.Line, error) bool) {
		var last seal.Line
		for done := false; !done; {
			var some []seal.Line
			err := ctx.Err()
			if err == nil {
				err = s.view(func(tx *seal.Tx) (err error) {
					some, done, err = readLines(tx, last)
					return err
				})
			}
			for _, line := range some {
				if !yield(line, nil) {
					return
				}
				last = line
			}
			if err != nil {
				yield(seal.Line{}, err)
				return
			}
		}
	}
}

// readLines reads on from last and tells whether that was all; then the chain
// must end where the head says.
func readLines(tx *seal.Tx, last seal.Line) (some []seal.Line, done bool, err error) {
	if start := tx.LogStart(); last.Number < start.Number || last.Chain == nil {
		last = start
	}
	for len(some) < readAtOnce && last.Number < tx.Lines() {
		if last, err = tx.ReadLine(last.Number+1, last.Chain); err != nil {
			return some, false, err
		}
		some = append(some, last)
	}
	if last.Number < tx.Lines() {
		return some, false, nil
	}
	return some, true, tx.CheckTip(last)
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
