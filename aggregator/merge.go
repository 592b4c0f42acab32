package aggregator

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// ErrNoMoment is returned when Input.AsOf is not set.
var ErrNoMoment = errors.New("merge: no moment to speak about")

// Input is what Merge needs beside the records.
type Input struct {
	AsOf      time.Time // the moment the overview speaks about; required
	Lang      string    // "nl" (default) or "en"
	Receipts  []fhir.Receipt
	Providers map[string]Provider // by source
	Limits    Constants           // zero: the defaults
	Vouched   []Vouched           // what the person said is about them
	Sent      []Sent              // own records that a provider was sent

	// UntilDecision leaves out the decisions of the person that come after this
	// one, by number; zero: all count.
	UntilDecision int
	Analytes      AnalyteTable // nil: Analytes()
	Agents        AgentTable   // nil: Agents()

	// NoAutoMerge puts side by side what rules would put on one line: only
	// identity and the person bring records together then (merge.md 12). A vendor
	// may want that for its first real patients.
	NoAutoMerge bool
}

// Provider is what is known of the care provider behind a source.
type Provider struct {
	Name string
	Kind string // gp, pharmacy, hospital, other
}

// Merge makes the overview of records. It reads them to the end and fails only
// when they do; what it cannot understand is in Unread. The same input gives
// the same overview, in any order of records.
func Merge(records iter.Seq2[fhir.Record, error], in Input) (*Overview, error) {
	s, err := Read(records)
	if err != nil {
		return nil, err
	}
	return s.Merge(in)
}

// Merge makes the overview of the statements at one moment.
func (s *Statements) Merge(in Input) (*Overview, error) {
	if in.AsOf.IsZero() {
		return nil, ErrNoMoment
	}
	return newMerger(s, in).run(), nil
}

// run makes the overview. The decisions of the person come in three times:
// which Patients they know as themselves, which records no rule may put on one
// line (divide), and which lines they put together.
func (m *merger) run() *Overview {
	m.rule()
	m.setAside()
	m.prepare()
	m.resolve()
	m.claim()
	m.makeLines()
	m.crossChecks()
	m.linkAlerts()
	m.joinDecided()
	m.tellSent()
	m.linkContacts()
	m.raiseMistakes()
	m.markGone()
	m.reusedIdentifiers()
	m.askWhere()
	m.markSeen()
	m.attachSupport()
	m.addUnused()
	return m.overview()
}

// merger carries one run of Merge.
type merger struct {
	Input
	statements *Statements

	texts   texts
	entries []*entry // all that may become items, sorted by key
	book    *book
	person  *entry // the person's own Patient, if any
	claimed map[string][]*entry
	lines   []*line
	unread  []Unread
	notices []Notice
	used    map[*entry]bool // supporting entries that a line uses

	rulings  []*ruling // the person's decisions
	cuts     []*ruling // those that keep records apart
	loose    []*entry  // records that would fit both sides of such a one
	strange  []*entry  // in quarantine
	gates    []GateRule
	refIndex *refIndex           // made when a decision asks for it
	answered map[*entry][]*entry // what the answers of the person are about
	fits     map[unitKey]unitFit
	names    map[chartKey]chartNames
	usual    bool // the table of analytes is that of this package
}

func newMerger(s *Statements, in Input) *merger {
	entries := s.speaking()
	in.AsOf = in.AsOf.In(fhir.Amsterdam())
	in.Limits = in.Limits.orDefaults()
	if in.Lang == "" {
		in.Lang = "nl"
	}
	usual := in.Analytes == nil
	if usual {
		in.Analytes = Analytes()
	}
	if in.Agents == nil {
		in.Agents = Agents()
	}
	return &merger{
		Input: in, statements: s, texts: textsFor(in.Lang), entries: entries, book: s.bookFor(0, entries, nil),
		claimed: map[string][]*entry{}, used: map[*entry]bool{}, fits: map[unitKey]unitFit{}, names: map[chartKey]chartNames{}, usual: usual,
	}
}

