package web

import (
	"fmt"
	"net/http"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// identityLeaves lays side by side whom a provider says that its records are
// about, and whom the vault is of. Nothing is joined before the person answers.
type identityLeaves struct {
	page
	Leaves []identityLeaf
	Ask    *question
	Drop   *link
}

func (*identityLeaves) template() string { return "identity" }

// identityLeaf is one person, as somebody names them.
type identityLeaf struct {
	Heading string
	Name    fact
	Facts   []fact
	Own     bool
}

// stranger is what waits of a source.
func (v *view) stranger(source string) (aggregator.Stranger, bool) {
	for _, s := range v.o.Strangers {
		if s.Source == source {
			return s, true
		}
	}
	return aggregator.Stranger{}, false
}

// waiting is the stranger that an address names.
func (v *view) waiting(r *http.Request) (aggregator.Stranger, error) {
	source, ok := v.sourceOf(r.PathValue("source"))
	if ok {
		if s, ok := v.stranger(source); ok {
			return s, nil
		}
	}
	return aggregator.Stranger{}, ErrNotFound
}

// identityPage asks whether records that wait are about the person.
func identityPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	s, err := v.waiting(r)
	if err != nil {
		return nil, err
	}
	return v.identity(s), nil
}

func (v *view) identity(s aggregator.Stranger) *identityLeaves {
	name := v.provider(s.Source)
	p := &identityLeaves{page: page{
		Title: v.T("title.z"), Here: "/z", Path: "/ik/" + sourceKey(s.Source),
		Crumbs: []link{{v.T("nav.z"), "/z"}, {name, "/z/" + sourceKey(s.Source)}, {v.T("ik.h1"), ""}},
		H1:     v.T("ik.h1"), Answer: v.T("ik.answer", "source", name), Rest: v.T("ik.rest"), Soft: v.T("ik.waiting", "n", s.Records),
	}}
	if s.Denied {
		p.Answer, p.Rest = v.T("ik.denied"), v.T("ik.denied.rest")
	}
	for _, who := range s.Said {
		p.Leaves = append(p.Leaves, v.identityLeaf(name, who, s.Known))
	}
	own := v.identityLeaf(v.T("ik.vault"), s.Known, s.Known)
	own.Own = true
	p.Leaves = append(p.Leaves, own)
	if len(s.Said) > 0 {
		p.Ask = v.identityQuestion(s)
	} else {
		p.Lead = v.T("ik.unnamed", "source", name)
	}
	p.Drop = &link{v.T("ik.drop", "source", name), p.Path + "/weg"}
	return p
}

// identityLeaf is one person; what differs from the vault is said to differ.
func (v *view) identityLeaf(heading string, who, known aggregator.Identity) identityLeaf {
	born := func(day string) string { return v.Day(fhir.ParseDate(day)) }
	l := identityLeaf{Heading: heading, Name: fact{Text: brief(who.Name)}}
	if l.Name.Text == "" {
		l.Name.Text = v.T("ik.no-name")
	}
	add := func(key, text, other string) {
		f := fact{Name: v.T("ik." + key), Text: brief(text)}
		if f.Text == "" {
			f.Text = v.T("ik.not-said")
		} else if other != "" && other != text {
			f.From = v.T("ik.differs")
		}
		l.Facts = append(l.Facts, f)
	}
	if who.Name != known.Name && who.Name != "" && known.Name != "" {
		l.Name.From = v.T("ik.differs")
	}
	add("born", born(who.BirthDate), born(known.BirthDate))
	add("gender", v.Or("ik.gender."+who.Gender, ""), v.Or("ik.gender."+known.Gender, ""))
	return l
}

// identityQuestion asks; what the person said before is chosen.
func (v *view) identityQuestion(s aggregator.Stranger) *question {
	return &question{
		H2: v.T("ik.ask"), Post: "/ik/" + sourceKey(s.Source), Save: v.T("say.save"), Never: v.T("ik.never"), Closed: true,
		Options: []option{
			{Value: sayYes, Text: v.T("ik.me"), Soft: v.T("ik.me.soft")},
			{Value: sayNo, Text: v.T("ik.other"), Soft: v.T("ik.other.soft"), On: s.Denied},
		},
	}
}

// identify stores the answer. The page of decisions says so, and undoes it.
func identify(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	s, err := v.waiting(r)
	if err != nil {
		return nil, err
	}
	answer := r.PostFormValue("antwoord")
	if answer != sayYes && answer != sayNo || len(s.Said) == 0 {
		p := v.identity(s)
		if p.Ask != nil {
			p.Wrong = []wrong{{"antwoord", v.T("say.wrong.none")}}
			p.Ask.Wrong = p.Wrong
		}
		return p, nil
	}
	seq, err := v.s.Desk.Identify(r.Context(), s.Source, answer == sayYes)
	if err != nil {
		return nil, err
	}
	return see(w, r, fmt.Sprint("/j?j=", seq))
}

// strangerPage asks once more before everything of a source is erased.
func strangerPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	s, err := v.waiting(r)
	if err != nil {
		return nil, err
	}
	name, here := v.provider(s.Source), "/ik/"+sourceKey(s.Source)
	return &troublePage{page: page{
		Title: v.T("title.z"), Here: "/z", Path: here + "/weg", Crumbs: []link{{v.T("nav.z"), "/z"}, {v.T("ik.h1"), here}, {v.T("ik.drop.h1"), ""}},
		H1: v.T("ik.drop.h1"), Answer: v.T("ik.drop.answer", "source", name), Rest: v.T("ik.drop.rest"), Lead: v.T("ik.drop.lead", "source", name),
		Actions: []action{{Text: v.T("ik.drop.do"), Post: here + "/weg", Look: "stop"}, {Text: v.T("ik.drop.keep"), Href: here, Look: "link"}},
	}}, nil
}

// dropStranger erases a source of which records wait.
func dropStranger(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	s, err := v.waiting(r)
	if err != nil {
		return nil, err
	}
	if err := v.s.Desk.DropStranger(r.Context(), s.Source); err != nil {
		return nil, err
	}
	return see(w, r, "/z")
}

// identityTodo are the sources of which records wait for an answer.
func (v *view) identityTodo() []row {
	var out []row
	for _, s := range v.o.Strangers {
		if !s.Denied {
			out = append(out, row{
				Name: v.T("o.identity"), Lines: []line{plain(v.T("ik.answer", "source", v.provider(s.Source)) + " " + v.T("ik.rest"))},
				Actions: []action{v.seeIdentity(s)},
			})
		}
	}
	return out
}

func (v *view) seeIdentity(s aggregator.Stranger) action {
	return action{Text: v.T("ik.see"), About: v.provider(s.Source), Href: "/ik/" + sourceKey(s.Source), Look: "other"}
}
