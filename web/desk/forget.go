package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/store"
)

// Forget takes a source out of the vault so that nothing of it is left in the
// file: records, consent and tokens, logins that wait, where its connections
// stood, and what was sent to it. What the person wrote or chose stays theirs,
// and the chain log keeps its lines until they are too old. ErrNotFound when
// there is nothing of this source.
func (d *Desk) Forget(ctx context.Context, source string) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	documents, err := d.documentsOf(ctx, source)
	if err != nil {
		return err
	}
	receipts, err := s.Receipts(ctx)
	if err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	known := len(documents) > 0
	for _, r := range receipts {
		known = known || r.Origin.Source == source
	}
	if !known || source == "self" {
		return ErrNotFound
	}
	defer d.changed()
	return s.Forget(ctx, source, documents...)
}

// documentsOf are the small documents about a source.
func (d *Desk) documentsOf(ctx context.Context, source string) ([]store.Document, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	var all []store.Document
	for _, kind := range []store.Kind{store.Token, store.Login, store.Setting} {
		for doc, err := range s.List(ctx, kind) {
			if err != nil {
				return nil, fmt.Errorf("forget: %w", err)
			}
			if d.isAbout(doc, source, ids) {
				all = append(all, store.Document{Kind: kind, Name: doc.Name})
			}
		}
	}
	return all, nil
}

// isAbout tells of a document whether it is about a source. ids are those of
// its connections, which grants and logins tell: they come first.
func (d *Desk) isAbout(doc store.Document, source string, ids map[string]bool) bool {
	switch doc.Kind {
	case store.Token:
		var g medmij.Grant
		about := json.Unmarshal(doc.Value, &g) == nil && g.Source() == source
		ids[g.ID()] = ids[g.ID()] || about
		return about
	case store.Login:
		var p pending
		about := json.Unmarshal(doc.Value, &p) == nil && sourceOf(p.Login) == source
		id := p.Login.Connection.ID()
		ids[id] = ids[id] || about
		return about
	}
	if id, ok := strings.CutPrefix(doc.Name, standingPrefix); ok {
		return ids[id]
	}
	return doc.Name == providerPrefix+source || doc.Name == wishPrefix+source || strings.HasPrefix(doc.Name, "sent/"+source+"/")
}

// ForgetAll destroys the vault: its file and every key in it, and what the
// keyring keeps of it. The desk is closed after it.
func (d *Desk) ForgetAll(ctx context.Context) error {
	s, label, err := d.labelled()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	d.swap(nil)
	if err := s.Destroy(); err != nil {
		return err
	}
	d.dropFromKeyring(ctx, label)
	return nil
}
