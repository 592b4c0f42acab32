package mock

import (
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// maxPages bounds how many next links are remembered.
const maxPages = 10_000

// page is what a next link stands for.
type page struct {
	patient, path string
	query         query
	offset        int
}

// request is a FHIR request whose token was accepted.
type request struct {
	*http.Request
	provider Provider
	service  medmij.Service
	grant    *grant
	library  *library // nil: the provider has nothing in this release
	patient  string   // empty: the provider does not know the person
	base     string
}

// apiFace serves what needs a client certificate. Another path is answered in
// FHIR too: clients should meet no pages here.
func (n *Network) apiFace() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth2/token", n.token)
	const base = "/{provider}/{service}/fhir"
	mux.HandleFunc("GET "+base+"/{type}", n.fhir(n.search))
	mux.HandleFunc("GET "+base+"/{type}/{id}", n.fhir(n.read))
	mux.HandleFunc("POST "+base, n.fhir(n.deliver))
	mux.HandleFunc("POST "+base+"/{$}", n.fhir(n.deliver))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { notServed.write(w, fhir.STU3) })
	hosts := onlyHosts(mux, hostAPI)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostOf(r); host == hostEvil {
			// Nobody should ever come here: it is not on the Whitelist. The
			// recorder tells who did.
			writeFHIR(w, fhir.STU3, http.StatusOK, []byte(`{"resourceType":"Bundle","type":"searchset","total":0}`))
			return
		}
		hosts.ServeHTTP(w, r)
	})
}

// fhir checks what every FHIR request needs, in the order a provider does.
func (n *Network) fhir(serve func(http.ResponseWriter, request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		service := serviceOf(r.PathValue("service"))
		if id := r.Header.Get("MedMij-Request-ID"); id != "" {
			w.Header().Set("MedMij-Request-ID", id)
		}
		provider, known := n.world.provider(r.PathValue("provider"))
		if !known || !slices.Contains(provider.Services, service.ID) {
			notServed.write(w, service.Version)
			return
		}
		g := n.bearer(r)
		if g == nil {
			noToken.write(w, service.Version)
			return
		}
		if !g.allows(provider.Name, service.ID) {
			notGranted.write(w, service.Version)
			return
		}
		if !rightRelease(r.Header.Values("Accept"), service.Version) {
			wrongRelease.write(w, service.Version)
			return
		}
		req := request{Request: r, provider: provider, service: service, grant: g, base: n.base(provider.Name, service.ID)}
		req.library = n.world.libraries[key{provider.Name, service.Version}]
		req.patient, _ = req.library.patient(g.persona)
		serve(w, req)
	}
}

// rightRelease refuses an Accept header that asks for another FHIR release.
func rightRelease(accept []string, v fhir.Version) bool {
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		_, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		if asked, ok := params["fhirversion"]; ok && asked != mimeParam(v) {
			return false
		}
	}
	return true
}

func mimeParam(v fhir.Version) string {
	if v == fhir.R4 {
		return "4.0"
	}
	return "3.0"
}

// offers tells whether a data service lets this type be searched. A service
// without queries in the table offers what there is.
func offers(s medmij.Service, typ string) bool {
	return len(s.Queries) == 0 && s.Direction == medmij.Collect ||
		slices.ContainsFunc(s.Queries, func(q medmij.Query) bool { return q.Type() == typ })
}

// view is what a data service shows of a dossier that several share: 46 gives
// laboratory results and no other observations.
func view(service string) func(*record) bool {
	return func(r *record) bool {
		return service != "46" || r.Type != "Observation" ||
			params["category"].matches(r, []string{fhir.SNOMED + "|49581000146104"})
	}
}

func (n *Network) search(w http.ResponseWriter, r request) { n.searchFor(w, r, false) }

// searchFor answers a search, or the next page of one that began before.
func (n *Network) searchFor(w http.ResponseWriter, r request, lastn bool) {
	typ := r.PathValue("type")
	if !offers(r.service, typ) {
		notOffered.write(w, r.service.Version)
		return
	}
	p := page{patient: r.patient, path: r.URL.Path}
	if id := r.URL.Query().Get("_page"); id != "" {
		var found bool
		if p, found = n.turnTo(id, r); !found {
			notFound.write(w, r.service.Version)
			return
		}
	} else {
		var err error
		if p.query, err = parseQuery(typ, r.URL.RawQuery); err != nil {
			problem{http.StatusBadRequest, models.IssueTypeInvalid, err.Error(), ""}.write(w, r.service.Version)
			return
		}
		p.query.lastn, p.query.stops = lastn, r.provider.StopsComeWithTheirAgreement
	}
	n.answer(w, r, p)
}

