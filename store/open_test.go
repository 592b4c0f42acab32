package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// counted is a Backend that counts what is read.
type counted struct {
	Backend
	reads *int
}

func (c counted) View(fn func(BackendTx) error) error {
	return c.Backend.View(func(tx BackendTx) error { return fn(countedTx{tx, c.reads}) })
}

type countedTx struct {
	BackendTx
	reads *int
}

func (c countedTx) Bucket(name []byte) (Bucket, error) {
	b, err := c.BackendTx.Bucket(name)
	if b == nil {
		return nil, err
	}
	return countedBucket{b, c.reads}, err
}

type countedBucket struct {
	Bucket
	reads *int
}

func (c countedBucket) Get(key []byte) ([]byte, error) {
	*c.reads++
	return c.Bucket.Get(key)
}

func (c countedBucket) ForEach(fn func(key, value []byte) error) error {
	return c.Bucket.ForEach(func(key, value []byte) error {
		*c.reads++
		return fn(key, value)
	})
}

func fill(t testing.TB, s *Store, records int) {
	t.Helper()
	for i := 0; i < records; i += 500 {
		page := make([]fhir.Resource, min(500, records-i))
		for j := range page {
			page[j] = typical(i + j)
		}
		put(t, s, clinic, page...)
	}
}

// TestPromise_OpenDoesNotGrow counts what opening reads, with an anchor to
// compare with: as much with 4,000 records as with 40.
func TestPromise_OpenDoesNotGrow(t *testing.T) {
	var reads []int
	for _, records := range []int{40, 4000} {
		kv, n := Memory(), 0
		cfg := cheap()
		cfg.Anchor = &shelfAnchor{}
		s, _, err := CreateOn(kv, testPhrase, cfg)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, s, records)
		_ = s.Close()
		if s, err = OpenOn(counted{kv, &n}, Passphrase(testPhrase), cfg); err != nil {
			t.Fatal(err)
		}
		reads = append(reads, n)
		_ = s.Close()
	}
	if reads[0] != reads[1] || reads[0] == 0 {
		t.Errorf("%d values are read of 40 records, %d of 4,000", reads[0], reads[1])
	}
}

// BenchmarkOpen opens stores of three sizes whose files the system does not have
// in memory, up to and with the first record.
func BenchmarkOpen(b *testing.B) {
	for _, records := range []int{1000, 10_000, 100_000} {
		m := machine{filepath.Join(b.TempDir(), "state")}
		path := createAt(b, m)
		s, err := Open(path, Passphrase(testPhrase), m.config())
		if err != nil {
			b.Fatal(err)
		}
		fill(b, s, records)
		_ = s.Close()
		for _, c := range []struct {
			what        string
			cold, first bool
		}{{"cold", true, false}, {"warm", false, false}, {"first-record-cold", true, true}} {
			b.Run(fmt.Sprintf("records=%d/%s", records, c.what), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					if c.cold {
						evict(b, path)
					}
					b.StartTimer()
					openOnce(b, path, m.config(), c.first)
				}
			})
		}
	}
}

func openOnce(b *testing.B, path string, cfg Config, first bool) {
	b.Helper()
	s, err := Open(path, Passphrase(testPhrase), cfg)
	if err != nil {
		b.Fatal(err)
	}
	if first {
		for _, err := range s.Records(context.Background()) {
			if err != nil {
				b.Fatal(err)
			}
			break
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkUnlock is what a person waits for: a passphrase of the real cost, to
// the first of 10,000 records. The target is 1.2 s.
func BenchmarkUnlock(b *testing.B) {
	path := filepath.Join(b.TempDir(), "vault.bundel")
	s, _, err := Create(path, testPhrase, Config{})
	if err != nil {
		b.Fatal(err)
	}
	fill(b, s, 10_000)
	_ = s.Close()
	for b.Loop() {
		b.StopTimer()
		evict(b, path)
		b.StartTimer()
		openOnce(b, path, Config{State: filepath.Dir(path)}, true)
	}
}
