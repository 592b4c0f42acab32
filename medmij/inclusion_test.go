package medmij

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

// dangling is a provider that includes nothing: every search gives the
// resources whose type it is about, every read gives a resource.
func dangling(status int, resources ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/fhir/"), "/")
		w.Header().Set("Content-Type", "application/fhir+json")
		if len(parts) == 2 && parts[1] != "$lastn" {
			w.WriteHeader(status)
			fmt.Fprint(w, resource(parts[0], parts[1]))
			return
		}
		var found []string
		for _, res := range resources {
			if strings.Contains(res, fmt.Sprintf(`"resourceType":%q`, parts[0])) {
				found = append(found, res)
			}
		}
		fmt.Fprint(w, bundle("", found...))
	}
}

// F22: what a provider should have included and did not is read, once, when it
// is at the same base.
func TestDanglingReferencesAreReadOnce(t *testing.T) {
	for _, c := range []struct {
		name, service string
		resources     []string
		want          []string // reads
	}{
		{"a general practitioner", "49", []string{
			`{"resourceType":"Patient","id":"p","generalPractitioner":[{"reference":"Practitioner/g"},{"reference":"Organization/o"},{"reference":"Practitioner/g"}],"managingOrganization":{"reference":"Organization/other"}}`,
		}, []string{"Organization/o", "Practitioner/g"}},
		{"only what was asked", "48", []string{
			`{"resourceType":"Observation","id":"a","performer":[{"reference":"Practitioner/x"}],"specimen":{"reference":"Specimen/s"},"subject":{"reference":"Patient/p"}}`,
		}, []string{"Specimen/s"}},
		{"a path of two names", "48", []string{
			`{"resourceType":"Observation","id":"a","related":[{"type":"has-member","target":{"reference":"Observation/b"}},{"target":{"reference":"Observation/a"}}]}`,
		}, []string{"Observation/b"}},
		{"a target of another type", "48", []string{
			`{"resourceType":"Coverage","id":"c","payor":[{"reference":"RelatedPerson/r"},{"reference":"Organization/o"}]}`,
		}, []string{"Organization/o"}},
		{"a choice of types", "48", []string{
			`{"resourceType":"DeviceUseStatement","id":"u","device":{"reference":"Device/d"}}`,
		}, []string{"Device/d"}},
		{"deeper, and further", "61", []string{
			`{"resourceType":"CarePlan","id":"c","activity":[{"detail":{"goal":[{"reference":"Goal/g"}]}},{"outcomeReference":[{"reference":"Observation/o"}]}],"goal":[{"reference":"Goal/not-asked"}]}`,
			`{"resourceType":"CareTeam","id":"t","participant":[{"member":{"reference":"Practitioner/m"},"role":{"text":"x"}}]}`,
		}, []string{"Goal/g", "Observation/o", "Practitioner/m"}},
		{"elsewhere", "48", []string{
			`{"resourceType":"DeviceUseStatement","id":"u","device":{"reference":"https://evil.example.nl/fhir/Device/d"}}`,
			`{"resourceType":"DeviceUseStatement","id":"v","device":{"reference":"#inside"}}`,
			`{"resourceType":"DeviceUseStatement","id":"w","device":{"reference":"urn:uuid:5"}}`,
			`{"resourceType":"DeviceUseStatement","id":"x","device":{"reference":"https://` + apiHost + `/other/Device/d"}}`,
			`{"resourceType":"DeviceUseStatement","id":"y","device":{"reference":"Device/$all"}}`,
		}, nil},
	} {
		s := newSetup(t, dangling(200, c.resources...))
		got := fetchOne(t, s, grantFor(c.service))
		var read []string
		for _, r := range s.net.requests() {
			if parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/fhir/"), "/"); len(parts) == 2 && parts[1] != "$lastn" {
				read = append(read, strings.Join(parts, "/"))
			}
		}
		slices.Sort(read)
		if diff := cmp.Diff(c.want, read); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		for _, ref := range c.want {
			kind, _, _ := strings.Cut(ref, "/")
			if r := got.results[kind]; r.Outcome != fhir.OK || !slices.Contains(got.ids, ref) {
				t.Errorf("%s: %s: %+v", c.name, ref, r)
			}
		}
	}
}

// What could not be read of it is no failure of the service; a product name is,
// for the row asks for it.
func TestADanglingReferenceThatMayNotBeRead(t *testing.T) {
	const statement = `{"resourceType":"DeviceUseStatement","id":"u","device":{"reference":"Device/d"}}`
	const request = `{"resourceType":"MedicationRequest","id":"u","medicationReference":{"reference":"Medication/m"}}`
	for _, c := range []struct {
		status   int
		device   fhir.Outcome
		medicine fhir.Outcome
	}{{404, fhir.NotOffered, fhir.NotOffered}, {403, fhir.NotOffered, fhir.NotGranted}, {400, fhir.Failed, fhir.Failed}} {
		got := fetchOne(t, newSetup(t, dangling(c.status, statement, request)), grantFor("48"))
		if d, m := got.results["Device"], got.results["Medication"]; d.Outcome != c.device || m.Outcome != c.medicine {
			t.Errorf("%d: %+v and %+v", c.status, d, m)
		}
		if !slices.Contains(got.ids, "DeviceUseStatement/u") || !slices.Contains(got.ids, "MedicationRequest/u") {
			t.Errorf("%d: %v", c.status, got.ids)
		}
	}
}

func TestReadsAreBounded(t *testing.T) {
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprintf(`{"resourceType":"MedicationRequest","id":"r%d","medicationReference":{"reference":"Medication/m%[1]d"}}`, i))
	}
	s := newSetup(t, dangling(200, many...), func(c *Config) { c.Limits.Reads = 20 })
	got := fetchOne(t, s, grantFor("31"))
	want := fhir.QueryResult{Query: "Medication", Outcome: fhir.Failed, Detail: CodeIncomplete, Resources: 20, Pages: 20}
	if diff := cmp.Diff(want, got.results["Medication"]); diff != "" {
		t.Error(diff)
	}
}

// What is read may refer to more that was asked to be included (:iterate).
func TestWhatWasReadIsFollowedToo(t *testing.T) {
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json; fhirVersion=4.0")
		switch r.URL.Path {
		case "/fhir/MedicationRequest":
			fmt.Fprint(w, bundle("", `{"resourceType":"MedicationRequest","id":"m","requester":{"reference":"PractitionerRole/r"}}`))
		case "/fhir/PractitionerRole/r":
			fmt.Fprint(w, `{"resourceType":"PractitionerRole","id":"r","organization":{"reference":"Organization/o"},"endpoint":[{"reference":"Endpoint/not-asked"}]}`)
		case "/fhir/Organization/o":
			fmt.Fprint(w, `{"resourceType":"Organization","id":"o","partOf":{"reference":"Organization/not-asked"}}`)
		default:
			fmt.Fprint(w, bundle(""))
		}
	}))
	got := fetchOne(t, s, grantFor("68"))
	for _, kind := range []string{"PractitionerRole", "Organization"} {
		if r := got.results[kind]; r.Outcome != fhir.OK || r.Resources != 1 {
			t.Errorf("%s: %+v", kind, r)
		}
	}
	if n := len(s.net.requests()); n != 7+2 {
		t.Errorf("%d requests", n)
	}
}
