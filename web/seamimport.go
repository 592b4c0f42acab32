package web

import (
	"context"

	"github.com/bundel-pgo/bundel/fhir"
)

// Importer reads files with records that the person got from elsewhere.
type Importer interface {
	// ReadIn stores what can be read of a file as records of one source. What was
	// there already stays, also of a source with the same name. It is *Refused,
	// with nothing stored, for a name that cannot be and for a file of which
	// nothing can be read.
	ReadIn(ctx context.Context, f RecordFile) (ReadIn, error)
}

// RecordFile is a FHIR file: a resource, a Bundle, or one resource a line; JSON
// or XML.
type RecordFile struct {
	Name    string // of the source, as the person says it
	Kind    string // "gp", "pharmacy", "hospital" or "other"
	Version fhir.Version
	Content []byte // the caller wipes it afterwards
}

// ReadIn is what became of a file.
type ReadIn struct {
	Source             string
	New, Changed, Same int
	Unread             int // parts that could not be read
	Masked             int // citizen service numbers that were taken out
}
