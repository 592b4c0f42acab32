package desk

import (
	"context"

	"github.com/bundel-pgo/bundel/share"
)

// medmijWay is how a message goes to a provider, in the ledger.
const medmijWay = "medmij"

// logSend notes what is about to go to a provider. Nothing goes without it.
func (d *Desk) logSend(ctx context.Context, s Sending, p Prepared) error {
	l, err := d.sendLine(ctx, share.ActSend, s)
	if err != nil {
		return err
	}
	for i := range p.Items {
		l.Pins = append(l.Pins, p.pins(i)...)
	}
	return d.LogShare(ctx, l)
}

// pins are the records of one thing in a message; of a request to correct those
// that it is about.
func (p Prepared) pins(i int) (pins []share.Pin) {
	if p.request == nil {
		return share.PinsOf(p.Items[i])
	}
	for _, a := range p.request.About {
		pins = append(pins, a.Pin)
	}
	return pins
}

// logDelivery notes what became of each record; failed tells that nothing
// reached the provider. It is written also when the person stopped waiting.
func (d *Desk) logDelivery(ctx context.Context, s Sending, p Prepared, all []Delivery, failed bool) error {
	l, err := d.sendLine(ctx, share.ActDeliver, s)
	if err != nil {
		return err
	}
	for i := range p.Items {
		code := all[i].Result
		if failed && !all[i].Twice {
			code = share.Failed
		}
		for _, pin := range p.pins(i) {
			l.Outcomes = append(l.Outcomes, share.Outcome{Pin: pin, Code: code})
		}
	}
	return d.LogShare(ctx, l)
}

func (d *Desk) sendLine(ctx context.Context, act share.Act, s Sending) (share.Line, error) {
	to, err := d.recipient(ctx, share.Recipient{ID: s.Recipient})
	return share.Line{Act: act, How: medmijWay, About: string(s.Kind), To: to.ID, Name: to.Name}, err
}
