package desk

import (
	"context"
	"fmt"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// Targets gives the targets in force, one for each test and unit: the newest.
func (d *Desk) Targets(ctx context.Context) ([]aggregator.Target, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	newest := map[string]fhir.Record{}
	var ids []string
	for r, err := range s.RecordsOf(ctx, fhir.Self) {
		if err != nil {
			return nil, fmt.Errorf("read the targets: %w", err)
		}
		if r.Type != "Goal" {
			continue
		}
		if _, seen := newest[r.ID]; !seen {
			ids = append(ids, r.ID)
		}
		newest[r.ID] = r
	}
	var all []aggregator.Target
	for _, id := range ids {
		if t, ok := aggregator.ReadTarget(newest[id].Resource); ok && !newest[id].Deleted {
			all = append(all, t)
		}
	}
	return all, nil
}

// SetTarget stores a target, in the place of the one of the same test and unit.
// The errors about what was typed are those of [aggregator.Target.Resource].
func (d *Desk) SetTarget(ctx context.Context, t aggregator.Target) error {
	d.deciding.Lock()
	defer d.deciding.Unlock()
	old, err := d.Targets(ctx)
	if err != nil {
		return err
	}
	for _, o := range old {
		if o.Analyte == t.Analyte && o.Unit == t.Unit {
			t.ID = o.ID
		}
	}
	t.At = d.Now()
	r, err := t.Resource()
	if err != nil {
		return err
	}
	return d.putOwn(ctx, r)
}

// DropTarget takes a target away; it is ErrNotFound when it is not there.
func (d *Desk) DropTarget(ctx context.Context, id string) error {
	all, err := d.Targets(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.ID == id {
			return d.removeOwn(ctx, fhir.Ref{Type: "Goal", ID: id})
		}
	}
	return ErrNotFound
}
