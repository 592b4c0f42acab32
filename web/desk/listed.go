package desk

import (
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// asListed gives a grant with the services that its connection has on the
// lists in force, which may have moved, and a source for each service that is
// not there any more: those say so and ask nothing (faults L08 and L09 of
// conformance.md 4). Without lists, or behind a gateway, nothing is known, and
// the transport decides.
func (d *Desk) asListed(g *medmij.Grant) (*medmij.Grant, []fhir.Source) {
	dir, err := d.Directory()
	if err != nil {
		return g, nil
	}
	listed, ok := dir.Listed(g.Connection)
	if !ok {
		return nil, silent(g, g.Granted, fhir.QueryResult{Outcome: fhir.Failed, Detail: medmij.CodeUnlisted})
	}
	var gone []string
	for _, id := range g.Granted {
		if _, ok := listed.Offer(id); !ok {
			gone = append(gone, id)
		}
	}
	now := *g
	now.Services = listed.Services
	return &now, silent(g, gone, fhir.QueryResult{Outcome: fhir.NotOffered, Detail: medmij.CodeNotOffered})
}

// silent are sources whose every query ends at once, in the same way.
func silent(g *medmij.Grant, services []string, end fhir.QueryResult) []fhir.Source {
	var sources []fhir.Source
	for _, id := range services {
		s, ok := medmij.ServiceByID(id)
		if !ok || s.Direction != medmij.Collect {
			continue
		}
		sources = append(sources, fhir.Source{
			Origin: g.Origin(id), Version: s.Version,
			Pages: func(yield func(fhir.Page, error) bool) {
				for _, q := range s.Queries {
					result := end
					result.Query = q.Path
					if !yield(fhir.Page{Query: q.Path, Result: &result}, nil) {
						return
					}
				}
			},
		})
	}
	return sources
}
