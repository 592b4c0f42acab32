package web

import (
	"context"
	"io"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// Settings is what the person can set: how the pages look, what opens the vault,
// when results are seen, and what becomes of all of it (product.md 6.15).
type Settings interface {
	Preferrer
	Locksmith
	Gatekeeper
	Archivist
}

// Preferences are how the pages look and how long they stay open. The zero value
// leaves everything to the browser and the Config.
type Preferences struct {
	Colour   string        `json:"colour,omitempty"`   // ColourLight, ColourDark, or empty: as the computer says
	Large    bool          `json:"large,omitempty"`    // letters of 125 %
	Contrast bool          `json:"contrast,omitempty"` // more than the computer asks for
	Lang     string        `json:"lang,omitempty"`     // "nl", "en", or empty: never chosen
	Idle     time.Duration `json:"idle,omitempty"`     // one minute to an hour; zero: as Config.Idle
}

// The colours that somebody can ask for; they are values of data-kleur (look.md 3).
const (
	ColourLight = "licht"
	ColourDark  = "donker"
)

// Preferrer keeps what the person prefers, in the vault.
type Preferrer interface {
	// Preferences are the zero value as long as nothing was chosen. It is asked
	// at every request, so it must be quick.
	Preferences(ctx context.Context) (Preferences, error)
	SetPreferences(ctx context.Context, p Preferences) error
}

// KeyringState is what the keyring of the computer does for the vault.
type KeyringState string

// The states of a keyring.
const (
	KeyringNone  KeyringState = ""      // there is none, or it stayed locked
	KeyringOff   KeyringState = "off"   // it does not open the vault
	KeyringOn    KeyringState = "on"    // it opens the vault
	KeyringStale KeyringState = "stale" // what it keeps opens the vault no more
)

// Locksmith changes what opens the vault. Every secret that is asked here is
// checked as at [Vault.Unlock]: wrong ones give *WrongSecret and count with those.
// The caller wipes them.
type Locksmith interface {
	// ChangePassphrase puts next in the place of the passphrase. Present is the
	// passphrase or the recovery code. It returns *WeakSecret for a next that is
	// too easy to guess.
	ChangePassphrase(ctx context.Context, present, next []byte) error

	// NewRecoveryCode makes another recovery code, which is shown once. A code
	// that comes with an error may be the one that opens the vault.
	NewRecoveryCode(ctx context.Context, passphrase []byte) (recovery string, err error)

	// Keyring looks how the keyring stands; it asks the system only where the
	// person once switched it on.
	Keyring(ctx context.Context) (KeyringState, error)

	// AddToKeyring lets the keyring open the vault for commands on this computer.
	// Without a keyring it is a *Problem with the code "keyring".
	AddToKeyring(ctx context.Context, passphrase []byte) error

	// RemoveFromKeyring ends that. It makes nothing less safe and asks for nothing.
	RemoveFromKeyring(ctx context.Context) error
}

// Gatekeeper keeps when results are seen as a rule: of every kind and of every
// source. When single items are seen is a [Chooser]'s.
type Gatekeeper interface {
	// Gates are the rules in force that are not about single items, oldest first.
	Gates(ctx context.Context) ([]aggregator.GateRule, error)

	// SetGates stores all of the rules or none. One that is Off ends.
	SetGates(ctx context.Context, rules []aggregator.GateRule) error
}

// Archivist makes backups, and an end of everything.
type Archivist interface {
	// LastBackup is when the last backup that is known of was made; zero when none
	// is. A single file of the command line is not known of.
	LastBackup(ctx context.Context) (time.Time, error)

	// Backup writes the vault, encrypted with the passphrase, to what begin gives.
	// Begin is called once, with a name for the file, and only when the passphrase
	// is right. After an error that comes later, what was written is cut short.
	Backup(ctx context.Context, passphrase []byte, begin func(name string) io.Writer) error

	// Erase ends the vault and everything in it, on this computer.
	Erase(ctx context.Context, passphrase []byte) error
}
