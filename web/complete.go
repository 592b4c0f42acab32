package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// wholePage is the completeness of everything: for each kind of records what
// each source gave, and what not (merge.md 0.6).
type wholePage struct {
	page
	Heads []head
	Rows  []wholeRow
	Parts []listPart
}

func (*wholePage) template() string { return "whole" }

// wholeRow is one kind of records.
type wholeRow struct {
	Name  string
	Cells []wholeCell
}

// wholeCell is what one source did with one kind.
type wholeCell struct {
	Who  string // for where the heads are not in sight
	Text string
	Soft string // since when, and that something is left out
	Bad  bool
}

// completenessPage shows all sources and kinds side by side, and under that, in
// sentences, what each source lacks.
func completenessPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p := &wholePage{page: page{
		Title: v.T("title.z"), Here: "/z", Crumbs: []link{{v.T("nav.z"), "/z"}, {v.T("whole.h2"), ""}}, H1: v.T("whole.h1"),
	}}
	links, err := v.linked(r.Context())
	if err != nil {
		return nil, err
	}
	sources, whole := v.sources(), 0
	for _, source := range sources {
		p.Heads = append(p.Heads, head{Letter: v.tag(source), Name: v.provider(source)})
		if v.isWhole(source) {
			whole++
		}
		p.Parts = append(p.Parts, listPart{
			Heading: v.provider(source), Note: strings.Join(v.status(source, links), " "), Rows: v.missingRows(source),
			Links: []link{{v.T("whole.see", "who", v.provider(source)), "/z/" + sourceKey(source)}},
		})
	}
	for _, subject := range shareSubjects {
		if row, any := v.wholeRow(subject, sources); any {
			p.Rows = append(p.Rows, row)
		}
	}
	switch {
	case len(sources) == 0:
		p.Answer, p.Rest = v.T("empty.first"), v.T("z.nobody.rest")
		p.Actions = []action{{Text: v.T("z.add"), Href: "/z", Look: "main"}}
	case whole == len(sources):
		p.Answer, p.Rest = v.T("whole.all"), v.T("whole.all.rest")
	default:
		p.Answer, p.Rest = v.T("whole.answer", "n", len(sources)-whole), v.T("whole.rest")
	}
	return p, nil
}

// isWhole tells whether all that was asked of a source came, and could be read.
func (v *view) isWhole(source string) bool {
	return !slices.ContainsFunc(v.completenessOf(source, ""), func(c aggregator.Completeness) bool { return isBad(c.Outcome) }) &&
		!slices.ContainsFunc(v.o.Unread, func(u aggregator.Unread) bool { return u.Source == source })
}

// wholeRow is one kind over all sources; any is false when nobody was asked for it.
func (v *view) wholeRow(subject string, sources []string) (row wholeRow, any bool) {
	row.Name = v.subjectName(subject)
	for _, source := range sources {
		of := v.completenessOf(source, subject)
		any = any || len(of) > 0
		row.Cells = append(row.Cells, v.wholeCell(source, subject, of))
	}
	return row, any
}

// completenessOf is what is known of one source, about one subject or all.
func (v *view) completenessOf(source, subject string) []aggregator.Completeness {
	var out []aggregator.Completeness
	for _, c := range v.o.Completeness {
		if c.Source == source && (subject == "" || c.Subject == subject) {
			out = append(out, c)
		}
	}
	return out
}

// wholeCell sums up the data services of one source about one subject: the
// worst of what they answered is what is said.
func (v *view) wholeCell(source, subject string, of []aggregator.Completeness) wholeCell {
	cell := wholeCell{Who: v.provider(source), Text: v.T("whole.never")}
	if len(of) == 0 {
		return cell
	}
	worst := worstOf(of)
	cell.Text, cell.Bad = v.T("whole."+string(worst.Outcome)), isBad(worst.Outcome)
	if n := v.itemsOf(source, subject); n > 0 && !cell.Bad {
		cell.Text = v.T("whole.count", "n", n)
	}
	day, gaps := v.DayOf(worst.Asked, v.now), ""
	if len(worst.Gaps) > 0 {
		gaps = v.T("whole.gaps")
	}
	cell.Soft = dotted(day, gaps)
	return cell
}

