package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/store"
)

func (a *app) verifyCommand() *cobra.Command {
	var deep bool
	c := &cobra.Command{
		Use: "verify", Args: a.noArgs,
		Short: a.t("Controleer of de kluis heel is", "Check that the vault is whole"),
		RunE:  func(c *cobra.Command, _ []string) error { return a.runVerify(c, deep) },
	}
	c.Flags().BoolVar(&deep, "deep", false, a.t("ook elke bladzijde en elk gegeven", "every page and every record as well"))
	return c
}

func (a *app) runVerify(c *cobra.Command, deep bool) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	s, err := d.Vault()
	if err != nil {
		return err
	}
	warnings := append(a.place(), s.Notices()...)
	a.warn(warnings)
	level := store.Quick
	if deep {
		level = store.Deep
	}
	r, err := s.Verify(c.Context(), level)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"ok": true, "records": r.Records, "unread": r.Unread, "receipts": r.Receipts, "documents": r.Documents, "log": r.LogEntries, "warnings": codes(warnings)})
	}
	fmt.Fprintf(a.Stdout, a.t("De kluis is heel: %d gegevens, %d regels in het logboek.\n", "The vault is whole: %d records, %d lines in the log.\n"), r.Records, r.LogEntries)
	return nil
}
