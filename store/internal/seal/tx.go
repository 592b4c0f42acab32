package seal

import (
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/bundel-pgo/bundel/store/internal/fault"
	"github.com/bundel-pgo/bundel/store/internal/keys"
)

// ErrTaken means that a record of that name is there already.
var ErrTaken = errors.New("a record of this name is there already")

// Tx is one transaction of a [Vault], for one goroutine.
type Tx struct {
	v     *Vault
	kv    KVTx
	head  *Head
	dirty bool
	// dropped are the data keys to let go of once it is committed.
	dropped []string
}

// spot is a compartment with its open bucket.
type spot struct {
	*Compartment
	bucket Bucket
}

func (tx *Tx) spot(compartment string) (spot, bool, error) {
	c := tx.head.find(compartment)
	if c == nil {
		return spot{}, false, nil
	}
	b, err := bucket(tx.kv, c.Bucket, "compartment")
	return spot{c, b}, err == nil, err
}

// spotToWrite makes the compartment of a source that gives its first record.
func (tx *Tx) spotToWrite(compartment string) (spot, error) {
	s, ok, err := tx.spot(compartment)
	if ok || err != nil {
		return s, err
	}
	c, err := tx.v.newCompartment(tx.kv, compartment)
	if err != nil {
		return spot{}, err
	}
	tx.head.Compartments = append(tx.head.Compartments, c)
	tx.dirty = true
	s, _, err = tx.spot(compartment)
	return s, err
}

func (tx *Tx) key(s spot, n Name) recordKey {
	return hide(tx.v.keys.Key(keys.Name), s.ID, n)
}

func (tx *Tx) place(s spot, key recordKey, chunk *position) place {
	return place{store: tx.v.storeID, bucket: s.Bucket, key: key, epoch: s.Epoch, chunk: chunk}
}

// Get reads one record with its body.
func (tx *Tx) Get(compartment string, n Name) (e Entry, found bool, err error) {
	s, ok, err := tx.spot(compartment)
	if !ok || err != nil {
		return Entry{}, false, err
	}
	key := tx.key(s, n)
	value, err := s.bucket.Get(key[:])
	if value == nil || err != nil {
		return Entry{}, false, err
	}
	e, env, l, err := tx.open(s, key, value)
	if err != nil {
		return Entry{}, false, err
	}
	if l != nil {
		if e.Body, err = tx.readChunks(s, e.Name, env.flags, l); err != nil {
			return Entry{}, false, err
		}
	}
	return e, true, nil
}

// open gives the entry, and the list of its chunks when the body is elsewhere.
func (tx *Tx) open(s spot, key recordKey, value []byte) (Entry, envelope, *list, error) {
	plain, err := tx.place(s, key, nil).open(tx.v.keys.AEAD(string(s.Key)), value)
	if err != nil {
		return Entry{}, envelope{}, nil, err
	}
	env, err := decodeEnvelope(plain)
	if err != nil {
		return Entry{}, envelope{}, nil, err
	}
	e, l, err := tx.v.pack.unpack(env)
	return e, env, l, err
}

// readChunks puts a body together. Each chunk is bound to its number and to
// being the last one or not, and the whole to its hash, so chunks can neither be
// exchanged nor left out.
func (tx *Tx) readChunks(s spot, n Name, flags byte, l *list) ([]byte, error) {
	body := make([]byte, 0, l.size)
	for i := range l.chunks() {
		key := tx.key(s, n.chunk(i))
		p := tx.place(s, key, &position{number: i, last: i == l.chunks()-1})
		value, err := s.bucket.Get(key[:])
		if err != nil {
			return nil, err
		}
		if value == nil {
			return nil, fault.Damaged("record")
		}
		plain, err := p.open(tx.v.keys.AEAD(string(s.Key)), value)
		if err != nil {
			return nil, err
		}
		env, err := decodeEnvelope(plain)
		if err != nil {
			return nil, err
		}
		body = append(body, env.payload...)
	}
	if sum := sha256.Sum256(body); uint64(len(body)) != l.size || sum != l.sum {
		return nil, fault.Damaged("record")
	}
	return tx.v.pack.unsqueeze(flags, body)
}

// Addition is a record for a compartment.
type Addition struct {
	Compartment string
	Entry
}

// Add writes a record that must be new, or gives [ErrTaken]. The compartment is
// made when it is not there.
func (tx *Tx) Add(compartment string, e Entry) error { return tx.AddAll([]Addition{{compartment, e}}) }

