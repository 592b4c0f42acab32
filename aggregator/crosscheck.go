package aggregator

import "strings"

// crossChecks compares subjects with each other: a medicine in use against
// the allergies that stand. It informs and advises nothing (merge.md 2.11).
func (m *merger) crossChecks() {
	agents := m.activeAgents()
	for _, l := range m.lines {
		if l.Subject != "medication" || (l.Section != Current && l.Section != Planned) {
			continue
		}
		for _, e := range l.members {
			p := m.productOf(e)
			if agents[p.substance()] || m.sharesIngredient(p, agents) {
				l.conflict("C-ALLERGY", m.texts.conflict["C-ALLERGY"])
			}
		}
	}
}

// activeAgents gives the agents of active allergies, by code and by name.
func (m *merger) activeAgents() map[string]bool {
	agents := map[string]bool{}
	for _, l := range m.lines {
		if l.Subject != "allergy" || l.Section != Active {
			continue
		}
		for _, e := range l.members {
			code := e.node.Get("code").Coded()
			for _, coding := range code.Coding {
				agents[coding.System+"|"+agentCode(coding)] = true
			}
			if word := (product{name: code.Display()}).substance(); word != "" {
				agents[word] = true
			}
		}
	}
	delete(agents, "")
	return agents
}

func (m *merger) sharesIngredient(p product, agents map[string]bool) bool {
	if p.ingredients == "" {
		return false
	}
	for _, i := range strings.Split(p.ingredients, "+") {
		if agents[i] {
			return true
		}
	}
	return false
}
