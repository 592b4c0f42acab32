package desk

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"errors"

	"github.com/bundel-pgo/bundel/store"
)

// draftKey is the document (store.Setting) that holds the key to what was typed.
const draftKey = "pages/draft-key"

// DraftKey implements [web.Drafter].
func (p *Pages) DraftKey(ctx context.Context) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock() // two that ask at once get the same one
	var key []byte
	err := p.desk.load(ctx, store.Setting, draftKey, &key)
	if !errors.Is(err, ErrNotFound) {
		return key, pageError(err)
	}
	made, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	key = made.Bytes()
	return key, pageError(p.desk.keep(ctx, store.Setting, draftKey, key))
}
