package web

import (
	"context"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// Shares is who may see what.
type Shares struct {
	// Recipients are the connected providers, and everybody else for whom there
	// is a choice.
	Recipients []Recipient
	Chosen     []Chosen
}

// Chosen is a choice in force.
type Chosen struct {
	share.Choice
	Item string // id of the item it is about; empty for a subject, or when its records are gone
}

// Wish is what the person wants a recipient to see, or not to see, of one item
// or of one subject. A wish for an item goes before one for its subject.
type Wish struct {
	// To is the recipient. One without an ID is new: it is made when the wish is
	// stored, one for all wishes of a call.
	To      share.Recipient
	Subject string // as in aggregator.Item; empty when Item is set
	Item    string // id of an item; empty when Subject is set
	Permit  bool
	Later   bool // of a subject: what comes later as well
	Unseen  bool // of an item that is closed for the person: share it all the same

	// Until is when what is permitted ends by itself; zero is no end, and for a
	// subject that is shared already the end it has.
	Until time.Time
}

// Foreseen is what wishes would change for one recipient.
type Foreseen struct {
	share.Effect
	Misses []share.Consequence // what the recipient misses then, for the person to know
}

// Sharer keeps who may see what (product.md 6.10). Whatever it lets out or
// changes has its line in the ledger first: without that it is share.ErrLedger,
// and nothing happens.
type Sharer interface {
	Shares(ctx context.Context) (Shares, error)

	// Called are the names of recipients, by their IDs.
	Called(ctx context.Context, recipients ...string) ([]string, error)

	// Would tells what the wishes would change, for each recipient they name, in
	// the order of the first wish for each. Nothing is stored.
	Would(ctx context.Context, wishes ...Wish) ([]Foreseen, error)

	// Choose stores all of the wishes or none. It is ErrNotFound when an item is
	// not there.
	Choose(ctx context.Context, wishes ...Wish) error

	// StopSharing ends at once what a recipient may see by one choice, named by
	// its ID; by every choice when that is empty.
	StopSharing(ctx context.Context, recipient, choice string) error

	// Asks are the items that were shared and that something joined: they are
	// not shared until the person chooses again.
	Asks(ctx context.Context) ([]share.Ask, error)

	// Misses is what a recipient misses now, for the person to know.
	Misses(ctx context.Context, recipient string) ([]share.Consequence, error)

	// Preview is the overview exactly as the recipient may see it, but for what
	// is shared unseen: that stays closed on this screen.
	Preview(ctx context.Context, recipient, lang string) (*aggregator.Overview, error)

	// Show is Preview for somebody who looks along at this screen until a moment;
	// the ledger has a line of that.
	Show(ctx context.Context, recipient, lang string, until time.Time) (*aggregator.Overview, error)

	// Paper is Preview to put on paper, without what is closed; the ledger has a
	// line that it was made ready.
	Paper(ctx context.Context, recipient, lang string) (*aggregator.Overview, error)

	// Ledger is everything that was ever shared, oldest first. With a
	// *share.BrokenError come the lines before the one that is not right.
	Ledger(ctx context.Context) (share.Ledger, error)
}
