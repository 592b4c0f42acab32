package share

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Why a document is not sent.
var (
	ErrNoFile   = errors.New("share: the file of this document is not in the vault")
	ErrFileType = errors.New("share: the provider does not take this type of file")
)

// Document is one document or image to send: its record and its one file.
type Document struct {
	Record fhir.Record // a DocumentReference, own or of another provider
	Title  string
	Author string    // who wrote it, in words; empty for the person
	At     time.Time // when it was made available
	Type   string    // content type
	File   []byte
}

// Check refuses what the service of a kind does not take: documents are PDF (it
// asks for PDF/A, which cannot be told for sure), images are JPEG or PNG. Errors:
// ErrNoFile, ErrFileType, ErrTooLarge.
func (d Document) Check(k Kind) error {
	switch {
	case len(d.File) == 0:
		return ErrNoFile
	case !slices.Contains(k.fileTypes(), d.Type) || !isFile(d.Type, d.File):
		return ErrFileType
	case base64.StdEncoding.EncodedLen(len(d.File)) > MaxMessage-(64<<10): // room for what goes along
		return ErrTooLarge
	}
	return nil
}

func (k Kind) fileTypes() []string {
	switch k {
	case KindDocuments:
		return []string{"application/pdf"}
	case KindImages:
		return []string{"image/jpeg", "image/png"}
	}
	return nil
}

// isFile tells whether the bytes begin as files of the type do.
func isFile(kind string, data []byte) bool {
	start := map[string]string{"application/pdf": "%PDF-", "image/jpeg": "\xff\xd8\xff", "image/png": "\x89PNG\r\n\x1a\n"}[kind]
	return start != "" && bytes.HasPrefix(data, []byte(start))
}

// Documents writes documents as the STU3 transaction that service 57 takes: the
// Patient, one DocumentManifest, and a DocumentReference and a Binary for each
// (data-services.md 1.6). Errors: ErrNoFile, ErrFileType, ErrTooLarge,
// ErrHoldsBSN. A BSN inside the file itself cannot be seen here.
func Documents(person fhir.Record, docs []Document) (Message, error) {
	b := newBundle("transaction", seedOf(KindDocuments, docs)...)
	b.profile = nictiz + "IHE.MHD.Minimal.ProvideDocumentBundle"
	who := b.addPerson(person, fhir.STU3)
	var content []any
	for i, d := range docs {
		if err := d.Check(KindDocuments); err != nil {
			return Message{}, err
		}
		doc, file := b.urn("document"+strconv.Itoa(i)), b.urn("file"+strconv.Itoa(i))
		content = append(content, map[string]any{"pReference": pointer(doc, d.title())})
		b.create(i, doc, d.reference(who, file))
		b.create(i, file, d.binary())
	}
	urn := b.urn("manifest")
	b.create(-1, urn, map[string]any{
		"resourceType": "DocumentManifest", "meta": profiled(nictiz + "IHE.MHD.DocumentManifest"),
		"masterIdentifier": uri(b.urn("set")), "status": "current", "type": documentType(fhir.Coded{}),
		"subject": who, "author": []any{who}, "created": instant(newestOf(docs)), "source": b.urn("source"), "content": content,
	})
	return b.message(KindDocuments)
}

func seedOf(k Kind, docs []Document) []string {
	seed := []string{string(k)}
	for _, d := range docs {
		seed = append(seed, d.Record.Origin.Source, d.Record.Origin.Service, d.Record.ID, digestOf(d.Record.Bytes()), digestOf(d.File))
	}
	return seed
}

func newestOf(docs []Document) time.Time {
	var newest time.Time
	for _, d := range docs {
		if d.At.After(newest) {
			newest = d.At
		}
	}
	return newest
}

