package medmij

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"

	"github.com/bundel-pgo/bundel/fhir"
)

// readOne reads one resource, or one document as it is.
func (r *run) readOne(ctx context.Context, kind string, to target) (fhir.Resource, error) {
	var res fhir.Resource
	err := r.s.get(ctx, read{
		url: to.at, logged: plainTarget(to.at, kind), service: r.service.ID,
		version: r.service.Version, binary: kind == binaryType,
	}, func(contentType string, content io.Reader) error {
		source := &noting{from: content}
		raw, err := readResource(contentType, source, r.service.Version)
		if err != nil {
			return readError(source, err)
		}
		res, err = resourceOf(contentType, raw, kind, r.s.c.places.origin(to.at), r.service.Version)
		return err
	})
	if err == nil && kind == binaryType {
		err = checkDocument(res, to.described)
	}
	return res, err
}

// readResource reads a whole answer; XML becomes JSON.
func readResource(contentType string, content io.Reader, v fhir.Version) ([]byte, error) {
	if contentType == xmlType {
		return fhir.XMLToJSON(content, v)
	}
	return io.ReadAll(content)
}

// plainTarget leaves the id of the resource out of the log.
func plainTarget(at *url.URL, kind string) string {
	return at.Scheme + "://" + at.Host + "/.../" + kind + "/..."
}

// resourceOf makes a resource of what was read: the resource itself, or a
// document as it is, wrapped in a Binary.
func resourceOf(contentType string, raw []byte, kind string, at *url.URL, v fhir.Version) (fhir.Resource, error) {
	if contentType != jsonFHIR && contentType != xmlType {
		wrapped, err := wrapBinary(contentType, raw, path.Base(at.Path), v)
		if err != nil {
			return fhir.Resource{}, err
		}
		raw = wrapped
	}
	res := fhir.Parse(raw, v)
	if res.Flaw == fhir.FlawSyntax && !json.Valid(raw) {
		return fhir.Resource{}, errCut
	}
	if res.Type != kind {
		return fhir.Resource{}, fmt.Errorf("%w: another resource type", errBad)
	}
	res.FullURL = at.String()
	return res, nil
}

// wrapBinary is what the server would have given as FHIR. A file that is not
// what it says to be is refused.
func wrapBinary(contentType string, raw []byte, id string, v fhir.Version) ([]byte, error) {
	if !looksLike(contentType, raw) {
		return nil, mismatch("not a file of its type")
	}
	b := struct {
		Type        string `json:"resourceType"`
		ID          string `json:"id,omitempty"`
		ContentType string `json:"contentType"`
		Content     string `json:"content,omitempty"` // STU3
		Data        string `json:"data,omitempty"`    // R4
	}{Type: binaryType, ContentType: contentType}
	if goodID.MatchString(id) {
		b.ID = id
	}
	b.Data = base64.StdEncoding.EncodeToString(raw)
	if v == fhir.STU3 {
		b.Content, b.Data = b.Data, ""
	}
	return json.Marshal(b)
}
