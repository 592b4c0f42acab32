package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// requestHome is the address of requests to correct; one stands under it.
const requestHome = "/d/vraag"

// correctActions ask each provider that speaks in an item to change it.
func (v *view) correctActions(item aggregator.Item) []action {
	var out []action
	for _, source := range speakers(item) {
		if source != fhir.Self {
			out = append(out, action{Text: v.T("ws.correct", "who", v.provider(source)), Href: correctPath(item, source), Look: "link"})
		}
	}
	return out
}

func correctPath(item aggregator.Item, source string) string {
	return "/i/" + item.Key() + "/vraag/" + sourceKey(source)
}

// correctPage asks what is wrong, in the person's own words.
func correctPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	item, source, err := v.correctable(r)
	if err != nil {
		return nil, err
	}
	return v.correctForm(item, source), nil
}

// correctable finds the item and the provider that an address names.
func (v *view) correctable(r *http.Request) (aggregator.Item, string, error) {
	item, err := v.find(r.PathValue("key"))
	if err != nil {
		return item, "", err
	}
	for _, source := range speakers(item) {
		if source != fhir.Self && sourceKey(source) == r.PathValue("recipient") {
			return item, source, nil
		}
	}
	return item, "", ErrNotFound
}

func (v *view) correctForm(item aggregator.Item, source string) *printForm {
	who := v.provider(source)
	p := &printForm{page: v.sendFrame(v.T("ws.correct", "who", who)), Post: v.path, Button: v.T("ws.see")}
	p.Path, p.Answer, p.Rest = v.path, v.T("ws.correct.answer"), v.T("ws.correct.rest", "what", brief(item.Name()), "who", who)
	p.Fields = []printField{{Name: "woorden", Kind: fieldArea, Label: v.T("ws.words"), Hint: v.T("ws.words.hint"), Max: share.MaxWords, Must: true}}
	return p
}

// correct keeps the request; nothing is sent yet. From the page of a difference it
// first shows what would be asked, to change.
func correct(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, source, err := v.correctable(r)
	if err != nil {
		return nil, err
	}
	p := v.correctForm(item, source)
	if r.PostFormValue("wijzig") != "" {
		p.Fields[0].Value = v.wordsFrom(r, item)
		return p, nil
	}
	in, err := v.filled(p, r)
	if err != nil || len(p.Wrong) > 0 {
		return p, err
	}
	id, err := v.s.Desk.Correct(r.Context(), item.ID, source, in.get("woorden"))
	switch {
	case errors.Is(err, share.ErrHoldsBSN):
		p.Wrong = []wrong{{"woorden", v.T("ws.words.bsn")}}
		return p, nil
	case errors.Is(err, share.ErrNoWords):
		p.Wrong = []wrong{{"woorden", v.T("wrong.empty")}}
		return p, nil
	case err != nil:
		return v.unsent(err, v.provider(source))
	}
	return see(w, r, requestHome+"/"+id)
}

// wordsFrom begins a request with what the provider says, and with what the person
// answered: in this form, or before. What other providers say is not in it: the
// person may write that down.
func (v *view) wordsFrom(r *http.Request, item aggregator.Item) string {
	b := v.beside(item)
	b.items, _ = split(b.items)
	text := v.versionText(b)
	words := v.T("ws.words.theirs", "text", text(item))
	if mine := v.mineIn(r, b.items, text); mine != "" && mine != text(item) {
		words += "\n" + v.T("ws.words.mine", "text", mine)
	}
	return words
}

// mineIn is what the person says of items; empty when they did not say.
func (v *view) mineIn(r *http.Request, items []aggregator.Item, text func(aggregator.Item) string) string {
	said, _, wrong := v.readAnswer(r, items)
	switch like, ok := v.o.Find(said.Like); {
	case r.PostFormValue("antwoord") == sayUnknown:
		return ""
	case wrong == "" && said.Like != "" && ok:
		return text(like)
	case wrong == "":
		return said.Text
	}
	if words := strings.TrimSpace(clean(r.PostFormValue("zelf"))); words != "" {
		return words
	}
	for _, own := range v.answersOf(items) {
		return saidText(own)
	}
	return ""
}

// requestPage shows a request to correct: to send where the provider takes it,
// and as a letter elsewhere.
func requestPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	all, err := v.s.Desk.Requests(r.Context())
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.ID == r.PathValue("id") {
			return v.requestPage(r, one)
		}
	}
	return nil, ErrNotFound
}

func (v *view) requestPage(r *http.Request, one Request) (content, error) {
	who := brief(clean(one.Name))
	p := &parcelPage{page: v.sendFrame(v.T("ws.correct", "who", who))}
	p.Path, p.Answer = requestHome+"/"+one.ID, v.requestState(one)
	p.Said = []wayFact{{v.T("ws.about"), brief(clean(one.Topic))}, {v.T("ws.words"), clean(one.Words)}}
	if one.Reply != "" {
		p.Said = append(p.Said, wayFact{v.T("ws.reply"), clean(one.Reply)})
	}
	p.Rest = v.T("ws.state.urgent")
	if one.State != share.StateDraft {
		return p, nil
	}
	parcel := Parcel{Kind: share.KindCorrection, Recipient: one.Provider, Items: []string{one.ID}}
	if v.s.Desk.CanReceive(r.Context(), share.KindCorrection, one.Provider) {
		p.Post, p.Hidden, p.Button = parcelPath(one.Provider, parcel.Kind), []value{{"ding", one.ID}}, v.T("ws.see")
		return p, nil
	}
	text, err := v.s.Desk.RequestLetter(r.Context(), one.ID, v.Lang)
	if err != nil {
		return nil, err
	}
	p.Rest = v.T("ws.not.takes", "who", who)
	p.Letter = strings.TrimSpace(clean(text))
	return p, nil
}

// requestState says where a request stands.
func (v *view) requestState(one Request) string {
	key := "ws.state." + string(one.State)
	if one.Unsure {
		key = "ws.state.unsure"
	}
	return v.T(key, "who", brief(clean(one.Name)))
}

// requestRow is one request in a list.
func (v *view) requestRow(one Request) row {
	return row{
		Name: brief(clean(one.Topic)), Href: requestHome + "/" + one.ID, Lines: []line{plain(v.requestState(one))},
		Soft: v.Moment(one.Made, v.now),
	}
}
