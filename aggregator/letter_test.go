package aggregator

import (
	"encoding/base64"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

func document(id, master, title, binary string) object {
	return object{
		"resourceType": "DocumentReference", "id": id, "status": "current", "description": title, "indexed": "2026-01-05T10:00:00+01:00",
		"masterIdentifier": object{"system": "urn:ietf:rfc:3986", "value": master},
		"author":           []any{object{"display": "Dr. Wit"}},
		"content":          []any{object{"attachment": object{"contentType": "application/pdf", "url": "Binary/" + binary}}},
	}
}

func pdfBinary(id, content string) object {
	return object{"resourceType": "Binary", "id": id, "contentType": "application/pdf", "content": base64.StdEncoding.EncodeToString([]byte(content))}
}

func TestLetterPointsAtItsBytes(t *testing.T) {
	item := merged(t, at("ho", "51", fhir.STU3, document("a", "urn:oid:1.2.3", "Brief", "x"), pdfBinary("x", "%PDF-1.4 one"))).Subject("letter")[0]
	f := item.Value.(*Letter).Files[0]
	if f.Size != 12 || f.Part < 0 || item.Parts[f.Part].Type != "Binary" || len(f.SHA256) != 64 {
		t.Errorf("got %+v of %+v", f, item.Parts)
	}
}
