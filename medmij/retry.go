package medmij

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// Retry gives what to ask to complete an earlier collection of one service: of
// what was asked of it then (nothing is all of it), the queries that failed or were
// not reached. It is empty when nothing is missing. What documents and other
// references led to is not known one by one, so when reading those failed
// everything of the service is asked again.
func (c *Client) Retry(r fhir.Receipt, asked ...Ask) []Ask {
	service, ok := c.serviceByID(r.Origin.Service)
	if !ok || service.Direction != Collect {
		return nil
	}
	if len(asked) == 0 {
		asked = []Ask{{Service: service.ID}}
	}
	asked = slices.DeleteFunc(slices.Clone(asked), func(a Ask) bool { return a.Service != service.ID })
	done := map[string]bool{}
	for _, q := range r.Queries {
		done[q.Query] = q.Outcome != fhir.Failed
	}
	var again []Ask
	asking := map[string]bool{}
	for _, a := range asked {
		again = append(again, a.missing(service, done, asking)...)
	}
	for _, q := range r.Queries {
		if q.Outcome == fhir.Failed && !asking[q.Query] {
			return asked // a failed read: nobody knows what led to it
		}
	}
	if len(again) == 0 {
		return nil
	}
	for _, q := range r.Queries {
		if !asking[q.Query] {
			again[0].Done = append(again[0].Done, q)
		}
	}
	return again
}

// missing are the queries of an Ask that are not done, one Ask for each.
func (a Ask) missing(s Service, done, asking map[string]bool) []Ask {
	queries, err := a.queries(s)
	if err != nil {
		return nil
	}
	var again []Ask
	for _, q := range queries {
		if done[q.name()] {
			continue
		}
		one := a
		one.Query, one.Reads, one.Done = q.row.Path, nil, nil
		again = append(again, one)
		asked, _ := one.queries(s)
		for _, q := range asked {
			asking[q.name()] = true
		}
	}
	return again
}
