package aggregator

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// pressurePairs finds blood pressures that a practice sends as two
// observations, the upper and the lower of one moment: partner[i] is the index
// of the other half, or -1. Where a moment has two uppers or two lowers nobody
// can say which belong together, and all stay apart.
func pressurePairs(records []*obsRecord) (partner []int) {
	byMoment := map[string][2][]int{}
	for i, r := range records {
		partner = append(partner, -1)
		half, ok := pressureHalf(r)
		if !ok {
			continue
		}
		k := pressureKey(r)
		both := byMoment[k]
		both[half] = append(both[half], i)
		byMoment[k] = both
	}
	for _, both := range byMoment {
		if len(both[0]) == 1 && len(both[1]) == 1 {
			upper, lower := both[0][0], both[1][0]
			if pressuresFit(records[upper].lead.val, records[lower].lead.val) {
				partner[upper], partner[lower] = lower, upper
			}
		}
	}
	return partner
}

// pressureHalf: 0 for an upper, 1 for a lower, not ok for anything that is not a
// plain number of a provider that stands.
func pressureHalf(r *obsRecord) (half int, ok bool) {
	o := r.lead.val
	if r.collision || o.isVoid() || o.at.IsZero() || o.quantity.IsZero() || o.quantity.Comparator != "" || r.lead.Origin.IsSelf() {
		return 0, false
	}
	switch vitalOf(o.code).key {
	case "systolic":
		return 0, true
	case "diastolic":
		return 1, true
	}
	return 0, false
}

func isPart(r *obsRecord, key string) bool { return vitalOf(r.lead.val.code).key == key }

// pressureKey: one provider and service, one moment as written, one position,
// place and method.
func pressureKey(r *obsRecord) string {
	o := r.lead.val
	k := []string{r.lead.provider(), r.lead.Origin.Service, o.at.String(), o.method, o.said.Position.Code("")}
	for _, site := range o.said.Sites {
		k = append(k, site.Code.Code(""), site.Laterality.Code(""))
	}
	return strings.Join(k, "|")
}

// pressuresFit: one unit, and the upper is not below the lower.
func pressuresFit(upper, lower *observation) bool {
	a, okA := upper.quantity.Rat()
	b, okB := lower.quantity.Rat()
	return okA && okB && fhir.SameUnit(upper.quantity, lower.quantity) && a.Cmp(b) >= 0 && upper.status == lower.status
}

// pressureLine is one blood pressure made of its two halves.
func (m *merger) pressureLine(upper, lower *obsRecord) *line {
	l, other := m.resultLine(upper), m.resultLine(lower)
	at := len(l.members)
	both := newLine([]*obsRecord{upper, lower}, func(*obsStatement) string { return RoleRecord })
	l.members, l.Parts, l.Joins, l.key, l.aliases = both.members, both.Parts, both.Joins, both.key, both.aliases
	l.Joins = append(l.Joins, Join{A: 0, B: at, Rule: "one-pressure"})
	for _, c := range other.Conflicts {
		l.conflict(c.Code, c.Text)
	}
	o := upper.lead.val
	v := l.Value.(*Result)
	v.Systolic, v.Diastolic = o.quantity, lower.lead.val.quantity
	v.Quantity, v.Low, v.High, v.RangeText, v.Flag, v.Computed = fhir.Quantity{}, fhir.Quantity{}, fhir.Quantity{}, "", "", false
	v.Note = joinText(" ", v.Note, unlessIn(v.Note, lower.lead.val.note))
	row := vitalRowOf("bloodpressure")
	l.Title = row.name.in(m.Lang)
	delete(l.Fields, "range")
	delete(l.Fields, "value")
	m.showPressure(l, v)
	l.field("systolic", o.quantity.Words(m.Lang), upper.lead.entry)
	l.field("diastolic", v.Diastolic.Words(m.Lang), lower.lead.entry)
	m.vitalSeries(l, v, o, row)
	return l
}

func vitalRowOf(key string) vitalRow {
	for _, row := range vitals {
		if row.key == key {
			return row
		}
	}
	return vitalRow{}
}
