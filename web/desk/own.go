package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// own is the origin of everything the person wrote.
var own = fhir.Origin{Source: fhir.Self}

// Own is one version of something the person added. A version that was removed
// has the entry of the one before it.
type Own struct {
	aggregator.OwnEntry
	Type    string // of the record
	Stored  time.Time
	Removed bool
}

// Add stores what the person adds, or a new version of the entry it names, or
// gives the question that comes first (one of aggregator's Ask codes); then
// nothing is stored. It is ErrNotFound for an entry that is not there, or that
// is of another kind.
func (d *Desk) Add(ctx context.Context, e aggregator.OwnEntry) (question string, err error) {
	d.deciding.Lock() // the comparison and what is stored after it are one act
	defer d.deciding.Unlock()
	if e.Kind == aggregator.KindDocument && e.ID != "" {
		return "", d.rename(ctx, e.ID, e.Value)
	}
	before, err := d.before(ctx, e)
	if err != nil {
		return "", err
	}
	for _, o := range before.Kept {
		if e.ID != "" && o.ID == e.ID {
			e = e.InPlaceOf(o.OwnEntry)
		}
	}
	r, question, err := aggregator.NewOwnBeside(e, before, d.Now())
	if err != nil || question != "" {
		return question, err
	}
	return "", d.putOwn(ctx, r)
}

// before is what a new entry is compared with.
func (d *Desk) before(ctx context.Context, e aggregator.OwnEntry) (aggregator.OwnBefore, error) {
	var before aggregator.OwnBefore
	all, err := d.Own(ctx)
	if err != nil {
		return before, err
	}
	known := e.ID == ""
	for _, o := range all {
		known = known || o.ID == e.ID && o.Kind == e.Kind && !o.Removed
		if !o.Removed {
			before.Kept = append(before.Kept, aggregator.OwnKept{OwnEntry: o.OwnEntry, Stored: o.Stored})
		}
	}
	if !known {
		return before, ErrNotFound
	}
	o, err := d.Overview(ctx, time.Time{}, "")
	if err == nil {
		before.Born = fhir.ParseDate(o.Person.BirthDate)
	}
	return before, err
}

// Own gives everything the person added, in its newest version and with what
// they removed, the newest measurement first.
func (d *Desk) Own(ctx context.Context) ([]Own, error) {
	entries, err := d.ownEntries(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Own, len(entries))
	for i, versions := range entries {
		all[i] = versions[len(versions)-1]
	}
	slices.SortFunc(all, func(a, b Own) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.ID, b.ID)) })
	return all, nil
}

// OwnHistory gives every version of one entry, oldest first, or ErrNotFound.
func (d *Desk) OwnHistory(ctx context.Context, id string) ([]Own, error) {
	entries, err := d.ownEntries(ctx)
	if err != nil {
		return nil, err
	}
	for _, versions := range slices.Backward(entries) {
		if versions[0].ID == id {
			return slices.Clone(versions), nil
		}
	}
	return nil, ErrNotFound
}

// ownEntries gives the versions of every entry. The caller does not change them.
func (d *Desk) ownEntries(ctx context.Context) ([][]Own, error) {
	kept, err := d.readOwn(ctx)
	if err != nil {
		return nil, fmt.Errorf("read own entries: %w", err)
	}
	return kept.entries(), nil
}

// entriesIn puts the versions of every entry together, in the order of the store.
func entriesIn(records []fhir.Record) [][]Own {
	var all [][]Own
	var ref fhir.Ref
	var versions []Own
	flush := func() {
		if len(versions) > 0 {
			all = append(all, versions)
		}
		versions = nil
	}
	for _, r := range records {
		if r.Ref != ref {
			flush()
			ref = r.Ref
		}
		versions = addVersion(versions, r)
	}
	flush()
	return all
}

func addVersion(versions []Own, r fhir.Record) []Own {
	o := Own{Type: r.Type, Stored: r.Fetched, Removed: r.Deleted}
	if r.Deleted {
		if len(versions) == 0 {
			return nil
		}
		o.OwnEntry = versions[len(versions)-1].OwnEntry
		return append(versions, o)
	}
	e, ok := aggregator.ReadOwn(r.Resource)
	if !ok {
		return versions
	}
	o.OwnEntry = e
	return append(versions, o)
}

// Remove takes an entry away; its history stays until the vault is destroyed,
// and [Desk.Restore] brings it back. Nothing of a provider is touched.
func (d *Desk) Remove(ctx context.Context, id string) error {
	versions, err := d.OwnHistory(ctx, id)
	if err != nil {
		return err
	}
	return d.removeOwn(ctx, fhir.Ref{Type: versions[0].Type, ID: id})
}

func (d *Desk) removeOwn(ctx context.Context, ref fhir.Ref) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	defer d.changed()
	if err := s.Remove(ctx, own, ref); err != nil {
		return notThere(err)
	}
	return nil
}

// Restore brings back an entry as it was before it was removed; ErrNotFound
// when it was not.
func (d *Desk) Restore(ctx context.Context, id string) error {
	versions, err := d.OwnHistory(ctx, id)
	if err != nil {
		return err
	}
	last := versions[len(versions)-1]
	if !last.Removed {
		return ErrNotFound
	}
	before, err := d.newestOwn(ctx, fhir.Ref{Type: last.Type, ID: id})
	if err != nil {
		return err
	}
	return d.putOwn(ctx, before)
}

// newestOwn is an entry as it is stored, or as it was before it was removed.
func (d *Desk) newestOwn(ctx context.Context, ref fhir.Ref) (newest fhir.Resource, err error) {
	s, err := d.Vault()
	if err != nil {
		return newest, err
	}
	for r, err := range s.History(ctx, own, ref) {
		if err != nil {
			return newest, fmt.Errorf("read an entry: %w", err)
		}
		if !r.Deleted {
			newest = r.Resource
		}
	}
	return newest, nil
}

// notThere gives the error of this package for what the store does not have.
func notThere(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound
	}
	return err
}
