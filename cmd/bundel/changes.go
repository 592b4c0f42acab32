package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

func (a *app) changesCommand() *cobra.Command {
	var since string
	c := &cobra.Command{
		Use: "changes [--since " + a.t("DATUM", "DATE") + "]", Args: a.noArgs,
		Short: a.t("Toon wat er is veranderd", "Show what changed"),
		Long: a.t("Toon wat er nieuw is, veranderd, gestopt, verbeterd of verdwenen, sinds een moment\nof sinds de vorige keer ophalen.",
			"Show what is new, changed, stopped, corrected or gone, since a moment\nor since the collection before the last."),
		RunE: func(c *cobra.Command, _ []string) error { return a.runChanges(c, since) },
	}
	c.Flags().StringVar(&since, "since", "", a.t("sinds dit moment, bijvoorbeeld 2026-06-01", "since this moment, 2026-06-01 for example"))
	return c
}

func (a *app) runChanges(c *cobra.Command, text string) error {
	since, err := a.moment(text)
	if err != nil {
		return err
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	since, changes, err := d.Changes(c.Context(), since, a.lang)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"since": since.In(fhir.Amsterdam()).Format(time.RFC3339), "changes": changes})
	}
	fmt.Fprintf(a.Stdout, "%s %s\n", a.t("Sinds", "Since"), fhir.DateOf(since).WordsTime(a.lang))
	if len(changes) == 0 {
		fmt.Fprintln(a.Stdout, a.t("Er is niets veranderd.", "Nothing changed."))
	}
	for _, change := range changes {
		a.printChange(change)
	}
	return nil
}

func (a *app) printChange(c aggregator.Change) {
	words := map[aggregator.ChangeKind]string{
		aggregator.ChangedNew: a.t("Nieuw", "New"), aggregator.ChangedStopped: a.t("Gestopt", "Stopped"), aggregator.ChangedCorrected: a.t("Verbeterd", "Corrected"),
		aggregator.ChangedGone: a.t("Niet meer aangeleverd", "No longer given"), aggregator.ChangedRemoved: a.t("Gewist", "Erased"),
		aggregator.ChangedJoined: a.t("Samengevoegd", "Joined"), aggregator.ChangedSeparated: a.t("Uit elkaar", "Taken apart"), aggregator.ChangedOther: a.t("Veranderd", "Changed"),
	}
	fmt.Fprintf(a.Stdout, "  %s: %s  [%s]\n", words[c.Kind], joined(" · ", a.subject(c.Subject), c.Title, fhir.ParseDate(c.When).Words(a.lang), strings.Join(c.Sources, ", ")), c.ID)
	for _, f := range c.Fields {
		fmt.Fprintf(a.Stdout, "      %s: %s → %s\n", aggregator.FieldName(f.Field, a.lang), a.orNothing(f, f.Before), a.orNothing(f, f.After))
	}
	if c.ByTime {
		fmt.Fprintf(a.Stdout, "      %s\n", a.t("Niemand gaf iets nieuws door: de tijd ging voorbij.", "Nobody said anything new: time passed."))
	}
}

func (a *app) orNothing(f aggregator.FieldChange, text string) string {
	if f.Field == "section" {
		text = joined("", a.section(aggregator.Section(text)))
	}
	if text == "" {
		return "–"
	}
	return text
}
