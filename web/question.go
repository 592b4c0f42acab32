package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// question is what the person is asked about items, with its answers. Nothing
// is chosen beforehand: only what they answered before stands in it.
type question struct {
	Name    string // what its fields begin with, where a page has several
	H2      string
	Post    string
	Values  []value
	Options []option // Asks: for the person's own words
	Label   string   // of the field for own words
	Words   string
	Never   string
	Save    string
	Sheets  []sheetButton // what else can be done with it, as part of the same form
	Wrong   []wrong
	Most    int
	Closed  bool // there is no field for own words
}

// sheetButton sends the same form to a page on paper.
type sheetButton struct{ Text, Post, Look string }

// For is what is wrong with one field.
func (q *question) For(field string) string {
	for _, w := range q.Wrong {
		if w.Field == field {
			return w.Text
		}
	}
	return ""
}

// Asked tells whether an option has the field for own words below it.
func (q *question) Asked() bool {
	return slices.ContainsFunc(q.Options, func(o option) bool { return o.Asks })
}

// asks tells whether an answer belongs to this question; one that is missing
// belongs to the first.
func (q *question) asks(answer string) bool {
	remark := q.Name != ""
	return remark == (answer == sayRemark)
}

func (q *question) choose(answer string) {
	for i := range q.Options {
		q.Options[i].On = q.Options[i].Value == answer
	}
}

// split tells what sources say from what the person says of it.
func split(items []aggregator.Item) (stated, answers []aggregator.Item) {
	for _, item := range items {
		if len(item.About) > 0 {
			answers = append(answers, item)
		} else {
			stated = append(stated, item)
		}
	}
	return stated, answers
}

// answers are what the person says about an item. They are looked up once.
func (v *view) answers(item aggregator.Item) []aggregator.Item {
	if v.said == nil {
		v.said = map[string][]aggregator.Item{}
		for i := range v.o.Items {
			for _, id := range v.o.Items[i].About {
				v.said[id] = append(v.said[id], v.o.Items[i])
			}
		}
	}
	return v.said[item.ID]
}

// answersOf are what the person says about any of the items, each once.
func (v *view) answersOf(items []aggregator.Item) []aggregator.Item {
	var out []aggregator.Item
	for _, item := range items {
		for _, own := range v.answers(item) {
			if !slices.ContainsFunc(out, func(o aggregator.Item) bool { return o.ID == own.ID }) {
				out = append(out, own)
			}
		}
	}
	return out
}

// saidLine is an answer as it stands beside what sources say.
func (v *view) saidLine(own aggregator.Item) line {
	return line{Who: v.T("say.you"), Spans: []span{{Text: saidText(own)}}, Own: true}
}

// saidText is what an answer says: how a medicine is used, or a remark.
func saidText(own aggregator.Item) string {
	if own.Subject == "medication" {
		return brief(doseOf(own))
	}
	return brief(own.Detail)
}

// saidRows are the answers about items, each with the way to change it, to take
// it away and to see what it was before.
func (v *view) saidRows(items []aggregator.Item) []row {
	var out []row
	for _, own := range v.answersOf(items) {
		r := row{Name: saidText(own), Href: "/e/mijn/" + ownID(own), Flags: []flag{{v.T("flag.own"), "own"}}, Bars: newBars([]bar{{Own: true}})}
		r.Soft = v.When(own.When)
		r.Actions = []action{{Text: v.T("e.change-or-remove"), About: brief(own.Name()), Href: r.Href, Look: "other"}}
		out = append(out, r)
	}
	return out
}

// questionOf asks about items: what the person really uses, or whether it is
// right.
func (v *view) questionOf(on aggregator.Item, items []aggregator.Item, place string) *question {
	q := &question{
		H2: v.T("say.right"), Post: "/x/" + on.Key(), Values: []value{{"blad", place}}, Label: v.T("say.words"),
		Never: v.T("j.never"), Save: v.T("say.save"), Most: mostWords,
	}
	if isResult(on) && place == placeDifference {
		return v.valueQuestion(q)
	}
	if on.Subject != "medication" {
		q.Options = []option{{Value: sayQuestion, Text: v.T("say.vraag"), Soft: v.T("say.vraag.soft")}, {Value: sayYes, Text: v.T("say.ja")}, {Value: sayNo, Text: v.T("say.nee")}, {Value: sayUnknown, Text: v.T("say.weet")}}
		return q
	}
	q.H2, q.Never = v.T("say.use"), v.T("v.never")
	text := v.versionText(bundle{items: items})
	for _, item := range items {
		if dose := text(item); dose != "" {
			q.Options = append(q.Options, option{Value: item.Key(), Text: dose, Soft: v.T("say.like", "who", v.List(v.names(speakers(item))))})
		}
	}
	if place == placeItem {
		q.Options = append(q.Options, option{Value: sayStop, Text: v.T("say.stop")})
	}
	q.Options = append(q.Options, option{Value: sayOther, Text: v.T("say.anders"), Asks: true}, option{Value: sayUnknown, Text: v.T("say.weet")})
	v.chosenBefore(q, items)
	return q
}

