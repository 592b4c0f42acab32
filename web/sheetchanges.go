package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// changedItem is one line of what changed.
type changedItem struct {
	sign, word, name, text, when, from string
}

// changedSince tells what changed since a day: what sources said anew, and
// what by its own date began or ended since. What only came in since then, but
// is older, is no change. On the first day everything came in, and then the
// dates are all there is.
func (v *view) changedSince(ctx context.Context, day string) (sheetPart, error) {
	since, ok := readDay(day)
	if !ok {
		return sheetPart{}, nil
	}
	all, err := v.s.Desk.Changes(ctx, since, v.Lang)
	if err != nil {
		return sheetPart{}, err
	}
	lines, told := v.changedLines(all, day)
	lines = append(lines, v.datedLines(day, told)...)
	p := sheetPart{Name: v.T("pr.part.changed", "day", v.When(day))}
	if len(lines) == 0 {
		p.Text = []string{v.T("pr.unchanged")}
		return p, nil
	}
	p.Table = &sheetTable{Kind: "facts"}
	for _, c := range lines[:min(len(lines), mostChanged)] {
		r := factRow(cell{Text: c.sign}, cell{Text: c.word}, cell{Text: c.name, After: c.text}, cell{Text: c.when}, cell{Text: c.from})
		r.Cells[1].Class, r.Cells[2].Class = "kind", "what med"
		p.Table.Rows = append(p.Table.Rows, r)
	}
	if n := len(lines) - mostChanged; n > 0 {
		p.Text = []string{v.T("pr.changed.more", "n", n)}
	}
	return p, nil
}

// changedLines are the changes of medicines and allergies, which the sheet is
// about, and which items they are of.
func (v *view) changedLines(all []aggregator.Change, day string) (lines []changedItem, told map[string]bool) {
	told = map[string]bool{}
	for _, c := range all {
		item, there := v.o.Find(c.ID)
		about := c.Subject == "medication" || c.Subject == "allergy"
		if !about || c.ByTime || aboutBundel(c.Kind) || there && isClosed(item) || c.Kind == aggregator.ChangedNew && c.When < day {
			continue
		}
		told[c.ID] = true
		name, date := clean(c.Title), c.When
		if there {
			name = clean(item.Name())
		}
		for _, f := range c.Fields {
			if f.Field == "end" && f.After != "" {
				date = f.After
			}
		}
		lines = append(lines, changedItem{
			sign: changeSign(c.Kind), word: v.Or("pr.kind."+string(c.Kind), v.T("w.kind."+string(c.Kind))), name: name, text: v.changeText(c), when: v.slimDay(date), from: v.lettersOf(c.Sources),
		})
	}
	return lines, told
}

// aboutBundel tells of a change whether it is only about how Bundel shows it.
func aboutBundel(kind aggregator.ChangeKind) bool {
	return kind == aggregator.ChangedJoined || kind == aggregator.ChangedSeparated || kind == aggregator.ChangedRemoved
}

// changeSign is the sign before a change.
func changeSign(kind aggregator.ChangeKind) string {
	switch kind {
	case aggregator.ChangedNew:
		return "+"
	case aggregator.ChangedStopped, aggregator.ChangedGone, aggregator.ChangedRemoved:
		return "–"
	}
	return "~"
}

// changeText says from what to what the dose or the name became: only the
// words that differ, where they say it.
func (v *view) changeText(c aggregator.Change) string {
	for _, f := range c.Fields {
		if f.Before != "" && f.After != "" && f.Field != "section" {
			before, after := v.fieldText(f.Before), v.fieldText(f.After)
			spans := differ([]string{before, after})
			if was, is := markedIn(spans[0]), markedIn(spans[1]); was != "" && is != "" {
				before, after = was, is
			}
			return v.T("pr.became", "before", before, "after", after)
		}
	}
	return ""
}

// markedIn are the words of a text that differ.
func markedIn(spans []span) string {
	var out []string
	for _, s := range spans {
		if s.Marked {
			out = append(out, s.Text)
		}
	}
	return strings.Join(out, " ")
}

// datedLines are the medicines that by their own dates began or ended since.
func (v *view) datedLines(day string, told map[string]bool) []changedItem {
	var out []changedItem
	today := v.now.Format(time.DateOnly)
	for _, item := range open(v.o.Subject("medication")) {
		m, ok := item.Value.(*aggregator.Medicine)
		if !ok || told[item.ID] {
			continue
		}
		c := changedItem{name: clean(item.Name()), from: v.letters(speakers(item))}
		switch start, end := m.Start.Day(), m.End.Day(); {
		case in(aggregator.Recent, aggregator.Past)(item) && end >= day:
			c.sign, c.word, c.when = "–", v.T("flag.stopped"), v.slim(m.End)
		case in(aggregator.Current)(item) && !m.Inferred && start >= day && start <= today:
			c.sign, c.word, c.when = "+", v.T("flag.new"), v.slim(m.Start)
		default:
			continue
		}
		out = append(out, c)
	}
	return out
}

// lettersOf are the letters of sources that are named in words.
func (v *view) lettersOf(names []string) string {
	var out []string
	for _, source := range append(v.sources(), fhir.Self) {
		if slices.Contains(names, v.provider(source)) {
			out = append(out, v.tag(source))
		}
	}
	return strings.Join(out, " ")
}
