package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// choosePage is where the person says when a closed result may be seen
// (product.md 6.9).
type choosePage struct {
	page
	Seal    *seal
	Keys    []string // of what is chosen for: only what was on the page
	Options []option
	Day     string // as typed
	Always  string // for what the choice can hold from now on
	Lasting bool
	Single  []link // to choose one by one
}

func (*choosePage) template() string { return "choose" }

// option is one answer. Its value is a word, a number of days or a date.
type option struct {
	Value, Text, Soft string
	On                bool
	Asks              bool // for a day
}

// The answers that are words.
const (
	seeNow   = "nu"
	seeDay   = "dag" // the day that was typed
	seeLater = "later"
	seeNever = "nooit"
)

// waitDays are the numbers of days that a person can wait (product.md 6.9).
var waitDays = [...]int{7, 14}

// closedError says that what an address names is closed. The person is sent to
// the page where that is theirs to change.
type closedError struct{ key string }

func (*closedError) Error() string { return "web: the item is closed" }

// choosePageOne is the page for one closed result.
func choosePageOne(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, ok := v.o.Find(r.PathValue("key"))
	switch {
	case !ok:
		return nil, ErrNotFound
	case !isClosed(item):
		return see(w, r, homeOf(item))
	}
	return v.choosePage(bunchOf(item)), nil
}

// choosePageAll is the page for everything that stands on one row with it.
func choosePageAll(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, ok := v.o.Find(r.PathValue("key"))
	switch {
	case !ok:
		return nil, ErrNotFound
	case !isClosed(item):
		return see(w, r, subjectHome(item.Subject))
	}
	all := v.bunches(item.Subject)
	b := all[slices.IndexFunc(all, bunchOf(item).like)]
	p := v.choosePage(b)
	if len(b.items) > 1 {
		for i, one := range b.items {
			p.Single = append(p.Single, link{v.T("k.one."+b.what(), "n", i+1), "/k/" + one.Key()})
		}
	}
	return p, nil
}

// choosePage makes the page, with what holds now chosen beforehand.
func (v *view) choosePage(b bunch) *choosePage {
	n, home := len(b.items), subjectHome(b.subject)
	p := &choosePage{
		page: page{
			Title: v.T("title.item"), Here: navOf(b.subject), Crumbs: []link{{v.subjectName(b.subject), home}, {v.T("k.choose"), ""}},
			H1: v.T("k.new."+b.what(), "n", n), Answer: v.T("k.answer"), Lead: v.T("k.lead."+b.what(), "n", n),
		},
		Seal: v.seal(b), Always: v.T("k.always", "kind", v.T("k.kind."+b.Kind), "who", v.List(v.names(b.sources))),
	}
	if !b.asks() {
		p.H1 = v.T("k.shut."+b.what(), "n", n)
	}
	for _, item := range b.items {
		p.Keys = append(p.Keys, item.Key())
	}
	p.Options = v.options(b)
	p.choose(v.holds(b, p), lastDay(b.Opens))
	return p
}

// options are the answers, from early to never.
func (v *view) options(b bunch) []option {
	out := []option{{Value: seeNow, Text: v.T("k.now")}}
	if day, what := v.appointmentDay(); day != "" {
		out = append(out, option{Value: day, Text: v.T("k.appointment"), Soft: what})
	}
	for _, days := range waitDays {
		o := option{Value: fmt.Sprint(days), Text: v.T("k.days", "n", days), Soft: v.T("k.days.over")}
		if opens := b.Issued.AddDate(0, 0, days); opens.After(v.now) {
			o.Soft = v.T("k.days.until", "day", v.When(firstDay(opens)))
		}
		out = append(out, o)
	}
	return append(out,
		option{Value: seeDay, Text: v.T("k.day"), Asks: true},
		option{Value: seeLater, Text: v.T("k.later"), Soft: v.T("k.later.soft")},
		option{Value: seeNever, Text: v.T("k.not-ever"), Soft: v.T("k.not-ever.soft")},
	)
}

// appointmentDay is the day of the next appointment, and what it is.
func (v *view) appointmentDay() (day, what string) {
	next, ok := v.nextPlanned()
	if !ok {
		return "", ""
	}
	d := fhir.ParseDate(next.When)
	if d.Precision() < fhir.PrecisionDay {
		return "", ""
	}
	return d.Day(), dotted(v.When(d.Day()), brief(next.Name()))
}

