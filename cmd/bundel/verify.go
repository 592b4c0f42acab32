package main

import (
	"errors"
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
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		return err
	}
	shared, broken := d.Ledger(c.Context())
	if a.json {
		return errors.Join(a.printJSON(reportJSON(r, warnings, len(shared), broken)), err, broken)
	}
	if err != nil {
		a.sayDamage(r)
		return err
	}
	if broken != nil {
		return broken
	}
	fmt.Fprintf(a.Stdout, a.t("De kluis is heel: %d gegevens, %d regels in het logboek.\n", "The vault is whole: %d records, %d lines in the log.\n"), r.Records, r.LogEntries)
	if r.Unread > 0 {
		fmt.Fprintf(a.Stdout, a.t("Daarvan bewaard zoals ze kwamen, maar niet te lezen: %d.\n", "Of those kept as they came, but not readable: %d.\n"), r.Unread)
	}
	if len(shared) > 0 {
		fmt.Fprintf(a.Stdout, a.t("Het logboek van het delen is heel: %d regels.\n", "The log of sharing is whole: %d lines.\n"), len(shared))
	}
	if deep {
		fmt.Fprintln(a.Stdout, a.t("Nagekeken: elke bladzijde van het bestand, elk gegeven en het hele logboek.", "Checked: every page of the file, every record and all of the log."))
	} else {
		fmt.Fprintln(a.Stdout, a.t("Nagekeken: alle zegels, aantallen en het logboek. Alles nakijken kan met --deep.", "Checked: all seals, counts and the log. To check everything: --deep."))
	}
	return nil
}

// reportJSON is the report; shared are the good lines of the log of sharing.
func reportJSON(r store.Report, warnings []store.Warning, shared int, broken error) map[string]any {
	damage := []string{}
	for _, d := range r.Damage {
		damage = append(damage, d.Where)
	}
	return map[string]any{
		"ok": len(damage) == 0 && broken == nil, "deep": r.Level == store.Deep, "records": r.Records, "unread": r.Unread, "receipts": r.Receipts,
		"documents": r.Documents, "log": r.LogEntries, "damage": damage, "warnings": codes(warnings),
		"shareLog": shared, "shareLogOK": broken == nil,
	}
}

// sayDamage counts what is damaged by sort, in the order in which it was found.
func (a *app) sayDamage(r store.Report) {
	fmt.Fprintln(a.Stdout, a.t("De kluis is niet heel. Beschadigd:", "The vault is not whole. Damaged:"))
	counts := map[string]int{}
	for _, d := range r.Damage {
		counts[d.Where]++
	}
	for _, d := range r.Damage {
		if n := counts[d.Where]; n > 0 {
			fmt.Fprintf(a.Stdout, "  %s (%d)\n", a.damageWord(d.Where), n)
			delete(counts, d.Where)
		}
	}
	fmt.Fprintf(a.Stdout, a.t("Nog te lezen: %d gegevens, %d regels in het logboek.\n", "Still readable: %d records, %d lines in the log.\n"), r.Records, r.LogEntries)
}

// damageWord puts the fixed words of store.DamagedError into Dutch.
func (a *app) damageWord(where string) string {
	nl := map[string]string{
		"first page": "de eerste bladzijde", "second page": "de tweede bladzijde", "first pages": "de eerste bladzijden", "page": "een bladzijde",
		"file size": "de lengte van het bestand", "list of free pages": "de lijst van vrije bladzijden", "header": "het begin van de kluis",
		"key slot": "een sleutel", "key table": "de sleuteltabel", "head": "de inhoudsopgave", "compartment": "een afdeling", "bucket": "een afdeling",
		"record": "een gegeven", "set of records": "een groep gegevens: er is iets weg of bijgekomen", "log": "het logboek",
	}[where]
	if a.lang == "en" || nl == "" {
		return where
	}
	return nl
}
