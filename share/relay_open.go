package share

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

const (
	maxRequest    = 8 << 10 // bytes a recipient may send
	ticketLife    = 10 * time.Minute
	maxIDLength   = 64
	plainIDLength = 43
)

// serveManifest answers with the files of a link.
func (r *Relay) serveManifest(w http.ResponseWriter, q *http.Request) {
	var ask manifestRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, q.Body, maxRequest)).Decode(&ask); err != nil {
		http.Error(w, "the body is a JSON object", http.StatusBadRequest)
		return
	}
	if cleanRecipient(ask.Recipient) == "" {
		http.Error(w, "recipient is required: who are you?", http.StatusBadRequest)
		return
	}
	h, ok := r.mayAsk(w, q)
	if !ok {
		return
	}
	remaining, err := r.allow(h, ask, q)
	if errors.Is(err, errWrong) {
		answer(w, http.StatusUnauthorized, passcodeAnswer{remaining})
		return
	}
	var m manifest
	if err == nil {
		m, err = r.open(h, ask, q)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, m)
}

// mayAsk looks at the id of the address, before the table. Wrong codes are
// counted: for every code that starts with these characters.
func (r *Relay) mayAsk(w http.ResponseWriter, q *http.Request) (linkHash, bool) {
	id := q.PathValue("id")
	if len(id) > maxIDLength {
		refuse(w, errAbsent)
		return linkHash{}, false
	}
	h, now := hashOf(id), r.Now()
	var l kept
	err := r.table.view(func(rows rows) (err error) {
		l, err = rows.live(h, now)
		return err
	})
	switch {
	case len(id) == handleLength+plainIDLength:
		if wait := r.tries.wait(networkOf(q), now); wait > 0 {
			tooMany(w, wait)
			return h, false
		}
		if errors.Is(err, errAbsent) {
			err = errors.Join(r.table.wrongCode(id[:handleLength], r.opening(EventCode, "", q)), err)
		}
	case err == nil && l.Long:
		if wait := r.polls.wait(string(h[:]), now); wait > 0 {
			tooMany(w, wait)
			return h, false
		}
		w.Header().Set("Retry-After", strconv.Itoa(pollSeconds))
	}
	if err != nil {
		refuse(w, err)
		return h, false
	}
	return h, true
}

// open counts an opening and gives the files, in one transaction.
func (r *Relay) open(h linkHash, ask manifestRequest, q *http.Request) (manifest, error) {
	var m manifest
	err := r.table.update(func(rows rows) error {
		m = manifest{}
		l, err := rows.live(h, r.Now())
		if err != nil {
			return err
		}
		if l.Direct {
			return errAbsent
		}
		tickets := false
		for n, f := range l.Files {
			file, err := r.file(rows, h, n, f, ask.EmbeddedMax)
			if err != nil {
				return err
			}
			if file.Status = "finalized"; l.Long {
				file.Status = "can-change"
			}
			tickets = tickets || file.Location != ""
			m.Files = append(m.Files, file)
		}
		return rows.opened(h, l, r.opening(EventOpened, ask.Recipient, q), tickets)
	})
	return m, err
}

// opened counts; the last opening ends the link.
func (r rows) opened(h linkHash, l kept, entry Opening, tickets bool) error {
	l.Openings++
	if err := r.note(h, &l, entry); err != nil {
		return err
	}
	if l.Max > 0 && l.Openings >= l.Max {
		return r.end(h, l, EndOpened, entry.At, tickets)
	}
	return r.put(h, l)
}

func (r *Relay) file(rows rows, h linkHash, n int, f keptFile, most *int) (manifestFile, error) {
	sealed := rows.tx.Bucket(bucketFiles).Get(numbered(h, uint64(n)))
	out := manifestFile{
		ContentType: f.ContentType, FHIRVersion: f.FHIRVersion,
		LastUpdated: f.Updated.UTC().Format(time.RFC3339),
	}
	if most == nil || len(sealed) <= *most {
		out.Embedded = string(sealed)
		return out, nil
	}
	id := rand.Text() + rand.Text()
	out.Location = r.PublicURL + "/file/" + id
	key := hashOf(id)
	return out, rows.json(bucketTickets, key[:], ticket{Link: h, File: n, Expires: r.Now().Add(ticketLife)})
}

// serveDirect gives the only file of a link with the flag U.
func (r *Relay) serveDirect(w http.ResponseWriter, q *http.Request) {
	recipient := q.URL.Query().Get("recipient")
	if cleanRecipient(recipient) == "" {
		http.Error(w, "recipient is required: who are you?", http.StatusBadRequest)
		return
	}
	h, ok := r.mayAsk(w, q)
	if !ok {
		return
	}
	var sealed []byte
	err := r.table.update(func(rows rows) error {
		l, err := rows.live(h, r.Now())
		if err != nil || !l.Direct {
			return errors.Join(err, errAbsent)
		}
		sealed = append([]byte(nil), rows.tx.Bucket(bucketFiles).Get(numbered(h, 0))...)
		return rows.opened(h, l, r.opening(EventOpened, recipient, q), false)
	})
	serveSealed(w, sealed, err)
}

func serveSealed(w http.ResponseWriter, sealed []byte, err error) {
	if err != nil || len(sealed) == 0 {
		refuse(w, errors.Join(err, errAbsent))
		return
	}
	w.Header().Set("Content-Type", "application/jose")
	_, _ = w.Write(sealed) // the recipient went away: nothing to tell
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who asked went away: nothing to tell
}

// refuse: what is gone and what never was look the same.
func refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, errAbsent) {
		http.Error(w, "there is nothing here, or not any more", http.StatusNotFound)
		return
	}
	http.Error(w, "the relay cannot answer now: try again later", http.StatusInternalServerError)
}
