package web

import (
	"context"
	"errors"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// Why something is not sent; the pages have a screen for each.
var (
	ErrNothingToSend = errors.New("web: nothing to send")
	ErrTakesNone     = errors.New("web: the provider does not take this")
	ErrPreview       = errors.New("web: it is not what was shown any more")
	ErrSent          = errors.New("web: it was sent, or may have been")
	ErrNoForm        = errors.New("web: this questionnaire cannot be filled in here")
	ErrNotAccepted   = errors.New("web: the provider was not told that the person fills it in")
	ErrNotGranted    = errors.New("web: the consent for this ended, or was never given")
)

// Parcel is one message to a provider: what, to whom, and which bytes were seen.
type Parcel struct {
	Kind      share.Kind
	Recipient string   // source
	Items     []string // ids or keys; none: all that is shared and was not sent
	Again     bool     // also what may have arrived: the person asked the provider
	Digest    string   // of the message that was shown
}

// Packed is a message that is ready: Message.Bytes are what the provider gets.
type Packed struct {
	Message share.Message
	Items   []aggregator.Item
	Left    []LeftOut
}

// LeftOut is an item that does not go, with the code of why: "not-shared",
// "sent", "unknown", "no-file", "type", "size" or "later".
type LeftOut struct{ Item, Code string }

// Sent is what became of one thing in a message.
type Sent struct {
	Item, Title string
	OK          bool
	Code        string // why not
	Detail      string // what the provider's system said
	Twice       bool   // it may be there from an earlier time, and was refused now
}

// Questionnaire is a request of a provider to fill one in.
type Questionnaire struct {
	Item, Provider string
	Form           share.Form
	Given          share.Given // the draft
	Accepted       bool        // the provider knows that the person fills it in
	Done           bool        // it was sent, or may have been
}

// Receipt tells what was sent, when, and what became of each entry.
type Receipt struct {
	share.Receipt
	Valid bool // its signature holds; if not, nothing else is filled in
}

// Request is a request to correct a record, and where it stands.
type Request struct {
	share.Correction
	State  share.State
	Unsure bool // it was sent, and it is not known whether it arrived
}

// Sender sends over MedMij. The provider asks the person to confirm each message
// at a login of its own, so sending begins as a login does and is done when
// Finish returns.
type Sender interface {
	CanReceive(ctx context.Context, kind share.Kind, recipient string) bool

	// Pack makes the message as it would be sent now, to look at. Errors:
	// ErrNotFound, ErrNothingToSend (Left tells why), share's of what does not fit.
	Pack(ctx context.Context, p Parcel) (Packed, error)

	// BeginSend makes the login for a message with the Digest that was shown.
	// Errors: ErrNotFound, ErrTakesNone, ErrPreview, ErrNothingToSend.
	BeginSend(ctx context.Context, p Parcel) (address, binding string, err error)

	// Sent is the last message and what became of each thing in it; its
	// recipient is empty when there was none.
	Sent() (p Parcel, results []Sent)

	// Receipts are those of everything that was sent, newest first.
	Receipts(ctx context.Context) ([]Receipt, error)

	// AddDocument keeps a file of the person, 10 MB at most. It is a *Refused
	// with the reason "empty", "type" or "size".
	AddDocument(ctx context.Context, title string, data []byte) error

	Answerer
	Corrector
}

// Answerer fills in what a provider asks.
type Answerer interface {
	// Questionnaire is the request behind an item, or ErrNotFound or ErrNoForm. All
	// four may give share.ErrTask and a *Problem as well.
	Questionnaire(ctx context.Context, item string) (Questionnaire, error)
	// Answer keeps a draft and gives what is wrong with it still.
	Answer(ctx context.Context, item string, given share.Given) ([]share.Fault, error)
	// Accept tells the provider that the person fills it in; Decline that not.
	// ErrNotGranted: it needs the consent with which the request was collected.
	Accept(ctx context.Context, item string) error
	Decline(ctx context.Context, item string) error
}

// Corrector asks a provider to correct what it says.
type Corrector interface {
	// Correct keeps a request in the person's words and gives its id. Errors:
	// ErrNotFound, share.ErrNotTheir, share.ErrNoWords, share.ErrHoldsBSN.
	Correct(ctx context.Context, item, provider, words string) (id string, err error)
	// Requests are all of them, newest first.
	Requests(ctx context.Context) ([]Request, error)
	// RequestLetter is one as a letter to print.
	RequestLetter(ctx context.Context, id, lang string) (string, error)
}
