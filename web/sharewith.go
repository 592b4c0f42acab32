package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// withPage is everything about one recipient: what they may see, what they miss,
// and every way to end it.
func withPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	rec, ok := shares.recipient(r.PathValue("who"))
	if !ok {
		return nil, ErrNotFound
	}
	misses, err := v.s.Desk.Misses(r.Context(), rec.Source)
	if err != nil {
		return nil, err
	}
	who, key := clean(rec.Name), sourceKey(rec.Source)
	p := &listPage{page: page{
		Title: v.T("title.d"), Here: "/d", Path: "/d/bij/" + key, Crumbs: []link{{v.T("nav.d"), "/d"}, {who, ""}}, H1: who,
		Answer: v.T("d.with.none", "who", who), Notice: v.shareNotice(r), Soft: v.recipientKind(rec),
		Actions: []action{{Text: v.T("dl.h1"), Href: logPath + "?wie=" + key, Look: "link"}},
	}}
	open := v.choiceRows(shares, rec, true)
	if len(open) > 0 {
		p.Answer = v.T("d.with", "who", who)
		p.Actions = append([]action{
			{Text: v.T("d.look", "who", who), Href: "/d/kijk/" + key, Look: "other"},
			{Text: v.T("d.stop"), About: who, Post: "/d/stop", Values: []value{{"wie", key}}, Look: "other"},
		}, p.Actions...)
		p.Parts = append(p.Parts, listPart{Heading: v.T("d.with.open"), Rows: open}, v.screenPart(key))
	}
	if rows := v.choiceRows(shares, rec, false); len(rows) > 0 {
		p.Parts = append(p.Parts, listPart{Heading: v.T("d.with.shut"), Rows: rows})
	}
	if rows := v.missRows(misses, shares, rec); len(rows) > 0 {
		p.Parts = append(p.Parts, listPart{Heading: v.T("d.misses"), Note: v.T("d.misses.yours"), Rows: rows})
	}
	p.fit(v, r, mostChoices)
	return p, nil
}

// choiceRows are the choices for a recipient that let them see something, or that
// keep something from them.
func (v *view) choiceRows(shares Shares, rec Recipient, permit bool) []row {
	var rows []row
	for _, c := range shares.Chosen {
		if c.Recipient != rec.Source || c.Permit != permit {
			continue
		}
		r := row{Name: v.chosenName(c), Soft: dotted(v.T("d.since", "day", v.Day(fhir.DateOf(c.Since))), v.until([]Chosen{c}))}
		if c.Permit && c.Subject != "" {
			text := v.T("d.reach.now")
			if c.Later {
				text = v.T("d.reach.later")
			}
			r.Lines = []line{plain(text)}
		}
		if c.Permit {
			r.Actions = []action{{Text: v.T("d.stop"), About: r.Name, Post: "/d/stop", Values: []value{{"wie", sourceKey(rec.Source)}, {"keuze", c.ID()}}, Look: "other"}}
		}
		rows = append(rows, r)
	}
	return rows
}

// chosenName is what a choice is about.
func (v *view) chosenName(c Chosen) string {
	if c.Subject != "" {
		return v.subjectName(c.Subject)
	}
	if item, ok := v.o.Find(c.Item); ok && c.Item != "" {
		return v.openName(item)
	}
	return v.T("d.unknown-item")
}

// screenPart offers to show the same on this screen.
func (v *view) screenPart(key string) listPart {
	return listPart{Heading: v.T("dv.h2"), Note: v.T("dv.note"), Rows: []row{{
		Name: v.T("dv.what", "n", int(visitTime.Minutes())), Lines: []line{plain(v.T("dv.tabs"))},
		Actions: []action{{Text: v.T("dv.go"), Post: visitPath, Values: []value{{"wie", key}}, Look: "other"}},
	}}}
}

// missRows are what a recipient misses, with what the person can do about it.
func (v *view) missRows(misses []share.Consequence, shares Shares, rec Recipient) []row {
	var rows []row
	for _, miss := range misses {
		texts := v.consequences([]share.Consequence{miss}, clean(rec.Name))
		if len(texts) == 0 {
			continue
		}
		r := row{Name: texts[0]}
		for _, f := range v.inSubjects(miss.Items) {
			r.Lines = append(r.Lines, line{Who: f.Name, Spans: []span{{Text: f.Text}}})
		}
		if miss.Code == share.MissesUnseen {
			r.Actions = []action{{Text: v.T("dg.go"), Href: "/d/dicht", Look: "other"}}
		}
		if miss.Code == share.MissesNew {
			r.Actions = v.newActions(miss.Items, rec)
		}
		rows = append(rows, r)
	}
	return rows
}

// newActions share what came after the choice for its subject: for the subject as
// it is now.
func (v *view) newActions(items []string, rec Recipient) []action {
	var out []action
	var subjects []string
	for _, id := range items {
		item, ok := v.o.Find(id)
		if !ok || slices.Contains(subjects, item.Subject) {
			continue
		}
		subjects = append(subjects, item.Subject)
		c := pick{kind: pickSubject, id: item.Subject, who: sourceKey(rec.Source)}
		out = append(out, v.will(v.T("d.new.too", "what", v.subjectName(item.Subject)), c, true, clean(rec.Name)))
	}
	return out
}

// stopSharing ends at once what a recipient may see, by one choice or by all.
func stopSharing(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	rec, ok := shares.recipient(r.PostFormValue("wie"))
	if !ok {
		return nil, ErrNotFound
	}
	choice := strings.TrimSpace(r.PostFormValue("keuze"))
	if err := v.s.Desk.StopSharing(r.Context(), rec.Source, choice); err != nil {
		return nil, err
	}
	if choice == "" || len(shares.permits(rec.Source)) == 1 {
		return see(w, r, "/d?stop")
	}
	return see(w, r, "/d/bij/"+r.PostFormValue("wie")+"?stop")
}
