package share

import (
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// A line of the overview says things of other lines: that they differ, that it
// is one of a group, what its neighbours are called. Here is the one place that
// decides what of that a recipient reads. What is not named here is left out,
// so that a new remark of the overview leaks nothing before somebody looked at it.

// whole tells of each subject whether the recipient sees every line of it.
func (p Policy) whole(view *aggregator.Overview, recipient string) map[string]bool {
	whole := map[string]bool{}
	for _, item := range view.Items {
		known, seen := whole[item.Subject]
		whole[item.Subject] = p.Allows(item, recipient) && (known || !seen)
	}
	return whole
}

// alone is the line as it stands for somebody who sees no other line of its
// subject, unless whole says that they see all. The item itself is not changed.
func alone(item aggregator.Item, whole map[string]bool) aggregator.Item {
	out := item
	out.Group, out.SharedWith, out.Joins, out.Notes = "", []string{}, []aggregator.Join{}, nil
	out.Conflicts = []aggregator.Conflict{}
	for _, c := range item.Conflicts {
		if mayTell(c, item.Subject, whole) {
			out.Conflicts = append(out.Conflicts, aggregator.Conflict{Code: c.Code, Text: c.Text})
		}
	}
	out.Fields = map[string]aggregator.Field{}
	for name, f := range item.Fields {
		if slices.Contains(ownFields(), name) {
			out.Fields[name] = f
		}
	}
	if r, ok := item.Value.(*aggregator.Result); ok && (len(r.Members) > 0 || r.Missing > 0) {
		out.Detail = "" // it counts its members, which are lines of their own
	}
	out.Value = aloneValue(item.Value)
	return out
}

// mayTell decides about the words of one difference. Some are about the line
// itself; the others are about lines of one subject, or of two.
func mayTell(c aggregator.Conflict, subject string, whole map[string]bool) bool {
	switch c.Code {
	case "C-UNIT", "C-DATE", "C-STATUS", "C-CODE", "C-SANITY", "C-MODIFIER", "C-DOC-CONTENT", "C-GONE":
		return true
	case "C-ALLERGY":
		return whole[subject] && whole["allergy"]
	case "C-PARALLEL", "C-STOP-AMBIGUOUS", "C-RETRO":
		return whole[subject]
	}
	return c.IsDifference() && whole[subject]
}

// ownFields are those whose text is of a part of the line itself. The others say
// that it may be a copy of another line, how many members were not received, to
// whom it was sent, or against which allergy it goes.
func ownFields() []string {
	return []string{
		"brand", "collected", "condition", "confirmed", "converted", "corrected", "diastolic", "dose", "end", "filed", "next", "product",
		"range", "reason", "restricted", "severity", "since", "start", "systolic", "undated", "value", "verification",
	}
}

// aloneValue takes out of what a line knows the words and ties that it has from
// its neighbours.
func aloneValue(value any) any {
	switch v := value.(type) {
	case *aggregator.Medicine:
		own := *v
		own.Substance = "" // the heading of the group, after its shortest name
		return &own
	case *aggregator.Result:
		own := *v
		own.Panels, own.Members, own.Missing, own.Dot = nil, nil, 0, ""
		return &own
	}
	return value
}
