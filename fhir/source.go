package fhir

import (
	"iter"
	"log/slog"
	"strings"
	"time"
)

// Self is the source of everything the person wrote.
const Self = "self"

// Origin says where resources come from: a source ("medmij:umcg@medmij",
// "file:export", "self") and the data service within it ("48"; empty for
// files and for the person's own entries). Two services of one provider share
// the Source.
type Origin struct{ Source, Service string }

// IsSelf tells whether the person wrote it.
func (o Origin) IsSelf() bool { return o.Source == Self }

// IsMedMij tells whether it was collected over MedMij.
func (o Origin) IsMedMij() bool { return strings.HasPrefix(o.Source, "medmij:") }

// Source is a value: an origin and the pages of resources it gives. A MedMij
// service, an imported file and the person's own entry are all one. Pages can
// be read once; an error ends them, and what came before it stands.
type Source struct {
	Origin  Origin
	Version Version
	Pages   iter.Seq2[Page, error]
}

// Page is what arrives at once: resources of one query, stored together or not
// at all. Result is set on the last page of the query. Trace is the correlation
// id under which the provider knows the exchange; empty when there was none.
type Page struct {
	Query     string
	Trace     string
	Resources []Resource
	Result    *QueryResult
}

// Outcome tells what became of a query or of a source. "None found" is never
// "not fetched".
type Outcome string

// The outcomes of a query; Complete and Partial are of a whole source.
const (
	OK         Outcome = "ok"
	Empty      Outcome = "empty"
	NotOffered Outcome = "not-offered"
	NotGranted Outcome = "not-granted"
	Failed     Outcome = "failed"
	Complete   Outcome = "complete"
	Partial    Outcome = "partial"
)

// QueryResult is the end of one query. Detail is a code ("P-503") or a short
// text without personal data.
type QueryResult struct {
	Query     string  `json:"query"`
	Outcome   Outcome `json:"outcome"`
	Resources int     `json:"resources"`
	Pages     int     `json:"pages,omitempty"`
	Detail    string  `json:"detail,omitempty"`
	Trace     string  `json:"trace,omitempty"` // correlation id, for whoever asks the provider about it
}

// Receipt tells what came of one collection of one source, and what did not.
type Receipt struct {
	Origin    Origin        `json:"origin"`
	Version   Version       `json:"version"`
	Started   time.Time     `json:"started"`
	Finished  time.Time     `json:"finished"`
	Queries   []QueryResult `json:"queries"`
	New       int           `json:"new"`
	Changed   int           `json:"changed"`
	Unchanged int           `json:"unchanged"`
	Masked    int           `json:"masked,omitempty"` // BSN values masked
	Detail    string        `json:"detail,omitempty"` // why the source ended early
}

// Outcome sums up the queries: complete, partial, failed, empty, not offered
// or not granted.
func (r Receipt) Outcome() Outcome {
	count := map[Outcome]int{}
	for _, q := range r.Queries {
		count[q.Outcome]++
	}
	good := count[OK] + count[Empty]
	switch {
	case r.Detail != "" || count[Failed] > 0:
		if good > 0 {
			return Partial
		}
		return Failed
	case count[OK] > 0 && count[NotGranted] > 0:
		return Partial
	case count[OK] > 0:
		return Complete
	case good > 0:
		return Empty
	case count[NotGranted] > 0:
		return NotGranted
	}
	return NotOffered
}

// Record is a stored resource: which version of it, from where, when and by
// which question it was fetched (medmij-protocol.md 5.4).
type Record struct {
	Resource
	Origin  Origin
	Number  int // version number within the store, from 1
	Fetched time.Time
	Query   string // that gave it, as in the table of services; empty when there was none
	Trace   string // correlation id of that exchange; empty when there was none
	Deleted bool   // the person removed it; only own entries

	// LastSeen is the newest collection in which the source gave the resource,
	// in these bytes or in others. Gone is the first complete answer without it
	// to a query that gave it before, when no query gives it any more: the source
	// may have removed it, or it fell out of a period or a number that the query
	// asks for. Both are of the newest version; zero for older ones, and Gone also
	// while the source still gives it and when that is not known.
	LastSeen, Gone time.Time
}

// LogValue keeps health data out of logs.
func (r Record) LogValue() slog.Value { return slog.StringValue("[record]") }

// One makes a source of a few resources that are already at hand, as one page.
func One(o Origin, v Version, query string, resources ...Resource) Source {
	return Source{Origin: o, Version: v, Pages: func(yield func(Page, error) bool) {
		outcome := OK
		if len(resources) == 0 {
			outcome = Empty
		}
		yield(Page{
			Query: query, Resources: resources,
			Result: &QueryResult{Query: query, Outcome: outcome, Resources: len(resources), Pages: 1},
		}, nil)
	}}
}
