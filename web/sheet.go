package web

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// sheet is one sheet of paper, or several when it is full. Its head and its
// foot come back on every page.
type sheet struct {
	Lang  string
	Kind  string // key of the paper: a class
	Title string
	Name  string
	Born  string
	Right []string // at the top, right: the appointment

	One    bool // meant for one page: the room to write takes what is left of it
	Parts  []sheetPart
	Letter *letterText

	Bare    bool // a letter: says nothing of sources
	Sources []letterOf
	Missing []string
	Closed  string
	Made    string
	Words   map[string]string // the heads of the two lines above, in Lang
}

// letterOf explains one letter at the foot of a sheet.
type letterOf struct{ Letter, Text string }

// sheetPart is one part, with its name in the margin.
type sheetPart struct {
	Name      string
	Questions []string
	Text      []string
	Table     *sheetTable
	Spark     *spark
	Faces     []cardFace
	Aside     []string // small, below the rest
	Lines     []string // empty lines to write on
}

// sheetTable is rows under column heads; the heads may be missing.
type sheetTable struct {
	Kind  string
	Heads []cell
	Rows  []sheetRow
}

// sheetRow is one row; More goes on with the row above it.
type sheetRow struct {
	More  bool
	Cells []cell
}

// cell is one cell. Its class gives its width.
type cell struct {
	Class string
	Text  string
	Flag  string   // in a box, after the text
	After string   // plain, after a bold text
	Lines []string // smaller facts below it
	Tick  bool     // a box to tick
}

// newSheet is an empty sheet with its head and foot.
func (v *view) newSheet(kind string) sheet {
	s := sheet{Lang: v.Lang, Kind: kind, Title: v.T("pr.name." + kind), Name: clean(v.o.Person.Name), Born: v.When(v.o.Person.BirthDate)}
	s.Made = v.T("pr.made", "day", v.madeOn(v.now))
	s.Words = map[string]string{"sources": v.T("pr.foot.sources"), "lacks": v.T("pr.foot.lacks")}
	s.Sources = v.sourceKeys()
	s.Missing = v.lacks()
	return s
}

// add adds a part, unless there is nothing in it.
func (s *sheet) add(p sheetPart) {
	if len(p.Text)+len(p.Aside) > 0 || p.Table != nil || len(p.Questions) > 0 || p.Spark != nil || len(p.Lines) > 0 || len(p.Faces) > 0 {
		s.Parts = append(s.Parts, p)
	}
}

// sourceKeys says which source each letter is, and of when its data is.
func (v *view) sourceKeys() []letterOf {
	var out []letterOf
	for _, source := range v.sources() {
		text := v.provider(source)
		if t := v.fetched(source); !t.IsZero() {
			text += ", " + v.dayHere(t)
		}
		out = append(out, letterOf{v.tag(source), text})
	}
	if slices.ContainsFunc(v.o.Items, func(i aggregator.Item) bool { return slices.Contains(speakers(i), fhir.Self) }) {
		out = append(out, letterOf{v.tag(fhir.Self), v.T("pr.self")})
	}
	return out
}

// madeOn is the day of a moment, as it stands on paper.
func (v *view) madeOn(at time.Time) string {
	return v.When(at.In(fhir.Amsterdam()).Format(time.DateOnly))
}

// dayHere is a day; without its year when that is this year.
func (v *view) dayHere(t time.Time) string {
	return strings.TrimSuffix(v.madeOn(t), nbsp+v.now.In(fhir.Amsterdam()).Format("2006"))
}

// letters are the letters of sources.
func (v *view) letters(sources []string) string {
	var out []string
	for _, s := range sources {
		out = append(out, v.tag(s))
	}
	return strings.Join(out, " ")
}

// slim writes a date for a narrow column: "8-5-25"; as precisely as it is known.
func (v *view) slim(d fhir.Date) string {
	if d.Precision() <= fhir.PrecisionMonth {
		return v.Day(d)
	}
	return strings.ReplaceAll(d.Low().In(fhir.Amsterdam()).Format(v.T("pr.date")), " ", nbsp)
}

// slimWhen is the date of an item for a narrow column.
func (v *view) slimWhen(item aggregator.Item) string { return v.slimDay(item.When) }

// slimDay writes a date that is kept as text for a narrow column.
func (v *view) slimDay(day string) string { return v.slim(fhir.ParseDate(day)) }

// open leaves out what the person does not see yet. A view of the overview has
// taken everything else about it away already; a sheet does not name it at all.
func open(items []aggregator.Item) []aggregator.Item {
	return slices.DeleteFunc(slices.Clone(items), isClosed)
}
