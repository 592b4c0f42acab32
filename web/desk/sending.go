package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
)

// What a sending is refused for before anything leaves.
var (
	// ErrNothingToSend: nothing is shared with the recipient that was not sent yet.
	ErrNothingToSend = errors.New("nothing to send")
	// ErrPreview: what would be sent is not what the person looked at.
	ErrPreview = errors.New("what would be sent is not what was shown; look at it again")
	// ErrTakesNone: the provider does not take this over MedMij.
	ErrTakesNone = errors.New("the provider does not take this over MedMij")
)

// maxItems is how many things go in one message; the rest stays ready. The
// receipt of more would not fit in the vault.
const maxItems = 200

// Sending is one time of sending: what, to whom, and which bytes were seen.
type Sending struct {
	Kind      share.Kind `json:"kind"`
	Recipient string     `json:"recipient"` // source
	// Items are the ids of what is sent: letters, one request to fill in a
	// questionnaire, or the id of one request to correct. Without them, all
	// measurements, documents or images that are shared and were not sent.
	Items []string `json:"items,omitempty"`
	// Again sends also what may have arrived before: the person asked the
	// provider, and it is not there.
	Again bool `json:"again,omitempty"`
	// Digest is that of the previewed message; empty: what there is when the
	// login begins.
	Digest string `json:"digest,omitempty"`
}

// Measured is the sending of measurements.
func Measured(recipient string) Sending {
	return Sending{Kind: share.KindMeasurements, Recipient: recipient}
}

// Prepared is a message that is ready to be sent: Message.Bytes are exactly
// what the provider gets.
type Prepared struct {
	Message share.Message
	Items   []aggregator.Item // one for each thing in the message
	Left    []Left            // chosen, and not in it
	keys    []key             // one for each thing
	request *share.Correction // of a correction
	done    *questions        // of answers
}

// Left is an item that cannot be sent, with the reason.
type Left struct {
	Item string
	Code string // "not-shared", "sent", "unknown", "no-file", "type", "size"
}

// Prepare makes the message as it would be sent now, for the person to look at. Its Digest goes in the
// Sending: other bytes are not sent then.
func (d *Desk) Prepare(ctx context.Context, s Sending) (Prepared, error) {
	switch s.Kind {
	case share.KindMeasurements:
		return d.prepareMeasurements(ctx, s)
	case share.KindDocuments, share.KindImages:
		return d.prepareDocuments(ctx, s)
	case share.KindAnswers:
		return d.prepareAnswers(ctx, s)
	case share.KindCorrection:
		return d.prepareCorrection(ctx, s)
	}
	return Prepared{}, fmt.Errorf("%w: no such kind of message", ErrNotFound)
}

// pinned is the message with the bytes that were seen, or ErrPreview.
func (d *Desk) pinned(ctx context.Context, s Sending) (Prepared, error) {
	p, err := d.Prepare(ctx, s)
	if err != nil {
		if s.Digest != "" && errors.Is(err, ErrNothingToSend) {
			return p, errors.Join(ErrPreview, err)
		}
		return p, err
	}
	if s.Digest != "" && s.Digest != p.Message.Digest() {
		return p, ErrPreview
	}
	return p, nil
}

// BeginSend starts the login with which the person confirms what goes to the
// provider: MedMij asks for one each time. It holds on to the bytes that are
// there now: others are not sent after it.
func (d *Desk) BeginSend(ctx context.Context, s Sending) (Started, error) {
	conn, service, err := d.sendConnection(ctx, s)
	if err != nil {
		return Started{}, err
	}
	p, err := d.pinned(ctx, s)
	if err != nil {
		return Started{}, err
	}
	if err := p.accepted(); err != nil {
		return Started{}, err
	}
	s.Digest = p.Message.Digest()
	return d.begin(ctx, conn, medmij.Share, pending{Recipient: s.Recipient, Sending: s}, service)
}

// CanReceive tells whether the provider takes the kind over MedMij.
func (d *Desk) CanReceive(ctx context.Context, kind share.Kind, recipient string) bool {
	_, _, err := d.sendConnection(ctx, Sending{Kind: kind, Recipient: recipient})
	return err == nil
}

// serviceOf is the number of the data service that takes the kind. That of
// corrections is configured, and absent by default.
func (d *Desk) serviceOf(kind share.Kind) string {
	if kind == share.KindCorrection && d.cfg.MedMij != nil {
		return d.cfg.MedMij.Corrections
	}
	return kind.Service()
}

func (d *Desk) sendConnection(ctx context.Context, s Sending) (medmij.Connection, string, error) {
	service := d.serviceOf(s.Kind)
	p, err := d.FindProvider(ctx, s.Recipient)
	if err == nil && "medmij:"+p.Name != s.Recipient { // found by resemblance: nothing goes there
		err = ErrNotFound
	}
	if err != nil {
		return medmij.Connection{}, service, err
	}
	for _, c := range p.Connections {
		if _, ok := c.Offer(service); ok && service != "" {
			return c, service, nil
		}
	}
	return medmij.Connection{}, service, ErrTakesNone
}

