package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web/desk"
)

type exportOptions struct{ format, out string }

func (a *app) exportCommand() *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use: "export --format fhir", Args: a.noArgs,
		Short: a.t("Neem alles mee: elk gegeven zoals ontvangen", "Take everything with you: every record as received"),
		RunE:  func(c *cobra.Command, _ []string) error { return a.runExport(c, o) },
	}
	c.Flags().StringVar(&o.format, "format", "fhir", a.t("vorm: fhir", "format: fhir"))
	c.Flags().StringVarP(&o.out, "out", "o", "", a.t("bestand (standaard: de uitvoer)", "file (default: the output)"))
	return c
}

func (a *app) runExport(c *cobra.Command, o exportOptions) error {
	if o.format != "fhir" {
		return usage(a.t("deze vorm kennen wij niet", "we do not know this format"), "--format fhir")
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	return a.writeTo(o.out, func(w io.Writer) error { return a.writeRecords(c, d, w) })
}

// writeTo lets a command write to a new file, or to the output when no file is
// named. The file is not encrypted, so it is readable by the person alone.
func (a *app) writeTo(file string, write func(io.Writer) error) error {
	if file == "" {
		return write(a.Stdout)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usage(a.t("dit bestand kan niet worden gemaakt, of bestaat al", "this file cannot be made, or exists"), "-o FILE")
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	a.say("%s", a.t("Let op: dit bestand is niet versleuteld. Bewaar het veilig.", "Mind: this file is not encrypted. Keep it safe."))
	return f.Close()
}

// writeRecords streams the newest version of every record into a Bundle. The
// bytes of each are those received; where it came from is an extension of its
// entry, outside the record.
func (a *app) writeRecords(c *cobra.Command, d *desk.Desk, to io.Writer) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	w := bufio.NewWriter(to)
	fmt.Fprint(w, `{"resourceType":"Bundle","type":"collection","entry":[`)
	var last fhir.Record
	first := true
	flush := func() {
		if last.Number == 0 || last.Deleted || last.Flaw == fhir.FlawSyntax {
			return
		}
		if !first {
			fmt.Fprint(w, ",")
		}
		first = false
		fmt.Fprintf(w, "\n{%s\"resource\":%s}", origin(last), last.Bytes())
	}
	for r, err := range s.Records(c.Context()) {
		if err != nil {
			return err
		}
		if r.Origin != last.Origin || r.Ref != last.Ref {
			flush()
		}
		last = r
	}
	flush()
	fmt.Fprintln(w, "\n]}")
	return w.Flush()
}

// origin is the members of an entry that say where its record came from.
func origin(r fhir.Record) string {
	ext := func(name, value string) map[string]string {
		return map[string]string{"url": aggregator.Namespace + name, "valueString": value}
	}
	all := []map[string]string{ext("source", r.Origin.Source), ext("fhirVersion", r.Version.String()), ext("fetched", r.Fetched.Format("2006-01-02T15:04:05Z07:00"))}
	if r.Origin.Service != "" {
		all = append(all, ext("service", r.Origin.Service))
	}
	raw, _ := json.Marshal(all) // strings only: cannot fail
	out := `"extension":` + string(raw) + ","
	if r.FullURL != "" {
		url, _ := json.Marshal(r.FullURL)
		out += `"fullUrl":` + string(url) + ","
	}
	return out
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
