package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
)

// targetForm is the form for the value that the person should reach, in the
// words of their doctor.
type targetForm struct {
	page
	Post, Back string
	Unit       string
	Words      string
	Fields     []numberField
	Drop       *action
}

func (*targetForm) template() string { return "target" }

// numberField is one number that may be left open.
type numberField struct{ Name, Label, Value string }

// targetPage is the form with the target there is.
func targetPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.targeted(r)
	if err != nil {
		return nil, err
	}
	res := resultOf(item)
	t, found, err := v.target(r.Context(), res)
	if err != nil {
		return nil, err
	}
	for _, value := range [...]*string{&t.Above, &t.Below, &t.Beside} {
		*value = v.Number(*value)
	}
	p := v.targetForm(item, t)
	if found {
		p.Drop = &action{Text: v.T("u.target.drop"), Post: p.Post + "/weg", Look: "link"}
	}
	return p, nil
}

// targeted is the item in the address, when a target can be kept for it.
func (v *view) targeted(r *http.Request) (aggregator.Item, error) {
	item, err := v.find(r.PathValue("key"))
	if err == nil && !canTarget(resultOf(item)) {
		err = ErrNotFound
	}
	return item, err
}

// canTarget: only of a test that is known, and that has a number.
func canTarget(r *aggregator.Result) bool {
	return r.Analyte != "" && (!r.Quantity.IsZero() || !r.Systolic.IsZero())
}

// target is the target of the test of a result, in its unit.
func (v *view) target(ctx context.Context, r *aggregator.Result) (t aggregator.Target, found bool, err error) {
	all, err := v.s.Desk.Targets(ctx)
	if err != nil {
		return t, false, err
	}
	t, found = targetAmong(all, r)
	return t, found, nil
}

// targetAmong is the one of all targets that is for the test of a result.
func targetAmong(all []aggregator.Target, r *aggregator.Result) (t aggregator.Target, found bool) {
	for _, one := range all {
		if one.Analyte == r.Analyte && one.Unit == seriesUnit(r) {
			return one, true
		}
	}
	return t, false
}

func (v *view) targetForm(item aggregator.Item, t aggregator.Target) *targetForm {
	res, name := resultOf(item), brief(resultName(item))
	back := "/u/" + item.Key()
	p := &targetForm{
		page: page{
			Title: v.T("title.item"), Here: "/u", Crumbs: []link{{v.T("nav.u"), "/u"}, {name, back}},
			H1: name, Answer: v.T("u.target.answer"), Rest: v.T("u.target.rest"), Path: back + "/doel",
		},
		Post: back + "/doel", Back: back, Unit: seriesUnit(res), Words: t.Words,
	}
	if !res.Systolic.IsZero() {
		p.Fields = []numberField{{"onder", v.T("u.target.upper"), t.Below}, {"tweede", v.T("u.target.lower"), t.Beside}}
	} else {
		p.Fields = []numberField{{"boven", v.T("u.target.above"), t.Above}, {"onder", v.T("u.target.below"), t.Below}}
	}
	return p
}

// setTarget stores what was typed, or shows it again with what is wrong.
func setTarget(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.targeted(r)
	if err == nil {
		err = r.ParseForm()
	}
	if err != nil {
		return nil, err
	}
	form := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	res := resultOf(item)
	t := aggregator.Target{
		Analyte: res.Analyte, Name: resultName(item), Unit: seriesUnit(res),
		Above: form("boven"), Below: form("onder"), Beside: form("tweede"), Words: form("woorden"),
	}
	p := v.targetForm(item, t)
	if p.Wrong = v.readTarget(p, &t); len(p.Wrong) > 0 {
		return p, nil
	}
	var refused *Refused
	switch err := v.s.Desk.SetTarget(r.Context(), t); {
	case errors.As(err, &refused):
		p.Wrong = []wrong{{p.Fields[0].Name, v.T("wrong.target")}}
		return p, nil
	case err != nil:
		return nil, err
	}
	return see(w, r, p.Back)
}

// readTarget makes decimals of what was typed, and names what is wrong.
func (v *view) readTarget(p *targetForm, t *aggregator.Target) (wrongs []wrong) {
	filled := false
	for _, f := range [...]struct {
		name  string
		value *string
	}{{"boven", &t.Above}, {"onder", &t.Below}, {"tweede", &t.Beside}} {
		if *f.value == "" {
			continue
		}
		filled = true
		value, ok := decimal(*f.value)
		if !ok {
			wrongs = append(wrongs, wrong{f.name, v.T("wrong.number")})
		}
		*f.value = value
	}
	if !filled {
		wrongs = append(wrongs, wrong{p.Fields[0].Name, v.T("wrong.empty")})
	}
	return wrongs
}

// dropTarget takes the target away.
func dropTarget(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	item, err := v.targeted(r)
	if err != nil {
		return nil, err
	}
	t, found, err := v.target(r.Context(), resultOf(item))
	if err != nil || !found {
		return nil, either(err, ErrNotFound)
	}
	if err := v.s.Desk.DropTarget(r.Context(), t.ID); err != nil {
		return nil, err
	}
	return see(w, r, "/u/"+item.Key())
}

// targetText is a target in words: "onder 64 mmol/mol".
func (v *view) targetText(t aggregator.Target) string {
	unit := ""
	if t.Unit != "" {
		unit = nbsp + t.Unit
	}
	above, below := v.Number(t.Above), v.Number(t.Below)
	if t.Beside != "" {
		below += "/" + v.Number(t.Beside)
	}
	switch {
	case above != "" && below != "":
		return above + "–" + below + unit
	case above != "":
		return v.T("u.above") + nbsp + above + unit
	}
	return v.T("u.below") + nbsp + below + unit
}

// seriesUnit is the unit of the series that a result is in.
func seriesUnit(r *aggregator.Result) string { return unitIn(r).Symbol() }
