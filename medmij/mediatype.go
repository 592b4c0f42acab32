package medmij

import (
	"fmt"
	"mime"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// The media types of FHIR.
const (
	jsonFHIR = "application/fhir+json"
	xmlType  = "application/fhir+xml"
)

// contentType refuses what cannot be read (4.2) and gives the bare type. XML is
// read although JSON was asked for: some servers know nothing else.
func (c *Client) contentType(header string, r read) (string, error) {
	kind, params, err := mime.ParseMediaType(header)
	if err != nil {
		return "", errType
	}
	switch kind {
	case jsonFHIR, xmlType:
		want := fmt.Sprintf("%d.0", r.version)
		if got := params["fhirversion"]; got != "" && got != want && !strings.HasPrefix(got, want+".") {
			return "", errVersion
		}
		return kind, nil
	case jsonType, "application/json+fhir":
		if c.cfg.LegacyTypes {
			return jsonFHIR, nil
		}
	case "application/xml", "text/xml", "application/xml+fhir":
		if c.cfg.LegacyTypes {
			return xmlType, nil
		}
	case "application/pdf", "image/png", "image/jpeg":
		if r.binary {
			return kind, nil
		}
	}
	return "", errType
}

// fhirMIME is the media type of a release, as MedMij writes it in Accept.
func fhirMIME(v fhir.Version) string {
	return fmt.Sprintf("application/fhir+json; fhirVersion=%d.0", v)
}
