package share

import (
	"encoding/xml"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// ipsWords are the words of a summary in one language.
type ipsWords struct {
	title, app, unknown, nothing, own string
	columns                           [5]string // what, details, when, who, mind
	sections                          map[string]string
	standing                          map[aggregator.Section]string // what a line in it is, where its name does not tell
}

// wordsIn gives the words in a language. They are written for the reader, who
// may be a doctor abroad: what is empty says why nothing follows from it.
func wordsIn(lang string) ipsWords {
	if lang == fhir.English {
		return ipsWords{
			title: "Summary of my health", app: "App of the person that puts together what care providers delivered", unknown: "Unknown",
			nothing: "This summary says nothing about this. That does not mean that there is nothing.", own: "Added by the person",
			columns: [5]string{"What", "Details", "When", "According to", "Mind"},
			sections: map[string]string{
				secAlerts: "Alerts", secMedication: "Medicines", secAllergies: "Allergies", secProblems: "Problems and diagnoses", secPast: "Earlier problems",
				secProcedures: "Procedures", secImmunized: "Vaccinations", secDevices: "Medical devices", secResults: "Test results", secVitals: "Measurements",
				secFunctional: "Functioning", secSocial: "Way of life", secDirectives: "Treatment wishes", secPlan: "Plans and requests",
			},
			standing: map[aggregator.Section]string{
				aggregator.Planned: "Not begun yet.", aggregator.Later: "Not begun yet.", aggregator.Paused: "Paused.", aggregator.Recent: "Ended not long ago.",
				aggregator.Unclear: "Not certain whether it is in use.", aggregator.Gone: "No longer delivered.",
				aggregator.Refuted: "Not allergic, according to the source.", aggregator.Inactive: "No longer active.",
			},
		}
	}
	return ipsWords{
		title: "Samenvatting van mijn gezondheid", app: "App van de persoon, die samenbrengt wat zorgverleners aanleverden", unknown: "Niet bekend",
		nothing: "Hierover staat niets in deze samenvatting. Dat betekent niet dat er niets is.", own: "Zelf toegevoegd",
		columns: [5]string{"Wat", "Bijzonderheden", "Wanneer", "Volgens", "Let op"},
		sections: map[string]string{
			secAlerts: "Waarschuwingen", secMedication: "Medicijnen", secAllergies: "Allergieën", secProblems: "Klachten en diagnoses", secPast: "Eerdere klachten",
			secProcedures: "Ingrepen", secImmunized: "Vaccinaties", secDevices: "Hulpmiddelen", secResults: "Uitslagen", secVitals: "Metingen",
			secFunctional: "Functioneren", secSocial: "Leefstijl", secDirectives: "Behandelwensen", secPlan: "Plannen en aanvragen",
		},
		standing: map[aggregator.Section]string{
			aggregator.Planned: "Nog niet begonnen.", aggregator.Later: "Nog niet begonnen.", aggregator.Paused: "Even gestopt.", aggregator.Recent: "Pas gestopt of afgelopen.",
			aggregator.Unclear: "Niet zeker of het in gebruik is.", aggregator.Gone: "Niet meer aangeleverd.",
			aggregator.Refuted: "Volgens de bron niet allergisch.", aggregator.Inactive: "Niet meer actief.",
		},
	}
}

// row is a line of the narrative: what a person reads of one voice.
type row [5]string

func (d *document) row(v voice) row {
	var from []string
	for _, s := range v.sources {
		if s == fhir.Self {
			from = append(from, d.words.own)
			continue
		}
		from = append(from, d.extract.name(s))
	}
	return row{
		lineWords(v), d.details(v), lineDate(v).Words(d.extract.lang()),
		strings.Join(from, ", "), strings.Join(remarks(v.item), " "),
	}
}

// details are what the line says beside its name. A voice of its own says its
// own dose, never that of the other.
func (d *document) details(v voice) string {
	if r, ok := v.item.Value.(*aggregator.Result); ok {
		return joined(r.Text, limitsIn(r, d.extract.lang()))
	}
	standing := ""
	if v.item.Subject == "medication" || v.item.Subject == "allergy" {
		standing = d.words.standing[v.item.Section]
	}
	if v.item.Subject == "medication" {
		return joined(standing, v.dose)
	}
	return joined(standing, v.item.Detail)
}

// limitsIn is the range of a result in words.
func limitsIn(r *aggregator.Result, lang string) string {
	if r.RangeText != "" {
		return "(" + r.RangeText + ")"
	}
	low, high := r.Low.Words(lang), r.High.Words(lang)
	switch {
	case low != "" && high != "":
		return "(" + low + " - " + high + ")"
	case low != "":
		return "(≥ " + low + ")"
	case high != "":
		return "(≤ " + high + ")"
	}
	return ""
}

// joined puts texts after each other with a space; empty ones are left out.
func joined(texts ...string) string {
	var all []string
	for _, s := range texts {
		if s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, " ")
}

// narrative is the text of a section as XHTML: a table, with its last column
// only where there is something to mind.
func (d *document) narrative(rows []row) string {
	lang := d.extract.lang()
	var b strings.Builder
	b.WriteString(`<div xmlns="http://www.w3.org/1999/xhtml" lang="` + lang + `" xml:lang="` + lang + `">`)
	if len(rows) == 0 {
		b.WriteString("<p>" + escape(d.words.nothing) + "</p></div>")
		return b.String()
	}
	width := 4
	for _, r := range rows {
		if r[4] != "" {
			width = 5
		}
	}
	b.WriteString("<table><thead>")
	writeRow(&b, "th", d.words.columns[:width])
	b.WriteString("</thead><tbody>")
	for _, r := range rows {
		writeRow(&b, "td", r[:width])
	}
	b.WriteString("</tbody></table></div>")
	return b.String()
}

// writeRow writes one row of a table; every text in it is escaped.
func writeRow(b *strings.Builder, cell string, texts []string) {
	b.WriteString("<tr>")
	for _, s := range texts {
		b.WriteString("<" + cell + ">" + escape(s) + "</" + cell + ">")
	}
	b.WriteString("</tr>")
}

// escape writes text so that nothing in it is markup and all of it is XML.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(clean(s))) // a Builder does not fail
	return b.String()
}