// turnTo finds the page of a next link, for the patient and path it was made for.
func (n *Network) turnTo(id string, r request) (page, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p, ok := n.pages[id]
	return p, ok && p.patient == r.patient && p.path == r.URL.Path
}

// answer gives one page. A person whom the provider does not know gets an empty
// answer: nothing found is no error.
func (n *Network) answer(w http.ResponseWriter, r request, p page) {
	set := searchset{self: "https://" + r.Host + p.path}
	if handled := p.query.handled.Encode(); handled != "" {
		set.self += "?" + handled
	}
	if r.library == nil || r.patient == "" {
		set.write(w, r.service.Version)
		return
	}
	matches := p.query.run(r.library, r.patient, view(r.service.ID))
	set.total = len(matches)
	size := pageSize(p.query.count, r.provider.PageSize[p.query.typ])
	first := p.offset == 0
	matches = matches[min(p.offset, len(matches)):]
	if size > 0 && len(matches) > size {
		matches = matches[:size]
		p.offset += size
		set.next = "https://" + r.Host + p.path + "?_page=" + url.QueryEscape(n.remember(p))
	}
	for _, m := range matches {
		set.add(r.base, m, models.SearchEntryModeMatch)
	}
	for _, m := range p.query.included(r.library, r.patient, matches) {
		set.add(r.base, m, models.SearchEntryModeInclude)
	}
	if first {
		set.addUnasked(r.library, r.patient, r.base, p.query.typ)
	}
	set.write(w, r.service.Version)
}

// pageSize is the smaller of what is asked and what the provider gives; 0: all.
func pageSize(asked, most int) int {
	if asked == 0 || (most > 0 && most < asked) {
		return most
	}
	return asked
}

// remember keeps where a next link goes. When there are too many, all older
// ones end, as they do at servers with a cache.
func (n *Network) remember(p page) string {
	id := n.secret()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.pages) >= maxPages {
		clear(n.pages)
	}
	n.pages[id] = p
	return id
}

// addUnasked adds what comes along with every search for a type.
func (s *searchset) addUnasked(l *library, patient, base, typ string) {
	for _, r := range l.records {
		if r.with != typ || !r.visibleTo(patient) {
			continue
		}
		mode := models.SearchEntryModeInclude
		if r.Type == "OperationOutcome" {
			mode = models.SearchEntryModeOutcome
		}
		s.add(base, r, mode)
	}
}

// read gives one resource. What is not there and what is somebody else's get the
// same answer, so that ids tell nothing.
func (n *Network) read(w http.ResponseWriter, r request) {
	ref := fhir.Ref{Type: r.PathValue("type"), ID: r.PathValue("id")}
	switch {
	case ref.Type == "Observation" && ref.ID == "$lastn":
		n.searchFor(w, r, true)
		return
	case strings.HasPrefix(ref.ID, "$"):
		problem{http.StatusBadRequest, models.IssueTypeInvalid, "no such operation", ""}.write(w, r.service.Version)
		return
	case r.library == nil:
		notFound.write(w, r.service.Version)
		return
	}
	found := r.library.byRef[ref]
	if found == nil || r.patient == "" || !found.visibleTo(r.patient) {
		notFound.write(w, r.service.Version)
		return
	}
	if ref.Type == "Binary" && wantsBytes(r.Header.Values("Accept"), found) {
		writeBinary(w, r, found)
		return
	}
	writeFHIR(w, r.service.Version, http.StatusOK, found.raw)
}

// wantsBytes tells whether the file itself is asked for and not a resource
// that holds it.
func wantsBytes(accept []string, r *record) bool {
	all := strings.Join(accept, ",")
	return all != "" && !strings.Contains(all, "fhir+") && !strings.Contains(all, "application/json") &&
		(strings.Contains(all, r.node.Str("contentType")) || strings.Contains(all, "*/*"))
}

func writeBinary(w http.ResponseWriter, r request, found *record) {
	content := found.node.Str("content") + found.node.Str("data") // STU3, R4
	raw, err := base64.StdEncoding.DecodeString(content)
	if err != nil {
		writeFHIR(w, r.service.Version, http.StatusOK, found.raw)
		return
	}
	w.Header().Set("Content-Type", found.node.Str("contentType"))
	w.Header().Set("Content-Disposition", "attachment")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(raw) // a client that left is no error here
}
