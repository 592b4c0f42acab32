package aggregator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// A case is a file of testdata/cases (merge.md 9.1): what sources give, and the
// overview that must come of it. testdata/cases/README.md describes the form.
type testCase struct {
	ID        string
	About     string
	AsOf      time.Time
	Lang      string
	Sources   map[string]caseSource
	Expect    caseExpect
	Sent      []caseSent // own records that went to a provider
	Vouched   []string   // "HO" or "HO/Patient/1": what the person said is about them
	Decisions []caseDecision
}

type caseSent struct {
	Record string // "Observation/1", of source OWN
	To     string // "GP"
}

// caseDecision is what the person decides, after the syncs before At and
// before those after it; without a time after all of them. A and B are
// members, of whose items it speaks; Refused is the reason they get instead.
type caseDecision struct {
	At      time.Time
	Op      Op // or "open": every result may be seen at once
	A, B    string
	Code    string
	Seq     int // to undo
	Refused string
}

// caseSource is one data service of one provider. A bare list of resources is
// one complete collection of R4 resources.
type caseSource struct {
	Provider string // the name of the source when empty
	Service  string
	FHIR     string
	Syncs    []caseSync
}

// caseSync is one collection. Outcome is that of its one query.
type caseSync struct {
	At        time.Time
	Query     string
	Outcome   fhir.Outcome
	Resources []any
}

// caseExpect lists every line, but for supporting resources that nothing uses.
type caseExpect struct {
	Lines  []caseLine
	Groups map[string]caseGroup
	Unread []string // "GP/Observation/1: reason"
	Absent []string // texts that are nowhere in the overview
	// Notices are "CODE GP"; Outcomes the outcome per source, where it matters.
	Notices  []string
	Outcomes map[string]fhir.Outcome

	Decisions []string // "1 join applied", in order; compared where given

	Completeness []string // "allergy GP: empty | text gap-code", all of it when given
}

// caseLine leaves out what it does not want to say, but for section, members
// and conflicts.
type caseLine struct {
	Section   Section
	Members   []string // "GP/MedicationRequest/1", in any order; those that only support are left out
	Title     string
	Detail    string
	Conflicts []string
	Group     string
	Hidden    []string // members that do not speak: "GP/MedicationRequest/1: copy"
	Fields    map[string]string
	Subject   string
	CaseValue
	Notes []string // compared where given
}

type caseGroup struct{ Advice, Title, Text string }

func (s *caseSource) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		s.Syncs = []caseSync{{}}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber() // the digits of a value are part of it
		return dec.Decode(&s.Syncs[0].Resources)
	}
	type plain caseSource
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	return dec.Decode((*plain)(s))
}

const casesFolder = "testdata/cases"

func readCases(t testing.TB) []testCase {
	t.Helper()
	files, err := filepath.Glob(casesFolder + "/*-*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	blocks := readBlocks(t)
	var all []testCase
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		c := testCase{AsOf: caseT, Lang: "nl"}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		dec.UseNumber()
		if err := dec.Decode(&c); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if c.ID != strings.TrimSuffix(filepath.Base(f), ".json") {
			t.Errorf("%s is called %s", f, c.ID)
		}
		for name, s := range c.Sources {
			for i := range s.Syncs {
				for j, r := range s.Syncs[i].Resources {
					s.Syncs[i].Resources[j] = blocks.resource(t, c.ID, r)
				}
			}
			c.Sources[name] = s
		}
		all = append(all, c)
	}
	return all
}

