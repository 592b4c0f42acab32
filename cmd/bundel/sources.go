package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

func (a *app) sourcesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sources", Args: a.noArgs,
		Short: a.t("Toon wat er verbonden is, wat er kwam en wat niet", "Show what is connected, what came and what did not"),
		RunE:  func(c *cobra.Command, _ []string) error { return a.runSources(c) },
	}
}

// sourceRow adds the consent to the status of a source.
type sourceRow struct {
	aggregator.SourceStatus
	ConsentEnd string `json:"consentEnd,omitempty"`
	State      string `json:"state,omitempty"`
}

func (a *app) runSources(c *cobra.Command) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	o, err := d.Overview(c.Context(), time.Time{}, a.lang)
	if err != nil {
		return err
	}
	grants, err := d.Grants(c.Context())
	if err != nil {
		return err
	}
	rows := []sourceRow{}
	for _, s := range o.Sources {
		row := sourceRow{SourceStatus: s}
		for _, g := range grants {
			if g.Source() == s.Source && g.Has(s.Service) {
				k, err := d.Known(c.Context(), g.Connection)
				if err != nil {
					return err
				}
				row.State = string(k.State(d.Now()))
				if end := g.ConsentEnd(); !end.IsZero() {
					row.ConsentEnd = fhir.DateOf(end).Day()
				}
			}
		}
		rows = append(rows, row)
	}
	if a.json {
		return a.printJSON(map[string]any{"sources": rows, "unread": o.Unread})
	}
	for _, r := range rows {
		a.printSource(r)
	}
	return nil
}

func (a *app) printSource(r sourceRow) {
	fmt.Fprintf(a.Stdout, "%s (%s): %s, %s\n", joined(" ", r.Provider, r.Service), r.FHIR, a.outcome(r.Outcome), fhir.DateOf(r.Fetched).WordsTime(a.lang))
	if r.ConsentEnd != "" {
		fmt.Fprintf(a.Stdout, "  %s %s\n", a.t("toestemming vervalt op", "consent lapses on"), fhir.ParseDate(r.ConsentEnd).Words(a.lang))
	}
	for _, q := range r.Queries {
		fmt.Fprintf(a.Stdout, "  %-14s %4d  %s %s\n", a.outcome(q.Outcome), q.Resources, q.Query, q.Detail)
	}
}
