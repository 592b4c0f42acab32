package web

import (
	"errors"
	"net/http"

	"github.com/bundel-pgo/bundel/aggregator"
)

// uploadPath is where the person adds a file of their own.
const uploadPath = "/e/bestand"

// uploadBody bounds a form with a file: 10 MB and what goes around it. All of
// it stays in memory: what a form spills to the disk would not be encrypted.
const uploadBody = aggregator.MaxOwnDocument + 1<<20

// uploadFrom is the address of the form for who comes from a page: "b" from the
// letters, "d" from what can be sent. It is in the address and not in the form:
// of a form that is too large nothing is read.
func uploadFrom(page string) string { return uploadPath + "?van=" + page }

// uploadPage asks for a file of the person's own.
func uploadPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p, _ := v.uploadForm(r)
	return p, nil
}

// uploadForm is the empty form, and where the person goes when it is stored:
// back to where they came from.
func (v *view) uploadForm(r *http.Request) (p *printForm, back string) {
	frame, post := page{Title: v.T("title.add"), Here: "/", Crumbs: []link{{v.T("e.h1"), "/e"}, {v.T("ws.file"), ""}}, H1: v.T("ws.file")}, uploadPath
	back = "/e/klaar"
	switch r.URL.Query().Get("van") {
	case "b":
		frame.Here, frame.Crumbs, post, back = "/b", []link{{v.T("nav.b"), "/b"}, {v.T("ws.file"), ""}}, uploadFrom("b"), "/b?eigen"
	case "d":
		frame, post, back = v.sendFrame(v.T("ws.file")), uploadFrom("d"), sendHome+"?ok"
	}
	frame.Path, frame.Answer, frame.Rest = uploadPath, v.T("ws.file.answer"), v.T("ws.file.rest")
	p = &printForm{page: frame, Post: post, Button: v.T("ws.file.go"), Upload: true}
	name := titleField("")
	name.Label, name.Hint = v.T("ws.file.name"), v.T("ws.file.name.hint")
	p.Fields = []printField{
		name,
		{Name: "bestand", Kind: fieldFile, Label: v.T("ws.file.label"), Hint: v.T("ws.file.hint"), Must: true, Accept: "application/pdf,image/jpeg,image/png"},
	}
	return p, back
}

// titleField is the field with what a file of the person is called.
func titleField(title string) printField {
	return printField{Name: "naam", Kind: fieldText, Value: title, Max: 120, Must: true}
}

// wrongTitle says what is wrong with another name for a file.
func (v *view) wrongTitle(title string) []wrong {
	f := titleField(title)
	f.Name = "waarde"
	return v.wrongFields([]printField{f})
}

// upload keeps a file of the person. Nobody sees it before they choose so.
func upload(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	p, back := v.uploadForm(r)
	data, wrongs := v.uploaded(r, aggregator.MaxOwnDocument, v.T("ws.file.size"))
	defer clear(data)
	title := &p.Fields[0]
	title.fill(typed(r.PostForm))
	p.Wrong = v.wrongFields(p.Fields[:1])
	if title.Value == "" && r.PostForm != nil {
		p.Wrong = append(p.Wrong, wrong{title.Name, v.T("wrong.empty")})
	}
	p.Wrong = append(p.Wrong, wrongs...)
	if len(p.Wrong) > 0 {
		return p, nil
	}
	err := v.s.Desk.AddDocument(r.Context(), title.Value, data)
	var refused *Refused
	if errors.As(err, &refused) {
		p.Wrong = []wrong{{"bestand", v.T("ws.file." + refused.Reason)}}
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	return see(w, r, back)
}
