package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// valueDiffers is the code of a difference between results of one moment.
const valueDiffers = "C-LAB-VALUE"

// isResult tells whether an item is a result: its group is a series, of which the
// others are no versions of it.
func isResult(item aggregator.Item) bool { return item.Subject == "lab" || item.Subject == "vital" }

// otherValues are the ids of the results that give another value for its moment.
func otherValues(item aggregator.Item) []string {
	var out []string
	for _, c := range item.Conflicts {
		if c.Code == valueDiffers {
			out = append(out, c.With...)
		}
	}
	return out
}

// ofMoment is a result with those that say something else of its moment, and those
// that say something else than these. What is closed is not among them.
func (v *view) ofMoment(item aggregator.Item) bundle {
	b := bundle{title: resultName(item), items: []aggregator.Item{item}}
	for at := 0; at < len(b.items); at++ {
		for _, id := range otherValues(b.items[at]) {
			other, ok := v.o.Find(id)
			known := slices.ContainsFunc(b.items, func(one aggregator.Item) bool { return one.ID == other.ID })
			if ok && !known && !isClosed(other) && anySection(other) {
				b.items = append(b.items, other)
			}
		}
	}
	if len(b.items) > 1 {
		b.title = v.T("u.of-day", "name", resultName(item), "day", v.Day(resultOf(item).At))
	}
	slices.SortFunc(b.items, func(x, y aggregator.Item) int {
		return cmp.Or(strings.Compare(v.List(v.names(speakers(x))), v.List(v.names(speakers(y)))), strings.Compare(x.ID, y.ID))
	})
	return b
}

// hasOtherValue tells whether the page of a result leads to the difference.
func (v *view) hasOtherValue(item aggregator.Item) bool { return len(v.ofMoment(item).items) > 1 }

// disputed are the results that have another value beside them, newest first. Who
// gets them does not change them.
func (v *view) disputed() []aggregator.Item {
	return v.s.made.list(v.o, "disputed", func() []aggregator.Item {
		var out []aggregator.Item
		for i := range v.o.Items { // items are large and many: they are looked at where they are
			item := &v.o.Items[i]
			if len(item.Conflicts) > 0 && isResult(*item) && anySection(*item) && !isClosed(*item) && len(otherValues(*item)) > 0 {
				out = append(out, *item)
			}
		}
		slices.SortFunc(out, func(x, y aggregator.Item) int {
			return cmp.Or(strings.Compare(y.When, x.When), strings.Compare(x.ID, y.ID))
		})
		return out
	})
}

// disputes are the moments of the last year of which the results differ, newest
// first, without those that the person has seen.
func (v *view) disputes() []bundle {
	var out []bundle
	limit := v.now.AddDate(-1, 0, 0).Format(time.DateOnly)
	done := map[string]bool{}
	for _, item := range v.disputed() {
		if item.When < limit {
			break
		}
		if done[item.ID] {
			continue
		}
		b := v.ofMoment(item)
		for _, one := range b.items {
			done[one.ID] = true
		}
		if len(b.items) > 1 && b.differs() {
			out = append(out, b)
		}
	}
	return out
}

// betweenProviders tells whether two care providers speak in it: one that says two
// things, or the person beside one, is no difference between them.
func (b bundle) betweenProviders() bool {
	others := slices.DeleteFunc(allSpeakers(b.items), func(source string) bool { return source == fhir.Self })
	return len(others) > 1
}

// seriesKey names the series of a result; one without a series is one of its own.
func seriesKey(item aggregator.Item) string { return cmp.Or(item.Group, item.ID) }

// newestDisputes are the disputes by series, of each the newest.
func (v *view) newestDisputes() map[string]bundle {
	out := map[string]bundle{}
	for _, b := range v.disputes() {
		for _, item := range b.items {
			if _, ok := out[seriesKey(item)]; !ok {
				out[seriesKey(item)] = b
			}
		}
	}
	return out
}

// putBeside puts on the row of a series what each says of a moment on which they
// differ: that of the result that speaks for it, of which no value stands alone, or
// else the newest such moment.
func (v *view) putBeside(r *row, item aggregator.Item, disputes map[string]bundle) {
	b := v.ofMoment(item)
	speaks := len(b.items) > 1
	if !speaks {
		var ok bool
		if b, ok = disputes[seriesKey(item)]; !ok {
			return
		}
	}
	shown, more := fewVersions(b.items)
	lines, marks, _ := v.versions(shown, valueOf)
	if more > 0 {
		lines = append(lines, plain(v.T("m.versions.more", "n", more)))
	}
	if speaks {
		r.Lines, r.Line = lines, nil
	} else {
		r.Lines = append(append(r.Lines, plain(v.T("u.differ.then", "day", v.Day(resultOf(b.items[0]).At)))), lines...)
	}
	r.Bars, r.Actions = marks, []action{v.seeDifference(b)}
	if mark := (flag{v.T("flag.difference"), "mark"}); b.differs() && !slices.Contains(r.Flags, mark) {
		r.Flags = append([]flag{mark}, r.Flags...)
	}
}

// valueOf is the value of a result, as its source wrote it.
func valueOf(item aggregator.Item) string { return brief(cmp.Or(resultOf(item).Text, item.Detail)) }

// wholeValues marks texts as a whole where they are not all the same: half a value means
// nothing.
func wholeValues(texts []string) [][]span {
	var out [][]span
	for _, text := range texts {
		other := func(one string) bool { return one != text }
		out = append(out, []span{{Text: text, Marked: slices.ContainsFunc(texts, other)}})
	}
	return out
}

// valueLeaf puts on a leaf what its laboratory says beside the value.
func (v *view) valueLeaf(l *leaf, item aggregator.Item) {
	r := resultOf(item)
	l.Kind = v.T("o.at", "day", v.Day(r.At), "time", r.At.Low().In(fhir.Amsterdam()).Format("15:04"))
	l.Text = cmp.Or(v.flagWords(r), v.rangeSentence(r), v.T("u.no-range"))
	l.Soft = dotted(labName(v, item, r), v.statusWord(r), v.saidBy(r))
}

// rangeSentence are the reference values alone; empty when there are none.
func (v *view) rangeSentence(r *aggregator.Result) string {
	if text := v.rangeText(r); text != "" {
		return capital(v.T("u.range", "range", text))
	}
	return ""
}

// valueQuestion asks for a question about results of one moment: which of them is
// right is nothing that the person can know.
func (v *view) valueQuestion(q *question) *question {
	q.H2, q.Label, q.Save = v.T("say.vraag"), v.T("say.vraag.soft"), v.T("u.question")
	q.Values = append(q.Values, value{"antwoord", sayQuestion})
	return q
}
