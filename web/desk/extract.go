package desk

import (
	"context"
	"time"

	"github.com/bundel-pgo/bundel/share"
)

// Extract is what leaves the vault for one reader, ready to be written: what the
// recipient may see, see [Desk.ExtractFor], or without one all that the person
// sees now.
func (d *Desk) Extract(ctx context.Context, recipient, lang string) (share.Extract, error) {
	if recipient != "" {
		return d.ExtractFor(ctx, recipient, "file", lang)
	}
	view, err := d.Overview(ctx, time.Time{}, lang)
	if err != nil {
		return share.Extract{}, err
	}
	return d.filled(ctx, share.Own(view), lang)
}

// ExtractFor is what leaves for a recipient in a form ("ips", "csv", "file",
// "age", "link", "print"). The ledger has a line of it before it is given. It
// is ErrNothingShared when they may see nothing.
func (d *Desk) ExtractFor(ctx context.Context, recipient, how, lang string) (share.Extract, error) {
	if err := d.noteEnded(ctx); err != nil {
		return share.Extract{}, err
	}
	view, policy, err := d.permitted(ctx, lang)
	if err != nil {
		return share.Extract{}, err
	}
	what := policy.Extract(view, recipient)
	if readable(how) {
		what = share.Own(policy.Preview(view, recipient))
	}
	made, err := d.filled(ctx, what, lang)
	if err != nil {
		return share.Extract{}, err
	}
	if len(made.Overview.Items) == 0 {
		return share.Extract{}, ErrNothingShared
	}
	if err := d.logFor(ctx, share.ActExport, how, recipient, made.Overview); err != nil {
		return share.Extract{}, err
	}
	return made, nil
}

// readable tells a form that lies open in the person's own folder. What they share
// without having seen it does not go into it: they would see it there.
func readable(how string) bool { return how == "csv" || how == "ips" || how == "print" }

// filled gives an extract the names and the records behind its lines.
func (d *Desk) filled(ctx context.Context, e share.Extract, lang string) (share.Extract, error) {
	s, err := d.Vault()
	if err != nil {
		return share.Extract{}, err
	}
	names, err := d.Providers(ctx)
	if err != nil {
		return share.Extract{}, err
	}
	e.At, e.Lang, e.Names = d.Now().Truncate(time.Second), lang, map[string]string{}
	for source, p := range names {
		e.Names[source] = p.Name
	}
	return e, e.Read(s.Records(ctx))
}
