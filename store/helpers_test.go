package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/fhir"
)

var (
	testPhrase = []byte("nine quiet bicycles")
	testStart  = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	clinic     = fhir.Origin{Source: "medmij:kliniek-test@medmij", Service: "48"}
	own        = fhir.Origin{Source: fhir.Self}
)

// TestMain runs the test binary as a child where a test asks for one.
func TestMain(m *testing.M) {
	if job, ok := childJobs()[os.Getenv("BUNDEL_STORE_CHILD")]; ok {
		job()
		return
	}
	os.Exit(m.Run())
}

// cheap makes unlocking fast; its clock moves a second with every look.
func cheap() Config {
	now := testStart
	var mu sync.Mutex
	return Config{
		KDF: KDF{Time: 1, Memory: 64, Threads: 1}, Wait: time.Millisecond,
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(time.Second)
			return now
		},
	}
}

func newStore(t testing.TB) (s *Store, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "vault.bundel")
	s, _, err := Create(path, testPhrase, cheap())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, path
}

func reopen(t testing.TB, s *Store, path string) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func resource(typ, id, text string) fhir.Resource {
	return fhir.Parse(fmt.Appendf(nil, `{"resourceType":%q,"id":%q,"note":[{"text":%q}]}`, typ, id, text), fhir.R4)
}

func put(t testing.TB, s *Store, o fhir.Origin, resources ...fhir.Resource) fhir.Receipt {
	t.Helper()
	r, err := s.Put(context.Background(), fhir.One(o, fhir.R4, "everything", resources...))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// line is a record in short: what a test compares.
func line(r fhir.Record) string {
	return fmt.Sprintf("%s|%s|%s#%d %v %s", r.Origin.Source, r.Origin.Service, r.Ref, r.Number, r.Deleted, r.Bytes())
}

func lines(t testing.TB, s *Store) []string {
	t.Helper()
	var all []string
	for r, err := range s.Records(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, line(r))
	}
	return all
}

// edit changes a closed store behind its back, through bbolt.
func edit(t testing.TB, path string, change func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(change); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// compartments gives the names of the random buckets, fullest first.
func compartments(tx *bbolt.Tx) [][]byte {
	var names [][]byte
	most := 0
	_ = tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
		n := 0
		_ = b.ForEach(func(_, _ []byte) error { n++; return nil })
		switch {
		case len(name) != 8:
		case n > most:
			most, names = n, append([][]byte{append([]byte(nil), name...)}, names...)
		default:
			names = append(names, append([]byte(nil), name...))
		}
		return nil
	})
	return names
}

func pairs(b *bbolt.Bucket) (keys, values [][]byte) {
	_ = b.ForEach(func(k, v []byte) error {
		keys = append(keys, append([]byte(nil), k...))
		values = append(values, append([]byte(nil), v...))
		return nil
	})
	return keys, values
}
