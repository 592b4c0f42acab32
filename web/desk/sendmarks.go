package desk

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
)

// key names a record in the marks of what was sent.
type key struct {
	fhir.Ref
	name string // of the mark, without the recipient
	sum  string
}

// keyOf: own records have an id that is theirs alone; that of another source
// may be in use at two.
func keyOf(r fhir.Record) key {
	k := key{Ref: r.Ref, name: r.ID, sum: sumOf(r)}
	if !r.Origin.IsSelf() {
		k.name = share.Digest(r.Origin.Source, r.Origin.Service, r.Type, r.ID)[:32]
		k.Ref = fhir.Ref{}
	}
	return k
}

func sumOf(r fhir.Record) string {
	sum := r.Sum()
	return hex.EncodeToString(sum[:])
}

// sentMark is kept per recipient and record, so that nothing goes twice.
type sentMark struct {
	Sum    string    `json:"sum"` // of the bytes that were sent from
	At     time.Time `json:"at"`
	Result string    `json:"result"`
	Type   string    `json:"type,omitempty"` // of the own record; empty: Observation
	ID     string    `json:"id,omitempty"`   // of the own record; empty: that of the name
}

const sentPrefix = "sent/"

func markName(recipient string, k key) string { return sentPrefix + recipient + "/" + k.name }

// mark gives what is known of sending a record before; false when nothing is.
func (d *Desk) mark(ctx context.Context, recipient string, k key) (sentMark, bool, error) {
	var m sentMark
	err := d.load(ctx, store.Setting, markName(recipient, k), &m)
	if errors.Is(err, ErrNotFound) {
		return m, false, nil
	}
	return m, err == nil, err
}

// held tells why a record is not sent again: "sent", "unknown" or nothing.
func (d *Desk) held(ctx context.Context, s Sending, k key) (string, error) {
	m, ok, err := d.mark(ctx, s.Recipient, k)
	switch {
	case err != nil || !ok || m.Sum != k.sum:
		return "", err
	case m.Result == share.Unknown && s.Again:
		return "", nil
	}
	return m.Result, nil
}

// markAll notes that everything may have arrived, and gives the marks that
// were there: of an earlier version, or of this one when it is sent again.
func (d *Desk) markAll(ctx context.Context, recipient string, keys []key) ([]*sentMark, error) {
	before := make([]*sentMark, len(keys))
	for i, k := range keys {
		m, ok, err := d.mark(ctx, recipient, k)
		if ok {
			before[i] = &m
		}
		if err == nil {
			err = d.keepMark(ctx, recipient, k, share.Unknown)
		}
		if err != nil { // nothing has left: what was noted so far is taken back
			return nil, errors.Join(err, d.unmark(context.WithoutCancel(ctx), recipient, keys[:i+1], before))
		}
	}
	return before, nil
}

func (d *Desk) keepMark(ctx context.Context, recipient string, k key, result string) error {
	m := sentMark{Sum: k.sum, At: d.Now(), Result: result, Type: k.Type, ID: k.ID}
	if err := d.keep(ctx, store.Setting, markName(recipient, k), m); err != nil {
		return fmt.Errorf("note what is sent: %w", err)
	}
	return nil
}

func (d *Desk) unmark(ctx context.Context, recipient string, keys []key, before []*sentMark) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	for i, k := range keys {
		if before[i] != nil {
			err = errors.Join(err, d.keep(ctx, store.Setting, markName(recipient, k), before[i]))
		} else if dropErr := s.Drop(ctx, store.Setting, markName(recipient, k)); !errors.Is(dropErr, store.ErrNotFound) {
			err = errors.Join(err, dropErr)
		}
	}
	return err
}

// inDoubt gives the things that may be there from an earlier time, of which the
// provider refused the same now: that is no answer about the first time, and may be
// because of it. They stay unknown, and are not ready to be sent.
func inDoubt(before []*sentMark, keys []key, all []Delivery) []Delivery {
	for i, k := range keys {
		if m := before[i]; m != nil && m.Sum == k.sum && m.Result == share.Unknown && all[i].Result == share.Refused {
			all[i].Result, all[i].Twice = share.Unknown, true
		}
	}
	return all
}

// settle notes what became of each thing. What was refused the first time stays
// ready: the person may change it or try again.
func (d *Desk) settle(ctx context.Context, recipient string, p Prepared, all []Delivery, before []*sentMark) error {
	defer d.changed() // the overview says what was sent
	var err error
	for i, k := range p.keys {
		switch all[i].Result {
		case share.Sent:
			err = errors.Join(err, d.keepMark(ctx, recipient, k, share.Sent))
		case share.Refused:
			err = errors.Join(err, d.unmark(ctx, recipient, []key{k}, before[i:i+1]))
		}
	}
	return errors.Join(err, d.afterAnswers(ctx, p, all), d.afterCorrection(ctx, p, all))
}

// sentRecords gives what went to providers, or may have, so that the overview
// knows it again when it comes back.
func sentRecords(ctx context.Context, s *store.Store) ([]aggregator.Sent, error) {
	var all []aggregator.Sent
	for doc, err := range s.ListUnder(ctx, store.Setting, sentPrefix) {
		if err != nil {
			return nil, fmt.Errorf("read what was sent: %w", err)
		}
		name := strings.TrimPrefix(doc.Name, sentPrefix)
		at := strings.LastIndexByte(name, '/')
		var mark sentMark
		if at < 0 || json.Unmarshal(doc.Value, &mark) != nil {
			continue
		}
		ref := fhir.Ref{Type: cmp.Or(mark.Type, "Observation"), ID: cmp.Or(mark.ID, name[at+1:])}
		all = append(all, aggregator.Sent{Ref: ref, Source: name[:at], At: mark.At})
	}
	return all, nil
}
