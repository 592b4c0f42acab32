package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// view is one request: the language, the overview and the moment.
type view struct {
	*words
	s     *Server
	o     *aggregator.Overview // nil on pages outside the vault
	now   time.Time
	path  string
	look  Preferences                  // how the pages look
	kept  string                       // of that, what this browser kept
	draft *draft                       // what was being typed on this page when the vault closed
	open  bool                         // the vault is open, also where o is nil
	tags  map[string]string            // letter of each source, made when first asked for
	said  map[string][]aggregator.Item // what the person says of an item, by its id; made when first asked for
}

// typeName is the name of a type: all of an unknown error that a log may hold.
func typeName(v any) string { return fmt.Sprintf("%T", v) }

// complete fills in what every page has.
func (v *view) complete(p *page) {
	p.Lang, p.Other = v.Lang, "en"
	if v.Lang == "en" {
		p.Other = "nl"
	}
	if p.Path == "" {
		p.Path = v.path
	}
	p.Look = v.look
	if v.o != nil {
		p.Person = clean(v.o.Person.Name)
	}
	if v.o != nil || v.open {
		p.Idle = int(v.s.idleAfter().Seconds())
		p.Warn = min(longestWarning, p.Idle/2)
		p.Gone = p.Idle + 2
		if writable(v.s.routeOf(http.MethodPost, v.path)) {
			p.Gone += p.Idle // somebody may be typing: without a script nobody can tell
		}
	}
}

// provider is the readable name of a source.
func (v *view) provider(source string) string {
	if source == fhir.Self {
		return v.T("self")
	}
	if v.o == nil {
		return clean(source)
	}
	return clean(v.o.ProviderName(source))
}

// tag is the letter that stands for a source on every page: the first of its
// name, Z for the person, two letters when two names begin alike.
func (v *view) tag(source string) string {
	if v.tags == nil {
		v.tags = v.makeTags()
	}
	if t, ok := v.tags[source]; ok {
		return t
	}
	return initial(v.provider(source), 1)
}

// makeTags chooses the letters of all sources at once, so that no two are alike.
func (v *view) makeTags() map[string]string {
	tags := map[string]string{fhir.Self: v.T("self.letter")}
	used := map[string]int{v.T("self.letter"): 1}
	sources := v.sources()
	for _, source := range sources {
		used[initial(v.provider(source), 1)]++
	}
	for _, source := range sources {
		t := initial(v.provider(source), 1)
		if used[t] > 1 {
			t = initial(v.provider(source), 2)
			used[t]++
		}
		if n := used[t]; n > 1 && len([]rune(t)) > 1 {
			t += fmt.Sprint(n)
		}
		tags[source] = t
	}
	return tags
}

// initial is the first letter of a name, followed by that of its last word
// when two are asked for.
func initial(name string, n int) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters = append(letters, unicode.ToUpper(r))
				break
			}
		}
	}
	switch {
	case len(letters) == 0:
		return "?"
	case n == 1 || len(letters) == 1:
		return string(letters[0])
	}
	return string([]rune{letters[0], letters[len(letters)-1]})
}

// sources are the connected sources, each once, in the order of the overview.
func (v *view) sources() []string {
	var all []string
	for _, s := range v.o.Sources {
		if !slices.Contains(all, s.Source) {
			all = append(all, s.Source)
		}
	}
	return all
}

// fetched is when a source last gave something; zero when it never did.
func (v *view) fetched(source string) time.Time {
	var last time.Time
	for _, s := range v.o.Sources {
		if s.Source == source && s.Fetched.After(last) && s.Outcome != fhir.Failed && s.Outcome != fhir.NotGranted {
			last = s.Fetched
		}
	}
	return last
}

// updated is the last time anything was fetched.
func (v *view) updated() time.Time {
	var last time.Time
	for _, source := range v.sources() {
		if t := v.fetched(source); t.After(last) {
			last = t
		}
	}
	return last
}

// speakers are the sources that speak in an item, each once. Records that were
// taken back, and those that only help, do not speak.
func speakers(item aggregator.Item) []string {
	var all []string
	for _, p := range item.Parts {
		if helps(p) || p.Hidden == "void" {
			continue
		}
		if !slices.Contains(all, p.Source) {
			all = append(all, p.Source)
		}
	}
	if len(all) == 0 {
		for _, p := range item.Parts {
			if !slices.Contains(all, p.Source) {
				all = append(all, p.Source)
			}
		}
	}
	return all
}

// names are the readable names of sources.
func (v *view) names(sources []string) []string {
	var all []string
	for _, s := range sources {
		all = append(all, v.provider(s))
	}
	return all
}

// helps tells whether a part only helps to read the others: a person, a place,
// a product or a file that they name.
func helps(p aggregator.Part) bool {
	switch p.Role {
	case aggregator.RoleProduct, aggregator.RoleFile, aggregator.RoleAuthor, aggregator.RolePerson,
		aggregator.RolePlace, aggregator.RoleSpecimen, aggregator.RoleDevice:
		return true
	}
	return false
}

// sections gives the items that stand in one of the sections.
func sections(items []aggregator.Item, names ...aggregator.Section) []aggregator.Item {
	var out []aggregator.Item
	for _, item := range items {
		if slices.Contains(names, item.Section) {
			out = append(out, item)
		}
	}
	return out
}

// find gives the item that an address names. One that is closed is a
// *closedError.
func (v *view) find(key string) (aggregator.Item, error) {
	item, ok := v.o.Find(key)
	if !ok {
		return aggregator.Item{}, ErrNotFound
	}
	if isClosed(item) {
		return aggregator.Item{}, &closedError{item.Key()}
	}
	return item, nil
}
