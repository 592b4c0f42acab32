package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

var errStop = errors.New("stop")

// values are awkward ones: no text, many lengths, larger than any page.
func values() map[string][]byte {
	all := map[string][]byte{"\x00": {0}, "\xff\xfe": []byte("not UTF-8"), "a": []byte("b"), "a\x00": []byte("c"), "A": []byte("d")}
	for n := 1; n <= 1<<20; n *= 32 {
		all[fmt.Sprintf("%016d", n)] = bytes.Repeat([]byte{byte(n), 0xff, 0}, n)[:n]
	}
	return all
}

// putAll writes values to a bucket, made when it is not there.
func putAll(tx store.BackendTx, name string, all map[string][]byte) error {
	b, err := tx.Bucket([]byte(name))
	if err == nil && b == nil {
		b, err = tx.Create([]byte(name))
	}
	if err != nil {
		return err
	}
	for k, v := range all {
		if err := b.Put([]byte(k), v); err != nil {
			return err
		}
	}
	return nil
}

// holds tells whether a bucket has just these values, by Get and by ForEach.
func holds(tx store.BackendTx, name string, want map[string][]byte) error {
	b, err := tx.Bucket([]byte(name))
	if err != nil || b == nil {
		return errors.Join(err, fmt.Errorf("no bucket %q", name))
	}
	got := 0
	err = b.ForEach(func(k, v []byte) error {
		if got++; !bytes.Equal(want[string(k)], v) {
			return fmt.Errorf("%q holds %d bytes, want %d", k, len(v), len(want[string(k)]))
		}
		return nil
	})
	if err == nil && got != len(want) {
		err = fmt.Errorf("%d values, want %d", got, len(want))
	}
	for k, v := range want {
		found, getErr := b.Get([]byte(k))
		if getErr != nil || !bytes.Equal(found, v) {
			err = errors.Join(err, getErr, fmt.Errorf("get of %q gives %d bytes, want %d", k, len(found), len(v)))
		}
	}
	none, getErr := b.Get([]byte("none"))
	if none != nil {
		err = errors.Join(err, errors.New("a value where there is none"))
	}
	return errors.Join(err, getErr)
}

func keeps(p Place) error {
	return with(p, func(kv store.Backend) error {
		all := values()
		if err := kv.Update(func(tx store.BackendTx) error {
			if err := putAll(tx, "a", all); err != nil {
				return err
			}
			return holds(tx, "a", all) // its own writes too
		}); err != nil {
			return err
		}
		all["a"] = []byte("another")
		delete(all, "A")
		if err := kv.Update(func(tx store.BackendTx) error {
			b, err := tx.Bucket([]byte("a"))
			if err != nil {
				return err
			}
			return errors.Join(b.Put([]byte("a"), []byte("another")), b.Delete([]byte("A")), b.Delete([]byte("never there")))
		}); err != nil {
			return err
		}
		return kv.View(func(tx store.BackendTx) error { return holds(tx, "a", all) })
	})
}

func rollsBack(p Place) error {
	return with(p, func(kv store.Backend) error {
		all := values()
		if err := kv.Update(func(tx store.BackendTx) error { return putAll(tx, "a", all) }); err != nil {
			return err
		}
		err := kv.Update(func(tx store.BackendTx) error {
			b, err := tx.Bucket([]byte("a"))
			if err != nil {
				return err
			}
			err = errors.Join(b.Put([]byte("a"), []byte("changed")), b.Delete([]byte("A")), putAll(tx, "new", all))
			return errors.Join(err, errStop)
		})
		if !errors.Is(err, errStop) {
			return fmt.Errorf("the error came back as %w", err)
		}
		return kv.View(func(tx store.BackendTx) error {
			if b, err := tx.Bucket([]byte("new")); b != nil || err != nil {
				return errors.Join(err, errors.New("a bucket of an update that failed"))
			}
			return holds(tx, "a", all)
		})
	})
}

func survives(p Place) error {
	all := values()
	err := with(p, func(kv store.Backend) error {
		return kv.Update(func(tx store.BackendTx) error { return putAll(tx, "a", all) })
	})
	if err != nil {
		return err
	}
	return with(p, func(kv store.Backend) error {
		return kv.View(func(tx store.BackendTx) error { return holds(tx, "a", all) })
	})
}

