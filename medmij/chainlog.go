package medmij

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// ChainLog writes the chain log (ketenlog, medmij-protocol.md 5.1) as lines of
// JSON, one per event. [ChainLog.Add] is a Config.Chain. It is for an app that
// serves many people and keeps its log in a place of its own; the lines name
// providers and moments, so that place is not public. Whoever has a second log
// calls both from one function. It is safe for concurrent use.
type ChainLog struct {
	// Log is told, once, that lines are being lost; nil is slog.Default. It is
	// not changed after the first event.
	Log *slog.Logger

	mu   sync.Mutex
	w    io.Writer
	torn bool // the last line was written in part
	lost int
}

// NewChainLog makes a chain log on a writer, which gets one whole line with
// each Write: a file opened for appending, for example.
func NewChainLog(w io.Writer) *ChainLog { return &ChainLog{w: w} }

// Add writes an event. It never fails: a log that cannot be written stops no
// request of the person. See [ChainLog.Lost].
func (l *ChainLog) Add(e Event) {
	line, err := json.Marshal(e)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		err = l.write(append(line, '\n'))
	}
	if err == nil {
		return
	}
	if l.lost++; l.lost == 1 {
		// Its text may hold the path or address of the log.
		cmp.Or(l.Log, slog.Default()).Error("chain log lines are being lost", slog.String("kind", fmt.Sprintf("%T", err)))
	}
}

// write keeps what was cut off before apart from the line: it spoils one line
// and not two.
func (l *ChainLog) write(line []byte) error {
	if l.torn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := l.w.Write(line)
	if n < len(line) {
		l.torn = l.torn || n > 0
		return cmp.Or(err, io.ErrShortWrite)
	}
	l.torn = false
	return err
}

// Lost is how many events could not be written so far.
func (l *ChainLog) Lost() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// chainLogMonths is how long the chain log is kept (core.logging, 5.1).
const chainLogMonths = 36

// ChainLogSince is the moment from which lines of the chain log are kept: 36
// months before now. What is older is to be destroyed (5.1).
func ChainLogSince(now time.Time) time.Time { return now.AddDate(0, -chainLogMonths, 0) }

// Pruned is what [Prune] did, in lines.
type Pruned struct{ Kept, Dropped int }

// Prune copies a chain log line by line and leaves out what is from before a
// moment; see [ChainLogSince]. It holds one line in memory. A line that cannot
// be read, such as one that a power cut broke, is as old as the one before it,
// and at the beginning of the log it is dropped. Lines that are kept are not
// changed.
//
// The caller writes to a new file, and puts it in the place of the old one
// only when the error is nil; until then no line is lost.
func Prune(r io.Reader, w io.Writer, before time.Time) (Pruned, error) {
	var done Pruned
	in, out := bufio.NewReader(r), bufio.NewWriter(w)
	keep := false
	for last := false; !last; {
		line, err := in.ReadBytes('\n')
		if last = err != nil; last && !errors.Is(err, io.EOF) {
			return done, fmt.Errorf("medmij: read the chain log: %w", err)
		}
		line = bytes.TrimSpace(line)
		if at, ok := timeOfLine(line); ok {
			keep = !at.Before(before)
		}
		switch {
		case len(line) == 0:
		case keep:
			done.Kept++
			_, _ = out.Write(append(line, '\n')) // an error comes back at Flush
		default:
			done.Dropped++
		}
	}
	if err := out.Flush(); err != nil {
		return done, fmt.Errorf("medmij: write the chain log: %w", err)
	}
	return done, nil
}

// timeOfLine is when the event of a line happened.
func timeOfLine(line []byte) (time.Time, bool) {
	var e Event
	if json.Unmarshal(line, &e) != nil || e.Event.Datetime.IsZero() {
		return time.Time{}, false
	}
	return e.Event.Datetime, true
}
