package store

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/store/internal/seal"
)

const (
	// MaxDocument is the largest document and log entry in bytes.
	MaxDocument = 128 << 10
	maxName     = 4 << 10
)

// Kind says what a document is.
type Kind uint8

// The kinds of document. Tokens and logins are sealed with a key of their own.
const (
	Token   Kind = iota + 1 // a grant with its tokens
	Login                   // a login under way
	Setting                 // anything else the program keeps
)

// Document is a small named value. It prints as "[document]".
type Document struct {
	Kind  Kind
	Name  string
	Value []byte
}

// Format prints "[document]" for every verb.
func (Document) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, "[document]") }

// LogValue gives "[document]".
func (Document) LogValue() slog.Value { return slog.StringValue("[document]") }

// document names one.
type document struct {
	kind Kind
	name string
}

// shelf says where documents of a kind are.
type shelf struct {
	kind        Kind
	word        string // in the name of the record
	compartment string
	record      seal.Kind
}

// shelves is the table of kinds. Its words are part of names in the file: they
// are final.
func shelves() []shelf {
	return []shelf{
		{Token, "token", seal.Tokens, seal.Token},
		{Login, "login", seal.Tokens, seal.Token},
		{Setting, "setting", seal.Settings, seal.Setting},
	}
}

func (d document) at() (compartment string, n seal.Name, err error) {
	for _, s := range shelves() {
		if s.kind == d.kind && usableName(d.name) {
			return s.compartment, seal.Name{Kind: s.record, Parts: []string{s.word, d.name}}, nil
		}
	}
	return "", seal.Name{}, ErrBadName
}

// documentOf is the way back from the name of a record.
func documentOf(n seal.Name) (document, bool) {
	if len(n.Parts) == 2 {
		for _, s := range shelves() {
			if s.record == n.Kind && s.word == n.Parts[0] {
				return document{s.kind, n.Parts[1]}, true
			}
		}
	}
	return document{}, false
}

// Keep stores a document, over an older one of that kind and name. The value is
// on the disk when Keep returns. Errors: ErrBadName, ErrTooLarge.
func (s *Store) Keep(ctx context.Context, kind Kind, name string, value []byte) error {
	return s.change(ctx, "keep", document{kind, name}, func(tx *seal.Tx, compartment string, n seal.Name) error {
		return tx.Replace(compartment, seal.Entry{Name: n, Body: value})
	}, true)
}

// KeepWhile is Keep as long as another document, or an older self, is there and
// holds accepts its value: both in one step, that nothing comes between. Else it
// gives ErrForgotten and stores nothing. So what goes on in the background cannot
// bring back what was forgotten meanwhile, in this process or another: a token
// that is renewed replaces its older self, and a new login keeps a new one.
func (s *Store) KeepWhile(ctx context.Context, doc, other Document, holds func(value []byte) bool) error {
	given, at, err := document{other.Kind, other.Name}.at()
	if err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	return s.change(ctx, "keep", document{doc.Kind, doc.Name}, func(tx *seal.Tx, compartment string, n seal.Name) error {
		switch e, found, err := tx.Get(given, at); {
		case err != nil:
			return err
		case !found || e.Gone || !holds(e.Body):
			return ErrForgotten
		}
		return tx.Replace(compartment, seal.Entry{Name: n, Body: doc.Value})
	}, true)
}

// Drop takes a document away, or gives ErrNotFound. The old value can no longer
// be read through the store; sealed, it stays in the file until [Store.Compact].
// A tombstone takes its place, so that no salvage brings it back.
func (s *Store) Drop(ctx context.Context, kind Kind, name string) error {
	return s.change(ctx, "drop", document{kind, name}, func(tx *seal.Tx, compartment string, n seal.Name) error {
		switch e, found, err := tx.Get(compartment, n); {
		case err != nil:
			return err
		case !found || e.Gone:
			return ErrNotFound
		}
		return tx.Replace(compartment, seal.Entry{Name: n, Gone: true})
	}, false)
}

// change is what Keep and Drop share; there tells whether the document is there
// afterwards.
func (s *Store) change(ctx context.Context, verb string, d document, apply func(*seal.Tx, string, seal.Name) error, there bool) error {
	compartment, n, err := d.at()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	idx, err := s.readyToWrite()
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.update(func(tx *seal.Tx) error { return apply(tx, compartment, n) }); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	idx.mu.Lock()
	defer idx.mu.Unlock()
	idx.documents[d] = there
	return nil
}

// Load gives the value of a document, or ErrNotFound.
func (s *Store) Load(ctx context.Context, kind Kind, name string) ([]byte, error) {
	compartment, n, err := document{kind, name}.at()
	if err == nil {
		err = ctx.Err()
	}
	var e seal.Entry
	if err == nil {
		err = s.view(func(tx *seal.Tx) (err error) {
			found := false
			if e, found, err = tx.Get(compartment, n); err == nil && (!found || e.Gone) {
				err = ErrNotFound
			}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return e.Body, nil
}

// List gives the documents of a kind, sorted by name. One that is dropped
// meanwhile is skipped. Damage is told as by [Store.Records].
func (s *Store) List(ctx context.Context, kind Kind) iter.Seq2[Document, error] {
	return s.ListUnder(ctx, kind, "")
}

// ListUnder is List of the documents whose name begins with a prefix. The others
// are not read: they may be many, and large.
func (s *Store) ListUnder(ctx context.Context, kind Kind, prefix string) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		idx, err := s.ready()
		if err != nil {
			yield(Document{}, fmt.Errorf("list: %w", err))
			return
		}
		for _, name := range idx.names(kind, prefix) {
			value, err := s.Load(ctx, kind, name)
			if isNotFound(err) {
				continue
			}
			if !yield(Document{kind, name, value}, err) || err != nil {
				return
			}
		}
		if err := idx.firstDamage(); err != nil {
			yield(Document{}, fmt.Errorf("list: %w", err))
		}
	}
}

func (idx *index) names(kind Kind, prefix string) []string {
	idx.mu.RLock()
	defer idx.mu.RUnlock()
	var names []string
	for d, there := range idx.documents {
		if there && d.kind == kind && strings.HasPrefix(d.name, prefix) {
			names = append(names, d.name)
		}
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names
}
