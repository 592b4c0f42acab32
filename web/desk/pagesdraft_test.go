package desk

import (
	"bytes"
	"crypto/ecdh"
	"errors"
	"sync"
	"testing"

	"github.com/bundel-pgo/bundel/web"
)

// TestTheKeyToWhatWasTypedStaysInTheVault: one key, also for two who ask at once
// and after closing, and none while the vault is closed.
func TestTheKeyToWhatWasTypedStaysInTheVault(t *testing.T) {
	o := newOwner(t)
	got := make([][]byte, 4)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			key, err := o.pages.DraftKey(t.Context())
			if err != nil {
				t.Error(err)
			}
			got[i] = key
		})
	}
	all.Wait()
	for _, key := range got {
		if !bytes.Equal(key, got[0]) {
			t.Error("two keys were made")
		}
	}
	if _, err := ecdh.X25519().NewPrivateKey(got[0]); err != nil {
		t.Error(err)
	}
	o.pages.Lock()
	if key, err := o.pages.DraftKey(t.Context()); !errors.Is(err, web.ErrLocked) || key != nil {
		t.Errorf("closed: %v, %v", key, err)
	}
	if err := o.pages.Unlock(t.Context(), []byte(o.code)); err != nil {
		t.Fatal(err)
	}
	if key, err := o.pages.DraftKey(t.Context()); err != nil || !bytes.Equal(key, got[0]) {
		t.Errorf("opened again: another key, %v", err)
	}
}
