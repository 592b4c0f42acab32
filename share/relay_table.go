package share

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// table is what a relay keeps, in buckets by the hash of a manifest id:
//
//	links    hash           kept
//	files    hash, number   the file as encrypted
//	log      hash, number   Opening
//	handles  handle, hash   nothing: which links a wrong code counts for
//	tickets  hash of it     ticket
type table struct{ db *bbolt.DB }

var (
	bucketLinks   = []byte("links")
	bucketFiles   = []byte("files")
	bucketLog     = []byte("log")
	bucketHandles = []byte("handles")
	bucketTickets = []byte("tickets")
)

// errAbsent: there is no such link, or not any more. The world cannot tell
// which: it gets 404.
var errAbsent = errors.New("share: no such link")

// linkHash is the key of a link: SHA-256 of its manifest id.
type linkHash [sha256.Size]byte

func hashOf(id string) linkHash { return sha256.Sum256([]byte(id)) }

// Ends of a link, as its owner reads them.
const (
	EndRevoked  = "revoked"
	EndExpired  = "expired"
	EndOpened   = "opened"   // as often as it may be
	EndAttempts = "attempts" // too many wrong passcodes or codes
)

// kept is a link in the table.
type kept struct {
	Owner     []byte // SHA-256 of the owner's token
	Direct    bool   `json:",omitzero"`
	Long      bool   `json:",omitzero"`
	Salt      []byte `json:",omitempty"`
	Passcode  []byte `json:",omitempty"` // Argon2id
	Memory    uint32 `json:",omitzero"`  // what that took, in KiB
	Attempts  int    // wrong passcodes or codes that may still come
	Openings  int
	Max       int       `json:",omitzero"` // openings allowed; zero: any number
	Expires   time.Time // as the owner said
	Handle    string    `json:",omitempty"`
	Files     []keptFile
	End       string    `json:",omitempty"`
	EndAt     time.Time `json:",omitzero"`
	LastEntry uint64    // number of its newest entry in the log
}

type keptFile struct {
	ContentType string
	FHIRVersion string `json:",omitempty"`
	Updated     time.Time
}

// ticket gives one file once.
type ticket struct {
	Link    linkHash
	File    int
	Expires time.Time
}

func openTable(path string) (*table, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("open the table of the relay: %w", err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [...][]byte{bucketLinks, bucketFiles, bucketLog, bucketHandles, bucketTickets} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return fmt.Errorf("make the table of the relay: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &table{db}, nil
}

// update runs f in one transaction: all of it happens, or nothing.
func (t *table) update(f func(rows) error) error {
	return t.db.Update(func(tx *bbolt.Tx) error { return f(rows{tx}) })
}

func (t *table) view(f func(rows) error) error {
	return t.db.View(func(tx *bbolt.Tx) error { return f(rows{tx}) })
}

// rows are the table within a transaction.
type rows struct{ tx *bbolt.Tx }

// link gives a link, ended or not, or errAbsent.
func (r rows) link(h linkHash) (kept, error) {
	var l kept
	raw := r.tx.Bucket(bucketLinks).Get(h[:])
	if raw == nil {
		return l, errAbsent
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		return l, fmt.Errorf("read a link of the relay: %w", err)
	}
	return l, nil
}

// live gives a link that can be opened at a moment, or errAbsent.
func (r rows) live(h linkHash, now time.Time) (kept, error) {
	l, err := r.link(h)
	if err == nil && (l.End != "" || !now.Before(l.Expires)) {
		err = errAbsent
	}
	return l, err
}

func (r rows) put(h linkHash, l kept) error { return r.json(bucketLinks, h[:], l) }

func (r rows) json(bucket, key []byte, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write in the table of the relay: %w", err)
	}
	return r.tx.Bucket(bucket).Put(key, raw)
}

func numbered(h linkHash, n uint64) []byte { return binary.BigEndian.AppendUint64(h[:], n) }

// note adds an entry to the log of a link; the caller puts l.
func (r rows) note(h linkHash, l *kept, entry Opening) error {
	const most = 200 // of one link: who asks on and on does not fill the disk
	if l.LastEntry >= most {
		return nil
	}
	l.LastEntry++
	return r.json(bucketLog, numbered(h, l.LastEntry), entry)
}

// end makes a tombstone of a link: its files are gone at once, or for a link
// that was opened with tickets, when those were used.
func (r rows) end(h linkHash, l kept, why string, now time.Time, keepFiles bool) error {
	l.End, l.EndAt = why, now
	l.Passcode, l.Salt = nil, nil
	if !keepFiles {
		if err := r.deleteAll(bucketFiles, h[:]); err != nil {
			return err
		}
	}
	if l.Handle != "" {
		if err := r.tx.Bucket(bucketHandles).Delete(append([]byte(l.Handle), h[:]...)); err != nil {
			return err
		}
	}
	return r.put(h, l)
}

// keys lists the keys with a prefix.
func (r rows) keys(bucket, prefix []byte) [][]byte {
	var keys [][]byte
	c := r.tx.Bucket(bucket).Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		keys = append(keys, append([]byte(nil), k...))
	}
	return keys
}

func (r rows) deleteAll(bucket, prefix []byte) error {
	for _, k := range r.keys(bucket, prefix) {
		if err := r.tx.Bucket(bucket).Delete(k); err != nil {
			return err
		}
	}
	return nil
}
