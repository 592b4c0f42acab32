package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// askHome is the address of questionnaires; one stands under it by its item.
const askHome = "/d/vragen"

// askedRows are the questionnaires that providers ask to fill in.
func (v *view) askedRows() []row {
	var out []row
	for _, item := range v.current("questionnaire") {
		if asksAnswers(item) {
			out = append(out, row{Name: brief(item.Name()), Href: askHome + "/" + item.Key(), Chips: v.chips(speakers(item))})
		}
	}
	return out
}

// asksAnswers tells whether an item is a request to fill in a questionnaire.
func asksAnswers(item aggregator.Item) bool {
	for _, p := range item.Parts {
		if p.Type == "Task" && p.Hidden == "" {
			return true
		}
	}
	return false
}

// answersPage asks the questions, with the answers kept so far.
func answersPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	item, q, err := v.questionnaire(r)
	if errors.Is(err, ErrSent) { // what became of it is with the message
		return v.sentAnswers(r, Parcel{Kind: share.KindAnswers, Recipient: q.Provider, Items: []string{item.ID}})
	}
	if err != nil {
		return v.unsent(err, v.T("ws.them"))
	}
	p := v.answersForm(item, q)
	if r.URL.Query().Has("ok") {
		p.Notice = &notice{Text: v.T("ws.draft")}
	}
	return p, nil
}

// sentAnswers says that answers were sent, or that it is not known whether they
// arrived.
func (v *view) sentAnswers(r *http.Request, parcel Parcel) (content, error) {
	who := v.provider(parcel.Recipient)
	packed, err := v.s.Desk.Pack(r.Context(), parcel)
	if len(packed.unknown()) > 0 {
		return v.notPacked(err, parcel, packed, who)
	}
	return v.unsent(ErrSent, who)
}

func (v *view) questionnaire(r *http.Request) (aggregator.Item, Questionnaire, error) {
	item, err := v.find(r.PathValue("key"))
	if err != nil {
		return item, Questionnaire{}, err
	}
	q, err := v.s.Desk.Questionnaire(r.Context(), item.ID)
	if err == nil && q.Done {
		err = ErrSent
	}
	return item, q, err
}

func (v *view) answersForm(item aggregator.Item, q Questionnaire) *printForm {
	at := askHome + "/" + item.Key()
	p := &printForm{page: v.sendFrame(brief(item.Name())), Post: at, Button: v.T("ws.ask.go")}
	p.Path, p.Answer, p.Rest = at, v.T("ws.ask", "who", v.provider(q.Provider)), v.T("ws.ask.rest")
	p.Lead = brief(clean(q.Form.Text))
	p.Actions = []action{{Text: v.T("ws.decline"), Post: at + "/nee", Look: "link"}}
	p.Fields = v.questionFields(q.Form, q.Form.Questions, q.Given)
	return p
}

// questionFields are the fields of the questions, groups and texts, in order.
// What depends on another answer is asked once that was kept.
func (v *view) questionFields(form share.Form, all []share.Question, given share.Given) []printField {
	var out []printField
	for _, q := range all {
		if form.Asked(given, q.Link) && !q.ReadOnly {
			out = append(out, v.questionField(q, given))
			out = append(out, v.questionFields(form, q.Questions, given)...)
		}
	}
	return out
}

// fieldOf is the name of the field of a question: a link may be any text.
func fieldOf(link string) string { return "v" + sourceKey(link) }

func (v *view) questionField(q share.Question, given share.Given) printField {
	f := printField{Name: fieldOf(q.Link), Kind: fieldText, Label: clean(q.Text), Max: 4000}
	if q.MaxLength > 0 {
		f.Max = q.MaxLength
	}
	if q.Required && q.Type != share.TypeGroup {
		f.Hint = v.T("ws.must")
	}
	if q.Unit != "" {
		f.Label += " (" + clean(q.Unit) + ")"
	}
	switch q.Type {
	case share.TypeGroup, share.TypeDisplay:
		return printField{Name: f.Name, Kind: fieldSaid, Label: f.Label}
	case share.TypeText:
		f.Kind = fieldArea
	case share.TypeDate:
		f.Kind = fieldDate
	case share.TypeBoolean:
		f.Kind = fieldChoice
		f.Options = []printOption{{Value: "true", Text: v.T("ws.yes")}, {Value: "false", Text: v.T("ws.no")}}
	case share.TypeChoice:
		f.Kind = fieldChoice
	}
	for _, o := range q.Options {
		if f.Kind == fieldChoice {
			f.Options = append(f.Options, printOption{Value: o.Key, Text: clean(o.Text)})
		} else {
			f.Hint = dotted(f.Hint, clean(o.Text))
		}
	}
	if q.Repeats && f.Kind == fieldChoice {
		f.Kind = fieldTicks
	}
	answers := given[q.Link]
	if len(answers) == 0 && q.Initial != "" {
		answers = []string{q.Initial}
	}
	in := typed{f.Name: answers}
	if len(answers) > 1 && len(f.Options) == 0 {
		f.Kind, in = fieldArea, typed{f.Name: {strings.Join(answers, "\n")}}
	}
	f.fill(in)
	return f
}

