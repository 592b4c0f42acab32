package aggregator

import "github.com/bundel-pgo/bundel/fhir"

// The allergy agents that are known under several codes, and the classes they
// belong to (merge.md 3.2, start rows). Two code systems share numbers by
// accident, so the system is always part of the key. Only rows of which the
// codes and displays were verified are here; a wider, licensed map can only
// bring lines together, never lose one.
const (
	thesaurus122 = "urn:oid:2.16.840.1.113883.2.4.4.1.902.122"
	amoxicillin  = "agent:amoxicillin"
	prednisolone = "agent:prednisolone"
	flucloxa     = "agent:flucloxacillin"
	peanut       = "agent:peanut"
	penicillins  = "class:penicillins"
	corticoids   = "class:corticosteroids-1"
)

type agentRow struct{ agent, class string }

var agents = map[string]agentRow{
	fhir.SNK + "|23167":        {amoxicillin, penicillins},
	fhir.SNOMED + "|372687004": {amoxicillin, penicillins},
	fhir.SSK + "|16322":        {"", penicillins}, // amoxicillin by mouth: narrower, beside it
	thesaurus122 + "|35":       {penicillins, penicillins},
	fhir.SNOMED + "|764146007": {penicillins, penicillins},
	fhir.SNK + "|40991":        {flucloxa, penicillins},
	fhir.SSK + "|40991":        {"", penicillins},
	fhir.SNK + "|4170":         {prednisolone, corticoids},
	fhir.SSK + "|3158":         {"", corticoids},
	fhir.HPK + "|1112821":      {"", corticoids},
	thesaurus122 + "|74":       {corticoids, corticoids},
	fhir.SNOMED + "|762952008": {peanut, ""},
	fhir.SNOMED + "|91935009":  {peanut, ""},
}

// agentOf gives the canonical agent and class of a code; a code outside the
// table is an agent of its own.
func agentOf(c fhir.Coded) (agent, class string) {
	for _, coding := range c.Coding {
		if row, ok := agents[coding.System+"|"+agentCode(coding)]; ok {
			if row.agent == "" {
				row.agent = coding.System + "|" + agentCode(coding)
			}
			return row.agent, row.class
		}
	}
	for _, coding := range c.Coding {
		if coding.System != "" && coding.Code != "" && coding.System != fhir.NullFlavor {
			return coding.System + "|" + agentCode(coding), ""
		}
	}
	return "", ""
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