// SendToken makes the grant to send with a token that was handed over: for
// qualification and test servers.
func (d *Desk) SendToken(ctx context.Context, s Sending, token string) (*medmij.Grant, error) {
	conn, service, err := d.sendConnection(ctx, s)
	if err != nil {
		return nil, err
	}
	g, err := medmij.FixedToken(conn, token)
	if err != nil {
		return nil, err
	}
	g.Purpose, g.Granted = medmij.Share, []string{service}
	return g, nil
}

// Delivery is what became of one thing that was sent.
type Delivery struct {
	Item   string `json:"item"`
	Title  string `json:"title"`
	Result string `json:"result"` // one of share's outcomes
	Detail string `json:"detail,omitempty"`
	// Twice: it may be there from an earlier time, and was refused now.
	Twice bool `json:"twice,omitempty"`
}

// Send sends to the provider of the grant, which is good for this one time and
// is not kept. It never repeats what may have arrived: that is noted before the
// first byte leaves, so that not even a computer that stops halfway sends twice.
// A thing of which it is not known is marked so, and the person decides. Every
// attempt leaves a signed receipt.
func (d *Desk) Send(ctx context.Context, g *medmij.Grant, s Sending) ([]Delivery, error) {
	d.sending.Lock()
	defer d.sending.Unlock()
	client, err := d.connector()
	if err != nil {
		return nil, err
	}
	if s.Recipient != g.Source() {
		return nil, ErrBinding
	}
	if err := d.noteEnded(ctx); err != nil {
		return nil, err
	}
	p, err := d.pinned(ctx, s)
	if err == nil {
		err = p.accepted()
	}
	if err != nil {
		return nil, err
	}
	if err := d.logSend(ctx, s, p); err != nil {
		return nil, err
	}
	before, err := d.markAll(ctx, s.Recipient, p.keys)
	if err != nil {
		return nil, err
	}
	results, sendErr := client.Send(ctx, g, d.serviceOf(s.Kind), p.Message.Bytes)
	// What became of it is kept even when the person stopped waiting.
	ctx = context.WithoutCancel(ctx)
	unknown := errors.Is(sendErr, medmij.ErrUnknownOutcome)
	deliveries := inDoubt(before, p.keys, p.deliveries(results, sendErr != nil && !unknown))
	err = errors.Join(
		d.settle(ctx, s.Recipient, p, deliveries, before),
		d.sent(ctx, s, p, results, sendErr),
		d.logDelivery(ctx, s, p, deliveries, sendErr != nil && !unknown),
	)
	if sendErr != nil && !unknown && !refusedTwice(sendErr, deliveries) {
		return nil, errors.Join(sendErr, err)
	}
	return deliveries, err
}

// refusedTwice tells that the provider refused what it may have already, because
// of what it is: such as answers to a request that is completed. "It was not
// accepted, try again" would be the wrong words.
func refusedTwice(err error, all []Delivery) bool {
	refusals := []string{medmij.CodeRefused, "P-400", "P-409", "P-412"}
	return slices.Contains(refusals, medmij.CodeOf(err)) && slices.ContainsFunc(all, func(d Delivery) bool { return d.Twice })
}

// deliveries tells of each thing what became of it: an entry that was refused
// makes it refused, and all must be known to be taken for it to be sent.
func (p Prepared) deliveries(results []medmij.EntryResult, nothing bool) []Delivery {
	all := make([]Delivery, len(p.Items))
	for of, item := range p.Items {
		all[of] = Delivery{Item: item.ID, Title: item.Title, Result: share.Sent}
		if nothing {
			all[of].Result = share.Refused
		}
		for i, e := range p.Message.Entries {
			if e.Of == of && !nothing {
				all[of].add(results, i)
			}
		}
	}
	return all
}

func (d *Delivery) add(results []medmij.EntryResult, i int) {
	result := outcomeOf(results, i)
	if d.Result == share.Sent || result == share.Refused {
		d.Result = result
	}
	if i < len(results) {
		for _, issue := range results[i].Issues {
			d.Detail = fhir.CleanText(cmp.Or(issue.Details, issue.Diagnostics), 500)
		}
	}
}

func outcomeOf(results []medmij.EntryResult, i int) string {
	switch {
	case i >= len(results) || !results[i].Known:
		return share.Unknown
	case results[i].OK:
		return share.Sent
	}
	return share.Refused
}

// person is the vault's own Patient.
func (d *Desk) person(ctx context.Context) (fhir.Record, error) {
	s, err := d.Vault()
	if err != nil {
		return fhir.Record{}, err
	}
	self, _, err := findPatients(ctx, s)
	return self, err
}

// chosen tells whether an item is one of those to send; no items means all.
func (s Sending) chosen(item aggregator.Item) bool {
	return len(s.Items) == 0 || slices.Contains(s.Items, item.ID) || slices.Contains(s.Items, item.Key())
}