// line is an item in the making: parts[i] shows members[i].
type line struct {
	Item
	members     []*entry
	key         string
	place       int    // of its subject and section in the overview
	sortKey     string // within the section
	level       int    // of its gravest conflict
	groupKey    string // lines with the same key stand side by side
	groupTitle  string
	advice      string              // most telling of the lines of a group is shown
	adviceWords string              // instead of the usual words of advice
	moments     []time.Time         // at which the section may change
	others      map[string][]*entry // records of the results that a conflict is with, by its text
	copyOf      []*entry            // records of the results that it may be a copy of

	about    string    // lines of one subject with the same are about the same thing; empty when that cannot be said
	void     bool      // entered in error, all of it
	mistaken bool      // another provider calls a record of it a mistake
	gone     []absence // sources that no longer give a record of it
	allGone  bool      // nobody gives any record of it any more
}

// newLine makes a line of records that belong together. roles gives the role
// of each member.
func newLine[T any](records []*record[T], role func(*statement[T]) string) *line {
	stands := slices.ContainsFunc(records, func(r *record[T]) bool { return !r.void })
	l := &line{void: !stands, allGone: true}
	n := 0
	for _, r := range records {
		n += len(r.members)
	}
	l.members, l.Parts, l.aliases = make([]*entry, 0, n), make([]Part, 0, n), make([]string, 0, 2*n)
	for i, r := range records {
		l.mistaken = l.mistaken || r.mistaken
		absences, gone := absencesOf(r)
		l.gone, l.allGone = append(l.gone, absences...), l.allGone && gone
		first := len(l.members)
		for j, s := range r.members {
			l.members = append(l.members, s.entry)
			p := s.part(role(s))
			p.Hidden = r.hidden(s)
			if p.Hidden == "" && r.void && stands {
				p.Hidden = "void"
			}
			l.Parts = append(l.Parts, p)
			if j > 0 {
				l.Joins = append(l.Joins, Join{A: first, B: len(l.members) - 1, Rule: r.rules[j-1]})
			}
		}
		if k := r.key(); i == 0 || k < l.key {
			l.key = k
		}
		l.aliases = r.aliases(l.aliases)
	}
	return l
}

// single makes a line of one record.
func single[T any](r *record[T]) *line {
	return newLine([]*record[T]{r}, func(*statement[T]) string { return RoleRecord })
}

// partOf gives the index of the part that shows e.
func (l *line) partOf(e *entry) int {
	return max(0, slices.Index(l.members, e))
}

func (l *line) field(name, text string, e *entry) {
	if text == "" {
		return
	}
	if l.Fields == nil {
		l.Fields = map[string]Field{}
	}
	l.Fields[name] = Field{Text: text, Part: l.partOf(e)}
}

// conflict adds a conflict once.
func (l *line) conflict(code, text string) {
	for _, c := range l.Conflicts {
		if c.Code == code && c.Text == text {
			return
		}
	}
	l.Conflicts = append(l.Conflicts, Conflict{Code: code, Text: text})
}

// claim gives each entry to the first subject that claims it.
func (m *merger) claim() {
	table := subjects()
	for _, e := range m.entries {
		if supportRole(e.Type) != "" {
			continue
		}
		name := e.subjectIn(table)
		if name == "" {
			m.refuse(e, "unknown-type")
			continue
		}
		m.claimed[name] = append(m.claimed[name], e)
	}
}

func (m *merger) refuse(e *entry, reason string) {
	typ := e.Type
	if typ == "" {
		typ = "?"
	}
	m.unread = append(m.unread, Unread{
		Source: e.Origin.Source, Service: e.Origin.Service, Type: typ, ID: e.ID, Reason: reason,
	})
}

