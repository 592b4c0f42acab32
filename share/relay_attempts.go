package share

import (
	"crypto/subtle"
	"errors"
	"net/http"

	"golang.org/x/crypto/argon2"
)

// wrongCode takes an attempt of every code with a handle; the last one ends it.
func (t *table) wrongCode(handle string, entry Opening) error {
	return t.update(func(r rows) error {
		for _, k := range r.keys(bucketHandles, []byte(handle)) {
			h := linkHash(k[len(handle):])
			l, err := r.live(h, entry.At)
			if errors.Is(err, errAbsent) {
				continue
			}
			if err == nil {
				l.Attempts--
				err = r.note(h, &l, entry)
			}
			if err == nil && l.Attempts <= 0 {
				err = r.end(h, l, EndAttempts, entry.At, false)
			} else if err == nil {
				err = r.put(h, l)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// errWrong: the passcode is wrong, or was not given.
var errWrong = errors.New("share: wrong passcode")

// allow checks the passcode of a link. An attempt is taken, and stored, before
// the passcode is looked at, and given back when it is right: so neither
// requests at the same time nor a crash give one attempt more than there are.
func (r *Relay) allow(h linkHash, ask manifestRequest, q *http.Request) (remaining int, err error) {
	var l kept
	err = r.table.update(func(rows rows) (err error) {
		if l, err = rows.live(h, r.Now()); err != nil || l.Passcode == nil || ask.Passcode == "" {
			return err
		}
		if l.Attempts <= 0 {
			return errAbsent
		}
		l.Attempts--
		return rows.put(h, l)
	})
	if err != nil || l.Passcode == nil {
		return 0, err
	}
	if ask.Passcode == "" {
		return l.Attempts, errWrong
	}
	if r.right(l, ask.Passcode) {
		return 0, r.table.giveBack(h)
	}
	entry := r.opening(EventPasscode, ask.Recipient, q)
	if err := r.table.wrongPasscode(h, entry); err != nil {
		return 0, err
	}
	return l.Attempts, errWrong
}

func (t *table) giveBack(h linkHash) error {
	return t.update(func(r rows) error {
		l, err := r.link(h)
		if err != nil {
			return err
		}
		l.Attempts++
		return r.put(h, l)
	})
}

func (t *table) wrongPasscode(h linkHash, entry Opening) error {
	return t.update(func(r rows) error {
		l, err := r.link(h)
		if err != nil {
			return err
		}
		if err := r.note(h, &l, entry); err != nil {
			return err
		}
		if l.Attempts <= 0 && l.End == "" {
			return r.end(h, l, EndAttempts, entry.At, false)
		}
		return r.put(h, l)
	})
}

// right compares a passcode; few at a time, for each takes much memory.
func (r *Relay) right(l kept, passcode string) bool {
	r.checks <- struct{}{}
	defer func() { <-r.checks }()
	return subtle.ConstantTimeCompare(l.Passcode, hashPasscode(passcode, l.Salt, l.Memory)) == 1
}

func hashPasscode(passcode string, salt []byte, memory uint32) []byte {
	return argon2.IDKey([]byte(passcode), salt, codeRounds, memory, codeThreads, keySize)
}
