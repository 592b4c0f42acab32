package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
)

//go:embed html/*.html look/*
var assets embed.FS

// content is the typed struct of one page; it embeds page.
type content interface {
	frame() *page
	template() string
}

// page is what every page has.
type page struct {
	Lang, Other string // languages: of the page, and the one to change to
	Title       string // neutral: it ends up in the history
	Here        string // address of the current item of the navigation
	Look        Preferences
	Path        string // address to come back to after changing the language
	Person      string
	Idle        int  // seconds until the vault closes
	Warn        int  // seconds before that, at which the page warns
	Gone        int  // seconds after which a page without a script goes away
	Live        bool // the page changes by itself
	Crumbs      []link
	H1          string
	Answer      string  // the one large sentence
	Rest        string  // its second half
	Lead        string  // what has to be read before choosing
	Soft        string  // one soft line under it
	SoftAction  *action // at the end of that line
	Actions     []action
	Notice      *notice // what the person just did
	Wrong       []wrong // what was filled in wrongly
}

// frame is what the frame of the page needs.
func (p *page) frame() *page { return p }

// link leads somewhere; without an address it is text.
type link struct{ Text, Href string }

// wrong is one thing that was filled in wrongly, and in which field.
type wrong struct{ Field, Text string }

// For is the message of one field, or empty.
func (p *page) For(field string) string {
	for _, w := range p.Wrong {
		if w.Field == field {
			return w.Text
		}
	}
	return ""
}

// action is something the person can do: a link, or a form with one button.
type action struct {
	Text   string
	About  string // what it is about, for who hears only the button
	Href   string
	Post   string
	Values []value
	Look   string // "main", "other" (a button), "stop" (only to erase) or "link"
	ID     string // of the button, on a page that changes by itself: the focus stays
}

// value is a hidden field of a form.
type value struct{ Name, Value string }

// file is a file that every page uses, under a name that changes with its
// content, so that it can be kept for ever.
type file struct {
	name        string
	contentType string
	data        []byte
}

// staticFiles reads the files that every page uses and names them by their content.
func staticFiles() map[string]file {
	files := map[string]file{}
	for name, contentType := range map[string]string{
		"style.css": "text/css; charset=utf-8", "print.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		data, err := assets.ReadFile("look/" + name)
		if err != nil {
			panic("web: " + err.Error())
		}
		if strings.HasSuffix(name, ".css") {
			data = squeeze(data)
		}
		sum := sha256.Sum256(data)
		base, ext, _ := strings.Cut(name, ".")
		files[name] = file{name: base + "-" + hex.EncodeToString(sum[:6]) + "." + ext, contentType: contentType, data: data}
	}
	return files
}

// squeeze takes the indentation, the line ends and the spaces and semicolons that
// mean nothing out of the style sheet; none of its values runs over a line.
func squeeze(css []byte) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(css)) {
		line = strings.TrimSpace(line)
		out.WriteString(line)
		if line != "" && !strings.HasSuffix(line, "{") && !strings.HasSuffix(line, "}") && !strings.HasSuffix(line, ";") {
			out.WriteByte(' ')
		}
	}
	return []byte(strings.NewReplacer(" { ", "{", " {", "{", "; }", "}", ";}", "}", "; ", ";", ", ", ",", " > ", ">", ": ", ":").Replace(out.String()))
}

// static gives a file that every page uses. Its name holds a hash of its
// content, so it is the one answer that may be kept.
func static(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	for _, f := range v.s.files {
		if f.name == r.PathValue("file") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			w.Header().Set("Content-Type", f.contentType)
			_, _ = w.Write(f.data)
			return nil, nil
		}
	}
	http.Error(w, "", http.StatusNotFound)
	return nil, nil
}

// embeddedFiles is what the program brings along: files to serve, and pages by language
// and name.
type embeddedFiles struct {
	files map[string]file
	pages map[string]map[string]*template.Template
}

// embedded reads it once for all servers, since one who runs many has many. It is
// never changed.
var embedded = sync.OnceValues(func() (embeddedFiles, error) {
	files := staticFiles()
	pages, err := parsePages(files)
	return embeddedFiles{files, pages}, err
})

