package aggregator

import (
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// Sent says that an own record went to a provider, or may have: what comes
// back from there is an echo (merge.md 6.2).
type Sent struct {
	Ref    fhir.Ref // of the own record
	Source string   // of the provider
	At     time.Time
}

// findEchoes gives own measurements and what providers hold in the person's
// name keys that are equal when one is the echo of the other: the same code,
// value and second, and a provider that was sent it. Identity takes them as an
// exact relation; an identifier that came back needs none of this.
func (m *merger) findEchoes() {
	sentTo := map[fhir.Ref][]string{}
	for _, s := range m.Sent {
		sentTo[s.Ref] = append(sentTo[s.Ref], s.Source)
	}
	for _, e := range m.entries {
		e.echo = nil
		switch {
		case e.Type != "Observation" || e.mistake:
		case e.Origin.IsSelf():
			for _, source := range sentTo[e.Ref] {
				e.echo = append(e.echo, echoKeys(e, source)...)
			}
		case len(sentTo) > 0 && isInPersonsName(e):
			e.echo = echoKeys(e, e.Origin.Source)
		}
	}
}

// isInPersonsName: the record says that the patient measured it.
func isInPersonsName(e *entry) bool {
	o := e.observation().said
	return slices.ContainsFunc(o.Performers, func(r fhir.Reference) bool { return r.Ref.Type == "Patient" })
}

// echoKeys gives a key per code of a measurement at one provider; none when it
// has no value or its time is not known to the second.
func echoKeys(e *entry, source string) []string {
	text := measured(e)
	if text == "" {
		return nil
	}
	var keys []string
	for _, c := range e.observation().said.Code.Coding {
		keys = append(keys, "echo|"+source+"|"+c.System+"|"+c.Code+"|"+text)
	}
	return keys
}

// measured is the value and the second of a measurement in canonical form.
func measured(e *entry) string {
	said, _ := e.read()
	o, ok := said.(*clinical.Observation)
	if !ok || o.Effective.Start.Precision() < fhir.PrecisionSecond {
		return ""
	}
	values := []string{quantityText(o.Value.Quantity)}
	for _, c := range o.Components {
		values = append(values, c.Code.Code(fhir.LOINC)+"="+quantityText(c.Value.Quantity))
	}
	slices.Sort(values[1:])
	if o.Value.Quantity.IsZero() && len(values) == 1 {
		return ""
	}
	return strings.Join(values, ";") + "@" + dateText(o.Effective.Start)
}

// tellSent says of own records to whom they went, and of those that were not
// sent which provider holds what may be the same.
func (m *merger) tellSent() {
	type holder struct {
		line  *line
		entry *entry
	}
	held := map[string][]holder{}
	for _, l := range m.lines {
		for _, e := range l.members {
			if l.Subject == "vital" && !e.Origin.IsSelf() && isInPersonsName(e) {
				for _, k := range echoKeys(e, "") {
					held[k] = append(held[k], holder{l, e})
				}
			}
		}
	}
	for _, l := range m.lines {
		for _, e := range l.members {
			if !e.Origin.IsSelf() {
				continue
			}
			l.field("sent", m.sentWords(e), e)
			for _, k := range echoKeysOf(l, e) {
				for _, h := range held[k] {
					if h.line != l {
						l.field("possibleCopy", m.texts.possibleCopy(m.providerName(h.entry.provider())), e)
						h.line.field("possibleCopy", m.texts.possibleCopy(m.texts.self), h.entry)
					}
				}
			}
		}
	}
}

func echoKeysOf(l *line, e *entry) []string {
	if l.Subject != "vital" {
		return nil
	}
	return echoKeys(e, "")
}

// sentWords names the providers that an own record went to, and when.
func (m *merger) sentWords(e *entry) string {
	var words []string
	for _, s := range m.Sent {
		if s.Ref == e.Ref {
			words = append(words, m.providerName(s.Source)+" ("+fhir.DateOf(s.At).Words(m.Lang)+")")
		}
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), ", ")
}
