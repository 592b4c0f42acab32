package aggregator

// englishSayings are what is said about medicines with words filled in, in
// English; see texts.say.
func englishSayings() map[string]string {
	return map[string]string{
		"notTaken":           "%s said on %s that this is not used.",
		"usedOtherwise":      "%s said on %s that this is used differently.",
		"twoDoses":           "According to %s: %s. According to %s: %s. Ask your pharmacist which one is right.",
		"otherProduct":       "Your pharmacy gave another product than was prescribed. Ask your pharmacist whether that is right.",
		"looseStop":          "An agreement was stopped that we cannot place exactly. Ask your doctor or pharmacist whether you still use this.",
		"ownBeside":          "You added this yourself. Is it the same as at %s?",
		"stoppedAndUsed":     "Stopped on %[2]s according to %[1]s, still in use according to %[3]s. Talk to your doctor or pharmacist.",
		"stoppedSomeTime":    "Stopped according to %s, still in use according to %s. Talk to your doctor or pharmacist.",
		"pausedAndUsed":      "Paused according to %s, still in use according to %s. Talk to your doctor or pharmacist.",
		"pausedAndUsedByOne": "%s has two agreements for this: one is paused, one still runs. Talk to your doctor or pharmacist.",
		"highRisk":           "With this medicine the dose is critical. Talk to your pharmacist before you change anything.",
		"pausedSince":        "Paused since %s.",
		"stillSo":            "Is this still so?",
		"dateUnknown":        "The date of the end is unknown.",
		"ordered":            "Prescription sent to the pharmacy.",
		"about":              "about %s",
		"collected":          "Derived from collections: collected %d times, last on %s.",
		"collectedOnce":      "Derived from a collection: collected on %s.",
		"collectedBefore":    "Collected before, not certain whether you still use this.",
		"brand":              "Your pharmacy gave %s.",
		"startAbout":         "The start is approximate.",
		"condition":          "Note: %s",
		"yourWord":           "In use according to you.",
		"theirWord":          "In use according to %s.",
		"newSchedule":        "Ask the thrombosis service for a new schedule.",
		"dangling":           "Refers to an agreement that we do not have.",
	}
}
