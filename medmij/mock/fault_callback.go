package mock

import (
	"net/http"
	"net/url"
	"strings"
)

// callbackFaults change what the browser brings back to the app. They are for
// the one answer of a visit that sends it there, whichever page gives that.
func callbackFaults() map[string]faultKind {
	row := func(does string, values []string, edit func(*http.Request, Fault, url.Values)) faultKind {
		return faultKind{does: does, at: "callback", values: values, wrap: func(_ *Network, f Fault, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				a := answerOf(next, r)
				if to, query, ok := leadsBack(r, a); ok {
					edit(r, f, query)
					to.RawQuery = query.Encode()
					a.header.Set("Location", to.String())
				}
				a.send(w)
			})
		}}
	}
	return map[string]faultKind{
		"callback-error": row("sends an error back and no code; any text can be the error", []string{"..."}, func(_ *http.Request, f Fault, q url.Values) {
			q.Del("code")
			q.Set("error", f.Value)
		}),
		"state": row("sends another state back, none, or two", []string{"wrong", "missing", "dup"}, faultState),
		"code": row("sends the code twice, with an error beside it, or neither of the two",
			[]string{"dup", "with-error", "neither"}, faultCode),
		"description": row("adds a description with HTML and a script in it, or one of two megabytes", []string{"html", "long"}, faultDescription),
		"iss": row("names the server that answers: the right one or another (RFC 9207)", []string{"right", "foreign"}, func(r *http.Request, f Fault, q url.Values) {
			q.Set("iss", map[string]string{"right": ownAddress(r), "foreign": "https://" + hostEvil}[f.Value])
		}),
		"extra-parameters": row("adds parameters that nobody asked for", nil, func(_ *http.Request, _ Fault, q url.Values) {
			q.Set("expires_in", "900")
			q.Set("token_type", "Bearer")
			q.Set("session_state", "mock")
		}),
	}
}

func faultState(_ *http.Request, f Fault, q url.Values) {
	switch f.Value {
	case "wrong":
		q.Set("state", strings.Repeat("x", len(q.Get("state"))))
	case "missing":
		q.Del("state")
	case "dup":
		q.Add("state", q.Get("state"))
	}
}

func faultCode(_ *http.Request, f Fault, q url.Values) {
	switch f.Value {
	case "dup":
		q.Add("code", q.Get("code"))
	case "with-error":
		q.Set("error", "server_error")
	case "neither":
		q.Del("code")
		q.Del("error")
	}
}

// faultDescription stays below what fits in a line of a request, which is the
// browser's to send: two megabytes do not fit in an address bar either.
func faultDescription(_ *http.Request, f Fault, q url.Values) {
	if f.Value == "long" {
		q.Set("error_description", strings.Repeat("fout ", 2<<20/5))
		return
	}
	q.Set("error_description", `<script>alert(1)</script><img src=x onerror="alert(2)">`)
}

// leadsBack tells whether an answer sends the browser back to the app, and
// takes its address apart.
func leadsBack(r *http.Request, a answer) (to *url.URL, query url.Values, ok bool) {
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || to.Host == "" || to.Host == r.Host {
		return nil, nil, false
	}
	query = to.Query()
	return to, query, query.Has("code") || query.Has("error")
}

// ownAddress is where a request came to.
func ownAddress(r *http.Request) string {
	if r.TLS == nil {
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// withCallbackFaults puts the faults of the way back around a page. They are
// counted only when the answer is on its way back.
func (n *Network) withCallbackFaults(endpoint string, e *Exchange, next http.Handler) http.Handler {
	if endpoint != "authorize" && !strings.HasPrefix(endpoint, "page") {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := n.sessionPersona(r) // the visit ends with its last page
		a := answerOf(next, r)
		if _, _, back := leadsBack(r, a); !back {
			a.send(w)
			return
		}
		due := n.due("callback", func() string { return who })
		var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { a.send(w) })
		kinds := faultKinds()
		for _, f := range due {
			handler = kinds[f.Kind].wrap(n, f, handler)
		}
		if len(due) > 0 {
			n.log.note(e, func(e *Exchange) { e.Fault = namesOf(due) })
		}
		handler.ServeHTTP(w, r)
	})
}
