package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bundel-pgo/bundel/share"
)

// ErrNothingShared is returned when the reader may see nothing: then nothing is
// made, not even a file that says so.
var ErrNothingShared = errors.New("web: nothing is shared with this reader")

// Outlet is how data leaves by the person's own hand: with a link or as a file
// (product.md 6.10). What goes over MedMij is a [Sender]'s.
type Outlet interface {
	LinkGiver
	Filer
}

// Audience is somebody for whom the person chose what they may see. Without an
// ID it is the person.
type Audience struct{ ID, Name string }

// LinkGiver makes links and one-time codes at a relay, and ends them.
type LinkGiver interface {
	// Relay is the address of the relay, or empty when none is configured.
	Relay() string

	// Audiences are those who may see something now, in the order of their names.
	Audiences(ctx context.Context) ([]Audience, error)

	// GivenLinks are those of the last month, newest first, with what the relay says
	// of them now. That a relay cannot be reached is no error: [GivenLink.Silent].
	GivenLinks(ctx context.Context) ([]GivenLink, error)

	// MakeLink places what the wish names at the relay and gives the id of the
	// link. Errors: ErrNothingShared, share.ErrRelay (it may be there; Links
	// shows it then), share.ErrBusy, share.ErrRefused, share.ErrBirthDate.
	MakeLink(ctx context.Context, wish LinkWish) (id string, err error)

	// StopLink ends a link at the relay. After share.ErrRelay it may open still.
	StopLink(ctx context.Context, id string) error
}

// LinkWish is what the person wants at a link.
type LinkWish struct {
	Audience  string        // ID; empty: all that the person sees
	Name      string        // for whom it is, in the person's words: kept beside the Audience
	Life      time.Duration // an hour to thirty days; of a code always an hour
	Openings  int           // how often it opens; zero: as often as they like. Of a code always 1
	Passcode  bool          // digits that are told apart
	BirthDate string        // "1961-04-02": a one-time code in place of a link
	Lang      string        // of the summary, "nl" or "en"
}

// String keeps who it is for, and a date of birth, out of texts.
func (LinkWish) String() string { return "[link]" }

// LogValue keeps it out of logs.
func (LinkWish) LogValue() slog.Value { return slog.StringValue("[link]") }

// Format keeps it out of texts.
func (LinkWish) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[link]")) }

// GivenLink is a link or a one-time code that was made. Its secrets are empty
// once it ended.
type GivenLink struct {
	ID       string // of ours: not of the relay
	Name     string // for whom, as the person typed it
	Of       string // whose choices it holds; empty when All
	Spoken   bool   // a one-time code to read aloud
	All      bool   // all that the person saw
	Items    int    // how many things are in it
	Made     time.Time
	Until    time.Time
	Openings int    // how often it may open; zero: any number
	Site     string // where a code is typed
	URI      string // to scan; of a code empty
	Code     string // as read aloud, "K7M2Q-4XD9A"; of a link empty
	Passcode string // empty without
	Seen     []share.Opening
	End      string // one of share's Ends, or [LinkGone]; empty: it can be opened
	Ended    time.Time
	Unsure   bool // the relay did not answer when it was made: it may be there
	Silent   bool // the relay does not answer now: Seen and End are as last known
}

// LinkGone is the end of a link that the relay has no more, without a reason.
const LinkGone = "gone"

// String keeps the secrets of the link out of texts.
func (GivenLink) String() string { return "[link]" }

// LogValue keeps them out of logs.
func (GivenLink) LogValue() slog.Value { return slog.StringValue("[link]") }

// Format keeps them out of texts.
func (GivenLink) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[link]")) }

// opened is how often it was opened.
func (l GivenLink) opened() (n int) {
	for _, o := range l.Seen {
		if o.Event == share.EventOpened {
			n++
		}
	}
	return n
}

// wrongTries is how often a wrong passcode, code or birth date was typed.
func (l GivenLink) wrongTries() int { return len(l.Seen) - l.opened() }

// The forms in which a file is given.
const (
	FileLocked      = "dicht"    // a page that opens with a code
	FileSummary     = "document" // IPS in JSON
	FileTable       = "tabel"    // CSV
	FilePortability = "lijst"    // what was collected where (medmij-protocol.md 1.2)
)

// Filer writes files to give away or to keep.
type Filer interface {
	// WriteFile gives a file in one of the forms: what the audience may see, or
	// without one all that the person sees. Code is for FileLocked, as
	// share.NewFileCode makes it. Errors: ErrNothingShared, share.ErrFileCode.
	WriteFile(ctx context.Context, wish FileWish) ([]byte, error)
}

// FileWish is which file the person wants.
type FileWish struct {
	Form     string
	Audience string // ID
	Code     string
	Lang     string
}

// String keeps the code out of texts.
func (FileWish) String() string { return "[file]" }

// LogValue keeps it out of logs.
func (FileWish) LogValue() slog.Value { return slog.StringValue("[file]") }

// Format keeps it out of texts.
func (FileWish) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[file]")) }
