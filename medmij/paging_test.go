package medmij

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

// pagesOf serves a query in n pages and hands out the link that next makes.
func pagesOf(n int, next func(page int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		link := ""
		if page+1 < n {
			link = next(page + 1)
		}
		serveFHIR(w, 200, bundle(link, resource("Observation", fmt.Sprint("o", page))))
	}
}

func TestRSC_09_PagesAreFollowedToTheEnd(t *testing.T) {
	for name, next := range map[string]func(int) string{
		"absolute":      func(p int) string { return fmt.Sprintf("%s/Observation?page=%d", apiBase, p) },
		"with the port": func(p int) string { return fmt.Sprintf("https://%s:443/fhir/Observation?page=%d", apiHost, p) },
		"relative":      func(p int) string { return fmt.Sprintf("?page=%d", p) },
		"from the root": func(p int) string { return fmt.Sprintf("/pages?page=%d", p) },
	} {
		s := newSetup(t, pagesOf(5, next))
		got := fetchOne(t, s, grantFor("46"))
		want := fhir.QueryResult{Query: oneQuery(t, got).Query, Outcome: fhir.OK, Resources: 5, Pages: 5}
		if diff := cmp.Diff(want, oneQuery(t, got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if strings.Join(got.ids, " ") != "Observation/o0 Observation/o1 Observation/o2 Observation/o3 Observation/o4" {
			t.Errorf("%s: %v", name, got.ids)
		}
		ids := map[string]bool{}
		for _, r := range s.net.requests() {
			ids[r.header("MedMij-Request-ID")] = true
		}
		if len(ids) != 5 {
			t.Errorf("%s: RSC-02: pages share a request id", name)
		}
	}
}

func TestRSC_09_LoopsAndEndlessPagesStop(t *testing.T) {
	t.Run("loop", func(t *testing.T) {
		s := newSetup(t, pagesOf(1000, func(int) string { return "?page=1" }))
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Outcome != fhir.Failed || r.Detail != CodeIncomplete || r.Resources != 2 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("endless", func(t *testing.T) {
		s := newSetup(t, pagesOf(1000, func(p int) string { return fmt.Sprint("?page=", p) }))
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Detail != CodeIncomplete || r.Pages != 200 || len(got.ids) != 200 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("too many resources", func(t *testing.T) {
		s := newSetup(t, pagesOf(1000, func(p int) string { return fmt.Sprint("?page=", p) }),
			func(c *Config) { c.Limits.Resources = 10 })
		got := fetchOne(t, s, grantFor("46"))
		if r := oneQuery(t, got); r.Detail != CodeIncomplete || len(got.ids) != 10 {
			t.Errorf("%+v, %d given", r, len(got.ids))
		}
	})
	t.Run("too slow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			inner := pagesOf(1000, func(p int) string { return fmt.Sprint("?page=", p) })
			s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				pause(r, 55*time.Second)
				inner(w, r)
			}))
			got := fetchOne(t, s, grantFor("46"))
			if r := oneQuery(t, got); r.Outcome != fhir.Failed || r.Detail != CodeTimeout || r.Pages != 10 || len(s.net.requests()) != 11 {
				t.Errorf("%+v after %d requests", r, len(s.net.requests()))
			}
		})
	})
}

// The first defect of the peers: the token goes wherever a "next" link points.
func TestRSC_10_TheTokenNeverFollowsANextLinkToAnotherHost(t *testing.T) {
	for name, next := range map[string]string{
		"another host":             "https://evil.example.nl/fhir?page=1",
		"another host, listed":     "https://" + loginHost + "/fhir?page=1",
		"another port":             "https://" + apiHost + ":8443/fhir?page=1",
		"plain http":               "http://" + apiHost + "/fhir?page=1",
		"no scheme":                "//evil.example.nl/fhir?page=1",
		"a user":                   "https://" + apiHost + "@evil.example.nl/?page=1",
		"a user at the right host": "https://x@" + apiHost + "/fhir?page=1",
		"a host that starts alike": "https://" + apiHost + ".evil.example.nl/?page=1",
		"a file":                   "file:///etc/passwd",
		"nonsense":                 "https://%zz",
	} {
		s := newSetup(t, pagesOf(2, func(int) string { return next }))
		s.net.hosts["evil.example.nl"] = true // even if somebody put it on the Whitelist
		got := fetchOne(t, s, grantFor("46"))
		if n := len(s.net.requests()); n != 1 {
			t.Errorf("%s: %d requests", name, n)
		}
		if r := oneQuery(t, got); r.Outcome != fhir.Failed || r.Detail != CodeTrust || len(got.ids) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// The second defect: success is reported although the second page failed.
func TestDAT_04_AFailingPageMakesTheQueryFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := pagesOf(3, func(p int) string { return fmt.Sprint("?page=", p) })
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("page") == "1" {
				w.WriteHeader(500)
				return
			}
			inner(w, r)
		}))
		got := fetchOne(t, s, grantFor("46"))
		want := fhir.QueryResult{Query: oneQuery(t, got).Query, Outcome: fhir.Failed, Resources: 1, Pages: 1, Detail: CodeUnavailable}
		if diff := cmp.Diff(want, oneQuery(t, got)); diff != "" {
			t.Error(diff)
		}
		if len(got.ids) != 1 {
			t.Errorf("the first page is lost: %v", got.ids)
		}
	})
}

// F18: also when the page that fails is said not to exist, or not to be for us.
// What came stays, and a further page of $lastn does not begin anew.
func TestDAT_04_HalfAnAnswerIsNeverCalledAbsent(t *testing.T) {
	for status, code := range map[int]string{400: "P-400", 403: CodeForbidden, 404: CodeNotOffered, 410: CodeNotOffered} {
		s := newSetup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("page") != "" {
				w.WriteHeader(status)
				return
			}
			serveFHIR(w, 200, bundle("?page=1", resource("Observation", "a")))
		}))
		sources, err := s.Ask(t.Context(), grantFor("52"), Ask{Service: "52", Codes: []string{"a|b"}, Latest: true})
		if err != nil {
			t.Fatal(err)
		}
		got := collect(t, sources[0])
		want := fhir.QueryResult{Query: "Observation/$lastn?code=a|b", Outcome: fhir.Failed, Resources: 1, Pages: 1, Detail: code}
		if diff := cmp.Diff(want, oneQuery(t, got)); diff != "" || len(s.net.requests()) != 2 {
			t.Errorf("%d: %d requests, %s", status, len(s.net.requests()), diff)
		}
	}
}

func FuzzNextLink(f *testing.F) {
	for _, seed := range []string{"?page=2", "https://evil.example.nl/", "//x", "https://" + apiHost + "/a", "http:" + apiHost, "\x00", "a/../../b"} {
		f.Add(seed)
	}
	base, err := url.Parse(apiBase)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, link string) {
		p := paging{origin: apiBase, limit: 3}
		at, err := p.first("Observation")
		if err != nil {
			t.Fatal(err)
		}
		next, err := p.next(at, link)
		if err != nil {
			return
		}
		if !sameOrigin(base, next) || next.String() == at.String() {
			t.Fatalf("%q leads to %s", link, next)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, next.String(), nil)
		if err == nil && req.URL.Host != base.Host && req.URL.Host != apiHost+":443" && !strings.EqualFold(req.URL.Host, apiHost) && !strings.EqualFold(req.URL.Host, apiHost+":443") {
			t.Fatalf("%q is sent to %s", link, req.URL.Host)
		}
	})
}
