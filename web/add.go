package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// entryKinds are the kinds of own entries, with the unit that a number has.
// Their place here is their address: add at the end.
var entryKinds = [...]struct {
	kind Kind
	unit string
}{
	{BloodPressure, "mmHg"},
	{Weight, "kg"},
	{Height, "cm"},
	{Glucose, "mmol/L"},
	{HeartRate, "/min"},
	{Pulse, "/min"},
	{Temperature, "°C"},
	{Oxygen, "%"},
	{Respiration, "/min"},
	{OwnMedicine, ""},
	{OwnAllergy, ""},
	{OwnNote, ""},
	{OwnDocument, ""},
}

// kindNumber is the place of a kind in the table: its address.
func kindNumber(k Kind) string {
	for i, e := range entryKinds {
		if e.kind == k {
			return fmt.Sprint(i + 1)
		}
	}
	return ""
}

// addPage lets the person choose what to add.
func addPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	p := &linksPage{page: page{Title: v.T("title.add"), Here: "/", H1: v.T("e.h1"), Answer: v.T("e.answer")}, Note: v.T("e.note")}
	for i, e := range entryKinds {
		address := fmt.Sprint("/e/", i+1)
		if e.kind == OwnDocument {
			address = uploadPath
		}
		p.Links = append(p.Links, link{v.T("kind." + string(e.kind)), address})
	}
	p.Actions = []action{{Text: v.T("e.mine"), Href: "/e/mijn", Look: "other"}}
	return p, nil
}

// formPage is the form for one entry.
type formPage struct {
	page
	Post     string
	Kind     Kind
	Unit     string
	Label    string
	Hint     string
	Value    string
	Second   string // of a blood pressure: the lower one
	Detail   string
	Timing   string
	Note     string
	Day      string
	Time     string
	Question string // asked before the entry is stored
	Numeric  bool
	id       string // of the entry that is changed; empty for a new one
}

func (*formPage) template() string { return "entry" }

// entryPage is an empty form, with the moment of now filled in.
func entryPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p, err := v.entryForm(r)
	if err != nil {
		return nil, err
	}
	now := v.now.In(fhir.Amsterdam())
	p.Day, p.Time = now.Format(time.DateOnly), now.Format("15:04")
	return p, nil
}

// entryForm makes the form that an address names, with nothing filled in.
func (v *view) entryForm(r *http.Request) (*formPage, error) {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 1 || n > len(entryKinds) || entryKinds[n-1].kind == OwnDocument { // a file has its own form
		return nil, ErrNotFound
	}
	return v.formOf(entryKinds[n-1].kind, r.URL.Path), nil
}

// formOf makes the form of a kind, that is sent to an address.
func (v *view) formOf(kind Kind, post string) *formPage {
	unit := kindUnit(kind)
	return &formPage{
		page: page{
			Title: v.T("title.add"), Here: "/", Crumbs: []link{{v.T("e.h1"), "/e"}, {v.T("kind." + string(kind)), ""}},
			H1: v.T("kind." + string(kind)), Answer: v.T("e.ask." + string(kind)),
		},
		Post: post, Kind: kind, Unit: unit, Numeric: unit != "",
		Label: v.T("e.label." + string(kind)), Hint: v.Or("e.hint."+string(kind), ""),
	}
}

// kindUnit is the unit that the numbers of a kind have; empty for text.
func kindUnit(kind Kind) string {
	for _, e := range entryKinds {
		if e.kind == kind {
			return e.unit
		}
	}
	return ""
}

// addEntry stores what was typed, or shows the form again with it.
func addEntry(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	p, err := v.entryForm(r)
	if err != nil {
		return nil, err
	}
	if done, err := v.take(r, p, v.s.Desk.Add); err != nil || !done {
		return p, err
	}
	return see(w, r, "/e/klaar")
}

