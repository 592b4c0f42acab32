package aggregator

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// letterFile is one file of a letter.
type letterFile struct {
	contentType string
	binary      *entry // nil when inline or not collected
	size        int
	sum         string // hex SHA-256 of the bytes, empty without usable ones
	broken      bool   // there, but not what it claims
}

// payload is what is known of decoded bytes. They are read once and let go of.
type payload struct {
	size int
	sum  string
	head []byte
}

func (m *merger) readFile(e *entry, a fhir.Node) letterFile {
	f := letterFile{contentType: a.Str("contentType")}
	var p *payload
	url := a.Str("url")
	switch {
	case a.Get("data").Exists():
		p = e.payloadOf(a.Str("data"))
	case url != "":
		f.binary = m.book.follow(e, fhir.Reference{URL: url, Ref: fhir.Ref{Type: "Binary", ID: lastSegment(url)}})
		if f.binary != nil {
			p = f.binary.payloadOf(BinaryData(f.binary.node()))
			f.contentType = firstNonEmpty(f.contentType, f.binary.node().Str("contentType"))
		}
	}
	if p == nil { // not collected yet
		return f
	}
	f.size, f.broken = p.size, !plausible(f.contentType, p.head)
	if !f.broken {
		f.sum = p.sum
	}
	return f
}

// payloadOf decodes base64 that the entry holds; once per text.
func (e *entry) payloadOf(encoded string) *payload {
	if p := e.payloads[encoded]; p != nil {
		return p
	}
	data := decodeBase64(encoded)
	sum := sha256.Sum256(data)
	p := &payload{size: len(data), sum: hex.EncodeToString(sum[:]), head: bytes.Clone(data[:min(len(data), 512)])}
	if e.payloads == nil {
		e.payloads = map[string]*payload{}
	}
	e.payloads[encoded] = p
	return p
}

// BinaryData is the base64 text of a Binary: STU3 calls it content, R4 data.
func BinaryData(n fhir.Node) string { return firstNonEmpty(n.Str("content"), n.Str("data")) }

func decodeBase64(s string) []byte {
	if strings.ContainsAny(s, "\n\r \t") {
		s = strings.Join(strings.Fields(s), "")
	}
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return data
}

// plausible tells whether bytes that begin with head can be what they claim: a
// login page or an error message instead of a letter is not one.
func plausible(contentType string, head []byte) bool {
	head = bytes.ToLower(bytes.TrimLeft(head, " \t\r\n\ufeff"))
	page := bytes.HasPrefix(head, []byte("<html")) || bytes.HasPrefix(head, []byte("<!doctype html"))
	switch {
	case len(head) == 0:
		return false
	case strings.HasPrefix(contentType, "application/pdf"):
		return bytes.HasPrefix(head, []byte("%pdf-"))
	case strings.HasPrefix(contentType, "text/html"), strings.HasPrefix(contentType, "application/xhtml"):
		return true
	}
	return !page && !bytes.Contains(head, []byte("operationoutcome"))
}

// addFile makes the Binary a part of the line, so that its bytes can be asked
// for by part; inline bytes are in the document from itself.
func (m *merger) addFile(l *line, from *entry, f letterFile) File {
	file := File{ContentType: f.contentType, Size: f.size, SHA256: f.sum, Part: -1}
	if f.binary == nil {
		if f.size > 0 {
			file.Part = l.partOf(from)
		}
		return file
	}
	m.used[f.binary] = true
	if i := slices.Index(l.members, f.binary); i >= 0 {
		file.Part = i
		return file
	}
	l.members = append(l.members, f.binary)
	l.Parts = append(l.Parts, f.binary.part(RoleFile))
	file.Part = len(l.Parts) - 1
	return file
}
