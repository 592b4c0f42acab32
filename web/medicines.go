package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// listPage is a list with a heading: medicines, letters, and other subjects.
type listPage struct {
	page
	Tabs    []tab
	Parts   []listPart
	Where   *where
	Further *link      // to the rest of a long list
	Saved   string     // said after a choice was kept
	Since   *sinceForm // asks since which day; nil on pages that do not
	Narrow  *narrow
}

func (*listPage) template() string { return "list" }

// listPart is a part of a list under a heading of its own; the heading may be
// empty.
type listPart struct {
	Heading string
	Note    string
	Rows    []row
	Links   []link
}

// tab is one of the lists that a page can show.
type tab struct {
	Text, Href string
	Count      int
	Here       bool
}

// medicineTabs is which sections stand under which tab (product.md 6.5).
var medicineTabs = [...]struct {
	name     string
	sections []aggregator.Section
}{
	{"nu", []aggregator.Section{aggregator.Current, aggregator.Paused}},
	{"straks", []aggregator.Section{aggregator.Planned, aggregator.Later}},
	{"gestopt", []aggregator.Section{aggregator.Recent, aggregator.Past}},
	{"onduidelijk", []aggregator.Section{aggregator.Unclear, aggregator.Gone}},
}

// medicineTypes are the resource types a list of medicines is made of.
var medicineTypes = []string{"MedicationRequest", "MedicationDispense", "MedicationStatement"}

// medicinesPage lists the medicines of one tab. The counts of the other tabs stand
// beside it, so that nothing is out of sight.
func medicinesPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	here := r.PathValue("tab")
	if here == "" {
		here = "nu"
	}
	p := &listPage{page: page{Title: v.T("title.m"), Here: "/m", H1: v.T("nav.m")}}
	var shown []bundle
	found := false
	for _, t := range medicineTabs {
		all := v.bundles(v.o.Subject("medication"), in(t.sections...))
		href := "/m"
		if t.name != "nu" {
			href += "/" + t.name
		}
		if t.name == here {
			shown, found = all, true
		}
		p.Tabs = append(p.Tabs, tab{Text: v.T("m.tab." + t.name), Href: href, Count: len(all), Here: t.name == here})
	}
	if !found {
		return nil, ErrNotFound
	}
	v.medicinesAnswer(p, here, shown)
	shown = v.narrowMedicines(p, r, shown)
	p.Parts = []listPart{{Rows: onTop(v.medicineRows(p, here, shown, r))}}
	p.fit(v, r, mostMedicines)
	p.Where = v.where(medicineTypes...)
	return p, nil
}

// medicinesAnswer is the headline: how many, and whether the sources agree.
func (v *view) medicinesAnswer(p *listPage, tab string, shown []bundle) {
	if len(v.o.Subject("medication")) == 0 {
		v.emptyList(&p.page, "m", medicineTypes...)
		return
	}
	p.Answer = v.T("m.answer."+tab, "n", len(shown))
	differ := 0
	for _, b := range shown {
		if b.differs() {
			differ++
		}
	}
	if differ > 0 {
		p.Rest = v.T("m.differ", "n", differ)
	}
	p.Actions = []action{{Text: v.T("e.self"), Href: "/e/" + kindNumber(OwnMedicine), Look: "other"}, {Text: v.T("pr.h1"), Href: "/p", Look: "other"}}
}

// medicineRows leaves what ended more than a year ago for later, unless it was
// asked for.
func (v *view) medicineRows(p *listPage, tab string, shown []bundle, r *http.Request) []row {
	var rows []row
	limit := v.now.AddDate(-1, 0, 0).Format(time.DateOnly)
	older, hidden := r.URL.Query().Has("ouder"), 0
	for _, b := range shown {
		if last := b.last(); tab == "gestopt" && !older && last != "" && last < limit {
			hidden++
			continue
		}
		rows = append(rows, v.medicineRow(b))
	}
	if hidden > 0 {
		p.Further = &link{v.T("m.older", "n", hidden), v.sameList(r, "ouder", "1")}
	}
	return rows
}

