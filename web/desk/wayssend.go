package desk

import (
	"context"
	"errors"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
)

func sendingOf(p web.Parcel) Sending {
	return Sending{Kind: p.Kind, Recipient: p.Recipient, Items: p.Items, Again: p.Again, Digest: p.Digest}
}

func parcelOf(s Sending) web.Parcel {
	return web.Parcel{Kind: s.Kind, Recipient: s.Recipient, Items: s.Items, Again: s.Again, Digest: s.Digest}
}

// CanReceive implements [web.Sender].
func (p *Pages) CanReceive(ctx context.Context, kind share.Kind, recipient string) bool {
	return p.desk.CanReceive(ctx, kind, recipient)
}

// Pack implements [web.Sender].
func (p *Pages) Pack(ctx context.Context, parcel web.Parcel) (web.Packed, error) {
	made, err := p.desk.Prepare(ctx, sendingOf(parcel))
	out := web.Packed{Message: made.Message, Items: made.Items}
	for _, l := range made.Left {
		out.Left = append(out.Left, web.LeftOut(l))
	}
	return out, sourceError(err, parcel.Recipient)
}

// BeginSend implements [web.Sender].
func (p *Pages) BeginSend(ctx context.Context, parcel web.Parcel) (address, binding string, err error) {
	started, err := p.desk.BeginSend(ctx, sendingOf(parcel))
	return started.Address, started.Handle, sourceError(err, parcel.Recipient)
}

// Sent implements [web.Sender].
func (p *Pages) Sent() (web.Parcel, []web.Sent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parcel, p.sent
}

// Receipts implements [web.Sender].
func (p *Pages) Receipts(ctx context.Context) ([]web.Receipt, error) {
	all, err := p.desk.Receipts(ctx)
	var out []web.Receipt
	for _, r := range all {
		out = append(out, web.Receipt{Receipt: r.Receipt, Valid: r.Valid})
	}
	return out, pageError(err)
}

// AddDocument implements [web.Sender].
func (p *Pages) AddDocument(ctx context.Context, title string, data []byte) error {
	err := p.desk.AddDocument(ctx, aggregator.OwnDocument{Title: title, Data: data})
	for reason, known := range map[string]error{"empty": aggregator.ErrEmpty, "size": aggregator.ErrFileLarge, "type": aggregator.ErrFileType} {
		if errors.Is(err, known) {
			return &web.Refused{Reason: reason}
		}
	}
	return pageError(err)
}

// Questionnaire implements [web.Answerer].
func (p *Pages) Questionnaire(ctx context.Context, item string) (web.Questionnaire, error) {
	a, err := p.desk.Asked(ctx, item)
	return web.Questionnaire{Item: a.Item, Provider: a.Provider, Form: a.Form, Given: a.Given, Accepted: a.Accepted, Done: a.Result != ""}, answerError(err)
}

// Answer implements [web.Answerer].
func (p *Pages) Answer(ctx context.Context, item string, given share.Given) ([]share.Fault, error) {
	faults, err := p.desk.Answer(ctx, item, given)
	return faults, answerError(err)
}

// Accept implements [web.Answerer].
func (p *Pages) Accept(ctx context.Context, item string) error {
	return answerError(p.desk.AcceptRequest(ctx, item))
}

// Decline implements [web.Answerer].
func (p *Pages) Decline(ctx context.Context, item string) error {
	return answerError(p.desk.DeclineRequest(ctx, item))
}

// answerError gives the errors that the pages of questionnaires have words for.
func answerError(err error) error {
	if errors.Is(err, medmij.ErrNotGranted) {
		return web.ErrNotGranted
	}
	return pageError(err)
}

// Correct implements [web.Corrector].
func (p *Pages) Correct(ctx context.Context, item, provider, words string) (string, error) {
	c, err := p.desk.Correct(ctx, item, provider, words)
	return c.ID, pageError(err)
}

// Requests implements [web.Corrector].
func (p *Pages) Requests(ctx context.Context) ([]web.Request, error) {
	all, err := p.desk.Requests(ctx)
	var out []web.Request
	for _, r := range all {
		out = append(out, web.Request(r))
	}
	return out, pageError(err)
}

// RequestLetter implements [web.Corrector].
func (p *Pages) RequestLetter(ctx context.Context, id, lang string) (string, error) {
	text, err := p.desk.CorrectionLetter(ctx, id, lang)
	return text, pageError(err)
}
