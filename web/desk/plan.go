package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/store"
)

const wishPrefix = "wish/"

// loginWish is a provider that the person chose to log in at.
type loginWish struct {
	Source string    `json:"source"`
	Since  time.Time `json:"since"`
}

// Step is one login of the plan.
type Step struct {
	Source string
	medmij.PlannedLogin
	Done bool // the person logged in there since they chose it
}

// Host is the name of the page at which one logs in.
func (s Step) Host() string {
	u, err := url.Parse(s.Connection.Authorization)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// WishLogin keeps the wish to log in at a provider. When all that was wished
// before is done, those wishes end first.
func (d *Desk) WishLogin(ctx context.Context, source string) error {
	p, ok, err := d.ProviderNamed(ctx, strings.TrimPrefix(source, "medmij:"))
	if err != nil {
		return err
	}
	if !ok || len(collecting(p)) == 0 {
		return ErrNotFound
	}
	plan, err := d.Plan(ctx)
	if err != nil {
		return err
	}
	left := slices.ContainsFunc(plan, func(s Step) bool { return !s.Done })
	for _, s := range plan {
		if s.Source == source && !s.Done {
			return nil
		}
		if !left {
			if err := d.Unchoose(ctx, s.Source); err != nil {
				return err
			}
		}
	}
	return d.keep(ctx, store.Setting, wishPrefix+source, loginWish{source, d.Now()})
}

// Unchoose ends the wish to log in at a provider; none is no error.
func (d *Desk) Unchoose(ctx context.Context, source string) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	if err := s.Drop(ctx, store.Setting, wishPrefix+source); err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("end a choice: %w", err)
	}
	return nil
}

// wishes are what was chosen, oldest first.
func (d *Desk) wishes(ctx context.Context) ([]loginWish, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	var all []loginWish
	for doc, err := range s.ListUnder(ctx, store.Setting, wishPrefix) {
		if err != nil {
			return nil, fmt.Errorf("read what was chosen: %w", err)
		}
		var w loginWish
		if json.Unmarshal(doc.Value, &w) == nil {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b loginWish) int { return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.Source, b.Source)) })
	return all, nil
}

// Plan is the fewest logins for what was chosen. Those at one login page follow
// each other, since a person may still be known there. MedMij has no login for
// two providers at once (medmij-protocol.md 3.3). A provider that left the list
// since has none.
func (d *Desk) Plan(ctx context.Context) ([]Step, error) {
	wishes, err := d.wishes(ctx)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, w := range wishes {
		logins, err := d.loginsAt(ctx, w.Source)
		if err != nil {
			return nil, err
		}
		for _, l := range logins {
			done, err := d.loggedIn(ctx, l.Connection, w.Since)
			if err != nil {
				return nil, err
			}
			steps = append(steps, Step{w.Source, l, done})
		}
	}
	first := map[string]int{}
	for i, s := range steps {
		if _, ok := first[s.Host()]; !ok {
			first[s.Host()] = i
		}
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(first[a.Host()], first[b.Host()]) })
	return steps, nil
}

// loginsAt plans the logins at one provider. Behind a gateway there is no list
// to plan with: every connection that it found is one.
func (d *Desk) loginsAt(ctx context.Context, source string) ([]medmij.PlannedLogin, error) {
	name := strings.TrimPrefix(source, "medmij:")
	if d.gateway == nil {
		dir, err := d.Directory()
		if err != nil {
			return nil, err
		}
		return dir.Plan([]medmij.Wish{{Provider: name}}).Logins, nil
	}
	p, _, err := d.ProviderNamed(ctx, name)
	if err != nil {
		return nil, err
	}
	var logins []medmij.PlannedLogin
	for _, c := range collecting(p) {
		l := medmij.PlannedLogin{Connection: c}
		for _, o := range c.Services {
			if s, ok := medmij.ServiceByID(o.ID); ok && s.Direction == medmij.Collect {
				l.Services = append(l.Services, o.ID)
			}
		}
		logins = append(logins, l)
	}
	return logins, nil
}

// loggedIn tells whether a consent that still holds was given since a moment.
func (d *Desk) loggedIn(ctx context.Context, conn medmij.Connection, since time.Time) (bool, error) {
	k, err := d.Known(ctx, conn)
	return k.Grant != nil && k.Grant.State == medmij.GrantActive && !k.Grant.Consented.Before(since), err
}

// BeginStep starts the login with this place in the plan.
func (d *Desk) BeginStep(ctx context.Context, n int, source string) (Started, error) {
	plan, err := d.Plan(ctx)
	if err != nil {
		return Started{}, err
	}
	if n < 0 || n >= len(plan) || plan[n].Source != source {
		return Started{}, ErrNotFound
	}
	return d.Begin(ctx, plan[n].Connection, plan[n].Services...)
}
