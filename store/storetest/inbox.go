package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// takesIn collects while the store is locked, and takes one page away and puts
// another back after it was received.
func takesIn(p Place) error {
	ctx := context.Background()
	var key store.InboxKey
	err := withStore(p, true, func(s *store.Store) (err error) {
		key, err = s.InboxKey(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := send(p, key, 1000, "0", "1", "2"); err != nil {
		return err
	}
	waiting, err := read(p)
	if err != nil {
		return err
	}
	after := waiting.clone()
	// Each page is followed by the end of its collection.
	delete(after["i"], sorted(after["i"])[2])
	if err := write(p, after); err != nil {
		return err
	}
	if err := received(p, store.Received{Pages: 2, Missing: 1}, 2); err != nil {
		return err
	}
	back, err := read(p)
	if err != nil {
		return err
	}
	first := sorted(waiting["i"])[0]
	back["i"][first] = bytes.Clone(waiting["i"][first])
	return errors.Join(write(p, back), received(p, store.Received{Replayed: 1}, 2),
		send(p, key, 2_000_000, "3"), received(p, store.Received{Pages: 1}, 3), received(p, store.Received{}, 3))
}

// send adds a page of about so many bytes for each id, without a key to the store.
func send(p Place, key store.InboxKey, size int, ids ...string) error {
	kv, err := p()
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	in, err := store.OpenInboxOn(kv, key, config())
	if err != nil {
		return errors.Join(err, kv.Close())
	}
	for _, id := range ids {
		o := fhir.Origin{Source: "medmij:" + id + "@medmij", Service: "48"}
		n, putErr := in.Put(context.Background(), fhir.One(o, fhir.R4, "q", resource(id, noise(size))))
		if n != 1 {
			putErr = errors.Join(putErr, fmt.Errorf("%d pages are in the inbox", n))
		}
		err = errors.Join(err, putErr)
	}
	return errors.Join(err, in.Close())
}

// received opens the store and sees that receiving tells this, and how many
// records there are then.
func received(p Place, want store.Received, records int) error {
	return withStore(p, false, func(s *store.Store) error {
		got, err := s.Receive(context.Background())
		if err != nil {
			return err
		}
		if got.Pages != want.Pages || got.Missing != want.Missing || got.Replayed != want.Replayed ||
			got.Damaged+got.Forged+got.Foreign+got.Overtaken > 0 || got.KeyChanged {
			return fmt.Errorf("received %+v, want %+v", got, want)
		}
		r, err := s.Verify(context.Background(), store.Deep)
		if err == nil && (r.Records != records || r.Waiting != 0) {
			err = fmt.Errorf("%d records, %d pages wait", r.Records, r.Waiting)
		}
		return err
	})
}
