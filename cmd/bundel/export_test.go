package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/r4"
)

// bundel runs a command in this process, on a vault in dir.
func bundel(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	var out, messages bytes.Buffer
	m := &Main{
		Stdin: &bytes.Buffer{}, Stdout: &out, Stderr: &messages, Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }, KDF: cheap,
		Getenv: func(name string) string {
			return map[string]string{
				"BUNDEL_STORE": filepath.Join(dir, "vault.bundel"), "BUNDEL_PASSPHRASE_FILE": filepath.Join(dir, "passphrase"), "HOME": dir,
				"XDG_STATE_HOME": dir, "XDG_DATA_HOME": dir,
			}[name]
		},
	}
	if code := m.Run(context.Background(), args); code != 0 {
		t.Fatalf("%v: %d %s", args, code, messages.String())
	}
	return out.Bytes()
}

// TestExportR4IsR4 exports records of both releases, sound and odd, and checks
// the whole Bundle against R4, and that each STU3 record is in it as received.
func TestExportR4IsR4(t *testing.T) {
	dir := t.TempDir()
	stu3 := []string{
		`{"resourceType":"ProcedureRequest","id":"p","status":"active","intent":"order","code":{"text":"röntgen"},"subject":{"reference":"Patient/a"}}`,
		`{"resourceType":"Consent","id":"c","status":"active","category":[{"text":"x"}],"patient":{"reference":"Patient/a"},"period":{"start":"2020"}}`,
		`{"resourceType":"Encounter","id":"e","status":"finished","incomingReferral":[{"reference":"ProcedureRequest/p"}]}`,
		`{"resourceType":"DataElement","id":"d"}`,
		`{"resourceType":"Flag","id":"f","id":"twice"}`,
	}
	write(t, dir, "passphrase", "een lange wachtzin\n")
	for i, raw := range stu3 {
		write(t, dir, filepath.Join("stu3", string(rune('a'+i))+".json"), raw)
	}
	write(t, dir, "r4/a.json", `{"resourceType":"Patient","id":"a","name":[{"text":"A"}]}`)
	bundel(t, dir, "init", "--recovery-file", filepath.Join(dir, "code"))
	bundel(t, dir, "import", filepath.Join(dir, "r4"), "--source", "een")
	bundel(t, dir, "import", filepath.Join(dir, "stu3"), "--source", "twee", "--fhir", "stu3")
	out := bundel(t, dir, "export", "--format", "fhir", "--r4")
	for _, found := range r4.Check(out) {
		t.Error(found)
	}
	for _, raw := range stu3 {
		if !bytes.Contains(out, []byte(base64.StdEncoding.EncodeToString([]byte(raw)))) {
			t.Errorf("not along: %s", raw)
		}
	}
	counts := map[string]int{}
	for e, err := range fhir.ReadBundle(bytes.NewReader(out), fhir.R4).Entries() {
		if err != nil {
			t.Fatal(err)
		}
		counts[e.Resource.Type]++
	}
	// The second Patient is that of the person's own entries.
	for typ, want := range map[string]int{"Patient": 2, "ServiceRequest": 1, "Consent": 1, "Encounter": 1, "Provenance": 3, "Binary": 2} {
		if counts[typ] != want {
			t.Errorf("%d of %s, want %d", counts[typ], typ, want)
		}
	}
	if !bytes.Contains(out, []byte(`"basedOn":[{"reference":"ServiceRequest/p"}]`)) {
		t.Error("a reference kept the old name of a type")
	}
	if plain := bundel(t, dir, "export", "--format", "fhir"); !bytes.Contains(plain, []byte(stu3[0])) || bytes.Contains(plain, []byte("Provenance")) {
		t.Error("without --r4 the records are as received")
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
