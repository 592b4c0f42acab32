package store_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"
)

// BenchmarkUnit compares units of storage: one sealed value per resource, with
// and without a dictionary, and sealed chunks of several. Names are hidden and
// every page of 100 is one transaction. It is what ADR 9 rests on.
func BenchmarkUnit(b *testing.B) {
	all := corpus(b)
	dict := dictionary(b)
	for _, u := range []struct {
		name  string
		many  int
		bytes int
		dict  []byte
	}{
		{"one", 1, 1 << 20, nil},
		{"one+dict", 1, 1 << 20, dict},
		{"8", 8, 32 << 10, nil},
		{"16", 16, 32 << 10, nil},
		{"16+dict", 16, 32 << 10, dict},
		{"32", 32, 64 << 10, nil},
		{"32+dict", 32, 64 << 10, dict},
		{"64", 64, 128 << 10, nil},
	} {
		var chunks [][][]byte
		for start := 0; start < len(all); start += 100 {
			page := all[start:min(start+100, len(all))]
			var now [][]byte
			n, c := 0, []byte(nil)
			for _, r := range page {
				if n == u.many || (n > 0 && len(c)+len(r.Bytes()) > u.bytes) {
					now, n, c = append(now, c), 0, nil
				}
				n, c = n+1, append(c, r.Bytes()...)
			}
			chunks = append(chunks, append(now, c))
		}
		b.Run(u.name, func(b *testing.B) { unit(b, chunks, u.dict, len(all), size(all)) })
	}
}

// dictionary is 32 kB of the project's own test data, the last of it first.
func dictionary(b *testing.B) (text []byte) {
	b.Helper()
	files, err := filepath.Glob("../../testdata/*/*/*.json")
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		text = append(text, raw...)
	}
	return text[max(0, len(text)-32<<10):]
}

func unit(b *testing.B, pages [][][]byte, dict []byte, resources, raw int) {
	options := []zstd.EOption{zstd.WithEncoderCRC(false), zstd.WithWindowSize(1 << 20), zstd.WithLowerEncoderMem(true)}
	var decode []zstd.DOption
	if dict != nil {
		options, decode = append(options, zstd.WithEncoderDictRaw(1, dict)), append(decode, zstd.WithDecoderDictRaw(1, dict))
	}
	enc, _ := zstd.NewWriter(nil, options...)
	dec, _ := zstd.NewReader(nil, decode...)
	block, _ := aes.NewCipher(make([]byte, 32))
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	path := filepath.Join(b.TempDir(), "db")
	var file int64
	var took time.Duration
	var values [][]byte
	for b.Loop() {
		_ = os.Remove(path)
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			b.Fatal(err)
		}
		db.AllocSize = 64 << 10
		_ = db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("b")); return err })
		values = values[:0]
		n := uint64(0)
		for _, page := range pages {
			err := db.Update(func(tx *bbolt.Tx) error {
				for _, c := range page {
					n++
					mac := hmac.New(sha256.New, []byte("k"))
					_ = binary.Write(mac, binary.BigEndian, n)
					v := aead.Seal(nil, nil, enc.EncodeAll(c, nil), nil)
					values = append(values, v)
					if err := tx.Bucket([]byte("b")).Put(mac.Sum(nil)[:16], v); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		_ = db.Close()
		if info, err := os.Stat(path); err == nil {
			file = info.Size()
		}
	}
	took = b.Elapsed()
	b.StopTimer()
	sealed := 0
	began := time.Now()
	for _, v := range values {
		sealed += len(v)
		z, _ := aead.Open(nil, nil, v, nil)
		if _, err := dec.DecodeAll(z, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/float64(len(values)), "µs/read")
	b.ReportMetric(float64(took.Microseconds())/float64(b.N*resources), "µs/resource")
	b.ReportMetric(float64(file)/float64(raw), "file/raw")
	b.ReportMetric(float64(sealed)/float64(raw), "sealed/raw")
}
