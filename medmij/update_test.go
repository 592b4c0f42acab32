package medmij

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

const aTask = `{ "resourceType":"Task","id":"t1", "meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/vl-QuestionnaireProvisioningTask"]},
	"status" : "requested" ,"x":5.0,"owner":{"reference":"Patient/p"},"unknown":{"status":"kept"},
	"input":[{"type":{"text":"Questionnaire"},"valueReference":{"reference":"Questionnaire/q1"}}]}`

func TestAQuestionnaireIsReadAndItsTaskAccepted(t *testing.T) {
	var put string
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut:
			put = r.URL.Path
			serveFHIR(w, 200, strings.Replace(aTask, "requested", "accepted", 1))
		case r.URL.Path == "/fhir/Questionnaire/q1":
			serveFHIR(w, 200, resource("Questionnaire", "q1"))
		default:
			serveFHIR(w, 200, bundle("", aTask))
		}
	}))
	g := grantFor("59")
	var task fhir.Resource
	var came []string
	for page, err := range s.Fetch(t.Context(), g)[0].Pages {
		if err != nil {
			t.Fatal(err)
		}
		for _, res := range page.Resources {
			came = append(came, res.String())
			if res.Type == "Task" {
				task = res
			}
		}
	}
	if strings.Join(came, " ") != "Task/t1 Questionnaire/q1" {
		t.Fatalf("collected %v", came)
	}
	accepted, err := WithStatus(task, "accepted")
	if err != nil {
		t.Fatal(err)
	}
	updated, err := s.Update(t.Context(), g, "59", accepted)
	if err != nil || updated.Node().Str("status") != "accepted" || put != "/fhir/Task/t1" {
		t.Fatalf("%s at %s, %v", updated, put, err)
	}
	sent := s.net.requests()[len(s.net.requests())-1]
	// The Bundle of this test was written without the spaces of aTask.
	want := strings.Replace(string(task.Bytes()), `"requested"`, `"accepted"`, 1)
	if sent.body != want || sent.header("Content-Type") != "application/fhir+json; fhirVersion=3.0" ||
		sent.header("Authorization") != "Bearer access-canary-1" || !uuid4.MatchString(sent.header("MedMij-Request-ID")) {
		t.Errorf("sent %s", sent.body)
	}
	for _, e := range s.events {
		if e.Request != nil && e.Request.Method == http.MethodPut && e.Request.URI != apiBase+"/Task/..." {
			t.Errorf("LOG-03: logged as %s", e.Request.URI)
		}
	}
}

func TestWithStatusChangesNothingElse(t *testing.T) {
	changed, err := WithStatus(fhir.Parse([]byte(aTask), fhir.STU3), "in-progress")
	if err != nil || string(changed.Bytes()) != strings.Replace(aTask, `"requested"`, `"in-progress"`, 1) {
		t.Errorf("%s, %v", changed.Bytes(), err)
	}
	for name, c := range map[string]struct{ raw, status string }{
		"no status": {`{"resourceType":"Task","id":"t","x":{"status":"a"}}`, "accepted"}, "not readable": {`{"resourceType":"Task"`, "accepted"},
		"no code": {aTask, `x","y":"z`}, "nothing": {aTask, ""}, "twice": {`{"resourceType":"Task","status":"a","status":"b"}`, "accepted"},
	} {
		if got, err := WithStatus(fhir.Parse([]byte(c.raw), fhir.STU3), c.status); err == nil {
			t.Errorf("%s: %s", name, got.Bytes())
		}
	}
}

func TestDEL_05_AnUpdateIsNotRepeated(t *testing.T) {
	task := fhir.Parse([]byte(aTask), fhir.STU3)
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		good    bool
		unknown bool
		code    string
	}{
		{"taken, with the resource", always(200, aTask), true, false, ""},
		{"made", always(201, ""), true, false, ""},
		{"taken, and no more said", always(204, ""), true, false, ""},
		{"taken, in words", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }, true, false, ""},
		{"taken, with another resource", always(200, resource("Patient", "p")), true, false, ""},
		{"refused", always(422, ""), false, false, "P-422"},
		{"401", always(401, ""), false, false, CodeExpired},
		{"gone", always(410, ""), false, false, CodeNotOffered},
		{"broken", always(500, ""), false, true, CodeUnavailable},
		{"busy", always(503, ""), false, true, CodeUnavailable},
	} {
		s := newSetup(t, c.handler)
		got, err := s.Update(t.Context(), grantFor("59"), "59", task)
		if (err == nil) != c.good || errors.Is(err, ErrUnknownOutcome) != c.unknown || err != nil && codeOf(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.good && string(got.Bytes()) != aTask {
			t.Errorf("%s: got %s", c.name, got.Bytes())
		}
		if n := len(s.net.requests()); n != 1 {
			t.Errorf("%s: sent %d times", c.name, n)
		}
	}
}

func TestAnUpdateRenewsATokenThatEnded(t *testing.T) {
	refresh, calls := rotating()
	s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			refresh.ServeHTTP(w, r)
			return
		}
		serveFHIR(w, 204, "")
	}))
	g := grantFor("59")
	g.Expiry = time.Now().Add(-time.Hour)
	if _, err := s.Update(t.Context(), g, "59", fhir.Parse([]byte(aTask), fhir.STU3)); err != nil || calls.Load() != 1 {
		t.Errorf("%v after %d refreshes", err, calls.Load())
	}
	g.RefreshToken = ""
	s = newSetup(t, always(204, ""))
	if _, err := s.Update(t.Context(), g, "59", fhir.Parse([]byte(aTask), fhir.STU3)); !errors.Is(err, ErrConsentEnded) || len(s.net.requests()) != 0 {
		t.Errorf("without a refresh token: %v", err)
	}
}

func TestWhatIsNotPutBack(t *testing.T) {
	parse := func(raw string) fhir.Resource { return fhir.Parse([]byte(raw), fhir.STU3) }
	sharing := grantFor("59")
	sharing.Purpose = Share
	for name, c := range map[string]struct {
		g       *Grant
		service string
		res     fhir.Resource
	}{
		"another type":               {grantFor("59"), "59", parse(resource("Patient", "p"))},
		"another service":            {grantFor("59"), "48", parse(aTask)},
		"a service not granted":      {grantFor("48"), "59", parse(aTask)},
		"a grant to send with":       {sharing, "59", parse(aTask)},
		"no id":                      {grantFor("59"), "59", parse(`{"resourceType":"Task","status":"requested"}`)},
		"an id that is a path":       {grantFor("59"), "59", parse(`{"resourceType":"Task","id":"../x"}`)},
		"not readable":               {grantFor("59"), "59", parse(`{"resourceType":"Task","id":"x","id":"y"}`)},
		"another release":            {grantFor("59"), "59", fhir.Parse([]byte(aTask), fhir.R4)},
		"a citizen service number":   {grantFor("59"), "59", parse(strings.Replace(aTask, `"x":5.0`, `"identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"}]`, 1))},
		"a resource that is nothing": {grantFor("59"), "59", fhir.Resource{}},
	} {
		s := newSetup(t, always(200, ""))
		if _, err := s.Update(t.Context(), c.g, c.service, c.res); err == nil || len(s.net.requests()) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
