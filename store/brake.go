package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// freeTries is how many wrong keys cost no wait. From there on every wrong key
// costs the next of waits, and the last of them for ever after; never more, so
// nobody is locked out.
const freeTries = 5

func waits() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
}

// WrongKeyError is an ErrWrongKey that was counted (Config.State).
type WrongKeyError struct {
	Left int           // tries left that cost no wait
	Wait time.Duration // until the next try; zero when there are some left
}

// Error says no more than ErrWrongKey.
func (*WrongKeyError) Error() string { return ErrWrongKey.Error() }

// Is matches [ErrWrongKey].
func (*WrongKeyError) Is(target error) bool { return target == ErrWrongKey }

// WaitError means that too many wrong keys came before: the key was not looked
// at, right or wrong, and nothing was spent on it.
type WaitError struct {
	Until time.Time     // by Config.Now
	Wait  time.Duration // from now, at most an hour
}

// Error says how long.
func (e *WaitError) Error() string {
	return fmt.Sprintf("too many wrong keys: wait %s", e.Wait.Round(time.Second))
}

// unlocker makes the vault key from a header.
type unlocker func(keys.Header) ([]byte, error)

// unlocker is that of a key. The random bytes of a [Device] cannot be guessed, so
// they are not counted, and no wait is for them.
func (c Config) unlocker(key Key) unlocker {
	if _, random := key.(device); random {
		return key.unlock
	}
	return c.braked(key.unlock)
}

// braked counts wrong keys in the state folder, by the identity of the store: a
// copy under another name counts with it. Who holds the lock of the file holds
// the count. It is a brake for who sits at this computer: who can take the file
// away, set the clock forward or empty the folder is stopped by Argon2id alone.
func (c Config) braked(unlock unlocker) unlocker {
	if c.State == "" {
		return unlock
	}
	return func(h keys.Header) ([]byte, error) {
		b := brake{folder: c.State, name: "tries-" + nameFor("bundel.tries.1", h.StoreID), now: c.Now, log: c.Log}
		before := b.read()
		if err := b.wait(before); err != nil {
			return nil, err
		}
		// Counted before it is tried: who ends the program half way gains nothing.
		b.write(tries{Wrong: before.Wrong + 1, At: c.Now()})
		vaultKey, err := unlock(h)
		return vaultKey, b.settle(before, err)
	}
}

// tries is what the folder keeps: how many wrong keys there were in a row, and
// when the last one was. How long to wait follows from it.
type tries struct {
	Wrong int       `json:"wrong"`
	At    time.Time `json:"at"`
}

func (t tries) cost() time.Duration {
	if t.Wrong < freeTries {
		return 0
	}
	all := waits()
	return all[min(t.Wrong-freeTries, len(all)-1)]
}

type brake struct {
	folder, name string
	now          func() time.Time
	log          *slog.Logger
}

// wait gives a *WaitError while there is some left. A clock that was set back
// begins the wait anew: so it is neither shorter for it, nor longer than itself
// from now on.
func (b brake) wait(t tries) error {
	if t.cost() == 0 {
		return nil
	}
	now := b.now()
	if now.Before(t.At) {
		t.At = now
		b.write(t)
	}
	left := t.cost() - now.Sub(t.At)
	if left <= 0 {
		return nil
	}
	return &WaitError{Until: now.Add(left), Wait: left}
}

// settle keeps what became of a try. What was no guess does not count: a code
// with a typing error, or a store that is damaged.
func (b brake) settle(before tries, err error) error {
	switch {
	case err == nil:
		b.forget()
		return nil
	case !errors.Is(err, ErrWrongKey), errors.Is(err, errTypo):
		b.write(before)
		return err
	}
	t := tries{Wrong: before.Wrong + 1, At: b.now()}
	b.write(t)
	return &WrongKeyError{Left: max(freeTries-t.Wrong, 0), Wait: t.cost()}
}

func (b brake) path() string { return filepath.Join(b.folder, b.name) }

// read takes what cannot be read for no count: the brake may never be what keeps
// somebody out.
func (b brake) read() (t tries) {
	raw, err := os.ReadFile(b.path())
	if err == nil {
		err = json.Unmarshal(raw, &t)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.complain(err)
	}
	if err != nil || t.Wrong < 0 {
		return tries{}
	}
	return t
}

// write is whole or nothing: when the program ends half way, the count before it
// stays.
func (b brake) write(t tries) {
	if t.Wrong == 0 {
		b.forget()
		return
	}
	raw, err := json.Marshal(t)
	if err == nil {
		err = os.MkdirAll(b.folder, 0o700)
	}
	if err == nil {
		err = os.WriteFile(b.path()+".new", raw, 0o600)
	}
	if err == nil {
		err = os.Rename(b.path()+".new", b.path())
	}
	if err != nil {
		b.complain(err)
	}
}

func (b brake) forget() {
	if err := os.Remove(b.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.complain(err)
	}
}

func (b brake) complain(err error) {
	b.log.Warn("wrong keys are not counted", "error", fault.Pathless("state folder", err))
}
