package aggregator

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// letter is what a DocumentReference or DocumentManifest says (merge.md 5).
type letter struct {
	title  string
	kind   string
	author string
	date   fhir.Date
	filed  fhir.Date
	status string
	secret bool
	files  []letterFile
}

type letterFile struct {
	contentType string
	binary      *entry // nil when inline or not collected
	data        []byte
	sum         string // hex SHA-256, empty without usable bytes
	broken      bool   // bytes that are not what they claim
}

type letterStatement = statement[*letter]

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

func letterLines(m *merger, entries []*entry) []*line {
	var all []*letterStatement
	for _, e := range entries {
		all = append(all, m.readLetter(e))
	}
	records := identify(all, sameLetter)
	lines := make([]*line, len(records))
	for i, r := range records {
		lines[i] = m.letterLine(r)
	}
	groupLookalikes(records, lines)
	return lines
}

func (m *merger) readLetter(e *entry) *letterStatement {
	n := e.node
	d := &letter{
		kind:   m.letterKind(n.Get("type").Coded()),
		author: m.firstWho(e, "author", "authenticator", "custodian"),
		filed:  firstDate(n.Date("indexed"), n.Date("date")),
		status: n.Str("status"),
	}
	d.date = firstDate(n.Get("context", "period").Period().End, n.Get("context", "period").Period().Start, n.Date("created"), d.filed)
	for _, label := range n.Codeds("securityLabel") {
		d.secret = d.secret || label.Code("") == "R" || label.Code("") == "V"
	}
	for _, c := range n.All("content") {
		if a := c.Get("attachment"); a.Exists() {
			d.files = append(d.files, m.readFile(e, a))
			d.title = firstNonEmpty(d.title, a.Str("title"))
		}
	}
	d.title = firstNonEmpty(n.Str("description"), d.title, d.kind)
	s := &letterStatement{entry: e, val: d, ids: append(statementIDs(e), masterIdentifier(e)...)}
	if sums := d.sums(); sums != "" {
		// The bytes are the letter: whatever the titles say.
		s.keys[byRelation] = []string{sums}
	}
	return s
}

func masterIdentifier(e *entry) []fhir.Ident {
	if id := e.node.Get("masterIdentifier").Ident(); !id.IsZero() {
		return []fhir.Ident{id}
	}
	return nil
}

func (m *merger) letterKind(c fhir.Coded) string {
	for _, coding := range c.Coding {
		if w, ok := letterKinds[coding.Code]; ok {
			return w.in(m.Lang)
		}
	}
	return joinText(": ", m.texts.document, c.Display())
}

func (m *merger) readFile(e *entry, a fhir.Node) letterFile {
	f := letterFile{contentType: a.Str("contentType")}
	encoded := a.Str("data")
	if url := a.Str("url"); encoded == "" && url != "" {
		f.binary = m.book.follow(e, fhir.Reference{URL: url, Ref: fhir.Ref{Type: "Binary", ID: lastSegment(url)}})
		if f.binary != nil {
			encoded = BinaryData(f.binary.node)
			f.contentType = firstNonEmpty(f.contentType, f.binary.node.Str("contentType"))
		}
	}
	f.data = decodeBase64(encoded)
	f.broken = encoded != "" && !plausible(f.contentType, f.data)
	if len(f.data) > 0 && !f.broken {
		sum := sha256.Sum256(f.data)
		f.sum = hex.EncodeToString(sum[:])
	}
	return f
}

// BinaryData is the base64 text of a Binary: STU3 calls it content, R4 data.
func BinaryData(n fhir.Node) string { return firstNonEmpty(n.Str("content"), n.Str("data")) }

func decodeBase64(s string) []byte {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, s)
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return data
}

// plausible tells whether the bytes can be what they claim: a login page or an
// error message instead of a letter is not one.
func plausible(contentType string, data []byte) bool {
	head := bytes.ToLower(bytes.TrimLeft(data[:min(len(data), 512)], " \t\r\n\ufeff"))
	switch {
	case len(head) == 0:
		return false
	case strings.HasPrefix(contentType, "application/pdf"):
		return bytes.HasPrefix(head, []byte("%pdf-"))
	}
	return !bytes.HasPrefix(head, []byte("<html")) && !bytes.HasPrefix(head, []byte("<!doctype html")) &&
		!bytes.Contains(head, []byte("operationoutcome"))
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
	x, y := a.val.sums(), b.val.sums()
	return a.Type == b.Type && (x == "" || y == "" || x == y)
}

func (m *merger) letterLine(r *record[*letter]) *line {
	l := single(r)
	d := r.lead.val
	v := &Letter{Kind: d.kind, Author: d.author, Date: d.date, Filed: d.filed, Hidden: d.secret}
	for _, f := range d.files {
		v.Files = append(v.Files, m.addFile(l, f))
		if f.broken {
			l.conflict("C-DOC-CONTENT", m.texts.conflict["C-DOC-CONTENT"])
		}
	}
	if r.collision {
		l.conflict("C-COLLISION", m.texts.conflict["C-COLLISION"])
	}
	l.Value, l.Section = v, Found
	if d.status == "superseded" || d.status == "entered-in-error" {
		l.Section = History
	}
	l.Title, l.Detail, l.When, l.Author = d.title, d.kind, d.date.Day(), d.author
	l.sortKey = newestFirst(d.date) + fold(d.title)
	return l
}

// addFile makes the Binary a part of the line, so that its bytes can be asked
// for by part.
func (m *merger) addFile(l *line, f letterFile) File {
	file := File{ContentType: f.contentType, Size: len(f.data), SHA256: f.sum, Part: -1}
	if f.binary == nil {
		if len(f.data) > 0 {
			file.Part = 0 // inline in the document itself
		}
		return file
	}
	m.used[f.binary] = true
	if i := slices.Index(l.members, f.binary); i >= 0 {
		file.Part = i
		return file
	}
	l.members = append(l.members, f.binary)
	l.Parts = append(l.Parts, f.binary.part(RoleFile))
	file.Part = len(l.Parts) - 1
	return file
}

// groupLookalikes puts letters side by side that may be one with a stamp on
// it: same kind, author, day and title, other bytes. Never by title alone.
func groupLookalikes(records []*record[*letter], lines []*line) {
	for i, r := range records {
		d := r.lead.val
		if d.author == "" || d.date.IsZero() || d.title == "" {
			continue
		}
		lines[i].groupKey = strings.Join([]string{"letter", d.kind, fold(d.author), d.date.Day(), fold(d.title)}, "|")
		lines[i].groupTitle, lines[i].advice = d.title, "same-letter"
	}
}
