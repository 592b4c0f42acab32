package r4

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

func TestTrail(t *testing.T) {
	const raw = ` {"resourceType":"AllergyIntolerance","id":"a", "assertedDate":"2020","note":[{"text":"é \u00e9 1.10"}]} `
	r := fhir.Parse([]byte(raw), fhir.STU3)
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	trail := Trail(r, []Note{{"AllergyIntolerance.x", Left}}, "AllergyIntolerance/a", "Bundel 1", at)
	if found := Check(trail); found != nil {
		t.Error(found)
	}
	n := fhir.Parse(trail, fhir.R4).Node()
	data, err := base64.StdEncoding.DecodeString(n.Contained("original").Str("data"))
	if err != nil || string(data) != strings.TrimSpace(raw) {
		t.Errorf("the original is not there: %s", data)
	}
	for path, want := range map[string]string{
		"target reference": "AllergyIntolerance/a", "recorded": "2026-06-01T12:00:00Z", "agent who display": "Bundel 1",
		"entity what reference": "#original", "contained contentType": "application/fhir+json; fhirVersion=3.0",
		"extension valueString": "AllergyIntolerance.x: left",
	} {
		if got := n.Str(strings.Fields(path)...); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if again := Trail(r, nil, "AllergyIntolerance/a", "Bundel 1", at); string(again) == string(trail) || Check(again) != nil {
		t.Error("without notes")
	}
	if other := Trail(r, nil, "AllergyIntolerance/b", "Bundel 1", at); strings.Contains(string(other), n.Str("id")) {
		t.Error("two trails with one id")
	}
}

func TestOriginal(t *testing.T) {
	for raw, release := range map[string]fhir.Version{
		`{"resourceType":"DataElement","id":"d"}`: fhir.STU3, `{broken`: fhir.R4, "{\"a\":\"\xff\"}": fhir.STU3,
	} {
		out := Original(fhir.Parse([]byte(raw), release))
		if found := Check(out); found != nil {
			t.Errorf("%s: %v", raw, found)
		}
		n := fhir.Parse(out, fhir.R4).Node()
		data, _ := base64.StdEncoding.DecodeString(n.Str("data"))
		if string(data) != raw || !strings.HasSuffix(n.Str("contentType"), map[fhir.Version]string{fhir.STU3: "3.0", fhir.R4: "4.0"}[release]) {
			t.Errorf("%s: %s", raw, out)
		}
	}
}
