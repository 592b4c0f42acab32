package aggregator

import "github.com/bundel-pgo/bundel/fhir"

// facts is what is looked up in the content of an entry again and again,
// whatever its subject. It is found once and outlives a run of Merge.
type facts struct {
	idents   []fhir.Ident     // every identifier
	refs     []fhir.Reference // every reference, those of contained resources too
	subjects []fhir.Reference // whom it is about

	ids     []fhir.Ident // see statementIDs
	idsRead bool
}

func (e *entry) facts() *facts {
	if e.found == nil {
		e.found = &facts{idents: e.node.Idents("identifier"), refs: references(e.node)}
		for _, name := range [...]string{"subject", "patient", "beneficiary", "for"} {
			if r := e.node.Get(name).Reference(); r.URL != "" {
				e.found.subjects = append(e.found.subjects, r)
			}
		}
	}
	return e.found
}
