package medmij

import (
	"crypto/sha1" // #nosec G505 -- as in the code
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

const aPDF = "%PDF-1.7\nthe rest of it"

// filed serves one description and one document, as FHIR or as it is.
func filed(attachment, kind, content string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/fhir/DocumentReference":
			serveFHIR(w, 200, bundle("", document("d", attachment)))
		case !strings.HasPrefix(r.URL.Path, "/pdf/Binary/"):
			serveFHIR(w, 404, "")
		case kind != "":
			w.Header().Set("Content-Type", kind)
			fmt.Fprint(w, content)
		default:
			serveFHIR(w, 200, content)
		}
	}
}

func binaryOf(kind, content string) string {
	return fmt.Sprintf(`{"resourceType":"Binary","id":"b","contentType":%q,"content":%q}`, kind, base64.StdEncoding.EncodeToString([]byte(content)))
}

// F28: a document that is not what it says to be is refused; its description
// stays.
func TestADocumentIsComparedWithItsDescription(t *testing.T) {
	one, two := sha1.Sum([]byte(aPDF)), sha256.Sum256([]byte(aPDF)) // #nosec G401
	b64 := base64.StdEncoding.EncodeToString
	for _, c := range []struct {
		name, says string
		good       bool
	}{
		{"nothing said", ``, true},
		{"size", fmt.Sprintf(`,"size":%d`, len(aPDF)), true},
		{"size in base64", fmt.Sprintf(`,"size":%d`, base64.StdEncoding.EncodedLen(len(aPDF))), true},
		{"another size", `,"size":7`, false},
		{"a size that is none", `,"size":"large"`, true},
		{"SHA-1", `,"hash":"` + b64(one[:]) + `"`, true},
		{"SHA-256", `,"hash":"` + b64(two[:]) + `"`, true},
		{"SHA-1 in hex", `,"hash":"` + hex.EncodeToString(one[:]) + `"`, true},
		{"SHA-256 in hex in base64", `,"hash":"` + b64([]byte(hex.EncodeToString(two[:]))) + `"`, true},
		{"another SHA-1", `,"hash":"` + b64(make([]byte, sha1.Size)) + `"`, false},
		{"another SHA-256", `,"hash":"` + b64(make([]byte, sha256.Size)) + `"`, false},
		{"a hash nobody knows", `,"hash":"` + b64(make([]byte, 64)) + `"`, true},
		{"right size, wrong hash", fmt.Sprintf(`,"size":%d,"hash":%q`, len(aPDF), b64(make([]byte, sha1.Size))), false},
	} {
		for form, serve := range map[string]http.HandlerFunc{
			"as FHIR":  filed(`{"url":"Binary/b"`+c.says+`}`, "", binaryOf("application/pdf", aPDF)),
			"as it is": filed(`{"url":"Binary/b"`+c.says+`}`, "application/pdf", aPDF),
		} {
			s := newSetup(t, serve)
			got := fetchOne(t, s, documents())
			r, came := got.results["Binary"], slices.Contains(got.ids, "Binary/b")
			if c.good && (r.Outcome != fhir.OK || !came) || !c.good && (r.Outcome != fhir.Failed || r.Detail != CodeFile || came) {
				t.Errorf("%s, %s: %+v, %v", c.name, form, r, got.ids)
			}
			if !slices.Contains(got.ids, "DocumentReference/d") || len(s.net.requests()) != 3 {
				t.Errorf("%s, %s: the description is lost or the document was read again: %v", c.name, form, got.ids)
			}
		}
	}
}

func TestADocumentIsOfItsType(t *testing.T) {
	for _, c := range []struct {
		name, kind, content string
		good                bool
	}{
		{"PDF", "application/pdf", aPDF, true},
		{"PDF after a few bytes", "application/pdf; charset=binary", "\n\n" + aPDF, true},
		{"PDF too far away", "application/pdf", strings.Repeat(" ", 2000) + aPDF, false},
		{"PNG", "image/png", "\x89PNG\r\n\x1a\n", true},
		{"JPEG", "IMAGE/JPEG", "\xff\xd8\xff\xe0", true},
		{"a page as PDF", "application/pdf", "<html>", false},
		{"a page as PNG", "image/png", "<html>", false},
		{"a page as text", "text/plain", " \r\n<!DOCTYPE HTML><html>", false},
		{"a page with a mark before it as anything", "application/octet-stream", "\ufeff<HTML>", false},
		{"a page without a type", "", "<html>", false},
		{"a page", "text/html", "<html>", true}, // shown nowhere, given as it is
		{"text", "text/plain", "hello", true},
		{"something else", "application/dicom", "x", true},
		{"nothing", "application/pdf", "", true},
	} {
		got := fetchOne(t, newSetup(t, filed(`{"url":"Binary/b"}`, "", binaryOf(c.kind, c.content))), documents())
		if r := got.results["Binary"]; (r.Outcome == fhir.OK) != c.good || !c.good && r.Detail != CodeFile {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	broken := `{"resourceType":"Binary","id":"b","contentType":"text/plain","content":"%%%"}`
	got := fetchOne(t, newSetup(t, filed(`{"url":"Binary/b"}`, "", broken)), documents())
	if r := got.results["Binary"]; r.Detail != CodeFile {
		t.Errorf("not base64: %+v", r)
	}
}

// One document may be described twice, and one of the two be wrong.
func TestADocumentThatFitsOneOfItsDescriptionsIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		sizes [2]int
		good  bool
	}{"one fits": {[2]int{7, len(aPDF)}, true}, "none fits": {[2]int{7, 8}, false}} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/fhir/DocumentReference":
				serveFHIR(w, 200, bundle("", document("d", fmt.Sprintf(`{"url":"Binary/b","size":%d}`, c.sizes[0])),
					document("e", fmt.Sprintf(`{"url":"%s/Binary/b","size":%d}`, pdfBase, c.sizes[1]))))
			case "/fhir/DocumentManifest":
				serveFHIR(w, 200, bundle(""))
			default:
				serveFHIR(w, 200, binaryOf("application/pdf", aPDF))
			}
		}))
		got := fetchOne(t, s, documents())
		if r := got.results["Binary"]; (r.Outcome == fhir.OK) != c.good || len(s.net.requests()) != 3 {
			t.Errorf("%s: %+v after %d requests", name, r, len(s.net.requests()))
		}
	}
}

