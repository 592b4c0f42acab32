package share

import (
	"embed"
	"io/fs"
	"net/http"
)

// viewer is a page that opens links and codes in the browser of the recipient.
// It can be put on any static site as well.
//
//go:embed viewer
var viewer embed.FS

// Viewer gives the files of the viewer, to put on a static site: index.html
// and what it loads.
func Viewer() fs.FS {
	files, err := fs.Sub(viewer, "viewer")
	if err != nil { // the name is a constant
		panic(err)
	}
	return files
}

// viewerPolicy lets the page run its own script and speak with the relay that
// it came from, and nobody else.
const viewerPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// viewerRoutes serve the viewer at /v/; /v and / lead there.
func (r *Relay) viewerRoutes(mux *http.ServeMux) {
	files := http.StripPrefix("/v/", http.FileServerFS(Viewer()))
	mux.HandleFunc("GET /v/", func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Security-Policy", viewerPolicy)
		files.ServeHTTP(w, q)
	})
	lead := http.RedirectHandler(r.PublicURL+"/v/", http.StatusSeeOther)
	mux.Handle("GET /v", lead)
	mux.Handle("GET /{$}", lead)
}
