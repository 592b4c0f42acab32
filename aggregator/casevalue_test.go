package aggregator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// CaseValue is what a case says of the value of a line, beyond its texts.
type CaseValue struct {
	Texts      []string
	Is         map[string]any
	Components []string
	Held       *int
	Series     string
	Chart      string
	Dot        *string
	Joined     string
}

// checkValues compares the values of lines, and which lines share a series, a
// chart, a dot or a line of a chart.
func (c testCase) checkValues(t *testing.T, o *Overview) {
	t.Helper()
	names := map[string]map[string]string{"series": {}, "chart": {}, "dot": {}, "line": {}}
	for _, item := range o.Items {
		line, ok := c.lineOf(o, item)
		i := slices.IndexFunc(c.Expect.Lines, func(l caseLine) bool { return sameMembers(l.Members, line.Members) })
		if !ok || i < 0 {
			continue
		}
		want := c.Expect.Lines[i].CaseValue
		want.checkTexts(t, item)
		if r, ok := item.Value.(*Result); ok {
			want.checkResult(t, r)
			oneToOne(t, names["series"], want.Series, r.Series)
			oneToOne(t, names["chart"], want.Chart, r.Chart)
			oneToOne(t, names["line"], want.Joined, r.Line)
			if want.Dot != nil && (*want.Dot == "") != (r.Dot == "") {
				t.Errorf("%v: dot %q, want %q", line.Members, r.Dot, *want.Dot)
			} else if want.Dot != nil {
				oneToOne(t, names["dot"], *want.Dot, r.Dot)
			}
		}
	}
}

func (w CaseValue) checkTexts(t *testing.T, item Item) {
	t.Helper()
	for _, text := range w.Texts {
		if !slices.ContainsFunc(item.Conflicts, func(c Conflict) bool { return plainSpaces(c.Text) == text }) {
			t.Errorf("%q: no conflict says %q: %+v", item.Title, text, item.Conflicts)
		}
	}
	raw, err := json.Marshal(item.Value)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range w.Is {
		if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(got[name])); diff != "" {
			t.Errorf("%q: %s (-want +got):\n%s", item.Title, name, diff)
		}
	}
}

func (w CaseValue) checkResult(t *testing.T, r *Result) {
	t.Helper()
	var components []string
	for _, c := range r.Components {
		components = append(components, c.Name)
	}
	if diff := cmp.Diff(w.Components, components); diff != "" {
		t.Errorf("%s: components (-want +got):\n%s", r.Name, diff)
	}
	if w.Held != nil && *w.Held != len(r.Members) {
		t.Errorf("%s holds %d results, want %d", r.Name, len(r.Members), *w.Held)
	}
}

// oneToOne: equal names stand for equal values, other names for others.
func oneToOne(t *testing.T, names map[string]string, name, value string) {
	t.Helper()
	if name == "" {
		return
	}
	if value == "" {
		t.Errorf("%q stands for nothing", name)
	}
	for n, v := range names {
		if (n == name) != (v == value) {
			t.Errorf("%q and %q: %q and %q", n, name, v, value)
		}
	}
	names[name] = value
}

func (c testCase) checkCompleteness(t *testing.T, o *Overview) {
	t.Helper()
	if c.Expect.Completeness == nil {
		return
	}
	var got []string
	for _, x := range o.Completeness {
		text := fmt.Sprintf("%s %s: %s | %s", x.Subject, c.nameOf(x.Source, x.Service), x.Outcome, plainSpaces(x.Text))
		for _, g := range x.Gaps {
			text += " " + g.Code
		}
		got = append(got, text)
	}
	want := slices.Clone(c.Expect.Completeness)
	slices.SortFunc(want, strings.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("completeness (-want +got):\n%s", diff)
	}
}

// checkFindings is S5, S7 and S12 for any overview: "none" is only said by name
// and beside nothing that stands; a series, a dot and a joined line hold one
// analyte; what is plotted has a series.
func checkFindings(t testing.TB, o *Overview) {
	t.Helper()
	stands := slices.ContainsFunc(o.Subject("allergy"), func(i Item) bool { return i.Section == Active })
	for _, i := range o.Subject("allergy") {
		none := strings.HasPrefix(i.Title, "Geen ") || strings.HasPrefix(i.Title, "No known ")
		if none && (stands || i.Section != NoneKnown) {
			t.Errorf("%q in %s while an allergy stands: %v", i.Title, i.Section, stands)
		}
	}
	analyte := map[string]string{}
	for _, i := range o.Subject("lab", "vital") {
		r := i.Value.(*Result)
		if (r.Plottable || r.Open) && (r.Series == "" || r.Chart == "" || r.Line == "") {
			t.Errorf("%q is plotted nowhere", i.Title)
		}
		what := r.Analyte + "|" + r.Specimen
		for key, of := range map[string]string{r.Series: what, r.Line: what, r.Dot: r.Analyte} { // of a dot one side may not say the material
			if was := analyte[key]; key != "" && was != "" && was != of {
				t.Errorf("%q: %s and %s together", i.Title, was, of)
			}
			analyte[key] = of
		}
	}
}
