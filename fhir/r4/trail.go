package r4

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// ConversionNote is the extension in which a trail carries a [Note], as text.
const ConversionNote = "https://github.com/bundel-pgo/bundel/fhir/conversionNote"

// Trail is what a conversion leaves behind: an R4 Provenance that names the
// result as its target and holds the original, byte for byte, as a Binary in
// it. The target is a fullUrl, or "Type/id"; by is the program that converted;
// at is when. Same input, same bytes.
func Trail(r fhir.Resource, notes []Note, target, by string, at time.Time) []byte {
	sum := sha256.Sum256(append([]byte(target+"\n"), r.Bytes()...))
	var remarks value
	if len(notes) > 0 {
		all := list{}
		for _, n := range notes {
			all = append(all, obj("url", ConversionNote, "valueString", n.String()))
		}
		remarks = all
	}
	coding := func(system, code string) *object {
		return obj("coding", list{obj("system", terminology+system, "code", code)})
	}
	o := obj(
		"resourceType", "Provenance", "id", "r4-"+hex.EncodeToString(sum[:16]),
		"contained", list{original(r, "original")}, "extension", remarks,
		"target", list{obj("reference", target)}, "recorded", at.Format(time.RFC3339),
		"activity", coding("iso-21089-lifecycle", "transform"),
		"agent", list{obj("type", coding("provenance-participant-type", "assembler"), "who", obj("display", by))},
		"entity", list{obj("role", "source", "what", obj("reference", "#original"))},
	)
	return marshal(o)
}

// Original is a resource as an R4 Binary, byte for byte, for one that has no R4
// form. A resource that could not be read is in there too.
func Original(r fhir.Resource) []byte {
	sum := r.Sum()
	return marshal(original(r, "r4-"+hex.EncodeToString(sum[:16])))
}

func original(r fhir.Resource, id string) *object {
	release := map[fhir.Version]string{fhir.STU3: "3.0", fhir.R4: "4.0"}[r.Version]
	return obj(
		"resourceType", "Binary", "id", id, "contentType", "application/fhir+json; fhirVersion="+release,
		"data", base64.StdEncoding.EncodeToString(r.Bytes()),
	)
}

func marshal(o *object) []byte {
	var b bytes.Buffer
	write(&b, o)
	return b.Bytes()
}
