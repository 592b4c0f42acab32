package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// ErrNoRelay: no relay is configured, so no link can be made.
var ErrNoRelay = errors.New("no relay is configured")

const (
	linkPrefix = "link/"
	linkWay    = "link" // in the ledger
	codeWay    = "code"
	// relayPatience is how long a relay may take: a page waits for it.
	relayPatience = 10 * time.Second
	// linkMemory is how long a link that ended stays in the list. The ledger
	// has it for good.
	linkMemory = 30 * 24 * time.Hour
)

// keptLink is a link as the vault has it: who has this can open and revoke it.
type keptLink struct {
	ID       string          `json:"id"`
	To       string          `json:"to"`
	Name     string          `json:"name"`         // as the person typed it for this link
	Of       string          `json:"of,omitempty"` // whose choices it holds; empty with All
	How      string          `json:"how"`          // as the ledger calls it: "link" or "code"
	All      bool            `json:"all,omitempty"`
	Items    int             `json:"items"`
	Openings int             `json:"openings,omitempty"`
	Made     time.Time       `json:"made"`
	Link     share.Link      `json:"link"`
	Seen     []share.Opening `json:"seen,omitempty"`
	End      string          `json:"end,omitempty"`
	Ended    time.Time       `json:"ended,omitzero"`
	Unsure   bool            `json:"unsure,omitempty"` // the relay did not say that it has it
	Making   bool            `json:"making,omitempty"` // until it was made, and the vault has that
	Final    bool            `json:"final,omitempty"`  // nothing more will be seen of it
}

func (d *Desk) relayClient() *http.Client {
	if d.cfg.RelayClient != nil {
		return d.cfg.RelayClient
	}
	return &http.Client{Timeout: relayPatience}
}

// Relay is the address of the relay; empty: none.
func (d *Desk) Relay() string { return strings.TrimSuffix(d.cfg.Relay, "/") }

// MakeLink publishes what the wish names and keeps the link in the vault. The
// ledger has a line of it, and the vault the link itself, before anything leaves:
// what stops in between is in the list, and can be stopped. A link of which the
// person was not told is taken back.
func (d *Desk) MakeLink(ctx context.Context, wish web.LinkWish) (string, error) {
	if d.Relay() == "" {
		return "", ErrNoRelay
	}
	made, to, of, err := d.forLink(ctx, wish)
	if err != nil {
		return "", err
	}
	summary, err := made.IPS()
	if err != nil {
		return "", err
	}
	o := wishOptions(wish, d.Now())
	unplaced, err := share.NewLink(d.Relay(), []share.File{{ContentType: share.TypeFHIR, Body: summary}}, o)
	if err != nil {
		return "", err
	}
	l := keptLink{
		ID: fhir.NewUUID(), To: to.ID, Name: to.Name, Of: of, How: wayOf(wish), All: wish.Audience == "", Items: len(made.Overview.Items),
		Openings: o.MaxOpenings, Made: o.Now, Link: unplaced.Link, Making: true,
	}
	line := l.line(share.ActPublish)
	line.Role, line.Until, line.Pins = to.Role, o.Now.Add(o.Life).UTC().Format(time.RFC3339), pinsIn(made.Overview)
	if err := d.LogShare(ctx, line); err != nil {
		return "", err
	}
	d.linking.Lock()
	defer d.linking.Unlock()
	if err := d.keepLink(ctx, l); err != nil {
		return "", err
	}
	return l.ID, d.publish(ctx, l, unplaced)
}

// publish places a link that the vault has, and notes that it was placed.
func (d *Desk) publish(ctx context.Context, l keptLink, unplaced share.Unplaced) error {
	failed := unplaced.Publish(ctx, d.relayClient())
	// Whoever stops waiting must find the link all the same.
	ctx = context.WithoutCancel(ctx)
	l.Unsure = failed != nil
	if failed == nil {
		placed := l
		placed.Making = false
		if failed = d.keepLink(ctx, placed); failed == nil {
			return nil
		}
	}
	return d.notPublished(ctx, l, failed)
}

