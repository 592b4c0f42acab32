package desk

import (
	"context"
	"time"

	"github.com/bundel-pgo/bundel/share"
)

// Extract is what leaves the vault for one reader, ready to be written: what the
// recipient may see, or without one all that the person sees now.
func (d *Desk) Extract(ctx context.Context, recipient, lang string) (share.Extract, error) {
	view, err := d.Overview(ctx, time.Time{}, lang)
	if err != nil {
		return share.Extract{}, err
	}
	extract := share.Own(view)
	if recipient != "" {
		policy, err := d.Policy(ctx)
		if err != nil {
			return share.Extract{}, err
		}
		extract = policy.Extract(view, recipient)
	}
	s, err := d.Vault()
	if err != nil {
		return share.Extract{}, err
	}
	names, err := d.Providers(ctx)
	if err != nil {
		return share.Extract{}, err
	}
	extract.At, extract.Lang, extract.Names = d.Now().Truncate(time.Second), lang, map[string]string{}
	for source, p := range names {
		extract.Names[source] = p.Name
	}
	return extract, extract.Read(s.Records(ctx))
}
