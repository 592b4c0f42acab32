package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

type overviewOptions struct{ asOf, knownAt string }

func (a *app) overviewCommand() *cobra.Command {
	var o overviewOptions
	c := &cobra.Command{
		Use:   a.t("overview [ONDERWERP...]", "overview [SUBJECT...]"),
		Short: a.t("Toon het overzicht van al uw gegevens", "Show the overview of all your records"),
		Long: a.t("Toon het overzicht van al uw gegevens, of van een onderwerp: medication, allergy,\nlab, vital, letter, problem, vaccination, appointment, note, procedure, ...",
			"Show the overview of all your records, or of a subject: medication, allergy,\nlab, vital, letter, problem, vaccination, appointment, note, procedure, ..."),
		RunE: func(c *cobra.Command, args []string) error { return a.runOverview(c, args, o) },
	}
	c.Flags().StringVar(&o.asOf, "as-of", "", a.t("het moment waarover het gaat, bijvoorbeeld 2026-06-01", "the moment it speaks about, 2026-06-01 for example"))
	c.Flags().StringVar(&o.knownAt, "known-at", "", a.t("alleen wat toen al was opgehaald", "only what was collected by then"))
	return c
}

func (a *app) runOverview(c *cobra.Command, subjects []string, o overviewOptions) error {
	asOf, err := a.moment(o.asOf)
	if err != nil {
		return err
	}
	knownAt, err := a.moment(o.knownAt)
	if err != nil {
		return err
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	overview, err := d.OverviewAt(c.Context(), asOf, knownAt, a.lang)
	if err != nil {
		return err
	}
	if len(subjects) > 0 {
		narrowed := *overview
		narrowed.Items = overview.Subject(subjects...)
		if narrowed.Items == nil {
			narrowed.Items = []aggregator.Item{}
		}
		overview = &narrowed
	}
	if a.json {
		return a.printJSON(overview)
	}
	a.printOverview(overview)
	return nil
}

// moment reads --as-of: a bare date is noon in Amsterdam, nothing is now.
func (a *app) moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	d := fhir.ParseDate(s)
	switch {
	case d.Precision() == fhir.PrecisionDay:
		return d.Low().Add(12 * time.Hour), nil
	case d.Precision() > fhir.PrecisionDay:
		return d.Low(), nil
	}
	return time.Time{}, usage(a.t("dit is geen datum", "this is not a date"), "--as-of 2026-06-01")
}

func (a *app) printOverview(o *aggregator.Overview) {
	fmt.Fprintln(a.Stdout, joined(" · ", joined(", ", o.Person.Name, fhir.ParseDate(o.Person.BirthDate).Words(a.lang)), a.t("overzicht van ", "overview of ")+fhir.DateOf(o.AsOf).WordsTime(a.lang)))
	fmt.Fprintln(a.Stdout, a.t("Dit overzicht is niet gecontroleerd door een zorgverlener.", "This overview was not checked by a care provider."))
	subject, section, group := "", aggregator.Section(""), ""
	for _, item := range o.Items {
		if supporting(item.Subject) {
			continue
		}
		if item.Subject != subject {
			subject, section = item.Subject, ""
			fmt.Fprintf(a.Stdout, "\n%s\n", a.subject(subject))
		}
		if item.Section != section && item.Section != aggregator.Found {
			fmt.Fprintf(a.Stdout, "  %s\n", a.section(item.Section))
		}
		section = item.Section
		if item.Group != group && item.Subject == "medication" {
			a.printGroup(o, item.Group)
		}
		group = item.Group
		a.printItem(o, item)
	}
	a.printMissing(o)
}

// supporting subjects matter for completeness, not for reading.
func supporting(subject string) bool {
	return slices.Contains([]string{"provider", "person", "other"}, subject)
}

func (a *app) printGroup(o *aggregator.Overview, id string) {
	if g, ok := o.Group(id); ok && len(o.InGroup(id)) > 1 && g.Text != "" {
		fmt.Fprintf(a.Stdout, "    %s: %s\n", g.Title, g.Text)
	}
}

