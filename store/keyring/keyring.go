// Package keyring keeps a few secret bytes per store in the keyring of the
// operating system: the Keychain of macOS, the Credential Manager of Windows, the
// Secret Service (GNOME Keyring, KWallet) of a Linux desktop. With those bytes as
// [store.Device] a store opens without its passphrase for whoever is logged in.
//
// What that protects and what not is in docs/adr/0016-keyring.md. In short: a
// thief of the file is no further than before, a program that runs as the same
// user gets in.
package keyring

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	ring "github.com/zalando/go-keyring"
)

// Service is what the items are called in the keyring. It tells whoever can look
// there that this person uses Bundel, and nothing more.
const Service = "bundel"

// MaxSecret is how many bytes an item may have: the least that all systems take.
const MaxSecret = 1024

// Test them with errors.Is.
var (
	// ErrNone: the keyring works, and has nothing of this account that is ours.
	ErrNone = errors.New("there is no such item in the keyring")
	// ErrUnavailable: there is no keyring here, it did not answer in time, or the
	// person did not unlock it.
	ErrUnavailable = errors.New("the keyring of this system cannot be used")
	// ErrSize: an empty secret, or one of more than [MaxSecret] bytes.
	ErrSize = errors.New("a secret has 1 to 1024 bytes")
)

// System is the keyring of the operating system. It is safe for concurrent use.
//
// The system may ask the person to unlock its keyring first, so every call can
// take as long as they do. When ctx ends a call gives ErrUnavailable; what it
// asked for may still happen, since none of the systems can be interrupted.
//
// Where account stands, give [store.Label].Name: what is there can be read by
// others, so it holds no path and no name of a person.
type System struct{}

// Get gives the secret of an account. Wipe it after use; what the system's own
// library keeps of it in memory cannot be wiped. Errors: ErrNone, ErrUnavailable.
func (System) Get(ctx context.Context, account string) ([]byte, error) {
	var text string
	err := ask(ctx, func() (err error) {
		text, err = ring.Get(Service, account)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	secret, err := base64.RawStdEncoding.Strict().DecodeString(text)
	if err != nil || len(secret) == 0 {
		return nil, fmt.Errorf("read the keyring: %w", ErrNone)
	}
	return secret, nil
}

// Set keeps a secret for an account, in the place of the one that was there. It is
// read back: not every system says that it kept nothing. Errors: ErrSize,
// ErrUnavailable.
func (System) Set(ctx context.Context, account string, secret []byte) error {
	if len(secret) == 0 || len(secret) > MaxSecret {
		return ErrSize
	}
	text := base64.RawStdEncoding.EncodeToString(secret)
	err := ask(ctx, func() error {
		if err := ring.Set(Service, account, text); err != nil {
			return err
		}
		if back, err := ring.Get(Service, account); err != nil || back != text {
			return errLost
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the keyring: %w", err)
	}
	return nil
}

var errLost = errors.New("what was written is not there")

// Delete takes the secret of an account away. Errors: ErrNone, ErrUnavailable.
func (System) Delete(ctx context.Context, account string) error {
	if err := ask(ctx, func() error { return ring.Delete(Service, account) }); err != nil {
		return fmt.Errorf("clear the keyring: %w", err)
	}
	return nil
}

// ask waits for the system, or for ctx.
func ask(ctx context.Context, do func() error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := reachable(); err != nil {
		return err
	}
	answer := make(chan error, 1) // so that a late answer waits for nobody
	go func() { answer <- guard(do) }()
	select {
	case err := <-answer:
		return known(err)
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}

// guard: a keyring that answers nonsense makes the library panic, and may not end
// the program. The passphrase is still a way in.
func guard(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errNonsense
		}
	}()
	return do()
}

var errNonsense = errors.New("it gave an answer that cannot be read")

// known makes an error of the system one of ours. Of anything unknown only the
// innermost cause is kept: those around it name sockets, which name a person.
func known(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ring.ErrNotFound):
		return ErrNone
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
