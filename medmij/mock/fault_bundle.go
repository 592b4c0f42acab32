package mock

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"
)

// bundle is a searchset taken apart.
type bundle struct {
	top     object
	entries []object
}

func readBundle(body []byte) (*bundle, bool) {
	top, ok := readObject(body)
	if !ok || top.text("resourceType") != "Bundle" {
		return nil, false
	}
	b := &bundle{top: top}
	for _, raw := range top.list("entry") {
		if e, ok := readObject(raw); ok {
			b.entries = append(b.entries, e)
		}
	}
	return b, true
}

func (b *bundle) raw() []byte {
	if b.entries != nil {
		b.top.set("entry", b.entries) // also when none are left
	}
	return b.top.raw()
}

// count keeps the total right when entries come or go.
func (b *bundle) count(more int) {
	if total, err := strconv.Atoi(string(b.top.get("total"))); err == nil {
		b.top.set("total", total+more)
	}
}

func mode(entry object) string {
	search, _ := readObject(entry.get("search"))
	return search.text("mode")
}

// change edits matches of a type (any type when empty) until one is done.
func (b *bundle) change(typ string, edit func(*object) bool) {
	for i := range b.entries {
		res, ok := readObject(b.entries[i].get("resource"))
		if !ok || mode(b.entries[i]) == "outcome" || mode(b.entries[i]) == "include" || typ != "" && res.text("resourceType") != typ {
			continue
		}
		if edit(&res) {
			b.entries[i].set("resource", res.raw())
			return
		}
	}
}

// changeFirst edits the first resource of an answer, whether it is a Bundle or
// the resource itself.
func changeFirst(body []byte, typ string, edit func(*object) bool) []byte {
	if b, ok := readBundle(body); ok {
		b.change(typ, edit)
		return b.raw()
	}
	res, ok := readObject(body)
	if ok && (typ == "" || res.text("resourceType") == typ) && edit(&res) {
		return res.raw()
	}
	return body
}

// onBundle makes a kind of a change to a searchset.
func onBundle(edit func(*Network, Fault, *http.Request, *bundle)) func(*Network, Fault, http.Handler) http.Handler {
	return editing(func(n *Network, f Fault, r *http.Request, a *answer) {
		if b, ok := readBundle(a.body); ok {
			edit(n, f, r, b)
			a.body = b.raw()
		}
	})
}

func bundleFaults() map[string]faultKind {
	return map[string]faultKind{
		"next": {
			does: "gives a next link to a host that is not on the Whitelist (evil), another provider's host (otherhost), plain http, itself (loop), " +
				"ever new pages (endless), or the right one as a relative address",
			at: "resource", fields: []string{"next"}, check: checkNext, wrap: faultNext(),
		},
		"total": {does: "says there is more, or less, than it gives", at: "resource", values: []string{"more", "fewer"}, wrap: onBundle(faultTotal)},
		"self":  {does: "gives no self link", at: "resource", wrap: onBundle(faultSelf)},
		"ignore-parameters": {
			does: "ignores what was asked, and says so in the self link: everything of the type comes", at: "resource", wrap: faultIgnore,
		},
		"no-operation": {does: "does not know operations such as $lastn", at: "resource", wrap: faultNoOperation},
		"no-include":   {does: "leaves out what was asked to come along", at: "resource", wrap: onBundle(faultNoInclude)},
		"duplicate": {
			does: "gives the first resource twice: the same under one fullUrl, or one id with other content",
			at:   "resource", values: []string{"same", "content"}, wrap: onBundle(faultDuplicate),
		},
		"other": {
			does: "gives a resource of a type nobody asked for, or one that is about somebody else",
			at:   "resource", values: []string{"type", "patient"}, wrap: onBundle(faultOther),
		},
		"vanish": {does: "leaves the first resource out, as if it were not there any more", at: "resource", wrap: onBundle(faultVanish)},
		"batch": {
			does: "answers a batch with one entry refused, with fewer entries than were sent, or without saying where things are now",
			at:   "resource", values: []string{"partly", "fewer", "no-location"}, wrap: onBundle(faultBatch),
		},
	}
}

func checkNext(f Fault) error {
	known := []string{"evil", "otherhost", "http", "loop", "endless", "relative"}
	if !slices.Contains(known, f.Next) {
		return wrongFault("next must be one of %s", strings.Join(known, ", "))
	}
	return nil
}

// faultNext changes only the link; the entries stay right. Its own made-up
// parameter is taken off again before the search.
func faultNext() func(*Network, Fault, http.Handler) http.Handler {
	edited := onBundle(func(n *Network, f Fault, r *http.Request, b *bundle) { b.setNext(n.badNext(f, r, b)) })
	return func(n *Network, f Fault, next http.Handler) http.Handler {
		return edited(n, f, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked := r.Clone(r.Context())
			q := asked.URL.Query()
			if q.Has("mock-page") {
				q.Del("mock-page")
				asked.URL.RawQuery = q.Encode()
			}
			next.ServeHTTP(w, asked)
		}))
	}
}

