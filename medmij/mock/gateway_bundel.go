package mock

import (
	"cmp"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
)

const (
	headerUpstreamStatus    = "X-Gateway-Upstream-Status"
	headerUpstreamBase      = "X-Gateway-Upstream-Base"
	headerGatewayCredential = "X-Gateway-Authorization"
)

// Lifetimes of this dialect.
const (
	gatewayLoginLife = 30 * time.Minute
	handoffLife      = time.Minute
)

// bundelFace is the dialect bundel/1. Nothing that opens a way to health data
// is ever in an address: tokens are handed over for a code that works once, to
// whoever has the verifier of its challenge.
type bundelFace struct{ *Gateway }

// gatewayLogin is a login under way, by the state that the provider sees.
type gatewayLogin struct {
	connection gatewayConnection
	returnURL  string
	state      string // the app's
	challenge  string
	trace      string
	expires    time.Time
}

// handoff is what a handoff code stands for.
type handoff struct {
	challenge string
	answer    tokenAnswer
	trace     string
	expires   time.Time
}

// gatewayConnection and gatewayRole are what the handles hold.
type (
	gatewayConnection struct{ Provider, Authorization, Token, Dialect string }
	gatewayRole       struct{ Base string }
)

func (b bundelFace) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/meta", b.meta)
	mux.HandleFunc("GET /v1/providers", b.providers)
	mux.HandleFunc("POST /v1/authorizations", b.authorize)
	mux.HandleFunc("POST /v1/tokens", b.tokens)
	mux.HandleFunc("/v1/fhir/{target}", b.fhir)
	mux.HandleFunc("/v1/fhir/{target}/{path...}", b.fhir)
	mux.HandleFunc("GET /v1/media/{target}", b.media)
	apps := b.onlyApps(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/oauth/callback" { // the one page for browsers
			b.back(w, r)
			return
		}
		apps.ServeHTTP(w, r)
	})
}

func (b bundelFace) onlyApps(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get(headerGatewayCredential)), []byte(b.Credential)) != 1 {
			writeProblem(w, http.StatusUnauthorized, "credential", "")
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// writeProblem is an error of the gateway itself (RFC 9457). oauth is the
// error of a provider's token endpoint.
func writeProblem(w http.ResponseWriter, status int, kind, oauth string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	body := map[string]any{"type": "https://bundel.example.nl/problems/" + kind, "status": status}
	if oauth != "" {
		body["error"] = oauth
	}
	_ = json.NewEncoder(w).Encode(body) // fails only when the client has left
}

func writeTrouble(w http.ResponseWriter, err error) {
	kind := troubleOf(err)
	status := map[trouble]int{troubleWhitelist: 403, troubleTimeout: 504, troubleHandle: 400}[kind]
	writeProblem(w, cmp.Or(status, http.StatusBadGateway), string(kind), "")
}

func (b bundelFace) meta(w http.ResponseWriter, _ *http.Request) {
	name := ""
	if d, err := b.lists.Directory(); err == nil {
		name = d.Organization(b.n.ClientID)
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"dialect": medmij.GatewayBundel1, "client_id": b.n.ClientID, "organisation_name": name,
		"features": []string{"collect", "share", "refresh"}, "max_timeout_s": 65,
	})
}

type bundelRole struct {
	Code   string `json:"code"`
	Target string `json:"target"`
}

type bundelService struct {
	ID         string       `json:"id"`
	Display    string       `json:"display"`
	Connection string       `json:"connection"`
	Roles      []bundelRole `json:"roles"`
}

type bundelProvider struct {
	Name     string          `json:"name"`
	Display  string          `json:"display"`
	City     string          `json:"city"`
	Type     string          `json:"type"`
	Services []bundelService `json:"services"`
}

// bundelPage is how many providers a page of a search has: few, so that apps
// meet more than one.
const bundelPage = 2

func (b bundelFace) providers(w http.ResponseWriter, r *http.Request) {
	d, err := b.lists.Directory()
	if err != nil {
		writeProblem(w, http.StatusServiceUnavailable, "lists", "")
		return
	}
	found := d.Search(r.FormValue("q")+" "+r.FormValue("city"), gatewaySearch)
	skip, _ := strconv.Atoi(r.FormValue("cursor"))
	found = found[min(max(skip, 0), len(found)):]
	next := ""
	if len(found) > bundelPage {
		found, next = found[:bundelPage], strconv.Itoa(skip+bundelPage)
	}
	all := []bundelProvider{}
	for _, p := range found {
		all = append(all, b.describe(d, p))
	}
	writeJSON(w, http.StatusOK, map[string]any{"providers": all, "next": next})
}

func (b bundelFace) describe(d *medmij.Directory, p medmij.Provider) bundelProvider {
	out := bundelProvider{Name: p.Name, Display: p.Display, City: p.City, Type: p.Kind}
	for _, c := range p.Connections {
		handle := b.seal.handle("connection", gatewayConnection{c.Provider, c.Authorization, c.Token, string(c.Dialect)})
		for _, s := range c.Services {
			service := bundelService{ID: s.ID, Display: d.ServiceName(s.ID), Connection: handle}
			for _, role := range s.Roles {
				service.Roles = append(service.Roles, bundelRole{role.Code, b.seal.handle("target", gatewayRole{role.Base})})
			}
			out.Services = append(out.Services, service)
		}
	}
	return out
}

func (b bundelFace) fhir(w http.ResponseWriter, r *http.Request) {
	role, err := b.role(r)
	if err != nil {
		writeTrouble(w, err)
		return
	}
	to := strings.TrimRight(role.Base, "/")
	if _, rest, ok := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/v1/fhir/"), "/"); ok {
		to += "/" + rest
	}
	if slices.Contains(strings.Split(r.URL.Path, "/"), "..") {
		writeTrouble(w, medmij.ErrAddress)
		return
	}
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	b.carry(w, r, to, role)
}

// media reads what lies at the origin of a target but not under its base.
func (b bundelFace) media(w http.ResponseWriter, r *http.Request) {
	role, err := b.role(r)
	if err != nil {
		writeTrouble(w, err)
		return
	}
	to, err := url.Parse(r.FormValue("url"))
	base, err2 := url.Parse(role.Base)
	if err != nil || err2 != nil || to.Scheme != base.Scheme || to.Host != base.Host || to.User != nil {
		writeTrouble(w, medmij.ErrNotAllowed)
		return
	}
	b.carry(w, r, to.String(), role)
}

func (b bundelFace) role(r *http.Request) (role gatewayRole, err error) {
	return role, b.seal.open("target", r.PathValue("target"), &role)
}

func (b bundelFace) carry(w http.ResponseWriter, r *http.Request, to string, role gatewayRole) {
	own := http.Header{headerUpstreamStatus: {"-"}, headerUpstreamBase: {role.Base}}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if err := b.forward(w, r, to, token, own); err != nil {
		writeTrouble(w, err)
	}
}
