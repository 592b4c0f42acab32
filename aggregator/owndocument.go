package aggregator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// MaxOwnDocument is the largest file the person can add, in bytes.
const MaxOwnDocument = 10 << 20

// KindDocument is the kind of an [OwnEntry] that is a file; its value is the title.
const KindDocument = "document"

// maxTitle is how long the title of a file can be.
const maxTitle = 120

// Reasons why a file is not added.
var (
	ErrFileType  = errors.New("not a PDF, JPEG or PNG")
	ErrFileLarge = errors.New("the file is larger than 10 MB")
)

// OwnDocument is a file that the person adds. What it is, the bytes say: a name
// says nothing. They are the types that providers take over MedMij, so nothing is
// kept as a document that cannot be sent as one (share.Document.Check).
type OwnDocument struct {
	Title string
	Data  []byte
	At    time.Time // of writing; zero means now
}

// NewOwnDocument makes the two resources of a file: a DocumentReference and the
// Binary with its bytes, of source self in R4. Errors: ErrEmpty, ErrFileLarge,
// ErrFileType, ErrFuture; nothing must be stored then.
func NewOwnDocument(d OwnDocument, now time.Time) ([]fhir.Resource, error) {
	if d.At.IsZero() {
		d.At = now
	}
	kind, err := fileType(d)
	switch {
	case err != nil:
		return nil, err
	case d.At.After(now.Add(5 * time.Minute)):
		return nil, ErrFuture
	}
	file, err := ownResource(map[string]any{
		"resourceType": "Binary", "contentType": kind, "data": base64.StdEncoding.EncodeToString(d.Data),
	}, "")
	if err != nil {
		return nil, err
	}
	doc, err := ownResource(ownDocument(d, kind, file.ID), "")
	return []fhir.Resource{file, doc}, err
}

func ownDocument(d OwnDocument, kind, file string) map[string]any {
	title := firstNonEmpty(fhir.CleanText(d.Title, maxTitle), "Document")
	return map[string]any{
		"resourceType": "DocumentReference", "status": "current", "description": title, "date": moment(d.At),
		"type":    loinc([]string{"51855-5"}, "Patient Note"),
		"subject": selfReference(), "author": []any{selfReference()},
		"content": []any{map[string]any{"attachment": map[string]any{
			"contentType": kind, "url": "Binary/" + file, "title": title, "size": len(d.Data),
		}}},
	}
}

// RenameDocument gives the DocumentReference of a file another title. All else
// that is stored stays: the file, its day and who it is of. A title of nothing
// is ErrEmpty.
func RenameDocument(r fhir.Resource, title string) (fhir.Resource, error) {
	title = strings.TrimSpace(fhir.CleanText(title, maxTitle))
	if title == "" {
		return fhir.Resource{}, ErrEmpty
	}
	var content map[string]any
	read := json.NewDecoder(bytes.NewReader(r.Bytes()))
	read.UseNumber()
	if err := read.Decode(&content); err != nil {
		return fhir.Resource{}, fmt.Errorf("read the name of a file: %w", err)
	}
	content["description"] = title
	parts, _ := content["content"].([]any)
	for _, part := range parts {
		whole, _ := part.(map[string]any)
		if file, ok := whole["attachment"].(map[string]any); ok {
			file["title"] = title
		}
	}
	raw, err := json.Marshal(content)
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("rename a file: %w", err)
	}
	return fhir.Parse(raw, r.Version), nil
}

// isOwnFile: the bytes of a file that the person added. Without a document they
// stand nowhere: the person took it away, and may bring it back.
func isOwnFile(e *entry) bool { return e.Origin.IsSelf() && e.Type == "Binary" }

// fileType tells what the bytes are, when that may be added.
func fileType(d OwnDocument) (string, error) {
	switch {
	case len(d.Data) == 0:
		return "", ErrEmpty
	case len(d.Data) > MaxOwnDocument:
		return "", ErrFileLarge
	}
	switch found := http.DetectContentType(d.Data); found {
	case "application/pdf", "image/jpeg", "image/png":
		return found, nil
	}
	return "", ErrFileType
}
