package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// decisionsPage is everything the person decided about what belongs together.
func decisionsPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.decisions(v.told(r, aggregator.Item{}, "")), nil
}

// decisions lists the decisions, the newest first, with what became of each.
func (v *view) decisions(n *notice) *listPage {
	p := &listPage{page: page{
		Title: v.T("title.j"), Here: "/", Path: "/j", Crumbs: []link{{v.T("o.h1"), "/"}, {v.T("j.h1"), ""}}, H1: v.T("j.h1"),
		Answer: v.T("j.none"), Rest: v.T("j.none.rest"), Notice: n,
	}}
	rows := v.decisionRows(v.o.Decisions, "", nil)
	if len(rows) == 0 {
		return p
	}
	p.Answer, p.Rest, p.Soft = v.T("j.answer", "n", len(rows)), "", v.T("j.soft")
	p.Parts = []listPart{{Heading: v.T("j.list"), Rows: rows}}
	return p
}

// decisionRows are rows of decisions, the newest first. On the page of an item
// only those that are about it, and undoing leads back to that page.
func (v *view) decisionRows(all []aggregator.DecisionState, page string, on *aggregator.Item) []row {
	var rows []row
	for _, d := range slices.Backward(all) {
		item := aggregator.Item{}
		if on != nil {
			if item = *on; !slices.Contains(d.Items, item.ID) {
				continue
			}
		}
		r := v.decisionRow(d)
		if d.State != aggregator.StateUndone {
			undo := *v.undo(d, item, page)
			undo.Look = "link"
			r.Actions = []action{undo}
		}
		rows = append(rows, r)
	}
	return rows
}

// decisionRow is one decision: what the person said, of what, and what became
// of it.
func (v *view) decisionRow(d aggregator.DecisionState) row {
	said := v.T("j.op." + string(d.Op))
	if d.Op == aggregator.OpUndo {
		said = v.T("j.op.undo", "n", d.Undoes)
	}
	r := row{
		Name: v.T("j.number", "n", d.Seq), Lines: []line{{Spans: []span{{Text: said}}, Own: true}},
		Soft: dotted(v.Day(fhir.DateOf(d.At)), clean(d.By), brief(d.Note)),
	}
	if about := v.about(d); len(about) > 0 {
		r.Name, r.Soft = v.List(about), dotted(r.Name, r.Soft)
		if item, ok := v.o.Find(d.Items[0]); ok {
			r.Href = "/i/" + item.Key()
		}
	}
	if d.State != aggregator.StateApplied {
		why := (&aggregator.Refused{Reason: d.Reason}).Words(v.Lang)
		r.Lines = append(r.Lines, plain(strings.TrimSpace(v.T("j.state."+d.State)+" "+why)))
	}
	return r
}

// about are the names of the items of a decision, each once.
func (v *view) about(d aggregator.DecisionState) []string {
	var names []string
	for _, id := range d.Items {
		if item, ok := v.o.Find(id); ok && !slices.Contains(names, brief(item.Name())) {
			names = append(names, brief(item.Name()))
		}
	}
	return names
}
