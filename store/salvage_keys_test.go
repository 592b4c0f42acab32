package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

// full is a disk without room for a second file.
type full struct{ Backend }

var errNoRoom = errors.New("no room")

func (full) Compact() error { return errNoRoom }

// A file that was cut off between a change of passphrase and its making anew
// holds both headers. A salvage takes the one that counts: what the old
// passphrase opened does not come back.
func TestSalvageTakesTheNewestKeys(t *testing.T) {
	for name, change := range map[string]func(*Store) (RecoveryCode, error){
		"changed": func(s *Store) (RecoveryCode, error) {
			return RecoveryCode{}, s.ChangePassphrase(context.Background(), Passphrase(nextPhrase))
		},
		"rotated": func(s *Store) (RecoveryCode, error) {
			r, err := s.Rotate(context.Background(), Passphrase(nextPhrase))
			return r.Recovery, err
		},
	} {
		path, code, content := lockedUp(t)
		s := reopened(t, path, Passphrase(testPhrase))
		s.kv = full{s.kv}
		next, err := change(s)
		if !errors.Is(err, errNoRoom) {
			t.Fatal(err)
		}
		if next.Reveal() != "" {
			code = next
		}
		_ = s.Close()
		if values, err := readLeaves(path); err != nil || len(headersIn(values)) != 2 {
			t.Fatalf("%s: there is no old header left: this proves nothing (%v)", name, err)
		}
		if _, err := Salvage(context.Background(), path, Passphrase(testPhrase), "", cheap()); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%s, the old passphrase: %v", name, err)
		}
		for with, key := range map[string]Key{"passphrase": Passphrase(nextPhrase), "code": Recovery(code.Reveal())} {
			to := filepath.Join(t.TempDir(), "new.bundel")
			if got, err := Salvage(context.Background(), path, key, to, cheap()); err != nil || got.Records != len(content) {
				t.Errorf("%s, by the %s: %+v %v", name, with, got, err)
			}
			checkOpens(t, to, map[string]error{"old": ErrWrongKey}, map[string]Key{
				"old": Passphrase(testPhrase), "new": Passphrase(nextPhrase), "code": Recovery(code.Reveal()),
			})
		}
	}
}
