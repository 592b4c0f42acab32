package web

import (
	"slices"
	"strings"
)

// printStories are the pages about printing, and every sheet.
func printStories() []story {
	questions := []string{"vraag1", "Welke dosis metoprolol is de juiste?", "wanneer", "Woensdag 21 mei 2025, 10:30", "waar", "Streekziekenhuis, cardiologie", "sinds", "2025-03-01", "mist", "tandarts"}
	visit := slices.Concat(questions, []string{"uitslag", storyKey("kreat-5"), "uitslag", storyKey("hba1c")})
	contact := []string{"naaste", "Piet de Vries, echtgenoot", "telefoon", "+31 50 012 34 56"}
	pass := append([]string{"arts", "Huisarts De Linde, +31 50 012 34 00"}, contact...)
	letter := []string{"aan", sourceKey(storyGP), "adres", "Lindelaan 3\n9712 AB Groningen", "van", "Dorpsstraat 1\n9751 AA Haren", "woorden", "Het gaat om mijn bezoek van 2 mei 2025.", "taal", "nl"}
	all := []string{"deel", "medication", "deel", "allergy", "deel", "lab", "deel", "vital", "deel", "letter", "deel", "problem", "deel", "appointment"}
	return []story{
		{name: "print", path: "/p"},
		{name: "print-visit-ask", path: "/p/1"},
		{name: "print-visit-ask-closed", path: "/p/1", desk: closed},
		{name: "print-visit-change", method: "POST", path: "/p/1", form: form(slices.Concat(visit, []string{"wijzig", "ja"})...)},
		{name: "print-visit-wrong", method: "POST", path: "/p/1", form: form("sinds", "2026-01-01", "uitslag", storyKey("kreat-5"), "uitslag", storyKey("hba1c"), "uitslag", storyKey("culture"), "vraag1", strings.Repeat("a", 130))},
		{name: "print-visit", method: "POST", path: "/p/1", form: form(visit...)},
		{name: "print-visit-empty", method: "POST", path: "/p/1", desk: empty},
		{name: "print-visit-closed", method: "POST", path: "/p/1", form: form(slices.Concat(visit, []string{"dicht", "ja"})...), desk: closed},
		{name: "print-list", method: "POST", path: "/p/2"},
		{name: "print-pass-ask", path: "/p/3"},
		{name: "print-pass", method: "POST", path: "/p/3", form: form(slices.Concat(pass, []string{"taal", "nl en"})...)},
		{name: "print-card", method: "POST", path: "/p/4", form: form(slices.Concat(contact, []string{"huisarts", "Huisarts De Linde, +31 50 012 34 00", "taal", "nl en"})...)},
		{name: "print-card-ask", path: "/p/4"},
		{name: "print-full-ask", path: "/p/5"},
		{name: "print-full", method: "POST", path: "/p/5", form: form(all...)},
		{name: "print-full-from", method: "POST", path: "/p/5", form: form(slices.Concat(all, []string{"vanaf", "2025-01-01"})...)},
		{name: "print-letter-ask", path: "/p/6"},
		{name: "print-letter-nobody", path: "/p/6", desk: empty},
		{name: "print-letter", method: "POST", path: "/p/6", form: form(letter...)},
		{name: "print-letter-correct", method: "POST", path: "/p/7", form: form(letter...)},
		{name: "print-letter-erase", method: "POST", path: "/p/8", form: form(letter...)},
		{name: "print-letter-log", method: "POST", path: "/p/9", form: form(letter...)},
		{name: "print-letter-question", method: "POST", path: "/p/10", form: form(letter...)},
		{name: "print-letter-whom", method: "POST", path: "/p/10", form: form("taal", "nl", "woorden", "Klopt mijn dosis?")},
	}
}
