package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/store"
)

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   a.t("restore BESTAND", "restore FILE"),
		Short: a.t("Zet een reservekopie terug als nieuwe kluis", "Put a backup back as a new vault"),
		Long: a.t(`Zet een reservekopie terug op de plek van --store, waar nog geen kluis mag zijn. De kopie gaat open met
de wachtzin van de dag waarop hij is gemaakt. Alles wordt nagekeken voordat de kluis er staat.`,
			`Put a backup back in the place of --store, where there may be no vault yet. The backup opens with the
passphrase of the day it was made. Everything is checked before the vault is there.`),
		Args: a.exactly(1, a.t("bundel restore BESTAND --store NIEUW", "bundel restore FILE --store NEW")),
		RunE: func(c *cobra.Command, args []string) error { return a.runRestore(c.Context(), args[0]) },
	}
}

func (a *app) runRestore(ctx context.Context, from string) error {
	path, err := a.storePath()
	if err != nil {
		return err
	}
	f, err := os.Open(from)
	if err != nil {
		return usage(a.t("het bestand met de reservekopie is niet te lezen", "the backup file cannot be read"), a.t("bundel restore BESTAND", "bundel restore FILE"))
	}
	defer func() { _ = f.Close() }()
	secret, err := a.passphrase(a.t("Wachtzin van de reservekopie: ", "Passphrase of the backup: "))
	if err != nil {
		return err
	}
	defer clear(secret)
	r, err := store.Restore(ctx, f, store.Passphrase(secret), path, a.storeConfig())
	if err != nil {
		return a.restoreProblem(err)
	}
	if a.json {
		return a.printJSON(map[string]any{"ok": true, "records": r.Records})
	}
	fmt.Fprintf(a.Stdout, a.t("De reservekopie is teruggezet en nagekeken: %d gegevens.\n", "The backup is put back and checked: %d records.\n"), r.Records)
	a.say("%s", a.t("De wachtzin is die van de reservekopie.", "The passphrase is the one of the backup."))
	return nil
}

func (a *app) restoreProblem(err error) error {
	switch {
	case errors.Is(err, store.ErrDamaged):
		return &problem{
			13, "damaged", a.t("deze reservekopie is beschadigd; er is niets teruggezet", "this backup is damaged; nothing was put back"),
			a.t("neem een andere reservekopie", "take another backup"), err,
		}
	case errors.Is(err, store.ErrNotBackup):
		return &problem{
			1, "not-backup", a.t("dit bestand is geen reservekopie van Bundel", "this file is no backup of Bundel"),
			a.t("zoek een bestand dat eindigt op .bundel.age", "look for a file that ends in .bundel.age"), err,
		}
	case errors.Is(err, store.ErrWrongKey):
		return &problem{
			12, "wrong-passphrase", a.t("dat is niet de wachtzin van deze reservekopie", "that is not the passphrase of this backup"),
			a.t("een oude reservekopie heeft de wachtzin van toen; de herstelcode opent hem niet", "an old backup has the passphrase of then; the recovery code does not open it"), err,
		}
	}
	return err
}
