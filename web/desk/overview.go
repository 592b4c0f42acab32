package desk

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// Overview is the merged overview at a moment, as the person may see it now,
// with whom each item is shared. A zero asOf is now. The caller
// does not change it. Every page, list and command reads this one: what the
// person does not want to see yet is in none of them (product.md 6.9).
func (d *Desk) Overview(ctx context.Context, asOf time.Time, lang string) (*aggregator.Overview, error) {
	c, err := d.overview(ctx, asOf, lang)
	return c.view, err
}

// overview gives an overview. That of now is kept until it may have become
// another, and made once for all who wait for it; one of another moment is
// looked back at, and made each time.
func (d *Desk) overview(ctx context.Context, asOf time.Time, lang string) (made, error) {
	if lang == "" {
		lang = "nl"
	}
	if !asOf.IsZero() && !asOf.Equal(d.Now().Truncate(time.Minute)) {
		return d.make(ctx, asOf, lang)
	}
	d.mu.Lock()
	d.lang = lang
	d.mu.Unlock()
	if kept, ok := d.kept(lang); ok {
		return kept, nil
	}
	d.making.Lock()
	defer d.making.Unlock()
	if kept, ok := d.kept(lang); ok {
		return kept, nil
	}
	d.mu.Lock()
	vault := d.vault
	d.mu.Unlock()
	o, err := d.make(ctx, d.Now().Truncate(time.Minute), lang)
	if err != nil {
		return made{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vault == vault {
		if d.cache.made == nil {
			d.cache.made = map[string]made{}
		}
		d.cache.made[lang] = o
	}
	return o, nil
}

// kept is the overview of now, when it still holds.
func (d *Desk) kept(lang string) (made, bool) {
	now := d.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.cache.made[lang]
	fresh := o.view != nil && o.key.generation == d.cache.generation && !now.Before(o.key.asOf) &&
		(o.until.IsZero() || now.Before(o.until))
	return o, fresh && d.vault != nil
}

// make makes an overview of what is stored now.
func (d *Desk) make(ctx context.Context, asOf time.Time, lang string) (made, error) {
	d.mu.Lock()
	o := made{key: cacheKey{d.cache.generation, asOf, lang}}
	d.mu.Unlock()
	var err error
	if o.all, err = d.merge(ctx, asOf, lang); err != nil {
		return made{}, err
	}
	policy, err := d.Policy(ctx)
	if err != nil {
		return made{}, err
	}
	policy.Annotate(o.all)
	who := d.viewer()
	o.view = o.all.View(who)
	o.until = endOf(o, policy, who.At)
	view, whole := o.view, policy.WithClosed(o.view, o.all)
	all, choices := o.all, policy.Choices
	o.choices, o.chosen = choices, sync.OnceValue(func() []int { return itemsOf(all, choices) })
	o.asks = sync.OnceValue(func() []share.Ask { return whole.Asks(view) })
	o.index = sync.OnceValue(func() *aggregator.Index { return aggregator.NewIndex(view) })
	index := o.index
	o.begin = sync.OnceFunc(func() { go index() })
	return o, nil
}

// endOf is the first moment after now at which an overview may be another
// though nothing is stored: a section changes, something opens, or a choice to
// share ends. Zero when there is none.
func endOf(o made, policy share.Policy, now time.Time) time.Time {
	var first time.Time
	add := func(t time.Time) {
		if t.After(o.key.asOf) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	for _, t := range o.all.Transitions() {
		add(t)
	}
	for _, item := range o.view.Items {
		if closed, ok := item.Value.(*aggregator.Closed); ok && closed.Opens.After(now) {
			add(closed.Opens)
		}
	}
	for _, c := range policy.Choices {
		if c.Until.After(now) {
			add(c.Until)
		}
	}
	return first
}

// viewer is the person, now.
func (d *Desk) viewer() aggregator.Viewer { return aggregator.Viewer{At: d.Now()} }

// Record is the stored record behind a part, in the version the part names.
func (d *Desk) Record(ctx context.Context, p aggregator.Part) (fhir.Record, error) {
	if p.Source == fhir.Self {
		return d.ownRecord(ctx, p)
	}
	s, err := d.Vault()
	if err != nil {
		return fhir.Record{}, err
	}
	origin := fhir.Origin{Source: p.Source, Service: p.Service}
	for r, err := range s.History(ctx, origin, fhir.Ref{Type: p.Type, ID: p.ID}) {
		if err != nil {
			return r, fmt.Errorf("read a record: %w", err)
		}
		if fmt.Sprint(r.Number) == p.Version {
			return r, nil
		}
	}
	return fhir.Record{}, ErrNotFound
}

// File is the content of file number i of a letter.
func (d *Desk) File(ctx context.Context, item aggregator.Item, i int) (contentType string, data []byte, err error) {
	letter, ok := item.Value.(*aggregator.Letter)
	if !ok || i < 0 || i >= len(letter.Files) || letter.Files[i].Part < 0 {
		return "", nil, ErrNotFound
	}
	f := letter.Files[i]
	r, err := d.Record(ctx, item.Parts[f.Part])
	if err != nil {
		return "", nil, err
	}
	text := aggregator.BinaryData(r.Node())
	if r.Type != "Binary" {
		text = r.Node().All("content")[i].Str("attachment", "data")
	}
	data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return "", nil, ErrNotFound
	}
	return f.ContentType, data, nil
}

// prepare makes the overview and its index before they are asked for, in the
// language that was last asked for. What goes wrong is said to who asks.
func (d *Desk) prepare(ctx context.Context) {
	d.mu.Lock()
	lang := d.lang
	d.mu.Unlock()
	o, err := d.overview(ctx, time.Time{}, lang)
	switch {
	case err == nil:
		o.index()
	case ctx.Err() == nil:
		d.cfg.Log.Debug("the overview was not made beforehand")
	}
}
