package share

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

const (
	maxFiles    = 20
	maxLife     = 366 * 24 * time.Hour
	maxAttempts = 10
)

// putRequest is how an owner places a link, and later its newer files.
type putRequest struct {
	Expires  int64     `json:"exp"` // epoch seconds, at most a year from now
	Max      int       `json:"maxOpenings,omitempty"`
	Direct   bool      `json:"direct,omitempty"`
	Long     bool      `json:"long,omitempty"`
	Passcode string    `json:"passcode,omitempty"`
	Attempts int       `json:"attempts,omitempty"`
	Files    []putFile `json:"files"`
}

type putFile struct {
	ContentType string `json:"contentType"`
	FHIRVersion string `json:"fhirVersion,omitempty"`
	Sealed      string `json:"jwe"`
}

// linkLog is what an owner reads of a link.
type linkLog struct {
	Openings []Opening `json:"openings"`
	End      string    `json:"end,omitempty"`
	EndAt    time.Time `json:"endAt,omitzero"`
	Left     int       `json:"attemptsLeft"`
}

var (
	errBad  = errors.New("share: the request breaks a rule of the relay")
	errFull = errors.New("share: the relay is full")
)

// servePut stores a link, or the newer files of one. The first who puts an id
// is its owner.
func (r *Relay) servePut(w http.ResponseWriter, q *http.Request) {
	owner, id := ownerOf(q), q.PathValue("id")
	var put putRequest
	body := http.MaxBytesReader(w, q.Body, int64(r.MaxLink)+64<<10)
	if err := json.NewDecoder(body).Decode(&put); err != nil || owner == nil {
		refuseOwner(w, errBad)
		return
	}
	if !r.fits(id, put) {
		refuseOwner(w, errBad)
		return
	}
	l := r.newLink(id, owner, put) // outside the transaction: it takes time
	err := r.table.update(func(rows rows) error { return r.store(rows, hashOf(id), l, put) })
	if err != nil {
		refuseOwner(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// fits tells whether a request keeps to the rules of the standard and the
// limits of this relay.
func (r *Relay) fits(id string, put putRequest) bool {
	code := len(id) == handleLength+plainIDLength
	life := time.Unix(put.Expires, 0).Sub(r.Now())
	total := 0
	for _, f := range put.Files {
		if len(f.Sealed) > r.MaxFile || !isSealed(f.Sealed) || !isType(f.ContentType) || len(f.FHIRVersion) > 12 {
			return false
		}
		total += len(f.Sealed)
	}
	switch {
	case !code && len(id) != plainIDLength, strings.Trim(id, base64Letters) != "":
		return false
	case len(put.Files) == 0, len(put.Files) > maxFiles, total > r.MaxLink:
		return false
	case put.Direct && (put.Passcode != "" || len(put.Files) != 1):
		return false
	case code && (put.Direct || put.Passcode != "" || life > codeLife || put.Max != 1):
		return false
	}
	return life > 0 && life <= maxLife && put.Max >= 0 && put.Attempts >= 0 && put.Attempts <= maxAttempts && len(put.Passcode) <= 64
}

func isType(s string) bool { return s == TypeFHIR || s == TypeCard || s == TypeAPI }

func (r *Relay) newLink(id string, owner []byte, put putRequest) kept {
	l := kept{
		Owner: owner, Direct: put.Direct, Long: put.Long, Max: put.Max,
		Expires: time.Unix(put.Expires, 0).UTC(),
	}
	if len(id) > plainIDLength {
		l.Handle, l.Attempts = id[:handleLength], codeAttempts
	}
	if put.Passcode != "" {
		l.Salt = make([]byte, 16)
		_, _ = rand.Read(l.Salt) // never fails, by its contract
		l.Memory, l.Attempts = r.PasscodeMemory, maxAttempts
		if put.Attempts > 0 {
			l.Attempts = put.Attempts
		}
		r.checks <- struct{}{}
		l.Passcode = hashPasscode(put.Passcode, l.Salt, l.Memory)
		<-r.checks
	}
	return l
}

// store puts a link. Of one that is there, only the files change: nobody gets
// attempts or openings back.
func (r *Relay) store(rows rows, h linkHash, l kept, put putRequest) error {
	old, err := rows.link(h)
	switch {
	case errors.Is(err, errAbsent):
		if rows.tx.Bucket(bucketLinks).Stats().KeyN >= r.MaxLinks {
			return errFull
		}
	case err != nil:
		return err
	case !bytes.Equal(old.Owner, l.Owner), old.End != "", !r.Now().Before(old.Expires), old.Direct && len(put.Files) != 1:
		return errAbsent
	default:
		l = old
	}
	if err := rows.deleteAll(bucketFiles, h[:]); err != nil {
		return err
	}
	l.Files = nil
	for n, f := range put.Files {
		l.Files = append(l.Files, keptFile{f.ContentType, f.FHIRVersion, r.Now()})
		if err := rows.tx.Bucket(bucketFiles).Put(numbered(h, uint64(n)), []byte(f.Sealed)); err != nil {
			return err
		}
	}
	if l.Handle != "" {
		if err := rows.tx.Bucket(bucketHandles).Put(append([]byte(l.Handle), h[:]...), nil); err != nil {
			return err
		}
	}
	return rows.put(h, l)
}

// ownerOf gives the hash of the owner's token, nil without one.
func ownerOf(q *http.Request) []byte {
	token, ok := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer ")
	if !ok || len(token) != plainIDLength {
		return nil
	}
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// owned gives a link to its owner, and errAbsent to anybody else.
func (r rows) owned(q *http.Request) (linkHash, kept, error) {
	h := hashOf(q.PathValue("id"))
	l, err := r.link(h)
	if err == nil && subtle.ConstantTimeCompare(l.Owner, ownerOf(q)) != 1 {
		err = errAbsent
	}
	return h, l, err
}

// serveRevoke ends a link: its files are gone with the answer.
func (r *Relay) serveRevoke(w http.ResponseWriter, q *http.Request) {
	err := r.table.update(func(rows rows) error {
		h, l, err := rows.owned(q)
		if err != nil {
			return err
		}
		why := l.End
		if why == "" || why == EndOpened {
			why = EndRevoked
		}
		return rows.end(h, l, why, r.Now(), false)
	})
	if err != nil {
		refuseOwner(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// serveLog gives what happened to a link.
func (r *Relay) serveLog(w http.ResponseWriter, q *http.Request) {
	out := linkLog{Openings: []Opening{}}
	err := r.table.view(func(rows rows) error {
		h, l, err := rows.owned(q)
		if err != nil {
			return err
		}
		out.End, out.EndAt, out.Left = l.End, l.EndAt, l.Attempts
		if out.End == "" && !r.Now().Before(l.Expires) {
			out.End, out.EndAt = EndExpired, l.Expires
		}
		for _, k := range rows.keys(bucketLog, h[:]) {
			var o Opening
			if err := json.Unmarshal(rows.tx.Bucket(bucketLog).Get(k), &o); err != nil {
				return err
			}
			out.Openings = append(out.Openings, o)
		}
		return nil
	})
	if err != nil {
		refuseOwner(w, err)
		return
	}
	answer(w, http.StatusOK, out)
}

func refuseOwner(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, errBad):
		http.Error(w, "the request is too large, or breaks a rule of the relay", http.StatusBadRequest)
	case errors.Is(err, errFull):
		http.Error(w, "the relay is full: try again later", http.StatusInsufficientStorage)
	default:
		refuse(w, err)
	}
}
