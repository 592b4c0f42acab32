package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	_ "modernc.org/sqlite"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// contender imports resources in batches, each on the disk before the next. It
// gives the file it made.
type contender struct {
	name string
	run  func(path string, all []fhir.Resource, batch int) error
}

func contenders() []contender {
	return append([]contender{{"bundel", importBundel}, {"bbolt", importBolt}, {"sqlite", importSQLite}}, more()...)
}

// BenchmarkImport runs all contenders in turn, so that what else the machine
// does hits all of them. It gives the median of each and how long ours took
// beside it, round by round.
func BenchmarkImport(b *testing.B) {
	for name, all := range map[string][]fhir.Resource{"fixtures": times(corpus(b), 2), "observations": observations(10_000)} {
		for _, batch := range []int{100, 500, 1000} {
			b.Run(fmt.Sprintf("%s/batch=%d", name, batch), func(b *testing.B) { compare(b, all, batch) })
		}
	}
}

func compare(b *testing.B, all []fhir.Resource, batch int) {
	took := map[string][]float64{}
	files := map[string]int64{}
	ratios := map[string][]float64{}
	for b.Loop() {
		for _, c := range contenders() {
			path := filepath.Join(b.TempDir(), c.name)
			began := time.Now()
			if err := c.run(path, all, batch); err != nil {
				b.Fatalf("%s: %v", c.name, err)
			}
			took[c.name] = append(took[c.name], float64(time.Since(began).Microseconds())/float64(len(all)))
			if info, err := os.Stat(path); err == nil {
				files[c.name] = info.Size()
			}
			_ = os.Remove(path)
		}
		ours := took["bundel"]
		for name, t := range took {
			ratios[name] = append(ratios[name], ours[len(ours)-1]/t[len(t)-1])
		}
	}
	b.ReportMetric(0, "ns/op")
	for name, t := range took {
		b.ReportMetric(median(t), "µs/"+name)
		b.ReportMetric(float64(files[name])/float64(size(all)), "file/raw-"+name)
		if name != "bundel" {
			b.ReportMetric(median(ratios[name]), "×"+name)
		}
	}
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

var (
	phrase = []byte("nine quiet bicycles")
	cheap  = store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}
	origin = fhir.Origin{Source: "medmij:bench@medmij", Service: "48"}
)

// pages gives resources in pages of a query each.
func pages(all []fhir.Resource, batch int) fhir.Source {
	return fhir.Source{Origin: origin, Version: fhir.STU3, Pages: func(yield func(fhir.Page, error) bool) {
		for page := range slices.Chunk(all, batch) {
			if !yield(fhir.Page{Query: "q", Resources: page, Result: &fhir.QueryResult{Query: "q", Outcome: fhir.OK}}, nil) {
				return
			}
		}
	}}
}

func importBundel(path string, all []fhir.Resource, batch int) error {
	s, _, err := store.Create(path, phrase, cheap)
	if err != nil {
		return err
	}
	if r, err := s.Put(context.Background(), pages(all, batch)); err != nil || r.New+r.Changed+r.Unchanged != len(all) {
		return fmt.Errorf("%+v: %w", r, err)
	}
	return s.Close()
}

// importBolt is the plain file: nothing hidden, nothing compressed, keys in
// order of their names.
func importBolt(path string, all []fhir.Resource, batch int) error {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	for page := range slices.Chunk(all, batch) {
		err := db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte(origin.Source))
			for _, r := range page {
				if err == nil {
					err = b.Put([]byte(r.Ref.String()), r.Bytes())
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return db.Close()
}

func importSQLite(path string, all []fhir.Resource, batch int) error {
	return importSQL("sqlite", path, all, batch)
}

func importSQL(driver, path string, all []fhir.Resource, batch int) error {
	db, err := sql.Open(driver, path)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
		"CREATE TABLE resource (source TEXT, type TEXT, id TEXT, body BLOB, PRIMARY KEY (source, type, id)) WITHOUT ROWID",
	} {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	for page := range slices.Chunk(all, batch) {
		if err := insert(db, page); err != nil {
			return err
		}
	}
	return db.Close()
}

func insert(db *sql.DB, page []fhir.Resource) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	statement, err := tx.Prepare("INSERT OR REPLACE INTO resource VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	for _, r := range page {
		if _, err := statement.Exec(origin.Source, r.Type, r.ID, r.Bytes()); err != nil {
			return err
		}
	}
	return tx.Commit()
}