func TestADocumentInXMLIsRead(t *testing.T) {
	content := base64.StdEncoding.EncodeToString([]byte(aPDF))
	s := newSetup(t, filed(`{"url":"Binary/b","size":23}`, "application/fhir+xml; fhirVersion=3.0",
		`<Binary xmlns="http://hl7.org/fhir"><id value="b"/><contentType value="application/pdf"/><content value="`+content+`"/></Binary>`))
	var raw string
	for page, err := range s.Fetch(t.Context(), documents())[0].Pages {
		if err != nil {
			t.Fatal(err)
		}
		for _, res := range page.Resources {
			if res.Type == binaryType {
				raw = string(res.Bytes())
			}
		}
	}
	want := fmt.Sprintf(`{"resourceType":"Binary","id":"b","contentType":"application/pdf","content":%q}`, content)
	if len(aPDF) != 23 || raw != want {
		t.Error(cmp.Diff(want, raw))
	}
}

func TestADocumentIsReadByItsID(t *testing.T) {
	for _, c := range []struct {
		name    string
		ref     fhir.Ref
		at      string
		outcome fhir.Outcome
	}{
		{"a document", fhir.Ref{Type: "Binary", ID: "b"}, "/pdf/Binary/b", fhir.OK},
		{"RSC-15 one that is not there", fhir.Ref{Type: "Binary", ID: "foutieve-en-onbekend-id"}, "/pdf/Binary/foutieve-en-onbekend-id", fhir.NotOffered},
		{"a description, and its document", fhir.Ref{Type: "DocumentReference", ID: "d"}, "/fhir/DocumentReference/d", fhir.OK},
	} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/pdf/Binary/b":
				serveFHIR(w, 200, binaryOf("application/pdf", aPDF))
			case "/fhir/DocumentReference/d":
				serveFHIR(w, 200, document("d", `{"url":"Binary/b"}`))
			default:
				serveFHIR(w, 404, outcomeCanary)
			}
		}))
		sources, err := s.Ask(t.Context(), documents(), Ask{Service: "51", Reads: []fhir.Ref{c.ref}})
		if err != nil {
			t.Fatal(err)
		}
		got := collect(t, sources[0])
		if r := got.results[c.ref.Type]; r.Outcome != c.outcome || s.net.requests()[0].URL.Path != c.at {
			t.Errorf("%s: %+v at %s", c.name, r, s.net.requests()[0].URL.Path)
		}
		if c.ref.Type == "DocumentReference" && !slices.Contains(got.ids, "Binary/b") {
			t.Errorf("%s: %v", c.name, got.ids)
		}
	}
}

// Comparing never fails in another way than by refusing.
func FuzzDocument(f *testing.F) {
	f.Add("application/pdf", "JVBERi0=", "5", "x")
	f.Add("", "", "-1", "aGV4")
	f.Fuzz(func(t *testing.T, kind, content, size, hash string) {
		raw, err := json.Marshal(map[string]string{"resourceType": "Binary", "contentType": kind, "content": content})
		said, err2 := json.Marshal(map[string]string{"size": size, "hash": hash, "resourceType": "x"})
		if err != nil || err2 != nil {
			return
		}
		a := attachmentOf(fhir.Parse(said, fhir.STU3).Node())
		if err := checkDocument(fhir.Parse(raw, fhir.STU3), []attachment{a}); err != nil && codeOf(err) != CodeFile {
			t.Fatal(err)
		}
		if a.hash != nil && len(a.hash) != sha1.Size && len(a.hash) != sha256.Size {
			t.Fatalf("a hash of %d bytes", len(a.hash))
		}
	})
}