func (n *Network) badNext(f Fault, r *http.Request, b *bundle) string {
	at := url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	switch f.Next {
	case "evil":
		at.Host = net.JoinHostPort(hostEvil, n.ports.api)
	case "otherhost":
		at.Host = net.JoinHostPort(hostLists, n.ports.lists)
	case "http":
		at.Scheme = "http"
	case "endless":
		q := at.Query()
		page, _ := strconv.Atoi(q.Get("mock-page")) // none is 0
		q.Set("mock-page", strconv.Itoa(page+1))
		at.RawQuery = q.Encode()
	case "relative":
		right, err := url.Parse(b.next())
		if err != nil || right.RawQuery == "" {
			return ""
		}
		return "?" + right.RawQuery
	}
	return at.String()
}

// next is the link to the next page; empty when there is none.
func (b *bundle) next() string {
	for _, raw := range b.top.list("link") {
		if link, ok := readObject(raw); ok && link.text("relation") == "next" {
			return link.text("url")
		}
	}
	return ""
}

// setNext replaces the link; empty takes it away.
func (b *bundle) setNext(to string) {
	b.keepLinks(func(relation string) bool { return relation != "next" })
	if to != "" {
		b.top.push("link", object{{"relation", encoded("next")}, {"url", encoded(to)}})
	}
}

func (b *bundle) keepLinks(keep func(relation string) bool) {
	links := []object{}
	for _, raw := range b.top.list("link") {
		if link, ok := readObject(raw); ok && keep(link.text("relation")) {
			links = append(links, link)
		}
	}
	b.top.set("link", links)
}

func faultTotal(_ *Network, f Fault, _ *http.Request, b *bundle) {
	total := len(b.entries) + 5
	if f.Value == "fewer" {
		total = 0
	}
	b.top.set("total", total)
}

func faultSelf(_ *Network, _ Fault, _ *http.Request, b *bundle) {
	b.keepLinks(func(relation string) bool { return relation != "self" })
}

// faultIgnore keeps what is about the pages and not about the search.
func faultIgnore(_ *Network, _ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.Clone(r.Context())
		q := asked.URL.Query()
		maps.DeleteFunc(q, func(name string, _ []string) bool { return !strings.HasPrefix(name, "_") })
		asked.URL.RawQuery = q.Encode()
		next.ServeHTTP(w, asked)
	})
}

func faultNoOperation(_ *Network, _ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/$") {
			next.ServeHTTP(w, r)
			return
		}
		problemOf(http.StatusNotFound).write(w, serviceOf(serviceIn(r)).Version)
	})
}

func faultNoInclude(_ *Network, _ Fault, _ *http.Request, b *bundle) {
	b.entries = slices.DeleteFunc(b.entries, func(e object) bool { return mode(e) == "include" })
}

func faultDuplicate(_ *Network, f Fault, _ *http.Request, b *bundle) {
	if len(b.entries) == 0 {
		return
	}
	again := slices.Clone(b.entries[0])
	if f.Value == "content" {
		again.inside("resource", func(res *object) {
			res.inside("meta", func(meta *object) { meta.drop("lastUpdated") })
			res.push("extension", object{{"url", encoded("https://example.nl/mock")}, {"valueString", encoded("another version")}})
		})
	}
	b.entries = slices.Insert(b.entries, 1, again)
	b.count(1)
}

// faultOther adds to what was asked. Who it is about is the only thing that
// tells somebody else's resource from the person's own.
func faultOther(_ *Network, f Fault, _ *http.Request, b *bundle) {
	if len(b.entries) == 0 {
		return
	}
	again := slices.Clone(b.entries[0])
	again.drop("fullUrl")
	b.count(1)
	again.inside("resource", func(res *object) {
		res.set("id", "mock-other")
		if f.Value == "type" {
			res.set("resourceType", "Basic")
			return
		}
		makeOther(res)
	})
	b.entries = append(b.entries, again)
}

// makeOther turns a resource into one of another person: a Patient gets other
// names and another birth date, anything else is about such a Patient.
func makeOther(res *object) {
	if res.text("resourceType") == "Patient" {
		res.set("name", []object{{{"text", encoded("Zoë Zandstra")}, {"family", encoded("Zandstra")}, {"given", encoded([]string{"Zoë"})}}})
		res.set("birthDate", "2001-02-03")
		res.drop("identifier", "text")
		return
	}
	for _, name := range subjects {
		if res.get(name) != nil {
			res.set(name, object{{"reference", encoded("Patient/mock-other")}, {"display", encoded("Zoë Zandstra")}})
		}
	}
}

func faultVanish(_ *Network, _ Fault, _ *http.Request, b *bundle) {
	if len(b.entries) > 0 {
		b.entries = b.entries[1:]
		b.count(-1)
	}
}

func faultBatch(_ *Network, f Fault, _ *http.Request, b *bundle) {
	last := len(b.entries) - 1
	if last < 0 {
		return
	}
	switch f.Value {
	case "partly":
		b.entries[last] = object{{"response", encoded(object{
			{"status", encoded("422 Unprocessable Entity")},
			{"outcome", outcome(models.IssueTypeInvalid, "fault set on purpose")},
		})}}
	case "fewer":
		b.entries = b.entries[:last]
	case "no-location":
		for i := range b.entries {
			b.entries[i].drop("resource")
			b.entries[i].inside("response", func(response *object) { response.drop("location") })
		}
	}
}
