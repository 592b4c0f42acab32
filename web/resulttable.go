package web

import (
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// describe says in words what the chart shows: numbers, and no judgement.
func (v *view) describe(p *seriesPage, r *aggregator.Result, all []seriesEntry) {
	p.See = append(p.See, v.T("u.see.this", "day", v.Day(r.At), "value", brief(r.Text)))
	early := 0
	var before *aggregator.Result
	for _, other := range all {
		o := other.res
		if preliminary(o) {
			early++
		} else if o.At.Compare(r.At) < 0 && o.Series == r.Series {
			before = o
		}
	}
	if before != nil && before.Text != "" {
		p.See = append(p.See, v.compared(before, r))
	}
	if early > 0 {
		p.See = append(p.See, v.T("u.see.early", "n", early))
	}
}

// compared says what the result was before, and by how much it changed where
// the two may be compared exactly (merge.md 4.6).
func (v *view) compared(before, now *aggregator.Result) string {
	value := brief(before.Text)
	if !before.Converted.IsZero() {
		value += " (" + v.convertedText(before) + ")"
	}
	text := v.T("u.see.before", "day", v.Day(before.At), "value", value)
	a, b := unitIn(before), unitIn(now)
	x, okX := a.Rat()
	y, okY := b.Rat()
	joined := before.Line == now.Line || before.Harmonised && now.Harmonised
	if !joined || !okX || !okY || a.Comparator+b.Comparator != "" || a.Symbol() != b.Symbol() || !now.Systolic.IsZero() {
		return text
	}
	key, diff := "u.see.higher", new(big.Rat).Sub(y, x)
	switch diff.Sign() {
	case 0:
		return text + " " + v.T("u.see.equal")
	case -1:
		key = "u.see.lower"
	}
	amount := diff.Abs(diff).FloatString(max(decimalsOf(a.Value), decimalsOf(b.Value)))
	return text + " " + v.T(key, "amount", v.Number(amount)+nbsp+b.Symbol())
}

// decimalsOf is how many digits a number has behind the point.
func decimalsOf(value string) int {
	_, behind, _ := strings.Cut(value, ".")
	return len(behind)
}

// within gives the results of the period that was chosen, and says how many it
// leaves out. Without a period that is all of them.
func (p *seriesPage) within(v *view, all []seriesEntry, since time.Time) []seriesEntry {
	caption := "u.table"
	if !since.IsZero() {
		caption = "u.table.period"
	}
	p.Caption = v.T(caption)
	if p.Unit != "" {
		p.Caption = v.T(caption+".in", "unit", p.Unit)
	}
	inside := slices.DeleteFunc(slices.Clone(all), func(e seriesEntry) bool { return e.res.At.Low().Before(since) })
	if n := len(all) - len(inside); n > 0 {
		p.Outside = v.T("u.outside", "n", n)
	}
	return inside
}

// addTable makes the equal of the chart, newest first, and leads on to what is
// older where there is much.
func (v *view) addTable(p *seriesPage, item aggregator.Item, all []seriesEntry, query url.Values) {
	newest := slices.Clone(all)
	slices.Reverse(newest)
	shown, next := cut(newest, query.Get("vanaf"))
	for _, e := range shown {
		p.Table = append(p.Table, v.tableRow(e, p.Unit))
	}
	if next > 0 {
		further := url.Values{"vanaf": {fmt.Sprint(next)}}
		if choice := query.Get("j"); choice != "" {
			further.Set("j", choice)
		}
		p.More = &link{v.T("further"), "/u/" + item.Key() + "?" + further.Encode() + "#tabel"}
	}
	p.Ranged = slices.ContainsFunc(p.Table, func(r tableRow) bool { return r.Range != "" })
}

// tableRow is one result. One in another unit stands there with its unit, and
// with what it was converted to; a value that was corrected stands before the
// new one.
func (v *view) tableRow(e seriesEntry, unit string) tableRow {
	r := e.res
	row := tableRow{
		Day: strings.ReplaceAll(v.Day(r.At), nbsp, " "), Status: v.statusWord(r), Range: v.rangeText(r), Lab: labName(v, e.item, r),
		Strong: preliminary(r), Own: r.Own, Href: "/i/" + e.item.Key(), Old: v.Number(brief(r.Corrected)),
	}
	if row.Day == "" {
		row.Day = v.T("undated")
	}
	if f := e.item.Fields["corrected"]; r.Corrected != "" && f.Text != "" {
		row.Status = brief(f.Text)
	}
	row.Value = v.Number(r.Quantity.Comparator + r.Quantity.Value)
	if !r.Systolic.IsZero() && !r.Diastolic.IsZero() {
		row.Value = v.Number(r.Systolic.Value + "/" + r.Diastolic.Value)
	}
	if row.Value == "" || unitOf(r) != unit {
		row.Value = brief(r.Text)
	}
	if !r.Converted.IsZero() {
		row.Converted = v.convertedText(r)
	}
	return row
}

// convertedText is what a value is in the unit of its series.
func (v *view) convertedText(r *aggregator.Result) string {
	return v.T("u.converted", "value", r.Converted.Words(v.Lang))
}

// unitOf is the unit that a result was delivered in; of a blood pressure that
// of its two numbers.
func unitOf(r *aggregator.Result) string {
	if !r.Systolic.IsZero() {
		return r.Systolic.Symbol()
	}
	return r.Quantity.Symbol()
}
