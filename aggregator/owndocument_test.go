package aggregator

import (
	"bytes"
	"encoding/base64"
	"errors"
	"testing"
	"time"
)

func TestOwnDocuments(t *testing.T) {
	now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	pdf, png, jpeg := []byte("%PDF-1.7\nx"), []byte("\x89PNG\r\n\x1a\nx"), []byte("\xff\xd8\xff\xe0x")
	for name, c := range map[string]struct {
		doc  OwnDocument
		kind string
		err  error
	}{
		"a PDF":                  {OwnDocument{Title: "Brief", Data: pdf}, "application/pdf", nil},
		"by its bytes":           {OwnDocument{Data: jpeg}, "image/jpeg", nil},
		"a picture":              {OwnDocument{Title: "foto.pdf", Data: png}, "image/png", nil},
		"a text":                 {OwnDocument{Title: "brief.pdf", Data: []byte("Dag, één")}, "", ErrFileType},
		"a page":                 {OwnDocument{Data: []byte("<!doctype html><script>x</script>")}, "", ErrFileType},
		"a drawing":              {OwnDocument{Data: []byte("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")}, "", ErrFileType},
		"another picture":        {OwnDocument{Data: []byte("GIF89a")}, "", ErrFileType},
		"a program":              {OwnDocument{Data: []byte("MZ\x90\x00\x03")}, "", ErrFileType},
		"an archive":             {OwnDocument{Data: []byte("PK\x03\x04x")}, "", ErrFileType},
		"text that is not UTF-8": {OwnDocument{Data: []byte("caf\xe9 en meer")}, "", ErrFileType},
		"nothing":                {OwnDocument{Title: "leeg"}, "", ErrEmpty},
		"too large":              {OwnDocument{Data: append(bytes.Clone(pdf), make([]byte, MaxOwnDocument)...)}, "", ErrFileLarge},
		"just small enough":      {OwnDocument{Data: append(bytes.Clone(pdf), make([]byte, MaxOwnDocument-len(pdf))...)}, "application/pdf", nil},
		"of tomorrow":            {OwnDocument{Data: pdf, At: now.Add(24 * time.Hour)}, "", ErrFuture},
	} {
		got, err := NewOwnDocument(c.doc, now)
		if !errors.Is(err, c.err) || (err == nil) != (len(got) == 2) {
			t.Errorf("%s: %d resources, %v", name, len(got), err)
			continue
		}
		if err != nil {
			continue
		}
		file, doc := got[0].Node(), got[1].Node()
		attachment := doc.Get("content", "attachment")
		data, _ := base64.StdEncoding.DecodeString(file.Str("data"))
		if attachment.Str("contentType") != c.kind || attachment.Str("url") != "Binary/"+got[0].ID || !bytes.Equal(data, c.doc.Data) {
			t.Errorf("%s: type %q at %q", name, attachment.Str("contentType"), attachment.Str("url"))
		}
		if file.Get("identifier").Exists() || !doc.Get("identifier").Exists() || doc.Str("status") != "current" {
			t.Errorf("%s: the resources are not as FHIR has them", name)
		}
	}
}

// TestAFileGetsAnotherName: only the names are others; what cannot be a name is
// refused, and what is no JSON gives an error.
func TestAFileGetsAnotherName(t *testing.T) {
	now := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
	made, err := NewOwnDocument(OwnDocument{Title: "scan0001", Data: []byte("%PDF-1.4\n")}, now)
	if err != nil {
		t.Fatal(err)
	}
	before := made[1]
	after, err := RenameDocument(before, " Brief van de fysio\x00 ")
	if err != nil {
		t.Fatal(err)
	}
	e, ok := ReadOwn(after)
	if !ok || e.Kind != KindDocument || e.Value != "Brief van de fysio" || e.ID != before.ID || !e.At.Equal(now) {
		t.Fatalf("read %v: %q of %q", ok, e.Kind, e.ID)
	}
	if got := after.Node().Str("content", "attachment", "title"); got != e.Value {
		t.Errorf("the file is called %q", got)
	}
	back, err := RenameDocument(after, "scan0001")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before.Bytes(), back.Bytes()) {
		t.Errorf("more than the name is another:\n%s\n%s", before.Bytes(), back.Bytes())
	}
	if _, err := RenameDocument(before, " \n "); !errors.Is(err, ErrEmpty) {
		t.Errorf("a name of nothing: %v", err)
	}
}
