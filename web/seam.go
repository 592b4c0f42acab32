package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// Desk is everything behind the pages: what a page reads or does goes through
// it. Its parts are small, so that each page names what it needs. All methods
// may be called at once from several requests. Texts in what it returns are
// shown as they are, so they are already in the person's language; codes are
// put into words by the pages.
type Desk interface {
	Vault
	Reader
	Directory
	Connector
	Collector
	Chooser
	Writer
	Keeper
	Sharer
	Sender
	Outlet
	Decider
	Changer
	Planner
	Linker
	Sayer
	Identifier
	Importer
	Settings
	Witness
	Drafter
}

// State is how the vault stands.
type State int

// The states of a vault.
const (
	NoVault State = iota // none has been made yet
	Locked
	Open
)

// Vault makes, opens and closes the person's vault.
type Vault interface {
	State() State

	// Create makes a vault and opens it. The recovery code is shown once and
	// not kept. The caller wipes the passphrase afterwards. It returns
	// *WeakSecret for one that is too easy to guess.
	Create(ctx context.Context, passphrase []byte) (recovery string, err error)

	// Unlock checks the secret, also when the vault is already open, and opens
	// it. The secret is the passphrase or the recovery code as printed. It
	// returns *WrongSecret when the secret does not fit.
	Unlock(ctx context.Context, secret []byte) error

	// Lock closes the vault and stops what is running. It may be called twice.
	Lock()
}

// Reader gives what is stored. Every method returns ErrLocked while the vault
// is closed and ErrNotFound for what is not there.
type Reader interface {
	// Overview is the merged overview of this moment, with its texts in lang
	// ("nl" or "en"). The caller does not change it.
	Overview(ctx context.Context, lang string) (*aggregator.Overview, error)

	// Find looks in what the person may see for what people type: other forms
	// of a word, other words for it, and small typing errors count. It gives at
	// most limit items, best first, and how many there are. History is not in it.
	Find(ctx context.Context, query, lang string, limit int) (hits []aggregator.Hit, n int, err error)

	// Raw is the stored record behind a part, byte for byte as received.
	Raw(ctx context.Context, part aggregator.Part) ([]byte, error)

	// File is file number index (from 0) of a letter's Files.
	File(ctx context.Context, item aggregator.Item, index int) (contentType string, data []byte, err error)
}

// Directory finds care providers.
type Directory interface {
	// Search forgives typing errors and knows places and postcodes. It gives
	// at most 20 providers, best first.
	Search(ctx context.Context, query, lang string) ([]Provider, error)

	// Provider is the one that has this Source, or ErrNotFound.
	Provider(ctx context.Context, source, lang string) (Provider, error)
}

// Provider is a care provider that can be connected.
type Provider struct {
	Source      string // "medmij:umcg@medmij": the source its records will have
	Name        string
	Kind        string // gp, pharmacy, hospital, other, or empty
	Place       string // address in one line; may be empty
	Connected   bool   // there is a grant that still holds
	Connections []Connection
	// Unsupported are the names of data services that the provider has on the
	// list and that this program cannot collect yet.
	Unsupported []string
}

// Connection is one login at a provider. A provider whose data services have
// several login addresses has several.
type Connection struct {
	Services []string // names of the data services, for the person
	Consent  Consent
	// Ends is when a lasting consent lapses unless something is fetched before;
	// zero for other consents.
	Ends time.Time
	// Trouble is the code of what went wrong last, until something went well,
	// with the id by which the provider knows it, and when; empty: nothing.
	Trouble, Trace string
	At             time.Time
}

// Consent is how the person's consent at a connection stands.
type Consent string

// The ways in which a consent stands.
const (
	ConsentNone    Consent = ""        // never given, or disconnected
	ConsentOnce    Consent = "once"    // each time a new login
	ConsentLasting Consent = "lasting" // until Ends, or until the person withdraws it
	ConsentEnded   Consent = "ended"   // lapsed or withdrawn
)

// Connector logs in at a provider. Binding is a random text that only this
// browser's login cookie will hold: Finish refuses another one than Begin gave
// (security-store.md B12).
type Connector interface {
	// Begin makes a login that can be used once, for the connection with this
	// index, and gives the provider's address to go to.
	Begin(ctx context.Context, source string, connection int) (address, binding string, err error)

	// Finish takes what the provider sent back. After a login to collect it
	// keeps the grant; after one to send it has sent, and sent is true. Errors
	// for the person are a *Problem (P-cancel, P-nomatch, P-age, P-403, ...) or
	// ErrBinding.
	Finish(ctx context.Context, answer url.Values, binding string) (source string, sent bool, err error)
}

// Collector collects in the background.
type Collector interface {
	// Sync starts collecting from these sources, or from all when there are
	// none, and returns at once. A source that is already busy goes on.
	Sync(ctx context.Context, sources ...string) error

	// Stop ends the collecting of one source; what came in stays.
	Stop(source string)

	// Progress tells of every source that was collected since the vault was
	// opened, in the order in which they were started.
	Progress() []SourceProgress
}

