package desk

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// Overview is the merged overview at a moment, as the person may see it now,
// with whom each item is shared. A zero asOf is now, to the minute. The caller
// does not change it. Every page, list and command reads this one: what the
// person does not want to see yet is in none of them (product.md 6.9).
func (d *Desk) Overview(ctx context.Context, asOf time.Time, lang string) (*aggregator.Overview, error) {
	c, err := d.overview(ctx, asOf, lang)
	return c.view, err
}

// overview gives the cached overview, made anew when something was stored or a
// minute passed.
func (d *Desk) overview(ctx context.Context, asOf time.Time, lang string) (cache, error) {
	now := d.Now().Truncate(time.Minute)
	if asOf.IsZero() {
		asOf = now
	}
	d.mu.Lock()
	key, cached := cacheKey{d.cache.generation, now, asOf, lang}, d.cache
	d.mu.Unlock()
	if cached.view != nil && cached.key == key {
		return cached, nil
	}
	statements, in, err := d.known(ctx, time.Time{}, asOf, lang)
	if err != nil {
		return cache{}, err
	}
	made := cache{key: key}
	if made.all, err = statements.Merge(in); err != nil {
		return cache{}, fmt.Errorf("make the overview: %w", err)
	}
	policy, err := d.Policy(ctx)
	if err != nil {
		return cache{}, err
	}
	policy.Annotate(made.all)
	made.view = made.all.View(d.viewer())
	d.mu.Lock()
	made.generation = d.cache.generation
	d.cache = made
	d.mu.Unlock()
	return made, nil
}

// viewer is the person, now.
func (d *Desk) viewer() aggregator.Viewer { return aggregator.Viewer{At: d.Now()} }

// Policy is all sharing choices in force.
func (d *Desk) Policy(ctx context.Context) (share.Policy, error) {
	s, err := d.Vault()
	if err != nil {
		return share.Policy{}, err
	}
	choices, err := share.Choices(s.RecordsOf(ctx, fhir.Self))
	return share.Policy{Choices: choices, At: d.Now()}, err
}

// Record is the stored record behind a part, in the version the part names.
func (d *Desk) Record(ctx context.Context, p aggregator.Part) (fhir.Record, error) {
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
