package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The label can be read without a key, is the same for an open and a closed
// store, and keeps its name while the keys change.
func TestLabel(t *testing.T) {
	path, _, _ := lockedUp(t)
	ctx := context.Background()
	first, err := ReadLabel(path, cheap())
	want := []KeyKind{KindPassphrase, KindRecovery}
	if err != nil || !slices.Equal(first.Keys, want) || first.Has(KindDevice) || !first.Has(KindRecovery) {
		t.Fatalf("%+v %v", first, err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(first.Name) {
		t.Errorf("the name tells something: %q", first.Name)
	}
	s := reopened(t, path, Passphrase(testPhrase))
	if _, err := s.AddKey(ctx, Device(NewDeviceSecret())); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Rotate(ctx, Passphrase(nextPhrase), Device(NewDeviceSecret())); err != nil {
		t.Fatal(err)
	}
	open, err := s.Label()
	if err != nil || open.Name != first.Name || !open.Has(KindDevice) || len(open.Keys) != 3 {
		t.Errorf("%+v %v", open, err)
	}
	_ = s.Close()
	if closed, err := ReadLabel(path, cheap()); err != nil || !cmp.Equal(closed, open) {
		t.Errorf("%+v %v", closed, err)
	}
	if same, err := ReadLabel(copied(t, path), cheap()); err != nil || same.Name != first.Name {
		t.Errorf("a copy: %+v %v", same, err)
	}
	_, other := newStore(t)
	if _, err := ReadLabel(other, cheap()); !errors.Is(err, ErrInUse) {
		t.Errorf("open in another program: %v", err)
	}
}

// No two stores have one name, no two purposes share it, and what is kept of a
// store elsewhere names neither its place nor its identity.
func TestPromise_NamesElsewhereTellNothing(t *testing.T) {
	seen := map[string]bool{}
	for _, purpose := range []string{"bundel.label.1", "bundel.tries.1", "bundel.state.1"} {
		for id := range byte(4) {
			seen[nameFor(purpose, [16]byte{id})] = true
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d names", len(seen))
	}
	g := guard(t)
	_ = g.try(Passphrase(wrongPhrase))
	label, err := ReadLabel(g.path, g.cfg)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{label.Name}
	files, _ := os.ReadDir(g.cfg.State)
	for _, f := range files {
		names = append(names, f.Name())
	}
	plain := regexp.MustCompile(`^(tries-)?[0-9a-f]{16}(\.anchor)?$`)
	raw, _ := os.ReadFile(g.path)
	for _, name := range names {
		id, _ := hex.DecodeString(strings.TrimSuffix(strings.TrimPrefix(name, "tries-"), ".anchor"))
		if !plain.MatchString(name) || len(id) != 8 || bytes.Contains(raw, id) {
			t.Errorf("%q", name)
		}
	}
	if len(names) != 3 {
		t.Errorf("%q", names)
	}
}

func TestLabelOfNothing(t *testing.T) {
	path, _, _ := lockedUp(t)
	s := reopened(t, path, Passphrase(testPhrase))
	_ = s.Close()
	if _, err := s.Label(); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	cut := copied(t, path)
	if err := os.Truncate(cut, 5000); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(t.TempDir(), "vault.bundel")
	for path, want := range map[string]error{cut: ErrDamaged, nowhere: ErrNoStore} {
		if _, err := ReadLabel(path, cheap()); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}
