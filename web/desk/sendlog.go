package desk

import (
	"context"

	"github.com/bundel-pgo/bundel/share"
)

// medmijWay is how the ledger calls a message over MedMij.
const medmijWay = "medmij"

// logSend notes what is about to go to a provider. Nothing goes without it.
func (d *Desk) logSend(ctx context.Context, recipient string, out []outgoing) error {
	to, err := d.recipient(ctx, share.Recipient{ID: recipient})
	if err != nil {
		return err
	}
	l := share.Line{Act: share.ActSend, How: medmijWay, To: to.ID, Name: to.Name}
	for _, o := range out {
		l.Pins = append(l.Pins, recordPin(o))
	}
	return d.LogShare(ctx, l)
}

// logDelivery notes what became of each record; without deliveries nothing
// reached the provider. It is written also when the person stopped waiting.
func (d *Desk) logDelivery(ctx context.Context, recipient string, out []outgoing, all []Delivery) error {
	ctx = context.WithoutCancel(ctx)
	to, err := d.recipient(ctx, share.Recipient{ID: recipient})
	if err != nil {
		return err
	}
	l := share.Line{Act: share.ActDeliver, How: medmijWay, To: to.ID, Name: to.Name}
	for i, o := range out {
		code := share.Failed
		if i < len(all) {
			code = all[i].Result
		} else if len(all) > 0 {
			code = share.Unknown
		}
		l.Outcomes = append(l.Outcomes, share.Outcome{Pin: recordPin(o), Code: code})
	}
	return d.LogShare(ctx, l)
}

func recordPin(o outgoing) share.Pin {
	return share.Pin{Source: o.record.Origin.Source, Service: o.record.Origin.Service, Type: o.record.Type, ID: o.record.ID}
}
