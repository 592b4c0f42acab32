package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/medmij"
)

// busyPage follows the collecting while it goes on.
type busyPage struct {
	page
	Rows []row
}

func (*busyPage) template() string { return "progress" }

// partsBar has a box for each part of a source.
type partsBar struct{ Boxes []partBox }

// partBox is one part; Half is how much of a busy one is filled.
type partBox struct {
	X, W, Half float64
	Class      string // "in", "fail" or empty
}

// progressPage shows how far the collecting is. It refreshes itself as long as a
// source is busy.
func progressPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	all := v.s.Desk.Progress()
	p := &busyPage{page: page{
		Title: v.T("title.z"), Here: "/z", Crumbs: []link{{v.T("nav.z"), "/z"}, {v.T("p.crumb"), ""}}, H1: v.T("p.h1"),
	}}
	done, bad, part := 0, 0, 0
	for _, sp := range all {
		p.Rows = append(p.Rows, v.progressRow(sp))
		switch {
		case sp.Finished.IsZero():
			p.Live = true
		case sp.Code != "":
			bad++
		default:
			done++
			if lost, _ := v.lost(sp); len(lost) > 0 {
				part++
			}
		}
	}
	p.Rows = onTop(p.Rows)
	p.Answer = v.T("p.answer", "n", done, "all", len(all))
	if bad > 0 {
		p.Rest = v.T("p.bad", "n", bad)
	}
	if part > 0 {
		p.Rest = strings.TrimSpace(p.Rest + " " + v.T("p.part", "n", part))
	}
	if p.Live {
		p.Soft = v.T("p.soft")
	}
	if len(all) == 0 {
		p.Answer, p.Rest = v.T("p.nothing"), ""
	}
	if !p.Live {
		p.Actions = []action{{Text: v.T("p.see"), Href: "/", Look: "main"}}
	}
	return p, nil
}

// progressRow is one source: ready, busy or failed, in words and in boxes.
func (v *view) progressRow(sp SourceProgress) row {
	r := row{Name: clean(sp.Provider), Parts: newPartsBar(sp)}
	switch {
	case sp.Finished.IsZero():
		r.Flags = []flag{{v.T("flag.busy"), ""}}
		r.Lines = []line{plain(v.busyWith(sp))}
		r.Note = dotted(v.bySubject(sp), v.toCome(sp))
		r.Actions = []action{v.stopAction(sp.Source, r.Name)}
	case sp.Code != "":
		v.failedProgress(&r, sp)
	default:
		r.Flags, r.Bars = []flag{{v.T("flag.ready"), ""}}, newBars([]bar{{}})
		r.Lines = []line{plain(v.T("p.came", "n", sp.New+sp.Changed+sp.Same, "new", sp.New))}
		r.Note = v.bySubject(sp)
		v.partlyProgress(&r, sp)
	}
	return r
}

// partlyProgress says of a source that did give something what did not come, why,
// and what to do. One row has one line for each reason.
func (v *view) partlyProgress(r *row, sp SourceProgress) {
	lost, codes := v.lost(sp)
	if len(lost) == 0 {
		return
	}
	r.Flags = []flag{{v.T("flag.partly"), "mark"}}
	r.Lines = append(r.Lines, plain(v.T("p.lost", "what", v.inSentence(lost))))
	most := ""
	for _, code := range codes {
		most = strongest(most, code)
		words := medmij.Explain(code, v.Lang).For(r.Name)
		r.Lines = append(r.Lines, plain(words.What+" "+words.Step))
	}
	if len(codes) > 0 {
		r.Note = dotted(r.Note, v.T("trouble.code", "code", strings.Join(codes, ", ")))
	}
	r.Actions = v.tryAction(sp.Source, r.Name, most)
}

// failedProgress says whose fault it is, what the person still sees, and what to do.
func (v *view) failedProgress(r *row, sp SourceProgress) {
	r.Flags = []flag{{v.T("flag.failed"), "mark"}}
	if sp.Code == medmij.CodeStopped { // nothing failed: the person wanted it
		r.Flags = []flag{{v.T("flag.stopped"), ""}}
	}
	words := medmij.Explain(sp.Code, v.Lang).For(r.Name)
	r.Lines = []line{plain(words.What + " " + words.Step)}
	if !sp.Known.IsZero() {
		r.Lines = append(r.Lines, plain(v.T("p.known", "day", v.DayOf(sp.Known, v.now))))
	}
	r.Note = v.T("trouble.code", "code", sp.Code)
	r.Actions = v.tryAction(sp.Source, r.Name, sp.Code)
}

