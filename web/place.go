package web

import (
	"fmt"
	"net/http"
	"strings"
)

// placePage tells where the data are, when they were last copied and whom this
// program asked for anything. The path stands on this page and nowhere else.
func placePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	place, err := v.s.Desk.Place(r.Context())
	if err != nil {
		return nil, err
	}
	p := &helpShown{page: page{
		Title: v.T("title.help"), Here: "/hulp", H1: v.T("waar.h1"), Crumbs: v.helpCrumbs("waar.h1"),
		Answer: v.T("waar.answer"), Rest: v.T("waar.answer.rest"),
	}}
	p.Parts = []helpPart{v.placeFile(place), v.placeHosts(place), {
		Heading: v.T("waar.check"), Lines: []string{v.T("waar.check.net"), v.T("waar.check.log"), v.T("waar.check.code")},
		Links: []link{{v.T("help.to.logboek"), "/logboek"}},
	}}
	return p, nil
}

// placeFile is the file itself.
func (v *view) placeFile(place Place) helpPart {
	backup := v.T("waar.backup.none")
	if !place.Backup.IsZero() {
		backup = capital(v.Moment(place.Backup, v.now)) + "."
	}
	return helpPart{
		Heading: v.T("waar.file"), Lines: []string{v.T("waar.file.sealed")},
		Links: []link{{v.T("waar.backup.go"), settingsHome + "/kopie"}},
		Facts: []fact{
			{Name: v.T("waar.path"), Text: clean(place.Path)},
			{Name: v.T("waar.size"), Text: v.size(place.Size)},
			{Name: v.T("waar.backup"), Text: backup, From: v.T("waar.backup.how")},
		},
	}
}

// placeHosts are the other computers, each with why and when.
func (v *view) placeHosts(place Place) helpPart {
	out := helpPart{Heading: v.T("waar.hosts"), Lines: []string{v.T("waar.hosts.only")}}
	if len(place.Hosts) == 0 {
		out.Lines = []string{v.T("waar.hosts.none")}
	}
	for _, h := range place.Hosts {
		f := fact{Name: v.T("waar.role." + string(h.Role)), Text: v.T("waar.host." + string(h.Role)), From: clean(h.Name)}
		if len(h.Sources) > 0 {
			f.Name = v.List(v.names(h.Sources))
		}
		if !h.Last.IsZero() {
			f.From = dotted(f.From, v.T("waar.last", "when", v.Moment(h.Last, v.now)))
		}
		out.Facts = append(out.Facts, f)
	}
	return out
}

// size is a number of bytes as people read it: "3,4 MB".
func (v *view) size(bytes int64) string {
	const thousand = 1000
	amount, unit := float64(bytes), 0
	units := [...]string{"bytes", "kB", "MB", "GB", "TB"}
	for amount >= thousand && unit < len(units)-1 {
		amount, unit = amount/thousand, unit+1
	}
	text := fmt.Sprintf("%.1f", amount)
	if unit == 0 || amount >= 100 {
		text = fmt.Sprintf("%.0f", amount)
	}
	return v.Number(strings.TrimSuffix(text, ".0")) + nbsp + units[unit]
}
