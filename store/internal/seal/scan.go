package seal

import (
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// Scan opens every record of one moment and compares all of them with the
// counts and set hashes of the head. visit gets every intact record with its
// name and meta; the body is there only for a record that is not in chunks, and
// only until visit returns. Damage is told per record; err is for what keeps
// the scan from going on.
func (v *Vault) Scan(visit func(compartment string, e Entry)) (damage []*fault.DamagedError, err error) {
	err = v.kv.View(func(kv KVTx) error {
		head, err := v.readHead(kv)
		if err != nil {
			return err
		}
		tx := &Tx{v: v, kv: kv, head: head}
		if strangers(kv, head) {
			damage = append(damage, &fault.DamagedError{Where: "bucket"})
		}
		for _, c := range head.Compartments {
			bad, err := tx.scan(c, visit)
			if err != nil {
				return err
			}
			damage = append(damage, bad...)
		}
		return nil
	})
	return damage, err
}

// strangers tells whether there are buckets that the head does not know.
func strangers(kv KVTx, head *Head) bool {
	known := [][]byte{bucketHeader, bucketKeys, bucketHead}
	for _, c := range head.Compartments {
		known = append(known, c.Bucket)
	}
	return slices.ContainsFunc(kv.Names(), func(name []byte) bool {
		return !slices.ContainsFunc(known, func(k []byte) bool { return string(k) == string(name) })
	})
}

// scan is the state of looking at one compartment.
type scan struct {
	spot
	count   uint64
	sum     SetHash
	closed  map[recordKey]bool // what opened as no record: chunks, or damage
	chunked []chunkedEntry
	damage  []*fault.DamagedError
}

type chunkedEntry struct {
	entry Entry
	flags byte
	list  *list
}

// scan cannot tell a chunk from a damaged record at first sight: both do not
// open as a record. What no list of chunks claims is damage.
func (tx *Tx) scan(c *Compartment, visit func(string, Entry)) ([]*fault.DamagedError, error) {
	at, ok, err := tx.spot(c.Name)
	if !ok || err != nil {
		return []*fault.DamagedError{{Where: "compartment"}}, nil
	}
	s := scan{spot: at, closed: map[recordKey]bool{}}
	err = at.bucket.ForEach(func(k, value []byte) error {
		tx.scanOne(&s, k, value, visit)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, ce := range s.chunked {
		for i := range ce.list.chunks() {
			delete(s.closed, tx.key(at, ce.entry.Name.chunk(i)))
		}
		if _, err := tx.readChunks(at, ce.entry.Name, ce.flags, ce.list); err != nil {
			s.report("record")
			continue
		}
		visit(c.Name, ce.entry)
	}
	for range s.closed {
		s.report("record")
	}
	if s.count != c.Count || s.sum != c.Sum {
		s.report("set of records")
	}
	return s.damage, nil
}

func (s *scan) report(where string) {
	s.damage = append(s.damage, &fault.DamagedError{Where: where})
}

// scanOne counts a value before anything else: also a damaged one is there.
func (tx *Tx) scanOne(s *scan, k, value []byte, visit func(string, Entry)) {
	s.count++
	if len(k) != len(recordKey{}) || value == nil {
		s.report("record")
		return
	}
	key := recordKey(k)
	s.sum.add(member(tx.v.keys.Key(keys.Set), s.Bucket, key, value))
	e, env, l, err := tx.open(s.spot, key, value)
	switch {
	case err != nil:
		s.closed[key] = true
	case l != nil:
		s.chunked = append(s.chunked, chunkedEntry{e, env.flags, l})
	default:
		visit(s.Name, e)
	}
}
