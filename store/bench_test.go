package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// typical is a resource of about 2 kB that repeats itself no more than a real
// one does.
func typical(i int) fhir.Resource {
	var codings []string
	for j := range 8 {
		codings = append(codings, fmt.Sprintf(`{"system":"http://example.test/system/%d","code":"%08x","display":"A thing of kind %d"}`,
			j, uint32(i*8+j)*2654435761, i^j))
	}
	return fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","id":"o%d","status":"final","code":{"coding":[%s]},`+
		`"subject":{"reference":"Patient/p"},"note":[{"text":%q}]}`,
		i, strings.Join(codings, ","), noise(600)), fhir.R4)
}

func BenchmarkPut(b *testing.B) {
	for _, size := range []int{1, 100} {
		b.Run(fmt.Sprintf("page=%d", size), func(b *testing.B) {
			s, path := newStore(b)
			n, raw := 0, 0
			for b.Loop() {
				b.StopTimer()
				page := make([]fhir.Resource, size)
				for i := range page {
					n++
					page[i] = typical(n)
					raw += len(page[i].Bytes())
				}
				b.StartTimer()
				put(b, s, clinic, page...)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/record")
			if info, err := os.Stat(path); err == nil {
				b.ReportMetric(float64(info.Size())/float64(raw), "file/raw")
			}
		})
	}
}

// BenchmarkUnchanged collects what is there already. The anchor must not be felt.
func BenchmarkUnchanged(b *testing.B) {
	for _, size := range []int{100, 2000} {
		for _, anchored := range []bool{false, true} {
			b.Run(fmt.Sprintf("resources=%d/anchor=%v", size, anchored), func(b *testing.B) {
				cfg := cheap()
				if anchored {
					cfg.State = b.TempDir()
				}
				s, _, err := Create(filepath.Join(b.TempDir(), "vault.bundel"), testPhrase, cfg)
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = s.Close() }()
				page := make([]fhir.Resource, size)
				for i := range page {
					page[i] = typical(i)
				}
				put(b, s, clinic, page...)
				for b.Loop() {
					put(b, s, clinic, page...)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N*size), "µs/record")
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	s, path := newStore(b)
	const count = 5000
	for i := 0; i < count; i += 500 {
		page := make([]fhir.Resource, 500)
		for j := range page {
			page[j] = typical(i + j)
		}
		put(b, s, clinic, page...)
	}
	b.Run("open and index", func(b *testing.B) {
		for b.Loop() {
			s = reopen(b, s, path)
			if _, err := s.ready(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "µs/record")
	})
	b.Run("all records", func(b *testing.B) {
		s := reopen(b, s, path) // the one before ended with its benchmark
		for b.Loop() {
			for _, err := range s.Records(context.Background()) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "µs/record")
	})
}

// BenchmarkRotate is with 10,000 records, and without the cost of Argon2id.
func BenchmarkRotate(b *testing.B) {
	s, _ := newStore(b)
	page := make([]fhir.Resource, 10_000)
	for i := range page {
		page[i] = typical(i)
	}
	put(b, s, clinic, page...)
	for b.Loop() {
		if _, err := s.Rotate(context.Background(), Passphrase(testPhrase)); err != nil {
			b.Fatal(err)
		}
	}
}
