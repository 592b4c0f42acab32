package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// Received tells what came out of the inbox. What is not in Pages was left out:
// it is counted here and nowhere else.
type Received struct {
	Pages    int            // that were stored
	Receipts []fhir.Receipt // of every collection, as Put would give them
	Refused  map[Reason]int // resources, at either door
	// Missing counts pages that were given a number and are not there: somebody
	// took them away. The last ones that waited can be taken away unseen.
	Missing int
	// Damaged counts pages of a holder of the inbox key that cannot be opened or
	// read, Forged values that no holder of it wrote, and Replayed pages that were
	// received before, or got a number of one that was.
	Damaged, Forged, Replayed int
	// Foreign counts pages in the person's own name or without a usable one.
	Foreign int
	// Overtaken counts pages that were fetched before the newest collection of
	// their origin that is here: stored now, the older would count as the newer.
	Overtaken int
	// KeyChanged tells that somebody changed or took away the public key in the
	// file. It is right again. What was sealed to another key than ours is Forged
	// or Damaged, and whoever made that key may have read it.
	KeyChanged bool
}

// Suspicious tells whether somebody may have had a hand in the inbox.
func (r Received) Suspicious() bool {
	return r.KeyChanged || r.Missing+r.Damaged+r.Forged+r.Replayed+r.Foreign > 0
}

// Receive stores what came in while the store was locked, oldest first: as
// [Store.Put] would, with the moment of fetching, each page in one transaction
// with its removal from the inbox. So each is stored once, also after a crash.
// What cannot be taken in is removed and counted and stops nothing. Of a
// collection that did not come in one piece, nothing is called gone.
//
// Open leaves it to the caller when to do this: it takes as long as Put. Put and
// Forget do it first, so that nothing older is stored over something newer; then
// only the log tells what came of it. A store without an inbox gives nothing. With an error, what was counted stands.
func (s *Store) Receive(ctx context.Context) (Received, error) {
	s.inbox.Lock()
	defer s.inbox.Unlock()
	r, err := s.receive(ctx)
	if err != nil {
		return r, fmt.Errorf("receive: %w", err)
	}
	return r, nil
}

// receive is for who holds inbox.
func (s *Store) receive(ctx context.Context) (Received, error) {
	r := receiver{s: s, Received: Received{Refused: map[Reason]int{}}}
	there, err := s.hasInbox()
	if err != nil || !there {
		return r.Received, err
	}
	if r.idx, err = s.readyToWrite(); err != nil {
		return r.Received, err
	}
	err = r.all(ctx)
	if r.Pages > 0 {
		s.secure()
	}
	if r.Pages+r.Overtaken > 0 || r.Suspicious() {
		s.cfg.Log.Info("inbox received", "pages", r.Pages, "missing", r.Missing, "damaged", r.Damaged, "forged", r.Forged,
			"replayed", r.Replayed, "foreign", r.Foreign, "overtaken", r.Overtaken, "keyChanged", r.KeyChanged)
	}
	return r.Received, err
}

func (s *Store) hasInbox() (there bool, err error) {
	err = s.view(func(tx *seal.Tx) error { there = tx.HasInbox(); return nil })
	return there, err
}

// receiver is one Receive under way.
type receiver struct {
	Received
	s   *Store
	idx *index
	now *delivery // the collection that is coming in
	// skip is a collection that is left out.
	skip [16]byte
}

// delivery is one collection on its way in.
type delivery struct {
	*intake
	id   [16]byte
	next uint64
	last message
}

func (r *receiver) all(ctx context.Context) error {
	var waiting seal.Waiting
	err := r.s.view(func(tx *seal.Tx) (err error) {
		waiting, err = tx.Waiting()
		return err
	})
	if err != nil {
		return err
	}
	r.KeyChanged, r.Forged = waiting.Changed, len(waiting.Strange)
	if waiting.Changed || len(waiting.Strange) > 0 {
		if err := r.s.update(func(tx *seal.Tx) error { return tx.Discard(waiting.Strange) }); err != nil {
			return err
		}
	}
	for _, m := range waiting.Messages {
		err := ctx.Err()
		if err == nil {
			err = r.take(m)
		}
		if err != nil {
			return errors.Join(err, r.finish(nil))
		}
	}
	return r.finish(nil)
}

