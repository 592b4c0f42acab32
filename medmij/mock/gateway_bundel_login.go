package mock

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/medmij"
)

// authorize begins a login. The app is only ever sent back to this machine:
// this gateway has no registered addresses.
func (b bundelFace) authorize(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Connection string   `json:"connection"`
		Kind       string   `json:"scope_kind"`
		Services   []string `json:"service_ids"`
		Challenge  string   `json:"handoff_challenge"`
		ReturnURL  string   `json:"return_url"`
		State      string   `json:"state"`
	}
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&ask) != nil ||
		len(ask.Challenge) != 43 || !onThisMachine(ask.ReturnURL) || len(ask.Services) == 0 {
		writeProblem(w, http.StatusBadRequest, "request", "")
		return
	}
	l := gatewayLogin{
		returnURL: ask.ReturnURL, state: ask.State, challenge: ask.Challenge,
		trace: b.uuid(), expires: b.n.Now().Add(gatewayLoginLife),
	}
	if err := b.seal.open("connection", ask.Connection, &l.connection); err != nil {
		writeTrouble(w, err)
		return
	}
	state := b.n.secret()
	b.mu.Lock()
	b.logins[state] = l
	b.mu.Unlock()
	q := url.Values{
		"response_type": {"code"}, "client_id": {b.n.ClientID}, "redirect_uri": {b.callback}, "state": {state},
		"scope":             {bundelScope(l.connection, ask.Kind, ask.Services)},
		"MedMij-Request-ID": {b.uuid()}, "X-Correlation-ID": {l.trace},
	}
	writeJSON(w, http.StatusCreated, map[string]any{
		"authorization_url": l.connection.Authorization + "?" + q.Encode(),
		"expires_in":        int(gatewayLoginLife.Seconds()), "correlation_id": l.trace,
	})
}

// onThisMachine refuses to send a browser, and a code with it, anywhere else.
func onThisMachine(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && u.User == nil && u.Fragment == "" && u.RawQuery == "" &&
		slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname())
}

func bundelScope(c gatewayConnection, kind string, services []string) string {
	name := strings.TrimSuffix(c.Provider, "@medmij")
	if kind == string(medmij.Collect) && c.Dialect == string(medmij.Dialect2) {
		return name
	}
	var items []string
	for _, id := range services {
		items = append(items, name+"~"+id)
	}
	return strings.Join(items, " ")
}

// back is where the provider sends the browser. The code is exchanged at once;
// what the app gets is a code of the gateway's own.
func (b bundelFace) back(w http.ResponseWriter, r *http.Request) {
	state, code := r.FormValue("state"), r.FormValue("code")
	b.mu.Lock()
	l, known := b.logins[state]
	delete(b.logins, state)
	b.mu.Unlock()
	if !known || b.n.Now().After(l.expires) {
		http.Error(w, "deze aanmelding is verlopen", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {l.state}, "correlation_id": {l.trace}}
	if code == "" {
		answer.Set("error", cmp.Or(r.FormValue("error"), "server_error"))
		sendBack(w, l.returnURL, answer)
		return
	}
	got, err := b.askTokens(r.Context(), l.connection.Token, l.trace,
		url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {b.callback}})
	if err != nil || got.Error != "" {
		answer.Set("error", "server_error")
		sendBack(w, l.returnURL, answer)
		return
	}
	own := b.n.secret()
	b.mu.Lock()
	b.handoffs[own] = handoff{l.challenge, got, l.trace, b.n.Now().Add(handoffLife)}
	b.mu.Unlock()
	answer.Set("handoff_code", own)
	sendBack(w, l.returnURL, answer)
}

func sendBack(w http.ResponseWriter, to string, answer url.Values) {
	w.Header().Set("Location", to+"?"+answer.Encode())
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(http.StatusSeeOther)
}

// tokens hands over what a login gave, or renews.
func (b bundelFace) tokens(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Grant      string `json:"grant"`
		Code       string `json:"handoff_code"`
		Verifier   string `json:"handoff_verifier"`
		Refresh    string `json:"refresh_token"`
		Connection string `json:"connection"`
	}
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&ask) != nil {
		writeProblem(w, http.StatusBadRequest, "request", "")
		return
	}
	switch ask.Grant {
	case "handoff":
		b.handOver(w, ask.Code, ask.Verifier)
	case "refresh":
		b.renew(w, r, ask.Connection, ask.Refresh)
	default:
		writeProblem(w, http.StatusBadRequest, "request", "")
	}
}

// handOver takes a code, which is gone after it whatever was wrong.
func (b bundelFace) handOver(w http.ResponseWriter, code, verifier string) {
	b.mu.Lock()
	h, known := b.handoffs[code]
	delete(b.handoffs, code)
	b.mu.Unlock()
	if !known || b.n.Now().After(h.expires) || !verifies(verifier, h.challenge) {
		writeProblem(w, http.StatusBadRequest, "handoff", "")
		return
	}
	writeTokens(w, h.answer, h.trace)
}

func (b bundelFace) renew(w http.ResponseWriter, r *http.Request, handle, refresh string) {
	var c gatewayConnection
	if err := b.seal.open("connection", handle, &c); err != nil {
		writeTrouble(w, err)
		return
	}
	trace := cmp.Or(r.Header.Get("X-Correlation-ID"), b.uuid())
	got, err := b.askTokens(r.Context(), c.Token, trace, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	switch {
	case err != nil:
		writeTrouble(w, err)
	case got.Error != "":
		writeProblem(w, http.StatusBadRequest, "oauth", got.Error)
	default:
		writeTokens(w, got, trace)
	}
}

func writeTokens(w http.ResponseWriter, t tokenAnswer, trace string) {
	answer := map[string]any{"access_token": t.Access, "expires_in": t.Expires, "correlation_id": trace}
	if t.Refresh != "" {
		answer["refresh_token"] = t.Refresh
	}
	granted := []string{}
	for _, item := range strings.Fields(t.Scope) {
		granted = append(granted, item[strings.LastIndexByte(item, '~')+1:])
	}
	if len(granted) > 0 {
		answer["granted_services"] = granted
	}
	writeJSON(w, http.StatusOK, answer)
}
