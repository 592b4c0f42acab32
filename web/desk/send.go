package desk

import (
	"context"
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// Ready gives the own measurements that are shared with the recipient and were
// not sent in this version, as the person sees them. Pages count them for every
// provider, so nothing else that is shared is looked at.
func (d *Desk) Ready(ctx context.Context, recipient string) ([]aggregator.Item, error) {
	view, policy, err := d.permitted(ctx, "")
	if err != nil {
		return nil, err
	}
	var shared []aggregator.Item
	for i := range view.Items {
		if item := &view.Items[i]; item.Subject == "vital" && ownPart(*item) >= 0 && policy.Allows(*item, recipient) {
			shared = append(shared, *item)
		}
	}
	p, _, err := d.readyAmong(ctx, Measured(recipient), shared)
	return p.Items, err
}

// ownPart is the part of an item that the person measured; -1 when there is none.
func ownPart(item aggregator.Item) int {
	return slices.IndexFunc(item.Parts, func(p aggregator.Part) bool { return p.Source == fhir.Self && p.Hidden == "" })
}

func (d *Desk) readyMeasurements(ctx context.Context, s Sending) (p Prepared, records []fhir.Record, err error) {
	seen, err := d.shown(ctx, s.Recipient)
	if err != nil {
		return p, nil, err
	}
	return d.readyAmong(ctx, s, seen.Subject("vital"))
}

// readyAmong gives of items that the recipient may see those that can be sent.
func (d *Desk) readyAmong(ctx context.Context, s Sending, shared []aggregator.Item) (p Prepared, records []fhir.Record, err error) {
	p.Items = []aggregator.Item{}
	for _, item := range shared {
		own := ownPart(item)
		if own < 0 || !s.chosen(item) {
			continue
		}
		r, err := d.Record(ctx, item.Parts[own])
		if err != nil {
			return p, nil, err
		}
		k := keyOf(r)
		why, err := d.held(ctx, s, k)
		if err != nil {
			return p, nil, err
		}
		if share.CanSend(r) && why == "" {
			r.Resource = r.Shown()
			p.Items, p.keys, records = append(p.Items, item), append(p.keys, k), append(records, r)
		} else if why != "" {
			p.Left = append(p.Left, Left{item.ID, why})
		}
	}
	return p, records, nil
}

// shown is the overview as the recipient may see it now.
func (d *Desk) shown(ctx context.Context, recipient string) (*aggregator.Overview, error) {
	view, policy, err := d.permitted(ctx, "")
	if err != nil {
		return nil, err
	}
	return policy.For(view, recipient), nil
}

func (d *Desk) prepareMeasurements(ctx context.Context, s Sending) (Prepared, error) {
	p, records, err := d.readyMeasurements(ctx, s)
	if err != nil {
		return p, err
	}
	if len(records) == 0 {
		return p, ErrNothingToSend
	}
	n := min(len(records), maxItems)
	p.Items, p.keys = p.Items[:n], p.keys[:n]
	self, err := d.person(ctx)
	if err != nil {
		return p, err
	}
	p.Message, err = share.Measurements(self, records[:n])
	return p, err
}
