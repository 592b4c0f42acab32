package web

import "github.com/bundel-pgo/bundel/aggregator"

// QueryName is what a query of a data service asks for, in words for the person
// in lang ("nl" or "en"). It never gives the query itself.
func QueryName(query, lang string) string { return wordsIn(lang).queryName(query) }

// queryName names the kind of records that a query asks for. One kind holds
// results and measurements both: there the query tells which.
func (w *words) queryName(query string) string {
	typ := queryType(query)
	if typ == "Observation" {
		var names []string
		for _, subject := range aggregator.AskedAbout(query) {
			names = append(names, w.T("subject."+subject))
		}
		if len(names) > 0 {
			return w.List(names)
		}
	}
	return w.Or("type."+typ, w.T("type.other"))
}
