package seal

import (
	"errors"
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// Scan opens every record of one moment and compares all of them with the
// counts and set hashes of the head. visit gets every intact record with its
// name and meta; the body is there only for a record that is not in chunks, and
// only until visit returns. Damage is told per record; err is for what keeps
// the scan from going on.
//
// With lists it leaves out every compartment that another one lists.
func (v *Vault) Scan(lists bool, visit func(compartment string, e Entry)) (damage []*fault.DamagedError, err error) {
	err = v.kv.View(func(kv KVTx) error {
		head, err := v.readHead(kv)
		if err != nil {
			return err
		}
		tx := &Tx{v: v, kv: kv, head: head}
		if damage, err = tx.strangers(); err != nil {
			return err
		}
		for _, c := range head.Compartments {
			if lists && c.Listed {
				continue
			}
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

// strangers looks for buckets that the head does not know.
func (tx *Tx) strangers() (damage []*fault.DamagedError, err error) {
	known := map[string]bool{string(bucketHeader): true, string(bucketKeys): true, string(bucketHead): true}
	known[string(bucketInbox)] = tx.HasInbox()
	for _, c := range tx.head.Compartments {
		known[string(c.Bucket)] = true
	}
	for _, err := range []error{
		tx.only(bucketHeader, string(keyHeader)), tx.only(bucketHead, string(keyHead)), tx.only(bucketKeys, tx.keyNames()...),
	} {
		var stowaway *fault.DamagedError
		switch {
		case errors.As(err, &stowaway):
			damage = append(damage, stowaway)
		case err != nil:
			return nil, err
		}
	}
	names, err := tx.kv.Names()
	if slices.ContainsFunc(names, func(name []byte) bool { return !known[string(name)] }) {
		damage = append(damage, &fault.DamagedError{Where: "bucket"})
	}
	return damage, err
}

// only sees that a bucket has no values but these.
func (tx *Tx) only(name []byte, known ...string) error {
	b, err := bucket(tx.kv, name, "bucket")
	if err != nil {
		return err
	}
	return b.ForEach(func(key, _ []byte) error {
		if !slices.Contains(known, string(key)) {
			return fault.Damaged("bucket")
		}
		return nil
	})
}

func (tx *Tx) keyNames() []string {
	names := keys.Fixed()
	if tx.HasInbox() {
		names = append(names, keys.Inbox)
	}
	for _, c := range tx.head.Compartments {
		names = append(names, string(c.Key))
	}
	return names
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
	at, _, err := tx.spot(c.Name)
	if errors.Is(err, fault.ErrDamaged) {
		return []*fault.DamagedError{{Where: "compartment"}}, nil
	}
	if err != nil {
		return nil, err
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
