package mock

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// request is a FHIR request whose token was accepted.
type request struct {
	*http.Request
	provider Provider
	service  medmij.Service
	grant    *grant
	library  *library // nil: the provider has nothing in this release
	patients []string // empty: the provider does not know the person
	base     string
}

// apiFace serves what needs a client certificate. Another path is answered in
// FHIR too: clients should meet no pages here.
func (n *Network) apiFace(platform int) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth2/token", func(w http.ResponseWriter, r *http.Request) { n.token(w, r, platform) })
	mux.HandleFunc("POST /{provider}/subscription", func(w http.ResponseWriter, r *http.Request) { n.subscribe(w, r, platform) })
	const base = "/{provider}/{service}/fhir"
	mux.HandleFunc("GET "+base+"/{type}", n.fhir(platform, n.search))
	mux.HandleFunc("GET "+base+"/{type}/{id}", n.fhir(platform, n.read))
	mux.HandleFunc("PUT "+base+"/{type}/{id}", n.fhir(platform, n.update))
	mux.HandleFunc("POST "+base, n.fhir(platform, n.deliver))
	mux.HandleFunc("POST "+base+"/{$}", n.fhir(platform, n.deliver))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { notServed.write(w, fhir.STU3) })
	hosts := onlyHosts(n.onlyNodes(n.inWantedForm(mux)), n.apiHost(platform))
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

// onlyNodes refuses clients whose certificate has no name on the Whitelist.
func (n *Network) onlyNodes(next http.Handler) http.Handler {
	nodes := n.nodes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case slices.ContainsFunc(certified(r), func(host string) bool { return slices.Contains(nodes, host) }):
			next.ServeHTTP(w, r)
		case r.URL.Path == "/oauth2/token":
			writeJSON(w, http.StatusUnauthorized, oauthError{"invalid_client", "the certificate is of no node on the Whitelist"})
		default:
			noNode.write(w, fhir.STU3)
		}
	})
}

// fhir checks what every FHIR request needs, in the order a provider does. Who
// is too young gets empty answers; a fixed token asks no age.
func (n *Network) fhir(platform int, serve func(http.ResponseWriter, request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		service := n.world.service(r.PathValue("service"))
		echo(w, r)
		provider, known := n.world.provider(r.PathValue("provider"))
		if !known || !slices.Contains(provider.Services, service.ID) || platformOf(provider, service.ID) != platform {
			notServed.write(w, service.Version)
			return
		}
		g := n.bearer(r)
		if fault := n.refusal(r, g, provider, service); fault != nil {
			fault.write(w, service.Version)
			return
		}
		n.visit(g)
		req := request{Request: r, provider: provider, service: service, grant: g, base: n.base(provider.Name, service.ID)}
		n.mu.Lock()
		req.library = n.libraries[key{provider.Name, service.Version}]
		n.mu.Unlock()
		if g.fixed() || oldEnough(g.persona, g.asked.behalf == forChild, n.today()) {
			req.patients = req.library.patients(g.persona)
		}
		serve(w, req)
	}
}

// refusal is what keeps a request from being answered; nil: nothing. The fixed
// tokens are for qualification by hand, where no tracing ids are asked.
func (n *Network) refusal(r *http.Request, g *grant, provider Provider, service medmij.Service) *problem {
	accept := r.Header.Values("Accept")
	switch {
	case g == nil:
		return &noToken
	case !g.allows(provider.Name, service.ID):
		return &notGranted
	case !g.fixed() && !n.traced(tracing(r.Header)):
		return &noTrace
	case !rightRelease(accept, service.Version):
		return &wrongRelease
	case n.wanted(accept) == formNone, n.wanted(accept) == formOther && r.PathValue("type") != "Binary":
		return &notAcceptable
	}
	return nil
}

// moreTypes are those that a service lets be searched beside the types of its
// queries: by the ids of episodes that the first answers hold (data-services.md
// 1.13), and what is allowed and not asked for (1.5).
var moreTypes = map[string][]string{
	"46": {"DiagnosticReport"},
	"65": {"Condition", "Encounter", "Observation", "Procedure"},
	"67": {"Condition", "Encounter", "Observation", "Procedure", "CareTeam", "DiagnosticReport", "ReferralRequest"},
}

// offers tells whether a data service lets this type be searched. A service
// without queries in the table offers what there is.
func offers(s medmij.Service, typ string) bool {
	return len(s.Queries) == 0 && s.Direction == medmij.Collect || slices.Contains(moreTypes[s.ID], typ) ||
		slices.ContainsFunc(s.Queries, func(q medmij.Query) bool { return q.Type() == typ })
}

// view is what a data service shows of a dossier that several share: 46 gives
// laboratory results and no other observations.
func view(service string) func(*record) bool {
	if service != "46" {
		return func(*record) bool { return true }
	}
	category, lab := params["category"], []value{{system: fhir.System(fhir.SNOMED), code: "49581000146104", both: true}}
	return func(r *record) bool { return r.Type != "Observation" || category.matches(r, lab) }
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
	if found == nil || len(r.patients) == 0 || !found.visibleTo(r.patients) {
		notFound.write(w, r.service.Version)
		return
	}
	if ref.Type == "Binary" {
		n.readBinary(w, r, found)
		return
	}
	writeFHIR(w, r.service.Version, http.StatusOK, found.raw)
}

// readBinary gives a file, or the resource that holds it to who asks for FHIR.
func (n *Network) readBinary(w http.ResponseWriter, r request, found *record) {
	accept := r.Header.Values("Accept")
	content := found.node.Str("content") + found.node.Str("data") // STU3, R4
	raw, err := base64.StdEncoding.DecodeString(content)
	switch {
	case !wantsBytes(accept, found) && n.wanted(accept) == formOther:
		notAcceptable.write(w, r.service.Version)
		return
	case !wantsBytes(accept, found), err != nil:
		writeFHIR(w, r.service.Version, http.StatusOK, found.raw)
		return
	}
	w.Header().Set("Content-Type", found.node.Str("contentType"))
	w.Header().Set("Content-Disposition", "attachment")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(raw) // a client that left is no error here
}

// wantsBytes tells whether the file itself is asked for and not a resource
// that holds it.
func wantsBytes(accept []string, r *record) bool {
	kind, any := r.node.Str("contentType"), false
	for _, a := range readAccept(accept) {
		if strings.Contains(a.kind, "fhir+") || oldJSON[a.kind] {
			return false
		}
		any = any || a.kind == "*/*" || a.kind == "application/*" || (kind != "" && a.kind == kind)
	}
	return any
}
