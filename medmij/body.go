package medmij

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// body reads the content of an answer under all limits: size, compression
// ratio, silence and speed. The first limit that is met ends it.
type body struct {
	from    io.Reader // unpacked
	wire    *counter  // as sent
	read    int64
	max     int64
	ratio   int64
	started time.Time
	now     func() time.Time
	idle    *time.Timer
	pause   time.Duration
	quiet   atomic.Bool // the provider was silent for too long
}

const (
	ratioFrom = 1 << 20 // small answers may compress as well as they like
	slowFrom  = time.Minute
	slowRate  = 1 << 10 // bytes a second
)

// counter counts what comes over the wire, and restarts the clock of silence.
type counter struct {
	from  io.Reader
	n     int64
	seen  func()
	ended bool // in an orderly way
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	c.ended = c.ended || errors.Is(err, io.EOF)
	c.seen()
	return n, err
}

// openBody unpacks the answer. stop is called when the provider is silent for
// too long. The caller calls close when done.
func openBody(resp *http.Response, max int64, limits Limits, now func() time.Time, stop func()) (*body, error) {
	b := &body{max: max, ratio: limits.Ratio, started: now(), now: now, pause: limits.Idle}
	b.idle = time.AfterFunc(limits.Idle, func() {
		b.quiet.Store(true)
		stop()
	})
	b.wire = &counter{from: resp.Body, seen: func() { b.idle.Reset(b.pause) }}
	b.from = b.wire
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(b.wire)
		if err != nil {
			b.close()
			return nil, fmt.Errorf("unpack: %w", err)
		}
		b.from = unpacked
	default:
		b.close()
		return nil, fmt.Errorf("%w: unknown encoding", errType)
	}
	return b, nil
}

func (b *body) close() { b.idle.Stop() }

func (b *body) silent() bool { return b.quiet.Load() }

func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.read += int64(n)
	// All that was announced came, and it stops in the middle.
	if errors.Is(err, io.ErrUnexpectedEOF) && b.wire.ended {
		err = errCut
	}
	switch {
	case b.read > b.max, b.read > ratioFrom && b.read > b.wire.n*b.ratio:
		return 0, errTooLarge
	case err == nil && b.tooSlow():
		return 0, errTooSlow
	}
	return n, err
}

func (b *body) tooSlow() bool {
	elapsed := b.now().Sub(b.started)
	return elapsed > slowFrom && b.wire.n < slowRate*int64(elapsed/time.Second)
}

// unreadable errors are about the content of an answer.
func unreadable(err error) bool {
	return errors.Is(err, errTooLarge) || errors.Is(err, errType) || errors.Is(err, errVersion) ||
		errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, errBad)
}
