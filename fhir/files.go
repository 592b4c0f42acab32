package fhir

import (
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"
)

// FileItem is a resource and the file it came from.
type FileItem struct {
	Path     string // within the folder, with slashes
	Resource Resource
	Skipped  bool // the file is of another kind and was not opened; no Resource
}

// Files reads every .json, .xml, .ndjson and .jsonl file under fsys with
// [ReadAny], in the order of their paths. Other files are reported as skipped.
// An error of one file, with its path in FileItem, does not end the sequence.
// A path may name a person: it is for the screen, never for a log.
func Files(fsys fs.FS, v Version) iter.Seq2[FileItem, error] {
	return func(yield func(FileItem, error) bool) {
		// WalkDir reads folders in lexical order, so the order is the same everywhere.
		_ = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return next(yield(FileItem{Path: name}, fmt.Errorf("open: %w", plain(err))))
			case d.IsDir():
				return nil
			case !isReadable(name) || !d.Type().IsRegular():
				return next(yield(FileItem{Path: name, Skipped: true}, nil))
			}
			return readFile(fsys, name, v, yield)
		})
	}
}

func isReadable(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".json", ".xml", ".ndjson", ".jsonl":
		return true
	}
	return false
}

func readFile(fsys fs.FS, name string, v Version, yield func(FileItem, error) bool) error {
	f, err := fsys.Open(name)
	if err != nil {
		return next(yield(FileItem{Path: name}, fmt.Errorf("open: %w", plain(err))))
	}
	defer f.Close()
	for r, err := range ReadAny(f, v) {
		if !yield(FileItem{Path: name, Resource: r}, err) {
			return fs.SkipAll
		}
	}
	return nil
}

// next stops the walk when the caller wants no more.
func next(more bool) error {
	if more {
		return nil
	}
	return fs.SkipAll
}

// plain takes the path out of an error; FileItem has it.
func plain(err error) error {
	if pe, ok := err.(*fs.PathError); ok {
		return pe.Err
	}
	return err
}
