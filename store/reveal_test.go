package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
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

// stem is in every planted text, with signs that JSON, XML and addresses escape.
// plainStem is in what can only be letters: ids, codes, names of care providers.
const (
	stem      = `zwäluw<"&">staart`
	plainStem = "zwaluwstaart"
)

// plant puts 500 records and everything else a store can be given into it, by
// every way there is, and gives the other texts that must not be found outside.
func plant(t *testing.T, s *Store) (texts []string) {
	t.Helper()
	types := []string{"MedicationRequest", "AllergyIntolerance", "Immunization", "Procedure", "CarePlan"}
	for i := range 10 {
		o := planted(i)
		var page []fhir.Resource
		for j := range 50 {
			page = append(page, markedResource(types[j%5], i, j, strings.Repeat(fmt.Sprint(stem, i, j), j)))
		}
		plantRecords(t, s, o, page)
		plantDocuments(t, s, i)
		texts = append(texts, o.Source, o.Service)
	}
	ctx := context.Background()
	put(t, s, planted(3), markedResource("Binary", 3, 999, noise(300_000)+stem)) // in chunks of its own
	put(t, s, own, resource("Basic", plainStem, "my own "+stem))
	if err := s.Remove(ctx, own, fhir.Ref{Type: "Basic", ID: plainStem}); err != nil {
		t.Error(err)
	}
	return append(append(texts, types...), "medmij:", "resourceType", "loinc.org", "effectiveDateTime", "host.example",
		"everything", `"code"`, "-11-28", "00049-9", "older-accepted", string(testPhrase))
}

// planted is a care provider.
func planted(i int) fhir.Origin {
	return fhir.Origin{Source: fmt.Sprintf("medmij:%s-%d@medmij", plainStem, i), Service: fmt.Sprintf("service-%d-%s", i, plainStem)}
}

func markedResource(typ string, i, j int, text string) fhir.Resource {
	raw, _ := json.Marshal(text)
	r := fhir.Parse(fmt.Appendf(nil, `{"resourceType":%q,"id":"%s-%d-%d","effectiveDateTime":"19%02d-11-%02d",`+
		`"code":{"coding":[{"system":"http://loinc.org","code":"%05d-9"}]},"note":[{"text":%s}]}`,
		typ, plainStem, i, j, i+10, j%28+1, i*1000+j, raw), fhir.R4)
	r.FullURL = "https://host.example/" + plainStem
	return r
}

// plantRecords also gives the answers that leave traces elsewhere: a change, an
// answer without some of it, a resource that is refused and a source that fails
// with an error that says too much.
func plantRecords(t *testing.T, s *Store, o fhir.Origin, page []fhir.Resource) {
	t.Helper()
	ctx := context.Background()
	put(t, s, o, page...)
	put(t, s, o, append(page[1:], resource("Observation", plainStem, stem))...)
	failing := fhir.Source{Origin: o, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
		_ = yield(fhir.Page{Query: "Patient?name=" + plainStem, Trace: plainStem, Resources: append(page[:1], fhir.Resource{})}, nil) &&
			yield(fhir.Page{}, errors.New(stem))
	}}
	if _, err := s.Put(ctx, failing); err == nil {
		t.Error("no error")
	}
}

func plantDocuments(t *testing.T, s *Store, i int) {
	t.Helper()
	ctx := context.Background()
	for _, kind := range []Kind{Token, Login, Setting} {
		for _, value := range []string{stem, strings.Repeat(stem, 300)} { // the second over the first
			if err := s.Keep(ctx, kind, fmt.Sprint(stem, i), []byte(value)); err != nil {
				t.Error(err)
			}
		}
		_ = s.Keep(ctx, kind, fmt.Sprint("dropped", stem, i), []byte(stem))
		if err := s.Drop(ctx, kind, fmt.Sprint("dropped", stem, i)); err != nil {
			t.Error(err)
		}
	}
	if err := s.Append(ctx, fmt.Append(nil, "log of ", stem, i)); err != nil {
		t.Error(err)
	}
}

// TestPromise_FileRevealsNothing looks in the file, its folder, the state folder,
// the folder for temporary files and the log: after planting, while the file is
// made anew, after forgetting, and when all is closed.
func TestPromise_FileRevealsNothing(t *testing.T) {
	root := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(root, "tmp"))
	path := filepath.Join(root, "data", "vault.bundel")
	log := &lockedBuffer{}
	cfg := machine{filepath.Join(root, "state")}.config()
	cfg.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, code, err := Create(path, testPhrase, cfg)
	if err != nil {
		t.Fatal(err)
	}
	forms := formsOf(append(plant(t, s), stem, plainStem, code.Reveal(), strings.ReplaceAll(code.Reveal(), "-", ""))...)
	look := func(when string) {
		t.Helper()
		scanFolder(t, when, root, forms)
		scan(t, when+": the log", log.bytes(), forms)
		checkPages(t, path)
	}
	look("planted")
	ctx := context.Background()
	if _, err := s.Verify(ctx, Deep); err != nil || strings.Count(strings.Join(lines(t, s), " "), stem[:6]) < 500 {
		t.Fatalf("not planted: %v", err)
	}
	whileAnew(t, root, forms, func() error { return s.Compact(ctx) })
	look("made anew")
	whileAnew(t, root, forms, func() error {
		return s.Forget(ctx, planted(1).Source, Document{Kind: Token, Name: stem + "1"})
	})
	if _, err := s.ForgetLog(ctx, testStart.AddDate(1, 0, 0)); err != nil {
		t.Error(err)
	}
	look("forgotten")
	put(t, s, planted(2), markedResource("Procedure", 2, 1, "changed "+stem)) // over what is free now
	plantDocuments(t, s, 11)
	_ = s.Close()
	look("closed")
}

// whileAnew looks around while the file is made anew, until it saw a file on its
// way.
func whileAnew(t *testing.T, root string, forms []form, makeAnew func() error) {
	t.Helper()
	for round := 0; ; round++ {
		done := make(chan error, 1)
		go func() { done <- makeAnew() }()
		seen := false
		for running := true; running; {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				running = false
			default:
				// Only then: a scan takes longer than making the file anew.
				if drafts, _ := filepath.Glob(filepath.Join(root, "*", ".*.draft")); len(drafts) > 0 {
					seen = scanFolder(t, "on its way", root, forms) || seen
				}
			}
		}
		if seen {
			return
		}
		if round == 100 {
			t.Fatal("no file on its way was ever seen")
		}
	}
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.all.Bytes())
}
