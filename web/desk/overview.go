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

// Overview is the merged overview at a moment, with whom each item is shared.
// A zero asOf is now, to the minute. The caller does not change it.
func (d *Desk) Overview(ctx context.Context, asOf time.Time, lang string) (*aggregator.Overview, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	if asOf.IsZero() {
		asOf = d.Now().Truncate(time.Minute)
	}
	d.mu.Lock()
	key, cached := cacheKey{d.cache.generation, asOf, lang}, d.cache
	d.mu.Unlock()
	if cached.overview != nil && cached.key == key {
		return cached.overview, nil
	}
	in := aggregator.Input{AsOf: asOf, Lang: lang}
	if in.Receipts, err = s.Receipts(ctx); err != nil {
		return nil, fmt.Errorf("read the receipts: %w", err)
	}
	if in.Providers, err = d.Providers(ctx); err != nil {
		return nil, err
	}
	if in.Sent, err = sentRecords(ctx, s); err != nil {
		return nil, err
	}
	o, err := aggregator.Merge(s.Records(ctx), in)
	if err != nil {
		return nil, fmt.Errorf("make the overview: %w", err)
	}
	policy, err := d.Policy(ctx)
	if err != nil {
		return nil, err
	}
	policy.Annotate(o)
	d.mu.Lock()
	d.cache.key, d.cache.overview = key, o
	d.mu.Unlock()
	return o, nil
}

// Policy is all sharing choices in force.
func (d *Desk) Policy(ctx context.Context) (share.Policy, error) {
	s, err := d.Vault()
	if err != nil {
		return share.Policy{}, err
	}
	choices, err := share.Choices(s.Records(ctx))
	return share.Policy{Choices: choices}, err
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