// AddAll does that with several. They are compressed and sealed on all processors:
// that takes most of the time of a write.
func (tx *Tx) AddAll(all []Addition) error {
	spots := make([]spot, len(all))
	for i, a := range all {
		var err error
		if spots[i], err = tx.spotToWrite(a.Compartment); err != nil {
			return err
		}
	}
	values, failed := make([][]sealed, len(all)), make([]error, len(all))
	Each(len(all), func(i int) { values[i], failed[i] = tx.seal(spots[i], all[i].Entry) })
	if err := errors.Join(failed...); err != nil {
		return err
	}
	for i := range all {
		if err := tx.putNew(spots[i], values[i]); err != nil {
			return err
		}
	}
	return nil
}

// putNew writes the values of one record.
func (tx *Tx) putNew(s spot, all []sealed) error {
	switch old, err := s.bucket.Get(all[0].key[:]); {
	case err != nil:
		return err
	case old != nil:
		return ErrTaken
	}
	for _, v := range all {
		if err := tx.put(s, v); err != nil {
			return err
		}
	}
	return nil
}

// sealed is one value with its place, ready to be written.
type sealed struct {
	key   recordKey
	value []byte
	sum   SetHash
}

// seal gives the value of a record, and after it those of its chunks. It changes
// nothing and may run at once with itself.
func (tx *Tx) seal(s spot, e Entry) ([]sealed, error) {
	p, err := tx.v.pack.pack(e)
	if err != nil {
		return nil, err
	}
	env := envelope{commit: tx.head.Commit, flags: p.flags, payload: p.payload}
	all := []sealed{tx.sealOne(s, tx.place(s, tx.key(s, e.Name), nil), env)}
	for i, chunk := range p.chunks {
		at := &position{number: uint32(i), last: i == len(p.chunks)-1}
		env := envelope{commit: tx.head.Commit, payload: chunk}
		all = append(all, tx.sealOne(s, tx.place(s, tx.key(s, e.Name.chunk(at.number)), at), env))
	}
	return all, nil
}

func (tx *Tx) sealOne(s spot, p place, env envelope) sealed {
	value := p.seal(tx.v.keys.AEAD(string(s.Key)), env.encode())
	return sealed{p.key, value, member(tx.v.keys.Key(keys.Set), s.Bucket, p.key, value)}
}

// Head is the summary as this transaction has it. It must not be modified.
func (tx *Tx) Head() *Head { return tx.head }

// Drop takes a compartment away with all its records and its data key, and tells
// whether it was there. The old bytes stay in the file until it is made anew,
// which the head then owes.
func (tx *Tx) Drop(compartment string) (bool, error) {
	c := tx.head.find(compartment)
	if c == nil {
		return false, nil
	}
	table, err := bucket(tx.kv, bucketKeys, "key table")
	if err != nil {
		return false, err
	}
	if err := errors.Join(table.Delete(c.Key), tx.kv.Drop(c.Bucket)); err != nil {
		return false, err
	}
	tx.head.Compartments = slices.DeleteFunc(tx.head.Compartments, func(d *Compartment) bool { return d == c })
	tx.dropped = append(tx.dropped, string(c.Key))
	tx.Owe(true)
	return true, nil
}

// Owe says in the head whether the file must be made anew.
func (tx *Tx) Owe(owed bool) {
	tx.head.Owed = owed
	tx.dirty = true
}

// Replace writes a small record over what was there. Its body may be at most
// 128 kB, so that it never has chunks to leave behind.
func (tx *Tx) Replace(compartment string, e Entry) error {
	if len(e.Body) > wholeMax/2 {
		return ErrTooLarge
	}
	if _, err := tx.Delete(compartment, e.Name); err != nil {
		return err
	}
	return tx.Add(compartment, e)
}

// Delete takes a small record away and tells whether it was there.
func (tx *Tx) Delete(compartment string, n Name) (bool, error) {
	s, ok, err := tx.spot(compartment)
	if !ok || err != nil {
		return false, err
	}
	key := tx.key(s, n)
	old, err := s.bucket.Get(key[:])
	if old == nil || err != nil {
		return false, err
	}
	s.Count--
	s.Sum.sub(member(tx.v.keys.Key(keys.Set), s.Bucket, key, old))
	tx.dirty = true
	return true, s.bucket.Delete(key[:])
}

// put writes one value and counts it.
func (tx *Tx) put(s spot, v sealed) error {
	if s.Seals >= tx.v.maxSeals {
		return ErrWorn
	}
	s.Seals++
	s.Count++
	s.Sum.add(v.sum)
	tx.dirty = true
	return s.bucket.Put(slices.Clone(v.key[:]), v.value)
}
