package web

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// importPath is where a file with records is read in.
const importPath = "/z/bestand"

const (
	mostImport = 64 << 20 // bytes of a file with records
	importBody = mostImport + 1<<20
)

// importKinds are the kinds of sources a file can come from.
var importKinds = [...]string{"gp", "pharmacy", "hospital", "other"}

// importPage asks for a file with records, which somebody else's program or
// another PGO made.
func importPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	return v.importForm(), nil
}

func (v *view) importForm() *printForm {
	p := &printForm{page: page{Title: v.T("title.z"), Here: "/z", H1: v.T("in.h1"), Crumbs: []link{{v.T("nav.z"), "/z"}, {v.T("in.h1"), ""}}}, Post: importPath, Button: v.T("in.go"), Upload: true}
	p.Answer, p.Rest = v.T("in.answer"), v.T("in.rest")
	kinds := printField{Name: "soort", Kind: fieldChoice, Label: v.T("in.kind")}
	for _, kind := range importKinds {
		kinds.Options = append(kinds.Options, printOption{Value: kind, Text: capital(v.T("in.kind." + kind)), On: kind == "other"})
	}
	p.Fields = []printField{
		{Name: "bestand", Kind: fieldFile, Label: v.T("in.file"), Hint: v.T("in.file.hint"), Must: true, Accept: ".json,.ndjson,.xml,application/fhir+json,application/fhir+xml"},
		{Name: "naam", Kind: fieldText, Label: v.T("in.name"), Hint: v.T("in.name.hint"), Max: 60, Must: true},
		kinds,
		{Name: "versie", Kind: fieldChoice, Label: v.T("in.version"), Hint: v.T("in.version.hint"), Options: []printOption{
			{Value: "r4", Text: "R4", On: true}, {Value: "stu3", Text: "STU3"},
		}},
	}
	return p
}

// importFile reads the file, or says what has to be different. The form comes
// back with what was typed; only the file has to be chosen again.
func importFile(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := v.importForm()
	data, wrongs := v.uploaded(r, mostImport, v.T("in.size"))
	defer clear(data)
	for i := range p.Fields {
		p.Fields[i].fill(typed(r.PostForm))
	}
	p.Wrong = append(wrongs, v.wrongFields(p.Fields[1:])...)
	if p.Fields[1].Value == "" && r.PostForm != nil {
		p.Wrong = append(p.Wrong, wrong{"naam", v.T("wrong.empty")})
	}
	if len(p.Wrong) > 0 {
		return p, nil
	}
	version, err := fhir.ParseVersion(r.PostFormValue("versie"))
	if err != nil {
		return nil, ErrNotFound
	}
	done, err := v.s.Desk.ReadIn(r.Context(), RecordFile{Name: p.Fields[1].Value, Kind: p.Fields[2].chosen(), Version: version, Content: data})
	var refused *Refused
	if errors.As(err, &refused) {
		field := map[string]string{RefuseName: "naam"}[refused.Reason]
		if field == "" {
			field = "bestand"
		}
		p.Wrong = []wrong{{field, v.T("in." + refused.Reason + ".wrong")}}
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	return v.readIn(done), nil
}

// uploaded is the file of a form that was sent in parts, and what is wrong with
// it. It stays in memory: what a form spills to the disk would not be encrypted.
func (v *view) uploaded(r *http.Request, most int64, tooLarge string) ([]byte, []wrong) {
	if err := r.ParseMultipartForm(most + 1<<20); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, []wrong{{"bestand", tooLarge}}
		}
		return nil, []wrong{{"bestand", v.T("wrong.empty")}}
	}
	file, _, err := r.FormFile("bestand")
	if err != nil {
		return nil, []wrong{{"bestand", v.T("wrong.empty")}}
	}
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	switch {
	case err != nil:
		return nil, []wrong{{"bestand", v.T("wrong.empty")}}
	case len(data) == 0:
		return nil, []wrong{{"bestand", v.T("ws.file.empty")}}
	case int64(len(data)) > most:
		clear(data)
		return nil, []wrong{{"bestand", tooLarge}}
	}
	return data, nil
}

// chosen is the option that was chosen; empty for none.
func (f printField) chosen() string {
	for _, o := range f.Options {
		if o.On {
			return o.Value
		}
	}
	return ""
}

// readIn says what became of a file.
func (v *view) readIn(done ReadIn) content {
	p := &listPage{page: page{Title: v.T("title.z"), Here: "/z", Path: importPath, H1: v.T("in.h1"), Crumbs: []link{{v.T("nav.z"), "/z"}, {v.T("in.h1"), ""}}}}
	p.Answer = v.T("in.new", "n", done.New+done.Changed)
	if done.New+done.Changed == 0 {
		p.Answer = v.T("in.same")
	}
	var rest []string
	if done.Unread > 0 {
		rest = append(rest, v.T("in.unread", "n", done.Unread))
	}
	if done.Same > 0 && done.New+done.Changed > 0 {
		rest = append(rest, v.T("in.known", "n", done.Same))
	}
	p.Rest = strings.Join(rest, " ")
	if done.Masked > 0 {
		p.Soft = v.T("in.masked", "n", done.Masked)
	}
	p.Actions = []action{{Text: v.T("in.see"), Href: "/", Look: "main"}, {Text: v.T("in.source"), Href: "/z/" + sourceKey(done.Source), Look: "other"}}
	return p
}