// overview finishes ids, groups and order.
func (m *merger) overview() *Overview {
	o := &Overview{
		AsOf: m.AsOf, Person: m.personOf(), Sources: m.sources(), Notices: m.sortedNotices(),
		Items: make([]Item, 0, len(m.lines)), Groups: m.groups(), Unread: m.unread,
		Decisions: m.decisionStates(), gates: m.gates, lang: m.Lang,
		Completeness: m.completeness(),
		transitions:  m.transitions(), Strangers: m.strangersTold(),
	}
	order := map[string]int{}
	for i, s := range subjects() {
		order[s.name] = i
	}
	m.linkAnswers()
	for _, l := range m.lines {
		l.place = order[l.Subject]<<8 | sectionOrder(l.Section)
	}
	slices.SortFunc(m.lines, func(a, b *line) int {
		if a.place != b.place {
			return cmp.Compare(a.place, b.place)
		}
		return cmp.Or(strings.Compare(a.sortKey, b.sortKey), strings.Compare(a.ID, b.ID))
	})
	for _, l := range m.lines {
		item := l.finished()
		item.gate = m.gateOf(l)
		o.Items = append(o.Items, item)
	}
	o.places = newPlaces(o.Items)
	o.Sources, o.Groups, o.Unread = list(o.Sources), list(o.Groups), list(o.Unread)
	slices.SortFunc(o.Unread, func(a, b Unread) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Service, b.Service),
			strings.Compare(a.Type, b.Type), strings.Compare(a.ID, b.ID), strings.Compare(a.Reason, b.Reason))
	})
	return o
}

// list is s, empty instead of absent: readers of the JSON form meet no null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// finished gives the item with empty lists instead of absent ones.
func (l *line) finished() Item {
	item := l.Item
	item.Conflicts = append([]Conflict{}, item.Conflicts...)
	slices.SortFunc(item.Conflicts, func(a, b Conflict) int {
		return cmp.Or(cmp.Compare(b.level(), a.level()), strings.Compare(a.Code, b.Code), strings.Compare(a.Text, b.Text))
	})
	if item.Fields == nil {
		item.Fields = map[string]Field{}
	}
	item.Joins = append([]Join{}, item.Joins...)
	item.SharedWith = []string{}
	return item
}

// groups settles which lines stand side by side: keys that only one line has
// make no group, unless the group is a series that keeps its name anyway.
func (m *merger) groups() []Group {
	byKey := map[string][]*line{}
	for _, l := range m.lines {
		l.ID = l.members[0].itemID(l.Subject, l.key)
		if l.groupKey != "" {
			byKey[l.groupKey] = append(byKey[l.groupKey], l)
		}
	}
	m.nameOthers()
	groups := []Group{}
	for key, lines := range byKey {
		if len(lines) < 2 && !isSeries(key) {
			continue
		}
		slices.SortFunc(lines, func(a, b *line) int { return strings.Compare(a.ID, b.ID) })
		g := Group{ID: groupID(key), Title: lines[0].groupTitle}
		for _, l := range lines {
			l.Group = g.ID
			if moreTelling(l.advice, g.Advice) {
				g.Advice, g.Text = l.advice, firstNonEmpty(l.adviceWords, m.texts.advice[l.advice])
			}
		}
		g.Joinable = m.joinable(key, lines)
		groups = append(groups, g)
	}
	sortByConcern(m.lines)
	slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.ID, b.ID) })
	return groups
}

// sortByConcern puts medicines with the gravest conflicts first, and keeps the
// lines of a group together under its heading (merge.md 2.11).
func sortByConcern(lines []*line) {
	gravest := map[string]int{}
	for _, l := range lines {
		for _, c := range l.Conflicts {
			l.level = max(l.level, c.level())
		}
		gravest[l.Group] = max(gravest[l.Group], l.level)
	}
	for _, l := range lines {
		if l.Subject != "medication" {
			continue
		}
		level, heading := l.level, l.sortKey
		if l.Group != "" {
			level, heading = gravest[l.Group], fold(l.groupTitle)
		}
		l.sortKey = string('9'-rune(level)) + heading + "\x00" + l.Group + l.sortKey
	}
}

const seriesPrefix = "series|"

func isSeries(groupKey string) bool { return strings.HasPrefix(groupKey, seriesPrefix) }

// sortKey makes keys that sort newest first within a section.
func newestFirst(d fhir.Date) string {
	if d.IsZero() {
		return "~"
	}
	// The seconds until a far moment, at fixed width, shrink as dates grow.
	return leftPad(253402300799 - d.Low().Unix())
}

func leftPad(n int64) string {
	var out [16]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = '0' + byte(n%10)
		n /= 10
	}
	return string(out[:])
}
