package desk

import (
	"context"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// AddDocument stores a file of the person. Errors are those of
// [aggregator.NewOwnDocument]; then nothing is stored.
func (d *Desk) AddDocument(ctx context.Context, doc aggregator.OwnDocument) error {
	resources, err := aggregator.NewOwnDocument(doc, d.Now())
	if err != nil {
		return err
	}
	return d.putOwn(ctx, resources...)
}

// rename gives a file of the person another title. The file itself stays.
func (d *Desk) rename(ctx context.Context, id, title string) error {
	versions, err := d.OwnHistory(ctx, id)
	if err != nil {
		return err
	}
	last := versions[len(versions)-1]
	if last.Removed || last.Kind != aggregator.KindDocument {
		return ErrNotFound
	}
	stored, err := d.newestOwn(ctx, fhir.Ref{Type: last.Type, ID: id})
	if err != nil {
		return err
	}
	renamed, err := aggregator.RenameDocument(stored, title)
	if err != nil {
		return err
	}
	return d.putOwn(ctx, renamed)
}
