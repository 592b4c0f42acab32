package mock_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// The parts of transactions; Anna is the same in all.
const (
	subjectRef = `{"reference":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e01","display":"Anna de Vries"}`
	sentFile   = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e05","resource":{"resourceType":"Binary","contentType":"application/pdf","content":"JVBERi0xLjQ="},"request":{"method":"POST","url":"Binary"}}`
	sentLetter = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e06","resource":{"resourceType":"DocumentReference","meta":{"profile":["http://example.nl/profile"]},
"status":"current","type":{"coding":[{"system":"http://loinc.org","code":"34133-9","display":"Summary"}]},"subject":` + subjectRef + `,"indexed":"2026-06-01T10:00:00Z",
"content":[{"attachment":{"contentType":"application/pdf","url":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e05"}}]},"request":{"method":"POST","url":"DocumentReference"}}`
	sentMedia = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e07","resource":{"resourceType":"Media","meta":{"profile":["http://example.nl/profile"]},
"type":"photo","subject":` + subjectRef + `,"content":{"contentType":"image/png","url":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e05"}},"request":{"method":"POST","url":"Media"}}`
	sentList = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e08","resource":{"resourceType":"List","meta":{"profile":["http://example.nl/profile"]},
"status":"current","mode":"snapshot","subject":` + subjectRef + `,"entry":[{"item":{"reference":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e07","display":"foto"}}]},"request":{"method":"POST","url":"List"}}`
	sentAnswers = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e09","resource":{"resourceType":"QuestionnaireResponse","meta":{"profile":["http://example.nl/profile"]},
"status":"completed","questionnaire":{"reference":"Questionnaire/zz-vragenlijst-1","display":"Hoe gaat het met u?"},"subject":` + subjectRef + `,"authored":"2026-06-01T10:00:00Z"},"request":{"method":"POST","url":"QuestionnaireResponse"}}`
	sentRequest = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e0a","resource":{"resourceType":"Communication","meta":{"profile":["http://example.nl/profile"]},
"status":"completed","category":[{"coding":[{"system":"https://example.nl/types","code":"medRecCxReq","display":"Correction"}]}],"payload":[{"contentString":"Mijn naam klopt niet"}],
"sender":` + subjectRef + `,"recipient":[{"reference":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e0b","display":"Kliniek"}]},"request":{"method":"POST","url":"Communication"}}`
	sentOrganization = `{"fullUrl":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e0b","resource":{"resourceType":"Organization","meta":{"profile":["http://example.nl/profile"]},"name":"Kliniek"},"request":{"method":"POST","url":"Organization"}}`
)

func transactionOf(entries ...string) string {
	return `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`
}

// post sends to a service and gives the status, the status of every entry, and
// the answer.
func (a *app) post(provider, service, body string, header ...string) (int, []string, string) {
	a.Helper()
	_, _, base := a.zal(provider, service)
	h := http.Header{"Authorization": {"Bearer " + a.token}, "Content-Type": {"application/fhir+json"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	res, raw := a.do(http.MethodPost, base, body, h)
	var answer struct {
		Entry []struct{ Response struct{ Status string } }
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

func TestDocumentsAndImagesAreTaken(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	created := []string{"201 Created", "201 Created", "201 Created"}
	status, statuses, raw := a.post("ziekenhuis-noordzee", "57", transactionOf(sentPatient, sentLetter, sentFile), "Prefer", "return=representation")
	if status != http.StatusOK || !cmp.Equal(created, statuses) || !strings.Contains(raw, `"transaction-response"`) {
		t.Fatalf("documents: status %d, entries %v: %s", status, statuses, raw)
	}
	if strings.Contains(raw, `"url":"urn:uuid:`) || strings.Contains(raw, `"reference":"urn:uuid:`) || !strings.Contains(raw, `"url":"Binary/`) {
		t.Errorf("references do not follow the new ids: %s", raw)
	}
	status, statuses, raw = a.post("kliniek-zon&zee", "55", transactionOf(sentPatient, sentList, sentMedia, sentFile))
	if status != http.StatusOK || len(statuses) != 4 {
		t.Errorf("images: status %d, entries %v: %s", status, statuses, raw)
	}
	if got := n.Received(); len(got) != 2 || got[0].Service != "57" || string(got[0].Bundle) != transactionOf(sentPatient, sentLetter, sentFile) {
		t.Errorf("%d deliveries are kept", len(got))
	}
}

func TestATransactionIsTakenWholeOrNotAtAll(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	for name, c := range map[string]struct {
		entries []string
		status  int
		why     string
	}{
		"a batch":                     {nil, 400, "transaction"},
		"no file":                     {[]string{sentPatient, sentLetter}, 400, "no Binary"},
		"no patient":                  {[]string{sentLetter, sentFile}, 400, "one Patient"},
		"two patients":                {[]string{sentPatient, sentPatient, sentLetter, sentFile}, 400, "one Patient"},
		"a measurement":               {[]string{sentPatient, sentLetter, sentFile, sentWeight}, 422, "entry 4: only"},
		"a link to nothing":           {[]string{sentPatient, sentLetter, strings.Replace(sentFile, "1e05", "1eff", 1)}, 422, "url leads to nothing"},
		"the same fullUrl":            {[]string{sentPatient, sentLetter, sentFile, sentFile}, 422, "there twice"},
		"an empty file":               {[]string{sentPatient, sentLetter, strings.Replace(sentFile, "JVBERi0xLjQ=", "", 1)}, 422, "file is missing"},
		"no content type":             {[]string{sentPatient, strings.Replace(sentLetter, `"contentType":"application/pdf",`, "", 1), sentFile}, 422, "contentType"},
		"a concept without words":     {[]string{sentPatient, strings.Replace(sentLetter, `,"display":"Summary"`, "", 1), sentFile}, 422, "concept"},
		"a value set as a system":     {[]string{sentPatient, strings.Replace(sentLetter, "http://loinc.org", "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.2.1", 1), sentFile}, 422, "value set"},
		"an update":                   {[]string{sentPatient, strings.Replace(sentLetter, `"POST"`, `"PUT"`, 1), sentFile}, 422, "POST"},
		"an identifier with no value": {[]string{strings.Replace(sentPatient, `"birthDate"`, `"identifier":[{"system":"urn:oid:1.2"}],"birthDate"`, 1), sentLetter, sentFile}, 422, "identifier"},
	} {
		body := transactionOf(c.entries...)
		if c.entries == nil {
			body = batch(sentPatient, sentLetter, sentFile)
		}
		status, statuses, raw := a.post("ziekenhuis-noordzee", "57", body)
		if status != c.status || len(statuses) != 0 || !strings.Contains(raw, "OperationOutcome") || !strings.Contains(raw, c.why) {
			t.Errorf("%s: status %d, entries %v: %s", name, status, statuses, raw)
		}
	}
}

func TestBodiesThatAreNotTaken(t *testing.T) {
	a := newApp(t, fullAt(t, nil))
	const realNumber = `"identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"123456782"}],"birthDate"`
	for name, c := range map[string]struct {
		service, body, kind string
		status              int
	}{
		"measurements where documents go": {"57", batch(sentPatient, sentWeight), "application/fhir+json", 400},
		"to a service that only gives":    {"48", batch(sentPatient, sentWeight), "application/fhir+json", 404},
		"another type":                    {"57", transactionOf(), "text/plain", 415},
		"another release":                 {"57", transactionOf(), "application/fhir+json; fhirVersion=4.0", 415},
		"an older type":                   {"57", transactionOf(), "application/json", 415},
		"no JSON":                         {"57", "{", "application/fhir+json", 400},
		"no XML":                          {"57", "<a", "application/fhir+xml", 400},
		"the number of somebody real":     {"57", transactionOf(strings.Replace(sentPatient, `"birthDate"`, realNumber, 1), sentLetter, sentFile), "application/fhir+json", 422},
	} {
		if status, _, raw := a.post("ziekenhuis-noordzee", c.service, c.body, "Content-Type", c.kind); status != c.status || strings.Contains(raw, "123456782") {
			t.Errorf("%s: status %d: %s", name, status, raw)
		}
	}
	for _, d := range a.net.Received() {
		if strings.Contains(string(d.Bundle), "123456782") {
			t.Error("the number of somebody real is kept")
		}
	}
}

func TestMeasurementsInXML(t *testing.T) {
	a := newApp(t, fullAt(t, nil))
	const body = `<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry><fullUrl value="urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e01"/>` +
		`<resource><Patient><meta><profile value="http://example.nl/profile"/></meta><name><text value="Anna"/></name></Patient></resource>` +
		`<request><method value="POST"/><url value="Patient"/></request></entry><entry><resource><Observation><status value="final"/></Observation></resource>` +
		`<request><method value="POST"/><url value="Observation"/></request></entry></Bundle>`
	status, statuses, _ := a.post("huisarts-delinde", "53", body, "Content-Type", "application/fhir+xml")
	if status != http.StatusOK || !cmp.Equal(statuses, []string{"201 Created", "422 Unprocessable Entity"}) {
		t.Errorf("status %d, entries %v", status, statuses)
	}
}

func TestACorrectionRequestIsAcknowledged(t *testing.T) {
	n := fullAt(t, func(c *mock.Config) {
		c.Corrections = "70"
		c.Providers[5].Services = append(c.Providers[5].Services, "70")
	})
	a := newApp(t, n)
	body := transactionOf(sentPatient, sentRequest, sentOrganization)
	status, statuses, raw := a.post("kliniek-zon&zee", "70", body, "Prefer", "return=representation", "Content-Type", "application/fhir+json; fhirVersion=4.0")
	if status != http.StatusOK || len(statuses) != 3 || !strings.Contains(raw, "Uw verzoek is ontvangen") || !strings.Contains(raw, `"severity":"information"`) {
		t.Errorf("status %d, entries %v: %s", status, statuses, raw)
	}
	if status, _, raw := a.post("kliniek-zon&zee", "70", body); status != http.StatusBadRequest || !strings.Contains(raw, "Prefer") {
		t.Errorf("nothing wanted back: status %d: %s", status, raw)
	}
	if status, _, _ := a.post("kliniek-zon&zee", "70", transactionOf(sentPatient, sentOrganization), "Prefer", "return=representation"); status != http.StatusBadRequest {
		t.Errorf("no request in it: status %d", status)
	}
	if answer := a.granted("kliniek-zon&zee", "70", "kliniek-zon&zee~70", mock.Visitor{Persona: "anna"}); answer["scope"] != "70" {
		t.Errorf("scope %v", answer["scope"])
	}
}

// task reads a task of Anna at the clinic.
func (a *app) task(id string) string {
	a.Helper()
	_, _, base := a.zal("kliniek-zon&zee", "59")
	res, raw := a.fhir(base, "Task/"+id)
	if res.StatusCode != http.StatusOK {
		a.Fatalf("task: status %d", res.StatusCode)
	}
	return string(raw)
}

func (a *app) put(id, body string) (int, string) {
	a.Helper()
	_, _, base := a.zal("kliniek-zon&zee", "59")
	res, raw := a.do(http.MethodPut, base+"/Task/"+id, body, http.Header{"Authorization": {"Bearer " + a.token}, "Content-Type": {"application/fhir+json; fhirVersion=3.0"}})
	return res.StatusCode, string(raw)
}

func status(task, to string) string {
	for _, from := range []string{"requested", "accepted"} {
		task = strings.Replace(task, `"status": "`+from+`"`, `"status": "`+to+`"`, 1)
	}
	return task
}

func TestATaskFromRequestedToCompleted(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	_, _, base := a.zal("kliniek-zon&zee", "59")
	count := func(status string) int {
		return a.search(base, "Task?code=http://loinc.org|74468-0&status="+status).Total
	}
	if count("requested") != 2 || count("accepted") != 0 {
		t.Fatalf("%d requested, %d accepted", count("requested"), count("accepted"))
	}
	if res, _ := a.fhir(base, "Questionnaire/zz-vragenlijst-1"); res.StatusCode != http.StatusOK {
		t.Errorf("the questionnaire: status %d", res.StatusCode)
	}
	if code, raw := a.put("zz-taak-1", status(a.task("zz-taak-1"), "accepted")); code != http.StatusOK {
		t.Fatalf("accepting: status %d: %s", code, raw)
	}
	if count("requested") != 1 || count("accepted") != 1 {
		t.Errorf("after accepting: %d requested, %d accepted", count("requested"), count("accepted"))
	}
	done := strings.Replace(status(a.task("zz-taak-1"), "completed"), `"intent":`,
		`"output":[{"type":{"text":"QuestionnaireResponse"},"valueReference":{"reference":"urn:uuid:3d2b2f0e-9c5f-4a69-8f54-5f3c2a0b1e09","display":"Antwoorden"}}],"intent":`, 1)
	body := transactionOf(sentPatient, `{"fullUrl":"`+base+`/Task/zz-taak-1","resource":`+done+`,"request":{"method":"PUT","url":"Task/zz-taak-1"}}`, sentAnswers)
	code, statuses, raw := a.post("kliniek-zon&zee", "60", body)
	if code != http.StatusOK || !cmp.Equal(statuses, []string{"201 Created", "200 OK", "201 Created"}) {
		t.Fatalf("completing: status %d, entries %v: %s", code, statuses, raw)
	}
	if count("completed") != 1 || !strings.Contains(a.task("zz-taak-1"), `"reference":"QuestionnaireResponse/`) {
		t.Error("the completed task does not lead to the answers")
	}
	n.Reset()
	if count("requested") != 2 {
		t.Error("a reset does not bring the tasks back")
	}
}

func TestOnlyTheStatusOfATaskMayChange(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	task := a.task("zz-taak-1")
	change := func(old, new string) string {
		changed := strings.Replace(status(task, "accepted"), old, new, 1)
		if changed == status(task, "accepted") && old != "" {
			t.Fatalf("%q is not in the task", old)
		}
		return changed
	}
	for name, c := range map[string]struct {
		id, body string
		status   int
	}{
		"too early to complete":     {"zz-taak-1", status(task, "completed"), 422},
		"no change at all":          {"zz-taak-1", task, 422},
		"a status that is none":     {"zz-taak-1", status(task, "klaar"), 422},
		"another owner":             {"zz-taak-1", change(`"owner"`, `"restriction"`), 422},
		"another profile":           {"zz-taak-1", change("vl-QuestionnaireProvisioningTask", "vl-Task"), 422},
		"another description":       {"zz-taak-1", change("Vul de vragenlijst in", "Iets anders"), 422},
		"output of an accepted one": {"zz-taak-1", change(`"intent":`, `"output":[{"type":{"text":"x"}}],"intent":`), 422},
		"another id":                {"zz-taak-2", change("", ""), 422},
		"a task that is not there":  {"onbekend", strings.Replace(task, "zz-taak-1", "onbekend", 1), 404},
		"no task":                   {"zz-taak-1", `{"resourceType":"Patient","id":"zz-taak-1"}`, 422},
		"no resource":               {"zz-taak-1", `{`, 422},
	} {
		n.Reset()
		if code, raw := a.put(c.id, c.body); code != c.status {
			t.Errorf("%s: status %d: %s", name, code, raw)
		}
	}
	_, _, gp := a.zal("huisarts-delinde", "49")
	res, _ := a.do(http.MethodPut, gp+"/Patient/delinde-anna", `{}`, http.Header{"Authorization": {"Bearer " + a.token}, "Content-Type": {"application/fhir+json"}})
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("an update of a patient: status %d", res.StatusCode)
	}
}

func TestATaskOfSomebodyElseIsNotThere(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	task := status(a.task("zz-taak-1"), "accepted")
	a.token = n.Personas[1].Token
	if code, _ := a.put("zz-taak-1", task); code != http.StatusNotFound {
		t.Errorf("status %d", code)
	}
}
