package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// access is a line of the vault's own log that is not MedMij's: what the person
// did with the vault. It is a line and no FHIR record, because a record is read
// in every overview, goes out with every export and can have a newer version,
// and a line of the log can be changed by nobody unseen and is destroyed with
// the others after 36 months. It names no item and holds no value: at most a
// provider and a subject.
type access struct {
	Kind    web.EventKind `json:"kind"`
	What    string        `json:"what"`
	Source  string        `json:"source,omitempty"`
	Subject string        `json:"subject,omitempty"`
	Count   int           `json:"count,omitempty"` // zero is 1
}

// accessLine is how it stands in the log, apart from the events of MedMij.
type accessLine struct {
	Access *access `json:"access"`
}

// note writes lines to the log of the vault. What the person chose is noted
// before it is done: a choice that nobody can find back is not made.
func (d *Desk) note(ctx context.Context, lines ...access) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	for _, line := range lines {
		raw, err := json.Marshal(accessLine{&line})
		if err != nil {
			return fmt.Errorf("note what was done: %w", err)
		}
		if err := s.Append(ctx, raw); err != nil {
			return fmt.Errorf("note what was done: %w", err)
		}
	}
	return nil
}

// noteOr is note for what goes on without it: a full disk must not keep the
// person out of the vault.
func (d *Desk) noteOr(ctx context.Context, lines ...access) {
	if err := d.note(ctx, lines...); err != nil {
		d.cfg.Log.Warn("what was done could not be noted")
	}
}

// noteOpened notes that the pages were opened, after the wrong tries before it: a
// closed vault cannot be written to. A command that only reads notes nothing, so
// that reading a copy that was put back does not make it the newer one.
func (d *Desk) noteOpened(ctx context.Context) {
	d.mu.Lock()
	wrong := d.wrong
	d.wrong = 0
	d.mu.Unlock()
	if wrong > 0 {
		d.noteOr(ctx, access{Kind: web.EventOpen, What: "wrong", Count: wrong})
	}
	d.noteOr(ctx, access{Kind: web.EventOpen, What: "opened"})
}

// noteWrong counts a wrong try until it can be noted.
func (d *Desk) noteWrong() {
	d.mu.Lock()
	d.wrong++
	d.mu.Unlock()
}

// NoteBackup makes a backup and notes it, so that the person can see when the
// last one was. The note comes first, so that it is in the copy: a vault that is
// written to after it was copied is another one than the copy when that is put
// back on this machine. A backup that fails is noted as such, and its error
// returned; one that is cut off with the program stands as made.
func (d *Desk) NoteBackup(ctx context.Context, backup func() error) error {
	if err := d.note(ctx, access{Kind: web.EventBackup, What: "made"}); err != nil {
		return err
	}
	err := backup()
	if err != nil {
		d.noteOr(context.WithoutCancel(ctx), access{Kind: web.EventBackup, What: "failed"})
	}
	return err
}

// accessOf is the line about a rule or decision of the person.
func accessOf(made any) access {
	switch made := made.(type) {
	case aggregator.Decision:
		return access{Kind: web.EventDecide, What: string(made.Op)}
	case aggregator.GateRule:
		line := access{Kind: web.EventSee, What: string(made.Wait), Source: made.Source}
		if made.Off {
			line.What = "off"
		}
		if len(made.Records) == 0 {
			line.What = "all-" + line.What
			return line
		}
		line.Source = made.Records[0].Provider
		return line
	}
	panic("desk: no line for this")
}

// lastBackup is the last backup of the log.
func lastBackup(events []web.Event) time.Time {
	for _, e := range events { // newest first
		if e.Kind == web.EventBackup && e.What == "made" {
			return e.At
		}
	}
	return time.Time{}
}

// accessIn reads a line of the log; false when it is another kind of line.
func accessIn(entry store.LogEntry) (web.Event, bool) {
	var line accessLine
	if json.Unmarshal(entry.Entry, &line) != nil || line.Access == nil {
		return web.Event{}, false
	}
	a := line.Access
	return web.Event{
		At: entry.Time, Kind: a.Kind, What: a.What, Source: a.Source, Subject: a.Subject, Count: max(a.Count, 1),
	}, true
}
