package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/bundel-pgo/bundel/medmij"
)

// sealedLog is where the chain log goes: its lines name providers and dates, so
// they are sealed in the vault.
type sealedLog struct{ d *Desk }

// Write keeps one line of the chain log.
func (l sealedLog) Write(line []byte) (int, error) {
	s, err := l.d.Vault()
	if err != nil {
		return len(line), nil // locked meanwhile: what is under way is being stopped
	}
	if err := s.Append(context.Background(), bytes.TrimSuffix(line, []byte("\n"))); err != nil {
		return 0, err
	}
	return len(line), nil
}

// pruneLog destroys the lines of the log that may be kept no longer: 36 months
// (medmij-protocol.md 5.1). Records stay, and the rest can be proved as before.
func (d *Desk) pruneLog(ctx context.Context) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	if _, err := s.ForgetLog(ctx, medmij.ChainLogSince(d.Now())); err != nil {
		return fmt.Errorf("drop old lines of the log: %w", err)
	}
	return nil
}

// WriteChainLog writes the chain log as lines of JSON, oldest first, as far as
// it may be kept: 36 months (medmij-protocol.md 5.1). What is older is counted
// in old and given to nobody; the next collection destroys it ([Desk.Collect]).
//
// The log is checked on the way: an error means that what was written so far is
// not all of it.
func (d *Desk) WriteChainLog(ctx context.Context, w io.Writer) (written, old int, err error) {
	s, err := d.Vault()
	if err != nil {
		return 0, 0, err
	}
	since := medmij.ChainLogSince(d.Now())
	for entry, err := range s.Log(ctx) {
		if err != nil {
			return written, old, err
		}
		var e medmij.Event
		switch {
		case json.Unmarshal(entry.Entry, &e) != nil || e.Event.Type == "":
			continue // of another log
		case entry.Time.Before(since):
			old++
			continue
		}
		if _, err := w.Write(append(entry.Entry, '\n')); err != nil {
			return written, old, fmt.Errorf("write the chain log: %w", err)
		}
		written++
	}
	return written, old, nil
}
