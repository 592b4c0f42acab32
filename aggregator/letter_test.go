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

func TestLetterCases(t *testing.T) {
	gp := func(r ...object) []fhir.Record { return at("gp", "51", fhir.STU3, r...) }
	ho := func(r ...object) []fhir.Record { return at("ho", "51", fhir.STU3, r...) }
	const pdf, other = "%PDF-1.4 one", "%PDF-1.4 two"
	for _, c := range []struct {
		id   string
		sets [][]fhir.Record
		want string
	}{
		{"DOC-01 the same bytes under other titles", [][]fhir.Record{
			gp(document("a", "urn:oid:1.2.3", "Brief", "x"), pdfBinary("x", pdf)), ho(document("b", "urn:oid:4.5.6", "Ontslag", "y"), pdfBinary("y", pdf)),
		}, "result gp/a+ho/b"},
		{"DOC-03 one identifier, other bytes", [][]fhir.Record{
			gp(document("a", "urn:oid:1.2.3", "Brief", "x"), pdfBinary("x", pdf)), ho(document("b", "urn:oid:1.2.3", "Brief", "y"), pdfBinary("y", other)),
		}, "result gp/a C-COLLISION [same-letter]\nresult ho/b C-COLLISION [same-letter]"},
		{"DOC-04 alike in all but the bytes", [][]fhir.Record{
			gp(document("a", "urn:oid:1.2.3", "Brief", "x"), pdfBinary("x", pdf)), ho(document("b", "urn:oid:4.5.6", "Brief", "y"), pdfBinary("y", other)),
		}, "result gp/a [same-letter]\nresult ho/b [same-letter]"},
		{"DOC-06 two empty files are not equal", [][]fhir.Record{
			gp(document("a", "urn:oid:1.2.3", "Brief een", "x"), pdfBinary("x", "")), ho(document("b", "urn:oid:4.5.6", "Brief twee", "y"), pdfBinary("y", "")),
		}, "result gp/a\nresult ho/b"},
		{"DOC-07 login pages instead of letters", [][]fhir.Record{
			gp(document("a", "urn:oid:1.2.3", "Brief een", "x"), pdfBinary("x", "<html>log in</html>")), ho(document("b", "urn:oid:4.5.6", "Brief twee", "y"), pdfBinary("y", "<html>log in</html>")),
		}, "result gp/a C-DOC-CONTENT\nresult ho/b C-DOC-CONTENT"},
	} {
		t.Run(c.id, func(t *testing.T) {
			if got := shape(merged(t, c.sets...), "letter"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestLetterPointsAtItsBytes(t *testing.T) {
	item := merged(t, at("ho", "51", fhir.STU3, document("a", "urn:oid:1.2.3", "Brief", "x"), pdfBinary("x", "%PDF-1.4 one"))).Subject("letter")[0]
	f := item.Value.(*Letter).Files[0]
	if f.Size != 12 || f.Part < 0 || item.Parts[f.Part].Type != "Binary" || len(f.SHA256) != 64 {
		t.Errorf("got %+v of %+v", f, item.Parts)
	}
}

func TestBase64WithLineBreaksIsTheSameLetter(t *testing.T) {
	broken := pdfBinary("y", "%PDF-1.4 a longer letter")
	text := broken["content"].(string)
	broken["content"] = text[:10] + "\n" + text[10:]
	o := merged(t, at("ho", "51", fhir.STU3,
		document("a", "urn:oid:1.2.3", "Brief", "x"), pdfBinary("x", "%PDF-1.4 a longer letter"),
		document("b", "urn:oid:4.5.6", "Brief", "y"), broken))
	if got := shape(o, "letter"); got != "result ho/a+ho/b" {
		t.Error(got)
	}
}
