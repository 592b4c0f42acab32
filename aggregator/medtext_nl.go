package aggregator

// dutchSayings are what is said about medicines with words filled in, in
// Dutch; see texts.say.
func dutchSayings() map[string]string {
	return map[string]string{
		"notTaken":           "%s gaf op %s aan dit niet te gebruiken.",
		"usedOtherwise":      "%s gaf op %s aan dit anders te gebruiken.",
		"twoDoses":           "Volgens %s: %s. Volgens %s: %s. Vraag uw apotheker welke klopt.",
		"otherProduct":       "Uw apotheek gaf een ander product dan is voorgeschreven. Vraag uw apotheker of dat klopt.",
		"looseStop":          "Er is een afspraak gestopt die wij niet precies kunnen plaatsen. Overleg met uw arts of apotheker of u dit nog gebruikt.",
		"ownBeside":          "U voegde dit zelf toe. Is het hetzelfde als bij %s?",
		"stoppedAndUsed":     "Volgens %s gestopt op %s, volgens %s nog in gebruik. Overleg met uw arts of apotheker.",
		"stoppedSomeTime":    "Volgens %s gestopt, volgens %s nog in gebruik. Overleg met uw arts of apotheker.",
		"pausedAndUsed":      "Volgens %s even gestopt, volgens %s nog in gebruik. Overleg met uw arts of apotheker.",
		"pausedAndUsedByOne": "%s heeft hier twee afspraken voor: één is even gestopt, één loopt nog. Overleg met uw arts of apotheker.",
		"highRisk":           "Bij dit middel luistert de dosering nauw. Overleg met uw apotheker voordat u iets verandert.",
		"pausedSince":        "Tijdelijk gestopt sinds %s.",
		"stillSo":            "Is dit nog zo?",
		"dateUnknown":        "De datum van het einde is onbekend.",
		"ordered":            "Recept naar de apotheek gestuurd.",
		"about":              "ongeveer %s",
		"collected":          "Afgeleid uit ophalen: %d keer opgehaald, laatst op %s.",
		"collectedOnce":      "Afgeleid uit ophalen: opgehaald op %s.",
		"collectedBefore":    "Eerder opgehaald, niet zeker of u dit nog gebruikt.",
		"brand":              "Uw apotheek gaf %s.",
		"startAbout":         "Het begin is ongeveer.",
		"condition":          "Let op: %s",
		"yourWord":           "Volgens u in gebruik.",
		"theirWord":          "In gebruik volgens %s.",
		"newSchedule":        "Vraag een nieuw schema bij de trombosedienst.",
		"dangling":           "Verwijst naar een afspraak die wij niet hebben.",
	}
}
