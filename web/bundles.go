package web

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// bundle is what stands on one row: one item, or the items of a group.
type bundle struct {
	title, text string
	advice      string
	items       []aggregator.Item
	joinable    []string // ids of those that the person can join with another
}

// href is the page of the difference; of one item, the page of that item.
func (b bundle) href() string {
	if stated, _ := split(b.items); len(stated) == 1 {
		return "/i/" + stated[0].Key()
	}
	return "/v/" + b.items[0].Key()
}

// differs tells whether the sources do not agree.
func (b bundle) differs() bool {
	return slices.ContainsFunc(b.items, aggregator.Item.Differs)
}

// concern is what else asks for attention, in the words of the overview; empty
// when nothing does.
func (b bundle) concern() string {
	for _, item := range b.items {
		for _, c := range item.Conflicts {
			if !c.IsDifference() && !c.Seen {
				return c.Text
			}
		}
	}
	return ""
}

// notes are what is worth knowing about the items, each once.
func (b bundle) notes() []string {
	var out []string
	for _, item := range b.items {
		for _, text := range briefly(item.Notes) {
			if !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

// namesDiffer tells whether the items carry different names, so that the names have
// to be said.
func (b bundle) namesDiffer() bool {
	for _, item := range b.items {
		if item.Name() != b.items[0].Name() {
			return true
		}
	}
	return false
}

// last is the latest date that any of the items speaks of.
func (b bundle) last() string {
	last := ""
	for _, item := range b.items {
		when := item.When
		if m, ok := item.Value.(*aggregator.Medicine); ok {
			when = max(when, m.End.Day(), m.Last.Day())
		}
		last = max(last, when)
	}
	return last
}

// in tells of an item whether it stands in one of the sections.
func in(names ...aggregator.Section) func(aggregator.Item) bool {
	return func(item aggregator.Item) bool { return len(sections([]aggregator.Item{item}, names...)) > 0 }
}

// anySection leaves out only what is history.
func anySection(item aggregator.Item) bool { return item.Section != aggregator.History }

// bundles puts items of one group together. A group is shown whole as soon as
// one of its items belongs to the list: one version is never shown alone.
func (v *view) bundles(items []aggregator.Item, belongs func(aggregator.Item) bool) []bundle {
	var out []bundle
	done := map[string]bool{}
	for _, item := range items {
		if !belongs(item) || len(item.About) > 0 && item.Group != "" || item.Group != "" && done[item.Group] {
			continue
		}
		b := bundle{title: item.Name(), items: []aggregator.Item{item}}
		if g, ok := v.o.Group(item.Group); ok && item.Group != "" {
			done[item.Group] = true
			b.items = nil
			for _, other := range v.o.InGroup(g.ID) {
				if other.Subject == item.Subject && anySection(other) {
					b.items = append(b.items, other)
				}
			}
			b.text, b.advice, b.joinable = g.Text, g.Advice, g.Joinable
			if len(b.items) > 1 && g.Title != "" {
				b.title = g.Title
			}
		}
		out = append(out, b)
	}
	return out
}

// within gives the bundles with only the items that belong to the list: an
// allergy of the past is never among those of now because it looks like one.
func (v *view) within(items []aggregator.Item, belongs func(aggregator.Item) bool) []bundle {
	out := v.bundles(items, belongs)
	for i := range out {
		out[i].items = slices.DeleteFunc(out[i].items, func(item aggregator.Item) bool { return !belongs(item) })
	}
	return out
}

// bundled are the items of bundles.
func bundled(all []bundle) []aggregator.Item {
	var out []aggregator.Item
	for _, b := range all {
		out = append(out, b.items...)
	}
	return out
}
