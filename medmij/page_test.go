package medmij

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

func TestDAT_08_OperationOutcomesAreNotData(t *testing.T) {
	outcome := `{"resourceType":"OperationOutcome","id":"o","issue":[{"severity":"warning","code":"informational"}]}`
	entry := func(mode string) string { return `{"search":{"mode":"` + mode + `"},"resource":` + outcome + `}` }
	for name, c := range map[string]struct {
		body    string
		outcome fhir.Outcome
		ids     string
	}{
		"only an OperationOutcome":   {bundle("", outcome), fhir.Empty, ""},
		"beside data":                {bundle("", resource("Observation", "a"), outcome), fhir.OK, "Observation/a"},
		"said to be a match":         {bundle("", outcome, resource("Observation", "a")), fhir.OK, "Observation/a"},
		"said to be an outcome":      {`{"resourceType":"Bundle","type":"searchset","entry":[` + entry("outcome") + `]}`, fhir.Empty, ""},
		"data said to be an outcome": {strings.Replace(bundle("", resource("Flag", "f")), `"match"`, `"outcome"`, 1), fhir.OK, "Flag/f"},
	} {
		got := fetchOne(t, newSetup(t, always(200, c.body)), grantFor("46"))
		if r := oneQuery(t, got); r.Outcome != c.outcome || strings.Join(got.ids, " ") != c.ids {
			t.Errorf("%s: %+v, %v", name, r, got.ids)
		}
	}
}

// F13: an OperationOutcome in the place of the Bundle says with its codes what
// is the matter. It is never "nothing found".
func TestAnOperationOutcomeWith200IsMapped(t *testing.T) {
	for code, want := range map[string]struct {
		outcome fhir.Outcome
		detail  string
	}{
		"forbidden": {fhir.NotGranted, CodeForbidden}, "suppressed": {fhir.NotGranted, CodeForbidden},
		"not-supported": {fhir.NotOffered, CodeNotOffered}, "not-found": {fhir.NotOffered, CodeNotOffered},
		"login": {fhir.Failed, CodeExpired}, "security": {fhir.Failed, CodeExpired}, "expired": {fhir.Failed, CodeExpired},
		"throttled": {fhir.Failed, CodeUnavailable}, "exception": {fhir.Failed, CodeUnavailable},
		"informational": {fhir.Failed, CodeBad}, "canary": {fhir.Failed, CodeBad}, "": {fhir.Failed, CodeBad},
	} {
		s := newSetup(t, always(200, strings.Replace(outcomeCanary, `"canary"`, `"`+code+`"`, 1)))
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Outcome != want.outcome || r.Detail != want.detail || len(got.ids) > 0 || len(s.net.requests()) != 1 {
			t.Errorf("%q: %+v after %d requests", code, r, len(s.net.requests()))
		}
		if strings.Contains(s.log.String(), "canary") {
			t.Errorf("%q: the server's words are in the log", code)
		}
	}
}

const xmlPage = `<?xml version="1.0" encoding="UTF-8"?><Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/><total value="2"/>
	%s<entry><fullUrl value="https://x.example.nl/Observation/%d"/><resource><Observation><id value="o%[2]d"/><status value="final"/>
	<valueQuantity><value value="5.0"/></valueQuantity></Observation></resource><search><mode value="match"/></search></entry></Bundle>`

// F15: some servers answer in XML whatever they are asked.
func TestAnAnswerInXMLIsRead(t *testing.T) {
	for kind, legacy := range map[string]bool{"application/fhir+xml": false, "application/fhir+xml; fhirVersion=3.0": false, "application/xml+fhir": true, "text/xml": true} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			if r.URL.Query().Get("page") == "2" {
				fmt.Fprintf(w, xmlPage, "", 2)
				return
			}
			fmt.Fprintf(w, xmlPage, `<link><relation value="next"/><url value="?page=2"/></link>`, 1)
		}), func(c *Config) { c.LegacyTypes = legacy })
		var raw []string
		var last *fhir.QueryResult
		for page, err := range s.Fetch(t.Context(), grantFor("46"))[0].Pages {
			if err != nil {
				t.Fatal(err)
			}
			for _, res := range page.Resources {
				raw = append(raw, string(res.Bytes()))
			}
			last = page.Result
		}
		want := []string{
			`{"resourceType":"Observation","id":"o1","status":"final","valueQuantity":{"value":5.0}}`,
			`{"resourceType":"Observation","id":"o2","status":"final","valueQuantity":{"value":5.0}}`,
		}
		if diff := cmp.Diff(want, raw); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		if last == nil || last.Outcome != fhir.OK || last.Detail != "" || last.Pages != 2 {
			t.Errorf("%s: %+v", kind, last)
		}
	}
}

