package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// ErrSent: what was sent, or may have been, is not changed any more.
var ErrSent = errors.New("this was sent, or may have been; it stays as it is")

// Correct begins a request to correct what a provider says in an item, in the
// person's own words, and keeps it as a draft. Nothing is sent. Errors:
// ErrNotFound, share.ErrNotTheir, share.ErrNoWords, share.ErrHoldsBSN.
func (d *Desk) Correct(ctx context.Context, item, provider, words string) (share.Correction, error) {
	o, err := d.Overview(ctx, time.Time{}, "")
	if err != nil {
		return share.Correction{}, err
	}
	found, ok := o.Find(item)
	if !ok || found.Section == aggregator.Gated {
		return share.Correction{}, ErrNotFound
	}
	providers, err := d.Providers(ctx)
	if err != nil {
		return share.Correction{}, err
	}
	c, err := share.NewCorrection(found, provider, providers[provider].Name, d.Now())
	if err != nil {
		return c, err
	}
	return d.keepWords(ctx, c, words)
}

// Rewrite changes the words of a draft. The error is ErrSent once it was sent.
func (d *Desk) Rewrite(ctx context.Context, id, words string) (share.Correction, error) {
	c, err := d.correction(ctx, id)
	if err != nil {
		return c, err
	}
	why, err := d.held(ctx, Sending{Recipient: c.Provider}, correctionKey(c))
	if err != nil {
		return c, err
	}
	if why != "" || !c.Sent.IsZero() {
		return c, ErrSent
	}
	c.Made = d.Now()
	return d.keepWords(ctx, c, words)
}

// keepWords keeps a draft that could be sent: the message is made to find out.
func (d *Desk) keepWords(ctx context.Context, c share.Correction, words string) (share.Correction, error) {
	c.Words, c.Made = strings.TrimSpace(words), c.Made.Truncate(time.Second)
	self, err := d.person(ctx)
	if err != nil {
		return c, err
	}
	if _, err := share.Corrections(self, c); err != nil {
		return c, err
	}
	return c, d.keepCorrection(ctx, c)
}

func (d *Desk) keepCorrection(ctx context.Context, c share.Correction) error {
	r, err := c.Record()
	if err != nil {
		return err
	}
	return d.putOwn(ctx, r)
}

// Requested is a request to correct, and where it stands.
type Requested struct {
	share.Correction
	State  share.State
	Unsure bool // it was sent, and it is not known whether it arrived
}

// Requests gives all requests to correct, newest first. Where one stands is
// found anew each time, from the versions of the records it is about.
func (d *Desk) Requests(ctx context.Context) ([]Requested, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	drafts, newest := map[string]share.Correction{}, map[share.Pin]int{}
	for r, err := range s.Records(ctx) { // versions in order: the last one stays
		if err != nil {
			return nil, fmt.Errorf("read the requests: %w", err)
		}
		pin := share.Pin{Source: r.Origin.Source, Service: r.Origin.Service, Type: r.Type, ID: r.ID}
		newest[pin] = r.Number
		if !r.Gone.IsZero() {
			newest[pin] = 0
		}
		if c, ok := share.ReadCorrection(r); ok {
			drafts[c.ID] = c
		}
	}
	all := []Requested{}
	for _, c := range drafts {
		m, _, err := d.mark(ctx, c.Provider, correctionKey(c))
		if err != nil {
			return nil, err
		}
		all = append(all, Requested{c, c.State(func(p share.Pin) int { return newest[p] }), m.Result == share.Unknown})
	}
	slices.SortFunc(all, func(a, b Requested) int {
		if order := b.Made.Compare(a.Made); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

func (d *Desk) correction(ctx context.Context, id string) (share.Correction, error) {
	all, err := d.Requests(ctx)
	if err != nil {
		return share.Correction{}, err
	}
	for _, r := range all {
		if r.ID == id {
			return r.Correction, nil
		}
	}
	return share.Correction{}, ErrNotFound
}

// CorrectionLetter is a request as a letter to print, in "nl" or "en".
func (d *Desk) CorrectionLetter(ctx context.Context, id, lang string) (string, error) {
	c, err := d.correction(ctx, id)
	if err != nil {
		return "", err
	}
	self, err := d.person(ctx)
	if err != nil {
		return "", err
	}
	return c.Letter(self, lang)
}

// correctionKey does not depend on the words: one request goes once.
func correctionKey(c share.Correction) key {
	return key{Ref: fhir.Ref{Type: "Communication", ID: c.ID}, name: c.ID, sum: share.Digest(c.ID)}
}

func (d *Desk) prepareCorrection(ctx context.Context, s Sending) (Prepared, error) {
	if len(s.Items) != 1 {
		return Prepared{}, ErrNotFound
	}
	c, err := d.correction(ctx, s.Items[0])
	if err != nil {
		return Prepared{}, err
	}
	if c.Provider != s.Recipient {
		return Prepared{}, ErrNotFound
	}
	p := Prepared{Items: []aggregator.Item{{ID: c.ID, Title: c.Topic}}, keys: []key{correctionKey(c)}, request: &c}
	why, err := d.held(ctx, s, p.keys[0])
	if err != nil {
		return p, err
	}
	if why != "" {
		p.Left = []Left{{c.ID, why}}
		return p, ErrNothingToSend
	}
	self, err := d.person(ctx)
	if err != nil {
		return p, err
	}
	p.Message, err = share.Corrections(self, c)
	return p, err
}

// afterCorrection keeps when a request went, and what the provider's system
// said to it.
func (d *Desk) afterCorrection(ctx context.Context, p Prepared, all []Delivery) error {
	if p.request == nil || all[0].Result != share.Sent {
		return nil
	}
	c := *p.request
	c.Sent, c.Reply = d.Now().Truncate(time.Second), all[0].Detail
	return d.keepCorrection(ctx, c)
}
