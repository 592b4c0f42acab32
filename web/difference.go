package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// leaf is one version on the page of a difference.
type leaf struct {
	Provider string
	Kind     string
	Big      []span // the words that differ, large
	Text     string
	Soft     string
	Href     string
	Own      bool
}

// leavesPage lays the versions of a group side by side, all of one size.
type leavesPage struct {
	page
	Leaves  []leaf
	Remarks []remark
	Text    string // why they stand side by side
	Join    *joinForm
	Said    []row
	Ask     *question
	Never   string // what we and the person do not do
	Further *link  // to more versions
}

func (*leavesPage) template() string { return "leaves" }

// joinForm lets the person say that two versions are one thing. With more than
// two versions they choose which two; none is chosen beforehand.
type joinForm struct {
	Values  []value
	Options []joinOption // empty when there are two versions
}

// joinOption is one version that can be chosen.
type joinOption struct{ Key, Text string }

// differencePage shows the versions of a group side by side. Nothing is chosen
// beforehand and nothing can be changed at a provider from here.
func differencePage(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.find(r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	if isResult(item) && !v.hasOtherValue(item) {
		return see(w, r, "/u/"+item.Key()) // there is no difference, or there is none any more
	}
	return v.difference(r.Context(), item, v.toldOrSaid(r, item, placeDifference), startAt(r)), nil
}

// beside is the group that an item stands in; of a result, its moment.
func (v *view) beside(item aggregator.Item) bundle {
	if isResult(item) {
		return v.ofMoment(item)
	}
	item.About = nil
	return v.bundles([]aggregator.Item{item}, func(aggregator.Item) bool { return true })[0]
}

// difference is the page of the group that an item stands in, from a version on.
func (v *view) difference(ctx context.Context, item aggregator.Item, n *notice, from string) *leavesPage {
	b := v.beside(item)
	home := subjectHome(item.Subject)
	p := &leavesPage{page: page{
		Title: v.T("title.item"), Here: home, Path: "/v/" + item.Key(), Notice: n,
		Crumbs: []link{{v.subjectName(item.Subject), home}, {brief(b.title), ""}},
		H1:     v.T("v.h1", "what", brief(b.title)), Answer: v.T("v.answer", "n", len(b.items)), Rest: v.T("v.rest"),
	}}
	if b.differs() {
		p.Answer, p.Rest = v.T("v.differ"), ""
		p.Soft = v.T("v.differ.soft")
	}
	if isResult(item) {
		p.Answer, p.Rest, p.Soft = v.T("v.values"), v.T("v.values.rest"), v.T("v.values.soft")
	}
	said := b.items
	differs := b.differs()
	b.items, _ = split(b.items)
	p.Said = v.saidRows(said)
	b.items = p.fit(v, b.items, item, from)
	p.Leaves = v.leaves(b)
	p.Remarks, p.Text = v.remarks(b.items, placeDifference), brief(b.text)
	if slices.ContainsFunc(p.Remarks, func(r remark) bool { return r.Text == p.Text }) {
		p.Text = ""
	}
	p.Join = v.joinForm(b, item)
	if differs {
		p.Ask = v.questionOf(b.items[0], b.items, placeDifference)
		v.outside(ctx, p.Ask, b)
		return p // the question says that nothing is changed
	}
	p.Never = v.T("j.never")
	if item.Subject == "medication" {
		p.Never = v.T("v.never")
	}
	return p
}

// fit gives the versions that are on the page: so many from one on, and always the
// one that the page is about, so that it can be joined with any other.
func (p *leavesPage) fit(v *view, all []aggregator.Item, item aggregator.Item, from string) []aggregator.Item {
	shown, next := cutTo(all, from, mostLeaves)
	if next > 0 {
		rest := rowsLater(all[next:], v.row, marks)
		p.Further = &link{v.moreText(rest), fmt.Sprint(p.Path, "?vanaf=", next)}
	}
	is := func(one aggregator.Item) bool { return one.ID == item.ID }
	if at := slices.IndexFunc(all, is); at >= 0 && !slices.ContainsFunc(shown, is) {
		shown = slices.Concat(all[at:at+1], shown)
	}
	return shown
}

// neverOne is the advice on versions that no decision can put on one line:
// what the codes prove different, or what is used in another way (merge.md 7).
func neverOne(advice string) bool {
	switch advice {
	case "", "strength-differs", "as-needed-beside", "contains-also", "broader":
		return true
	}
	return false
}

// joinForm is what the person can say of the versions; nil when the overview
// knows that they are not one thing, or only puts them in one series.
func (v *view) joinForm(b bundle, on aggregator.Item) *joinForm {
	b.items = slices.DeleteFunc(slices.Clone(b.items), func(item aggregator.Item) bool { return !slices.Contains(b.joinable, item.ID) })
	if len(b.items) < 2 || neverOne(b.advice) {
		return nil
	}
	form := &joinForm{Values: from(on, placeDifference)}
	text := v.versionText(b)
	for _, item := range b.items {
		if len(b.items) == 2 {
			form.Values = append(form.Values, value{"ding", item.Key()})
			continue
		}
		said := v.List(v.names(speakers(item)))
		if t := text(item); t != "" {
			said += ": " + t
		}
		form.Options = append(form.Options, joinOption{item.Key(), said})
	}
	return form
}

// leaves are the versions, in the order of the overview, with what differs large.
func (v *view) leaves(b bundle) []leaf {
	var texts []string
	for _, item := range b.items {
		texts = append(texts, v.versionText(b)(item))
	}
	var out []leaf
	for i, spans := range marked(b.items, texts) {
		item := b.items[i]
		l := leaf{
			Provider: v.List(v.names(speakers(item))), Text: texts[i], Href: "/i/" + item.Key(), Own: item.Own(),
			Kind: dotted(v.role(item), v.When(item.When)),
		}
		for _, s := range spans {
			if s.Marked {
				s.Text = unwrap(s.Text)
				l.Big = append(l.Big, s)
			}
		}
		if m, ok := item.Value.(*aggregator.Medicine); ok {
			l.Soft = v.medicineFacts(item, m)
		}
		if isResult(item) {
			v.valueLeaf(&l, item)
		}
		out = append(out, l)
	}
	return out
}

// unwrap takes the brackets off words that stand alone in them.
func unwrap(text string) string {
	if in := strings.TrimSuffix(strings.TrimPrefix(text, "("), ")"); len(in) == len(text)-2 && !strings.ContainsAny(in, "()") {
		return in
	}
	return text
}

// role is what kind of statement an item is, in words; empty when its parts
// are of several kinds.
func (v *view) role(item aggregator.Item) string {
	found := ""
	for _, p := range item.Parts {
		if helps(p) || p.Hidden != "" {
			continue
		}
		word := v.partRole(p)
		if found != "" && found != word {
			return ""
		}
		found = word
	}
	return found
}

// partRole is what kind of record a part is, in words.
func (v *view) partRole(p aggregator.Part) string {
	if v.Has("role." + p.Role) {
		return v.T("role." + p.Role)
	}
	if p.Source == fhir.Self {
		return v.T("role.self")
	}
	return v.Or("type."+p.Type, p.Type)
}
