package web

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/fhir"
)

// typed is what the person filled in before printing.
type typed url.Values

// get is one text, fit to be shown.
func (in typed) get(name string) string { return strings.TrimSpace(clean(url.Values(in).Get(name))) }

// has tells whether anything was filled in.
func (in typed) has(name string) bool { return in.get(name) != "" }

// on tells whether an option was ticked.
func (in typed) on(name, value string) bool { return slices.Contains(in[name], value) }

// lines are the lines of a text without the empty ones.
func (in typed) lines(name string) []string {
	var out []string
	for text := range strings.Lines(in.get(name)) {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// The kinds of fields.
const (
	fieldText   = "text"
	fieldArea   = "area"
	fieldDate   = "date"
	fieldTicks  = "ticks"  // any number of Options
	fieldChoice = "choice" // one of Options
	fieldFile   = "file"   // the form is sent in parts then
	fieldSaid   = "said"   // nothing to fill in: a heading, with Hint under it
)

// printField is one question before printing.
type printField struct {
	Name, Kind  string
	Label, Hint string
	Value       string
	Max         int // characters, or ticks; zero: any number of ticks
	Options     []printOption
	Must        bool   // a form without it comes back
	Accept      string // kinds of files
}

// printOption is one answer that can be chosen.
type printOption struct {
	Value, Text string
	On          bool
}

// printForm is the page before a sheet.
type printForm struct {
	page
	Post   string
	Fields []printField
	Hidden []value
	Button string // empty: as before a sheet
	Upload bool   // it is sent in parts: it has a file
}

func (*printForm) template() string { return "print" }

// printForm is the form of a paper, with what was typed in it; in is nil when
// nothing was typed yet.
func (v *view) printForm(what paper, in typed) *printForm {
	name := v.T("pr.name." + what.key)
	p := &printForm{page: page{
		Title: v.T("title.p"), Here: "/", Crumbs: v.printCrumbs(name), H1: name, Answer: v.T("pr.ask." + what.key), Rest: v.T("pr.ask.rest"),
	}, Post: v.path, Fields: what.fields(v)}
	if n := len(v.shut()); n > 0 && !isLetter(what.key) {
		p.Fields = append(p.Fields, printField{
			Name: "dicht", Kind: fieldTicks, Label: v.T("pr.closed.label"), Hint: v.T("pr.closed.hint"),
			Options: []printOption{{Value: "ja", Text: v.T("pr.closed.tick", "n", n)}},
		})
	}
	for i := range p.Fields {
		p.Fields[i].fill(in)
	}
	return p
}

// fill puts back what was typed.
func (f *printField) fill(in typed) {
	if in == nil {
		return
	}
	if f.Kind != fieldTicks && f.Kind != fieldChoice {
		f.Value = in.get(f.Name)
	}
	for i := range f.Options {
		f.Options[i].On = in.on(f.Name, f.Options[i].Value)
	}
}

// given is what was typed, as hidden fields.
func (p *printForm) given() []value {
	var out []value
	for _, f := range p.Fields {
		if f.Value != "" {
			out = append(out, value{f.Name, f.Value})
		}
		for _, o := range f.Options {
			if o.On {
				out = append(out, value{f.Name, o.Value})
			}
		}
	}
	return out
}

// wrongFields names what has to be changed in the form. What does not fit is
// never cut off unseen.
func (v *view) wrongFields(fields []printField) []wrong {
	var out []wrong
	for _, f := range fields {
		if text := v.wrongField(f); text != "" {
			out = append(out, wrong{f.Name, text})
		}
	}
	return out
}

// wrongField says what is wrong with one field; empty when nothing is.
func (v *view) wrongField(f printField) string {
	ticks := 0
	for _, o := range f.Options {
		if o.On {
			ticks++
		}
	}
	switch f.Kind {
	case fieldChoice:
		if ticks != 1 {
			return v.T("pr.wrong.choose")
		}
	case fieldTicks:
		if f.Max > 0 && ticks > f.Max {
			return v.T("pr.wrong.many", "n", f.Max)
		}
	case fieldDate:
		if day, ok := readDay(f.Value); f.Value != "" && (!ok || day.After(v.now)) {
			return v.T("pr.wrong.day")
		}
	default:
		if n := utf8.RuneCountInString(f.Value); n > f.Max {
			return v.T("pr.wrong.long", "n", f.Max)
		}
	}
	return ""
}

// readDay reads a day as a browser sends it.
func readDay(text string) (time.Time, bool) {
	day, err := time.ParseInLocation(time.DateOnly, text, fhir.Amsterdam())
	return day, err == nil
}