// parsePages reads the templates once for each language: frame.html and
// parts.html with every page in turn.
func parsePages(files map[string]file) (map[string]map[string]*template.Template, error) {
	names, err := fs.Glob(assets, "html/page-*.html")
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]*template.Template{}
	for _, lang := range [...]string{"nl", "en"} {
		w := wordsIn(lang)
		base, err := template.New("frame.html").Funcs(template.FuncMap{
			"t": w.T, "number": w.write, "lines": paragraphs, "file": func(name string) string { return "/s/" + files[name].name },
		}).ParseFS(assets, "html/frame.html", "html/parts.html")
		if err != nil {
			return nil, err
		}
		all[lang] = map[string]*template.Template{}
		for _, name := range names {
			t, err := template.Must(base.Clone()).ParseFS(assets, name)
			if err != nil {
				return nil, err
			}
			all[lang][strings.TrimSuffix(strings.TrimPrefix(name, "html/page-"), ".html")] = t
		}
	}
	return all, nil
}

// render writes a page. It is made whole before the first byte goes out, so
// that a fault never gives half a page.
func (s *Server) render(w http.ResponseWriter, status int, v *view, c content) {
	v.complete(c.frame())
	out, err := s.page(v, c)
	if err != nil {
		s.Log.Error("a page could not be made", "page", c.template(), "kind", errorKind(err)) // its text might quote what the page shows
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	keepLook(w, v)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

// page makes the page, with what was being typed on it when the vault closed.
// That this is back is said only where it is.
func (s *Server) page(v *view, c content) ([]byte, error) {
	p := c.frame()
	if v.draft != nil && p.Notice == nil {
		p.Notice = &notice{Text: v.T("draft.back")}
	}
	out, err := s.execute(v.Lang, c)
	if err != nil || v.draft == nil {
		return out, err
	}
	if filled, ok := refill(out, v.draft); ok {
		return filled, nil
	}
	p.Notice = nil
	return s.execute(v.Lang, c)
}

func (s *Server) execute(lang string, c content) ([]byte, error) {
	var out bytes.Buffer
	err := s.pages[lang][c.template()].ExecuteTemplate(&out, "frame", c)
	return out.Bytes(), err
}

// troublePage says what went wrong and what to do.
type troublePage struct{ page }

func (*troublePage) template() string { return "plain" }

// fail puts an error into words. What is not known is logged by its type only:
// its text might hold something of the person.
func (s *Server) fail(w http.ResponseWriter, v *view, err error) {
	status, code := http.StatusInternalServerError, "unknown"
	var problem *Problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, ErrNotFound):
		status, code = http.StatusNotFound, "not-found"
	case errors.Is(err, share.ErrLedger):
		status, code = http.StatusConflict, "ledger"
	case errors.Is(err, ErrBinding):
		status, code = http.StatusForbidden, medmij.CodeLogin
		problem = &Problem{Code: code}
	case errors.As(err, &problem):
		status, code = http.StatusBadGateway, problem.Code
	case errors.As(err, &tooLarge):
		status, code = http.StatusRequestEntityTooLarge, "too-large"
	default:
		s.Log.Error("a request failed", "kind", errorKind(err))
	}
	s.render(w, status, v, v.trouble(code, problem))
}

// trouble is a page that says in words what went wrong, with its code for help.
func (v *view) trouble(code string, problem *Problem) *troublePage {
	var words medmij.Words
	switch {
	case v.Has("trouble." + code): // what goes wrong in the pages themselves
		words = medmij.Words{What: v.T("trouble." + code), Step: v.T("trouble." + code + ".rest")}
	case problem != nil:
		source := brief(problem.Name)
		if source == "" && problem.Source != "" {
			source = v.provider(problem.Source)
		}
		words = medmij.Explain(code, v.Lang).For(source)
	}
	p := &troublePage{page{
		Title: "Bundel", Path: "/", H1: v.T("trouble.h1"),
		Answer: words.What, Rest: words.Step, Soft: v.codeText(code, problem),
		Actions: []action{{Text: v.T("trouble.home"), Href: "/", Look: "other"}},
	}}
	if problem != nil && problem.Source != "" {
		p.Actions = append(p.Actions, action{Text: v.T("z.back"), Href: "/z", Look: "link"})
	}
	return p
}

// codeText is for whoever helps: the code, and the id by which the provider can
// find the exchange (medmij-protocol.md 3.5).
func (v *view) codeText(code string, problem *Problem) string {
	if problem == nil || problem.Trace == "" {
		return v.T("trouble.code", "code", code)
	}
	return v.T("trouble.trace", "code", code, "trace", problem.Trace)
}

// nothingHere answers for every address that is not in the table.
func nothingHere(*view, http.ResponseWriter, *http.Request) (content, error) { return nil, ErrNotFound }

// errorKind is the type of the innermost error.
func errorKind(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimPrefix(template.HTMLEscapeString(typeName(err)), "*")
		}
		err = next
	}
}
