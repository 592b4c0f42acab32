package desk

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// TestNumbersInFreeTextAreKeptAndNeverShown plants a number that passes the
// 11-test, without a word that says what it is, in every sort of text: it is
// kept as received and masked wherever somebody reads it.
func TestNumbersInFreeTextAreKeptAndNeverShown(t *testing.T) {
	const number = "999990019"
	dir := t.TempDir()
	for name, resource := range map[string]string{
		"allergy.json":     `{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"Noten ` + number + `"},"note":[{"text":"gebeld door ` + number + `"}]}`,
		"observation.json": `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"Natrium"},"valueString":"zie ` + number + `"}`,
		"letter.json":      `{"resourceType":"DocumentReference","id":"d","status":"current","description":"Brief over ` + number + `","content":[{"attachment":{"contentType":"text/plain","title":"` + number + `.pdf"}}]}`,
		"note.json":        `{"resourceType":"Composition","id":"c","status":"final","date":"2026-01-01","title":"Consult","section":[{"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">patiënt ` + number + ` belde</div>"}}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(resource), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := newBench(t)
	if done, err := b.Import(t.Context(), Import{Paths: []string{dir}, Name: "brief", Version: fhir.R4}); err != nil || done.Resources != 4 {
		t.Fatal(err, done)
	}
	if _, err := b.Add(t.Context(), aggregator.OwnEntry{Kind: "weight", Value: "81.4", Note: "mijn nummer " + number}); err != nil {
		t.Fatal(err)
	}
	kept := 0
	var own []fhir.Record
	for _, r := range b.records(t) {
		if bytes.Contains(r.Bytes(), []byte(number)) {
			kept++
		}
		if r.Type == "Observation" && r.Origin.IsSelf() {
			own = append(own, r)
		}
	}
	if kept != 5 {
		t.Errorf("the number is kept in %d records, want 5", kept)
	}
	o := must(b.Overview(t.Context(), time.Time{}, "nl"))
	raw, err := json.Marshal(o)
	if err != nil || bytes.Contains(raw, []byte(number)) || !bytes.Contains(raw, []byte("*********")) {
		t.Errorf("the overview: %v, number %v", err, bytes.Contains(raw, []byte(number)))
	}
	pages := b.Pages(t.Context())
	for _, item := range o.Items {
		for _, part := range item.Parts {
			if shown, err := pages.Raw(t.Context(), part); err != nil || bytes.Contains(shown, []byte(number)) {
				t.Errorf("%s %s: %v, or its page has the number", part.Type, part.ID, err)
			}
		}
	}
	if err := b.Share(t.Context(), "vital", "medmij:huisarts-delinde@medmij", false); err != nil {
		t.Fatal(err)
	}
	sending, err := b.Prepare(t.Context(), Measured("medmij:huisarts-delinde@medmij"))
	if err != nil || bytes.Contains(sending.Message.Bytes, []byte(number)) || len(sending.Items) == 0 || !share.CanSend(own[0]) {
		t.Errorf("the message: %v, number %v", err, bytes.Contains(sending.Message.Bytes, []byte(number)))
	}
}
