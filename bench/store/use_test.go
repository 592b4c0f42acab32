package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// made gives a closed store that holds resources.
func made(b *testing.B, all []fhir.Resource, cfg store.Config) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "vault")
	s, _, err := store.Create(path, phrase, cfg)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Put(context.Background(), pages(all, 200)); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func opened(b *testing.B, path string) *store.Store {
	b.Helper()
	s, err := store.Open(path, store.Passphrase(phrase), cheap)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// BenchmarkUnchanged collects the same again.
func BenchmarkUnchanged(b *testing.B) {
	all := observations(10_000)
	s := opened(b, made(b, all, cheap))
	for b.Loop() {
		if r, err := s.Put(context.Background(), pages(all, 200)); err != nil || r.Unchanged != len(all) {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N*len(all)), "µs/resource")
}

// BenchmarkReadOne reads records in no order.
func BenchmarkReadOne(b *testing.B) {
	for name, all := range map[string][]fhir.Resource{"observations": observations(10_000), "fixtures": corpus(b)} {
		b.Run(name, func(b *testing.B) {
			s := opened(b, made(b, all, cheap))
			random := rand.New(rand.NewPCG(1, 2))
			for b.Loop() {
				for _, err := range s.History(context.Background(), origin, all[random.IntN(len(all))].Ref) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkReadAll gives all records to an overview.
func BenchmarkReadAll(b *testing.B) {
	all := observations(10_000)
	s := opened(b, made(b, all, cheap))
	for b.Loop() {
		for _, err := range s.Records(context.Background()) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N*len(all)), "µs/record")
}

// BenchmarkUnlock goes from a closed file to the first record, with the cost of
// a passphrase that Create measures itself. The file is warm: what a cold disk
// adds is its own speed, for the bytes that are read.
func BenchmarkUnlock(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		all := observations(n)
		path := made(b, all, store.Config{})
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var open, first time.Duration
			for b.Loop() {
				began := time.Now()
				s, err := store.Open(path, store.Passphrase(phrase), store.Config{})
				if err != nil {
					b.Fatal(err)
				}
				open += time.Since(began)
				for _, err := range s.Records(context.Background()) {
					if err != nil {
						b.Fatal(err)
					}
					break
				}
				first += time.Since(began)
				_ = s.Close()
			}
			b.ReportMetric(float64(open.Milliseconds())/float64(b.N), "ms/open")
			b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "ms/first")
			if info, err := os.Stat(path); err == nil {
				b.ReportMetric(float64(info.Size())/float64(size(all)), "file/raw")
			}
		})
	}
}

// BenchmarkOpen is the file alone, with a passphrase that costs nothing.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		path := made(b, observations(n), cheap)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				s, err := store.Open(path, store.Passphrase(phrase), cheap)
				if err != nil {
					b.Fatal(err)
				}
				_ = s.Close()
			}
		})
	}
}
