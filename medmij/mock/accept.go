package mock

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"
	"strings"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
)

// The media types of FHIR, and those of before STU3 that are met in the field.
var (
	jsonTypes = map[string]bool{"application/fhir+json": true, "*/*": true, "application/*": true}
	xmlTypes  = map[string]bool{"application/fhir+xml": true}
	oldJSON   = map[string]bool{"application/json": true, "text/json": true, "application/json+fhir": true}
	oldXML    = map[string]bool{"application/xml": true, "text/xml": true, "application/xml+fhir": true}
)

// form is how an answer is wanted.
type form int

const (
	formNone  form = iota // nothing that is offered
	formJSON              // FHIR in JSON
	formXML               // FHIR in XML
	formOther             // something that a file can be
)

// accepted is one item of an Accept header.
type accepted struct {
	kind    string
	release string // of the parameter fhirVersion
	weight  float64
}

func readAccept(headers []string) []accepted {
	var all []accepted
	for _, part := range strings.Split(strings.Join(headers, ","), ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		a := accepted{kind, params["fhirversion"], 1}
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			a.weight = q
		}
		all = append(all, a)
	}
	return all
}

// wanted chooses the form with the highest weight, the first of equals. Nothing
// asked is JSON.
func (n *Network) wanted(headers []string) form {
	items := readAccept(headers)
	if len(items) == 0 {
		return formJSON
	}
	best, weight := formNone, 0.0
	for _, a := range items {
		if f := n.formOf(a.kind); f != formNone && a.weight > weight {
			best, weight = f, a.weight
		}
	}
	return best
}

func (n *Network) formOf(kind string) form {
	switch {
	case jsonTypes[kind], n.cfg.Lenient && oldJSON[kind]:
		return formJSON
	case xmlTypes[kind], n.cfg.Lenient && oldXML[kind]:
		return formXML
	case oldJSON[kind], oldXML[kind]:
		return formNone
	}
	return formOther
}

// rightRelease refuses an Accept header that asks for another FHIR release.
func rightRelease(headers []string, v fhir.Version) bool {
	for _, a := range readAccept(headers) {
		if a.release != "" && a.release != mimeParam(v) {
			return false
		}
	}
	return true
}

func mimeParam(v fhir.Version) string {
	if v == fhir.R4 {
		return "4.0"
	}
	return "3.0"
}

// held keeps an answer, so that it can be written in another form.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }

// inWantedForm turns what a handler answers in FHIR JSON into XML for who asks
// for that. What is no FHIR goes out as it is.
func (n *Network) inWantedForm(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.wanted(r.Header.Values("Accept")) != formXML {
			next.ServeHTTP(w, r)
			return
		}
		h := &held{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(h, r)
		body, kind := h.body.Bytes(), w.Header().Get("Content-Type")
		if rest, ok := strings.CutPrefix(kind, "application/fhir+json"); ok {
			if out, err := fhir.JSONToXML(body); err == nil {
				body = out
				w.Header().Set("Content-Type", "application/fhir+xml"+rest)
			} else {
				h.status, body = http.StatusInternalServerError, outcome(models.IssueTypeException, "the answer cannot be written as XML")
			}
		}
		w.WriteHeader(h.status)
		_, _ = w.Write(body) // a client that left is no error here
	})
}