// take opens one message and stores what it says. Only what keeps the store from
// working is an error.
func (r *receiver) take(at seal.Message) error {
	var raw []byte
	var received uint64
	err := r.s.view(func(tx *seal.Tx) (err error) {
		received = tx.Received()
		raw, err = tx.ReadMessage(at)
		return err
	})
	if at.Number <= received {
		r.Replayed++
		return r.leaveOut(at)
	}
	r.Missing += int(min(at.Number-received-1, 1<<31-1)) // #nosec G115 -- bounded
	if err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	m, ok := parseMessage(raw)
	switch {
	case err != nil || !ok:
		r.Damaged++
		return r.leaveOut(at)
	case !usableOrigin(m.origin) || m.origin.IsSelf():
		r.Foreign++
		return r.leaveOut(at)
	}
	if r.now == nil || r.now.id != m.delivery {
		if err := r.begin(m); err != nil {
			return err
		}
	}
	if m.delivery == r.skip {
		if m.end == goesOn {
			r.Overtaken++
		}
		return r.leaveOut(at)
	}
	return r.store(at, m)
}

func (r *receiver) leaveOut(at seal.Message) error {
	return r.s.update(func(tx *seal.Tx) error { return tx.TakeOut(at) })
}

// begin ends the collection before this one and begins another. One that goes on
// after a part of it was received begins anew here, as one that lacks something.
func (r *receiver) begin(m message) error {
	if err := r.finish(nil); err != nil {
		return err
	}
	if m.delivery == r.skip || r.idx.latest(m.origin) > m.began {
		r.skip = m.delivery
		return nil
	}
	when := func(newest int64) int64 { return max(m.began, newest) } // parts of one collection share its moment
	if now := r.s.cfg.Now().UnixNano(); m.began > now {
		when = after(now) // its clock is ahead: it would be newer than all that is to come
	}
	r.now = &delivery{intake: r.s.intake(r.idx, m.origin, m.version, when), id: m.delivery}
	return nil
}

func (r *receiver) store(at seal.Message, m message) error {
	d := r.now
	d.partly = d.partly || m.index != d.next
	d.next, d.last = m.index+1, m
	for reason, n := range m.refused {
		d.refused[reason] += n
		d.lookWith(m.page.Query).lacking = true
	}
	if m.end != goesOn {
		return r.finish(&at)
	}
	d.with = func(tx *seal.Tx) error { return tx.TakeOut(at) }
	err := d.page(m.page)
	d.with = nil
	if err != nil {
		return err
	}
	if m.page.Result != nil {
		d.receipt.Queries = append(d.receipt.Queries, *m.page.Result)
	}
	r.Pages++
	return nil
}

// finish writes the receipt of the collection that is coming in; at is its last
// message, when that is there.
func (r *receiver) finish(at *seal.Message) error {
	d := r.now
	if d == nil {
		return nil
	}
	r.now = nil
	d.receipt.Detail = d.last.end.detail()
	if d.partly {
		d.receipt.Detail = detailPartly
	}
	_ = d.refusals() // they are counted, and said on the receipt
	for reason, n := range d.refused {
		r.Refused[reason] += n
	}
	d.receipt.Finished = moment(max(d.began, min(d.last.at, r.s.cfg.Now().UnixNano())))
	if at != nil {
		d.with = func(tx *seal.Tx) error { return tx.TakeOut(*at) }
	}
	if err := d.keepReceipt(); err != nil {
		return err
	}
	r.Receipts = append(r.Receipts, d.receipt)
	return nil
}
