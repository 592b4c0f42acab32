package desk

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/share"
)

// sendFault is something that goes wrong while sending, the code it has, what
// each thing becomes, and what is ready to be sent after it.
type sendFault struct {
	name    string
	fault   mock.Fault
	code    string // of the error; empty: none
	result  string // of the deliveries; empty: there are none
	receipt string // outcome of every entry
	ready   bool   // it may be sent again without a word
	arrived int    // messages that the provider has
}

func sendFaults() []sendFault {
	return []sendFault{
		{"the connection is cut after the body", mock.Fault{Kind: "reset", Value: "after"}, "", share.Unknown, share.Unknown, false, 1},
		{"the provider has trouble", mock.Fault{Kind: "status", Status: 503}, "", share.Unknown, share.Unknown, false, 0},
		{"the consent ended", mock.Fault{Kind: "status", Status: 401}, "P-401", "", share.Refused, true, 0},
		{"the message is refused", mock.Fault{Kind: "status", Status: 422}, "P-422", "", share.Refused, true, 0},
	}
}

// TestWhatGoesWrongWhileSending does each fault with each kind: its code, its
// stored state, its receipt, and that nothing goes twice by itself.
func TestWhatGoesWrongWhileSending(t *testing.T) {
	for _, kind := range share.Kinds() {
		for _, f := range sendFaults() {
			t.Run(string(kind)+"/"+f.name, func(t *testing.T) { checkSendFault(t, kind, f) })
		}
	}
}

func checkSendFault(t *testing.T, kind share.Kind, f sendFault) {
	b := newSendBench(t)
	s := b.prepareKind(t, kind)
	shown := must(b.Prepare(t.Context(), s))
	f.fault.On, f.fault.Times = "resource:"+b.serviceOf(kind), 1
	must(0, b.net.Fault(f.fault))
	all, err := b.sendNow(t, s)
	code := ""
	if err != nil {
		code = medmij.CodeOf(err)
	}
	if code != f.code {
		t.Fatalf("code %q, want %q: %v", code, f.code, err)
	}
	for _, d := range all {
		if d.Result != f.result {
			t.Errorf("%s: %s", d.Title, d.Result)
		}
	}
	if (len(all) > 0) != (f.result != "") || len(b.posted()) != f.arrived {
		t.Errorf("%d deliveries, %d arrived", len(all), len(b.posted()))
	}
	r := must(b.Receipts(t.Context()))
	if len(r) != 1 || !r[0].Valid || !r[0].Fits(shown.Message.Bytes) || r[0].Entries[0].Result != f.receipt || f.code != "" && r[0].Code != f.code {
		t.Errorf("receipts %+v", r)
	}
	b.checkReady(t, s, f)
	b.checkNothingLeft(t)
}

// checkReady: what may have arrived waits for the person, who can say that it
// is not there; only then it goes again.
func (b *bench) checkReady(t *testing.T, s Sending, f sendFault) {
	t.Helper()
	p, err := b.Prepare(t.Context(), s)
	if f.ready != (err == nil) || !f.ready && !errors.Is(err, ErrNothingToSend) {
		t.Fatalf("ready again: %v", err)
	}
	if f.ready {
		return
	}
	if len(p.Left) == 0 || p.Left[0].Code != share.Unknown {
		t.Errorf("left %+v", p.Left)
	}
	s.Again = true
	all, err := b.sendNow(t, s)
	if s.Kind == share.KindAnswers && f.arrived > 0 { // the provider has the answers, and says so
		if err != nil || len(all) != 1 || all[0].Result != share.Unknown || !all[0].Twice {
			t.Errorf("answers to a completed request: %+v, %v", all, err)
		}
		b.checkInDoubt(t, s)
		return
	}
	if err != nil || len(all) == 0 || all[0].Result != share.Sent || len(b.posted()) != f.arrived+1 {
		t.Errorf("again, when asked: %+v, %v", all, err)
	}
}

// checkInDoubt: what may be there from the first time stays unknown, and is not
// ready to be sent.
func (b *bench) checkInDoubt(t *testing.T, s Sending) {
	t.Helper()
	s.Again = false
	p, err := b.Prepare(t.Context(), s)
	if !errors.Is(err, ErrNothingToSend) || len(p.Left) == 0 || p.Left[0].Code != share.Unknown {
		t.Errorf("ready after a doubt: %v, %v", p.Left, err)
	}
	for _, r := range must(b.Requests(t.Context())) {
		if !r.Unsure {
			t.Error("the request looks as if it was never sent")
		}
	}
	ledger := must(b.Ledger(t.Context()))
	if last := ledger[len(ledger)-1]; last.Act != share.ActDeliver || last.Outcomes[0].Code != share.Unknown {
		t.Errorf("the ledger ends with %s", last.Act)
	}
}