// stored collects the sources of the case, sync by sync, into a store, as the
// app does, and gives what the store holds.
func (c testCase) stored(t testing.TB) ([]fhir.Record, Input) {
	t.Helper()
	now := c.AsOf.Add(-time.Hour)
	cfg := store.Config{KDF: store.KDF{Time: 1, Memory: 8, Threads: 1}, Now: func() time.Time { return now }}
	s, _, err := store.CreateOn(store.Memory(), []byte("een zin van genoeg letters"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	in := Input{AsOf: c.AsOf, Lang: c.Lang, Providers: map[string]Provider{}}
	for _, s := range c.Sent {
		typ, id, _ := strings.Cut(s.Record, "/")
		in.Sent = append(in.Sent, Sent{Ref: fhir.Ref{Type: typ, ID: id}, Source: c.origin(s.To).Source, At: c.AsOf.AddDate(0, 0, -1)})
	}
	for _, v := range c.Vouched {
		name, patient, _ := strings.Cut(v, "/Patient/")
		in.Vouched = append(in.Vouched, Vouched{Source: c.origin(name).Source, Patient: patient})
	}
	for _, step := range c.steps() {
		if !step.sync.At.IsZero() {
			now = step.sync.At
		} else {
			now = now.Add(time.Second)
		}
		o := c.origin(step.name)
		in.Providers[o.Source] = Provider{Name: providerNames[firstNonEmpty(c.Sources[step.name].Provider, step.name)]}
		src := c.source(t, step)
		if step.decision != nil {
			var ok bool
			if src, ok = c.decide(t, s, in, *step.decision); !ok {
				continue
			}
		}
		if _, err := s.Put(ctx, src); err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
	}
	if in.Receipts, err = s.Receipts(ctx); err != nil {
		t.Fatal(err)
	}
	return allOf(t, s), in
}

func allOf(t testing.TB, s *store.Store) []fhir.Record {
	t.Helper()
	var records []fhir.Record
	for r, err := range s.Records(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

var providerNames = map[string]string{
	"GP": "Huisarts", "GP2": "Andere huisarts", "PH": "Apotheek", "PH2": "Andere apotheek", "HO": "Ziekenhuis", "HO2": "Ander ziekenhuis",
}

type caseStep struct {
	name     string
	sync     caseSync
	decision *caseDecision
}

// steps are the syncs of all sources in order of time, those without a time in
// order of the names of the sources.
func (c testCase) steps() []caseStep {
	var steps []caseStep
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		for _, sync := range c.Sources[name].Syncs {
			steps = append(steps, caseStep{name: name, sync: sync})
		}
	}
	var last []caseStep
	for _, d := range c.Decisions {
		step := caseStep{name: "OWN-DECIDES", sync: caseSync{At: d.At}, decision: &d}
		if d.At.IsZero() {
			last = append(last, step)
		} else {
			steps = append(steps, step)
		}
	}
	slices.SortStableFunc(steps, func(a, b caseStep) int { return a.sync.At.Compare(b.sync.At) })
	return append(steps, last...)
}

func (c testCase) origin(name string) fhir.Origin {
	if strings.HasPrefix(name, "OWN") {
		return fhir.Origin{Source: fhir.Self}
	}
	s := c.Sources[name]
	return fhir.Origin{Source: "medmij:" + strings.ToLower(firstNonEmpty(s.Provider, name)) + "@medmij", Service: firstNonEmpty(s.Service, "48")}
}

func (c testCase) source(t testing.TB, step caseStep) fhir.Source {
	t.Helper()
	version := fhir.R4
	if v := c.Sources[step.name].FHIR; v != "" {
		var err error
		if version, err = fhir.ParseVersion(v); err != nil {
			t.Fatal(err)
		}
	}
	var resources []fhir.Resource
	for _, r := range step.sync.Resources {
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		resources = append(resources, fhir.Parse(raw, version))
	}
	query := firstNonEmpty(step.sync.Query, "everything")
	result := fhir.QueryResult{Query: query, Outcome: step.sync.Outcome, Resources: len(resources), Pages: 1}
	if result.Outcome == "" {
		result.Outcome = fhir.OK
		if len(resources) == 0 {
			result.Outcome = fhir.Empty
		}
	}
	pages := func(yield func(fhir.Page, error) bool) {
		yield(fhir.Page{Query: query, Resources: resources, Result: &result}, nil)
	}
	return fhir.Source{Origin: c.origin(step.name), Version: version, Pages: pages}
}

// TestCases runs every case in file order, shuffled, one record at a time, and
// twice; each gives the same bytes, and the invariants hold.
func TestCases(t *testing.T) {
	for _, c := range readCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			records, in := c.stored(t)
			o, err := Merge(seq(records), in)
			if err != nil {
				t.Fatal(err)
			}
			c.check(t, o)
			checkInvariants(t, records, in, o)
			want := bytesOf(t, o)
			for name, again := range otherWays(t, records, in) {
				if diff := cmp.Diff(want, bytesOf(t, again)); diff != "" {
					t.Fatalf("%s (-file order +this):\n%s", name, diff)
				}
			}
		})
	}
}

