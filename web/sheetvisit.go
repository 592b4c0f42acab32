package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

const (
	mostQuestions = 3
	mostQuestion  = 120 // characters of one
	mostResults   = 3
	mostOffered   = 20 // results to choose from
	mostOwn       = 2  // own measurements on the sheet
	mostChanged   = 6
	noteLines     = 25 // as many as fit are shown
)

// visitFields asks for the questions, and what else the person wants on the
// sheet for an appointment.
func (v *view) visitFields() []printField {
	var fields []printField
	kept := v.keptQuestions()
	for i := range mostQuestions {
		f := printField{Name: fmt.Sprint("vraag", i+1), Kind: fieldText, Label: v.T("pr.question", "n", i+1), Max: mostQuestion}
		if i < len(kept) {
			f.Value = kept[i]
		}
		if i == 0 {
			f.Hint = v.questionHint()
		}
		fields = append(fields, f)
	}
	when, where := v.appointmentWords()
	fields = append(
		fields,
		printField{Name: "wanneer", Kind: fieldText, Label: v.T("pr.when"), Value: when, Max: 60},
		printField{Name: "waar", Kind: fieldText, Label: v.T("pr.where"), Value: where, Max: 60},
		printField{Name: "sinds", Kind: fieldDate, Label: v.T("pr.since"), Hint: v.T("pr.since.hint"), Value: startOf(v.now, 90).Format(time.DateOnly)},
	)
	if options := v.resultOptions(); len(options) > 0 {
		fields = append(fields, printField{Name: "uitslag", Kind: fieldTicks, Label: v.T("pr.results"), Hint: v.T("pr.results.hint"), Max: mostResults, Options: options})
	}
	return append(fields, printField{Name: "mist", Kind: fieldText, Label: v.T("pr.missing"), Hint: v.T("pr.missing.hint"), Max: 120})
}

// keptQuestions are what the person wanted to remember to ask, newest first:
// what they said of an item that ends as a question does.
func (v *view) keptQuestions() []string {
	var asked []aggregator.Item
	for _, own := range v.o.Items {
		if len(own.About) > 0 && own.Subject != "medication" && asksSomething(own.Detail) {
			asked = append(asked, own)
		}
	}
	slices.SortStableFunc(asked, func(a, b aggregator.Item) int { return strings.Compare(b.When, a.When) })
	var out []string
	for _, own := range asked {
		text := saidText(own)
		if i := slices.IndexFunc(v.o.Items, func(item aggregator.Item) bool { return slices.Contains(own.About, item.ID) }); i >= 0 {
			text = brief(v.o.Items[i].Name()) + ": " + text
		}
		if len([]rune(text)) <= mostQuestion {
			out = append(out, text)
		}
	}
	return out
}

// asksSomething tells whether the person's own words are a question.
func asksSomething(words string) bool { return strings.HasSuffix(strings.TrimSpace(words), "?") }

// questionHint takes the first difference as an example of a question.
func (v *view) questionHint() string {
	for _, b := range v.medicinesNow() {
		if b.differs() {
			return v.T("pr.question.differ", "what", brief(b.title))
		}
	}
	return v.T("pr.question.hint")
}

// appointmentWords are when and where the next appointment is; empty without one.
func (v *view) appointmentWords() (when, where string) {
	next := v.nextAppointment()
	if next == nil {
		return "", ""
	}
	first, _ := v.nextPlanned()
	d := fhir.ParseDate(first.When)
	day := d.Low().In(fhir.Amsterdam())
	when = strings.Split(v.T("days"), ",")[int(day.Weekday())] + " " + v.Day(d)
	if d.Precision() >= fhir.PrecisionMinute {
		when += ", " + day.Format("15:04")
	}
	return when, strings.ReplaceAll(next.Where, " · ", ", ")
}

