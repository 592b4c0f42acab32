package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/store"
)

const standingPrefix = "standing/"

// Known gathers what is stored of a connection to collect from: where it
// stands is its State (medmij-protocol.md 3.12). Without lists at hand it
// counts as listed.
func (d *Desk) Known(ctx context.Context, conn medmij.Connection) (medmij.Known, error) {
	k := medmij.Known{Listed: true}
	if dir, err := d.Directory(); err == nil {
		_, k.Listed = dir.Listed(conn)
	}
	id := conn.ID()
	if err := d.load(ctx, store.Setting, standingPrefix+id, &k.Standing); err != nil && !errors.Is(err, ErrNotFound) {
		return k, fmt.Errorf("read a connection: %w", err)
	}
	g := new(medmij.Grant)
	switch err := d.load(ctx, store.Token, id, g); {
	case err == nil:
		k.Grant = g
	case !errors.Is(err, ErrNotFound):
		return k, fmt.Errorf("read a connection: %w", err)
	}
	var err error
	k.Login, err = d.waiting(ctx, id)
	return k, err
}

// waiting is the newest login to collect that nobody came back from; nil when
// there is none.
func (d *Desk) waiting(ctx context.Context, id string) (*medmij.Login, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	var newest *medmij.Login
	for doc, err := range s.List(ctx, store.Login) {
		if err != nil {
			return nil, fmt.Errorf("read the logins: %w", err)
		}
		p := new(pending)
		if json.Unmarshal(doc.Value, p) != nil || p.Recipient != "" || p.Login.Connection.ID() != id {
			continue
		}
		if newest == nil || p.Login.Created.After(newest.Created) {
			newest = &p.Login
		}
	}
	return newest, nil
}

// stand stores what a move gives. A move that cannot be is no reason to stop
// the person, nor to lose a token: what was stored stays.
func (d *Desk) stand(ctx context.Context, conn medmij.Connection, next medmij.Known, err error) error {
	if err != nil {
		d.cfg.Log.Debug("a connection stays as it was", "move", errors.Is(err, medmij.ErrMove))
		return nil
	}
	return d.keep(ctx, store.Setting, standingPrefix+conn.ID(), next.Standing)
}

// standWith is stand for what went on with a grant: of a consent that was
// forgotten meanwhile nothing is noted.
func (d *Desk) standWith(ctx context.Context, g *medmij.Grant, next medmij.Known, err error) error {
	if err != nil {
		return d.stand(ctx, g.Connection, next, err)
	}
	return unlessForgotten(d.keepWhile(ctx, store.Setting, standingPrefix+g.ID(), next.Standing, g))
}

func unlessForgotten(err error) error {
	if errors.Is(err, store.ErrForgotten) {
		return nil
	}
	return err
}

// began notes a login, returned that the person came back from it, and ended
// what came of it.
func (d *Desk) began(ctx context.Context, l medmij.Login) error {
	k, err := d.Known(ctx, l.Connection)
	if err != nil {
		return err
	}
	number := uint64(0)
	if dir, err := d.Directory(); err == nil {
		number = dir.Number
	}
	next, err := k.Begin(l, number, d.Now())
	return d.stand(ctx, l.Connection, next, err)
}

func (d *Desk) returned(ctx context.Context, l medmij.Login, answer url.Values) error {
	if answer.Get("code") == "" {
		return nil
	}
	k, err := d.Known(ctx, l.Connection)
	if err != nil {
		return err
	}
	k.Login = &l // taken out of the vault already
	next, err := k.Return(d.Now())
	return d.stand(ctx, l.Connection, next, err)
}

func (d *Desk) ended(ctx context.Context, l medmij.Login, g *medmij.Grant, cause error) error {
	k, err := d.Known(ctx, l.Connection)
	if err != nil {
		return err
	}
	var next medmij.Known
	if cause != nil {
		if k.Standing.Attempt != medmij.StateExchanging {
			k.Login = &l
		}
		next, err = k.Break(cause, d.Now())
	} else {
		next, err = k.Consent(g, d.Now())
	}
	return d.stand(ctx, l.Connection, next, err)
}

// asked notes how collecting went: what failed when nothing came, nothing any
// more when something did.
func (d *Desk) asked(ctx context.Context, g *medmij.Grant, receipts []fhir.Receipt) error {
	k, err := d.Known(ctx, g.Connection)
	if err != nil {
		return err
	}
	if collected(receipts, g.Source()) {
		if k.Standing.LastError == nil {
			return nil
		}
		k.Standing.LastError = nil
		return d.standWith(ctx, g, k, nil)
	}
	failure := failureOf(receipts, g)
	if failure == nil {
		return nil
	}
	next, err := k.Fail(failure, d.Now())
	return d.standWith(ctx, g, next, err)
}

// failureOf is the first failure of the services of a grant; nil when there
// was none.
func failureOf(receipts []fhir.Receipt, g *medmij.Grant) error {
	for _, r := range receipts {
		if r.Origin.Source != g.Source() || !g.Has(r.Origin.Service) {
			continue
		}
		for _, q := range r.Queries {
			if q.Outcome == fhir.Failed || q.Outcome == fhir.NotGranted {
				return &medmij.Error{Code: q.Detail, Op: "collect", Trace: q.Trace}
			}
		}
	}
	return nil
}

// lapsed gives grants without what is over: the tokens of a consent that ended
// by itself (3.8). What nobody returned from is noted too.
func (d *Desk) lapsed(ctx context.Context, grants []*medmij.Grant) ([]*medmij.Grant, error) {
	var now []*medmij.Grant
	for _, g := range grants {
		k, err := d.Known(ctx, g.Connection)
		if err != nil {
			return nil, err
		}
		if k.Grant == nil {
			continue // forgotten since the caller read it
		}
		// What the caller has may be a part of what was granted; what ended in
		// the meantime stays ended.
		if k.Grant.State == g.State {
			k.Grant = g
		}
		next := k.Lapse(d.Now())
		if next.Grant.State != k.Grant.State {
			if err := d.renewGrant(ctx, next.Grant); errors.Is(err, store.ErrForgotten) {
				continue
			} else if err != nil {
				return nil, err
			}
		}
		if next.Standing.Attempt != k.Standing.Attempt {
			if err := d.standWith(ctx, g, next, nil); err != nil {
				return nil, err
			}
		}
		now = append(now, next.Grant)
	}
	return now, nil
}
