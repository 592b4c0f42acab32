package desk

import (
	"bytes"
	"context"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web"
)

// ReadIn implements [web.Importer].
func (p *Pages) ReadIn(ctx context.Context, f web.RecordFile) (web.ReadIn, error) {
	name, err := CleanName(f.Name)
	if err != nil {
		return web.ReadIn{}, &web.Refused{Reason: web.RefuseName}
	}
	if !holdsRecords(f) {
		return web.ReadIn{}, &web.Refused{Reason: web.RefuseFile}
	}
	done, err := p.desk.Import(ctx, Import{Content: f.Content, Name: name, Kind: f.Kind, Version: f.Version})
	r := done.Receipt
	return web.ReadIn{
		Source: "file:" + name, New: r.New, Changed: r.Changed, Same: r.Unchanged, Unread: len(done.Failures), Masked: r.Masked,
	}, pageError(err)
}

// holdsRecords tells whether anything in a file can be read: a source without
// records would stay in the list for nothing.
func holdsRecords(f web.RecordFile) bool {
	for _, err := range fhir.ReadAny(bytes.NewReader(f.Content), f.Version) {
		if err == nil {
			return true
		}
	}
	return false
}
