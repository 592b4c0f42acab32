package medmij

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

const pdfBase = "https://" + apiHost + "/pdf"

// documents is a provider whose finding and fetching roles have two bases.
func documents() *Grant {
	g := grantFor("51")
	g.Services[0].Roles = []Role{{Code: "MM-3.0-PLB-FHIR", Base: apiBase}, {Code: "MM-3.0-PDB-FHIR", Base: pdfBase}}
	g.RefreshToken = ""
	return g
}

func document(id, attachment string) string {
	return fmt.Sprintf(`{"resourceType":"DocumentReference","id":%q,"content":[{"attachment":%s}]}`, id, attachment)
}

func TestRSC_06_AttachmentsAreReadAtTheFetchRole(t *testing.T) {
	var asked []string
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fhir/DocumentManifest":
			serveFHIR(w, 200, bundle("", `{"resourceType":"DocumentManifest","id":"m","content":[
				{"pReference":{"reference":"DocumentReference/d1"}},{"pReference":{"reference":"DocumentReference/d9"}}]}`))
		case "/fhir/DocumentReference":
			serveFHIR(w, 200, bundle("", document("d1", `{"url":"Binary/b1"}`),
				document("d2", fmt.Sprintf(`{"url":"%s/Binary/b2"}`, pdfBase)), document("d3", `{"url":"Binary/b1"}`),
				document("d4", `{"url":"Binary/inline","data":"eA=="}`), document("d5", `{"url":"/files/7"}`)))
		case "/fhir/DocumentReference/d9":
			serveFHIR(w, 200, document("d9", `{"url":"Binary/b9"}`))
		case "/pdf/Binary/b2", "/files/7":
			w.Header().Set("Content-Type", "application/pdf")
			fmt.Fprint(w, "%PDF-1.7 of "+r.URL.Path)
		default:
			serveFHIR(w, 200, `{"resourceType":"Binary","id":"`+r.URL.Path[len("/pdf/Binary/"):]+`","content":"eA=="}`)
		}
	}))
	got := fetchOne(t, s, documents())
	for _, r := range s.net.requests() {
		asked = append(asked, r.URL.Path)
		if r.header("Authorization") == "" || r.header("MedMij-Request-ID") == "" {
			t.Error("a read without token or id")
		}
	}
	for _, want := range []string{"Binary/b1", "Binary/b2", "Binary/b9", "Binary/7", "DocumentReference/d9"} {
		if n := strings.Count(strings.Join(got.ids, " ")+" ", want+" "); n != 1 {
			t.Errorf("%s was given %d times", want, n)
		}
	}
	if r := got.results["Binary"]; r.Outcome != fhir.OK || r.Resources != 4 || len(asked) != 7 {
		t.Errorf("%+v, asked %v", r, asked)
	}
	if r := got.results["DocumentReference"]; r.Outcome != fhir.OK || r.Resources != 1 {
		t.Errorf("%+v", r)
	}
}

func TestARawFileIsWrappedInTheReleaseOfTheService(t *testing.T) {
	pdf := []byte("%PDF-1.7\nthe rest")
	for v, member := range map[fhir.Version]string{fhir.STU3: "content", fhir.R4: "data"} {
		raw, err := wrapBinary("application/pdf", pdf, "b-1", v)
		if err != nil {
			t.Fatal(err)
		}
		n := fhir.Parse(raw, v)
		back, err := base64.StdEncoding.DecodeString(n.Node().Str(member))
		if err != nil || string(back) != string(pdf) || n.String() != "Binary/b-1" || n.Node().Str("contentType") != "application/pdf" {
			t.Errorf("%v: %s, %v", v, n, err)
		}
	}
	for name, c := range map[string]struct{ kind, content string }{
		"a page as PDF": {"application/pdf", "<html>"}, "a page as PNG": {"image/png", "<html>"}, "nothing": {"image/jpeg", ""},
	} {
		if _, err := wrapBinary(c.kind, []byte(c.content), "b", fhir.R4); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if raw, err := wrapBinary("application/pdf", pdf, "../../x", fhir.R4); err != nil || strings.Contains(string(raw), "..") {
		t.Errorf("an id that is none is kept: %v", err)
	}
}

func TestRSC_15_DocumentsThatAreNotThere(t *testing.T) {
	for _, c := range []struct {
		name    string
		status  int
		body    string
		outcome fhir.Outcome
		detail  string
	}{
		{"404", 404, "", fhir.NotOffered, CodeNotOffered},
		{"410", 410, "", fhir.NotOffered, CodeNotOffered},
		{"403", 403, "", fhir.NotGranted, CodeForbidden},
		{"400", 400, "", fhir.Failed, "P-400"},
		{"another type", 200, resource("Patient", "p"), fhir.Failed, CodeBad},
	} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.Contains(r.URL.Path, "Binary"):
				serveFHIR(w, c.status, c.body)
			case r.URL.Path == "/fhir/DocumentReference":
				serveFHIR(w, 200, bundle("", document("d", `{"url":"Binary/gone"}`)))
			default:
				serveFHIR(w, 404, "")
			}
		}))
		got := fetchOne(t, s, documents())
		if r := got.results["Binary"]; r.Outcome != c.outcome || r.Detail != c.detail {
			t.Errorf("%s: %+v", c.name, r)
		}
		if len(got.ids) != 1 || got.ids[0] != "DocumentReference/d" {
			t.Errorf("%s: the description is lost: %v", c.name, got.ids)
		}
	}
}