// take reads the form, lets the desk judge and store it, and tells whether it
// did; otherwise the form says what has to be changed or confirmed.
func (v *view) take(r *http.Request, p *formPage, store func(context.Context, Entry) (string, error)) (done bool, err error) {
	if err := r.ParseForm(); err != nil {
		return false, err
	}
	form := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	p.Value, p.Second, p.Detail, p.Timing = form("waarde"), form("tweede"), form("hoe"), form("moment")
	p.Note, p.Day, p.Time = form("opmerking"), form("dag"), form("tijd")
	e, wrongs := v.readEntry(p)
	e.Confirmed = form("klopt") != ""
	if p.Wrong = wrongs; len(wrongs) > 0 {
		return false, nil
	}
	question, err := store(r.Context(), e)
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		p.Wrong = []wrong{v.refusal(p, refused)}
		return false, nil
	case err != nil:
		return false, err
	case question == AskJump:
		p.Question, err = v.jump(r.Context(), p, e)
		return false, err
	case question != "":
		p.Question = v.T("e.question."+question, "value", v.typed(p))
		return false, nil
	}
	return true, nil
}

// typed is what the person typed, with its unit.
func (v *view) typed(p *formPage) string {
	text := p.Value
	if p.Second != "" {
		text += "/" + p.Second
	}
	return brief(text) + nbsp + p.Unit
}

// readEntry makes an entry of the form and names what is missing in it.
func (v *view) readEntry(p *formPage) (Entry, []wrong) {
	e := Entry{Kind: p.Kind, Value: p.Value, Timing: p.Timing, Detail: p.Detail, Note: p.Note}
	var wrongs []wrong
	if p.Value == "" {
		wrongs = append(wrongs, wrong{"waarde", v.T("wrong.empty")})
	}
	if p.Numeric && p.Value != "" {
		value, ok := decimal(p.Value)
		if !ok {
			wrongs = append(wrongs, wrong{"waarde", v.T("wrong.number")})
		}
		e.Value = value
	}
	if p.Kind == BloodPressure {
		second, ok := decimal(p.Second)
		if !ok {
			wrongs = append(wrongs, wrong{"tweede", v.T("wrong.number")})
		}
		e.Value += "/" + second
	}
	if p.Kind == OwnDocument { // only its name can be another
		return e, append(wrongs, v.wrongTitle(p.Value)...)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", p.Day+" "+p.Time, fhir.Amsterdam())
	if err != nil {
		wrongs = append(wrongs, wrong{"dag", v.T("wrong.day")})
	}
	e.At = at
	return e, wrongs
}

// decimal reads a number with a comma or a point; its digits stay as typed.
func decimal(text string) (string, bool) {
	text = strings.Replace(text, ",", ".", 1)
	if _, ok := fhir.ParseDecimal(text); !ok || strings.ContainsAny(text, "eE+-") || len(text) > 12 {
		return "", false
	}
	return text, true
}

// refusal puts a refusal into words, at the field it is about.
func (v *view) refusal(p *formPage, r *Refused) wrong {
	field := "waarde"
	if r.Reason == RefuseFuture || r.Reason == RefuseBirth {
		field = "dag"
	}
	key := "wrong." + r.Reason
	if !v.Has(key) || r.Reason == RefuseRange && r.Low == "" {
		key = "wrong.other"
	}
	return wrong{field, v.T(key, "low", v.Number(r.Low), "high", v.Number(r.High), "unit", p.Unit)}
}

// addedPage says that it is stored, and that nobody else sees it yet.
func addedPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	p := &troublePage{page{Title: v.T("title.add"), Here: "/", H1: v.T("e.h1"), Answer: v.T("e.done"), Rest: v.T("e.done.rest")}}
	p.Actions = []action{{Text: v.T("e.another"), Href: "/e", Look: "other"}, {Text: v.T("e.mine"), Href: "/e/mijn", Look: "link"}, {Text: v.T("nav.o"), Href: "/", Look: "link"}}
	return p, nil
}