// notPublished is after a relay that did not take the files, or did not say so, or
// a vault that could not note that it did.
func (d *Desk) notPublished(ctx context.Context, l keptLink, failed error) error {
	if !errors.Is(failed, share.ErrRefused) && !errors.Is(failed, share.ErrBusy) {
		asked, cancel := context.WithTimeout(ctx, relayPatience)
		defer cancel()
		err := share.Revoke(asked, d.relayClient(), l.Link)
		if l.Unsure {
			failed = share.ErrRelay
		}
		if err != nil && !errors.Is(err, share.ErrGone) {
			return errors.Join(failed, d.keepLink(ctx, l))
		}
	}
	return errors.Join(failed, d.endLink(ctx, &l, &linkLines{}, share.EndRevoked, d.Now()))
}

func wayOf(wish web.LinkWish) string {
	if wish.BirthDate != "" {
		return codeWay
	}
	return linkWay
}

func wishOptions(wish web.LinkWish, now time.Time) share.Options {
	o := share.Options{Life: wish.Life, MaxOpenings: wish.Openings, Passcode: wish.Passcode, Now: now}
	if wish.BirthDate != "" { // security-store.md 5.3: an hour, one opening
		o = share.Options{Life: time.Hour, MaxOpenings: 1, BirthDate: wish.BirthDate, Now: now}
	}
	return o
}

func pinsIn(o *aggregator.Overview) (pins []share.Pin) {
	for _, item := range o.Items {
		pins = append(pins, share.PinsOf(item)...)
	}
	return pins
}

// forLink is what a link holds, for whom, and whose choices that are. Somebody
// who gets all that the person sees is a recipient of this link only. The name
// that the person typed stays: a link with what Piet may see can be for the doctor
// that Piet goes along to.
func (d *Desk) forLink(ctx context.Context, wish web.LinkWish) (made share.Extract, to share.Recipient, of string, err error) {
	to = share.NewRecipient(share.ToLink, wish.Name, "")
	if err := d.noteEnded(ctx); err != nil {
		return made, to, "", err
	}
	view, policy, err := d.permitted(ctx, wish.Lang)
	if err != nil {
		return made, to, "", err
	}
	made = share.Own(view)
	if wish.Audience != "" {
		made = policy.Extract(view, wish.Audience)
		if to, err = d.recipient(ctx, share.Recipient{ID: wish.Audience}); err != nil {
			return made, to, "", err
		}
		if wish.Name != "" && wish.Name != to.Name { // for another: what one may get unseen is not for them
			made = share.Own(policy.Preview(view, wish.Audience))
		}
		of, to.Name = to.Name, cmp.Or(wish.Name, to.Name)
	}
	if len(made.Overview.Items) == 0 {
		return made, to, of, ErrNothingShared
	}
	made, err = d.filled(ctx, made, wish.Lang)
	return made, to, of, err
}

func (d *Desk) keepLink(ctx context.Context, l keptLink) error {
	if err := d.keep(ctx, store.Setting, linkPrefix+l.ID, l); err != nil {
		return fmt.Errorf("keep a link: %w", err)
	}
	return nil
}

// links reads the links in the vault, newest first.
func (d *Desk) links(ctx context.Context) ([]keptLink, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	var names []string
	for doc, err := range s.ListUnder(ctx, store.Setting, linkPrefix) {
		if err != nil {
			return nil, fmt.Errorf("read the links: %w", err)
		}
		names = append(names, doc.Name)
	}
	all := make([]keptLink, len(names))
	for i, name := range names {
		if err := d.load(ctx, store.Setting, name, &all[i]); err != nil {
			return nil, fmt.Errorf("read a link: %w", err)
		}
	}
	slices.SortStableFunc(all, func(a, b keptLink) int { return b.Made.Compare(a.Made) })
	return all, nil
}
