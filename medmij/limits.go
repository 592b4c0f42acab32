package medmij

import (
	"cmp"
	"context"
	"time"
)

// Limits bounds what a provider can make this app do (security-store.md C1 to
// C7, medmij-protocol.md 3.2 and 4.4). Zero fields get the default named with
// them; sizes are bytes after decompression.
type Limits struct {
	Page    int64 // one answer to a query: 32 MiB
	Binary  int64 // one document: 100 MiB
	Answer  int64 // one token answer: 256 KiB
	Headers int64 // the headers of an answer: 64 KiB
	Ratio   int64 // decompressed to compressed, beyond the first MiB: 200

	Pages     int // pages of one query: 200
	Resources int // resources of one service: 50,000
	Reads     int // resources of one type read by id, of one service: 1,000
	PerHost   int // requests at once to one host: 4
	Tries     int // tries of one GET in all: 3

	Connect    time.Duration // 10 s
	Handshake  time.Duration // TLS: 10 s
	Idle       time.Duration // between two parts of an answer: 30 s
	TokenCall  time.Duration // a token request in all: 15 s (providers get 10)
	ListCall   time.Duration // a list in all: 30 s
	PageCall   time.Duration // one page in all: 65 s (providers get 60)
	BinaryCall time.Duration // one document in all: 5 min
	Query      time.Duration // the requests of a query in all: 10 min
	Service    time.Duration // all queries of a service: 15 min
	RetryAfter time.Duration // longest wait a busy provider may ask for: 60 s
	Login      time.Duration // from Begin to Finish: 30 min
	Backoff    time.Duration // first wait between two tries, doubled each time: 1 s
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Page:       cmp.Or(l.Page, 32<<20),
		Binary:     cmp.Or(l.Binary, 100<<20),
		Answer:     cmp.Or(l.Answer, 256<<10),
		Headers:    cmp.Or(l.Headers, 64<<10),
		Ratio:      cmp.Or(l.Ratio, 200),
		Pages:      cmp.Or(l.Pages, 200),
		Resources:  cmp.Or(l.Resources, 50_000),
		Reads:      cmp.Or(l.Reads, 1000),
		PerHost:    cmp.Or(l.PerHost, 4),
		Tries:      cmp.Or(l.Tries, 3),
		Connect:    cmp.Or(l.Connect, 10*time.Second),
		Handshake:  cmp.Or(l.Handshake, 10*time.Second),
		Idle:       cmp.Or(l.Idle, 30*time.Second),
		TokenCall:  cmp.Or(l.TokenCall, 15*time.Second),
		ListCall:   cmp.Or(l.ListCall, 30*time.Second),
		PageCall:   cmp.Or(l.PageCall, 65*time.Second),
		BinaryCall: cmp.Or(l.BinaryCall, 5*time.Minute),
		Query:      cmp.Or(l.Query, 10*time.Minute),
		Service:    cmp.Or(l.Service, 15*time.Minute),
		RetryAfter: cmp.Or(l.RetryAfter, time.Minute),
		Login:      cmp.Or(l.Login, 30*time.Minute),
		Backoff:    cmp.Or(l.Backoff, time.Second),
	}
}

// budget is the time that the requests of a query may take, together. Waiting
// for a turn at the host does not count: with many queries at a slow provider
// each waits for the others. It is for one goroutine.
type budget struct{ left time.Duration }

// spend gives a context for what is left of the time, and what to call when
// done.
func (b *budget) spend(ctx context.Context) (context.Context, func(), error) {
	if b == nil {
		return ctx, func() {}, nil
	}
	if b.left <= 0 {
		return ctx, func() {}, errTooSlow
	}
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, b.left)
	return ctx, func() {
		cancel()
		b.left -= time.Since(started)
	}, nil
}
