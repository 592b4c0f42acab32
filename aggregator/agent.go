package aggregator

import (
	"slices"
	"strings"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
)

// Agent is what somebody is allergic to (merge.md 3.2).
type Agent struct {
	Key        string   // equal for codes of one substance or class; never empty
	Within     []string // keys of what it is narrower than: its substance, its class
	BrandBound bool     // holds for one brand only: it never shares a line
	Confidence string   // how sure the row is: "V" codes and displays verified, "M" from memory
}

// Relation is how two agents stand to each other.
type Relation string

// The relations of agents. Only [SameAgent] may share a line.
const (
	SameAgent      Relation = "equal"
	NarrowerAgent  Relation = "narrower"
	BroaderAgent   Relation = "broader"
	SameIngredient Relation = "same-ingredient" // forms of one substance, or members of one class
	OtherAgent     Relation = "different"
)

// To tells how a stands to b.
func (a Agent) To(b Agent) Relation {
	switch {
	case a.Key == b.Key:
		return SameAgent
	case slices.Contains(a.Within, b.Key):
		return NarrowerAgent
	case slices.Contains(b.Within, a.Key):
		return BroaderAgent
	case slices.ContainsFunc(a.Within, func(k string) bool { return slices.Contains(b.Within, k) }):
		return SameIngredient
	}
	return OtherAgent
}

// AgentTable knows agents by code and by name. A vendor with a licensed map puts
// its own in [Input]. It must be safe for concurrent use and always answer the same.
type AgentTable interface {
	Agent(fhir.Coding) (Agent, bool)
	// Named finds an agent by folded name; it only ever puts lines side by side.
	Named(name string) (Agent, bool)
	// Heading is the name of a class or substance in lang, empty when unknown.
	Heading(key, lang string) string
}

// Agents is the table of this package, for who wants to extend it.
func Agents() AgentTable { return builtInAgents() }

const (
	thesaurus122 = "urn:oid:2.16.840.1.113883.2.4.4.1.902.122" // groups of medicines that are not tolerated
	thesaurus40  = "urn:oid:2.16.840.1.113883.2.4.4.1.902.40"  // contra-indications: no allergies
)

// agentRow is one agent: its codes by system, what it is narrower than, and its
// names. Two code systems share numbers by accident (SNK and SSK 40991), so the
// system is always part of the code.
type agentRow struct {
	key    string
	name   words2
	codes  string // "snk:23167 sct:372687004"
	within string // keys
	names  string // folded, as people write them
	brand  bool
	conf   string
}

// agentRows is THE map of allergy agents (merge.md 3.2). The pairings are ours
// and wait for a pharmacist; every row can only bring lines together or beside
// each other, never lose one.
func agentRows() []agentRow {
	return []agentRow{
		{"penicillins", words2{"Penicillines", "Penicillins"}, "t122:35 sct:764146007", "", "penicilline|penicillines|penicillin|penicillins", false, "V"},
		{"amoxicillin", words2{"Amoxicilline", "Amoxicillin"}, "snk:23167 sct:372687004", "penicillins", "amoxicilline|amoxicillin", false, "V"},
		{"amoxicillin-oral", words2{"Amoxicilline oraal", "Amoxicillin by mouth"}, "ssk:16322", "amoxicillin penicillins", "", false, "V"},
		{"flucloxacillin", words2{"Flucloxacilline", "Flucloxacillin"}, "snk:40991", "penicillins", "flucloxacilline|flucloxacillin", false, "V, class M"},
		{"flucloxacillin-ssk", words2{"Flucloxacilline", "Flucloxacillin"}, "ssk:40991", "flucloxacillin penicillins", "", false, "V, class M"},
		{"corticosteroids-1", words2{"Corticosteroïden", "Corticosteroids"}, "t122:74", "", "", false, "V"},
		{"prednisolone", words2{"Prednisolon", "Prednisolone"}, "snk:4170", "corticosteroids-1", "prednisolon|prednisolone", false, "V"},
		{"prednisolone-oral", words2{"Prednisolon oraal", "Prednisolone by mouth"}, "ssk:3158", "prednisolone corticosteroids-1", "", false, "V"},
		{"prednisolone-1112821", words2{"Prednisolon", "Prednisolone"}, "hpk:1112821", "prednisolone corticosteroids-1", "", true, "V"},
		{"peanut", words2{"Pinda", "Peanut"}, "sct:762952008 sct:91935009", "", "pinda|pinda's|peanut", false, "V, pairing ours"},
	}
}

