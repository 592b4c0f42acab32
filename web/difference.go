package web

import (
	"net/http"
	"slices"

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
	Remarks []string
}

func (*leavesPage) template() string { return "leaves" }

// differencePage shows the versions of a group side by side. Nothing is chosen
// beforehand and nothing can be changed at a provider from here.
func differencePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.find(r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	b := v.bundles([]aggregator.Item{item}, func(aggregator.Item) bool { return true })[0]
	home := subjectHome(item.Subject)
	p := &leavesPage{page: page{
		Title: v.T("title.item"), Here: home, Crumbs: []link{{v.subjectName(item.Subject), home}, {brief(b.title), ""}},
		H1: v.T("v.h1", "what", brief(b.title)), Answer: v.T("v.answer", "n", len(b.items)), Rest: v.T("v.rest"),
	}}
	if b.differs() {
		p.Answer, p.Rest = v.T("v.differ"), ""
		p.Soft = v.T("v.differ.soft")
	}
	p.Leaves = v.leaves(b)
	p.Remarks = v.conflicts(b.items)
	if b.text != "" {
		p.Remarks = append(p.Remarks, brief(b.text))
	}
	return p, nil
}

// leaves are the versions, in the order of the overview, with what differs large.
func (v *view) leaves(b bundle) []leaf {
	var texts []string
	for _, item := range b.items {
		texts = append(texts, v.versionText(b)(item))
	}
	var out []leaf
	for i, spans := range differ(texts) {
		item := b.items[i]
		l := leaf{
			Provider: v.List(v.names(speakers(item))), Text: texts[i], Href: "/i/" + item.Key(), Own: item.Own(),
			Kind: dotted(v.role(item), v.When(item.When)),
		}
		for _, s := range spans {
			if s.Marked {
				l.Big = append(l.Big, s)
			}
		}
		if m, ok := item.Value.(*aggregator.Medicine); ok {
			l.Soft = v.medicineFacts(item, m)
		}
		out = append(out, l)
	}
	return out
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

// conflicts are the differences of items in words, each once.
func (v *view) conflicts(items []aggregator.Item) []string {
	var out []string
	for _, item := range items {
		for _, c := range item.Conflicts {
			if text := brief(c.Text); !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}
