package web

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// remark is a difference, or something else to mind, in words, with what the
// person can say of it. What they saw stays, smaller.
type remark struct {
	Flag string
	Text string
	Seen bool
	Do   *action
}

// conflicts are the differences of items in words, each once.
func (v *view) conflicts(items []aggregator.Item) []string {
	var out []string
	for _, r := range v.remarks(items, "") {
		out = append(out, r.Text)
	}
	return out
}

// remarks are the differences of items, each once; page is where they stand.
func (v *view) remarks(items []aggregator.Item, page string) []remark {
	var out []remark
	for _, item := range items {
		for _, c := range item.Conflicts {
			text := clean(c.Text)
			if !slices.ContainsFunc(out, func(r remark) bool { return r.Text == text }) {
				out = append(out, v.remark(item, c, page))
			}
		}
	}
	return out
}

func (v *view) remark(item aggregator.Item, c aggregator.Conflict, page string) remark {
	r := remark{Flag: v.T("flag.mind"), Text: clean(c.Text), Seen: c.Seen}
	if c.IsDifference() {
		r.Flag = v.T("flag.difference")
	}
	switch {
	case c.Code == "C-JOIN-CHANGED":
		r.Do = v.decide("klopt", item, page)
	case !c.Seen:
		r.Do = v.decide("gezien", item, page, value{"code", c.Code})
	}
	return r
}

// decide is a button with which the person decides about an item; what names
// the decision and the words on the button.
func (v *view) decide(what string, item aggregator.Item, page string, more ...value) *action {
	return &action{
		Text: v.T("j.do." + what), Post: "/j/" + what, Look: "other",
		Values: slices.Concat(from(item, page), []value{{"ding", item.Key()}}, more),
	}
}

// unseen tells whether the item has a conflict that the person has not seen.
func unseen(item aggregator.Item) bool {
	return slices.ContainsFunc(item.Conflicts, func(c aggregator.Conflict) bool { return !c.Seen })
}
