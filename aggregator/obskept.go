package aggregator

import (
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// observationKept is what an Observation says by itself. It outlives a run of
// Merge and is never changed but to add what was not worked out before.
type observationKept struct {
	observation
	words    inWords
	flag     Flag
	computed bool // the flag follows from the range
	number   bool // the value is one

	measured *measurement // with the usual table of analytes
	keyed    contentKeyed
}

// contentKeyed is the K3 key that goes with a moment and a material, which may
// come from elsewhere.
type contentKeyed struct {
	at                fhir.Date
	specimen, analyte string
	done              bool
	keys              []string
}

// contentKeys keeps the key while that is the same.
func (o *observation) contentKeys(provider string) []string {
	k := &o.kept.keyed
	if !k.done || k.at != o.at || k.specimen != o.specimen || k.analyte != o.analyte.Key {
		*k = contentKeyed{o.at, o.specimen, o.analyte.Key, true, o.contentKey(provider)}
	}
	return k.keys
}

// measurement is what follows from a value and what its code says is measured.
type measurement struct {
	analyte   analyte
	scale     string
	converted fhir.Quantity
	other     fhir.Quantity // see otherHbA1c
	outside   bool
}

func (e *entry) observation() *observationKept {
	f := e.facts()
	if f.obs != nil {
		return f.obs
	}
	said, ok := readAs[*clinical.Observation](e)
	if !ok {
		said = &clinical.Observation{} // a type of another release in an odd place
	}
	found := findingOf(said.Code, said.Value, said.Ranges, said.Flags)
	f.obs = &observationKept{observation: observation{
		said: said, finding: &found,
		status: said.Status.Code, method: said.Method.Display(), at: said.Effective.Start,
	}}
	o := &f.obs.observation
	for _, r := range said.Remarks {
		o.note = joinText(" ", o.note, r.Text)
	}
	f.obs.flag, f.obs.computed = o.flagged()
	_, f.obs.number = o.quantity.Rat()
	return f.obs
}

// measure finds what is measured and on what scale. Of an entry it is found
// once, unless somebody brought their own table: that may be another each time.
func (m *merger) measure(provider string, o *observation) {
	if o.kept == nil || !m.usual {
		m.measureNow(provider, o)
		return
	}
	if o.kept.measured == nil {
		m.measureNow(provider, o)
		o.kept.measured = &measurement{
			o.analyte, o.scale, o.converted, o.analyte.otherHbA1c(o.quantity), o.analyte.outside(o.quantity),
		}
		return
	}
	found := o.kept.measured
	o.analyte, o.scale, o.converted = found.analyte, found.scale, found.converted
}

func (m *merger) measureNow(provider string, o *observation) {
	o.analyte = m.analyteAt(provider, *o.finding)
	m.settleScale(o)
}

// outside tells whether the value is one that no living person has.
func (m *merger) outside(o *observation) bool {
	if o.kept != nil && m.usual {
		return o.kept.measured.outside
	}
	return o.analyte.outside(o.quantity)
}

// otherHbA1c is the value written in the other way.
func (m *merger) otherHbA1c(o *observation) fhir.Quantity {
	if o.kept != nil && m.usual {
		return o.kept.measured.other
	}
	return o.analyte.otherHbA1c(o.quantity)
}

// inWords is the value in the language of the overview.
func (m *merger) inWords(o *observation) string {
	if o.kept == nil {
		return o.words(m.Lang)
	}
	return o.kept.words.in(m.Lang, func() string { return o.words(m.Lang) })
}

func (o *observation) isNumber() bool {
	if o.kept != nil {
		return o.kept.number
	}
	_, number := o.quantity.Rat()
	return number
}

func (o *observation) shownFlag() (flag Flag, computed bool) {
	if o.kept != nil {
		return o.kept.flag, o.kept.computed
	}
	return o.flagged()
}