// medicineRow is one medicine, or a group of medicines that stand side by
// side: then every one is on a line of its own, with who says it.
func (v *view) medicineRow(b bundle) row {
	if stated, _ := split(b.items); len(stated) == 1 {
		item := stated[0]
		r := v.row(item)
		if m, ok := item.Value.(*aggregator.Medicine); ok {
			r.Soft, r.Flags = v.medicineFacts(item, m), append(r.Flags, v.medicineFlags(item, m)...)
			r.Note = dotted(append(briefly(item.Notes), r.Note)...)
		}
		if item.Group != "" && b.differs() {
			r.Actions = []action{v.seeDifference(b)}
		}
		return r
	}
	r := row{Name: brief(b.title), Href: b.href()}
	shown, more := fewVersions(b.items)
	r.Lines, r.Bars, r.Chips = v.versions(shown, v.versionText(b))
	if more > 0 { // what the person says of it stands after the versions, and stays
		r.Lines = slices.Insert(r.Lines, mostVersions, plain(v.T("m.versions.more", "n", more)))
		r.Chips, r.Actions = v.chips(allSpeakers(b.items)), []action{v.seeDifference(b)}
	}
	if b.differs() {
		r.Flags = []flag{{v.T("flag.difference"), "mark"}}
		r.Actions = []action{v.seeDifference(b)}
	} else {
		r.Flags = []flag{{v.T("flag.beside", "n", len(b.items)), ""}}
	}
	r.Soft, r.Note = brief(b.text), dotted(b.notes()...)
	return r
}

// fewVersions are the versions that fit in one row, with all that the person says
// of them, and how many do not.
func fewVersions(items []aggregator.Item) (shown []aggregator.Item, more int) {
	stated, answers := split(items)
	if more = len(stated) - mostVersions; more <= 0 {
		return items, 0
	}
	return slices.Concat(stated[:mostVersions], answers), more
}

// seeDifference leads to the versions of a group side by side.
func (v *view) seeDifference(b bundle) action {
	return action{Text: v.T("o.difference.see"), About: brief(b.title), Href: b.href(), Look: "other"}
}

// versionText is what one source of a group says: the name of the medicine
// too, when the names differ, and where it stands when it is not in use.
func (v *view) versionText(b bundle) func(aggregator.Item) string {
	if len(b.items) > 0 && isResult(b.items[0]) {
		return valueOf
	}
	differ := b.namesDiffer()
	return func(item aggregator.Item) string {
		text := doseOf(item)
		if differ {
			text = strings.TrimSuffix(item.Name()+": "+text, ": ")
		}
		if item.Section != aggregator.Current && v.Has("section."+string(item.Section)) {
			text += " (" + v.T("section."+string(item.Section)) + ")"
		}
		return brief(text)
	}
}

// medicineFacts are since and until when, and what for.
func (v *view) medicineFacts(item aggregator.Item, m *aggregator.Medicine) string {
	since, until := "", ""
	if !m.Start.IsZero() && item.Section != aggregator.Planned {
		since = v.T("m.since", "day", v.Day(m.Start))
	} else if !m.Start.IsZero() {
		since = v.T("m.from", "day", v.Day(m.Start))
	}
	if !m.End.IsZero() {
		until = v.T("m.until", "day", v.Day(m.End))
	}
	reason := ""
	if m.Reason != "" {
		reason = v.T("m.for", "what", brief(m.Reason))
	}
	given := ""
	if m.Inferred && !m.Last.IsZero() {
		given = v.T("m.inferred", "day", v.Day(m.Last))
	}
	return capital(dotted(since, until, reason, brief(m.Next), given))
}

// medicineFlags are the words after the name. New is what began within two weeks.
func (v *view) medicineFlags(item aggregator.Item, m *aggregator.Medicine) []flag {
	var out []flag
	switch {
	case item.Section == aggregator.Paused:
		out = append(out, flag{v.T("flag.paused"), ""})
	case item.Section == aggregator.Gone:
		out = append(out, flag{v.T("flag.gone"), ""})
	case m.Ended == "stopped":
		out = append(out, flag{v.T("flag.stopped"), ""})
	case !m.Start.IsZero() && v.now.Sub(m.Start.Low()) < 14*24*time.Hour && item.Section == aggregator.Current && !item.Own():
		out = append(out, flag{v.T("flag.new"), ""})
	}
	return out
}

// doseOf is how a medicine is used, as its source wrote it.
func doseOf(item aggregator.Item) string {
	if m, ok := item.Value.(*aggregator.Medicine); ok && m.Dose != "" {
		return m.Dose
	}
	return item.Detail
}