func (a *app) printItem(o *aggregator.Overview, item aggregator.Item) {
	fmt.Fprintf(a.Stdout, "    %s\n", joined(" · ", item.Title, item.Detail, fhir.ParseDate(item.When).Words(a.lang)))
	for _, n := range item.Notes {
		fmt.Fprintf(a.Stdout, "      %s\n", n)
	}
	for _, c := range item.Conflicts {
		fmt.Fprintf(a.Stdout, "      ! %s (%s)\n", c.Text, c.Code)
	}
	var names []string
	for _, p := range item.Parts {
		if name := o.ProviderName(p.Source); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	fmt.Fprintf(a.Stdout, "      %s  [%s]\n", joined(", ", names...), item.Key())
}

// printMissing says what did not come and what could not be read: never left
// out, since a list says nothing about what is not on it.
func (a *app) printMissing(o *aggregator.Overview) {
	fmt.Fprintf(a.Stdout, "\n%s\n", a.t("Bronnen", "Sources"))
	if len(o.Sources) == 0 {
		fmt.Fprintf(a.Stdout, "    %s\n", a.t("Er is nog niets opgehaald: bundel connect, of bundel import.", "Nothing was collected yet: bundel connect, or bundel import."))
	}
	for _, s := range o.Sources {
		count := map[fhir.Outcome]int{}
		for _, q := range s.Queries {
			count[q.Outcome]++
		}
		fmt.Fprintf(a.Stdout, "    %s: %s, %s", joined(" ", s.Provider, s.Service), a.outcome(s.Outcome), fhir.DateOf(s.Fetched).WordsTime(a.lang))
		for _, outcome := range [...]fhir.Outcome{fhir.Failed, fhir.NotGranted, fhir.NotOffered, fhir.Empty} {
			if count[outcome] > 0 {
				fmt.Fprintf(a.Stdout, ", %d %s", count[outcome], a.outcome(outcome))
			}
		}
		fmt.Fprintln(a.Stdout)
	}
	if len(o.Unread) > 0 {
		fmt.Fprintf(a.Stdout, "\n%s\n", a.t("Konden wij niet lezen", "We could not read"))
		for _, u := range o.Unread {
			fmt.Fprintf(a.Stdout, "    %s %s %s (%s)\n", o.ProviderName(u.Source), u.Type, u.ID, u.Reason)
		}
	}
}

func (a *app) subject(name string) string {
	words := map[string]string{
		"medication": a.t("Medicijnen", "Medicines"), "allergy": a.t("Allergieën", "Allergies"), "vital": a.t("Metingen", "Measurements"),
		"lab": a.t("Uitslagen", "Results"), "letter": a.t("Brieven", "Letters"), "problem": a.t("Klachten en diagnoses", "Problems"),
		"vaccination": a.t("Vaccinaties", "Vaccinations"), "appointment": a.t("Afspraken", "Appointments"), "note": a.t("Verslagen en notities", "Notes"),
		"procedure": a.t("Behandelingen", "Procedures"), "encounter": a.t("Contacten", "Contacts"), "plan": a.t("Zorgplan", "Care plan"),
		"device": a.t("Hulpmiddelen", "Devices"), "alert": a.t("Waarschuwingen", "Warnings"), "directive": a.t("Wilsverklaringen", "Directives"),
		"lifestyle": a.t("Leefstijl", "Lifestyle"), "questionnaire": a.t("Vragenlijsten", "Questionnaires"), "coverage": a.t("Verzekering", "Insurance"),
	}
	if w, ok := words[name]; ok {
		return w
	}
	return name
}

func (a *app) section(s aggregator.Section) string {
	words := map[aggregator.Section]string{
		aggregator.Current: a.t("Nu in gebruik", "In use now"), aggregator.Planned: a.t("Gepland", "Planned"), aggregator.Later: a.t("Later", "Later"),
		aggregator.Recent: a.t("Kort geleden gestopt", "Recently stopped"), aggregator.Past: a.t("Eerder", "Past"),
		aggregator.Paused: a.t("Tijdelijk gestopt", "Paused"), aggregator.Cancelled: a.t("Geannuleerd", "Cancelled"),
		aggregator.Unclear: a.t("Niet zeker of u dit nog gebruikt", "Not certain whether you still use this"), aggregator.Active: a.t("Actueel", "Active"),
		aggregator.Inactive: a.t("Vroeger", "Formerly"), aggregator.Refuted: a.t("Onderzocht: niet allergisch", "Tested: not allergic"),
		aggregator.NoneKnown: a.t("Geen bekend, volgens één bron", "None known, according to one source"), aggregator.History: a.t("Geschiedenis", "History"),
		aggregator.Gated: a.t("Nog niet bekeken: bundel see", "Not seen yet: bundel see"), aggregator.Gone: a.t("Niet meer aangeleverd", "No longer given"),
	}
	return words[s]
}
