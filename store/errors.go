package store

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
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
	// ErrWeakPassphrase matches every [*WeakPassphraseError].
	ErrWeakPassphrase = errors.New("the passphrase is too easy to guess")
	// ErrLastKey: a store keeps at least one slot with a passphrase and one
	// recovery slot.
	ErrLastKey = errors.New("a store needs a passphrase and a recovery code")
	// ErrKeyKind: a key of this kind cannot do what was asked.
	ErrKeyKind = errors.New("this kind of key cannot be used for that")
	// ErrTooManyKeys: there is no room for another key slot (16 kB in all).
	ErrTooManyKeys = keys.ErrFull
	// ErrWorn: a key has sealed 2^31 times, and nothing more is written with it.
	// All can still be read; a new store is needed.
	ErrWorn = seal.ErrWorn
	// ErrInUse matches every [*InUseError].
	ErrInUse = fault.ErrInUse
	// ErrDamaged matches every [*DamagedError].
	ErrDamaged = fault.ErrDamaged
	// ErrRolledBack matches every [*RolledBackError].
	ErrRolledBack = errors.New("the store lacks what was in it here before")
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
	// ErrFull: there is no room left on the disk, within the quota, or in a file of
	// its file system. What was there before is there still.
	ErrFull = fault.ErrFull
	// ErrNotBackup: what was given to be restored is no backup.
	ErrNotBackup = fault.ErrNotBackup
	// ErrBadName: a source or document name is empty or starts with NUL.
	ErrBadName = errors.New("not a usable name")
)

// DamagedError means that the file is not as it was written. Its Where is a
// fixed word for the part: "first page", "page", "header", "key slot", "key
// table", "head", "compartment", "bucket", "record", "set of records", "log",
// "inbox", and of the file "second page", "first pages", "file size" and "list of
// free pages", and "backup" for a backup that is cut or changed.
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

// RolledBackError means that the file is sound but not the newest: its head has
// commit Have, and the anchor saw commit Want here. Either an older copy was put
// back, or, where Forked is true, somebody went on from an older copy: then the
// file has other changes in place of those made here. [Config.AcceptOlder] opens
// it all the same.
type RolledBackError struct {
	Have, Want     uint64
	HaveAt, WantAt time.Time // when that was written and seen; HaveAt is zero when it is not known
	Forked         bool
}

// Error names the two commits.
func (e *RolledBackError) Error() string {
	how := "an older copy was put back"
	if e.Forked {
		how = "it has other changes in their place"
	}
	return fmt.Sprintf("%v: %s (commit %d, was %d)", ErrRolledBack, how, e.Have, e.Want)
}

// Is matches [ErrRolledBack].
func (e *RolledBackError) Is(target error) bool { return target == ErrRolledBack }

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