// TestARefusalTheSecondTimeIsNoAnswerAboutTheFirst: for every kind, whatever
// goes wrong when it is sent again.
func TestARefusalTheSecondTimeIsNoAnswerAboutTheFirst(t *testing.T) {
	for _, kind := range share.Kinds() {
		for _, second := range []struct {
			status int
			code   string // of the error; empty: it is said of the things
		}{{422, ""}, {409, ""}, {401, "P-401"}, {403, "P-403"}} {
			t.Run(fmt.Sprint(kind, "/", second.status), func(t *testing.T) {
				b := newSendBench(t)
				s := b.prepareKind(t, kind)
				on := "resource:" + b.serviceOf(kind)
				must(0, b.net.Fault(mock.Fault{On: on, Kind: "status", Status: 503, Times: 1}))
				must(b.sendNow(t, s))
				must(0, b.net.Fault(mock.Fault{On: on, Kind: "status", Status: second.status, Times: 1}))
				s.Again = true
				all, err := b.sendNow(t, s)
				if (err == nil) != (second.code == "") || err != nil && medmij.CodeOf(err) != second.code {
					t.Errorf("code %q: %v", medmij.CodeOf(err), err)
				}
				for _, d := range all {
					if d.Result != share.Unknown || !d.Twice {
						t.Errorf("%s, twice %v", d.Result, d.Twice)
					}
				}
				if (len(all) > 0) != (err == nil) {
					t.Errorf("%d deliveries", len(all))
				}
				b.checkInDoubt(t, s)
			})
		}
	}
}

func TestOneOfFiveIsRefused(t *testing.T) {
	b := newSendBench(t)
	s := b.prepareKind(t, share.KindMeasurements)
	must(0, b.net.Fault(mock.Fault{On: "resource:53", Kind: "batch", Value: "partly", Times: 1}))
	all, err := b.sendNow(t, s)
	if err != nil || len(all) != 5 {
		t.Fatal(len(all), err)
	}
	refused := slices.DeleteFunc(slices.Clone(all), func(d Delivery) bool { return d.Result == share.Sent })
	if len(refused) != 1 || refused[0].Result != share.Refused {
		t.Fatalf("refused %+v", refused)
	}
	if p := must(b.Prepare(t.Context(), s)); len(p.Items) != 1 || p.Items[0].ID != refused[0].Item || len(p.Left) != 4 {
		t.Errorf("ready %d, left %v", len(p.Items), p.Left)
	}
	count := map[string]int{}
	for _, e := range must(b.Receipts(t.Context()))[0].Entries {
		count[e.Type+" "+e.Result]++
	}
	if count["Observation sent"] != 4 || count["Observation refused"] != 1 {
		t.Errorf("receipt %v", count)
	}
}

