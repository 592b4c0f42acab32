package medmij

import (
	"bytes"
	"crypto/sha1" // #nosec G505 -- FHIR says SHA-1; it guards against accidents
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// attachment is what a DocumentReference says of its document.
type attachment struct {
	size int64  // bytes; -1 when not said
	hash []byte // SHA-1 or SHA-256; nil when not said, or in a form nobody agreed on
}

func attachmentOf(n fhir.Node) attachment {
	a := attachment{size: -1, hash: readHash(n.Str("hash"))}
	if size, err := strconv.ParseInt(n.Str("size"), 10, 64); err == nil && size >= 0 {
		a.size = size
	}
	return a
}

// readHash reads base64, of bytes or of hex digits, and hex digits. FHIR asks
// for SHA-1 in base64; test sets of MedMij have SHA-256 (data-services.md 1.6).
func readHash(s string) []byte {
	forms := [][]byte{}
	if raw, err := base64.StdEncoding.DecodeString(s); err == nil {
		forms = append(forms, raw)
		if inner, err := hex.DecodeString(string(raw)); err == nil {
			forms = append(forms, inner)
		}
	}
	if raw, err := hex.DecodeString(s); err == nil {
		forms = append(forms, raw)
	}
	for _, hash := range forms {
		if len(hash) == sha1.Size || len(hash) == sha256.Size {
			return hash
		}
	}
	return nil
}

var errMismatch = errors.New("document is not what its description says")

func mismatch(why string) error {
	return &Error{Code: CodeFile, Op: "read document", Err: fmt.Errorf("%w: %s", errMismatch, why)}
}

// checkDocument compares the content of a Binary with its type and with what
// the documents that point at it say. One that fits none of them is refused.
func checkDocument(res fhir.Resource, described []attachment) error {
	n := res.Node()
	// #nosec G401 -- see the import
	ones, twos, head := sha1.New(), sha256.New(), &bytes.Buffer{}
	encoded := n.Str("content") + n.Str("data") // STU3 has the one, R4 the other
	content := base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded))
	size, err := io.Copy(io.MultiWriter(ones, twos, &prefix{head, sniffed}), content)
	switch {
	case err != nil:
		return mismatch("not base64")
	case size > 0 && !looksLike(n.Str("contentType"), head.Bytes()):
		return mismatch("not a file of its type")
	}
	for _, a := range described {
		// Some servers give the size in base64, which says as much.
		sizeFits := a.size < 0 || a.size == size || a.size == int64(len(encoded))
		hashFits := a.hash == nil || bytes.Equal(a.hash, ones.Sum(nil)) || bytes.Equal(a.hash, twos.Sum(nil))
		if sizeFits && hashFits {
			return nil
		}
	}
	if len(described) > 0 {
		return mismatch("another size or hash")
	}
	return nil
}

// sniffed is how far into a file its type can show.
const sniffed = 1024

// prefix keeps the first bytes of what is written to it.
type prefix struct {
	to   *bytes.Buffer
	most int
}

func (p *prefix) Write(b []byte) (int, error) {
	p.to.Write(b[:min(len(b), max(0, p.most-p.to.Len()))])
	return len(b), nil
}

// looksLike tells whether a file can be of the type it is said to have. A
// page is never anything else; of the types that are shown, the first bytes
// are known; others are for the person to open.
func looksLike(contentType string, head []byte) bool {
	kind, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(contentType)), ";")
	switch kind = strings.TrimSpace(kind); kind {
	case "application/pdf": // readers look for it in the first kilobyte
		return bytes.Contains(head[:min(len(head), sniffed)], []byte("%PDF-"))
	case "image/png":
		return bytes.HasPrefix(head, []byte("\x89PNG"))
	case "image/jpeg":
		return bytes.HasPrefix(head, []byte("\xff\xd8\xff"))
	case "text/html", "application/xhtml+xml":
		return true
	}
	start := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"))
	return !bytes.HasPrefix(start, []byte("<!doctype html")) && !bytes.HasPrefix(start, []byte("<html"))
}
