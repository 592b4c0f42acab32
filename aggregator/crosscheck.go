package aggregator

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// crossChecks compares subjects with each other: a medicine in use against
// the allergies that stand. It informs and advises nothing (merge.md 2.11).
func (m *merger) crossChecks() {
	agents := m.activeAgents()
	if len(agents) == 0 {
		return
	}
	watched := [...]Section{Current, Paused, Planned, Later, Unclear}
	for _, l := range m.lines {
		if l.Subject != "medication" || !slices.Contains(watched[:], l.Section) {
			continue
		}
		for _, e := range l.members {
			if slices.ContainsFunc(m.productAgents(m.productOf(e)), func(k string) bool { return agents[k] }) {
				l.conflict("C-ALLERGY", m.texts.conflict["C-ALLERGY"])
			}
		}
	}
}

// activeAgents gives the agents of active allergies, by code, by the class
// that an allergy is for, and by name.
func (m *merger) activeAgents() map[string]bool {
	agents := map[string]bool{}
	for _, l := range m.lines {
		if l.Subject != "allergy" || l.Section != Active {
			continue
		}
		for _, e := range l.members {
			code := allergyOf(e).Code
			for _, coding := range code.Coding {
				agents[coding.System+"|"+agentCode(coding)] = true
			}
			agent, _ := m.agentOf(code)
			agents[agent.Key] = true
			for _, word := range (product{name: code.Display()}).substances() {
				agents[word] = true
			}
		}
	}
	delete(agents, "")
	return agents
}

// productAgents are the keys by which an allergy may be about the product: its
// codes, its ingredients with the classes they belong to, and its names.
func (m *merger) productAgents(p product) []string {
	keys := slices.Clone(p.substances())
	for _, c := range p.coded {
		keys = append(keys, c.System+"|"+agentCode(c))
	}
	for _, i := range p.ingredients {
		agent, _ := m.agentOf(codingOf(i))
		keys = append(append(keys, i, agent.Key), agent.Within...)
	}
	return slices.DeleteFunc(keys, func(k string) bool { return k == "" })
}

// codingOf is the code of an ingredient in a canonical set.
func codingOf(key string) fhir.Coded {
	for _, system := range [...]string{fhir.SNK, fhir.SNOMED} {
		if len(key) > len(system) && key[:len(system)+1] == system+"|" {
			return fhir.Coded{Coding: []fhir.Coding{{System: system, Code: key[len(system)+1:]}}}
		}
	}
	return fhir.Coded{}
}
