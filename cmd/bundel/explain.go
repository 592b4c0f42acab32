package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/web/desk"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use: "explain ITEM", Args: a.atLeast(1, "bundel overview"),
		Short: a.t("Leg uit waarom gegevens bij elkaar staan en waar ze vandaan komen", "Explain why records are together and where they come from"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runExplain(c, args[0]) },
	}
}

func (a *app) runExplain(c *cobra.Command, id string) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	o, err := d.Overview(c.Context(), time.Time{}, a.lang)
	if err != nil {
		return err
	}
	item, ok := o.Find(id)
	if !ok {
		return desk.ErrNotFound
	}
	x := o.Explain(item, a.lang)
	if a.json {
		return a.printJSON(x)
	}
	fmt.Fprintf(a.Stdout, "%s\n%s\n", x.Title, x.ID)
	for _, part := range []struct {
		head  string
		lines []string
	}{
		{a.t("Waar komt dit vandaan?", "Where does this come from?"), x.Parts},
		{a.t("Waarom bij elkaar?", "Why together?"), x.Joins},
		{a.t("Wat staat waar?", "What is said where?"), x.Fields},
		{a.t("Hier staat naast", "Beside it stands"), x.Beside},
		{a.t("Wat spreekt niet mee?", "What does not speak?"), x.Hidden},
		{a.t("Uw keuzes", "Your decisions"), x.Decisions},
		{a.t("Let op", "Mind"), x.Notes},
	} {
		if len(part.lines) == 0 {
			continue
		}
		fmt.Fprintf(a.Stdout, "\n%s\n", part.head)
		for _, line := range part.lines {
			fmt.Fprintf(a.Stdout, "  %s\n", line)
		}
	}
	return nil
}
