package web

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/aggregator"
)

// The answers that are no item.
const (
	sayStop     = "stop"
	sayOther    = "anders"
	sayUnknown  = "weet"
	sayYes      = "ja"
	sayNo       = "nee"
	sayQuestion = "vraag"   // kept for the next appointment
	sayRemark   = "woorden" // only the person's own words
)

// mostWords is how many characters an answer in own words has at most.
const mostWords = 500

// answerPage asks what the person says of one item.
type answerPage struct {
	page
	Questions []*question
}

func (*answerPage) template() string { return "answer" }

// sayPage asks about an item: how they use a medicine or whether something is
// right, and for a remark of their own.
func sayPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.asking(r)
	if err != nil {
		return nil, err
	}
	return v.answerPage(item), nil
}

// asking is the item that an answer is about: nothing of the person's own,
// which they change instead.
func (v *view) asking(r *http.Request) (aggregator.Item, error) {
	item, err := v.find(r.PathValue("key"))
	if err == nil && item.Own() {
		err = ErrNotFound
	}
	return item, err
}

func (v *view) answerPage(item aggregator.Item) *answerPage {
	home := subjectHome(item.Subject)
	p := &answerPage{page: page{
		Title: v.T("title.item"), Here: navOf(item.Subject), Path: "/x/" + item.Key(),
		Crumbs: []link{{v.subjectName(item.Subject), home}, {brief(item.Name()), "/i/" + item.Key()}, {v.T("say.h1"), ""}},
		H1:     v.T("say.h1"), Answer: brief(item.Name()) + ".", Rest: v.T("say.rest"), Soft: v.T("say.soft"),
	}}
	p.Questions = []*question{v.questionOf(item, []aggregator.Item{item}, placeItem)}
	if item.Subject == "medication" {
		p.Questions = append(p.Questions, v.remarkQuestion(item))
	}
	return p
}

// say stores an answer and leads back to the page it came from, or shows that
// page again with what is missing.
func say(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.asking(r)
	if err != nil {
		return nil, err
	}
	items := []aggregator.Item{item}
	difference := r.PostFormValue("blad") == placeDifference && v.hasNeighbours(item)
	if difference {
		items, _ = split(v.beside(item).items)
	}
	said, field, key := v.readAnswer(r, items)
	if key != "" {
		return v.unanswered(item, difference, r, wrong{field, v.T("say.wrong."+key, "n", mostWords)}), nil
	}
	if err := v.s.Desk.Say(r.Context(), said); err != nil {
		return nil, err
	}
	if difference {
		return see(w, r, "/v/"+item.Key()+"?ok")
	}
	return see(w, r, "/i/"+item.Key()+"?ok")
}

// unanswered is the page that an answer came from, with what is wrong with it.
func (v *view) unanswered(item aggregator.Item, difference bool, r *http.Request, what wrong) content {
	var c content
	var questions []*question
	if difference {
		p := v.difference(r.Context(), item, nil, "")
		c, questions = p, []*question{p.Ask}
	} else {
		p := v.answerPage(item)
		c, questions = p, p.Questions
	}
	for _, q := range questions {
		if q != nil && q.asks(r.PostFormValue("antwoord")) {
			q.choose(r.PostFormValue("antwoord"))
			q.Words, q.Wrong = clean(r.PostFormValue("zelf")), []wrong{what}
			c.frame().Wrong = []wrong{{q.Name + what.Field, what.Text}}
		}
	}
	return c
}

// readAnswer reads what was answered about items; key says what is wrong with
// which field.
func (v *view) readAnswer(r *http.Request, items []aggregator.Item) (said Said, field, key string) {
	answer, words := r.PostFormValue("antwoord"), strings.TrimSpace(clean(r.PostFormValue("zelf")))
	for _, item := range items {
		said.Items = append(said.Items, item.ID)
	}
	if utf8.RuneCountInString(words) > mostWords {
		return said, "zelf", "long"
	}
	if items[0].Subject == "medication" && answer != sayRemark {
		return v.readUse(said, answer, words, items)
	}
	said.Text = words
	switch answer {
	case sayQuestion:
		if said.Text != "" && !asksSomething(said.Text) {
			said.Text += "?"
		}
	case sayYes, sayNo, sayUnknown:
		said.Text = strings.TrimSuffix(v.T("say."+answer)+": "+words, ": ")
	case sayRemark:
	default:
		return said, "antwoord", "none"
	}
	if said.Text == "" {
		return said, "zelf", "words"
	}
	return said, "", ""
}

// readUse reads how a medicine is used. Own words are only taken with the
// answer that they belong to.
func (v *view) readUse(said Said, answer, words string, items []aggregator.Item) (_ Said, field, key string) {
	switch answer {
	case sayStop:
		said.Use, said.Text = UseStopped, v.T("say.stop")
	case sayUnknown:
		said.Use, said.Text = UseUnknown, v.T("say.weet")
	case sayOther:
		if said.Use, said.Text = UseAs, words; words == "" {
			return said, "zelf", "words"
		}
	default:
		said.Use = UseAs
		for _, item := range items {
			if item.Key() == answer {
				said.Like = item.ID
			}
		}
		if said.Like == "" {
			return said, "antwoord", "none"
		}
	}
	return said, "", ""
}
