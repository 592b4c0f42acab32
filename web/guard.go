package web

import (
	"net/http"
	"slices"
	"strconv"
)

// policy lets a page use this server's own style sheet and script, and nothing
// else (security-store.md 3b).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// setHeaders puts the header set on an answer. It runs before anything else,
// so that refusals have it too.
func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// guard is the outer wall: headers, Host and where the request comes from. It
// stands before the routes, so that no route can be forgotten.
func (s *Server) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		defer s.recovered(w)
		switch {
		case !s.allowedHost(r.Host):
			http.Error(w, "", http.StatusMisdirectedRequest)
		case exempt(r):
			next.ServeHTTP(w, r)
		case cross.Check(r) != nil || !fromHere(r):
			http.Error(w, "", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// recovered answers for a handler that panicked. What it panicked with may quote a
// record, so only its type is logged.
func (s *Server) recovered(w http.ResponseWriter) {
	switch got := recover(); got {
	case nil:
	case http.ErrAbortHandler:
		panic(got)
	default:
		s.Log.Error("a request ended in a fault of the program", "kind", typeName(got))
		http.Error(w, "", http.StatusInternalServerError)
	}
}

// allowedHost is an exact comparison: a name that another site points at this
// machine (DNS rebinding) is not on the list.
func (s *Server) allowedHost(host string) bool {
	port := s.port.Load()
	if port == 0 {
		return false
	}
	suffix := ":" + strconv.Itoa(int(port))
	return slices.Contains([]string{"127.0.0.1" + suffix, "[::1]" + suffix, "localhost" + suffix}, host)
}

// exempt are the two requests that come from elsewhere by nature: the answer
// of a provider, bound to a login cookie, and the start page on disk, which
// holds a token for one use.
func exempt(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == callbackPath ||
		r.Method == http.MethodPost && r.URL.Path == startPath
}

// fromHere refuses what another site asks for, reads included. A browser
// always says on a POST where it comes from; what does not say so is refused.
func fromHere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	switch site {
	case "same-origin":
		return true
	case "none":
		return isDocument(r)
	case "":
		return safeMethod(r.Method) || r.Header.Get("Origin") != ""
	}
	return false
}

// isDocument tells whether the browser asks for a page to show, as for an
// address that was typed or a bookmark.
func isDocument(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "document" || dest == ""
}

// safeMethod tells whether a method only reads.
func safeMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodHead
}
