package mock

import (
	"encoding/json"
	"net/http"
	"time"
)

// maxAdmin bounds the body of an admin request, in bytes.
const maxAdmin = 1 << 20

// admin steers the network while it runs. It is for programs on this machine:
// a page in a browser is refused.
func (n *Network) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/requests", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, n.Requests(r.URL.Query()["endpoint"]...))
	})
	mux.HandleFunc("GET /admin/connections", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, n.Connections(r.URL.Query()["host"]...))
	})
	mux.HandleFunc("GET /admin/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, n.Faults())
	})
	mux.HandleFunc("PUT /admin/faults", n.putFaults)
	mux.HandleFunc("POST /admin/clock", n.postClock)
	mux.HandleFunc("GET /admin/received", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, n.Received())
	})
	mux.HandleFunc("POST /admin/publish", func(w http.ResponseWriter, _ *http.Request) {
		n.Publish()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /admin/reset", func(w http.ResponseWriter, _ *http.Request) {
		n.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// readBody reads JSON, in which an unknown name is an error.
func readBody(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAdmin))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		http.Error(w, "the body is not what this needs: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// putFaults replaces all faults, so that setting them twice is no different.
func (n *Network) putFaults(w http.ResponseWriter, r *http.Request) {
	var faults []Fault
	if !readBody(w, r, &faults) {
		return
	}
	if err := n.SetFaults(faults...); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, http.StatusOK, n.Faults())
}

func (n *Network) postClock(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Advance string `json:"advance"`
	}
	if !readBody(w, r, &body) {
		return
	}
	d, err := time.ParseDuration(body.Advance)
	if err != nil {
		http.Error(w, `advance must be a duration such as "24h"`, http.StatusBadRequest)
		return
	}
	n.Advance(d)
	writeJSON(w, http.StatusOK, map[string]time.Time{"now": n.Now()})
}
