package aggregator

import "github.com/bundel-pgo/bundel/fhir"

// facts is what is looked up in the content of an entry again and again,
// whatever its subject. It is found once and outlives a run of Merge.
type facts struct {
	idents   []fhir.Ident     // every identifier
	refs     []fhir.Reference // every reference, those of contained resources too
	subjects []fhir.Reference // whom it is about

	ids     []fhir.Ident // see statementIDs
	idKeys  []string     // their keys
	idsRead bool

	subject string // which claims it, see subjectIn
	claimed bool
	gate    *gateEntry // see gateFacts
	med     *medicationKept
	obs     *observationKept
	item    itemName // see itemID
	hashed  hashKey  // see hashKeys
}

// inWords is a text of an entry in the language that was last asked for.
type inWords struct{ lang, text string }

func (w *inWords) in(lang string, say func() string) string {
	if w.lang != lang {
		w.lang, w.text = lang, say()
	}
	return w.text
}

// subjectIn is the first subject of the table that claims the entry; empty
// when none does.
func (e *entry) subjectIn(table []subject) string {
	f := e.facts()
	if f.claimed {
		return f.subject
	}
	f.claimed = true
	for _, s := range table {
		if s.claims(e) {
			f.subject = s.name
			break
		}
	}
	return f.subject
}

func (e *entry) facts() *facts {
	if e.found == nil {
		e.found = &facts{idents: e.node().Idents("identifier"), refs: references(e.node())}
		for _, name := range [...]string{"subject", "patient", "beneficiary", "for"} {
			if r := e.node().Get(name).Reference(); r.URL != "" {
				e.found.subjects = append(e.found.subjects, r)
			}
		}
	}
	return e.found
}
