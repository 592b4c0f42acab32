package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// letterTypes are the resource types a list of letters is made of.
var letterTypes = []string{"DocumentReference", "DocumentManifest"}

// lettersPage lists letters by month, newest first.
func lettersPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := &listPage{page: page{Title: v.T("title.b"), Here: "/b", H1: v.T("nav.b")}, Saved: v.saved(r)}
	if r.URL.Query().Has("eigen") {
		p.Saved = v.T("b.own.saved")
	}
	v.addClosed(p, "letter")
	all := sections(v.o.Subject("letter"), aggregator.Found)
	wanted := v.narrowLetters(p, r, all)
	shown, next := cutTo(wanted, startAt(r), mostLetters)
	if next > 0 {
		p.Further = v.further(r, next, rowsLater(wanted[next:], v.letterRow, marks))
	}
	v.byMonth(p, shown, letterDate, v.letterRow)
	if len(all) > 0 {
		p.Answer, p.Rest = v.T("b.answer", "n", len(all)), v.latest("b.latest", all)
	} else if !v.onlyClosed(p, "letter") {
		v.emptyList(&p.page, "b", letterTypes...)
	}
	p.Actions = append(p.Actions, action{Text: v.T("e.self"), Href: uploadFrom("b"), Look: "other"})
	p.Where = v.where(letterTypes...)
	return p, nil
}

// letterDate is when a letter was written; else when it was made available.
func letterDate(item aggregator.Item) fhir.Date {
	if l, ok := item.Value.(*aggregator.Letter); ok {
		if !l.Date.IsZero() {
			return l.Date
		}
		return l.Filed
	}
	return fhir.ParseDate(item.When)
}

// letterRow is one letter, with its files to keep.
func (v *view) letterRow(item aggregator.Item) row {
	r := v.row(item)
	r.Soft = v.Day(letterDate(item))
	l, ok := item.Value.(*aggregator.Letter)
	if !ok {
		return r
	}
	if text := dotted(brief(l.Kind), brief(l.Author)); text != "" {
		r.Lines = append([]line{plain(text)}, r.Lines[min(len(r.Lines), detailLines(item)):]...)
	}
	if l.Hidden {
		r.Flags = append(r.Flags, flag{v.T("flag.restricted"), ""})
	}
	r.Actions = v.fileActions(item, l)
	switch {
	case len(l.Files) == 0:
		r.Soft = dotted(r.Soft, v.T("b.without")) // a folder of letters, for one
	case len(r.Actions) == 0:
		r.Soft = dotted(r.Soft, v.T("b.no-file"))
	}
	return r
}

// fileActions are links to the files of a letter that are there.
func (v *view) fileActions(item aggregator.Item, l *aggregator.Letter) []action {
	var out []action
	for i, f := range l.Files {
		if f.Part < 0 {
			continue
		}
		text := v.T("b.open", "kind", fileKind(f.ContentType))
		if len(l.Files) > 1 {
			text += fmt.Sprint(" ", i+1)
		}
		out = append(out, action{Text: text, About: brief(item.Name()), Href: fmt.Sprint("/b/", item.Key(), "/", i), Look: "other"})
	}
	return out
}

// fileKind is the short name of a kind of file; empty for one without.
func fileKind(contentType string) string {
	switch contentType {
	case "application/pdf":
		return "PDF"
	case "image/png":
		return "PNG"
	case "image/jpeg":
		return "JPEG"
	}
	return ""
}

// letterFile gives a file to keep. It is never shown inside a page, and its
// kind is what its bytes say, not what its source says (security-store.md C8).
func letterFile(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.find(r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	index, err := strconv.Atoi(r.PathValue("file"))
	if l, ok := item.Value.(*aggregator.Letter); err != nil || !ok || index < 0 || index >= len(l.Files) {
		return nil, ErrNotFound
	}
	_, data, err := v.s.Desk.File(r.Context(), item, index)
	if err != nil {
		return nil, err
	}
	contentType, ext := sniff(data)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprint("bundel-", index+1, ext)))
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
	return nil, nil
}

// sniff tells what kind of file it is by its first bytes.
func sniff(data []byte) (contentType, ext string) {
	switch {
	case bytes.HasPrefix(data, []byte("%PDF-")):
		return "application/pdf", ".pdf"
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", ".png"
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return "image/jpeg", ".jpg"
	}
	return "application/octet-stream", ".bin"
}
