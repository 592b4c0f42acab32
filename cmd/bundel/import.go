package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web/desk"
)

type importOptions struct{ source, kind, release string }

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use: a.t("import BESTAND|MAP... --source NAAM", "import FILE|DIR... --source NAME"), Args: a.atLeast(1, "bundel import export.json --source ziekenhuis"),
		Short: a.t("Lees FHIR-bestanden in (JSON, XML, NDJSON)", "Read FHIR files (JSON, XML, NDJSON)"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runImport(c, args, o) },
	}
	c.Flags().StringVar(&o.source, "source", "", a.t("naam van de bron", "name of the source"))
	c.Flags().StringVar(&o.kind, "kind", "other", a.t("soort bron: gp, pharmacy, hospital of other", "kind of source: gp, pharmacy, hospital or other"))
	c.Flags().StringVar(&o.release, "fhir", "r4", a.t("FHIR-versie: stu3 of r4", "FHIR release: stu3 or r4"))
	return c
}

func (a *app) runImport(c *cobra.Command, paths []string, o importOptions) error {
	name, err := desk.CleanName(o.source)
	if err != nil {
		return usage(a.t("deze naam kan niet: 1 tot 60 tekens, zonder : | / en \\", "this name will not do: 1 to 60 characters, without : | / and \\"), "--source ziekenhuis")
	}
	v, err := fhir.ParseVersion(o.release)
	if err != nil {
		return usage(a.t("--fhir is stu3 of r4", "--fhir is stu3 or r4"), "--fhir stu3")
	}
	if !slices.Contains([]string{"gp", "pharmacy", "hospital", "other"}, o.kind) {
		return usage(a.t("--kind is gp, pharmacy, hospital of other", "--kind is gp, pharmacy, hospital or other"), "--kind other")
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	done, err := d.Import(c.Context(), desk.Import{Paths: paths, Name: name, Kind: o.kind, Version: v})
	if err != nil {
		return err
	}
	return a.printImported(done)
}

func (a *app) printImported(done desk.Imported) error {
	for _, f := range done.Failures {
		fmt.Fprintf(a.Stderr, "%s: %s\n", f.Path, f.Reason)
	}
	r := done.Receipt
	if a.json {
		err := a.printJSON(map[string]any{
			"files": done.Files, "skipped": done.Skipped, "resources": done.Resources, "unreadable": len(done.Failures),
			"new": r.New, "changed": r.Changed, "unchanged": r.Unchanged, "masked": r.Masked,
		})
		if err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.Stdout, a.t("%d bestanden, %d gegevens: %d nieuw, %d gewijzigd, %d gelijk\n", "%d files, %d resources: %d new, %d changed, %d same\n"), done.Files, done.Resources, r.New, r.Changed, r.Unchanged)
		if r.Masked > 0 {
			fmt.Fprintf(a.Stdout, a.t("%d burgerservicenummers afgedekt\n", "%d citizen service numbers masked\n"), r.Masked)
		}
	}
	if len(done.Failures) > 0 {
		return &problem{exit: 3, code: "partly", message: fmt.Sprintf(a.t("%d stukken konden wij niet lezen; de rest is bewaard", "%d pieces could not be read; the rest is kept"), len(done.Failures)), hint: a.t("kijk deze bestanden na", "check these files")}
	}
	return nil
}