// outcomeOrder is how bad an outcome is for who wants to know what is missing.
var outcomeOrder = [...]fhir.Outcome{fhir.Complete, fhir.Empty, fhir.NotOffered, fhir.NotGranted, fhir.Partial, fhir.Failed}

// worstOf is the worst answer. A service that has nothing of it does not count
// where another has.
func worstOf(of []aggregator.Completeness) aggregator.Completeness {
	rank := func(c aggregator.Completeness) int {
		if c.Outcome == fhir.Complete {
			return slices.Index(outcomeOrder[:], fhir.NotOffered)
		}
		return slices.Index(outcomeOrder[:], c.Outcome)
	}
	return slices.MaxFunc(of, func(a, b aggregator.Completeness) int { return cmp.Compare(rank(a), rank(b)) })
}

// isBad tells whether something went wrong that another time may go well.
func isBad(o fhir.Outcome) bool {
	return o == fhir.Failed || o == fhir.Partial || o == fhir.NotGranted
}

// itemsOf counts the items of a subject in which a source speaks.
func (v *view) itemsOf(source, subject string) int {
	n := 0
	for _, item := range v.o.Subject(subject) {
		if slices.Contains(speakers(item), source) {
			n++
		}
	}
	return n
}

// missingRows says in a sentence for each kind what a source did not give, with
// the reason and what the person can do, or what it is known to leave out.
func (v *view) missingRows(source string) []row {
	var rows []row
	for _, subject := range shareSubjects {
		of := v.completenessOf(source, subject)
		if len(of) == 0 {
			continue
		}
		r := v.missingRow(source, subject, worstOf(of))
		for _, c := range of {
			for _, g := range c.Gaps {
				r.Lines = append(r.Lines, plain(brief(g.Text)))
			}
		}
		if len(r.Lines) > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// missingRow is one kind of records that did not come, or not all.
func (v *view) missingRow(source, subject string, c aggregator.Completeness) row {
	name := v.provider(source)
	r := row{Name: v.subjectName(subject)}
	if isBad(c.Outcome) {
		r.Flags = []flag{{capital(v.T("whole." + string(c.Outcome))), "mark"}}
	}
	day := v.DayOf(c.Asked, v.now)
	switch code := v.codeOf(source, c.Service, subject); {
	case c.Outcome == fhir.Complete:
	case c.Outcome == fhir.Empty:
		r.Lines = []line{plain(v.T("whole.none", "source", name, "day", day, "what", strings.ToLower(r.Name)))}
	case c.Outcome == fhir.NotOffered:
		r.Lines = []line{plain(v.T("whole.shut", "source", name)), plain(v.T("whole.ask", "source", name))}
	case code != "":
		r.Lines = []line{plain(v.problem(code, source))}
		r.Note = dotted(v.T("trouble.code", "code", code), v.T("whole.asked", "day", day))
	default:
		r.Lines = []line{plain(v.T("where."+string(fhir.Failed), "source", name, "day", day))}
	}
	if !c.Good.IsZero() && c.Good.Before(c.Asked) && isBad(c.Outcome) {
		r.Lines = append(r.Lines, plain(v.T("p.known", "day", v.DayOf(c.Good, v.now))))
	}
	return r
}

// codeOf is the code of the first question about a subject that went wrong.
func (v *view) codeOf(source, service, subject string) string {
	for _, s := range v.o.Sources {
		if s.Source != source || s.Service != service {
			continue
		}
		for _, q := range s.Queries {
			if (q.Outcome == fhir.Failed || q.Outcome == fhir.NotGranted) && slices.Contains(aggregator.AskedAbout(q.Query), subject) {
				return q.Detail
			}
		}
	}
	return ""
}
