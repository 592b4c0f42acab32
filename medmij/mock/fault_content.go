package mock

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"unicode/utf16"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
)

// contentFaults make an answer that cannot be read, or not as it should be.
func contentFaults() map[string]faultKind {
	return map[string]faultKind{
		"gzip": {
			does:   "says it is compressed and is not (bad), breaks off in it (cut), or unpacks to a gigabyte (bomb)",
			values: []string{"bad", "cut", "bomb"}, wrap: faultGzip,
		},
		"json": {
			does: "gives JSON that is cut off, goes on after its end, has a name twice in the Bundle or inside one resource, " +
				"begins with a byte order mark, is UTF-16, has bytes that are no UTF-8 (in the Bundle or inside one resource), is nested 10,000 deep, or has a million entries",
			values: []string{"cut", "trailing", "twice", "twice-inside", "bom", "utf16", "bad-utf8", "bad-utf8-inside", "deep", "million"},
			at:     "resource", wrap: faultJSON,
		},
		"xml":          {does: "gives the right answer as FHIR XML", at: "resource", wrap: editing(faultXML)},
		"fhir-version": {does: "says the answer is of the other FHIR release", at: "resource", wrap: editing(faultRelease)},
		"outcome200":   {does: "answers 200 with an OperationOutcome and no Bundle", at: "resource", wrap: editing(faultOutcome)},
	}
}

func faultGzip(_ *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answerOf(next, r)
		a.header.Set("Content-Encoding", "gzip")
		switch f.Value {
		case "bomb":
			a.body = nil
			a.send(w)
			zip := gzip.NewWriter(w)
			pour(zip, strings.Repeat(" ", 1<<20), 1<<10)
			_ = zip.Close() // the client left long ago
			return
		case "cut":
			var packed bytes.Buffer
			zip := gzip.NewWriter(&packed)
			_, _ = zip.Write(a.body) // a Buffer takes everything
			_ = zip.Close()
			a.body = packed.Bytes()[:packed.Len()/2]
		}
		a.send(w)
	})
}

// pour writes a text many times, until the client leaves.
func pour(w io.Writer, text string, times int) {
	for range times {
		if _, err := io.WriteString(w, text); err != nil {
			return
		}
	}
}

func faultJSON(_ *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answerOf(next, r)
		if f.Value == "million" && a.status == http.StatusOK {
			a.body = []byte(`{"resourceType":"Bundle","type":"searchset","entry":[{}`)
			a.send(w)
			pour(w, strings.Repeat(`,{"search":{"mode":"match"}}`, 1000), 1000)
			pour(w, "]}", 1)
			return
		}
		if a.status == http.StatusOK {
			a.body = spoil(a.body, f.Value)
		}
		a.send(w)
	})
}

// spoil makes JSON that a reader should refuse, or at least not misread.
func spoil(body []byte, how string) []byte {
	switch how {
	case "cut":
		return body[:len(body)/2]
	case "trailing":
		return append(bytes.TrimSpace(body), `}{"resourceType":"Bundle"}`...)
	case "twice":
		return bytes.Replace(body, []byte("{"), []byte(`{"resourceType":"Bundle","type":"history","total":0,`), 1)
	case "twice-inside":
		return changeFirst(body, "", func(res *object) bool {
			*res = append(object{{"id", encoded("mock-other")}}, *res...)
			return true
		})
	case "bom":
		return append([]byte("\xef\xbb\xbf"), body...)
	case "utf16":
		return wide(body)
	case "bad-utf8":
		return bytes.Replace(body, []byte("{"), []byte("{\"mock\":\"\xff\xfe\","), 1)
	case "bad-utf8-inside":
		return changeFirst(body, "", func(res *object) bool {
			*res = append(*res, member{"mock", json.RawMessage("\"\xff\xfe\"")})
			return true
		})
	}
	return bytes.Replace(body, []byte("{"), []byte(`{"mock":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+","), 1)
}

func wide(body []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(body))) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}

// faultRelease changes only what the answer says of itself.
func faultRelease(_ *Network, _ Fault, r *http.Request, a *answer) {
	other := fhir.R4
	if serviceOf(serviceIn(r)).Version == fhir.R4 {
		other = fhir.STU3
	}
	a.header.Set("Content-Type", mimeType(other))
}

func faultOutcome(_ *Network, _ Fault, _ *http.Request, a *answer) {
	a.body = outcome(models.IssueTypeTransient, "fault set on purpose")
}

func faultXML(_ *Network, _ Fault, _ *http.Request, a *answer) {
	body, err := fhir.JSONToXML(a.body)
	if err != nil {
		return // not a resource: there is nothing to write in another way
	}
	a.body = body
	a.header.Set("Content-Type", strings.Replace(a.header.Get("Content-Type"), "fhir+json", "fhir+xml", 1))
}
