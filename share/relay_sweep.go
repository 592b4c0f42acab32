package share

import (
	"encoding/json"
	"time"
)

// sweep ends what expired, and forgets what ended long ago.
func (t *table) sweep(now time.Time) error {
	return t.update(func(r rows) error {
		waiting, err := r.sweepTickets(now)
		if err != nil {
			return err
		}
		for _, k := range r.keys(bucketLinks, nil) {
			h := linkHash(k)
			if err := r.sweepLink(h, now, waiting[h]); err != nil {
				return err
			}
		}
		return nil
	})
}

// sweepTickets throws away tickets that expired, and gives the links that have
// others.
func (r rows) sweepTickets(now time.Time) (map[linkHash]bool, error) {
	waiting := map[linkHash]bool{}
	for _, k := range r.keys(bucketTickets, nil) {
		var t ticket
		err := json.Unmarshal(r.tx.Bucket(bucketTickets).Get(k), &t)
		if err == nil && now.Before(t.Expires) {
			waiting[t.Link] = true
			continue
		}
		if err := r.tx.Bucket(bucketTickets).Delete(k); err != nil {
			return nil, err
		}
	}
	return waiting, nil
}

func (r rows) sweepLink(h linkHash, now time.Time, waiting bool) error {
	l, err := r.link(h)
	switch {
	case err != nil:
		return err
	case l.End == "" && !now.Before(l.Expires):
		return r.end(h, l, EndExpired, now, false)
	case l.End == "":
		return nil
	case now.Sub(l.EndAt) > tombLife:
		if err := r.deleteAll(bucketLog, h[:]); err != nil {
			return err
		}
		return r.tx.Bucket(bucketLinks).Delete(h[:])
	case !waiting || !now.Before(l.Expires):
		return r.deleteAll(bucketFiles, h[:])
	}
	return nil
}
