package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web/desk"
)

type seeOptions struct{ when, kind, from string }

func (a *app) seeCommand() *cobra.Command {
	var o seeOptions
	c := &cobra.Command{
		Use: "see [ITEM] [--when now|ask|never|" + a.t("DAGEN|DATUM", "DAYS|DATE") + "]", Args: a.between(0, 1, "bundel see lab:aaaa"),
		Short: a.t("Kies wanneer u nieuwe uitslagen ziet; met ITEM: laat die nu zien", "Choose when you see new results; with ITEM: show that one now"),
		Long: a.t("Nieuwe uitslagen ziet u pas als u dat kiest: bundel see ITEM.\nMet --when kiest u anders, voor één uitslag of voor alle van een soort of een zorgverlener.\nZonder iets: uw keuzes.",
			"You see new results when you choose to: bundel see ITEM.\nWith --when you choose otherwise, for one result or for all of a kind or a care provider.\nWith nothing: your choices."),
		RunE: func(c *cobra.Command, args []string) error { return a.runSee(c, args, o) },
	}
	c.Flags().StringVar(&o.when, "when", "", "now, ask, never, 7, 2026-06-21")
	c.Flags().StringVar(&o.kind, "kind", "", "lab, pathology, imaging, dna, report, letter")
	c.Flags().StringVar(&o.from, "from", "", a.t("zorgverlener", "care provider"))
	return c
}

func (a *app) runSee(c *cobra.Command, args []string, o seeOptions) error {
	if len(args) == 1 && o.when == "" {
		o.when = "now"
	}
	rule, err := a.gateRule(o)
	if err != nil {
		return err
	}
	d, err := a.open()
	switch {
	case err != nil:
		return err
	case o.when == "":
		return a.printGates(c, d)
	case len(args) == 0:
		err = d.SetGate(c.Context(), rule)
	default:
		err = d.Wait(c.Context(), args[0], rule)
	}
	if err != nil || a.json {
		return err
	}
	if len(args) == 1 && rule.Wait == aggregator.WaitNot {
		return a.showItem(c, d, args[0])
	}
	fmt.Fprintln(a.Stdout, a.t("Bewaard.", "Kept."))
	return nil
}

// gateRule reads what was chosen: a word, a number of days, or a date.
func (a *app) gateRule(o seeOptions) (aggregator.GateRule, error) {
	r := aggregator.GateRule{Kind: o.kind, Wait: aggregator.Wait(o.when)}
	if o.from != "" {
		r.Source = sourceNamed(o.from)
	}
	switch o.kind {
	case "", aggregator.KindLab, aggregator.KindPathology, aggregator.KindImaging, aggregator.KindDNA, aggregator.KindReport, aggregator.KindLetter:
	default:
		return r, usage(a.t("dit soort uitslag kennen wij niet", "we do not know this kind of result"), "--kind lab")
	}
	switch r.Wait {
	case "", aggregator.WaitNot, aggregator.WaitAsk, aggregator.WaitNever:
		return r, nil
	}
	if days, err := strconv.Atoi(o.when); err == nil && days > 0 && days <= 365 {
		r.Wait, r.Days = aggregator.WaitDays, days
		return r, nil
	}
	if r.Until = fhir.ParseDate(o.when); !r.Until.IsZero() && r.Until.Precision() >= fhir.PrecisionDay {
		r.Wait = aggregator.WaitUntil
		return r, nil
	}
	return r, usage(a.t("wanneer?", "when?"), "--when now | ask | never | 7 | 2026-06-21")
}

// showItem prints the item that was just opened.
func (a *app) showItem(c *cobra.Command, d *desk.Desk, id string) error {
	o, err := d.Overview(c.Context(), time.Time{}, a.lang)
	if err != nil {
		return err
	}
	if item, ok := o.Find(id); ok {
		a.printItem(o, item)
	}
	return nil
}

func (a *app) printGates(c *cobra.Command, d *desk.Desk) error {
	o, err := d.Overview(c.Context(), time.Time{}, a.lang)
	if err != nil {
		return err
	}
	general := a.t("U ziet nieuwe uitslagen pas als u dat kiest.", "You see new results when you choose to.")
	for _, g := range o.Gates() {
		if g.Kind == "" && g.Source == "" && len(g.Records) == 0 {
			general = joined(": ", a.t("Alle nieuwe uitslagen", "All new results"), a.wait(g))
		}
	}
	fmt.Fprintln(a.Stdout, general)
	for _, g := range o.Gates() {
		if g.Kind != "" || g.Source != "" {
			fmt.Fprintf(a.Stdout, "  %s: %s\n", joined(" ", g.Kind, o.ProviderName(g.Source)), a.wait(g))
		}
	}
	return nil
}

func (a *app) wait(g aggregator.GateRule) string {
	switch g.Wait {
	case aggregator.WaitNot:
		return a.t("meteen", "at once")
	case aggregator.WaitDays:
		return fmt.Sprintf(a.t("na %d dagen", "after %d days"), g.Days)
	case aggregator.WaitUntil:
		return a.t("na ", "after ") + g.Until.Words(a.lang)
	case aggregator.WaitNever:
		return a.t("nooit", "never")
	}
	return a.t("pas als u dat kiest", "when you choose to")
}