// TestWhatNeverLeaves: refused before a login begins, with nothing stored.
func TestWhatNeverLeaves(t *testing.T) {
	b := newSendBench(t)
	ctx := t.Context()
	s := b.prepareKind(t, share.KindDocuments)
	for name, c := range map[string]struct {
		sending Sending
		want    error
	}{
		"the service is not offered":      {Sending{Kind: share.KindDocuments, Recipient: gpOf}, ErrTakesNone},
		"the recipient is unknown":        {Sending{Kind: share.KindDocuments, Recipient: "medmij:nergens@medmij"}, ErrNotFound},
		"a name that only resembles one":  {Sending{Kind: share.KindDocuments, Recipient: "noordzee"}, ErrNotFound},
		"no such kind":                    {Sending{Kind: "chat", Recipient: hospitalOf}, ErrTakesNone},
		"other bytes than were shown":     {Sending{Kind: s.Kind, Recipient: s.Recipient, Digest: share.Digest("iets anders")}, ErrPreview},
		"an item that is not shared":      {Sending{Kind: s.Kind, Recipient: s.Recipient, Items: []string{"letter:aaaaaaaaaaaa"}}, ErrNothingToSend},
		"answers without a request":       {Sending{Kind: share.KindAnswers, Recipient: clinicOf}, ErrNotFound},
		"a correction that is not there":  {Sending{Kind: share.KindCorrection, Recipient: clinicOf, Items: []string{"x"}}, ErrNotFound},
		"a correction without its number": {Sending{Kind: share.KindCorrection, Recipient: gpOf}, ErrTakesNone},
	} {
		if _, err := b.BeginSend(ctx, c.sending); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(b.posted()) != 0 || len(must(b.Receipts(ctx))) != 0 {
		t.Error("something left, or is said to have")
	}
	if p := must(b.Prepare(ctx, s)); len(p.Items) != 1 {
		t.Error("what was not sent is not ready any more")
	}
}

// TestWhatChangedAfterTheLoginIsNotSent: the login was for other bytes.
func TestWhatChangedAfterTheLoginIsNotSent(t *testing.T) {
	b := newSendBench(t)
	s := b.prepareKind(t, share.KindMeasurements)
	started := must(b.BeginSend(t.Context(), s))
	must(0, b.addWeight(t, "83.2"))
	must(0, b.Share(t.Context(), "vital", gpOf, false)) // with what is there now
	done, err := b.comeBack(t, started, mock.Visitor{Persona: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Send(t.Context(), done.Grant, done.Sending); !errors.Is(err, ErrPreview) || len(b.posted()) != 0 {
		t.Errorf("sent what was not confirmed: %v", err)
	}
	other := done.Sending
	other.Recipient, other.Digest = hospitalOf, ""
	if _, err := b.Send(t.Context(), done.Grant, other); !errors.Is(err, ErrBinding) {
		t.Errorf("the consent of one is used for another: %v", err)
	}
}

func (b *bench) addWeight(t *testing.T, value string) error {
	t.Helper()
	_, err := b.Add(t.Context(), weightOf(value))
	return err
}

// TestAComputerThatStopsHalfwaySendsNothingTwice: the note is there before the
// first byte leaves.
func TestAComputerThatStopsHalfwaySendsNothingTwice(t *testing.T) {
	b := newSendBench(t)
	s := b.prepareKind(t, share.KindDocuments)
	p := must(b.Prepare(t.Context(), s))
	before := must(b.markAll(t.Context(), s.Recipient, p.keys)) // and then nothing more
	if p, err := b.Prepare(t.Context(), s); !errors.Is(err, ErrNothingToSend) || p.Left[0].Code != share.Unknown {
		t.Errorf("ready again: %v, %v", p.Left, err)
	}
	must(0, b.unmark(t.Context(), s.Recipient, p.keys, before))
	if _, err := b.Prepare(t.Context(), s); err != nil {
		t.Errorf("taken back, and not ready: %v", err)
	}
}

// TestTheSameTwiceAtOnceGoesOnce sends one message with two consents.
func TestTheSameTwiceAtOnceGoesOnce(t *testing.T) {
	b := newSendBench(t)
	s := b.prepareKind(t, share.KindDocuments)
	token := b.net.Personas[0].Token
	errs := make(chan error, 2)
	for range 2 {
		g := must(b.SendToken(t.Context(), s, token))
		go func() {
			_, err := b.Send(t.Context(), g, s)
			errs <- err
		}()
	}
	one, two := <-errs, <-errs
	if (one == nil) == (two == nil) || !errors.Is(errors.Join(one, two), ErrNothingToSend) || len(b.posted()) != 1 {
		t.Errorf("%v, %v, %d messages", one, two, len(b.posted()))
	}
}

// TestDocumentsThatDoNotGo: each stays behind with its reason.
func TestDocumentsThatDoNotGo(t *testing.T) {
	b := newSendBench(t)
	ctx := t.Context()
	large := append(slices.Clone(aPDF), make([]byte, 8<<20)...)
	for title, data := range map[string][]byte{"Foto": aPNG, "Groot": large, "Brief": aPDF} {
		must(0, b.AddDocument(ctx, ownFile(title, data)))
	}
	must(0, b.Share(ctx, "letter", hospitalOf, false))
	p := must(b.Prepare(ctx, Sending{Kind: share.KindDocuments, Recipient: hospitalOf}))
	if len(p.Items) != 1 || p.Items[0].Title != "Brief" {
		t.Errorf("items %d", len(p.Items))
	}
	o := must(b.Overview(ctx, time.Time{}, "nl"))
	why := map[string]string{}
	for _, l := range p.Left {
		item, _ := o.Find(l.Item)
		why[item.Title] = l.Code
	}
	if why["Foto"] != "type" || why["Groot"] != "size" {
		t.Errorf("left %v", why)
	}
}

// TestALetterThatWasSharedIsPassedOn: with its writer and its own identifier,
// and never back to the provider it came from.
func TestALetterThatWasSharedIsPassedOn(t *testing.T) {
	b := newSendBench(t)
	ctx := t.Context()
	if _, err := b.connect(t, "ziekenhuis-noordzee", anna); err != nil {
		t.Fatal(err)
	}
	b.collectClinic(t)
	must(0, b.Share(ctx, "letter", hospitalOf, false))
	if _, err := b.Prepare(ctx, Sending{Kind: share.KindDocuments, Recipient: hospitalOf}); !errors.Is(err, ErrNothingToSend) {
		t.Errorf("a letter goes back: %v", err)
	}
	must(0, b.Share(ctx, "letter", clinicOf, false))
	p, err := b.Prepare(ctx, Sending{Kind: share.KindDocuments, Recipient: clinicOf})
	if err != nil {
		t.Fatal(err, p.Left)
	}
	if len(p.Message.Bytes) == 0 || len(p.Items) == 0 {
		t.Error("no letter is passed on")
	}
}