// keepAnswers keeps what was filled in as a draft, whatever is wrong with it;
// what is complete and right is shown as it would be sent.
func keepAnswers(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, q, err := v.questionnaire(r)
	if err == nil {
		err = r.ParseForm()
	}
	if err != nil {
		return v.unsent(err, v.T("ws.them"))
	}
	q.Given = readAnswers(q.Form.Questions, q.Given, typed(r.PostForm), share.Given{})
	faults, err := v.s.Desk.Answer(r.Context(), item.ID, q.Given)
	if err != nil {
		return v.unsent(err, v.provider(q.Provider))
	}
	if len(faults) > 0 {
		p := v.answersForm(item, q)
		for _, f := range faults {
			p.Wrong = append(p.Wrong, wrong{fieldOf(f.Link), v.T("ws.fault." + f.Code)})
		}
		p.Notice = &notice{Text: v.T("ws.draft")}
		return p, nil
	}
	if !q.Accepted {
		if err := v.s.Desk.Accept(r.Context(), item.ID); err != nil {
			return v.unsent(err, v.provider(q.Provider))
		}
	}
	parcel := Parcel{Kind: share.KindAnswers, Recipient: q.Provider, Items: []string{item.ID}}
	packed, err := v.s.Desk.Pack(r.Context(), parcel)
	if err != nil {
		return v.unsent(err, v.provider(q.Provider))
	}
	return v.parcelPage(r, parcel, packed, v.provider(q.Provider))
}

// readAnswers takes the answers out of a form. A question that was not on the
// page keeps the answer it had.
func readAnswers(all []share.Question, before share.Given, in typed, out share.Given) share.Given {
	for _, q := range all {
		name := fieldOf(q.Link)
		texts, there := in[name]
		if q.Repeats && len(q.Options) == 0 {
			texts = in.lines(name)
		}
		if !there && len(q.Options) == 0 {
			texts = before[q.Link]
		}
		for _, text := range texts {
			if text = strings.TrimSpace(text); text != "" {
				out[q.Link] = append(out[q.Link], text)
			}
		}
		readAnswers(q.Questions, before, in, out)
	}
	return out
}

// declineAnswers tells the provider that the person does not fill it in, after
// asking.
func declineAnswers(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, q, err := v.questionnaire(r)
	if err != nil && !errors.Is(err, ErrNoForm) {
		return v.unsent(err, v.T("ws.them"))
	}
	who := v.provider(q.Provider)
	if r.PostFormValue("zeker") != "ja" {
		at := askHome + "/" + item.Key()
		p := &troublePage{v.sendFrame(v.T("ws.decline"))}
		p.Answer, p.Rest = v.T("ws.decline.ask", "who", who), v.T("ws.decline.rest")
		p.Actions = []action{
			{Text: v.T("ws.decline.yes"), Post: at + "/nee", Values: []value{{"zeker", "ja"}}, Look: "main"},
			{Text: v.T("ws.decline.no"), Href: at, Look: "link"},
		}
		return p, nil
	}
	if err := v.s.Desk.Decline(r.Context(), item.ID); err != nil {
		return v.unsent(err, who)
	}
	return see(w, r, sendHome)
}

// answered are the questions with what the person answered, in words.
func (v *view) answered(form share.Form, all []share.Question, given share.Given) []wayFact {
	var out []wayFact
	for _, q := range all {
		if !form.Asked(given, q.Link) {
			continue
		}
		if texts := v.answerTexts(q, given[q.Link]); len(texts) > 0 {
			out = append(out, wayFact{brief(clean(q.Text)), fmt.Sprint(strings.Join(texts, "; "), answerUnit(q))})
		}
		out = append(out, v.answered(form, q.Questions, given)...)
	}
	return out
}

func answerUnit(q share.Question) string {
	if q.Unit == "" {
		return ""
	}
	return nbsp + clean(q.Unit)
}

func (v *view) answerTexts(q share.Question, answers []string) []string {
	var out []string
	for _, a := range answers {
		text := clean(a)
		if q.Type == share.TypeBoolean {
			text = map[string]string{"true": v.T("ws.yes"), "false": v.T("ws.no")}[a]
		}
		for _, o := range q.Options {
			if o.Key == a {
				text = clean(o.Text)
			}
		}
		out = append(out, text)
	}
	return out
}
