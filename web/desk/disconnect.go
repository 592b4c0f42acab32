package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/store"
)

// Disconnect takes the consent and the tokens at a source out of the vault,
// with the logins that wait and where its connections stood. What it gave
// stays. ErrNotFound when there is no consent. The provider is not told: MedMij
// has no message for it, and a person withdraws a consent at the provider
// (medmij-protocol.md 3.8). The file is not made anew, as [Desk.Forget] does.
func (d *Desk) Disconnect(ctx context.Context, source string) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	grants, err := d.Grants(ctx)
	if err != nil {
		return err
	}
	name, known := Provider{}, false
	for _, g := range grants {
		if g.Source() == source {
			name, known = Provider{g.Display, g.Kind}, true
		}
	}
	if !known {
		return ErrNotFound
	}
	documents, err := d.documentsOf(ctx, source)
	if err != nil {
		return err
	}
	// Its name was known from the consent; what it gave goes on bearing it.
	if err := d.nameProvider(ctx, source, name); err != nil {
		return err
	}
	defer d.changed()
	for _, doc := range documents {
		if !ofConnection(doc) {
			continue
		}
		if err := s.Drop(ctx, doc.Kind, doc.Name); err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("disconnect: %w", err)
		}
	}
	return nil
}

// ofConnection tells the documents that only a connection needs from those of
// the source: its name, and what was sent to it.
func ofConnection(doc store.Document) bool {
	return doc.Kind != store.Setting || strings.HasPrefix(doc.Name, standingPrefix) || strings.HasPrefix(doc.Name, wishPrefix)
}