// latestResults are the results that speak for the series of the laboratory,
// newest first. It looks at each result once: sorting whole series would take
// longer than all else on the sheet.
func (v *view) latestResults() []aggregator.Item {
	all := v.o.Subject("lab")
	speaks := map[string]int{}
	for i := range all {
		if all[i].Section == aggregator.History || isClosed(all[i]) {
			continue
		}
		key := cmp.Or(all[i].Group, all[i].ID)
		if before, ok := speaks[key]; !ok || speaksBefore(&all[i], &all[before]) {
			speaks[key] = i
		}
	}
	var out []aggregator.Item
	for _, i := range slices.Sorted(maps.Values(speaks)) {
		out = append(out, all[i])
	}
	slices.SortStableFunc(out, func(a, b aggregator.Item) int { return resultOf(b).At.Compare(resultOf(a).At) })
	return out
}

// speaksBefore tells whether a speaks for its series rather than b, as in headline.
func speaksBefore(a, b *aggregator.Item) bool {
	ra, rb := resultOf(*a), resultOf(*b)
	if early := preliminary(ra); early != preliminary(rb) {
		return !early
	}
	return cmp.Or(ra.At.Compare(rb.At), strings.Compare(a.ID, b.ID)) > 0
}

// resultOptions are the results to choose from, the newest ticked.
func (v *view) resultOptions() []printOption {
	var out []printOption
	for i, item := range v.latestResults() {
		if i < mostOffered {
			r := resultOf(item)
			out = append(out, printOption{item.Key(), dotted(brief(resultName(item))+": "+brief(r.Text), v.Day(r.At)), i < mostResults})
		}
	}
	return out
}

// visitSheet is one page for an appointment: what the person wants to ask, and
// what there is to know beside it.
func (v *view) visitSheet(ctx context.Context, in typed) ([]sheet, error) {
	s := v.newSheet("visit")
	s.One = true
	s.Right = filled(in.get("wanneer"), in.get("waar"))
	var questions []string
	for i := range mostQuestions {
		questions = append(questions, in.get(fmt.Sprint("vraag", i+1)))
	}
	s.add(sheetPart{Name: v.T("pr.part.questions"), Questions: questions})
	n := 0
	medicines := sheetPart{Name: v.T("pr.part.nu"), Table: v.medicineTable("visit", v.medicinesNow(), &n)}
	if n == 0 {
		medicines.Text = v.nothing("m", medicineTypes)
	}
	s.add(medicines)
	s.add(v.allergyPart())
	changed, err := v.changedSince(ctx, in.get("sinds"))
	if err != nil {
		return nil, err
	}
	s.add(changed)
	s.add(v.resultPart(in))
	for _, p := range v.ownParts() {
		s.add(p)
	}
	s.add(sheetPart{Name: v.T("pr.part.notes"), Lines: make([]string, noteLines)})
	s.Missing = append(filled(in.get("mist")), s.Missing...)
	return []sheet{s}, nil
}

// filled are the texts that are not empty.
func filled(texts ...string) []string {
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}

// resultPart are the results that the person chose.
func (v *view) resultPart(in typed) sheetPart {
	p := sheetPart{Name: v.T("nav.u")}
	for _, item := range v.latestResults() {
		if !in.on("uitslag", item.Key()) {
			continue
		}
		if p.Table == nil {
			p.Table = &sheetTable{Kind: "facts"}
		}
		code := cell{Text: fmt.Sprint("L", len(p.Table.Rows)+1)}
		p.Table.Rows = append(p.Table.Rows, factRow(code, cell{Text: clean(resultName(item))}, cell{Text: v.resultText(item)}, cell{Text: v.slim(resultOf(item).At)}, cell{Text: v.letters(speakers(item))}))
	}
	return p
}

// resultText is the value with its range, and the sign and the word for where
// it lies: "58 mmol/mol (20–42) ▲ hoger".
func (v *view) resultText(item aggregator.Item) string {
	r := resultOf(item)
	text := clean(r.Text)
	if text == "" {
		text = clean(item.Detail)
	}
	text += v.rangeWords(r)
	if v.Has("pr.flag." + string(r.Flag)) {
		text += " " + v.T("pr.flag."+string(r.Flag))
	}
	if preliminary(r) {
		text += " · " + v.T("u.preliminary")
	}
	if r.Corrected != "" {
		text += " · " + v.T("pr.corrected", "old", v.Number(clean(r.Corrected)))
	}
	return text
}
