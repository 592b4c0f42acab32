package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bundel-pgo/bundel/store"
)

// state is everything in a Backend: values by bucket and key.
type state map[string]map[string][]byte

// scene is what somebody has who can read and write the Backend at any time, and
// holds no key: the state now, an older one, and one of another store.
type scene struct{ now, before, other state }

// attack changes the state, once for every bucket or pair of buckets it can be
// done with; it tells how many ways there are.
type attack struct {
	name string
	ways func(scene) []state
}

func attacks() []attack {
	return []attack{
		{"take out a value", eachValue(func(s state, b, k string) { delete(s[b], k) })},
		{"flip a bit of a value", eachValue(func(s state, b, k string) { flip(s[b], k, len(s[b][k])/2) })},
		{"flip the last bit of a value", eachValue(func(s state, b, k string) { flip(s[b], k, len(s[b][k])-1) })},
		{"cut a value short", eachValue(func(s state, b, k string) { s[b][k] = s[b][k][:max(1, len(s[b][k])-1)] })},
		{"add a byte to a value", eachValue(func(s state, b, k string) { s[b][k] = append(bytes.Clone(s[b][k]), 0) })},
		{"double a value", eachBucket(func(_ scene, s state, b string) {
			if k := first(s[b]); len(b) == 8 {
				s[b][string(bytes.Repeat([]byte{7}, 16))] = s[b][k]
			} else {
				s[b][k+"2"] = s[b][k]
			}
		})},
		{"swap two values", eachBucket(func(_ scene, s state, b string) {
			if keys := sorted(s[b]); len(keys) > 1 {
				s[b][keys[0]], s[b][keys[1]] = s[b][keys[1]], s[b][keys[0]]
			}
		})},
		{"move a value to another bucket", eachPair(func(s state, a, b string) {
			k := first(s[a])
			s[b][k] = s[a][k]
			delete(s[a], k)
		})},
		{"exchange two buckets", eachPair(func(s state, a, b string) { s[a], s[b] = s[b], s[a] })},
		{"put back older values", eachBucket(func(c scene, s state, b string) { maps.Copy(s[b], c.before[b]) })},
		{"put back an older bucket", eachBucket(func(c scene, s state, b string) {
			if c.before[b] != nil {
				s[b] = c.before[b]
			}
		})},
		{"empty a bucket", eachBucket(func(_ scene, s state, b string) { s[b] = map[string][]byte{} })},
		{"take out a bucket", eachBucket(func(_ scene, s state, b string) { delete(s, b) })},
		{"add a bucket", func(c scene) []state {
			s := c.now.clone()
			s["stranger"] = map[string][]byte{"k": []byte("v")}
			return []state{s}
		}},
		{"bring in a value of another store", func(c scene) (ways []state) {
			for b, values := range c.other {
				for to := range c.now {
					if len(to) == len(b) && len(values) > 0 {
						s := c.now.clone()
						s[to][first(values)] = values[first(values)]
						ways = append(ways, s)
					}
				}
			}
			return ways
		}},
	}
}

func eachValue(do func(s state, bucket, key string)) func(scene) []state {
	return func(c scene) (ways []state) {
		for b, values := range c.now {
			for k := range values {
				s := c.now.clone()
				do(s, b, k)
				ways = append(ways, s)
			}
		}
		return ways
	}
}

func eachBucket(do func(c scene, s state, bucket string)) func(scene) []state {
	return func(c scene) (ways []state) {
		for b, values := range c.now {
			if s := c.now.clone(); len(values) > 0 {
				do(c, s, b)
				ways = append(ways, s)
			}
		}
		return ways
	}
}

func eachPair(do func(s state, a, b string)) func(scene) []state {
	return func(c scene) (ways []state) {
		for a := range c.now {
			for b := range c.now {
				if s := c.now.clone(); a != b && len(a) == len(b) && len(s[a]) > 0 {
					do(s, a, b)
					ways = append(ways, s)
				}
			}
		}
		return ways
	}
}

func flip(values map[string][]byte, k string, at int) {
	v := bytes.Clone(values[k])
	v[at] ^= 1
	values[k] = v
}

func sorted(values map[string][]byte) []string { return slices.Sorted(maps.Keys(values)) }

func first(values map[string][]byte) string { return sorted(values)[0] }

func (s state) clone() state {
	out := state{}
	for b, values := range s {
		out[b] = maps.Clone(values)
	}
	return out
}

func (s state) equal(o state) bool {
	return maps.EqualFunc(s, o, func(a, b map[string][]byte) bool { return maps.EqualFunc(a, b, bytes.Equal) })
}

// read takes the state out of a place; write puts one in.
func read(p Place) (s state, err error) {
	s = state{}
	err = with(p, func(kv store.Backend) error {
		return kv.View(func(tx store.BackendTx) error {
			names, err := tx.Names()
			for _, name := range names {
				b, bucketErr := tx.Bucket(name)
				if bucketErr != nil {
					return bucketErr
				}
				s[string(name)] = map[string][]byte{}
				err = errors.Join(err, b.ForEach(func(k, v []byte) error {
					s[string(name)][string(k)] = bytes.Clone(v)
					return nil
				}))
			}
			return err
		})
	})
	return s, err
}

func write(p Place, s state) error {
	return with(p, func(kv store.Backend) error {
		return kv.Update(func(tx store.BackendTx) error {
			names, err := tx.Names()
			for _, name := range names {
				err = errors.Join(err, tx.Drop(name))
			}
			for name, values := range s {
				if _, createErr := tx.Create([]byte(name)); createErr != nil {
					return createErr
				}
				err = errors.Join(err, putAll(tx, name, values))
			}
			return err
		})
	})
}

// attacked makes two stores, does an attack on one in every way there is, and
// sees that each is noticed.
func attacked(p, elsewhere Place, a attack) error {
	c, err := setScene(p, elsewhere)
	if err != nil {
		return err
	}
	if err := inspect(p); err != nil {
		return fmt.Errorf("before any attack: %w", err)
	}
	tried := 0
	for _, s := range a.ways(c) {
		if s.equal(c.now) {
			continue
		}
		tried++
		if err := write(p, s); err != nil {
			return err
		}
		if err := inspect(p); !errors.Is(err, store.ErrDamaged) {
			return fmt.Errorf("way %d is not noticed: %w", tried, err)
		}
	}
	if tried == 0 {
		return errors.New("there is no way to do it")
	}
	return nil
}

func setScene(p, elsewhere Place) (c scene, err error) {
	ctx := context.Background()
	if err := errors.Join(withStore(p, true, fill), withStore(elsewhere, true, fill)); err != nil {
		return c, err
	}
	if c.before, err = read(p); err != nil {
		return c, err
	}
	err = withStore(p, false, func(s *store.Store) error {
		return errors.Join(s.Keep(ctx, store.Setting, "language", []byte("en")), s.Append(ctx, []byte("three")))
	})
	if err != nil {
		return c, err
	}
	if c.now, err = read(p); err != nil {
		return c, err
	}
	c.other, err = read(elsewhere)
	return c, err
}

// inspect opens a store and checks all of it.
func inspect(p Place) error {
	return withStore(p, false, func(s *store.Store) error {
		_, err := s.Verify(context.Background(), store.Quick)
		return err
	})
}