func bytesOf(t testing.TB, o *Overview) string {
	t.Helper()
	raw, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// otherWays merges the same records in other orders and portions.
func otherWays(t testing.TB, records []fhir.Record, in Input) iter.Seq2[string, *Overview] {
	must := func(o *Overview, err error) *Overview {
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	return func(yield func(string, *Overview) bool) {
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 20 {
			shuffled := slices.Clone(records)
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			if !yield(fmt.Sprintf("shuffle %d", i), must(Merge(seq(shuffled), in))) {
				return
			}
		}
		s, err := Read(seq(nil))
		if err != nil {
			t.Fatal(err)
		}
		last := must(s.Merge(in))
		for _, r := range records {
			if err := s.Add(seq([]fhir.Record{r})); err != nil {
				t.Fatal(err)
			}
			last = must(s.Merge(in))
		}
		if !yield("one by one", last) {
			return
		}
		if err := s.Add(seq(records)); err != nil {
			t.Fatal(err)
		}
		yield("twice", must(s.Merge(in)))
	}
}

// check compares the overview with what the case expects.
func (c testCase) check(t *testing.T, o *Overview) {
	t.Helper()
	groups := c.groupNames(o)
	var got []caseLine
	for _, item := range o.Items {
		if line, ok := c.lineOf(o, item); ok {
			got = append(got, line)
		}
	}
	want := slices.Clone(c.Expect.Lines)
	for i := range want {
		at := slices.IndexFunc(got, func(l caseLine) bool { return sameMembers(l.Members, want[i].Members) })
		if at < 0 {
			t.Errorf("no line of %v", want[i].Members)
			continue
		}
		if g, _ := o.Group(got[at].Group); g.Advice == "" && groups[g.ID] == "" {
			got[at].Group = "" // a series
		}
		if diff := cmp.Diff(want[i].normal(), got[at].only(want[i], groups)); diff != "" {
			t.Errorf("line of %v (-want +got):\n%s", want[i].Members, diff)
		}
		got = slices.Delete(got, at, at+1)
	}
	for _, l := range got {
		t.Errorf("a line nobody expects: %+v", l)
	}
	c.checkRest(t, o, groups)
}

func (c testCase) checkRest(t *testing.T, o *Overview, groups map[string]string) {
	t.Helper()
	for id, name := range groups {
		g, _ := o.Group(id)
		want := c.Expect.Groups[name]
		if want.Advice != g.Advice || (want.Title != "" && want.Title != g.Title) || (want.Text != "" && want.Text != plainSpaces(g.Text)) {
			t.Errorf("group %s: advice %q title %q text %q, want %+v", name, g.Advice, g.Title, g.Text, want)
		}
	}
	var unread []string
	for _, u := range o.Unread {
		unread = append(unread, c.nameOf(u.Source, u.Service)+"/"+u.Type+"/"+u.ID+": "+u.Reason)
	}
	slices.Sort(c.Expect.Unread)
	slices.Sort(unread)
	if diff := cmp.Diff(c.Expect.Unread, unread); diff != "" {
		t.Errorf("unread (-want +got):\n%s", diff)
	}
	var notices []string
	for _, n := range o.Notices {
		notices = append(notices, strings.TrimSpace(n.Code+" "+c.providerOf(n.Source)))
	}
	slices.Sort(c.Expect.Notices)
	slices.Sort(notices)
	if diff := cmp.Diff(c.Expect.Notices, notices); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	for _, s := range o.Sources {
		if want, ok := c.Expect.Outcomes[c.nameOf(s.Source, s.Service)]; ok && want != s.Outcome {
			t.Errorf("%s is %s, want %s", s.Source, s.Outcome, want)
		}
	}
	var decided []string
	for _, d := range o.Decisions {
		decided = append(decided, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", d.Seq, d.Op, d.State, d.Reason)))
	}
	if diff := cmp.Diff(c.Expect.Decisions, decided); diff != "" && c.Expect.Decisions != nil {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
	c.checkValues(t, o)
	c.checkCompleteness(t, o)
	text := bytesOf(t, o)
	for _, absent := range c.Expect.Absent {
		if strings.Contains(text, absent) {
			t.Errorf("%q is in the overview", absent)
		}
	}
}

// groupNames finds which group of the overview each name of the case means, by
// the line that carries it. Series are no groups here.
func (c testCase) groupNames(o *Overview) map[string]string {
	names := map[string]string{}
	for _, item := range o.Items {
		line, ok := c.lineOf(o, item)
		if !ok || item.Group == "" {
			continue
		}
		for _, want := range c.Expect.Lines {
			if want.Group != "" && sameMembers(want.Members, line.Members) {
				names[item.Group] = want.Group
			}
		}
	}
	return names
}

// lineOf turns an item into the form of a case; not ok for a supporting
// resource that nothing uses.
func (c testCase) lineOf(o *Overview, item Item) (caseLine, bool) {
	l := caseLine{
		Section: item.Section, Title: plainSpaces(item.Title), Detail: plainSpaces(item.Detail), Subject: item.Subject,
		Group: item.Group, Fields: map[string]string{},
	}
	for _, p := range item.Parts {
		name := c.nameOf(p.Source, p.Service) + "/" + p.Type + "/" + p.ID
		if isSupport(p.Role) || supportRole(p.Type) != "" {
			continue
		}
		if p.Hidden != "" {
			l.Hidden = append(l.Hidden, name+": "+p.Hidden)
		}
		if p.Hidden != "version" && !slices.Contains(l.Members, name) {
			l.Members = append(l.Members, name)
		}
	}
	for _, conflict := range item.Conflicts {
		l.Conflicts = append(l.Conflicts, conflict.Code)
	}
	for _, n := range item.Notes {
		l.Notes = append(l.Notes, plainSpaces(n))
	}
	for name, f := range item.Fields {
		l.Fields[name] = plainSpaces(f.Text)
	}
	slices.Sort(l.Hidden)
	slices.Sort(l.Conflicts)
	return l, len(l.Members) > 0
}

func plainSpaces(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

func (c testCase) nameOf(source, service string) string {
	for name := range c.Sources {
		if c.origin(name) == (fhir.Origin{Source: source, Service: service}) {
			return name
		}
	}
	return "?"
}

// providerOf names a source whatever the data service, by the first of its names.
func (c testCase) providerOf(source string) string {
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		if c.origin(name).Source == source {
			return name
		}
	}
	return source
}

func sameMembers(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func (l caseLine) normal() caseLine {
	l.CaseValue = CaseValue{}
	l.Members = slices.Sorted(slices.Values(l.Members))
	slices.Sort(l.Conflicts)
	slices.Sort(l.Hidden)
	if len(l.Fields) == 0 {
		l.Fields = nil
	}
	return l
}

// only keeps of a line what want speaks about.
func (l caseLine) only(want caseLine, groups map[string]string) caseLine {
	l.Group = firstNonEmpty(groups[l.Group], l.Group)
	if want.Title == "" {
		l.Title = ""
	}
	if want.Detail == "" {
		l.Detail = ""
	}
	if want.Subject == "" {
		l.Subject = ""
	}
	if len(want.Hidden) == 0 {
		l.Hidden = nil
	}
	if len(want.Notes) == 0 {
		l.Notes = nil
	}
	maps.DeleteFunc(l.Fields, func(name, _ string) bool { _, ok := want.Fields[name]; return !ok })
	return l.normal()
}
