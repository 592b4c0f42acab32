package desk

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// ErrNothingToSend: nothing is shared with the recipient that was not sent yet.
var ErrNothingToSend = errors.New("nothing to send")

// Delivery is what became of one item that was sent.
type Delivery struct {
	Item   string `json:"item"`
	Title  string `json:"title"`
	Result string `json:"result"` // sent, refused, unknown
	Detail string `json:"detail,omitempty"`
}

// outgoing is one item that may be sent, with its record.
type outgoing struct {
	item   aggregator.Item
	record fhir.Record
}

// sentMark is kept per recipient and record, so that nothing goes twice.
type sentMark struct {
	Sum    string    `json:"sum"` // of the bytes that were sent from
	At     time.Time `json:"at"`
	Result string    `json:"result"`
}

// sentRecords gives what went to providers, or may have, so that the overview
// knows it again when it comes back.
func sentRecords(ctx context.Context, s *store.Store) ([]aggregator.Sent, error) {
	var all []aggregator.Sent
	for doc, err := range s.List(ctx, store.Setting) {
		if err != nil {
			return nil, fmt.Errorf("read what was sent: %w", err)
		}
		name, ok := strings.CutPrefix(doc.Name, sentPrefix)
		at := strings.LastIndexByte(name, '/')
		var mark sentMark
		if !ok || at < 0 || json.Unmarshal(doc.Value, &mark) != nil {
			continue
		}
		ref := fhir.Ref{Type: "Observation", ID: name[at+1:]}
		all = append(all, aggregator.Sent{Ref: ref, Source: name[:at], At: mark.At})
	}
	return all, nil
}

const sentPrefix = "sent/"

func markName(recipient string, r fhir.Record) string { return sentPrefix + recipient + "/" + r.ID }

// Ready gives the own measurements that are shared with the recipient and were
// not sent in this version.
func (d *Desk) Ready(ctx context.Context, recipient string) ([]aggregator.Item, error) {
	out, err := d.outgoing(ctx, recipient)
	items := make([]aggregator.Item, len(out))
	for i, o := range out {
		items[i] = o.item
	}
	return items, err
}

func (d *Desk) outgoing(ctx context.Context, recipient string) ([]outgoing, error) {
	o, err := d.Overview(ctx, time.Time{}, "")
	if err != nil {
		return nil, err
	}
	policy, err := d.Policy(ctx)
	if err != nil {
		return nil, err
	}
	var out []outgoing
	for _, item := range policy.For(o, recipient).Subject("vital") {
		own := slices.IndexFunc(item.Parts, func(p aggregator.Part) bool { return p.Source == fhir.Self && p.Hidden == "" })
		if own < 0 {
			continue
		}
		r, err := d.Record(ctx, item.Parts[own])
		if err != nil {
			return nil, err
		}
		var mark sentMark
		err = d.load(ctx, store.Setting, markName(recipient, r), &mark)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		if share.CanSend(r) && mark.Sum != sumOf(r) {
			out = append(out, outgoing{item, r})
		}
	}
	return out, nil
}

func sumOf(r fhir.Record) string {
	sum := r.Sum()
	return hex.EncodeToString(sum[:])
}

// BeginSend starts the login with which the person confirms that measurements
// go to the provider: MedMij asks for one each time.
func (d *Desk) BeginSend(ctx context.Context, recipient string) (Started, error) {
	conn, err := d.sendConnection(ctx, recipient)
	if err != nil {
		return Started{}, err
	}
	return d.begin(ctx, conn, medmij.Share, pending{Recipient: recipient}, share.MeasurementService)
}

// CanReceive tells whether the provider takes measurements over MedMij.
func (d *Desk) CanReceive(ctx context.Context, recipient string) bool {
	_, err := d.sendConnection(ctx, recipient)
	return err == nil
}

func (d *Desk) sendConnection(ctx context.Context, recipient string) (medmij.Connection, error) {
	p, err := d.FindProvider(ctx, recipient)
	if err != nil {
		return medmij.Connection{}, err
	}
	for _, c := range p.Connections {
		if _, ok := c.Offer(share.MeasurementService); ok {
			return c, nil
		}
	}
	return medmij.Connection{}, fmt.Errorf("%w: the provider takes no measurements", ErrNotFound)
}

// Send sends what is ready to the provider of the grant. It never repeats what
// may have arrived: an item of which that is not known is marked so, and the
// person decides.
func (d *Desk) Send(ctx context.Context, g *medmij.Grant) ([]Delivery, error) {
	client, err := d.connector()
	if err != nil {
		return nil, err
	}
	recipient := g.Source()
	out, err := d.outgoing(ctx, recipient)
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, ErrNothingToSend
	}
	message, err := d.message(ctx, out)
	if err != nil {
		return nil, err
	}
	results, err := client.Send(ctx, g, share.MeasurementService, message)
	if err != nil && !errors.Is(err, medmij.ErrUnknownOutcome) {
		return nil, err
	}
	return d.deliveries(ctx, recipient, out, results)
}

func (d *Desk) message(ctx context.Context, out []outgoing) ([]byte, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	self, _, err := findPatients(ctx, s)
	if err != nil {
		return nil, err
	}
	records := make([]fhir.Record, len(out))
	for i, o := range out {
		records[i] = o.record
		records[i].Resource = o.record.Shown()
	}
	return share.Measurements(self, records)
}

// deliveries notes what became of each item. The first result is that of the
// Patient.
func (d *Desk) deliveries(ctx context.Context, recipient string, out []outgoing, results []medmij.EntryResult) ([]Delivery, error) {
	defer d.changed() // the overview says what was sent
	var all []Delivery
	var lines []access
	for i, o := range out {
		delivery := Delivery{Item: o.item.ID, Title: o.item.Title, Result: "unknown"}
		if i+1 < len(results) && results[i+1].Known {
			delivery.Result = "refused"
			if results[i+1].OK {
				delivery.Result = "sent"
			}
			for _, issue := range results[i+1].Issues {
				delivery.Detail = fhir.CleanText(issue.Details+" "+issue.Diagnostics, 200)
			}
		}
		all, lines = append(all, delivery), append(lines, access{Kind: web.EventSend, What: delivery.Result, Source: recipient})
		if delivery.Result == "refused" {
			continue // stays ready: the person may change it or try again
		}
		mark := sentMark{Sum: sumOf(o.record), At: d.Now(), Result: delivery.Result}
		if err := d.keep(ctx, store.Setting, markName(recipient, o.record), mark); err != nil {
			return all, fmt.Errorf("note what was sent: %w", err)
		}
	}
	d.noteOr(ctx, lines...) // it has gone: an error here would say it had not
	return all, nil
}

// SendToken makes the grant to send with a token that was handed over: for
// qualification and test servers.
func (d *Desk) SendToken(ctx context.Context, recipient, token string) (*medmij.Grant, error) {
	conn, err := d.sendConnection(ctx, recipient)
	if err != nil {
		return nil, err
	}
	g, err := medmij.FixedToken(conn, token)
	if err != nil {
		return nil, err
	}
	g.Purpose, g.Granted = medmij.Share, []string{share.MeasurementService}
	return g, nil
}
