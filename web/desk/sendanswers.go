package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
)

var (
	// ErrNoForm: the questionnaire of this request was not collected, or cannot be answered here.
	ErrNoForm = errors.New("the questionnaire of this request is not there, or cannot be answered here")
	// ErrNotAccepted: the provider was not told yet that the person fills it in.
	ErrNotAccepted = errors.New("the request was not accepted yet")
)

// collectForms is the data service that gives requests to fill in a
// questionnaire, and takes back how they stand (data-services.md 1.9).
const collectForms = "59"

// Asked is a request of a provider to fill in a questionnaire.
type Asked struct {
	Item     string // id
	Provider string // source
	Form     share.Form
	Given    share.Given // the draft; empty when there is none
	Saved    time.Time   // of the draft
	Accepted bool        // the provider knows that the person fills it in
	Result   string      // of sending the answers; empty: not sent
}

// questions is a request with all that sending its answers needs.
type questions struct {
	Asked
	item aggregator.Item
	task fhir.Record // as the provider gave it, or accepted
}

// Asked gives the request behind an item. Errors: ErrNotFound, ErrNoForm.
func (d *Desk) Asked(ctx context.Context, item string) (Asked, error) {
	q, err := d.questions(ctx, item)
	return q.Asked, err
}

func (d *Desk) questions(ctx context.Context, id string) (questions, error) {
	q := questions{}
	o, err := d.Overview(ctx, time.Time{}, "")
	if err != nil {
		return q, err
	}
	item, ok := o.Find(id)
	at := slices.IndexFunc(item.Parts, func(p aggregator.Part) bool { return p.Type == "Task" && p.Hidden == "" })
	if !ok || at < 0 {
		return q, ErrNotFound
	}
	q.item, q.Item = item, item.ID
	if q.task, err = d.Record(ctx, item.Parts[at]); err != nil {
		return q, err
	}
	q.Provider = q.task.Origin.Source
	if err := d.readForm(ctx, &q); err != nil {
		return q, err
	}
	if err := d.readDraft(ctx, &q); err != nil {
		return q, err
	}
	m, _, err := d.mark(ctx, q.Provider, q.key())
	q.Result = m.Result
	return q, err
}

// readForm finds the Questionnaire that the request names, of the same source.
func (d *Desk) readForm(ctx context.Context, q *questions) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	var to fhir.Reference
	for _, in := range q.task.Node().All("input") {
		if in.Str("type", "text") == "Questionnaire" {
			to = in.Get("valueReference").Reference()
		}
	}
	found := false
	for r, err := range s.History(ctx, q.task.Origin, fhir.Ref{Type: "Questionnaire", ID: to.Ref.ID}) {
		if err != nil {
			return fmt.Errorf("read a questionnaire: %w", err)
		}
		q.Form, found = share.ReadForm(r.Node(), r.String()), true
	}
	if !found || !q.Form.Answerable() {
		return ErrNoForm
	}
	return nil
}

// draftID is the id of the own record with the answers.
func (q *questions) draftID() string {
	return "answers-" + share.Digest(q.task.Origin.Source, q.task.Origin.Service, q.task.ID)[:24]
}

// key does not depend on the answers: one request is answered once.
func (q *questions) key() key {
	id := q.draftID()
	return key{Ref: fhir.Ref{Type: "QuestionnaireResponse", ID: id}, name: id, sum: id}
}

// acceptedTask is a request as it is at the provider since it was accepted: the
// list of what is requested no longer gives it.
type acceptedTask struct {
	Raw     string `json:"raw"`
	FullURL string `json:"fullUrl"`
}

func (q *questions) taskName() string { return "task/" + q.draftID() }

func (d *Desk) readDraft(ctx context.Context, q *questions) error {
	var accepted acceptedTask
	switch err := d.load(ctx, store.Setting, q.taskName(), &accepted); {
	case err == nil:
		q.task.Resource, q.Accepted = fhir.Parse([]byte(accepted.Raw), q.task.Version), true
		q.task.FullURL = accepted.FullURL
	case !errors.Is(err, ErrNotFound):
		return err
	}
	s, err := d.Vault()
	if err != nil {
		return err
	}
	q.Given = share.Given{}
	for r, err := range s.History(ctx, fhir.Origin{Source: fhir.Self}, fhir.Ref{Type: "QuestionnaireResponse", ID: q.draftID()}) {
		if err != nil {
			return fmt.Errorf("read a draft: %w", err)
		}
		if given, saved, ok := share.ReadDraft(r.Resource); ok {
			q.Given, q.Saved = given, saved
		}
	}
	return nil
}

