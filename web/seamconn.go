package web

import (
	"context"
	"time"
)

// Planner keeps at which providers the person wants to log in, so that one
// login follows the other and none is forgotten (product.md 6.4).
type Planner interface {
	// AddLogin adds a provider to the plan; one that is in it already stays where
	// it is. It is ErrNotFound, with nothing stored, for a provider that is not
	// on the list or has nothing to collect. When every login of the plan was
	// done, a new plan begins.
	AddLogin(ctx context.Context, source string) error

	// DropLogin takes a provider out of the plan. What is not in it is no error.
	DropLogin(ctx context.Context, source string) error

	// Plan is the logins that the choices take, those on one login page together.
	Plan(ctx context.Context) ([]PlannedLogin, error)

	// BeginPlanned makes the login with this place in the plan, from 0, which is
	// at this source. It is ErrNotFound when the plan has another one there.
	BeginPlanned(ctx context.Context, n int, source string) (address, binding string, err error)
}

// PlannedLogin is one login of the plan.
type PlannedLogin struct {
	Source   string
	Name     string   // of the provider
	Services []string // names of the data services, for the person
	Host     string   // of the page on which one logs in
	Done     bool     // the person has logged in there since they chose it
}

// Linker tells to which providers the person is connected, and ends that.
type Linker interface {
	// Links are the consents in the vault, one for each source, without asking
	// anybody. A source that is not among them is not connected.
	Links(ctx context.Context) ([]Link, error)

	// Disconnect takes consent, tokens and waiting logins of a source out of the
	// vault. What it gave stays. It is ErrNotFound when there is none.
	Disconnect(ctx context.Context, source string) error

	// Forget also takes out everything that came from the source, without a
	// trace in the vault; it cannot be undone. What the person wrote or chose
	// stays. It is ErrNotFound when there is nothing of this source.
	Forget(ctx context.Context, source string) error
}

// Link is how the consent at one source stands. Of several logins at one
// source it is the one that needs the person first.
type Link struct {
	Source  string
	Name    string // of the provider
	Consent Consent
	Ends    time.Time // of a lasting consent: when it lapses if nothing is fetched before
}
