package web

import (
	"bytes"
	"context"
	"crypto/sha512"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// story is one page in one state.
type story struct {
	name   string
	desk   func(*storyDesk) // changes the example; nil: as it is
	method string           // GET when empty
	path   string
	form   string // of a POST, encoded
	door   bool   // shown to a browser without a session
	visit  string // recipient who looks along
	status int    // that it means to answer; 200 when zero
}

// storyNow is the moment at which every story plays.
var storyNow = time.Date(2025, 5, 20, 9, 20, 0, 0, time.UTC)

// Storybook shows every page in every state with an example person, in both
// languages, under /{language}/{story}. It holds no vault and changes nothing.
func Storybook() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", storyIndex)
	mux.HandleFunc("GET /s/{file}", func(w http.ResponseWriter, r *http.Request) {
		serveStory(w, story{path: r.URL.Path, door: true}, "nl")
	})
	mux.HandleFunc("GET /{lang}/{story}", func(w http.ResponseWriter, r *http.Request) {
		for _, st := range stories() {
			if st.name == r.PathValue("story") {
				serveStory(w, st, r.PathValue("lang"))
				return
			}
		}
		http.NotFound(w, r)
	})
	return mux
}

// serveStory asks a real Server for the page of a story.
func serveStory(w http.ResponseWriter, st story, lang string) {
	desk := newStoryDesk()
	if st.desk != nil {
		st.desk(desk)
	}
	words := sha512.Sum512([]byte("the words that are proposed in every story"))
	s, err := New(Config{
		Desk: desk, Port: 80, Lang: lang, Now: func() time.Time { return storyNow }, Random: bytes.NewReader(words[:]),
		Example: func(context.Context, string) (Example, error) {
			return Example{Address: "http://127.0.0.1:8081/", Passphrase: "zes woorden voor de demonstratie"}, nil
		},
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer s.idle.Stop()
	r := st.request()
	if !st.door {
		given := httptest.NewRecorder()
		s.sessions.begin(given, r, storyNow)
		r.AddCookie(given.Result().Cookies()[0])
	}
	if st.visit != "" {
		o, _ := desk.Preview(r.Context(), st.visit, lang)
		s.visit.Store(&visit{o: o, who: desk.o.ProviderName(st.visit), until: storyNow.Add(visitTime)})
	}
	setHeaders(w.Header())
	s.inner.ServeHTTP(storyWriter{w}, r)
}

// answering is the story of a page that answers another status than 200.
func (st story) answering(status int) story {
	st.status = status
	return st
}

// request is what the browser of the story asks.
func (st story) request() *http.Request {
	if st.method == "" {
		st.method = http.MethodGet
	}
	r := httptest.NewRequest(st.method, "http://127.0.0.1:80"+st.path, strings.NewReader(st.form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(st.form, "--"+storyParts) {
		r.Header.Set("Content-Type", "multipart/form-data; boundary="+storyParts)
	}
	return r
}

var storyIndexPage = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Storybook</title><h1>Storybook</h1><ul>
{{range .}}<li>{{.}}: <a href="/nl/{{.}}">nl</a> <a href="/en/{{.}}">en</a></li>
{{end}}</ul></html>`))

// storyIndex lists the stories.
func storyIndex(w http.ResponseWriter, _ *http.Request) {
	setHeaders(w.Header())
	var names []string
	for _, st := range stories() {
		names = append(names, st.name)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = storyIndexPage.Execute(w, names)
}

// storyWriter keeps a story from changing anything in the browser: a real Bundel
// on this computer has the same host.
type storyWriter struct{ http.ResponseWriter }

func (w storyWriter) WriteHeader(status int) {
	w.clean()
	w.ResponseWriter.WriteHeader(status)
}

func (w storyWriter) Write(data []byte) (int, error) {
	w.clean()
	return w.ResponseWriter.Write(data)
}

func (w storyWriter) clean() {
	w.Header().Del("Set-Cookie")
	w.Header().Del("Clear-Site-Data")
}
