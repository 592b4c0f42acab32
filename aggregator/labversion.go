package aggregator

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// stages is the order of the versions of one result (merge.md 4.3). It is used
// only among those of one provider, and to let a known status speak before
// "unknown".
const stages = "unknown registered preliminary final amended corrected"

func (o *observation) stage() int {
	status := o.status
	if status == "amended" || status == "appended" {
		status = "corrected"
	}
	return max(0, strings.Index(stages, status))
}

func (o *observation) isVoid() bool {
	return o.status == "cancelled" || o.status == "entered-in-error"
}

// settleLead lets the version speak that is furthest: an original before a
// copy, corrected before final before preliminary, then the newest.
func settleLead(r *obsRecord) {
	r.lead = slices.MinFunc(r.members, compareResults)
}

func compareResults(a, b *obsStatement) int {
	if c := boolCompare(a.copied, b.copied); c != 0 {
		return c
	}
	if c := b.val.stage() - a.val.stage(); c != 0 {
		return c
	}
	return compareLead(a.entry, b.entry)
}

// withdrawn parts what still stands from what its provider took back (cancelled
// or entered in error). A provider's word counts for its own records only: a
// copy elsewhere stands, with a conflict (merge.md 1.5, 4.3, S8).
func withdrawn(r *obsRecord) (stands, gone *obsRecord) {
	if !slices.ContainsFunc(r.members, func(s *obsStatement) bool { return s.val.isVoid() }) {
		return r, nil
	}
	taken := map[string]*obsStatement{}
	for _, s := range r.members {
		if old := taken[s.provider()]; s.val.isVoid() && (old == nil || laterThan(s.entry, old.entry)) {
			taken[s.provider()] = s
		}
	}
	var live, dead []*obsStatement
	for _, s := range r.members {
		if void := taken[s.provider()]; void == nil || (!s.val.isVoid() && laterThan(s.entry, void.entry)) {
			live = append(live, s)
		} else {
			dead = append(dead, s)
		}
	}
	switch {
	case len(dead) == 0:
		return r, nil
	case len(live) == 0:
		r.void = slices.ContainsFunc(dead, func(s *obsStatement) bool { return s.mistake })
		return nil, r
	}
	return newRecord(live, identityLevels-1, r.collision), newRecord(dead, identityLevels-1, r.collision)
}

// laterThan: a is surely newer. Without both times it is not sure.
func laterThan(a, b *entry) bool {
	return hasUpdated(a.Record) && hasUpdated(b.Record) && a.Updated.After(b.Updated)
}

// superseded: the lead is a later version of s by the same provider, which is
// something else than a copy that differs.
func superseded(s, lead *obsStatement) bool {
	return s != lead && s.provider() == lead.provider() && (s.val.stage() < lead.val.stage() || laterThan(lead.entry, s.entry))
}

// correction shows what a corrected result was before: in an older version, or
// in another record of the same provider under the same identifier.
func (m *merger) correction(l *line, v *Result, r *obsRecord) {
	for i, s := range r.members {
		if superseded(s, r.lead) {
			l.Parts[i].Hidden = "version"
		}
	}
	v.Corrected = valueBefore(r)
	if v.Corrected == "" {
		return
	}
	when := r.lead.val.said.Issued
	if when.IsZero() && hasUpdated(r.lead.Record) {
		when = fhir.DateOf(r.lead.Updated)
	}
	if when.IsZero() && r.lead.Origin.IsSelf() { // what the person changed, they changed then
		when = fhir.ParseDate(r.lead.Fetched.In(fhir.Amsterdam()).Format(time.DateOnly))
	}
	l.field("corrected", m.texts.corrected(when.Words(m.Lang), fhir.Number(v.Corrected, m.Lang)), r.lead.entry)
}

// valueBefore gives the value that the result had before, as delivered.
func valueBefore(r *obsRecord) string {
	now := r.lead.val.quantity.Value
	for _, s := range r.members {
		for i := len(s.older) - 1; i >= 0; i-- {
			if before := valueOf(s.older[i]); before != "" && before != s.val.quantity.Value {
				return before
			}
		}
		if superseded(s, r.lead) && s.val.quantity.Value != now {
			return s.val.quantity.Value
		}
	}
	return ""
}

func valueOf(r fhir.Record) string {
	reading, _ := clinical.Read(r.Shown())
	if o, ok := reading.(*clinical.Observation); ok {
		return o.Value.Quantity.Value
	}
	return ""
}