// Answer keeps answers as a draft, complete or not, and gives what is wrong
// with them still. The error is ErrSent once they were sent, or may have been.
func (d *Desk) Answer(ctx context.Context, item string, given share.Given) ([]share.Fault, error) {
	q, err := d.questions(ctx, item)
	if err != nil {
		return nil, err
	}
	if q.Result != "" {
		return nil, ErrSent
	}
	faults := q.Form.Check(given)
	if !q.Saved.IsZero() && maps.EqualFunc(q.Given, given, slices.Equal) {
		return faults, nil // nothing new: what was previewed stays
	}
	a := share.Answered{Form: q.Form, Given: given, At: d.Now()}
	r, err := a.Record(q.draftID(), false)
	if err != nil {
		return nil, err
	}
	return faults, d.putOwn(ctx, r)
}

// AcceptRequest tells the provider that the person fills the questionnaire in; it is
// done before the answers can be sent. Accepting twice does nothing.
func (d *Desk) AcceptRequest(ctx context.Context, item string) error {
	q, err := d.questions(ctx, item)
	if err != nil || q.Accepted {
		return err
	}
	return d.tell(ctx, q, "accepted")
}

// DeclineRequest tells the provider that the person does not fill it in. The request
// cannot be answered afterwards.
func (d *Desk) DeclineRequest(ctx context.Context, item string) error {
	q, err := d.questions(ctx, item)
	switch {
	case err != nil && !errors.Is(err, ErrNoForm):
		return err
	case q.Result != "":
		return ErrSent
	}
	status := "rejected"
	if errors.Is(err, ErrNoForm) {
		status = "failed" // what there is to say of one that cannot be read
	}
	if err := d.tell(ctx, q, status); err != nil {
		return err
	}
	return d.keepMark(ctx, q.Provider, q.key(), status)
}

// tell puts the request back with another status, with the consent to collect.
func (d *Desk) tell(ctx context.Context, q questions, status string) error {
	client, err := d.connector()
	if err != nil {
		return err
	}
	g, err := d.grantFor(ctx, q.Provider, collectForms)
	if err != nil {
		return err
	}
	task, err := medmij.WithStatus(q.task.Resource, status)
	if err != nil {
		return errors.Join(share.ErrTask, err)
	}
	updated, err := client.Update(ctx, g, collectForms, task)
	if err != nil && medmij.CodeOf(err) == medmij.CodeOther { // it did not leave: it cannot go back
		err = errors.Join(share.ErrTask, err)
	}
	if err != nil {
		return err
	}
	return d.keep(ctx, store.Setting, q.taskName(), acceptedTask{string(updated.Bytes()), q.task.FullURL})
}

func (d *Desk) grantFor(ctx context.Context, source, service string) (*medmij.Grant, error) {
	grants, err := d.Grants(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		if g.Source() == source && g.Has(service) {
			return g, nil
		}
	}
	return nil, medmij.ErrNotGranted
}

// prepareAnswers makes the message of a draft. A draft that is not complete is
// share.ErrAnswers.
func (d *Desk) prepareAnswers(ctx context.Context, s Sending) (Prepared, error) {
	if len(s.Items) != 1 {
		return Prepared{}, ErrNotFound
	}
	q, err := d.questions(ctx, s.Items[0])
	if err != nil {
		return Prepared{}, err
	}
	if q.Provider != s.Recipient {
		return Prepared{}, ErrNotFound
	}
	p := Prepared{Items: []aggregator.Item{q.item}, keys: []key{q.key()}, done: &q}
	why, err := d.held(ctx, s, q.key())
	if err != nil {
		return p, err
	}
	if why != "" || q.Saved.IsZero() {
		p.Left = []Left{{q.Item, why}}
		return p, ErrNothingToSend
	}
	task, err := medmij.WithStatus(q.task.Resource, "completed")
	if err != nil {
		return p, errors.Join(share.ErrTask, err)
	}
	self, err := d.person(ctx)
	if err != nil {
		return p, err
	}
	p.Message, err = share.Answers(self, q.answered(task))
	return p, err
}

func (q *questions) answered(task fhir.Resource) share.Answered {
	return share.Answered{Form: q.Form, Given: q.Given, At: q.Saved, Task: task}
}

// accepted refuses to send answers to a request that the provider still has as
// a question.
func (p Prepared) accepted() error {
	if p.done != nil && !p.done.Accepted {
		return ErrNotAccepted
	}
	return nil
}

// afterAnswers keeps the answers as they were sent: they do not change any more.
func (d *Desk) afterAnswers(ctx context.Context, p Prepared, all []Delivery) error {
	if p.done == nil || all[0].Result != share.Sent {
		return nil
	}
	r, err := p.done.answered(p.done.task.Resource).Record(p.done.draftID(), true)
	if err != nil {
		return err
	}
	return d.putOwn(ctx, r)
}
