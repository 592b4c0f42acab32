package medmij

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// GrantState tells whether a grant can be used.
type GrantState string

// The states of a grant.
const (
	GrantActive       GrantState = "active"
	GrantConsentEnded GrantState = "consent-ended" // no tokens any more; what was collected stays
)

// Grant is a person's consent at one connection, with the tokens that prove
// it. It is stored as JSON, which holds the tokens: only in the vault. A Grant
// is not changed once made; renewing it makes another one.
type Grant struct {
	Connection
	Purpose Direction  `json:"purpose"`
	Granted []string   `json:"granted"` // services, by id
	State   GrantState `json:"state"`

	AccessToken  string    `json:"accessToken,omitempty"`
	RefreshToken string    `json:"refreshToken,omitempty"`
	Expiry       time.Time `json:"expiry,omitzero"` // of the access token; zero is never

	CorrelationID string    `json:"correlationID"` // of the chain that gave the access token
	Consented     time.Time `json:"consented,omitzero"`
	LastSuccess   time.Time `json:"lastSuccess,omitzero"`
	Generation    int       `json:"generation"` // how often it was renewed
}

// Source is the source of what this grant gives: "medmij:" and the MedMij name.
func (g *Grant) Source() string { return "medmij:" + g.Provider }

// Origin is the origin of what one service of this grant gives.
func (g *Grant) Origin(service string) fhir.Origin {
	return fhir.Origin{Source: g.Source(), Service: service}
}

// Renewable tells whether data can be fetched again without the person.
func (g *Grant) Renewable() bool { return g.State == GrantActive && g.RefreshToken != "" }

// ConsentEnd is when a lasting consent lapses if nothing is fetched: six
// months after the last success (medmij-protocol.md 3.2). Of a day that its
// sixth month does not have, the last day of that month counts. Zero when the
// consent is not a lasting one.
func (g *Grant) ConsentEnd() time.Time {
	if !g.Renewable() {
		return time.Time{}
	}
	last := g.Consented
	if g.LastSuccess.After(last) {
		last = g.LastSuccess
	}
	end := last.AddDate(0, 6, 0)
	if end.Day() != last.Day() {
		end = end.AddDate(0, 0, -end.Day())
	}
	return end
}

// reminder is how long before the end of a consent a person is told, in days.
const reminder = 30

// LapsesSoon tells whether a lasting consent ends within 30 days of the moment
// if nothing is fetched, or ended before it: time to tell the person (REF-08).
func (g *Grant) LapsesSoon(now time.Time) bool {
	end := g.ConsentEnd()
	return !end.IsZero() && !now.Before(end.AddDate(0, 0, -reminder))
}

// Has tells whether the service was granted.
func (g *Grant) Has(service string) bool { return slices.Contains(g.Granted, service) }

// usable tells whether the access token will do at the moment. A token about
// to end is not used: it would end on the way.
func (g *Grant) usable(now time.Time) bool {
	return g.State == GrantActive && g.AccessToken != "" &&
		(g.Expiry.IsZero() || now.Before(g.Expiry.Add(-20*time.Second)))
}

// consent names the consent that a grant and its renewals come from.
func (g *Grant) consent() string { return g.ID() + g.Consented.UTC().Format(time.RFC3339Nano) }

// lockName is the same name without the provider in it, for a lock that others
// can see: 32 hexadecimal digits.
func (g *Grant) lockName() string { return hashOf(g.consent())[:32] }

// String, Format and LogValue keep tokens and provider out of logs.
func (g *Grant) String() string { return "[grant]" }

// Format implements [fmt.Formatter].
func (g *Grant) Format(s fmt.State, _ rune) { fmt.Fprint(s, g.String()) }

// LogValue implements [slog.LogValuer].
func (g *Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// FixedToken makes a grant of a token that was handed over: for qualification
// and test servers, which skip the login. All services of the connection
// count as granted. The error says that no header can hold the token.
func FixedToken(c Connection, token string) (*Grant, error) {
	if !goodToken(token) {
		return nil, errors.New("medmij: the token is empty, too long or has characters that no token has")
	}
	g := &Grant{
		Connection: c, Purpose: Collect, State: GrantActive,
		AccessToken: token, CorrelationID: newUUID(),
	}
	for _, s := range c.Services {
		g.Granted = append(g.Granted, s.ID)
	}
	return g, nil
}
