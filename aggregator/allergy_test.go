package aggregator

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/fhir"
)

// agentPool are agents that stand to each other in every way there is.
var agentPool = []fhir.Coding{
	{System: fhir.SNK, Code: "23167", Display: "AMOXICILLINE"},
	{System: fhir.SNOMED, Code: "372687004", Display: "amoxicilline"},
	{System: fhir.SSK, Code: "16322", Display: "amoxicilline oraal"},
	{System: thesaurus122, Code: "35", Display: "PENICILLINES"},
	{System: fhir.HPK, Code: "1112821", Display: "PREDNISOLON MERK"},
	{System: fhir.SNK, Code: "4170", Display: "PREDNISOLON"},
	{System: fhir.SNOMED, Code: "91935009", Display: "pinda-allergie"},
	{Display: "penicilline"},
	{Display: "iets onbekends"},
}

var noneCodes = []string{"716186003", "409137002", "429625007", "no-known-allergies", "no-allergy-info"}

type drawnAllergy struct {
	provider, id string
	active       bool // an allergy that its source says stands
	none         bool
	resource     object
}

func drawAllergy(t *rapid.T, i int) drawnAllergy {
	a := drawnAllergy{provider: rapid.SampledFrom([]string{"gp", "ho", "ph", "gp2"}).Draw(t, "provider"), id: fmt.Sprint("a", i)}
	clinical := rapid.SampledFrom([]string{"", "active", "inactive", "resolved"}).Draw(t, "clinical")
	verification := rapid.SampledFrom([]string{"", "confirmed", "unconfirmed", "refuted", "entered-in-error"}).Draw(t, "verification")
	stands := (clinical == "" || clinical == "active") && verification != "refuted" && verification != "entered-in-error"
	if rapid.IntRange(0, 4).Draw(t, "none") == 0 {
		code := rapid.SampledFrom(noneCodes).Draw(t, "which")
		a.none = stands && code != "no-allergy-info"
		a.resource = allergyTo(a.id, fhir.SNOMED, code, "geen bekende allergie", clinical, verification)
	} else {
		c := rapid.SampledFrom(agentPool).Draw(t, "agent")
		a.active = stands
		a.resource = allergyTo(a.id, c.System, c.Code, c.Display, clinical, verification)
		if c.Code == "" {
			a.resource["code"] = object{"text": c.Display}
		}
	}
	if n := rapid.IntRange(0, 6).Draw(t, "identifier"); n > 0 {
		identified(a.resource, fmt.Sprint("id-", n)) // shared by chance, also with mistakes of others
	}
	if rapid.Bool().Draw(t, "dated") {
		a.resource["recordedDate"] = rapid.SampledFrom([]string{"2015", "2020-03-01", "2025-12-31"}).Draw(t, "recorded")
	}
	return a
}

// TestNothingHidesAnAllergy is S2, S3, P5, S7 and S8: whatever else is said, by
// whom and under which identifier, an allergy that its source says stands is
// among the active ones, and "none" is only said by name where nothing stands.
func TestNothingHidesAnAllergy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		byProvider := map[string][]object{}
		var drawn []drawnAllergy
		stands, anyNone := false, false
		for i := range rapid.IntRange(1, 7).Draw(rt, "n") {
			a := drawAllergy(rt, i)
			drawn = append(drawn, a)
			byProvider[a.provider] = append(byProvider[a.provider], a.resource)
			stands, anyNone = stands || a.active, anyNone || a.none
		}
		var all []fhir.Record
		for p, resources := range byProvider {
			all = append(all, at(p, "48", fhir.R4, resources...)...)
		}
		o, err := Merge(seq(all), Input{AsOf: caseT})
		if err != nil {
			rt.Fatal(err)
		}
		section := map[string]Section{}
		for _, item := range o.Subject("allergy") {
			for _, p := range item.Parts {
				section[p.ID] = item.Section
			}
			none := strings.HasPrefix(item.Title, "Geen ")
			if none && (stands || !anyNone || !strings.Contains(item.Title, " volgens ")) {
				rt.Fatalf("%q while an allergy stands: %v, while somebody says none: %v", item.Title, stands, anyNone)
			}
		}
		for _, a := range drawn {
			if a.active && section[a.id] != Active {
				rt.Fatalf("%s of %s is in %q: %v", a.id, a.provider, section[a.id], a.resource)
			}
		}
	})
}

func TestRelationsOfAgents(t *testing.T) {
	agent := func(system, code string) Agent {
		a, _ := Agents().Agent(fhir.Coding{System: system, Code: code})
		return a
	}
	amoxicillin, oral, class := agent(fhir.SNK, "023167"), agent(fhir.SSK, "16322"), agent(thesaurus122, "35")
	for _, c := range []struct {
		name string
		a, b Agent
		want Relation
	}{
		{"two systems", amoxicillin, agent(fhir.SNOMED, "372687004"), SameAgent},
		{"class in two systems", class, agent(fhir.SNOMED, "764146007"), SameAgent},
		{"a form of a substance", oral, amoxicillin, NarrowerAgent},
		{"a substance and its form", amoxicillin, oral, BroaderAgent},
		{"a member of a class", amoxicillin, class, NarrowerAgent},
		{"two members of a class", amoxicillin, agent(fhir.SNK, "40991"), SameIngredient},
		{"one number in two systems", agent(fhir.SNK, "40991"), agent(fhir.SSK, "40991"), BroaderAgent},
		{"finding and substance", agent(fhir.SNOMED, "91935009"), agent(fhir.SNOMED, "762952008"), SameAgent},
		{"nothing in common", amoxicillin, agent(fhir.SNK, "4170"), OtherAgent},
	} {
		if got := c.a.To(c.b); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestAgentsAreSound: what an agent is within is in the table, and nothing is
// within itself.
func TestAgentsAreSound(t *testing.T) {
	table := builtInAgents()
	for code, a := range table.byCode {
		for _, k := range a.Within {
			if table.Heading(k, "nl") == "" || table.Heading(k, "en") == "" || k == a.Key {
				t.Errorf("%s is within %s", code, k)
			}
		}
		if a.Confidence == "" {
			t.Errorf("nobody says how sure %s is", code)
		}
	}
}

// licensed is a table of a vendor: one row more than ours.
type licensed struct{ AgentTable }

func (l licensed) Agent(c fhir.Coding) (Agent, bool) {
	if c.Code == "999" {
		return Agent{Key: "agent:amoxicillin", Within: []string{"agent:penicillins"}}, true
	}
	return l.AgentTable.Agent(c)
}

func TestAVendorCanBringItsOwnMap(t *testing.T) {
	records := at("gp", "49", fhir.R4, allergyTo("a", fhir.SNK, "23167", "AMOXICILLINE", "active", ""))
	records = append(records, at("ho", "48", fhir.R4, allergyTo("b", fhir.SNK, "999", "Moxa", "active", ""))...)
	for want, agents := range map[string]AgentTable{"active gp/a\nactive ho/b": nil, "active gp/a+ho/b": licensed{Agents()}} {
		o, err := Merge(seq(records), Input{AsOf: caseT, Agents: agents})
		if err != nil {
			t.Fatal(err)
		}
		if got := shape(o, "allergy"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
