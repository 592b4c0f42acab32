package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
)

// Relay implements [web.LinkGiver].
func (p *Pages) Relay() string { return p.desk.Relay() }

// GivenLinks implements [web.LinkGiver].
func (p *Pages) GivenLinks(ctx context.Context) ([]web.GivenLink, error) {
	all, err := p.desk.Links(ctx)
	return all, wayError(err)
}

// MakeLink implements [web.LinkGiver].
func (p *Pages) MakeLink(ctx context.Context, wish web.LinkWish) (string, error) {
	id, err := p.desk.MakeLink(ctx, wish)
	return id, wayError(err)
}

// StopLink implements [web.LinkGiver].
func (p *Pages) StopLink(ctx context.Context, id string) error {
	return wayError(p.desk.StopLink(ctx, id))
}

// wayError gives the errors that the pages of links and files have words for.
func wayError(err error) error {
	switch {
	case errors.Is(err, ErrNothingShared):
		return web.ErrNothingShared
	case errors.Is(err, ErrNoRelay):
		return web.ErrNotFound
	}
	return pageError(err)
}

// Audiences implements [web.LinkGiver].
func (p *Pages) Audiences(ctx context.Context) ([]web.Audience, error) {
	if err := p.desk.noteEnded(ctx); err != nil {
		return nil, pageError(err)
	}
	view, policy, err := p.desk.permitted(ctx, "")
	if err != nil {
		return nil, pageError(err)
	}
	var all []web.Audience
	for _, c := range policy.Choices {
		known := slices.ContainsFunc(all, func(a web.Audience) bool { return a.ID == c.Recipient })
		if known || !c.Permit || len(policy.For(view, c.Recipient).Items) == 0 {
			continue
		}
		to, err := p.desk.recipient(ctx, share.Recipient{ID: c.Recipient})
		if err != nil {
			return nil, pageError(err)
		}
		all = append(all, web.Audience{ID: to.ID, Name: to.Name})
	}
	slices.SortFunc(all, func(a, b web.Audience) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return all, nil
}

// WriteFile implements [web.Filer].
func (p *Pages) WriteFile(ctx context.Context, wish web.FileWish) ([]byte, error) {
	raw, err := p.desk.writeFile(ctx, wish)
	return raw, wayError(err)
}

// fileWays are the forms of a file, as the ledger calls them.
var fileWays = map[string]string{web.FileLocked: "file", web.FileSummary: "ips", web.FileTable: "csv"}

func (d *Desk) writeFile(ctx context.Context, wish web.FileWish) ([]byte, error) {
	if wish.Form == web.FilePortability {
		report, err := d.Portability(ctx)
		if err != nil {
			return nil, err
		}
		return json.MarshalIndent(report, "", "  ")
	}
	how, ok := fileWays[wish.Form]
	if !ok {
		return nil, ErrNotFound
	}
	made, err := d.extractOf(ctx, wish.Audience, how, wish.Lang)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if wish.Form == web.FileTable {
		err := made.CSV(&out)
		return out.Bytes(), err
	}
	summary, err := made.IPS()
	if err != nil || wish.Form == web.FileSummary {
		return summary, err
	}
	return share.Lock{Code: wish.Code, Lang: wish.Lang}.HTML(summary)
}

// extractOf is what leaves for an audience, with its line in the ledger; or all
// that the person sees, which stays theirs.
func (d *Desk) extractOf(ctx context.Context, audience, how, lang string) (share.Extract, error) {
	if audience != "" {
		return d.ExtractFor(ctx, audience, how, lang)
	}
	made, err := d.Extract(ctx, "", lang)
	if err == nil && len(made.Overview.Items) == 0 {
		err = ErrNothingShared
	}
	return made, err
}