func TestXMLThatCannotBeReadIsRefused(t *testing.T) {
	whole := fmt.Sprintf(xmlPage, "", 1)
	for name, content := range map[string]string{
		"cut off": whole[:len(whole)-30], "a page": "<html></html>", "JSON": bundle(""), "nothing": "",
		"entities": `<!DOCTYPE x [<!ENTITY a "b">]>` + whole, "another resource": `<Patient xmlns="http://hl7.org/fhir"/>`,
	} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/fhir+xml")
			fmt.Fprint(w, content)
		}))
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Outcome != fhir.Failed || r.Detail != CodeBad || len(got.ids) > 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// F16, F23, D05, D14: whatever stands in a Bundle is handed on. Who it is about
// and whether it can be used is judged where everything is at hand: the
// aggregator sets aside what is about another person (merge.md S15).
func TestNothingInABundleIsDropped(t *testing.T) {
	s := newSetup(t, always(200, bundle("",
		resource("Observation", "a"),
		`{"resourceType":"Patient","id":"other","name":[{"family":"Iemand-Anders"}],"birthDate":"1950-01-01"}`,
		`{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/other"}}`,
		`{"resourceType":"Observation","id":"a","status":"amended"}`,
		resource("Observation", "a"),
		`{"resourceType":"Nonsense","id":"n"}`, `{"id":"no-type"}`, `{"resourceType":"Flag"}`,
		`{"resourceType":"Flag","id":"`+strings.Repeat("x", 80)+`"}`,
		`{"resourceType":"Flag","id":"twice","id":"again"}`,
		`{"resourceType":"Flag","id":"deep","x":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`}`,
	)))
	got := fetchOne(t, s, grantFor("46"))
	if r := oneQuery(t, got); r.Outcome != fhir.OK || r.Resources != 11 || len(got.ids) != 11 {
		t.Errorf("%+v, %d given", r, len(got.ids))
	}
}

func TestTotalsThatDisagree(t *testing.T) {
	match, include := resource("Observation", "m"), resource("Specimen", "i")
	mixed := func(total int, matches, includes int) string {
		var entries []string
		for range matches {
			entries = append(entries, `{"resource":`+match+`,"search":{"mode":"match"}}`)
		}
		for range includes {
			entries = append(entries, `{"resource":`+include+`,"search":{"mode":"include"}}`)
		}
		return fmt.Sprintf(`{"resourceType":"Bundle","type":"searchset","total":%d,"entry":[%s]}`, total, strings.Join(entries, ","))
	}
	for _, c := range []struct {
		name    string
		body    string
		outcome fhir.Outcome
		detail  string
	}{
		{"as announced", mixed(2, 2, 0), fhir.OK, ""},
		{"matches only, as it should be", mixed(2, 2, 3), fhir.OK, ""},
		{"all that came", mixed(5, 2, 3), fhir.OK, ""},
		{"F19 fewer than announced", mixed(3, 1, 0), fhir.Failed, CodeIncomplete},
		{"F19 fewer, with what was included", mixed(9, 3, 2), fhir.Failed, CodeIncomplete},
		{"F19 perhaps fewer", mixed(4, 3, 2), fhir.OK, CodeTotal},
		{"F19 more than announced", mixed(1, 2, 0), fhir.OK, CodeTotal},
		{"none, and none came", mixed(0, 0, 0), fhir.Empty, ""},
		{"some, and none came", mixed(2, 0, 0), fhir.Failed, CodeIncomplete},
	} {
		got := fetchOne(t, newSetup(t, always(200, c.body)), grantFor("46"))
		if r := oneQuery(t, got); r.Outcome != c.outcome || r.Detail != c.detail {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

// F20: a self link without a parameter that was sent means that the provider
// did not use it. What came is the person's all the same.
func TestASelfLinkThatLacksAParameterIsAWarning(t *testing.T) {
	for name, c := range map[string]struct {
		self    string
		warning string
	}{
		"as asked":                  {apiBase + "/Observation?category=http://snomed.info/sct%7C49581000146104", ""},
		"encoded in another way":    {apiBase + "/Observation?category=http%3A%2F%2Fsnomed.info%2Fsct|49581000146104&_count=50", ""},
		"a value written otherwise": {apiBase + "/Observation?category=49581000146104", ""},
		"nothing used":              {apiBase + "/Observation", CodeUnfiltered},
		"something else used":       {apiBase + "/Observation?status=final", CodeUnfiltered},
		"no self link":              {"", ""},
		"one that cannot be read":   {"http://%zz", ""},
	} {
		page := strings.Replace(bundle("", resource("Observation", "a")), `"link":[]`, `"link":[{"relation":"self","url":"`+c.self+`"}]`, 1)
		got := fetchOne(t, newSetup(t, always(200, page)), grantFor("46"))
		if r := oneQuery(t, got); r.Outcome != fhir.OK || r.Detail != c.warning || len(got.ids) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// Whatever a server sends as a page, reading it ends, with a page or an error
// that holds nothing of it.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		bundle("?page=2", resource("Observation", "a")), outcomeCanary, `{"resourceType":"Bundle","type":"searchset","total":1e9,"entry":{}}`,
		`{"entry":[{"resource":null},{},null,1],"resourceType":"Bundle","type":"searchset"}`, "", "[", `{"resourceType":"Bundle"}{`,
		fmt.Sprintf(xmlPage, "", 1), "<Bundle xmlns=\"http://hl7.org/fhir\"><entry/></Bundle>",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, content string, inXML bool) {
		kind := jsonFHIR
		if inXML {
			kind = xmlType
		}
		got, err := readPage(kind, strings.NewReader(content), fhir.STU3, 20)
		switch {
		case err != nil && len(got.resources) > 0:
			t.Fatal("resources beside an error")
		case err != nil && len(content) > 12 && strings.Contains(err.Error(), content):
			t.Fatalf("the error holds the content: %v", err)
		case len(got.resources) > 20 || got.matches > len(got.resources) || got.all < len(got.resources):
			t.Fatalf("counts that cannot be: %+v", got.counts)
		}
		for _, res := range got.resources {
			if res.Type == "OperationOutcome" && res.Flaw == "" {
				t.Fatal("an OperationOutcome is given as data")
			}
		}
		if _, err := url.Parse(got.self); err == nil {
			ignored(&url.URL{RawQuery: "a=b"}, got.self)
		}
	})
}