// holds is the answer that holds now.
func (v *view) holds(b bunch, p *choosePage) string {
	switch {
	case b.Never:
		return seeNever
	case b.Opens.IsZero():
		return seeLater
	}
	for _, days := range waitDays {
		if b.Issued.AddDate(0, 0, days).Equal(b.Opens) {
			return fmt.Sprint(days)
		}
	}
	if day := lastDay(b.Opens); slices.ContainsFunc(p.Options, func(o option) bool { return o.Value == day }) {
		return day
	}
	return seeDay
}

// choose marks an answer; day is what stands in the field of the day.
func (p *choosePage) choose(value, day string) {
	for i := range p.Options {
		p.Options[i].On = p.Options[i].Value == value
	}
	if value == seeDay {
		p.Day = day
	}
}

// choose keeps the choice, or shows the page again with what is missing.
func choose(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	b, home, err := v.posted(r.PostForm["blad"])
	if err != nil {
		return nil, err
	}
	if len(b.items) == 0 { // opened in another window, or pressed twice
		return see(w, r, home)
	}
	p := v.choosePage(b)
	rule := v.readChoice(p, r)
	if len(p.Wrong) > 0 {
		return p, nil
	}
	var ids []string
	for _, item := range b.items {
		ids = append(ids, item.ID)
	}
	if err := v.s.Desk.Wait(r.Context(), ids, rule); err != nil {
		return nil, err
	}
	if p.Lasting {
		for _, source := range b.sources {
			lasting := aggregator.GateRule{Kind: b.Kind, Source: source, Wait: rule.Wait, Days: rule.Days}
			if err := v.s.Desk.SetGate(r.Context(), lasting); err != nil {
				return nil, err
			}
		}
	}
	if rule.Wait == aggregator.WaitNot && len(ids) == 1 {
		return see(w, r, home)
	}
	return see(w, r, subjectHome(b.subject)+"?ok")
}

// posted is what was on the page and is still closed, and where it is to be
// seen once it is open. A form that names what never stood on one page is not
// ours.
func (v *view) posted(keys []string) (b bunch, home string, err error) {
	for i, key := range keys {
		item, ok := v.o.Find(key)
		if !ok {
			return b, "", ErrNotFound
		}
		if home = subjectHome(item.Subject); len(keys) == 1 {
			home = homeOf(item)
		}
		one := bunchOf(item)
		switch {
		case !isClosed(item), slices.Contains(keys[:i], key):
		case len(b.items) == 0:
			b = one
		case !b.like(one):
			return b, "", ErrNotFound
		default:
			b.add(one)
		}
	}
	if len(keys) == 0 {
		return b, "", ErrNotFound
	}
	return b, home, nil
}

// homeOf is the page of an item that is open.
func homeOf(item aggregator.Item) string {
	if item.Subject == "lab" || item.Subject == "vital" {
		return "/u/" + item.Key()
	}
	return "/i/" + item.Key()
}

// readChoice makes a rule of the form and names in the page what is wrong.
func (v *view) readChoice(p *choosePage, r *http.Request) aggregator.GateRule {
	value, day := r.PostForm.Get("wanneer"), strings.TrimSpace(r.PostForm.Get("dag"))
	p.choose(value, day)
	p.Lasting = r.PostForm.Get("altijd") != ""
	rule, field, key := v.ruleOf(value, day)
	if key == "" && p.Lasting && rule.Wait == aggregator.WaitUntil {
		field, key = "altijd", "always"
	}
	if key != "" {
		p.Wrong = append(p.Wrong, wrong{field, v.T("k.wrong." + key)})
	}
	return rule
}

// ruleOf reads an answer; key says what is wrong with which field.
func (v *view) ruleOf(value, day string) (rule aggregator.GateRule, field, key string) {
	switch value {
	case seeNow:
		rule.Wait = aggregator.WaitNot
	case seeLater:
		rule.Wait = aggregator.WaitAsk
	case seeNever:
		rule.Wait = aggregator.WaitNever
	case seeDay:
		return v.untilRule(day)
	default:
		if days, err := strconv.Atoi(value); err == nil && slices.Contains(waitDays[:], days) {
			rule.Wait, rule.Days = aggregator.WaitDays, days
			return rule, "", ""
		}
		if rule, _, key = v.untilRule(value); key != "" {
			return rule, "wanneer", "none"
		}
	}
	return rule, "", ""
}

// untilRule waits until the end of a day that is not over yet.
func (v *view) untilRule(day string) (rule aggregator.GateRule, field, key string) {
	rule = aggregator.GateRule{Wait: aggregator.WaitUntil}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return rule, "dag", "day"
	}
	if rule.Until = fhir.ParseDate(day); rule.Until.High().Before(v.now) {
		return rule, "dag", "past"
	}
	return rule, "", ""
}
