package share

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// serveTicket gives a file at its location, once.
func (r *Relay) serveTicket(w http.ResponseWriter, q *http.Request) {
	var sealed []byte
	err := r.table.update(func(rows rows) (err error) {
		sealed, err = rows.useTicket(hashOf(q.PathValue("ticket")), r.Now())
		return err
	})
	serveSealed(w, sealed, err)
}

func (r rows) useTicket(key linkHash, now time.Time) ([]byte, error) {
	raw := r.tx.Bucket(bucketTickets).Get(key[:])
	var t ticket
	if raw == nil || json.Unmarshal(raw, &t) != nil || !now.Before(t.Expires) {
		return nil, errAbsent
	}
	l, err := r.link(t.Link)
	if err != nil || !now.Before(l.Expires) || (l.End != "" && l.End != EndOpened) {
		return nil, errors.Join(err, errAbsent)
	}
	place := numbered(t.Link, uint64(t.File))
	sealed := append([]byte(nil), r.tx.Bucket(bucketFiles).Get(place)...)
	if l.End != "" {
		if err := r.tx.Bucket(bucketFiles).Delete(place); err != nil {
			return nil, err
		}
	}
	return sealed, r.tx.Bucket(bucketTickets).Delete(key[:])
}
