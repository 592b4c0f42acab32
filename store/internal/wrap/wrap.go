// Package wrap seals a stream of bytes as an age file, so that a backup opens
// with the age tool too (age-encryption.org/v1; docs/adr/0015-age-backups.md). It is the
// only importer of age in the store.
package wrap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

// Work is the cost of a passphrase, as a power of two: age's own, about a second
// and 256 MB. maxWork is what is spent on a file that asks for more: 4 s and 1 GB.
const (
	Work    = 18
	maxWork = 20
)

// Intro is how every age file begins.
const Intro = "age-encryption.org/v1\n"

// ErrRecipient means that a text is no public key of age.
var ErrRecipient = errors.New("this is not a public key of age")

// Seals says what opens a file: a passphrase, or one of several keys.
type Seals []age.Recipient

// ForPassphrase seals for whoever knows it. work is at most [Work]; less is for
// tests.
func ForPassphrase(secret []byte, work int) (Seals, error) {
	r, err := age.NewScryptRecipient(string(secret))
	if err != nil {
		return nil, fault.ErrWrongKey // it is empty
	}
	r.SetWorkFactor(work)
	return Seals{r}, nil
}

// ForKeys seals for the owners of public keys ("age1...").
func ForKeys(public []string) (Seals, error) {
	all, err := age.ParseRecipients(strings.NewReader(strings.Join(public, "\n")))
	if err != nil {
		return nil, ErrRecipient // its own words may repeat the text
	}
	return all, nil
}

// Seal gives a writer that seals. What it writes is whole only after Close; when
// something failed it must not be closed, so that what is there is seen to be cut.
func Seal(w io.Writer, seals Seals) (io.WriteCloser, error) {
	sealed, err := age.Encrypt(w, seals...)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Keys opens a sealed file.
type Keys []age.Identity

// Passphrase adds a passphrase to the keys; an empty one opens nothing.
func (k *Keys) Passphrase(secret []byte) {
	id, err := age.NewScryptIdentity(string(secret))
	if err != nil {
		return
	}
	id.SetMaxWorkFactor(maxWork)
	*k = append(*k, id)
}

// Private adds private keys ("AGE-SECRET-KEY-..."), or gives ErrWrongKey.
func (k *Keys) Private(private []string) error {
	if len(private) == 0 {
		return nil
	}
	all, err := age.ParseIdentities(strings.NewReader(strings.Join(private, "\n")))
	if err != nil {
		return fmt.Errorf("%w: not a private key of age", fault.ErrWrongKey)
	}
	*k = append(*k, all...)
	return nil
}

// IsSealed tells by its first bytes whether a file is one of age.
func IsSealed(head []byte) bool { return bytes.HasPrefix(head, []byte(Intro)) }

// Open gives what is in a sealed file. Nothing it gives was not checked, but only
// its end tells that nothing was cut off. Errors, here and when reading:
// ErrWrongKey, *DamagedError with "backup", and those of r itself.
//
// A changed bit in the lines that hold the sealed key cannot be told from another
// key: it is ErrWrongKey too.
func Open(r io.Reader, keys Keys) (io.Reader, error) {
	if len(keys) == 0 {
		return nil, fault.ErrWrongKey
	}
	from := &source{r: r}
	plain, err := age.Decrypt(from, keys...)
	if err != nil {
		return nil, from.explain(err)
	}
	return &opened{plain, from}, nil
}

// source remembers the error of the reader below, which age puts into words.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (s *source) explain(err error) error {
	switch {
	case s.err != nil:
		return fault.Pathless("read the backup", s.err)
	case errors.Is(err, age.ErrIncorrectIdentity):
		return fault.ErrWrongKey
	}
	return fault.Damaged("backup")
}

type opened struct {
	r    io.Reader
	from *source
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = o.from.explain(err)
	}
	return n, err
}