// SourceProgress is how far the collecting from one source is.
type SourceProgress struct {
	Source   string
	Provider string
	Started  time.Time
	Finished time.Time // zero while busy
	Parts    []PartProgress
	New      int
	Changed  int
	Same     int    // came in before, unchanged
	Code     string // why it failed as a whole ("P-503", "P-401", ...); empty otherwise
	// Known is when this source last gave something before this run; zero when never.
	Known time.Time
}

// PartProgress is one query of one data service of a source.
type PartProgress struct {
	Service   string // "48"
	Query     string
	Subject   string       // what it is about, as in aggregator.Item.Subject; may be empty
	Outcome   fhir.Outcome // empty while waiting or busy
	Busy      bool
	Page      int // page that is being fetched, from 1
	Resources int
	Code      string // "P-503", ...; empty when it went well
}

// Chooser keeps when the person wants to see results that are closed now
// (product.md 6.9).
type Chooser interface {
	// Wait stores when these closed items, by their ids, may be seen;
	// aggregator.WaitNot opens them. It is ErrNotFound, with nothing stored,
	// when one of them is not there.
	Wait(ctx context.Context, items []string, r aggregator.GateRule) error

	// SetGate stores when results of a kind and a source may be seen.
	SetGate(ctx context.Context, r aggregator.GateRule) error
}

// Kind is what kind of own entry it is; the names of `bundel add`.
type Kind string

// The kinds of own entries.
const (
	BloodPressure Kind = "bloodpressure"
	HeartRate     Kind = "heartrate"
	Pulse         Kind = "pulse"
	Weight        Kind = "weight"
	Height        Kind = "height"
	Temperature   Kind = "temperature"
	Oxygen        Kind = "oxygen"
	Respiration   Kind = "respiration"
	Glucose       Kind = "glucose"
	OwnMedicine   Kind = "medicine"
	OwnAllergy    Kind = "allergy"
	OwnNote       Kind = "note"
	OwnDocument   Kind = "document" // a file; its value is the title
)

// Entry is something the person adds.
type Entry struct {
	Kind Kind

	// Value is a decimal with a point and its digits as typed ("36.60"), two
	// with a slash for blood pressure ("128/82"), in the unit of the kind
	// (merge.md 6.1); the name of a medicine or of what the person is
	// allergic to; the text of a note.
	Value string

	Timing    string    // of glucose: "fasting", "after-meal" or empty
	Detail    string    // how a medicine is used; which reaction an allergy gives
	Note      string    // free text of the person
	At        time.Time // when it was measured
	Confirmed bool      // the person answered yes to the question below
}

// LogValue keeps health data out of logs.
func (Entry) LogValue() slog.Value { return slog.StringValue("[entry]") }

// String keeps health data out of texts.
func (Entry) String() string { return "[entry]" }

// Format keeps health data out of texts.
func (Entry) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[entry]")) }

// The questions that Add may ask instead of storing.
const (
	AskUnusual = "unusual" // far from what is usual: is it right?
	AskMgdl    = "mgdl"    // glucose: did you mean mg/dL?
	AskMetres  = "metres"  // height: did you mean metres?
	AskJump    = "jump"    // far from the last own value: is it right?
	AskTwice   = "twice"   // the same was stored a moment ago: twice?
)

// Writer stores what the person adds.
type Writer interface {
	// Add stores the entry and gives an empty question; or, when the entry
	// needs a yes and is not Confirmed, stores nothing and gives the question
	// (one of the Ask codes). An impossible entry is a *Refused.
	Add(ctx context.Context, e Entry) (question string, err error)
}

// Decision is what the person decides about which records belong together
// (merge.md 7).
type Decision struct {
	Op    aggregator.Op // not OpAccept or OpDeny: see Identifier
	Item  string        // id; not for OpUndo
	Other string        // id of the other item, for OpJoin
	Part  int           // which part does not belong, from 1, for OpSeparate
	Code  string        // which conflict was seen, for OpDismiss
	Seq   int           // which decision is taken back, for OpUndo
}

// Decider keeps what the person decides. Nothing changes at a provider.
type Decider interface {
	// Decide stores the decision and gives its number. The error is ErrNotFound
	// for an item that is not there or is closed; an *aggregator.Refused; or one
	// of aggregator's ErrTogether, ErrSameRecord, ErrNoConflict, ErrNoDecision.
	// After an error nothing was stored.
	Decide(ctx context.Context, d Decision) (seq int, err error)
}

// Changer tells what became different.
type Changer interface {
	// Changes are the differences between what was known at a moment and now,
	// with texts in lang, in the order in which they are shown.
	Changes(ctx context.Context, since time.Time, lang string) ([]aggregator.Change, error)

	// LastVisit is when the person last had the vault open before this time;
	// zero when they never had.
	LastVisit() time.Time
}

// Recipient is a provider, or somebody else, something may be shared with.
type Recipient struct {
	Source  string // of a provider; else the ID of package share
	Name    string
	Kind    string
	CanSend bool // it takes what the person sends
	Ready   int  // number of items that Send would send now
	Role    share.Role
}
