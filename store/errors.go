package store

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// The errors of this package hold no path, no content and no key. Test them
// with errors.Is.
var (
	// ErrNoStore: there is no store file at the path.
	ErrNoStore = fault.ErrNoStore
	// ErrExists: Create found a file at the path. It is untouched.
	ErrExists = fault.ErrExists
	// ErrExposed: the file's mode lets other accounts in (wanted: 0600).
	ErrExposed = fault.ErrExposed
	// ErrWrongKey: the file is sound, but the key does not open it.
	ErrWrongKey = fault.ErrWrongKey
	// ErrWeakPassphrase: shorter than [MinPassphrase] characters.
	ErrWeakPassphrase = fmt.Errorf("a passphrase needs at least %d characters", MinPassphrase)
	// ErrInUse matches every [*InUseError].
	ErrInUse = fault.ErrInUse
	// ErrDamaged matches every [*DamagedError].
	ErrDamaged = fault.ErrDamaged
	// ErrClosed: the store was closed, its keys are gone.
	ErrClosed = errors.New("the store is closed")
	// ErrNotFound: there is no such record or document.
	ErrNotFound = errors.New("not found")
	// ErrNotOwn: only what the person wrote can be removed.
	ErrNotOwn = errors.New("only own entries can be removed")
	// ErrTooLarge: a document is larger than [MaxDocument], or a resource than 256 MB.
	ErrTooLarge = seal.ErrTooLarge
	// ErrReopen: a commit failed half way; open the store again before writing.
	ErrReopen = seal.ErrReopen
	// ErrForgotten: the source was forgotten while it was being stored, or what a
	// document depends on is not there any more.
	ErrForgotten = errors.New("the source was forgotten meanwhile")
	// ErrNoInbox: nobody asked the store for its inbox key yet.
	ErrNoInbox = seal.ErrNoInbox
	// ErrInboxKey: the inbox key is not of this inbox, or the inbox was changed.
	ErrInboxKey = seal.ErrInboxKey
	// ErrInboxFull matches every [*InboxFullError].
	ErrInboxFull = seal.ErrInboxFull
	// ErrBadName: a source or document name is empty or starts with NUL.
	ErrBadName = errors.New("not a usable name")
)

// DamagedError means that the file is not as it was written. Its Where is a
// fixed word for the part: "first page", "page", "header", "key slot", "key
// table", "head", "compartment", "bucket", "record", "set of records", "log",
// "inbox", and of the file "second page", "first pages", "file size" and "list of free
// pages".
type DamagedError = fault.DamagedError

// InUseError means that another program, or another Store, has the file open.
// Waited is how long Open tried, PID the number of that process where it is
// known.
type InUseError = fault.InUseError

// InboxFullError means that nothing more can wait: [MaxWaiting] pages or
// [MaxWaitingBytes] are there. What waits stands.
type InboxFullError = seal.FullError

// NewerError means that the file asks for a newer reader than this one.
type NewerError = fault.NewerError

// RefusedError tells that Put stored everything but Count resources. The rest
// of the source was stored; the receipt counts what was.
type RefusedError struct {
	Reason Reason
	Count  int
}

// Reason is why resources were refused.
type Reason string

// The reasons. A resource that merely cannot be read is not refused: it has a
// Flaw and is kept.
const (
	HoldsBSN Reason = "bsn"        // the bytes hold a citizen service number (fhir.HasBSN)
	Altered  Reason = "altered"    // not what fhir.Parse makes of its own bytes
	TooLarge Reason = "too-large"  // more than 256 MB
	NoBytes  Reason = "no-content" // empty
)

func (r Reason) known() bool { return r == HoldsBSN || r == Altered || r == TooLarge || r == NoBytes }

// Error names the reason and the count, nothing of the resources.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%d resources refused: %s", e.Count, e.Reason)
}

// LogValue gives the reason and the count.
func (e *RefusedError) LogValue() slog.Value { return slog.StringValue(e.Error()) }
