package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) forgetCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   a.t("forget ZORGVERLENER | --all", "forget PROVIDER | --all"),
		Short: a.t("Wis alles van een zorgverlener, of alles, zonder sporen in de kluis", "Erase everything of a care provider, or everything, without a trace in the vault"),
		Long: a.t(`Wis de gegevens, de toestemming en de sleutels van een zorgverlener of bestand. Het kluisbestand
wordt opnieuw gemaakt, zodat er niets van achterblijft. Dit kan niet ongedaan worden gemaakt. Het
raakt geen reservekopieën. De zorgverlener houdt zijn eigen dossier.`,
			`Erase the records, the consent and the keys of a care provider or file. The vault file is made
anew, so that nothing of it is left. This cannot be undone. It does not reach backups. The care
provider keeps its own records.`),
		RunE: func(c *cobra.Command, args []string) error { return a.runForget(c.Context(), args, all) },
	}
	c.Flags().BoolVar(&all, "all", false, a.t("wis de hele kluis", "erase the whole vault"))
	return c
}

func (a *app) runForget(ctx context.Context, args []string, all bool) error {
	if all == (len(args) == 1) || len(args) > 1 {
		return usage(a.t("zeg wat er gewist moet worden", "say what is to be erased"), "bundel forget "+a.t("ZORGVERLENER", "PROVIDER")+" | --all")
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	if all {
		if err := d.ForgetAll(ctx); err != nil {
			return err
		}
		a.say("%s", a.t("Alles is gewist. Er is geen kluis meer.", "Everything is erased. There is no vault any more."))
		return nil
	}
	providers, err := d.Providers(ctx)
	if err != nil {
		return err
	}
	source := args[0]
	for id, p := range providers {
		if id == args[0] || id == "medmij:"+args[0] || id == "medmij:"+args[0]+"@medmij" || id == "file:"+args[0] || p.Name == args[0] {
			source = id
		}
	}
	if err := d.Forget(ctx, source); err != nil {
		return err
	}
	a.say("%s", fmt.Sprintf(a.t("Gewist: %s. Er is niets van over in de kluis.", "Erased: %s. Nothing of it is left in the vault."), args[0]))
	return nil
}
