package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/store"
)

func (a *app) salvageCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   a.t("salvage NIEUW", "salvage OUT"),
		Short: a.t("Red uit een beschadigde kluis wat nog te lezen is", "Save from a damaged vault what can still be read"),
		Long: a.t(`Zoek in een beschadigde kluis alles wat de wachtzin nog opent, laat zien wat dat is, en schrijf het na een
vraag naar een NIEUW kluisbestand. De beschadigde kluis wordt niet veranderd. Een goede reservekopie is
beter: bundel restore.`,
			`Look in a damaged vault for all that the passphrase still opens, show what that is, and write it to a new
vault file OUT after asking. The damaged vault is not changed. A good backup is better: bundel restore.`),
		Args: a.exactly(1, a.t("bundel salvage NIEUW", "bundel salvage OUT")),
		RunE: func(c *cobra.Command, args []string) error { return a.runSalvage(c.Context(), args[0], yes) },
	}
	c.Flags().BoolVar(&yes, "yes", false, a.t("schrijf zonder te vragen", "write without asking"))
	return c
}

func (a *app) runSalvage(ctx context.Context, to string, yes bool) error {
	path, err := a.storePath()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return a.backupProblem(store.ErrExists)
	}
	secret, err := a.passphrase(a.t("Wachtzin: ", "Passphrase: "))
	if err != nil {
		return err
	}
	defer clear(secret)
	found, err := store.Salvage(ctx, path, store.Passphrase(secret), "", a.storeConfig())
	if err != nil {
		return a.salvageProblem(err)
	}
	if !a.json {
		a.listSalvaged(found)
	}
	if !yes {
		if yes, err = a.confirm(a.t("Dit naar het nieuwe bestand schrijven? [j/N] ", "Write this to the new file? [y/N] ")); err != nil {
			return err
		}
	}
	if yes {
		if _, err := store.Salvage(ctx, path, store.Passphrase(secret), to, a.storeConfig()); err != nil {
			return a.salvageProblem(err)
		}
	}
	return a.saidSalvage(found, yes)
}

func (a *app) saidSalvage(s store.Salvaged, written bool) error {
	switch {
	case a.json:
		return a.printJSON(map[string]any{
			"written": written, "sources": append([]string{}, s.Sources...), "records": s.Records, "documents": s.Documents,
			"receipts": s.Receipts, "log": s.LogEntries, "closed": s.Closed, "blind": s.Blind,
		})
	case !written:
		a.say("%s", a.t("Er is niets geschreven.", "Nothing was written."))
		return nil
	}
	fmt.Fprintln(a.Stdout, a.t("Het nieuwe kluisbestand is klaar. Wachtzin en herstelcode zijn dezelfde.", "The new vault file is ready. Passphrase and recovery code are the same."))
	a.say("%s", a.t("Kijk het na met: bundel verify --deep --store NIEUW", "Check it with: bundel verify --deep --store OUT"))
	return nil
}

// listSalvaged shows what would be saved, before anything is written.
func (a *app) listSalvaged(s store.Salvaged) {
	fmt.Fprintln(a.Stdout, a.t("Dit is nog te redden:", "This can be saved:"))
	for _, row := range []struct {
		what  string
		count int
	}{
		{a.t("gegevens", "records"), s.Records},
		{a.t("toestemmingen en instellingen", "consents and settings"), s.Documents},
		{a.t("ontvangstbewijzen", "receipts"), s.Receipts},
		{a.t("regels in het logboek", "lines in the log"), s.LogEntries},
		{a.t("niet te openen: beschadigd of eerder gewist", "cannot be opened: damaged or erased before"), s.Closed},
	} {
		fmt.Fprintf(a.Stdout, "  %s: %d\n", row.what, row.count)
	}
	fmt.Fprintln(a.Stdout, a.t("Van deze bronnen:", "Of these sources:"))
	for _, source := range s.Sources {
		fmt.Fprintf(a.Stdout, "  %s\n", source)
	}
	if s.Blind {
		fmt.Fprintln(a.Stdout, a.t("De inhoudsopgave is weg: grote documenten zijn verloren, en wat u kort geleden weggooide kan terugkomen.",
			"The summary is gone: large documents are lost, and what you dropped just before may come back."))
	}
}

// confirm asks on the terminal, or reads the answer from the input. Without either
// it says which flag to give.
func (a *app) confirm(question string) (bool, error) {
	fmt.Fprint(a.Stderr, question)
	answer, err := bufio.NewReader(a.Stdin).ReadString('\n')
	fmt.Fprintln(a.Stderr)
	if err != nil && answer == "" {
		return false, usage(a.t("er kwam geen antwoord; er is niets geschreven", "there was no answer; nothing was written"), "--yes")
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "j", "ja", "y", "yes":
		return true, nil
	}
	return false, nil
}

func (a *app) salvageProblem(err error) error {
	if errors.Is(err, store.ErrDamaged) {
		return &problem{
			13, "damaged", a.t("de kluis is zo beschadigd dat er niets meer opengaat", "the vault is so damaged that nothing opens any more"),
			a.t("zet een reservekopie terug: bundel restore", "put back a backup: bundel restore"), err,
		}
	}
	return err
}
