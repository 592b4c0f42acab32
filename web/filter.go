package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// The names by which a list is narrowed in an address. Their values name nobody
// and nothing: they are keys, or a year.
const (
	bySource = "bron"
	byKind   = "soort"
	byYear   = "jaar"
)

// narrow lets the person choose which rows of a list to see.
type narrow struct {
	Action  string // the address of the list
	Fields  []narrowField
	Chosen  bool   // something was chosen: All leads back to everything
	Outside string // how many rows are out of sight; empty for none
}

// narrowField is one thing to choose by.
type narrowField struct {
	Name, Label string
	Options     []logOption // the first is everything
}

// chosenIn is the value of a choice in the address of a page; empty for everything.
func chosenIn(r *http.Request, name string) string { return r.URL.Query().Get(name) }

// offer adds something to choose by, unless there is nothing to choose between.
// Options come as keys and texts, in their order.
func (v *view) offer(n *narrow, r *http.Request, name string, options []logOption) {
	if len(options) < 2 {
		return
	}
	here := chosenIn(r, name)
	f := narrowField{Name: name, Label: v.T("pick." + name), Options: []logOption{{"", v.T("pick.all." + name), here == ""}}}
	for _, o := range options {
		o.Here = o.Value == here
		n.Chosen = n.Chosen || o.Here
		f.Options = append(f.Options, o)
	}
	n.Fields = append(n.Fields, f)
}

// asks tells whether a row that fits keys stands in the list: nothing was chosen
// by that name, or one of its keys was.
func asks(r *http.Request, name string, keys ...string) bool {
	here := chosenIn(r, name)
	return here == "" || slices.Contains(keys, here)
}

// mostAtOnce is how many rows a person sees at a glance: a shorter list needs no
// form above it.
const mostAtOnce = 8

// beyond says how many rows are out of sight by what was chosen. There is no form
// where there is nothing to choose.
func (v *view) beyond(n *narrow, all, shown int) *narrow {
	if len(n.Fields) == 0 || all <= mostAtOnce && !n.Chosen {
		return nil
	}
	if n.Chosen {
		n.Outside = v.T("pick.outside", "n", all-shown)
	}
	return n
}

// sourceOptions are the sources of these items, by name.
func (v *view) sourceOptions(items []aggregator.Item) []logOption {
	var out []logOption
	heard := allSpeakers(items)
	for _, source := range append(v.sources(), fhir.Self) {
		if slices.Contains(heard, source) {
			out = append(out, logOption{Value: sourceKey(source), Text: v.provider(source)})
		}
	}
	return out
}

// sourceKeysOf are the keys of all who speak about these items.
func sourceKeysOf(items []aggregator.Item) []string {
	var out []string
	for _, source := range allSpeakers(items) {
		out = append(out, sourceKey(source))
	}
	return out
}

// narrowMedicines leaves the medicines about which a source says something. A
// medicine stays whole: what the others say of it is never out of sight.
func (v *view) narrowMedicines(p *listPage, r *http.Request, all []bundle) []bundle {
	n := &narrow{Action: v.path}
	v.offer(n, r, bySource, v.sourceOptions(bundled(all)))
	shown := slices.DeleteFunc(slices.Clone(all), func(b bundle) bool { return n.Chosen && !asks(r, bySource, sourceKeysOf(b.items)...) })
	p.Narrow = v.beyond(n, len(all), len(shown))
	return shown
}

// narrowLetters leaves the letters of a source, a kind and a year (product.md 6.11).
func (v *view) narrowLetters(p *listPage, r *http.Request, all []aggregator.Item) []aggregator.Item {
	n := &narrow{Action: v.path}
	v.offer(n, r, bySource, v.sourceOptions(all))
	var kinds, years []logOption
	for _, item := range all {
		kinds = addOption(kinds, logOption{Value: kindKey(item), Text: letterKind(item)})
		years = addOption(years, logOption{Value: yearOf(letterDate(item)), Text: yearOf(letterDate(item))})
	}
	v.offer(n, r, byKind, kinds)
	v.offer(n, r, byYear, years)
	shown := slices.DeleteFunc(slices.Clone(all), func(item aggregator.Item) bool {
		return n.Chosen && !(asks(r, bySource, sourceKeysOf([]aggregator.Item{item})...) && asks(r, byKind, kindKey(item)) && asks(r, byYear, yearOf(letterDate(item))))
	})
	p.Narrow = v.beyond(n, len(all), len(shown))
	return shown
}

// addOption adds an option that has a text and is not there yet.
func addOption(all []logOption, one logOption) []logOption {
	if one.Text == "" || slices.ContainsFunc(all, func(o logOption) bool { return o.Value == one.Value }) {
		return all
	}
	return append(all, one)
}

// letterKind is the kind of a letter, in the words of who wrote it.
func letterKind(item aggregator.Item) string {
	if l, ok := item.Value.(*aggregator.Letter); ok {
		return brief(l.Kind)
	}
	return ""
}

// kindKey stands for a kind in an address, which says nothing about health.
func kindKey(item aggregator.Item) string { return sourceKey(letterKind(item)) }

// yearOf is the year of a date; empty without one.
func yearOf(d fhir.Date) string {
	if d.IsZero() {
		return ""
	}
	return strconv.Itoa(d.Low().In(fhir.Amsterdam()).Year())
}
