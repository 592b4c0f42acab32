package aggregator

import (
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// letter is what a DocumentReference or DocumentManifest says (merge.md 5).
type letter struct {
	title    string
	kind     string
	author   string
	date     fhir.Date // of writing
	filed    fhir.Date // made available
	status   string
	label    string // R or V: restricted
	master   string // type and masterIdentifier; empty when there is none
	replaces []fhir.Reference
	files    []letterFile
}

type (
	letterStatement = statement[*letter]
	letterRecord    = record[*letter]
)

// letterKinds are the Dutch names of document types (merge.md 5).
var letterKinds = map[string]words2{
	"18842-5": {"Ontslagbrief", "Discharge letter"}, "68626-1": {"Ontslagbrief", "Discharge letter"},
	"68688-1": {"Ontslagbrief", "Discharge letter"}, "11071000146104": {"Ontslagbrief", "Discharge letter"},
	"11488-4": {"Consultbrief", "Consultation letter"}, "34781-5": {"Consultbrief", "Consultation letter"},
	"34797-1": {"Consultbrief", "Consultation letter"}, "73575-3": {"Consultbrief", "Consultation letter"},
	"57133-5": {"Verwijsbrief", "Referral letter"}, "11051000146107": {"Verwijsbrief", "Referral letter"},
	"28570-0": {"Verslag ingreep", "Procedure report"},
	"51852-2": {"Brief", "Letter"}, "68609-7": {"Brief", "Letter"},
	"56444-3": {"Bericht", "Message"}, "371535009": {"Overdracht", "Handover"},
}

// letterLines is the engine of the subject letter: one line per document, with
// its earlier versions and everybody who delivered it.
func letterLines(m *merger, entries []*entry) []*line {
	all := make([]*letterStatement, len(entries))
	for i, e := range entries {
		all[i] = m.readLetter(e)
	}
	sets := m.letterVersions(identify(all, sameLetter))
	lines := make([]*line, len(sets))
	for i, versions := range sets {
		lines[i] = m.letterLine(versions)
	}
	groupLookalikes(sets, lines)
	return lines
}

func (m *merger) readLetter(e *entry) *letterStatement {
	d := &letter{}
	if doc, ok := readAs[*clinical.Document](e); ok {
		m.readDocument(e, doc, d)
	}
	d.title = firstNonEmpty(d.title, d.kind, m.texts.typeName(e.Type))
	s := &letterStatement{entry: e, val: d, ids: statementIDs(e)}
	if sums := d.sums(); sums != "" {
		// The bytes are the letter: whatever the titles say.
		s.keys[byRelation] = []string{e.Type + "|" + sums}
	}
	return s
}

func (m *merger) readDocument(e *entry, doc *clinical.Document, d *letter) {
	d.kind, d.status = m.letterKind(doc.Type), doc.Status.Code
	d.author = firstNonEmpty(m.people(e, doc.Authors...), m.whoOf(e, []fhir.Reference{doc.Signer, doc.Custodian}))
	if e.Origin.IsSelf() {
		d.author = m.texts.self
	}
	d.filed = firstDate(doc.Indexed, doc.Created)
	d.date = firstDate(doc.Period.End, doc.Period.Start, doc.Created, d.filed)
	for _, label := range doc.Security {
		if code := label.Code(""); code == "R" || code == "V" {
			d.label = code
		}
	}
	if !doc.Master.IsZero() {
		d.master = e.Type + "|" + scoped(e, doc.Master).Key()
	}
	for _, r := range e.node().All("relatesTo") {
		if r.Str("code") == "replaces" {
			d.replaces = append(d.replaces, r.Get("target").Reference())
		}
	}
	d.title = doc.Description
	for _, c := range e.node().All("content") {
		d.files = append(d.files, m.readFile(e, c.Get("attachment")))
		d.title = firstNonEmpty(d.title, c.Str("attachment", "title"))
	}
	if e.Type == "DocumentManifest" { // its content are documents of their own
		d.files = nil
	}
}

func readAs[T clinical.Reading](e *entry) (T, bool) {
	said, _ := e.read()
	v, ok := said.(T)
	return v, ok
}

func (m *merger) letterKind(c fhir.Coded) string {
	for _, coding := range c.Coding {
		if w, ok := letterKinds[coding.Code]; ok {
			return w.in(m.Lang)
		}
	}
	return joinText(": ", m.texts.document, c.Display())
}

func (d *letter) sums() string {
	var sums []string
	for _, f := range d.files {
		if f.sum == "" {
			return ""
		}
		sums = append(sums, f.sum)
	}
	return strings.Join(sums, "|")
}

// sameLetter: one identifier with other bytes is not one letter.
func sameLetter(a, b *letterStatement) bool {
	return a.Type == b.Type && sameBytes(a.val, b.val)
}

// sameBytes also holds while the bytes of one of them have not come: that may
// change when they do.
func sameBytes(a, b *letter) bool {
	x, y := a.sums(), b.sums()
	return x == "" || y == "" || x == y
}

func (m *merger) letterLine(versions []*letterRecord) *line {
	l := newLine(versions, func(*letterStatement) string { return RoleRecord })
	r := versions[len(versions)-1]
	d := r.lead.val
	if d.master != "" && !r.collision {
		l.key, l.aliases = d.master, append(l.aliases, l.key) // lasts longer than a logical id
	}
	v := &Letter{Kind: d.kind, Author: d.author, Date: d.date, Filed: d.filed, Suppliers: m.suppliers(versions), Versions: 1}
	for _, old := range versions[:len(versions)-1] {
		why := "copy"
		if !isSameLetter(old, r) {
			why = "version"
			v.Versions++
		}
		for _, s := range old.members {
			l.Parts[l.partOf(s.entry)].Hidden = why
		}
	}
	m.letterFiles(l, v, versions)
	for _, s := range r.members {
		if s.val.label != "" {
			v.Hidden = true
			l.field("restricted", s.val.label, s.entry)
		}
	}
	if r.collision {
		l.conflict("C-COLLISION", m.texts.conflict["C-COLLISION"])
	}
	l.Value, l.Section = v, Found
	l.Title, l.Detail, l.When, l.Author = d.title, d.kind, d.date.Day(), d.author
	l.sortKey = newestFirst(d.date) + fold(d.title)
	l.field("filed", d.filed.Words(m.Lang), r.lead.entry)
	m.settleLetter(l, r)
	return l
}

// letterFiles shows the files of the version that speaks; those of earlier ones
// stay parts, so that they can be opened.
func (m *merger) letterFiles(l *line, v *Letter, versions []*letterRecord) {
	last := len(versions) - 1
	for _, f := range versions[last].lead.val.files {
		v.Files = append(v.Files, m.addFile(l, versions[last].lead.entry, f))
		if f.broken {
			l.conflict("C-DOC-CONTENT", m.texts.conflict["C-DOC-CONTENT"])
		}
	}
	for _, old := range versions[:last] {
		for _, f := range old.lead.val.files {
			m.addFile(l, old.lead.entry, f)
		}
	}
}

// settleLetter puts what was withdrawn or replaced in the history, with by
// whom, and marks a letter with a modifier that nobody knows.
func (m *merger) settleLetter(l *line, r *letterRecord) {
	switch {
	case r.void:
		l.Section = History
		l.Detail = joinText(" · ", l.Detail, m.texts.label["withdrawn"]+" "+m.providerName(r.lead.provider()))
	case r.lead.val.status == "superseded":
		l.Section = History
	}
	for _, s := range r.members {
		if said, _ := s.read(); said != nil && !said.Common().Certain {
			l.conflict("C-MODIFIER", m.texts.conflict["C-MODIFIER"])
		}
	}
}

// isSameLetter tells a copy at another provider from an earlier version.
func isSameLetter(old, r *letterRecord) bool {
	return sameBytes(old.lead.val, r.lead.val) && !shareProvider(old, r)
}

// suppliers names who delivered the letter, which is often not who wrote it.
func (m *merger) suppliers(versions []*letterRecord) []string {
	r := versions[len(versions)-1]
	var names []string
	for _, v := range versions {
		for _, s := range v.members {
			name := m.providerName(s.Origin.Source)
			if (v == r || isSameLetter(v, r)) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// groupLookalikes puts letters side by side that may be one with a stamp on
// it: same kind, author, day and title, other bytes. Never by title alone.
func groupLookalikes(sets [][]*letterRecord, lines []*line) {
	alike := map[string][]int{}
	for i, versions := range sets {
		r := versions[len(versions)-1]
		d := r.lead.val
		if d.author == "" || d.date.IsZero() || d.title == "" || r.void {
			continue
		}
		key := strings.Join([]string{"letter", d.kind, fold(d.author), d.date.Day(), fold(d.title)}, "|")
		alike[key] = append(alike[key], i)
	}
	for key, same := range alike {
		if len(same) < 2 {
			continue
		}
		for _, i := range same {
			lines[i].groupKey, lines[i].groupTitle, lines[i].advice = key, lines[i].Title, "same-letter"
		}
	}
}
