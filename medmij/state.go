package medmij

import "time"

// ConnectionState is where a connection stands (medmij-protocol.md 3.12).
type ConnectionState string

// The states of a connection. Only the first two have tokens that can be used.
const (
	StateActive         ConnectionState = "active"            // for as long as the access token lives
	StateLasting        ConnectionState = "active_refresh"    // can be renewed without the person
	StateNone           ConnectionState = "none"              // nothing was begun
	StateAwaiting       ConnectionState = "awaiting_callback" // the person is at the provider
	StateExchanging     ConnectionState = "exchanging"        // a code was offered for tokens
	StateExpired        ConnectionState = "expired"           // the access token ended; there was no other
	StateAbandoned      ConnectionState = "abandoned"         // nobody came back in time, or not as they left
	StateDenied         ConnectionState = "denied"            // no consent, or nothing there: nobody can tell
	StateExchangeFailed ConnectionState = "exchange_failed"   // the login failed in another way: LastError says how
	StateConsentEnded   ConnectionState = "consent_ended"     // withdrawn, or six months without collecting
	StateUnlisted       ConnectionState = "unlisted"          // not on the lists any more: no traffic
)

// HasTokens tells whether data can be asked for in this state.
func (s ConnectionState) HasTokens() bool { return s == StateActive || s == StateLasting }

// Code is the code that explains a state to the person; empty for a state in
// which nothing is wrong.
func (s ConnectionState) Code() string {
	switch s {
	case StateExpired, StateConsentEnded:
		return CodeExpired
	case StateAbandoned:
		return CodeAbandoned
	case StateDenied:
		return CodeCancel
	case StateExchangeFailed:
		return CodeExchange
	case StateUnlisted:
		return CodeUnlisted
	}
	return ""
}

// Standing is what is stored of a connection beside its [Login] and its
// [Grant]: how the last login went when it gave no grant, what went wrong last,
// and which list was used. The rest of 3.12 (granted services, moments of
// consent and of the last success, dialect) is in the Grant, and the state
// follows from the three; see [Known.State]. It holds no secrets and can be
// stored as JSON, but it says when somebody logged in: only in the vault.
type Standing struct {
	// Attempt is how the last login went: exchanging, abandoned, denied or
	// exchange_failed. It is empty while a Login waits, and after one that gave
	// a grant.
	Attempt    ConnectionState `json:"attempt,omitempty"`
	AttemptAt  time.Time       `json:"attemptAt,omitzero"`
	LastError  *LastError      `json:"lastError,omitempty"`
	ListNumber uint64          `json:"listNumber,omitempty"` // Volgnummer of the list of providers that the login used
}

// LastError is what went wrong last at a connection, until something went well.
type LastError struct {
	Code  string    `json:"code"`
	Time  time.Time `json:"time"`
	Trace string    `json:"trace,omitempty"` // correlation id
}

// Known is all that is stored of one connection to collect from, and whether
// the lists still have it. Logins and grants to share are not of it: those are
// for one time.
type Known struct {
	Login    *Login // the newest that was begun and not ended; nil: none
	Grant    *Grant // nil: there never was one
	Standing Standing
	Listed   bool // its endpoints are on the list of providers in force
}

// State is where the connection stands at a moment. Times take effect by
// themselves: a login lapses at its Expires, a token without renewal at its
// Expiry, and a lasting consent at [Grant.ConsentEnd].
//
// Tokens that work outrank a login that was begun or that failed since: the
// person can do more than they would think otherwise.
func (k Known) State(now time.Time) ConnectionState {
	if !k.Listed {
		return StateUnlisted
	}
	granted := grantState(k.Grant, now)
	if granted.HasTokens() {
		return granted
	}
	if attempt := k.attempt(now); attempt != StateNone {
		return attempt
	}
	return granted
}

// attempt is where the last login stands, StateNone when it gave the grant.
func (k Known) attempt(now time.Time) ConnectionState {
	state, at := k.Standing.Attempt, k.Standing.AttemptAt
	switch {
	case k.Login != nil && now.Before(k.Login.Expires):
		return StateAwaiting
	case k.Login != nil:
		state, at = StateAbandoned, k.Login.Expires
	case state == "":
		return StateNone
	case state == StateExchanging && !now.Before(at.Add(longestExchange)):
		state = StateExchangeFailed // stopped halfway: the code is used up
	}
	// The grant can be stored and the program stopped before the rest was.
	if k.Grant != nil && k.Grant.Consented.After(at) {
		return StateNone
	}
	return state
}

// longestExchange is well beyond the time of a token request.
const longestExchange = 5 * time.Minute

// grantState is where a consent stands, whatever became of later logins.
func grantState(g *Grant, now time.Time) ConnectionState {
	switch {
	case g == nil:
		return StateNone
	case g.State != GrantActive:
		return StateConsentEnded
	case g.Renewable() && !now.Before(g.ConsentEnd()):
		return StateConsentEnded
	case g.Renewable():
		return StateLasting
	case g.AccessToken == "" || !g.Expiry.IsZero() && !now.Before(g.Expiry):
		return StateExpired
	}
	return StateActive
}
