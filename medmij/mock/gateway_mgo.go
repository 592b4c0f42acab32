package mock

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
)

// The headers of this dialect.
const (
	mgoTarget  = "X-MGO-DVA-TARGET"
	mgoToken   = "X-MGO-ACCESS-TOKEN"
	mgoService = "X-MGO-DATASERVICE-ID"
	mgoMedia   = "X-MGO-MEDIA-RESOURCE-URL"
	mgoForward = "X-MGO-PROXY-FORWARD-URL"
)

const mgoLoginLife = 15 * time.Minute

// mgoFace is the dialect of the ministry's gateway with what apps have to cope
// with: tokens in the query of the address it sends the browser to, values
// that are not encoded or are the word None, a refresh token in a query, a
// state that is bound to nothing and works again, errors in five shapes, and
// no way to send anything. One defect is left out: it renews with a grant type
// that no provider knows.
type mgoFace struct{ *Gateway }

func (m mgoFace) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /localization/organization/search", m.search)
	mux.HandleFunc("POST /getstate", m.getState)
	mux.HandleFunc("GET /auth/callback", m.back)
	mux.HandleFunc("GET /oauth/callback", m.back) // where the network lets a client on loopback come back
	mux.HandleFunc("GET /auth/refresh", m.renew)
	mux.HandleFunc("GET /fhir/{path...}", m.fhir)
	mux.HandleFunc("GET /gateway", m.media)
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]bool{"healthy": true})
	})
	return mux
}

type (
	mgoRole struct {
		Code string `json:"code"`
		Base string `json:"resource_endpoint"`
	}
	mgoDataService struct {
		ID       string    `json:"id"`
		Name     string    `json:"name"`
		Versions []string  `json:"interface_versions"`
		Auth     string    `json:"auth_endpoint"`
		Token    string    `json:"token_endpoint"`
		Roles    []mgoRole `json:"roles"`
	}
	mgoAddress struct {
		City     string   `json:"city"`
		Country  *string  `json:"country"`
		Postcode string   `json:"postalcode"`
		Lines    []string `json:"lines"`
	}
	mgoOrganization struct {
		MedMijID *string          `json:"medmij_id"`
		Display  string           `json:"display_name"`
		ID       string           `json:"identification"`
		Places   []mgoAddress     `json:"addresses"`
		Services []mgoDataService `json:"data_services"`
	}
)

// search wants name and place apart; a word that is not in the name finds
// nothing.
func (m mgoFace) search(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Name, City string }
	d, err := m.lists.Directory()
	if err != nil || !m.read(w, r, &ask) {
		return
	}
	all := []mgoOrganization{}
	for _, p := range d.Search(ask.Name+" "+ask.City, gatewaySearch) {
		if strings.EqualFold(ask.City, p.City) || ask.City == "" && hasWords(p.Display, ask.Name) {
			all = append(all, m.describe(d, p))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"organizations": all})
}

func hasWords(text, words string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(strings.Fields(strings.ToLower(words)), func(word string) bool { return !strings.Contains(text, word) })
}

func (m mgoFace) describe(d *medmij.Directory, p medmij.Provider) mgoOrganization {
	name := strings.TrimSuffix(p.Name, "@medmij")
	o := mgoOrganization{
		MedMijID: &name, Display: p.Display, ID: "agb-z:" + p.AGB,
		Places: []mgoAddress{{City: p.City, Postcode: p.Postcode, Lines: []string{p.Street}}},
	}
	versions := map[medmij.Dialect]string{medmij.Dialect2: "2", medmij.Dialect15: "1.5.0", medmij.Dialect12: "1.4.0"}
	for _, c := range p.Connections {
		for _, s := range c.Services {
			service := mgoDataService{
				ID: s.ID, Name: d.ServiceName(s.ID), Versions: []string{versions[c.Dialect]},
				Auth: m.seal.jwe(c.Authorization), Token: m.seal.jwe(c.Token),
			}
			for _, role := range s.Roles {
				service.Roles = append(service.Roles, mgoRole{role.Code, m.seal.jwe(role.Base)})
			}
			o.Services = append(o.Services, service)
		}
	}
	return o
}

// read takes a JSON body; what does not fit is a 422 with a list.
func (m mgoFace) read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(into); err != nil {
		unprocessable(w, "body")
		return false
	}
	return true
}

func unprocessable(w http.ResponseWriter, field string) {
	writeJSON(w, http.StatusUnprocessableEntity, map[string]any{
		"detail": []map[string]any{{"type": "missing", "loc": []string{field}, "msg": "Field required"}},
	})
}

// endpoint opens a handle, or answers with the shape of that error.
func (m mgoFace) endpoint(w http.ResponseWriter, handle, field string) (string, bool) {
	if handle == "" {
		unprocessable(w, field)
		return "", false
	}
	address, err := m.seal.openJWE(handle)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{
			"message": "Failed to parse JWE endpoint", "context": map[string]string{"field": field},
		})
		return "", false
	}
	return address, true
}

// mgoState is what the state of a login holds: all there is of it.
type mgoState struct {
	Trace, Token, Target string
	Expires              time.Time
}