// reference writes the DocumentReference. A writer other than the person is
// contained, as the profile asks: that person or place is no entry of ours.
func (d Document) reference(who map[string]any, file string) map[string]any {
	n := d.Record.Node()
	r := map[string]any{
		"resourceType": "DocumentReference", "meta": profiled(nictiz + "IHE.MHD.Minimal.DocumentReference"),
		"masterIdentifier": d.master(), "status": "current", "type": documentType(n.Get("type").Coded()),
		"subject": who, "indexed": instant(d.At), "description": d.title(), "author": []any{who},
		"content": []any{map[string]any{"attachment": map[string]any{
			"contentType": d.Type, "url": file, "title": d.title(), "size": len(d.File),
		}}},
	}
	if d.Author != "" {
		r["contained"] = []any{map[string]any{"resourceType": "Practitioner", "id": "author", "name": []any{map[string]any{"text": d.Author}}}}
		r["author"] = []any{pointer("#author", d.Author)}
	}
	return r
}

// master is the identifier by which every copy of the document is known again,
// also when the provider gives it back.
func (d Document) master() map[string]any {
	n := d.Record.Node()
	for _, id := range append(n.Idents("masterIdentifier"), n.Idents("identifier")...) {
		if id.System != "" && id.Value != "" {
			return map[string]any{"system": id.System, "value": id.Value}
		}
	}
	return uri(newBundle("", d.Record.Origin.Source, d.Record.ID).urn("document"))
}

func uri(urn string) map[string]any {
	return map[string]any{"system": "urn:ietf:rfc:3986", "value": urn}
}

func (d Document) title() string { return firstNonEmpty(fhir.CleanText(d.Title, 120), "Document") }

func (d Document) binary() map[string]any { // STU3 calls the bytes content, R4 data
	return map[string]any{"resourceType": "Binary", "contentType": d.Type, "content": base64.StdEncoding.EncodeToString(d.File)}
}

// documentType keeps the type as the writer gave it, where it is complete.
func documentType(c fhir.Coded) map[string]any {
	for _, code := range c.Coding {
		if code.System != "" && code.Code != "" && code.Display != "" {
			return map[string]any{"coding": []any{map[string]any{"system": code.System, "code": code.Code, "display": code.Display}}}
		}
	}
	return map[string]any{"coding": []any{map[string]any{"system": fhir.LOINC, "code": "51855-5", "display": "Patient Note"}}}
}

func instant(t time.Time) string { return t.In(fhir.Amsterdam()).Format(time.RFC3339) }

// Images writes pictures as the STU3 transaction that service 55 takes: the
// Patient, the provider, one List, and a Media and a Binary for each
// (data-services.md 1.14). Errors are those of [Documents].
func Images(person fhir.Record, provider string, images []Document) (Message, error) {
	b := newBundle("transaction", append(seedOf(KindImages, images), provider)...)
	who, to := b.addPerson(person, fhir.STU3), b.addProvider(provider, fhir.STU3)
	var entries []any
	for i, d := range images {
		if err := d.Check(KindImages); err != nil {
			return Message{}, err
		}
		media, file := b.urn("image"+strconv.Itoa(i)), b.urn("file"+strconv.Itoa(i))
		entries = append(entries, map[string]any{"item": pointer(media, d.title())})
		b.create(i, media, map[string]any{
			"resourceType": "Media", "meta": profiled(nictiz + "images-Media"), "identifier": []any{d.master()}, "type": "photo",
			"subject": who, "operator": who, "occurrenceDateTime": instant(d.At),
			"content": map[string]any{"contentType": d.Type, "url": file, "title": d.title(), "size": len(d.File)},
		})
		b.create(i, file, d.binary())
	}
	b.create(-1, b.urn("list"), map[string]any{
		"resourceType": "List", "meta": profiled(nictiz + "images-List"), "status": "current", "mode": "snapshot",
		"extension": []any{map[string]any{"url": nictiz + "images-recipient", "valueReference": to}},
		"subject":   who, "source": who, "date": instant(newestOf(images)), "entry": entries,
	})
	return b.message(KindImages)
}
