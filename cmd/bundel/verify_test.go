package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// TestVerifyTellsWhatIsDamaged spoils one page after another. What opens and is
// not whole is told in words and as JSON, with exit code 13.
func TestVerifyTellsWhatIsDamaged(t *testing.T) {
	dir := t.TempDir()
	path, secret := filepath.Join(dir, "vault.bundel"), filepath.Join(dir, "secret")
	_ = os.WriteFile(secret, []byte("een lange wachtzin\n"), 0o600)
	s, _, err := store.Create(path, []byte("een lange wachtzin"), store.Config{KDF: cheap})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		r := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Basic","id":"%d","note":[{"text":"%x"}]}`, i, os.Args[0]+strings.Repeat(fmt.Sprint(i), 3000)), fhir.R4)
		if _, err := s.Put(context.Background(), fhir.One(fhir.Origin{Source: "file:a"}, fhir.R4, "q", r)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for page := 2; page*4096 < len(whole); page++ {
		raw := bytes.Clone(whole)
		raw[page*4096+900] ^= 1
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out := verify(t, path, secret, "--lang", "nl")
		if code == 0 || !strings.Contains(out, "niet heel") {
			continue // not in use, or needed to open it
		}
		told++
		if code != 13 || !strings.Contains(out, "Nog te lezen") || strings.Contains(out, "  record") {
			t.Errorf("page %d: exit %d: %s", page, code, out)
		}
		code, out = verify(t, path, secret, "--json")
		var got struct {
			OK     bool
			Damage []string
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil || code != 13 || got.OK || len(got.Damage) == 0 {
			t.Errorf("page %d: exit %d: %s (%v)", page, code, out, err)
		}
	}
	if told == 0 {
		t.Error("no damage got as far as verify: this test finds nothing")
	}
}

// verify has a state folder of its own each time, as on a computer that never saw
// the vault: what it remembers would be newer than the copy that is damaged next.
func verify(t *testing.T, path, secret string, more ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	state := t.TempDir()
	m := &Main{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard, Now: time.Now, KDF: cheap,
		Getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state}[name] },
	}
	code := m.Run(context.Background(), append([]string{"verify", "--deep", "--store", path, "--passphrase-file", secret}, more...))
	return code, out.String()
}

// Every fixed word of the store has one in Dutch.
func TestDamageHasWords(t *testing.T) {
	a := &app{lang: "nl"}
	for _, where := range []string{
		"first page", "page", "header", "key slot", "key table", "head", "compartment", "bucket", "record", "set of records", "log",
		"second page", "first pages", "file size", "list of free pages",
	} {
		if got := a.damageWord(where); got == where {
			t.Errorf("%q has no words", where)
		}
	}
}
