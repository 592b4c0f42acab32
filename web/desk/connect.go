package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/store"
)

// Started is a login that has begun: where the browser goes, and the handle
// that only this browser's cookie may hold.
type Started struct{ Address, Handle string }

// pending is a login as it waits in the vault.
type pending struct {
	Login     medmij.Login `json:"login"`
	Recipient string       `json:"recipient,omitempty"` // source to send to, when the login is for sharing
	Sending   Sending      `json:"sending,omitzero"`    // what goes there then
}

// Begin starts a login to collect from a connection; without services, for all
// of them.
func (d *Desk) Begin(ctx context.Context, conn medmij.Connection, services ...string) (Started, error) {
	return d.begin(ctx, conn, medmij.Collect, pending{}, services...)
}

func (d *Desk) begin(ctx context.Context, conn medmij.Connection, purpose medmij.Direction, p pending, services ...string) (Started, error) {
	client, err := d.connector()
	if err != nil {
		return Started{}, err
	}
	if err := d.checkSelf(); err != nil {
		return Started{}, err
	}
	p.Login, err = client.Begin(ctx, conn, purpose, services...)
	if err != nil {
		return Started{}, err
	}
	if err := d.keep(ctx, store.Login, p.Login.StateHash, p); err != nil {
		return Started{}, fmt.Errorf("keep the login: %w", err)
	}
	if purpose == medmij.Collect {
		if err := d.began(ctx, p.Login); err != nil {
			return Started{}, err
		}
	}
	return Started{Address: p.Login.URL, Handle: p.Login.Handle}, nil
}

// checkSelf sends nobody to a provider that will not let this app in: one that
// is not on the list of clients (fault L12 of conformance.md 4). The Whitelist
// is no reason: a client may have its certificate under another name.
func (d *Desk) checkSelf() error {
	dir, err := d.Directory()
	if err != nil {
		return nil // the client says what is wrong with the lists
	}
	var missing *medmij.MissingError
	if err := dir.SelfCheck(d.cfg.MedMij.ClientID); errors.As(err, &missing) && slices.Contains(missing.Lists, medmij.FileOCL) {
		return &medmij.Error{Code: medmij.CodeConfig, Op: "begin login", Err: err}
	}
	return nil
}

// Finished is what a login gave.
type Finished struct {
	Source string // of the provider
	Grant  *medmij.Grant
	Send   bool // it was a login to send
	// Sending is what the person confirmed, for [Desk.Send].
	Sending Sending
}

// Finish takes what the provider sent back. The login is dropped before
// anything is sent, so it works once. A grant to collect is kept.
func (d *Desk) Finish(ctx context.Context, handle string, answer url.Values) (Finished, error) {
	client, err := d.connector()
	if err != nil {
		return Finished{}, err
	}
	p, err := d.takeLogin(ctx, answer.Get("state"))
	if err != nil {
		return Finished{}, err
	}
	if p.Recipient != "" { // for this one time: nothing of it is stored
		g, err := client.Finish(ctx, p.Login, handle, answer)
		if err != nil {
			return Finished{Source: sourceOf(p.Login)}, err
		}
		return Finished{Source: g.Source(), Grant: g, Send: true, Sending: p.Sending}, nil
	}
	if err := d.returned(ctx, p.Login, answer); err != nil {
		return Finished{}, err
	}
	g, cause := client.Finish(ctx, p.Login, handle, answer)
	if cause == nil {
		err = d.saveGrant(ctx, g) // before anything else: the code is used up
	}
	err = errors.Join(err, d.ended(ctx, p.Login, g, cause))
	if cause != nil {
		return Finished{Source: sourceOf(p.Login)}, cause
	}
	return Finished{Source: g.Source(), Grant: g}, err
}

func sourceOf(l medmij.Login) string { return "medmij:" + l.Connection.Provider }

// takeLogin finds the login that a state belongs to and takes it out of the
// vault. Logins that are too old go with it. Of two that come at once only the
// one that takes it out has it.
func (d *Desk) takeLogin(ctx context.Context, state string) (pending, error) {
	s, err := d.Vault()
	if err != nil {
		return pending{}, err
	}
	var found *pending
	var drop []string
	for doc, err := range s.List(ctx, store.Login) {
		if err != nil {
			return pending{}, fmt.Errorf("read the logins: %w", err)
		}
		p := new(pending)
		if json.Unmarshal(doc.Value, p) != nil || d.Now().After(p.Login.Expires) {
			drop = append(drop, doc.Name)
		} else if p.Login.Matches(state) {
			found, drop = p, append(drop, doc.Name)
		}
	}
	for _, name := range drop {
		err := s.Drop(ctx, store.Login, name)
		switch {
		case errors.Is(err, store.ErrNotFound) && found != nil && name == found.Login.StateHash:
			found = nil
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return pending{}, fmt.Errorf("end a login: %w", err)
		}
	}
	if found == nil {
		return pending{}, ErrBinding
	}
	return *found, nil
}

// ConnectToken connects with a token that was handed over instead of a login:
// for qualification and test servers. Only the services named are used; none
// means all.
func (d *Desk) ConnectToken(ctx context.Context, conn medmij.Connection, token string, services ...string) (*medmij.Grant, error) {
	g, err := medmij.FixedToken(conn, token)
	if err != nil {
		return nil, err
	}
	if len(services) > 0 {
		g.Granted = services
	}
	return g, d.saveGrant(ctx, g)
}