func TestRSC_10_AttachmentsElsewhereGetNoToken(t *testing.T) {
	for _, address := range []string{
		"https://evil.example.nl/Binary/1", "https://" + loginHost + "/Binary/1", "http://" + apiHost + "/Binary/1",
		"//evil.example.nl/x", "https://" + apiHost + ":444/x", "../../../admin", "file:///etc/passwd", "https://169.254.169.254/x",
	} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			serveFHIR(w, 200, bundle("", document("d", `{"url":"`+address+`"}`)))
		}))
		got := fetchOne(t, s, documents())
		if n := len(s.net.requests()); n != 2 {
			t.Errorf("%s: %d requests, want the two queries", address, n)
		}
		if r := got.results["Binary"]; r.Outcome != fhir.Failed || r.Detail != CodeTrust {
			t.Errorf("%s: %+v", address, r)
		}
	}
}

func TestWithoutAttachmentsThereIsNoSuchQuery(t *testing.T) {
	s := newSetup(t, always(200, bundle("", document("d", `{"url":"urn:uuid:5","data":""}`), document("e", `{"data":"eA=="}`))))
	got := fetchOne(t, s, documents())
	if _, there := got.results["Binary"]; there || len(got.results) != 2 {
		t.Errorf("%+v", got.results)
	}
}

func TestAMissingProductIsReadOnce(t *testing.T) {
	request := func(id, ref string) string {
		return fmt.Sprintf(`{"resourceType":"MedicationRequest","id":%q,"medicationReference":{"reference":%q}}`, id, ref)
	}
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/fhir/Medication/"):
			serveFHIR(w, 200, resource("Medication", r.URL.Path[len("/fhir/Medication/"):]))
		case r.URL.Path == "/fhir/MedicationRequest":
			serveFHIR(w, 200, bundle("", request("1", "Medication/there"), resource("Medication", "there"),
				request("2", "Medication/missing"), request("3", apiBase+"/Medication/missing/_history/2"),
				request("4", "#contained"), request("5", "urn:uuid:5"), request("6", "https://evil.example.nl/fhir/Medication/x"),
				request("7", "Medication/a?b=c")))
		default:
			serveFHIR(w, 200, bundle(""))
		}
	}))
	got := fetchOne(t, s, grantFor("31"))
	var read []string
	for _, r := range s.net.requests() {
		if strings.Contains(r.URL.Path, "/Medication/") {
			read = append(read, r.URL.Path)
		}
	}
	if len(read) != 1 || read[0] != "/fhir/Medication/missing" {
		t.Errorf("read %v", read)
	}
	if r := got.results["Medication"]; r.Outcome != fhir.OK || r.Resources != 1 {
		t.Errorf("%+v", r)
	}
}

func TestTheProductOfAVaccinationIsRead(t *testing.T) {
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json; fhirVersion=4.0")
		if r.URL.Path == "/fhir/Medication/m" {
			fmt.Fprint(w, resource("Medication", "m"))
			return
		}
		fmt.Fprint(w, bundle("", `{"resourceType":"Immunization","id":"i","extension":[{"url":"x","valueReference":{"reference":"Medication/m"}}]}`))
	}))
	got := fetchOne(t, s, grantFor("66"))
	if r := got.results["Medication"]; r.Outcome != fhir.OK || len(got.ids) != 2 {
		t.Errorf("%+v %v", r, got.ids)
	}
}
