package web

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// row is one row of a list.
type row struct {
	Bars    *bars
	Figure  string // a large number before it
	Seal    *seal  // in place of a name: it is closed
	Name    string
	Href    string
	Flags   []flag
	Lines   []line
	Soft    string
	Chips   []chip
	Actions []action
	Line    *numberLine
	Parts   *partsBar
	Note    string // small, at the end
	Top     bool   // no heading stands between the page's own and its name

	later  func() row // makes the row when it is on the page; nil: it is made
	marked bool       // that row asks for attention
}

// onTop gives rows that stand right under the heading of the page: who jumps
// from heading to heading misses no level.
func onTop(rows []row) []row {
	out := slices.Clone(rows)
	for i := range out {
		out[i].Top = true
	}
	return out
}

// flag is a word after the name. Mark asks for attention; own is the person's.
type flag struct {
	Text string
	Kind string // "mark", "own" or empty
}

// line is one line of text; Who says it comes first.
type line struct {
	Who   string
	Spans []span
	Own   bool
	Gone  bool // taken back
}

// span is a piece of text, marked when it differs from what others say.
type span struct {
	Text   string
	Marked bool
}

// chip is a source: its letter and its name, with the date when that is not today.
type chip struct {
	Letter, Name string
	Own          bool
}

// plain is a line without anything marked.
func plain(text string) line { return line{Spans: []span{{Text: text}}} }

// bars is the mark of a row on the line: one bar for each source, moved when
// that source says something else.
type bars struct {
	Height int
	Band   int // length of the piece of the red line over it
	Bars   []bar
}

// bar is one source; moved when it says something else, hollow when not yet seen.
type bar struct {
	X, Y   int
	Own    bool
	Hollow bool
}

const mostBars = 5

// newBars stacks the bars; nil when there are none.
func newBars(all []bar) *bars {
	if len(all) == 0 {
		return nil
	}
	all = all[:min(len(all), mostBars)]
	for i := range all {
		all[i].Y = 7 * i
	}
	height := 7*len(all) - 3
	return &bars{Height: height, Band: height + 4, Bars: all}
}

// chips are the sources of an item, in the order in which they speak.
func (v *view) chips(sources []string) []chip {
	var out []chip
	for _, s := range sources {
		c := chip{Letter: v.tag(s), Name: v.provider(s), Own: s == fhir.Self}
		if t := v.fetched(s); !c.Own && !t.IsZero() {
			if day := v.DayOf(t, v.now); day != v.T("today") {
				c.Name += ", " + day
			}
		}
		out = append(out, c)
	}
	return out
}

// row makes the row of one item: its name, what it says, and who says it.
func (v *view) row(item aggregator.Item) row {
	if isClosed(item) {
		return v.closedRow(bunchOf(item))
	}
	r := row{
		Name: brief(item.Name()), Href: "/i/" + item.Key(), Flags: v.flags(item),
		Chips: v.chips(speakers(item)), Bars: newBars(itemBars(item)),
	}
	if item.Detail != "" {
		l := plain(brief(item.Detail))
		l.Own = item.Own()
		r.Lines = append(r.Lines, l)
	}
	for _, own := range v.answers(item) {
		r.Lines = append(r.Lines, v.saidLine(own))
	}
	for _, c := range item.Conflicts {
		if c.Seen {
			r.Note = dotted(r.Note, v.T("j.seen")+" "+brief(c.Text))
			continue
		}
		r.Lines = append(r.Lines, line{Spans: []span{{Text: brief(c.Text), Marked: len(c.Text) < 60}}})
	}
	return r
}

// flags are the words after a name that any subject can have.
func (v *view) flags(item aggregator.Item) []flag {
	var out []flag
	switch {
	case item.Differs():
		out = append(out, flag{v.T("flag.difference"), "mark"})
	case unseen(item):
		out = append(out, flag{v.T("flag.mind"), "mark"})
	}
	if item.Own() {
		out = append(out, flag{v.T("flag.own"), "own"})
	}
	return out
}

// marks tells whether the row of an item asks for attention.
func marks(item aggregator.Item) bool { return item.Differs() || unseen(item) }

// itemBars: one bar for each source of one item. They lie flush, because the
// item is one statement; a difference within it moves the last. What differs from
// another item stands beside that one.
func itemBars(item aggregator.Item) []bar {
	var out []bar
	for _, s := range speakers(item) {
		out = append(out, bar{Own: s == fhir.Self})
	}
	if n := len(out); n > 1 && item.Differs() && item.Group == "" {
		out[n-1].X = -8
	}
	return out
}

// versions puts the items of a group on one row, each on a line of its own
// that begins with who says it, with the words that differ marked.
func (v *view) versions(items []aggregator.Item, text func(aggregator.Item) string) (lines []line, marks *bars, chips []chip) {
	var texts []string
	items, answers := split(items)
	for _, item := range items {
		texts = append(texts, text(item))
	}
	spans := differ(texts)
	var all []bar
	var sources []string
	for i, item := range items {
		who := v.List(v.names(speakers(item)))
		lines = append(lines, line{Who: who, Spans: spans[i], Own: item.Own()})
		for _, s := range speakers(item) {
			b := bar{Own: s == fhir.Self}
			if i > 0 && texts[i] != texts[0] {
				b.X = -8
			}
			all = append(all, b)
			if !slices.Contains(sources, s) {
				sources = append(sources, s)
			}
		}
	}
	for _, own := range answers { // beside the others, and no reason to call them different
		lines, all = append(lines, v.saidLine(own)), append(all, bar{Own: true})
		if !slices.Contains(sources, fhir.Self) {
			sources = append(sources, fhir.Self)
		}
	}
	return lines, newBars(all), v.chips(sources)
}

// dotted joins the soft facts of a row: "Sinds 8 mei 2025 · voor hoge bloeddruk".
func dotted(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}
