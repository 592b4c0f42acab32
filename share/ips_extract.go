package share

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// Extract is what one reader gets: lines of the overview, with the codes behind
// them. Every form of it (IPS, CSV, the locked file) is made of these lines
// alone. Make it with [Own] or [Policy.Extract], then call Read. It holds health
// data in memory and is not safe for concurrent use while it is read.
type Extract struct {
	Overview *aggregator.Overview // as the reader may see it
	Person   fhir.Node            // own Patient; name, birth date and gender are used
	Names    map[string]string    // readable names of sources
	At       time.Time            // when it is made
	Lang     string               // "nl" (default) or "en"

	records map[partKey]fhir.Record
}

// partKey names one version of one record.
type partKey struct {
	Pin
	version string
}

func keyOf(p aggregator.Part) partKey {
	return partKey{Pin{p.Source, p.Service, p.Type, p.ID}, p.Version}
}

// Own is the extract of everything the person sees: view is made by
// [aggregator.Overview.View].
func Own(view *aggregator.Overview) Extract { return Extract{Overview: leaving(view)} }

// Extract is what the recipient may see, as For gives it.
func (p Policy) Extract(view *aggregator.Overview, recipient string) Extract {
	return Own(p.For(view, recipient))
}

// leaving leaves out what never leaves: what is closed, and what was withdrawn.
func leaving(o *aggregator.Overview) *aggregator.Overview {
	out := *o
	out.Items = slices.DeleteFunc(slices.Clone(o.Items), func(i aggregator.Item) bool {
		return i.Section == aggregator.Gated || i.Section == aggregator.History
	})
	return &out
}

// Read takes the records behind the lines, and no others, out of records. A
// line whose record is not among them goes without its codes.
func (e *Extract) Read(records iter.Seq2[fhir.Record, error]) error {
	wanted := map[partKey]bool{}
	for _, item := range e.Overview.Items {
		for _, p := range item.Parts {
			wanted[keyOf(p)] = true
		}
	}
	found := map[partKey]fhir.Record{}
	for r, err := range records {
		if err != nil {
			return fmt.Errorf("read the records of a summary: %w", err)
		}
		key := partKey{Pin{r.Origin.Source, r.Origin.Service, r.Type, r.ID}, fmt.Sprint(r.Number)}
		if r.Origin.IsSelf() && r.Type == "Patient" {
			e.Person = r.Shown().Node()
		}
		if wanted[key] {
			r.Resource = r.Shown()
			found[key] = r
		}
	}
	e.records = maps.Clone(found)
	return nil
}

// name is the readable name of a source.
func (e Extract) name(source string) string {
	return firstNonEmpty(e.Names[source], e.Overview.ProviderName(source))
}

// voice is who says a line: all its sources, or those that say the same where
// sources differ. Lines are never brought together here, only taken apart.
type voice struct {
	item    aggregator.Item
	parts   []aggregator.Part // that speak, best first
	node    fhir.Node         // of the first of them
	code    fhir.Coded
	dose    string
	sources []string
	own     bool // the person says it
}

// voices gives one voice for a line, or one per opinion where its sources
// differ. Who says nothing of the dose agrees with the first who does.
func (e Extract) voices(item aggregator.Item) []voice {
	parts := speaking(item)
	if !slices.ContainsFunc(item.Conflicts, aggregator.Conflict.IsDifference) || !slices.ContainsFunc(parts, func(p aggregator.Part) bool { return p.Source != parts[0].Source }) {
		return []voice{e.voice(item, parts, false)}
	}
	var order []string
	byOpinion := map[string][]aggregator.Part{}
	for _, p := range parts {
		opinion := e.opinion(item, p)
		if !slices.Contains(order, opinion) {
			order = append(order, opinion)
		}
		byOpinion[opinion] = append(byOpinion[opinion], p)
	}
	if at := slices.Index(order, ""); at >= 0 && len(order) > 1 {
		order = slices.Delete(order, at, at+1)
		byOpinion[order[0]] = append(byOpinion[order[0]], byOpinion[""]...)
	}
	var all []voice
	for _, o := range order {
		all = append(all, e.voice(item, byOpinion[o], len(order) > 1))
	}
	return all
}

// opinion is equal for parts that need no entry of their own: of medicines what
// they say of the dose, of all else who says it.
func (e Extract) opinion(item aggregator.Item, p aggregator.Part) string {
	if item.Subject == "medication" {
		return e.doseOf(p)
	}
	return p.Source
}

// doseOf is the dose in words as one record has it.
func (e Extract) doseOf(p aggregator.Part) string {
	n := e.records[keyOf(p)].Node()
	for _, member := range [...]string{"dosageInstruction", "dosage"} {
		if words := fhir.Dosages(n, member).Words(e.lang()); words != "" {
			return words
		}
	}
	return ""
}

// voice brings parts together that say the same. apart tells that others of the
// line say something else, so that its dose is that of these parts.
func (e Extract) voice(item aggregator.Item, parts []aggregator.Part, apart bool) voice {
	v := voice{item: item, parts: parts, own: len(parts) > 0}
	for _, p := range parts {
		r := e.records[keyOf(p)]
		if !v.node.Exists() {
			v.node = r.Node()
		}
		if len(v.code.Coding) == 0 {
			v.code = e.coded(item, p, r.Node())
		}
		if !slices.Contains(v.sources, p.Source) {
			v.sources = append(v.sources, p.Source)
		}
		v.own = v.own && p.Source == fhir.Self
	}
	if m, ok := item.Value.(*aggregator.Medicine); ok {
		v.dose = m.Dose
	}
	if apart {
		v.dose = e.doseOf(parts[0])
	}
	return v
}

// speaking gives the parts that a line rests on; all of its records when every
// one of them was set aside.
func speaking(item aggregator.Item) []aggregator.Part {
	var all, loud []aggregator.Part
	for _, p := range item.Parts {
		switch p.Role {
		case aggregator.RolePerson, aggregator.RoleAuthor, aggregator.RolePlace, aggregator.RoleProduct, aggregator.RoleFile, aggregator.RoleSpecimen, aggregator.RoleDevice:
			continue
		}
		all = append(all, p)
		if p.Hidden == "" {
			loud = append(loud, p)
		}
	}
	if len(loud) > 0 {
		return loud
	}
	return all
}

// coded is the concept of a record: what it is about.
func (e Extract) coded(item aggregator.Item, p aggregator.Part, n fhir.Node) fhir.Coded {
	for _, member := range [...]string{"medicationCodeableConcept", "vaccineCode", "code", "codeCodeableConcept"} {
		if c := n.Get(member).Coded(); len(c.Coding) > 0 {
			return c
		}
	}
	for _, member := range [...]string{"medicationReference", "medication", "device"} {
		ref := n.Get(member).Reference()
		for _, q := range item.Parts {
			if q.Source != p.Source || q.Type != ref.Ref.Type || q.ID != ref.Ref.ID {
				continue
			}
			named := e.records[keyOf(q)].Node()
			for _, inner := range [...]string{"code", "type"} {
				if c := named.Get(inner).Coded(); len(c.Coding) > 0 {
					return c
				}
			}
		}
	}
	return fhir.Coded{}
}

func (e Extract) lang() string {
	if e.Lang == fhir.English {
		return fhir.English
	}
	return fhir.Dutch
}
