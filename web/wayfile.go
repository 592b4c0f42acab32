package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/bundel-pgo/bundel/share"
)

// fileHome is where files to give away are made.
const fileHome = "/d/bestand"

// fileForms are the forms of a file, with its type. Their place is in the name
// of the file, which says nothing else.
var fileForms = [...]struct{ form, contentType, ext string }{
	{FileLocked, "text/html; charset=utf-8", ".html"},
	{FileSummary, share.TypeFHIR, ".json"},
	{FileTable, "text/csv; charset=utf-8", ".csv"},
	{FilePortability, "application/json", ".json"},
}

// filePage asks what is in the file, and in which form.
func filePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) { return v.fileForm(r) }

func (v *view) fileForm(r *http.Request) (*printForm, error) {
	what, err := v.audienceField(r)
	if err != nil {
		return nil, err
	}
	p := &printForm{page: v.wayPage("file"), Post: fileHome, Button: v.T("wf.go")}
	p.Crumbs = []link{{v.T("nav.d"), "/d"}, {v.T("wl.file.h1"), ""}}
	form := printField{Name: "vorm", Kind: fieldChoice, Label: v.T("wf.form")}
	for i, f := range fileForms {
		if f.form != FilePortability {
			form.Options = append(form.Options, printOption{f.form, v.T("wf.form." + f.form), i == 0})
		}
	}
	p.Fields = []printField{what, form}
	p.Actions = []action{{Text: v.T("wf.list"), Post: fileHome, Values: []value{{"vorm", FilePortability}}, Look: "link"}}
	return p, nil
}

// fileCodePage shows the code of a file once; the file itself is made when it is
// kept, so that neither is in memory in between.
type fileCodePage struct {
	page
	Code   string
	Post   string
	Hidden []value
}

func (*fileCodePage) template() string { return "filecode" }

// makeFile gives the file, or first the code of one that is locked. The list of
// what was collected where is the same for everybody.
func makeFile(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if r.PostFormValue("vorm") == FilePortability {
		raw, err := v.s.Desk.WriteFile(r.Context(), FileWish{Form: FilePortability})
		if err == nil {
			keepFile(w, FilePortability, raw)
		}
		return nil, err
	}
	p, err := v.fileForm(r)
	if err != nil {
		return nil, err
	}
	in, err := v.filled(p, r)
	if err != nil || len(p.Wrong) > 0 {
		return p, err
	}
	who, err := v.audience(r, in.get("wat"))
	wish := FileWish{Form: in.get("vorm"), Audience: who.ID, Code: in.get("code"), Lang: v.Lang}
	if err == nil && wish.Form == FileLocked && wish.Code == "" {
		return v.fileCode(in), nil
	}
	var raw []byte
	if err == nil {
		raw, err = v.s.Desk.WriteFile(r.Context(), wish)
	}
	if v.refusedWay(p, err) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	keepFile(w, wish.Form, raw)
	return nil, nil
}

// fileCode draws the code of a file and shows it.
func (v *view) fileCode(in typed) *fileCodePage {
	p := &fileCodePage{page: v.wayPage("lock"), Code: share.NewFileCode(), Post: fileHome}
	p.Crumbs = []link{{v.T("nav.d"), "/d"}, {v.T("wl.file.h1"), fileHome}}
	p.Path = fileHome
	p.Hidden = []value{{"wat", in.get("wat")}, {"vorm", FileLocked}, {"code", p.Code}}
	return p
}

// keepFile answers with a file to keep.
func keepFile(w http.ResponseWriter, form string, raw []byte) {
	for i, f := range fileForms {
		if f.form == form {
			w.Header().Set("Content-Type", f.contentType)
			w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprint("bundel-", i+1, f.ext)))
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw)
}
