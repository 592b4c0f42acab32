package mock_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// bare sends a request without the ids that the app adds.
func (a *app) bare(method, address, body string, h http.Header) (int, string) {
	a.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		a.Fatal(err)
	}
	req.Header = h
	res, err := a.http.Do(req)
	if err != nil {
		a.Fatal(err)
	}
	defer res.Body.Close()
	text := new(bytes.Buffer)
	if _, err := text.ReadFrom(res.Body); err != nil {
		a.Fatal(err)
	}
	return res.StatusCode, text.String()
}

func TestStrictAndLenientTokenRequests(t *testing.T) {
	const formType, jsonType = "application/x-www-form-urlencoded", "application/json"
	for name, c := range map[string]struct {
		inURL, json, ids, clientID bool
		strict, lenient            int
	}{
		"as it should be":           {ids: true, clientID: true, strict: 200, lenient: 200},
		"without ids":               {clientID: true, strict: 400, lenient: 200},
		"without client_id":         {ids: true, strict: 401, lenient: 200},
		"parameters in the address": {inURL: true, ids: true, clientID: true, strict: 400, lenient: 200},
		"JSON":                      {json: true, ids: true, clientID: true, strict: 400, lenient: 400},
	} {
		for lenient, want := range map[bool]int{false: c.strict, true: c.lenient} {
			a := newApp(t, start(t, mock.Config{Lenient: lenient}))
			_, token, _ := a.zal("huisarts-delinde", "49")
			form, h := tokenForm(a.code(mock.Visitor{})), http.Header{"Content-Type": {formType}}
			if !c.clientID {
				form.Del("client_id")
			}
			if c.ids {
				trace(h)
			}
			body := form.Encode()
			if c.inURL {
				token, body = token+"?"+body, ""
				h.Del("Content-Type")
			}
			if c.json {
				body = `{"grant_type":"authorization_code","code":"` + form.Get("code") + `"}`
				h.Set("Content-Type", jsonType)
			}
			if status, text := a.bare(http.MethodPost, token, body, h); status != want {
				t.Errorf("%s, lenient %t: status %d, want %d: %s", name, lenient, status, want, text)
			}
		}
	}
}

func TestStrictAndLenientAuthorization(t *testing.T) {
	for lenient, want := range map[bool]string{false: "invalid_request", true: ""} {
		a := newApp(t, start(t, mock.Config{Lenient: lenient}))
		back := a.login(a.authorizeURL("huisarts-delinde", "MedMij-Request-ID", "", "X-Correlation-ID", ""), mock.Visitor{Persona: "anna"})
		if back.Get("error") != want {
			t.Errorf("lenient %t: error %q", lenient, back.Get("error"))
		}
	}
}

func TestTracingIDsOfRecordRequests(t *testing.T) {
	for lenient, want := range map[bool]int{false: http.StatusBadRequest, true: http.StatusOK} {
		a := newApp(t, start(t, mock.Config{Lenient: lenient}))
		_, _, base := a.zal("huisarts-delinde", "49")
		fixed := a.token
		if status, _ := a.bare(http.MethodGet, base+"/Patient", "", http.Header{"Authorization": {"Bearer " + fixed}}); status != http.StatusOK {
			t.Errorf("a fixed token asks for ids: status %d", status)
		}
		a.granted("huisarts-delinde", "49", "huisarts-delinde", mock.Visitor{Persona: "anna"})
		if status, _ := a.bare(http.MethodGet, base+"/Patient", "", http.Header{"Authorization": {"Bearer " + a.token}}); status != want {
			t.Errorf("lenient %t: status %d, want %d", lenient, status, want)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	for lenient, old := range map[bool]int{false: http.StatusNotAcceptable, true: http.StatusOK} {
		a := newApp(t, start(t, mock.Config{Lenient: lenient}))
		_, _, base := a.zal("ziekenhuis-noordzee", "51")
		for _, c := range []struct {
			path, accept, kind string
			status             int
		}{
			{"DocumentReference?status=current", "", "application/fhir+json", 200},
			{"DocumentReference?status=current", "*/*", "application/fhir+json", 200},
			{"DocumentReference?status=current", "application/fhir+xml", "application/fhir+xml", 200},
			{"DocumentReference?status=current", "application/fhir+xml;q=0.3, application/fhir+json", "application/fhir+json", 200},
			{"DocumentReference?status=current", "application/fhir+json;q=0", "application/fhir+json", 406},
			{"DocumentReference?status=current", "text/html", "application/fhir+json", 406},
			{"DocumentReference?status=current", "application/json", "application/fhir+json", old},
			{"DocumentReference?status=current", "application/json+fhir", "application/fhir+json", old},
			{"DocumentReference?status=current", "application/fhir+json; fhirVersion=4.0", "application/fhir+json", 400},
			{"Binary/nz-bin-1", "application/pdf", "application/pdf", 200},
			{"Binary/nz-bin-1", "*/*", "application/pdf", 200},
			{"Binary/nz-bin-1", "image/png", "application/fhir+json", 406},
			{"Binary/nz-bin-1", "application/fhir+xml; fhirVersion=3.0", "application/fhir+xml", 200},
		} {
			h := http.Header{"Authorization": {"Bearer " + a.token}}
			if c.accept != "" {
				h.Set("Accept", c.accept)
			}
			res, _ := a.get(base+"/"+c.path, h)
			if kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";"); res.StatusCode != c.status || kind != c.kind {
				t.Errorf("lenient %t, %s as %q: status %d, type %s", lenient, c.path, c.accept, res.StatusCode, kind)
			}
		}
	}
}

func TestEveryAnswerSaysThatThisIsAMock(t *testing.T) {
	n := fullAt(t, nil)
	a := newApp(t, n)
	authorize, token, base := a.zal("huisarts-delinde", "49")
	authorize2, token2, base2 := a.zal("ziekenhuis-noordzee", "52")
	root, _ := url.Parse(authorize)
	root.Path = "/favicon.ico"
	for _, address := range []string{
		n.ListsURL + "MedMij_Whitelist.xml", n.ListsURL + "none", n.AddressBookURL, n.AdminURL + "/admin/requests", authorize, root.String(),
		authorize2, token, token2, base + "/Patient", base + "/Nonsense", base2 + "/Observation", strings.TrimSuffix(base, "/fhir"),
	} {
		if res, _ := a.get(address, nil); res.Header.Get("X-Mock-Server") != "true" {
			t.Errorf("%s: X-Mock-Server is %q", address, res.Header.Get("X-Mock-Server"))
		}
	}
}