func sorts(p Place) error {
	return with(p, func(kv store.Backend) error {
		names := []string{"b", "\xff", "a", "ab", "\x00"}
		err := kv.Update(func(tx store.BackendTx) error {
			for _, name := range names {
				if err := putAll(tx, name, values()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return kv.View(func(tx store.BackendTx) error {
			got, err := tx.Names()
			if err != nil || len(got) != len(names) || !slices.IsSortedFunc(got, bytes.Compare) {
				return errors.Join(err, fmt.Errorf("names %q", got))
			}
			b, err := tx.Bucket([]byte("b"))
			if err != nil {
				return err
			}
			var last []byte
			return b.ForEach(func(k, _ []byte) error {
				if bytes.Compare(last, k) >= 0 {
					return fmt.Errorf("%q after %q", k, last)
				}
				last = bytes.Clone(k)
				return nil
			})
		})
	})
}

// isolates changes a value while a view looks at it.
func isolates(p Place) error {
	return with(p, func(kv store.Backend) error {
		set := func(text string) error {
			return kv.Update(func(tx store.BackendTx) error { return putAll(tx, "a", map[string][]byte{"k": []byte(text)}) })
		}
		if err := set("before"); err != nil {
			return err
		}
		return kv.View(func(tx store.BackendTx) error {
			before := map[string][]byte{"k": []byte("before")}
			if err := holds(tx, "a", before); err != nil {
				return err
			}
			done := make(chan error)
			go func() { done <- set("after") }()
			if err := <-done; err != nil {
				return err
			}
			return holds(tx, "a", before)
		})
	})
}

func serialises(p Place) error {
	return with(p, func(kv store.Backend) error {
		add := func() error {
			return kv.Update(func(tx store.BackendTx) error {
				b, err := tx.Bucket([]byte("a"))
				if err == nil && b == nil {
					b, err = tx.Create([]byte("a"))
				}
				if err != nil {
					return err
				}
				old, err := b.Get([]byte("k"))
				return errors.Join(err, b.Put([]byte("k"), append(slices.Clone(old), 'x')))
			})
		}
		var wg sync.WaitGroup
		all := make([]error, 8)
		for i := range all {
			wg.Go(func() {
				for range 10 {
					all[i] = errors.Join(all[i], add())
				}
			})
		}
		wg.Wait()
		want := map[string][]byte{"k": []byte(strings.Repeat("x", 80))}
		return errors.Join(errors.Join(all...), kv.View(func(tx store.BackendTx) error { return holds(tx, "a", want) }))
	})
}

func drops(p Place) error {
	return with(p, func(kv store.Backend) error {
		return errors.Join(
			kv.Update(func(tx store.BackendTx) error {
				return errors.Join(putAll(tx, "a", values()), putAll(tx, "b", values()))
			}),
			kv.Update(func(tx store.BackendTx) error { return tx.Drop([]byte("a")) }),
			kv.View(func(tx store.BackendTx) error {
				b, err := tx.Bucket([]byte("a"))
				if b != nil {
					err = errors.New("the bucket is still there")
				}
				return errors.Join(err, holds(tx, "b", values()))
			}),
			kv.Update(func(tx store.BackendTx) error { return putAll(tx, "a", map[string][]byte{"k": []byte("v")}) }),
			kv.View(func(tx store.BackendTx) error { return holds(tx, "a", map[string][]byte{"k": []byte("v")}) }),
		)
	})
}

func givesErrors(p Place) error {
	return with(p, func(kv store.Backend) error {
		if err := kv.Update(func(tx store.BackendTx) error { return putAll(tx, "a", values()) }); err != nil {
			return err
		}
		for name, err := range map[string]error{
			"View": kv.View(func(store.BackendTx) error { return errStop }),
			"ForEach": kv.View(func(tx store.BackendTx) error {
				b, err := tx.Bucket([]byte("a"))
				return errors.Join(err, b.ForEach(func(_, _ []byte) error { return errStop }))
			}),
		} {
			if !errors.Is(err, errStop) {
				return fmt.Errorf("%s gives %w", name, err)
			}
		}
		for name, fn := range map[string]func(store.BackendTx) error{
			"making a bucket twice":    func(tx store.BackendTx) error { _, err := tx.Create([]byte("a")); return err },
			"dropping what is not one": func(tx store.BackendTx) error { return tx.Drop([]byte("none")) },
		} {
			if kv.Update(fn) == nil {
				return fmt.Errorf("%s is no error", name)
			}
		}
		return nil
	})
}

// contents is all that is in a store.
func contents(s *store.Store) (all []string, err error) {
	ctx := context.Background()
	for r, err := range s.Records(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, fmt.Sprint(r.Origin, r.Ref, r.Number, r.Deleted, r.Fetched, r.LastSeen, r.Gone, string(r.Bytes())))
	}
	for _, kind := range []store.Kind{store.Token, store.Setting} {
		for d, err := range s.List(ctx, kind) {
			if err != nil {
				return nil, err
			}
			all = append(all, d.Name+string(d.Value))
		}
	}
	for e, err := range s.Log(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, fmt.Sprint(e.Number, e.Time, string(e.Entry)))
	}
	_, err = s.Verify(ctx, store.Deep)
	return all, err
}

func carries(p Place) error {
	var before []string
	err := withStore(p, true, func(s *store.Store) (err error) {
		if err := fillWith(s, 400_000); err != nil {
			return err
		}
		before, err = contents(s)
		return err
	})
	if err != nil {
		return err
	}
	return withStore(p, false, func(s *store.Store) error {
		after, err := contents(s)
		if err == nil && (len(after) != 19 || !slices.Equal(before, after)) {
			err = fmt.Errorf("%d things in the store, %d when it was closed", len(after), len(before))
		}
		return err
	})
}

func forgets(p Place) error {
	ctx := context.Background()
	err := withStore(p, true, func(s *store.Store) error {
		return errors.Join(fill(s), s.Forget(ctx, clinic.Source, store.Document{Kind: store.Token, Name: "grant"}), s.Compact(ctx))
	})
	if err != nil {
		return err
	}
	return withStore(p, false, func(s *store.Store) error {
		after, err := contents(s)
		if len(after) != 6 || strings.Contains(strings.Join(after, ""), fhir.Origin(clinic).Source) {
			err = errors.Join(err, fmt.Errorf("%d things left", len(after)))
		}
		return err
	})
}