func (m mgoFace) getState(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Auth   string `json:"authorization_server_url"`
		Token  string `json:"token_endpoint_url"`
		Scope  string `json:"medmij_scope"`
		Target string `json:"client_target_url"`
	}
	if !m.read(w, r, &ask) {
		return
	}
	if ask.Scope == "" || ask.Target == "" {
		unprocessable(w, "medmij_scope")
		return
	}
	auth, ok := m.endpoint(w, ask.Auth, "authorization_server_url")
	if !ok {
		return
	}
	token, ok := m.endpoint(w, ask.Token, "token_endpoint_url")
	if !ok {
		return
	}
	trace := m.uuid()
	state := m.seal.handle("state", mgoState{trace, token, ask.Target, m.n.Now().Add(mgoLoginLife)})
	// As it is, but for the redirect address: nothing else is encoded.
	address := auth + "?state=" + state + "&X-Correlation-ID=" + trace + "&scope=" + ask.Scope + "&client_id=" + m.n.ClientID +
		"&MedMij-Request-ID=" + m.uuid() + "&response_type=code&redirect_uri=" + url.QueryEscape(m.callback)
	writeJSON(w, http.StatusOK, map[string]string{"url_to_request": address})
}

// back takes an error for a number, so the words that providers send end here.
func (m mgoFace) back(w http.ResponseWriter, r *http.Request) {
	if e := r.FormValue("error"); e != "" {
		if _, err := strconv.Atoi(e); err != nil {
			unprocessable(w, "error")
			return
		}
		badGateway(w)
		return
	}
	var s mgoState
	if m.seal.open("state", r.FormValue("state"), &s) != nil || m.n.Now().After(s.Expires) {
		writeJSON(w, http.StatusBadRequest, map[string]any{"status_code": 400, "detail": "Could not decrypt state"})
		return
	}
	got, err := m.askTokens(r.Context(), s.Token, s.Trace,
		url.Values{"grant_type": {"authorization_code"}, "code": {r.FormValue("code")}, "redirect_uri": {m.callback}})
	if err != nil || got.Error != "" {
		badGateway(w)
		return
	}
	to := s.Target + "?"
	if strings.Contains(s.Target, "?") {
		to = s.Target + "&"
	}
	to += "access_code=" + got.Access + "&token_type=" + orNone(got.Type) + "&expires_in=" + strconv.Itoa(got.Expires) +
		"&refresh_code=" + orNone(got.Refresh) + "&scope=" + orNone(got.Scope) + "&correlation_id=" + s.Trace
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// orNone is how this gateway writes a value that is not there.
func orNone(s string) string {
	if s == "" {
		return "None"
	}
	return s
}

// badGateway is plain text: one more shape.
func badGateway(w http.ResponseWriter) { http.Error(w, "Bad Gateway", http.StatusBadGateway) }

func (m mgoFace) renew(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	endpoint, ok := m.endpoint(w, q.Get("token_endpoint_url"), "token_endpoint_url")
	if !ok {
		return
	}
	if q.Get("refresh_token") == "" || q.Get("correlation_id") == "" {
		unprocessable(w, "refresh_token")
		return
	}
	got, err := m.askTokens(r.Context(), endpoint, q.Get("correlation_id"),
		url.Values{"grant_type": {"refresh_token"}, "refresh_token": {q.Get("refresh_token")}})
	if err != nil || got.Error != "" {
		badGateway(w)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": got.Access, "token_type": got.Type, "expires_in": got.Expires,
		"refresh_token": got.Refresh, "scope": got.Scope,
	})
}

// fhir adds /fhir to a base that does not end in it, and never doubles it.
func (m mgoFace) fhir(w http.ResponseWriter, r *http.Request) {
	base, ok := m.endpoint(w, r.Header.Get(mgoTarget), "dva_target")
	if !ok {
		return
	}
	if _, err := strconv.Atoi(r.Header.Get(mgoService)); err != nil {
		unprocessable(w, mgoService)
		return
	}
	path := r.URL.EscapedPath()
	if strings.HasSuffix(strings.TrimRight(base, "/"), "/fhir") {
		path = strings.TrimPrefix(path, "/fhir")
	}
	to := strings.TrimRight(base, "/") + path
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	m.carry(w, r, to)
}

func (m mgoFace) media(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(mgoMedia) == "" {
		unprocessable(w, mgoMedia)
		return
	}
	m.carry(w, r, r.Header.Get(mgoMedia))
}

// carry makes a request id of its own.
func (m mgoFace) carry(w http.ResponseWriter, r *http.Request, to string) {
	r = r.Clone(r.Context())
	r.Header.Set("MedMij-Request-ID", m.uuid())
	err := m.forward(w, r, to, r.Header.Get(mgoToken), http.Header{http.CanonicalHeaderKey(mgoForward): {to}})
	if err == nil {
		return
	}
	switch troubleOf(err) {
	case troubleWhitelist:
		writeJSON(w, http.StatusForbidden, map[string]string{"detail": "Request blocked due to whitelist error"})
	case troubleTimeout:
		writeJSON(w, http.StatusGatewayTimeout, map[string]string{"detail": "Gateway timeout"})
	default:
		badGateway(w)
	}
}
