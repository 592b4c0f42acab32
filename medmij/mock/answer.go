package mock

import (
	"net/http"
	"net/url"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"
)

// maxPages bounds how many next links are remembered.
const maxPages = 10_000

// page is what a next link stands for.
type page struct {
	owner, path string
	query       query
	offset      int
}

// owner names whose dossier a next link is for.
func (r request) owner() string { return r.grant.persona.ID }

func (n *Network) search(w http.ResponseWriter, r request) { n.searchFor(w, r, false) }

// searchFor answers a search, or the next page of one that began before.
func (n *Network) searchFor(w http.ResponseWriter, r request, lastn bool) {
	typ := r.PathValue("type")
	if !offers(r.service, typ) {
		notOffered.write(w, r.service.Version)
		return
	}
	p := page{owner: r.owner(), path: r.URL.EscapedPath()}
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

// turnTo finds the page of a next link, for the person and path it was made for.
func (n *Network) turnTo(id string, r request) (page, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p, ok := n.pages[id]
	return p, ok && p.owner == r.owner() && p.path == r.URL.EscapedPath()
}

// answer gives one page. A person whom the provider does not know gets an empty
// answer: nothing found is no error.
func (n *Network) answer(w http.ResponseWriter, r request, p page) {
	set := searchset{self: "https://" + r.Host + p.path, base: r.base}
	if handled := p.query.handled.Encode(); handled != "" {
		set.self += "?" + handled
	}
	if r.library == nil || len(r.patients) == 0 {
		set.write(w, r.service.Version)
		return
	}
	matches := p.query.run(r.library, r.patients, view(r.service.ID))
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
		set.add(m, models.SearchEntryModeMatch)
	}
	for _, m := range p.query.included(r.library, r.patients, matches) {
		set.add(m, models.SearchEntryModeInclude)
	}
	if first {
		set.addUnasked(r.library, r.patients, p.query.typ)
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
func (s *searchset) addUnasked(l *library, patients []string, typ string) {
	for _, r := range l.along[typ] {
		if !r.visibleTo(patients) {
			continue
		}
		mode := models.SearchEntryModeInclude
		if r.Type == "OperationOutcome" {
			mode = models.SearchEntryModeOutcome
		}
		s.add(r, mode)
	}
}
