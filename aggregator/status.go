package aggregator

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// sources lists per source and service what came and what did not: the newest
// receipt of each.
func (m *merger) sources() []SourceStatus {
	newest := map[fhir.Origin]fhir.Receipt{}
	for _, r := range m.Receipts {
		if r.Origin.IsSelf() {
			continue
		}
		if old, ok := newest[r.Origin]; !ok || r.Finished.After(old.Finished) {
			newest[r.Origin] = r
		}
	}
	out := []SourceStatus{}
	for _, r := range newest {
		out = append(out, m.status(r))
	}
	slices.SortFunc(out, func(a, b SourceStatus) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), cmp.Compare(len(a.Service), len(b.Service)), strings.Compare(a.Service, b.Service))
	})
	return out
}

func (m *merger) status(r fhir.Receipt) SourceStatus {
	s := SourceStatus{
		Source: r.Origin.Source, Provider: m.providerName(r.Origin.Source), Kind: m.Providers[r.Origin.Source].Kind,
		Service: r.Origin.Service, FHIR: r.Version.String(), Fetched: r.Finished.In(fhir.Amsterdam()),
		Outcome: r.Outcome(), Detail: r.Detail, Queries: []fhir.QueryResult{},
	}
	s.Queries = append(s.Queries, r.Queries...)
	slices.SortFunc(s.Queries, func(a, b fhir.QueryResult) int { return strings.Compare(a.Query, b.Query) })
	return s
}

// providerName is the readable name behind a source.
func (m *merger) providerName(source string) string {
	if p, ok := m.Providers[source]; ok && p.Name != "" {
		return p.Name
	}
	if source == fhir.Self {
		return m.texts.self
	}
	name, ok := strings.CutPrefix(source, "file:")
	if !ok {
		name = strings.TrimSuffix(strings.TrimPrefix(source, "medmij:"), "@medmij")
	}
	return name
}
