package aggregator

import (
	"strings"
	"sync"
)

// places tells where in an overview an item stands, by each of its names, and
// where those of a group. A page asks that for every row, and a long life has
// tens of thousands of items. It is made when first asked for.
type places struct {
	items []Item // of these, and of no others

	once    sync.Once
	byName  map[string]int
	byGroup map[string][]int

	old     sync.Once
	byAlias map[string]int
}

func newPlaces(items []Item) *places { return &places{items: items} }

// of gives the places when they are of these items: an overview may be copied
// and given others.
func (p *places) of(items []Item) bool {
	same := p != nil && len(items) > 0 && len(p.items) == len(items) && &p.items[0] == &items[0]
	if same {
		p.once.Do(p.index)
	}
	return same
}

func (p *places) index() {
	p.byName, p.byGroup = make(map[string]int, 2*len(p.items)), map[string][]int{}
	for i := range p.items {
		item := &p.items[i]
		firstAt(p.byName, item.ID, i)
		firstAt(p.byName, item.Key(), i)
		if item.Group != "" {
			p.byGroup[item.Group] = append(p.byGroup[item.Group], i)
		}
	}
}

// indexAliases is apart: a name of before is rarely asked for, and takes a hash.
func (p *places) indexAliases() {
	p.byAlias = make(map[string]int, 2*len(p.items))
	for i := range p.items {
		for _, alias := range p.items[i].aliasIDs() {
			_, key, _ := strings.Cut(alias, ":")
			firstAt(p.byAlias, alias, i)
			firstAt(p.byAlias, key, i)
		}
	}
}

func firstAt(in map[string]int, name string, i int) {
	if _, ok := in[name]; !ok {
		in[name] = i
	}
}

// Find gives the item with the id, or with an id it had before others joined
// it; a bare key of 12 letters will do.
func (o *Overview) Find(id string) (Item, bool) {
	if !o.places.of(o.Items) {
		return o.look(id)
	}
	i, ok := o.places.byName[id]
	if !ok {
		o.places.old.Do(o.places.indexAliases)
		i, ok = o.places.byAlias[id]
	}
	if !ok {
		return Item{}, false
	}
	return o.Items[i], true
}

// look is Find without places.
func (o *Overview) look(id string) (Item, bool) {
	for i := range o.Items {
		if item := &o.Items[i]; item.ID == id || item.Key() == id {
			return *item, true
		}
	}
	for i := range o.Items {
		for _, alias := range o.Items[i].aliasIDs() {
			if alias == id || strings.HasSuffix(alias, ":"+id) {
				return o.Items[i], true
			}
		}
	}
	return Item{}, false
}

// Group gives the group with the id.
func (o *Overview) Group(id string) (Group, bool) {
	for i := range o.Groups {
		if o.Groups[i].ID == id {
			return o.Groups[i], true
		}
	}
	return Group{}, false
}

// InGroup gives the items of a group, in the order of the overview.
func (o *Overview) InGroup(id string) []Item {
	var items []Item
	if o.places.of(o.Items) {
		for _, i := range o.places.byGroup[id] {
			items = append(items, o.Items[i])
		}
		return items
	}
	for i := range o.Items {
		if id != "" && o.Items[i].Group == id {
			items = append(items, o.Items[i])
		}
	}
	return items
}
