package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web/desk"
)

func (a *app) decideCommands() []*cobra.Command {
	return []*cobra.Command{
		{
			Use: "join ITEM [ITEM]", Args: a.between(1, 2, "bundel join medication:aaaa medication:bbbb"),
			Short: a.t("Zeg dat twee gegevens over hetzelfde gaan; met één: dat het zo klopt", "Say that two items are about one thing; with one: that it is right as it is"),
			RunE: a.decides(func(c *cobra.Command, d *desk.Desk, args []string) (aggregator.Decision, error) {
				if len(args) == 1 {
					return d.ConfirmSame(c.Context(), args[0])
				}
				return d.Join(c.Context(), args[0], args[1])
			}),
		},
		{
			Use: a.t("separate ITEM ITEM|NUMMER", "separate ITEM ITEM|NUMBER"), Args: a.between(2, 2, "bundel separate medication:aaaa 2"),
			Short: a.t("Zeg dat gegevens niet bij elkaar horen; het nummer is dat van bundel explain", "Say that records do not belong together; the number is that of bundel explain"),
			RunE: a.decides(func(c *cobra.Command, d *desk.Desk, args []string) (aggregator.Decision, error) {
				return d.Separate(c.Context(), args[0], partOf(args[0], args[1]))
			}),
		},
		{
			Use: a.t("seen ITEM CODE", "seen ITEM CODE"), Args: a.between(2, 2, "bundel seen medication:aaaa C-DOSE"),
			Short: a.t("Zeg dat u een verschil hebt gezien; het komt terug als er iets verandert", "Say that you saw a difference; it comes back when something changes"),
			RunE: a.decides(func(c *cobra.Command, d *desk.Desk, args []string) (aggregator.Decision, error) {
				return d.Dismiss(c.Context(), args[0], strings.ToUpper(args[1]))
			}),
		},
		{
			Use: a.t("accept BRON", "accept SOURCE"), Args: a.between(1, 1, "bundel accept huisarts-delinde"),
			Short: a.t("Zeg dat gegevens die wij apart hielden over uzelf gaan", "Say that records we set aside are about you"),
			RunE: a.decides(func(c *cobra.Command, d *desk.Desk, args []string) (aggregator.Decision, error) {
				return d.Accept(c.Context(), sourceNamed(args[0]))
			}),
		},
		{
			Use: a.t("undo NUMMER", "undo NUMBER"), Args: a.between(1, 1, "bundel decisions"),
			Short: a.t("Draai een keuze terug", "Take back a decision"),
			RunE: a.decides(func(c *cobra.Command, d *desk.Desk, args []string) (aggregator.Decision, error) {
				seq, err := strconv.Atoi(args[0])
				if err != nil {
					return aggregator.Decision{}, aggregator.ErrNoDecision
				}
				return d.Undo(c.Context(), seq)
			}),
		},
		{
			Use: "decisions", Args: a.noArgs,
			Short: a.t("Toon uw keuzes over wat bij elkaar hoort", "Show your decisions about what belongs together"),
			RunE:  func(c *cobra.Command, _ []string) error { return a.runDecisions(c) },
		},
	}
}

// between asks for a number of arguments.
func (a *app) between(least, most int, example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return usage(a.t("dit vraagt een ander aantal woorden", "this asks for another number of words"), example)
		}
		return nil
	}
}

// partOf turns a bare number into a part of the item.
func partOf(item, part string) string {
	if _, err := strconv.Atoi(part); err == nil {
		return item + "#" + part
	}
	return part
}

// sourceNamed takes the name of a source, in full or as people write it.
func sourceNamed(name string) string {
	if strings.Contains(name, ":") {
		return name
	}
	return "medmij:" + strings.TrimSuffix(name, "@medmij") + "@medmij"
}

type decision func(*cobra.Command, *desk.Desk, []string) (aggregator.Decision, error)

// decides makes a decision and says under which number it can be taken back.
func (a *app) decides(make decision) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		d, err := a.open()
		if err != nil {
			return err
		}
		made, err := make(c, d, args)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(map[string]any{"seq": made.Seq, "op": made.Op})
		}
		fmt.Fprintf(a.Stdout, a.t("Bewaard als keuze %d. Terug: bundel undo %d\n", "Kept as decision %d. Take back: bundel undo %d\n"), made.Seq, made.Seq)
		return nil
	}
}

func (a *app) runDecisions(c *cobra.Command) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	o, err := d.Overview(c.Context(), time.Time{}, a.lang)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"decisions": o.Decisions})
	}
	if len(o.Decisions) == 0 {
		fmt.Fprintln(a.Stdout, a.t("U hebt nog niets gekozen.", "You decided nothing yet."))
		return nil
	}
	t := a.table(a.t("Nr", "No"), a.t("Wanneer", "When"), a.t("Wat", "What"), a.t("Over", "About"))
	for _, s := range o.Decisions {
		var titles []string
		for _, id := range s.Items {
			if item, ok := o.Find(id); ok {
				titles = append(titles, item.Title)
			}
		}
		t.add(s.Seq, fhir.DateOf(s.At).Words(a.lang), s.Text, strings.Join(titles, " + "))
	}
	t.print()
	return nil
}
