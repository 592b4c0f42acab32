package aggregator

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// Hash is the canonical content of one record (merge.md 1.4): what it says,
// whatever its ids, the release it was written in, or who delivered it. The
// zero Hash is of a record that says too little to be known by its content, or
// holds a modifier that nobody knows.
type Hash [16]byte

// IsZero tells whether there is no content to know the record by.
func (h Hash) IsZero() bool { return h == Hash{} }

// String gives 32 hex digits, or nothing for the zero Hash.
func (h Hash) String() string {
	if h.IsZero() {
		return ""
	}
	return hex.EncodeToString(h[:])
}

// content is what an entry says, in canonical form.
type content struct {
	own    Hash        // without what it points at; zero when it says nothing
	refs   []placedRef // clinical records that it points at, sorted
	filled int         // how many fields say something: a richer view of a record speaks first
}

// placedRef is a reference and the field it stands in.
type placedRef struct {
	path string
	ref  fhir.Reference
}

// leastContent is how many fields must say something. Fewer make too many
// records equal.
const leastContent = 2

// prepare gives every entry its hash. It runs once the entries are settled,
// since the hash of a record takes in what it points at: a prescription of
// another product is another prescription.
func (m *merger) prepare() {
	for _, e := range m.entries {
		e.hash, e.reused = m.hashOf(e), false
	}
	m.findEchoes()
}

func (m *merger) hashOf(e *entry) Hash {
	c := e.content()
	switch {
	case c.filled < leastContent:
		return Hash{}
	case len(c.refs) == 0:
		return c.own
	}
	lines := []string{c.own.String()}
	for _, r := range c.refs {
		target := m.book.follow(e, r.ref)
		switch {
		case target == nil || r.ref.URL == "": // an identifier names it for good
			lines = append(lines, r.path+"="+referenceText(r.ref))
		case !isPeople(target.Type):
			lines = append(lines, r.path+"="+contentText(target))
		}
	}
	slices.Sort(lines)
	return hashLines(lines)
}

func contentText(e *entry) string {
	if own := e.content().own; !own.IsZero() {
		return own.String()
	}
	return e.key()
}

// content reads the entry as what it means; once.
func (e *entry) content() *content {
	if e.canonical == nil {
		e.canonical = e.readContent()
	}
	return e.canonical
}

func (e *entry) readContent() *content {
	w := &contentWriter{root: e.node()}
	reading, _ := e.read()
	switch {
	case e.Flaw != "" || (reading == nil && oddModifier(e.node())):
		return &content{}
	case reading == nil:
		w.raw(e.Type, e.node())
	case !reading.Common().Certain:
		return &content{}
	default:
		w.reading(reading)
	}
	slices.Sort(w.lines)
	slices.SortFunc(w.refs, func(a, b placedRef) int {
		return strings.Compare(a.path+"\x00"+referenceText(a.ref), b.path+"\x00"+referenceText(b.ref))
	})
	c := &content{refs: w.refs, filled: len(w.lines) + len(w.refs)}
	if c.filled > 0 {
		c.own = hashLines(append([]string{contentKind(e)}, w.lines...))
	}
	return c
}

// contentKind is the type of the record, under its R4 name.
func contentKind(e *entry) string {
	switch e.Type {
	case "ProcedureRequest", "ReferralRequest":
		return "ServiceRequest"
	}
	return e.Type
}

func hashLines(lines []string) Hash {
	sum := sha256.New()
	for _, l := range lines {
		sum.Write([]byte(l))
		sum.Write([]byte{'\n'})
	}
	return Hash(sum.Sum(nil)[:16])
}

// isPeople: who says, does or is about something is no content.
func isPeople(typ string) bool {
	switch typ {
	case "Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Person", "CareTeam",
		"HealthcareService", "Location", "Encounter", "EpisodeOfCare":
		return true
	}
	return false
}

func referenceText(r fhir.Reference) string {
	switch {
	case r.Ident.System != "" && !r.Ident.IsZero():
		return r.Ident.Key()
	case r.Ref.ID != "":
		return r.Ref.String()
	case r.URL != "":
		return r.URL
	}
	return fold(r.Display) + r.Ident.Value
}
