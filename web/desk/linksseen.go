package desk

import (
	"context"
	"errors"
	"time"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// Links gives the links of the last month, newest first, after asking the relay
// what happened to them: every opening and every wrong try comes into the
// ledger, once. A relay that does not answer is asked once.
func (d *Desk) Links(ctx context.Context) ([]web.GivenLink, error) {
	d.linking.Lock()
	defer d.linking.Unlock()
	all, err := d.links(ctx)
	if err != nil {
		return nil, err
	}
	asked, cancel := context.WithTimeout(ctx, relayPatience)
	defer cancel()
	silent, told := map[string]bool{}, &linkLines{}
	var out []web.GivenLink
	for _, l := range all {
		if l.End != "" && d.Now().Sub(l.Ended) > linkMemory {
			if err := d.dropLink(ctx, l); err != nil {
				return nil, err
			}
			continue
		}
		quiet := silent[l.Link.Relay]
		if !l.Final && !quiet {
			log, err := share.Openings(asked, d.relayClient(), l.Link)
			quiet = err != nil && !errors.Is(err, share.ErrGone)
			silent[l.Link.Relay] = quiet
			if err := d.noteLink(ctx, &l, told, log, err); err != nil {
				return nil, err
			}
		}
		if err := d.noteExpired(ctx, &l, told); err != nil {
			return nil, err
		}
		out = append(out, l.given(quiet && !l.Final))
	}
	return out, nil
}

func (d *Desk) dropLink(ctx context.Context, l keptLink) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	return s.Drop(ctx, store.Setting, linkPrefix+l.ID)
}

// noteLink takes over what a relay said of a link. The ledger is the count of
// what was taken over before: it is written first, so nothing is noted twice,
// also by a program that stopped between the two.
func (d *Desk) noteLink(ctx context.Context, l *keptLink, told *linkLines, log share.Log, failed error) error {
	if failed != nil {
		if !errors.Is(failed, share.ErrGone) {
			return nil
		}
		l.Final = true
		end := web.LinkGone
		if !d.Now().Before(l.Link.Expires) {
			end = share.EndExpired
		}
		return d.endLink(ctx, l, told, end, d.Now())
	}
	if err := d.noteOpenings(ctx, l, told, log.Openings); err != nil {
		return err
	}
	changed := len(log.Openings) != len(l.Seen) || l.Unsure
	l.Seen, l.Unsure = log.Openings, false
	if log.End != "" {
		l.Final = true
		return d.endLink(ctx, l, told, log.End, log.EndAt)
	}
	if changed {
		return d.keepLink(ctx, *l)
	}
	return nil
}

// noteOpenings writes the openings that the ledger has no line of.
func (d *Desk) noteOpenings(ctx context.Context, l *keptLink, told *linkLines, all []share.Opening) error {
	if err := told.read(ctx, d); err != nil {
		return err
	}
	known := min(told.openings[l.ID], len(all))
	for _, o := range all[known:] {
		if err := d.LogShare(ctx, l.opening(o)); err != nil {
			return err
		}
		told.openings[l.ID]++
	}
	return nil
}

// linkLines is what the ledger has of the links: read at the first question, and
// once for all of them. The lock on links is held as long as it is used.
type linkLines struct {
	openings map[string]int // openings and wrong tries, by the id of the link
	ended    map[string]bool
}

func (t *linkLines) read(ctx context.Context, d *Desk) error {
	if t.openings != nil {
		return nil
	}
	ledger, err := d.Ledger(ctx)
	if err != nil {
		return err
	}
	t.openings, t.ended = map[string]int{}, map[string]bool{}
	for _, line := range ledger {
		switch line.Act {
		case share.ActOpen, share.ActPasscode:
			t.openings[line.Share]++
		case share.ActExpire, share.ActRevoke:
			t.ended[line.Share] = true
		}
	}
	return nil
}

// opening is the line of the ledger about one.
func (l keptLink) opening(o share.Opening) share.Line {
	line := l.line(share.ActOpen)
	if o.Event != share.EventOpened {
		line.Act = share.ActPasscode
	}
	line.At, line.Reader, line.Net, line.Agent = o.At, o.Recipient, o.Network, o.Agent
	return line
}

func (l keptLink) line(act share.Act) share.Line {
	return share.Line{Act: act, How: l.How, To: l.To, Name: l.Name, Share: l.ID}
}

// noteExpired ends a link of which the time is over, whatever its relay says.
func (d *Desk) noteExpired(ctx context.Context, l *keptLink, told *linkLines) error {
	if l.End != "" || d.Now().Before(l.Link.Expires) {
		return nil
	}
	return d.endLink(ctx, l, told, share.EndExpired, l.Link.Expires)
}

// endLink notes the end of a link, once, and forgets what opened it.
func (d *Desk) endLink(ctx context.Context, l *keptLink, told *linkLines, end string, at time.Time) error {
	act := share.ActExpire
	if end == share.EndRevoked {
		act = share.ActRevoke
	}
	if err := told.read(ctx, d); err != nil {
		return err
	}
	if !told.ended[l.ID] {
		if err := d.LogShare(ctx, l.line(act)); err != nil {
			return err
		}
		told.ended[l.ID] = true
	}
	if l.End == "" {
		l.End, l.Ended = end, at
	}
	l.Unsure, l.Making = false, false
	l.Link.Key, l.Link.URI, l.Link.Passcode, l.Link.Code = nil, "", "", ""
	return d.keepLink(ctx, *l)
}

// StopLink revokes a link. Its end is certain when there is no error.
func (d *Desk) StopLink(ctx context.Context, id string) error {
	d.linking.Lock()
	defer d.linking.Unlock()
	var l keptLink
	if err := d.load(ctx, store.Setting, linkPrefix+id, &l); err != nil {
		return err
	}
	if l.End != "" {
		return nil
	}
	asked, cancel := context.WithTimeout(ctx, relayPatience)
	defer cancel()
	if err := share.Revoke(asked, d.relayClient(), l.Link); err != nil && !errors.Is(err, share.ErrGone) {
		if ctx.Err() == nil {
			err = share.ErrRelay
		}
		return err
	}
	ctx = context.WithoutCancel(ctx)
	told := &linkLines{}
	log, err := share.Openings(asked, d.relayClient(), l.Link)
	if err := d.noteLink(ctx, &l, told, log, err); err != nil || l.End != "" {
		return err
	}
	return d.endLink(ctx, &l, told, share.EndRevoked, d.Now())
}

// given is a link as the pages show it.
func (l keptLink) given(silent bool) web.GivenLink {
	return web.GivenLink{
		ID: l.ID, Name: l.Name, Of: l.Of, Spoken: l.How == codeWay, All: l.All, Items: l.Items, Made: l.Made, Until: l.Link.Expires, Openings: l.Openings,
		Site: l.Link.Relay + "/v/", URI: l.Link.URI, Code: share.FormatCode(l.Link.Code), Passcode: l.Link.Passcode,
		Seen: l.Seen, End: l.End, Ended: l.Ended, Unsure: l.Unsure || l.Making, Silent: silent,
	}
}
