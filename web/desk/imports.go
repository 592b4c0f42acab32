package desk

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web"
)

// Import is what to import. Source becomes "file:NAME".
type Import struct {
	Paths   []string // files and folders
	Content []byte   // one more file, that is on no disk
	Name    string
	Kind    string // gp, pharmacy, hospital, other
	Version fhir.Version
}

// Imported tells what an import gave. Failures carry the paths that the person
// named: they are for the screen, never for a log.
type Imported struct {
	Files     int
	Skipped   int // files of other kinds in folders
	Resources int
	Failures  []Failure
	Receipt   fhir.Receipt

	last string // path of the file being read
}

// Failure is a file, or a part of one, that could not be read.
type Failure struct{ Path, Reason string }

// importPage is how many resources are stored at once.
const importPage = 200

// Import stores everything in the files and folders, as one source. What can be
// read is stored, whatever the rest is.
func (d *Desk) Import(ctx context.Context, in Import) (Imported, error) {
	s, err := d.Vault()
	if err != nil {
		return Imported{}, err
	}
	origin := fhir.Origin{Source: "file:" + in.Name}
	if err := d.nameProvider(ctx, origin.Source, Provider{Name: in.Name, Kind: in.Kind}); err != nil {
		return Imported{}, err
	}
	var done Imported
	defer d.changed()
	done.Receipt, err = s.Put(ctx, fhir.Source{Origin: origin, Version: in.Version, Pages: done.pages(ctx, in)})
	if err != nil {
		return done, fmt.Errorf("import: %w", err)
	}
	d.noteOr(ctx, access{Kind: web.EventCollect, What: "files", Source: origin.Source, Count: done.Files})
	return done, nil
}

// pages reads the files as the pages of one query.
func (done *Imported) pages(ctx context.Context, in Import) iter.Seq2[fhir.Page, error] {
	return func(yield func(fhir.Page, error) bool) {
		var page []fhir.Resource
		pages := 1
		for item, err := range files(in) {
			if ctx.Err() != nil {
				yield(fhir.Page{}, ctx.Err())
				return
			}
			if !done.take(item, err) {
				continue
			}
			page = append(page, item.Resource)
			if len(page) == importPage {
				if !yield(fhir.Page{Query: "import", Resources: page}, nil) {
					return
				}
				page, pages = nil, pages+1
			}
		}
		yield(fhir.Page{Query: "import", Resources: page, Result: done.result(pages)}, nil)
	}
}

// take counts an item and tells whether it holds a resource.
func (done *Imported) take(item fhir.FileItem, err error) bool {
	if item.Path != done.last && !item.Skipped {
		done.last = item.Path
		done.Files++
	}
	switch {
	case err != nil:
		done.Failures = append(done.Failures, Failure{item.Path, err.Error()})
	case item.Skipped:
		done.Skipped++
	default:
		done.Resources++
		return true
	}
	return false
}

func (done *Imported) result(pages int) *fhir.QueryResult {
	r := &fhir.QueryResult{Query: "import", Outcome: fhir.OK, Resources: done.Resources, Pages: pages}
	if done.Resources == 0 {
		r.Outcome = fhir.Empty
	}
	if n := len(done.Failures); n > 0 {
		r.Outcome, r.Detail = fhir.Failed, fmt.Sprintf("%d unreadable", n)
	}
	return r
}

// files gives every resource of every path, in order.
func files(in Import) iter.Seq2[fhir.FileItem, error] {
	return func(yield func(fhir.FileItem, error) bool) {
		for r, err := range fhir.ReadAny(bytes.NewReader(in.Content), in.Version) {
			if !yield(fhir.FileItem{Resource: r}, err) {
				return
			}
		}
		for _, path := range in.Paths {
			for item, err := range readPath(path, in.Version) {
				if !yield(item, err) {
					return
				}
			}
		}
	}
}

func readPath(path string, v fhir.Version) iter.Seq2[fhir.FileItem, error] {
	return func(yield func(fhir.FileItem, error) bool) {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			yield(fhir.FileItem{Path: path}, fmt.Errorf("cannot be opened"))
		case info.IsDir():
			for item, err := range fhir.Files(os.DirFS(path), v) {
				item.Path = filepath.Join(path, item.Path)
				if !yield(item, err) {
					return
				}
			}
		default:
			readOne(path, v, yield)
		}
	}
}

func readOne(path string, v fhir.Version, yield func(fhir.FileItem, error) bool) {
	f, err := os.Open(path)
	if err != nil {
		yield(fhir.FileItem{Path: path}, fmt.Errorf("cannot be opened"))
		return
	}
	defer f.Close()
	for r, err := range fhir.ReadAny(f, v) {
		if !yield(fhir.FileItem{Path: path, Resource: r}, err) {
			return
		}
	}
}

// CleanName checks the name of an imported source: short, printable, without
// the signs that part sources.
func CleanName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 60 || strings.ContainsAny(name, ":|/\\\n\t") {
		return "", fmt.Errorf("the name of a source has 1 to 60 characters, without : | / and \\")
	}
	return name, nil
}
