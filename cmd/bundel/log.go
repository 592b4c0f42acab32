package main

import (
	"io"

	"github.com/spf13/cobra"
)

func (a *app) logCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "log", Args: a.noArgs,
		Short: a.t("Schrijf het logboek van MedMij: wie is wat gevraagd, en wanneer", "Write the log of MedMij: who was asked what, and when"),
		Long: a.t("Elke regel is een vraag aan een zorgverlener of het antwoord daarop, als JSON, zonder uw gegevens.\nRegels ouder dan 36 maanden staan er niet bij; de volgende keer ophalen wist ze.",
			"Each line is a question to a care provider or its answer, as JSON, without your records.\nLines older than 36 months are left out; the next collection destroys them."),
		RunE: func(c *cobra.Command, _ []string) error { return a.runLog(c, out) },
	}
	c.Flags().StringVarP(&out, "out", "o", "", a.t("bestand (standaard: de uitvoer)", "file (default: the output)"))
	return c
}

func (a *app) runLog(c *cobra.Command, out string) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	return a.writeTo(out, func(w io.Writer) error {
		_, old, err := d.WriteChainLog(c.Context(), w)
		if err == nil && old > 0 {
			a.say(a.t("%d regels zijn ouder dan 36 maanden en staan er niet bij; de volgende keer ophalen wist ze.",
				"%d lines are older than 36 months and left out; the next collection destroys them."), old)
		}
		return err
	})
}