// chosenBefore puts what the person answered before in the question.
func (v *view) chosenBefore(q *question, items []aggregator.Item) {
	for _, own := range v.answersOf(items) {
		if own.Subject != "medication" {
			continue
		}
		said := saidText(own)
		q.choose(sayOther)
		q.Words = said
		for _, o := range q.Options {
			like := slices.ContainsFunc(items, func(item aggregator.Item) bool { return item.Key() == o.Value && brief(doseOf(item)) == said })
			if like || said == o.Text {
				q.choose(o.Value)
				q.Words = ""
				break
			}
		}
	}
}

// remarkQuestion asks for a remark on a medicine, beside how it is used.
func (v *view) remarkQuestion(item aggregator.Item) *question {
	q := &question{
		Name: "o-", H2: v.T("say.remark"), Post: "/x/" + item.Key(), Label: v.T("say.words"), Save: v.T("say.remark.save"), Most: mostWords,
		Values: []value{{"blad", placeItem}, {"antwoord", sayRemark}},
	}
	for _, own := range v.answers(item) {
		if own.Subject != item.Subject {
			q.Words = strings.TrimSpace(clean(own.Detail))
		}
	}
	return q
}

// outside offers to ask about a difference: at the next visit, over MedMij at each
// provider in it that takes that, or in a letter. What is asked goes along in the
// form and never stands in an address.
func (v *view) outside(ctx context.Context, q *question, b bundle) {
	stated, _ := split(b.items)
	text := v.versionText(b)
	var says []string
	for _, item := range stated {
		if said := text(item); said != "" {
			says = append(says, v.List(v.names(speakers(item)))+": "+said)
		}
	}
	whole := v.T("say.ask", "what", brief(b.title), "says", strings.Join(says, "; "))
	short := whole
	if len([]rune(short)) > mostQuestion {
		short = v.T("pr.question.differ", "what", brief(b.title))
		if isResult(stated[0]) {
			short = v.T("say.ask.value", "what", brief(b.title))
		}
	}
	q.Values = append(q.Values, value{"wijzig", "1"}, value{"vraag1", brief(short)}, value{"woorden", whole})
	q.Sheets = []sheetButton{{v.T("say.visit"), "/p/" + paperNumber("visit"), "other"}}
	asks, all := v.changeButtons(ctx, stated)
	q.Sheets = append(q.Sheets, asks...)
	if !all {
		q.Sheets = append(q.Sheets, sheetButton{v.T("say.letter"), "/p/" + paperNumber("correctie"), "link"})
	}
}

// changeButtons ask each provider in a difference for a change over MedMij, where
// it takes that; all tells whether each of them does.
func (v *view) changeButtons(ctx context.Context, stated []aggregator.Item) (buttons []sheetButton, all bool) {
	all = true
	asked := map[string]bool{fhir.Self: true}
	for _, item := range stated {
		for _, source := range speakers(item) {
			if asked[source] {
				continue
			}
			asked[source] = true
			if !v.s.Desk.CanReceive(ctx, share.KindCorrection, source) {
				all = false
				continue
			}
			buttons = append(buttons, sheetButton{v.T("ws.correct", "who", v.provider(source)), correctPath(item, source), "other"})
		}
	}
	return buttons, all && len(buttons) > 0
}

// sayActions are what the person can say of an item; none of their own entries,
// which they change instead.
func (v *view) sayActions(item aggregator.Item) []action {
	if item.Own() {
		return nil
	}
	href := "/x/" + item.Key()
	if item.Subject != "medication" {
		return []action{{Text: v.T("say.remark"), Href: href, Look: "other"}}
	}
	otherwise := href
	if v.hasNeighbours(item) && v.beside(item).differs() {
		otherwise = "/v/" + item.Key()
	}
	return []action{
		{Text: v.T("say.stop"), Post: href, Values: []value{{"blad", placeItem}, {"antwoord", sayStop}}, Look: "other"},
		{Text: v.T("say.otherwise"), Href: otherwise, Look: "other"},
		{Text: v.T("say.remark"), Href: href, Look: "link"},
	}
}

// toldOrSaid is what an address says was just done on a page of an item.
func (v *view) toldOrSaid(r *http.Request, item aggregator.Item, page string) *notice {
	if r.URL.Query().Has("ok") && len(v.answers(item)) > 0 {
		return &notice{Text: v.T("say.told")}
	}
	return v.told(r, item, page)
}
