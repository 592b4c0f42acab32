package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/bundel-pgo/bundel/fhir"
)

// forge gives the passphrase slot a cost of 64 GiB, with a self hash that fits.
func forge(t *testing.T, path string) {
	t.Helper()
	edit(t, path, func(tx *bbolt.Tx) error {
		var h map[string]any
		if err := json.Unmarshal(tx.Bucket([]byte("h")).Get([]byte("header")), &h); err != nil {
			return err
		}
		id, _ := base64.StdEncoding.DecodeString(h["storeID"].(string))
		slot, _ := base64.StdEncoding.DecodeString(h["slots"].([]any)[0].(string))
		binary.BigEndian.PutUint32(slot[10:], 64<<20)
		resum([16]byte(id), slot)
		h["slots"].([]any)[0] = slot
		b, err := json.Marshal(h)
		if err != nil {
			return err
		}
		return tx.Bucket([]byte("h")).Put([]byte("header"), b)
	})
}

// resum gives a slot a self hash that fits: anybody can.
func resum(id [16]byte, slot []byte) {
	sum := sha256.Sum256(append(append([]byte("bundel.slot.1"), id[:]...), slot[:len(slot)-8]...))
	copy(slot[len(slot)-8:], sum[:8])
}

// plant fills a store with 500 records and other things, and gives every text
// in them that must not be found outside.
func plant(t *testing.T, s *Store) (markers []string) {
	t.Helper()
	types := []string{"MedicationRequest", "AllergyIntolerance", "Immunization", "Procedure", "CarePlan"}
	ctx := context.Background()
	for i := range 10 {
		o := fhir.Origin{Source: fmt.Sprintf("medmij:provider-name-%d@medmij", i), Service: fmt.Sprintf("service-%d", i)}
		var page []fhir.Resource
		for j := range 50 {
			marker := fmt.Sprintf("marker-%d-%d-text", i, j)
			r := fhir.Parse(fmt.Appendf(nil, `{"resourceType":%q,"id":"id-of-%s","effectiveDateTime":"19%02d-11-%02d",`+
				`"code":{"coding":[{"system":"http://loinc.org","code":"%05d-9"}]},"note":[{"text":"%s"}]}`,
				types[j%5], marker, i+10, j%28+1, i*1000+j, strings.Repeat(marker, j)), fhir.R4)
			r.FullURL = "https://host.example/" + marker
			page = append(page, r)
			markers = append(markers, marker)
		}
		markers = append(markers, o.Source, o.Service)
		put(t, s, o, page...)
		_ = s.Keep(ctx, Token, "token-name-"+o.Service, []byte("token-value-"+o.Service))
		_ = s.Append(ctx, []byte("log-text-"+o.Service))
	}
	markers = append(markers, types...)
	return append(markers, "token-name", "token-value", "log-text", "medmij:", "resourceType", "loinc.org",
		"effectiveDateTime", "host.example", "everything", `"code"`, "-11-28", "00049-9", string(testPhrase))
}

func TestPromise_FileRevealsNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir := t.TempDir()
	path := filepath.Join(dir, "vault.bundel")
	var log bytes.Buffer
	cfg := cheap()
	cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, code, err := Create(path, testPhrase, cfg)
	if err != nil {
		t.Fatal(err)
	}
	markers := append(plant(t, s), code.Reveal())
	_, _ = s.Put(context.Background(), fhir.One(clinic, fhir.R4, "q", fhir.Resource{})) // makes a log line
	if _, err := s.Verify(context.Background(), Deep); err != nil {
		t.Fatal(err)
	}
	scan(t, "the log", log.Bytes(), markers)
	for _, root := range []string{dir, temp} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(p)
			scan(t, d.Name(), b, markers)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	checkEntropy(t, path)
}

func scan(t *testing.T, what string, b []byte, markers []string) {
	t.Helper()
	for _, m := range markers {
		if bytes.Contains(b, []byte(m)) || bytes.Contains(b, []byte(base64.StdEncoding.EncodeToString([]byte(m)))) {
			t.Errorf("%s holds %q", what, m)
		}
	}
	// Four bytes may turn up by chance, but not as often as there are records.
	if n := bytes.Count(b, []byte{0x28, 0xb5, 0x2f, 0xfd}); n > 2 {
		t.Errorf("%s holds %d starts of zstd", what, n)
	}
}

// checkEntropy sees that 4 kB of values are 4 kB of noise.
func checkEntropy(t *testing.T, path string) {
	t.Helper()
	var all []byte
	edit(t, path, func(tx *bbolt.Tx) error {
		for _, name := range compartments(tx) {
			_, values := pairs(tx.Bucket(name))
			for _, v := range values {
				all = append(all, v[6:]...) // version, algorithm and epoch are plain
			}
		}
		return nil
	})
	for i := 0; i+4096 <= len(all); i += 4096 {
		var counts [256]int
		for _, b := range all[i : i+4096] {
			counts[b]++
		}
		entropy := 0.0
		for _, n := range counts {
			if p := float64(n) / 4096; n > 0 {
				entropy -= p * math.Log2(p)
			}
		}
		if entropy < 7.9 {
			t.Errorf("page %d of the values has %.2f bits per byte", i/4096, entropy)
		}
	}
	if len(all) < 50_000 {
		t.Errorf("only %d bytes of values", len(all))
	}
}
