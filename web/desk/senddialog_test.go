package desk

import (
	"errors"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/share"
)

// TestAQuestionnaireFromRequestToAnswers goes through the dialogue, and tries
// what is not allowed at each step.
func TestAQuestionnaireFromRequestToAnswers(t *testing.T) {
	b := newSendBench(t)
	ctx := t.Context()
	b.visitClinic(t)
	task := b.itemOf(t, "questionnaire", "Task", clinicOf)
	s := Sending{Kind: share.KindAnswers, Recipient: clinicOf, Items: []string{task.ID}}
	asked := must(b.Asked(ctx, task.ID))
	if asked.Form.Title != "Hoe gaat het met u?" || len(asked.Form.Questions) != 2 || asked.Accepted || !asked.Saved.IsZero() {
		t.Errorf("asked %+v", asked)
	}
	if _, err := b.BeginSend(ctx, s); !errors.Is(err, ErrNothingToSend) {
		t.Errorf("without a draft: %v", err)
	}
	if faults := must(b.Answer(ctx, task.ID, share.Given{"1": {"matig"}})); len(faults) != 1 || faults[0].Code != share.FaultOption {
		t.Errorf("faults %v", faults)
	}
	if _, err := b.Prepare(ctx, s); !errors.Is(err, share.ErrAnswers) {
		t.Errorf("a draft that is not right: %v", err)
	}
	if got := must(b.Asked(ctx, task.ID)); got.Given["1"][0] != "matig" || got.Saved.IsZero() {
		t.Error("the draft does not come back")
	}
	must(b.Answer(ctx, task.ID, share.Given{"1": {"goed"}}))
	if _, err := b.BeginSend(ctx, s); !errors.Is(err, ErrNotAccepted) {
		t.Errorf("before it was accepted: %v", err)
	}
	must(0, b.AcceptRequest(ctx, task.ID))
	must(0, b.AcceptRequest(ctx, task.ID))
	if n := len(b.net.Received()); n != 1 {
		t.Errorf("accepted %d times", n)
	}
	if all, err := b.sendNow(t, s); err != nil || all[0].Result != share.Sent {
		t.Fatal(all, err)
	}
	if _, err := b.Answer(ctx, task.ID, share.Given{"1": {"slecht"}}); !errors.Is(err, ErrSent) {
		t.Errorf("answers that were sent can be changed: %v", err)
	}
	if err := b.DeclineRequest(ctx, task.ID); !errors.Is(err, ErrSent) {
		t.Errorf("declined after it was answered: %v", err)
	}
	if got := must(b.Asked(ctx, task.ID)); got.Result != share.Sent {
		t.Errorf("result %q", got.Result)
	}
}

func TestAQuestionnaireThatIsDeclined(t *testing.T) {
	b := newSendBench(t)
	ctx := t.Context()
	b.visitClinic(t)
	task := b.itemOf(t, "questionnaire", "Task", clinicOf)
	must(0, b.DeclineRequest(ctx, task.ID))
	if _, err := b.Answer(ctx, task.ID, share.Given{"1": {"goed"}}); !errors.Is(err, ErrSent) {
		t.Errorf("answered after it was declined: %v", err)
	}
	if got := b.net.Received(); len(got) != 1 || len(b.posted()) != 0 {
		t.Errorf("%d messages", len(got))
	}
	if _, err := b.Asked(ctx, "letter:aaaaaaaaaaaa"); !errors.Is(err, ErrNotFound) {
		t.Errorf("what is no request: %v", err)
	}
}

// TestARequestToCorrectIsFollowed: from draft to sent, with the words of the
// provider's system, until the record is another one.
func TestARequestToCorrectIsFollowed(t *testing.T) {
	b := newSendBench(t)
	ctx := t.Context()
	s := b.prepareKind(t, share.KindCorrection)
	state := func() Requested { return must(b.Requests(ctx))[0] }
	if state().State != share.StateDraft {
		t.Errorf("state %s", state().State)
	}
	shown := must(b.Prepare(ctx, s)).Message.Digest()
	must(b.Rewrite(ctx, s.Items[0], "Andere woorden"))
	s.Digest = shown
	if _, err := b.sendNow(t, s); !errors.Is(err, ErrPreview) {
		t.Errorf("other words than were shown: %v", err)
	}
	s.Digest = ""
	if _, err := b.sendNow(t, s); err != nil {
		t.Fatal(err)
	}
	if got := state(); got.State != share.StateAnswered || got.Reply != "Uw verzoek is ontvangen." || got.Sent.IsZero() {
		t.Errorf("state %s, reply %q", got.State, got.Reply)
	}
	if _, err := b.Rewrite(ctx, s.Items[0], "Nog iets"); !errors.Is(err, ErrSent) {
		t.Errorf("changed after it was sent: %v", err)
	}
	b.changeRecord(t, state().About[0])
	if got := state(); got.State != share.StateChanged {
		t.Errorf("the provider has another version: %s", got.State)
	}
}

// changeRecord stores another version of a record of a provider.
func (b *bench) changeRecord(t *testing.T, a share.About) {
	t.Helper()
	vault := must(b.Vault())
	origin := fhir.Origin{Source: a.Source, Service: a.Service}
	var last fhir.Record
	for r, err := range vault.History(t.Context(), origin, fhir.Ref{Type: a.Type, ID: a.ID}) {
		last = must(r, err)
	}
	raw := append([]byte(`{"language":"nl",`), last.Bytes()[1:]...)
	must(vault.Put(t.Context(), fhir.One(origin, last.Version, last.Query, fhir.Parse(raw, last.Version))))
}

func TestWithoutTheNumberARequestIsALetter(t *testing.T) {
	b := newBenchAt(t, mock.Full()) // corrections are off by default
	b.visitClinic(t)
	if b.CanReceive(t.Context(), share.KindCorrection, clinicOf) {
		t.Error("a service without a number is offered")
	}
	for _, item := range must(b.Overview(t.Context(), b.Now(), "nl")).Items {
		if c, err := b.Correct(t.Context(), item.ID, clinicOf, "Dit klopt niet"); err == nil {
			letter, err := b.CorrectionLetter(t.Context(), c.ID, "nl")
			if err != nil || letter == "" {
				t.Errorf("letter: %v", err)
			}
			return
		}
	}
	t.Error("nothing to correct")
}
