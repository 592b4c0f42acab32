package web

import (
	"errors"
	"time"
)

// What a Desk may answer; the pages put it into words.
var (
	ErrLocked   = errors.New("web: the vault is locked")
	ErrNotFound = errors.New("web: not found")
	ErrBinding  = errors.New("web: the login was begun in another browser")
)

// Problem is trouble at a provider, with a code that [medmij.Explain] puts into
// words (product.md 6.13). Source may be empty.
type Problem struct {
	Trace  string // id under which the provider knows the exchange; may be empty
	Code   string
	Source string
	Name   string // of the provider, where it is in no overview yet; may be empty
	Err    error
}

// Error names the code; who it is about stays out of it.
func (p *Problem) Error() string { return "web: problem at a provider: " + p.Code }

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Err }

// WrongSecret is what Unlock returns for a secret that does not fit.
type WrongSecret struct {
	Left int           // attempts left before one has to wait
	Wait time.Duration // how long to wait before the next attempt; zero: none
}

// Error says so without the secret.
func (*WrongSecret) Error() string { return "web: wrong passphrase or recovery code" }

// WeakSecret is what Create returns for a passphrase that is too easy to guess.
type WeakSecret struct {
	Reason string // "short", "digits", "repeated", "walk" or "common", as in package store
}

// Error names the reason without the passphrase.
func (w *WeakSecret) Error() string { return "web: passphrase too easy to guess: " + w.Reason }

// The reasons for which an entry is refused.
const (
	RefuseRange  = "range"  // outside what can be true: Low to High
	RefuseOrder  = "order"  // upper pressure below lower pressure
	RefuseFuture = "future" // measured in the future
	RefuseBirth  = "birth"  // measured before birth
	RefuseNumber = "number" // not a number that can be read
	RefuseEmpty  = "empty"  // nothing typed
	RefuseName   = "name"   // a name that a source cannot have
	RefuseFile   = "file"   // a file of which nothing can be read
)

// Refused is what Add returns for an entry that cannot be true; nothing was
// stored.
type Refused struct {
	Reason    string // one of the Refuse codes
	Low, High string // the limits, for RefuseRange
}

// Error names the reason without the value.
func (r *Refused) Error() string { return "web: entry refused: " + r.Reason }
