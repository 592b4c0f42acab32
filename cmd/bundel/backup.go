package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/store"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   a.t("backup BESTAND | MAP", "backup FILE | DIR"),
		Short: a.t("Maak een versleutelde reservekopie en kijk hem na", "Make an encrypted backup and check it"),
		Long: a.t(`Maak een reservekopie van de kluis. Hij wordt teruggelezen en nagekeken voordat hij zijn naam krijgt.
In een MAP krijgt hij de datum als naam, en blijven van deze kluis de nieuwste van 7 dagen, 4 weken en
12 maanden bewaard. Een BESTAND wordt nooit overschreven.

De kopie gaat open met de wachtzin van vandaag, ook als u die later verandert, en met het programma age.
De herstelcode opent hem niet. Wat u later wist, blijft in de kopie staan.`,
			`Make a backup of the vault. It is read back and checked before it gets its name. In a DIR it is called
after the date, and of this vault the newest of 7 days, 4 weeks and 12 months are kept. A FILE is never
overwritten.

The backup opens with the passphrase of today, also when you change it later, and with the program age.
The recovery code does not open it. What you erase later stays in the backup.`),
		Args: a.exactly(1, a.t("bundel backup MAP", "bundel backup DIR")),
		RunE: func(c *cobra.Command, args []string) error { return a.runBackup(c.Context(), args[0]) },
	}
}

func (a *app) runBackup(ctx context.Context, to string) error {
	d, secret, err := a.openWithSecret()
	if err != nil {
		return err
	}
	defer clear(secret)
	s, err := d.Vault()
	if err != nil {
		return err
	}
	if isFolder(to) {
		var b store.Backed
		var tidied error
		err := d.NoteBackup(ctx, func() error {
			if b, tidied = s.BackupFolder(ctx, to, secret, store.Keep{}); b.Report.Level == store.Deep {
				return nil // the backup is there, whatever became of the old ones
			}
			return tidied
		})
		if err != nil {
			return a.backupProblem(err)
		}
		return errors.Join(a.saidBackup(b), tidied)
	}
	var report store.Report
	err = d.NoteBackup(ctx, func() (err error) {
		report, err = s.BackupFile(ctx, to, secret)
		return err
	})
	if err != nil {
		return a.backupProblem(err)
	}
	return a.saidBackup(store.Backed{Name: filepath.Base(to), Report: report})
}

// isFolder: one that is there, or a name that says it is one.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir() || strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator))
}

func (a *app) backupProblem(err error) error {
	switch {
	case errors.Is(err, store.ErrExists):
		return &problem{
			1, "exists", a.t("er is al een bestand met die naam; het is niet aangeraakt", "there already is a file of that name; it was not touched"),
			a.t("kies een andere naam, of geef een map", "choose another name, or give a folder"), err,
		}
	case errors.Is(err, os.ErrNotExist):
		return &problem{1, "no-folder", a.t("die map is er niet", "that folder is not there"), a.t("maak de map, of zet een / achter de naam", "make the folder, or put a / behind its name"), err}
	}
	return err
}

func (a *app) saidBackup(b store.Backed) error {
	if a.json {
		return a.printJSON(map[string]any{"ok": true, "file": b.Name, "records": b.Report.Records, "dropped": append([]string{}, b.Dropped...)})
	}
	fmt.Fprintf(a.Stdout, a.t("De reservekopie is gemaakt en nagekeken: %s, %d gegevens.\n", "The backup is made and checked: %s, %d records.\n"), b.Name, b.Report.Records)
	if n := len(b.Dropped); n > 0 {
		fmt.Fprintf(a.Stdout, a.t("Oudere reservekopieën weggehaald: %d.\n", "Older backups removed: %d.\n"), n)
	}
	a.say("%s", a.t("Hij gaat open met de wachtzin van vandaag. Onthoud die ook als u hem verandert.",
		"It opens with the passphrase of today. Remember that one also when you change it."))
	return nil
}

// exactly asks for so many arguments.
func (a *app) exactly(n int, hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return usage(a.t("er ontbreekt iets", "something is missing"), hint)
		case len(args) > n:
			return usage(a.t("er staat te veel achter", "there is too much behind this"), hint)
		}
		return nil
	}
}
