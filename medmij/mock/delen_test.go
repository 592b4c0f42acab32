package mock_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

const (
	sentPatient = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e01",
"resource":{"resourceType":"Patient","meta":{"profile":["http://fhir.nl/fhir/StructureDefinition/nl-core-patient"]},
"name":[{"text":"Anna de Vries"}],"birthDate":"1961-04-02"},"request":{"method":"POST","url":"Patient"}}`
	sentWeight = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e02",
"resource":{"resourceType":"Observation","meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/zib-BodyWeight"]},"status":"final",
"category":[{"coding":[{"system":"http://hl7.org/fhir/observation-category","code":"vital-signs","display":"Vital Signs"}]}],
"code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}]},
"subject":{"reference":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e01","display":"Anna de Vries"},
"effectiveDateTime":"2026-03-01T08:10:00+01:00",
"performer":[{"reference":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e01","display":"Anna de Vries"}],
"valueQuantity":{"value":81.40,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}},"request":{"method":"POST","url":"Observation"}}`
)

func batch(entries ...string) string {
	return `{"resourceType":"Bundle","type":"batch","entry":[` + strings.Join(entries, ",") + `]}`
}

// share sends a Bundle and gives the status of every entry.
func (a *app) share(body string, header ...string) (int, []string, string) {
	a.Helper()
	_, _, base := a.zal("huisarts-delinde", "53")
	h := http.Header{"Authorization": {"Bearer " + a.token}, "Content-Type": {"application/fhir+json; fhirVersion=3.0"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	res, raw := a.do(http.MethodPost, base, body, h)
	var answer struct {
		Type  string
		Entry []struct {
			Resource json.RawMessage
			Response struct {
				Status, Location string
				Outcome          json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		a.Fatalf("answer: %v", err)
	}
	var statuses []string
	for _, e := range answer.Entry {
		statuses = append(statuses, e.Response.Status)
	}
	return res.StatusCode, statuses, string(raw)
}

func TestMeasurementsAreTaken(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	status, statuses, raw := a.share(batch(sentPatient, sentWeight), "Prefer", "return=representation")
	want := []string{"201 Created", "201 Created"}
	if status != http.StatusOK || !cmp.Equal(statuses, want) {
		t.Fatalf("status %d, entries %v", status, statuses)
	}
	if !strings.Contains(raw, `"batch-response"`) || !strings.Contains(raw, "81.40") || !strings.Contains(raw, "/Observation/") {
		t.Errorf("the answer lacks its type, the resource as sent or where it is: %s", raw)
	}
	if _, _, raw := a.share(batch(sentPatient, sentWeight)); strings.Contains(raw, "81.40") {
		t.Error("the resources come back though nobody asked")
	}
	got := n.Received()
	if len(got) != 2 || got[0].Persona != "anna" || got[0].Provider != "huisarts-delinde" || got[0].Service != "53" || !cmp.Equal(got[0].Statuses, want) {
		t.Fatalf("received %d", len(got))
	}
	if string(got[0].Bundle) != batch(sentPatient, sentWeight) {
		t.Error("the Bundle is not kept as it came")
	}
}

func TestAnEntryThatIsWrongIsRefusedAlone(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	for name, c := range map[string]struct{ old, new, why string }{
		"an id":                      {`"resourceType":"Observation",`, `"resourceType":"Observation","id":"1",`, "no id"},
		"a web address as fullUrl":   {"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e02", "https://x.example/1", "urn:uuid"},
		"PUT":                        {`"method":"POST"`, `"method":"PUT"`, "POST"},
		"a person in the URL":        {`"url":"Observation"`, `"url":"Observation?patient=1"`, "URL"},
		"no profile":                 {`"meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/zib-BodyWeight"]},`, ``, "profile"},
		"a coding without a system":  {`"system":"http://loinc.org",`, ``, "coding"},
		"a reference without a name": {`,"display":"Anna de Vries"},` + "\n\"effective", `},` + "\n\"effective", "display"},
		"a BSN":                      {`"status":"final",`, `"status":"final","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990482"}],`, "BSN"},
		"not final":                  {`"final"`, `"preliminary"`, "final"},
		"no unit code":               {`,"code":"kg"`, ``, "UCUM"},
		"no time":                    {`"effectiveDateTime":"2026-03-01T08:10:00+01:00",`, ``, "effectiveDateTime"},
		"another type":               {`"resourceType":"Observation"`, `"resourceType":"Condition"`, "Observation are taken"},
	} {
		changed := strings.Replace(sentWeight, c.old, c.new, 1)
		if changed == sentWeight {
			t.Fatalf("%s: nothing was changed", name)
		}
		status, statuses, raw := a.share(batch(sentPatient, changed, sentWeight))
		if status != http.StatusOK || !cmp.Equal(statuses, []string{"201 Created", "422 Unprocessable Entity", "201 Created"}) {
			t.Errorf("%s: status %d, entries %v", name, status, statuses)
		}
		if !strings.Contains(raw, "OperationOutcome") || !strings.Contains(raw, c.why) {
			t.Errorf("%s: the answer does not say why: %s", name, raw)
		}
	}
}

func TestABundleThatIsWrongIsRefusedAsAWhole(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	good := batch(sentPatient, sentWeight)
	for name, c := range map[string]struct {
		body   string
		header []string
		want   int
	}{
		"transaction":      {strings.Replace(good, `"batch"`, `"transaction"`, 1), nil, 400},
		"no patient":       {batch(sentWeight), nil, 400},
		"two patients":     {batch(sentPatient, sentPatient, sentWeight), nil, 400},
		"no JSON":          {"<Bundle/>", nil, 400},
		"other type":       {good, []string{"Content-Type", "application/json"}, 415},
		"other release":    {good, []string{"Content-Type", "application/fhir+json; fhirVersion=4.0"}, 415},
		"no token":         {good, []string{"Authorization", ""}, 401},
		"far too large":    {good + strings.Repeat(" ", 11<<20), nil, 413},
		"answer not in R4": {good, []string{"Accept", "application/fhir+json; fhirVersion=4.0"}, 400},
	} {
		if status, _, _ := a.share(c.body, c.header...); status != c.want {
			t.Errorf("%s: status %d, want %d", name, status, c.want)
		}
	}
	if got := n.Received(); len(got) != 0 {
		t.Errorf("%d refused Bundles were kept", len(got))
	}
	_, _, collect := a.zal("huisarts-delinde", "49")
	res, _ := a.do(http.MethodPost, collect, good, http.Header{"Authorization": {"Bearer " + a.token}})
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("a service that only gives takes something: status %d", res.StatusCode)
	}
}