// stopAction ends the collecting from a source.
func (v *view) stopAction(source, name string) action {
	return action{Text: v.T("p.stop"), About: name, Post: "/z/stop", Values: []value{{"bron", sourceKey(source)}}, Look: "other", ID: "p-" + sourceKey(source)}
}

// toCome names what is still to be asked, each once.
func (v *view) toCome(sp SourceProgress) string {
	var names []string
	for _, part := range sp.Parts {
		if name := v.partName(part); part.Outcome == "" && !part.Busy && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return v.T("p.waits", "what", v.List(names))
}

// busyWith names what is being fetched now.
func (v *view) busyWith(sp SourceProgress) string {
	for _, part := range sp.Parts {
		if part.Busy {
			name := v.partName(part)
			if part.Page > 1 {
				return v.T("p.page", "what", name, "n", part.Page)
			}
			return name
		}
	}
	return v.T("p.begins")
}

// partName is what one part is about, in words.
func (v *view) partName(p PartProgress) string {
	if p.Subject != "" {
		return v.subjectName(p.Subject)
	}
	return v.queryName(p.Query)
}

// bySubject counts what came of each subject.
func (v *view) bySubject(sp SourceProgress) string {
	var names []string
	count := map[string]int{}
	for _, part := range sp.Parts {
		name := v.partName(part)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		count[name] += part.Resources
	}
	var out []string
	for _, name := range names {
		if count[name] > 0 {
			out = append(out, fmt.Sprint(name, " ", count[name]))
		}
	}
	return strings.Join(out, " · ")
}

// lost names what did not come from a source that did give something, and the
// codes of why, each once.
func (v *view) lost(sp SourceProgress) (what, codes []string) {
	add := func(to *[]string, text string) {
		if text != "" && !slices.Contains(*to, text) {
			*to = append(*to, text)
		}
	}
	for _, part := range sp.Parts {
		if isBad(part.Outcome) {
			add(&what, v.partName(part))
			add(&codes, part.Code)
		}
	}
	return what, codes
}

// newPartsBar: filled is in, half filled is busy, outlined waits, dashed failed.
func newPartsBar(sp SourceProgress) *partsBar {
	n := len(sp.Parts)
	if n == 0 {
		return nil
	}
	b := &partsBar{}
	w := (384.0 - 4*float64(n-1)) / float64(n)
	for i, part := range sp.Parts {
		box := partBox{X: round(float64(i)*(w+4) + 1), W: round(max(w-2, 1))}
		switch {
		case isBad(part.Outcome) || sp.Code != "" && part.Outcome == "":
			box.Class = "fail"
		case part.Outcome != "":
			box.Class = "in"
		case part.Busy:
			box.Half = round(w / 2)
		}
		b.Boxes = append(b.Boxes, box)
	}
	return b
}

// collect starts collecting, from one source or from all.
func collect(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	var sources []string
	if key := r.PostFormValue("bron"); key != "" {
		source, ok := v.sourceInSight(key)
		if !ok {
			return nil, ErrNotFound
		}
		sources = []string{source}
	}
	if err := v.s.Desk.Sync(r.Context(), sources...); err != nil {
		return nil, err
	}
	return see(w, r, "/z/bezig")
}

// sourceInSight also finds a source that has given nothing yet.
func (v *view) sourceInSight(key string) (string, bool) {
	if source, ok := v.sourceOf(key); ok {
		return source, true
	}
	for _, sp := range v.s.Desk.Progress() {
		if sourceKey(sp.Source) == key {
			return sp.Source, true
		}
	}
	return "", false
}

// stopCollecting ends the collecting of one source; what came in stays.
func stopCollecting(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	source, ok := v.sourceInSight(r.PostFormValue("bron"))
	if !ok {
		return nil, ErrNotFound
	}
	v.s.Desk.Stop(source)
	return see(w, r, "/z/bezig")
}