type agentMap struct {
	byCode, byName map[string]Agent
	names          map[string]words2
}

func (t agentMap) Agent(c fhir.Coding) (Agent, bool) {
	a, ok := t.byCode[c.System+"|"+agentCode(c)]
	return a, ok
}

func (t agentMap) Named(name string) (Agent, bool) {
	a, ok := t.byName[name]
	return a, ok
}

func (t agentMap) Heading(key, lang string) string { return t.names[key].in(lang) }

var builtInAgents = sync.OnceValue(func() agentMap {
	systems := map[string]string{"snk": fhir.SNK, "ssk": fhir.SSK, "hpk": fhir.HPK, "sct": fhir.SNOMED, "t122": thesaurus122}
	t := agentMap{byCode: map[string]Agent{}, byName: map[string]Agent{}, names: map[string]words2{}}
	for _, row := range agentRows() {
		a := Agent{Key: "agent:" + row.key, BrandBound: row.brand, Confidence: row.conf}
		for _, k := range strings.Fields(row.within) {
			a.Within = append(a.Within, "agent:"+k)
		}
		for _, code := range strings.Fields(row.codes) {
			system, number, _ := strings.Cut(code, ":")
			t.byCode[systems[system]+"|"+number] = a
		}
		for _, name := range strings.Split(row.names, "|") {
			t.byName[name] = a
		}
		t.names[a.Key] = row.name
	}
	delete(t.byName, "")
	return t
})

// agentOf gives the agent of a code: that of the map, else the first code as an
// agent of its own. Not ok for an agent that is only words.
func (m *merger) agentOf(c fhir.Coded) (Agent, bool) {
	for _, coding := range c.Coding {
		if a, ok := m.Agents.Agent(coding); ok {
			return a, true
		}
	}
	for _, coding := range c.Coding {
		if isAgentCode(coding) {
			return Agent{Key: coding.System + "|" + agentCode(coding)}, true
		}
	}
	return Agent{}, false
}

func isAgentCode(c fhir.Coding) bool {
	return c.System != "" && c.Code != "" && c.System != fhir.NullFlavor
}

// agentKeys are what puts an agent beside others: its codes, its substance and
// class, and its name.
func (m *merger) agentKeys(c fhir.Coded) []string {
	var keys []string
	for _, coding := range c.Coding {
		if isAgentCode(coding) {
			keys = append(keys, coding.System+"|"+agentCode(coding))
		}
	}
	if a, ok := m.agentOf(c); ok {
		keys = append(append(keys, a.Key), a.Within...)
	}
	if name := fold(c.Display()); name != "" {
		keys = append(keys, "name:"+name)
		if a, ok := m.Agents.Named(name); ok {
			keys = append(append(keys, a.Key), a.Within...)
		}
	}
	return keys
}

// agentCode drops the leading zeros of numbers of the G-Standaard.
func agentCode(c fhir.Coding) string {
	if c.System == fhir.SNOMED {
		return c.Code
	}
	if n := gStandaard(c.Code); n != "" {
		return n
	}
	return c.Code
}

// noneKnown gives the scope of a statement that there are no (known)
// allergies, empty for any other code. "No information" is not one of them.
func noneKnown(c fhir.Coded) string {
	for _, coding := range c.Coding {
		switch coding.Code {
		case "716186003", "no-known-allergies":
			return "all"
		case "409137002", "no-known-medication-allergies":
			return "medication"
		case "429625007", "no-known-food-allergies":
			return "food"
		case "428607008", "no-known-environmental-allergies":
			return "environment"
		}
	}
	return ""
}

// noInformation: the source says that it does not know (IPS absent-unknown).
func noInformation(c fhir.Coded) bool { return c.Code("") == "no-allergy-info" }

// isContraIndication: a code for what to be careful with, which some systems
// send as an allergy. It is shown with the alerts (merge.md 3.1).
func isContraIndication(e *entry) bool {
	return e.Type == "AllergyIntolerance" && e.node().Get("code").Coded().Code(thesaurus40) != ""
}

func isAllergy(e *entry) bool { return e.Type == "AllergyIntolerance" && !isContraIndication(e) }

func isAlert(e *entry) bool {
	return e.Type == "Flag" || e.Type == "DetectedIssue" || isContraIndication(e)
}
