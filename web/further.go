package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// How many rows of a kind a page has at most: more would take it over 60 kB
// (product.md 6.16).
const (
	mostRows      = 100 // a name and a few lines
	mostMedicines = 50  // with what each source says
	mostLetters   = 70  // with how many versions and files
	mostAllergies = 50  // with reactions
	mostSeries    = 36  // with a number line
	mostLeaves    = 40  // versions side by side, which can be joined
	mostRecords   = 50  // behind one item, each with a button
	mostFound     = 70  // of any subject
	mostTodo      = 40  // that wait for the person
	mostChoices   = 60  // each with a button to end it
	mostTicks     = 150 // of a matrix, over all its rows
	mostVersions  = 20  // of a medicine, in one row
	mostBeside    = 20  // names of what stands beside an item
	mostAsked     = 20  // questions about sharing
)

// startAt is where a list begins on a page, by its address.
func startAt(r *http.Request) string { return r.URL.Query().Get("vanaf") }

// cut gives the rows of a long list from a number on, and where the next ones
// begin; zero when these are the last.
func cut[T any](all []T, from string) (shown []T, next int) { return cutTo(all, from, mostRows) }

// cutTo is cut for another number of rows.
func cutTo[T any](all []T, from string, most int) (shown []T, next int) {
	start, err := strconv.Atoi(from)
	if err != nil || start < 0 || start > len(all) {
		start = 0
	}
	end := min(start+most, len(all))
	if end < len(all) {
		next = end
	}
	return all[start:end], next
}

// cut leaves the rows of all parts from a number on, at most so many, and gives
// the rows after them. Rows that were left for later are made.
func (p *listPage) cut(from string, most int) (next int, rest []row) {
	start, err := strconv.Atoi(from)
	if err != nil || start < 0 {
		start = 0
	}
	var kept []listPart
	at := 0
	for _, part := range p.Parts {
		rows := part.Rows
		low, high := min(max(start-at, 0), len(rows)), min(max(start+most-at, 0), len(rows))
		at, rest = at+len(rows), append(rest, rows[high:]...)
		if part.Rows = rows[low:high]; low < high || len(rows) == 0 {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 && start > 0 && at > 0 {
		return p.cut("", most)
	}
	for _, part := range kept {
		makeRows(part.Rows)
	}
	p.Parts = kept
	return start + most, rest
}

// fit cuts the page to so many rows and leads on to the rest.
func (p *listPage) fit(v *view, r *http.Request, most int) {
	if next, rest := p.cut(startAt(r), most); len(rest) > 0 {
		p.Further = v.further(r, next, rest)
	}
}

// further leads to the rows that are not on the page.
func (v *view) further(r *http.Request, next int, rest []row) *link {
	l := v.furtherTo(r, next, len(rest))
	l.Text = v.moreText(rest)
	return l
}

// moreText says how many rows are not on the page, and how many of them have a
// mark: no difference and no warning is out of sight unsaid.
func (v *view) moreText(rest []row) string {
	marked := 0
	for _, one := range rest {
		if one.marked || slices.ContainsFunc(one.Flags, func(f flag) bool { return f.Kind == "mark" }) {
			marked++
		}
	}
	if marked == 0 {
		return v.T("further.rest", "n", len(rest))
	}
	return v.T("further.marked", "n", len(rest), "marked", marked)
}

// furtherTo is further for rows without marks.
func (v *view) furtherTo(r *http.Request, next, n int) *link {
	return &link{v.T("further.rest", "n", n), v.sameList(r, "vanaf", fmt.Sprint(next))}
}

// sameList is the address of this list with one thing more asked of it.
func (v *view) sameList(r *http.Request, name, value string) string {
	q := url.Values{name: {value}}
	for _, kept := range [...]string{"ouder", "eigen", bySource, byKind, byYear, byPart} { // what the list is; the rest is of one visit
		if r.URL.Query().Has(kept) {
			q.Set(kept, chosenIn(r, kept))
		}
	}
	return v.path + "?" + q.Encode()
}

// rowsLater are rows of which few will be on one page: [listPage.cut] makes those.
func rowsLater[T any](all []T, make func(T) row, marked func(T) bool) []row {
	out := slices.Grow([]row(nil), len(all))
	for _, of := range all {
		out = append(out, row{later: func() row { return make(of) }, marked: marked(of)})
	}
	return out
}

// makeRows makes those that were left for later.
func makeRows(rows []row) {
	for i, r := range rows {
		if r.later != nil {
			rows[i] = r.later()
		}
	}
}
