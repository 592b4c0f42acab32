package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/r4"
	"github.com/bundel-pgo/bundel/web/desk"
)

type exportOptions struct {
	format, out string
	recipient   string // only what this reader may see
	r4          bool   // one release: STU3 converted, its original along
}

func (a *app) exportCommand() *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use: "export --format fhir|ips|csv|file|age|portability [--r4]", Args: a.noArgs,
		Short: a.t("Neem alles mee, of maak een samenvatting om te geven", "Take everything with you, or make a summary to give"),
		RunE:  func(c *cobra.Command, _ []string) error { return a.runExport(c, o) },
	}
	c.Flags().StringVar(&o.format, "format", "fhir", a.t(
		"vorm: fhir (elk gegeven zoals ontvangen), ips (samenvatting in FHIR), csv (tabel), file of age (samenvatting die met een code opent), portability (wat bij wie is opgehaald)",
		"format: fhir (every record as received), ips (summary in FHIR), csv (table), file or age (summary that opens with a code), portability (what was collected from whom)"))
	c.Flags().StringVarP(&o.out, "out", "o", "", a.t("bestand (standaard: de uitvoer)", "file (default: the output)"))
	c.Flags().StringVar(&o.recipient, "recipient", "", a.t("alleen wat deze ontvanger mag zien (ips, csv, file, age)", "only what this recipient may see (ips, csv, file, age)"))
	c.Flags().BoolVar(&o.r4, "r4", false, a.t("alles in FHIR R4; het origineel gaat mee", "everything in FHIR R4; the original goes along"))
	return c
}

func (a *app) runExport(c *cobra.Command, o exportOptions) error {
	summary := slices.Contains([]string{"ips", "csv", "file", "age"}, o.format)
	if !summary && o.format != "fhir" && o.format != "portability" || o.r4 && o.format != "fhir" || o.recipient != "" && !summary {
		return usage(a.t("deze vorm kennen wij niet", "we do not know this format"), "--format fhir [--r4] | --format ips|csv|file|age [--recipient huisarts-delinde] | --format portability")
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	switch {
	case summary:
		return a.exportExtract(c, d, o)
	case o.format == "portability":
		return a.exportPortability(c, d, o)
	}
	if err := a.warnOfClosed(c, d); err != nil {
		return err
	}
	return a.writeTo(o.out, func(w io.Writer) error { return a.writeRecords(c, d, w, o.r4) })
}

func (a *app) exportPortability(c *cobra.Command, d *desk.Desk, o exportOptions) error {
	report, err := d.Portability(c.Context())
	if err != nil {
		return err
	}
	return a.writeTo(o.out, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	})
}

// warnOfClosed says that the copy of the records as received, which is the
// person's own and leaves nothing out, holds results that they chose not to see.
func (a *app) warnOfClosed(c *cobra.Command, d *desk.Desk) error {
	o, err := d.Overview(c.Context(), time.Time{}, a.lang)
	if err != nil {
		return err
	}
	n := 0
	for _, item := range o.Items {
		if item.Section == aggregator.Gated {
			n++
		}
	}
	if n > 0 {
		a.say(a.t("Let op: hierin staan ook %d uitslagen die u nog niet wilt zien.", "Mind: this also holds %d results that you do not want to see yet."), n)
	}
	return nil
}

// writeTo lets a command write to a new file, or to the output when no file is
// named. The file is not encrypted, so it is readable by the person alone.
func (a *app) writeTo(file string, write func(io.Writer) error) error {
	if err := a.createFile(file, write); err != nil || file == "" {
		return err
	}
	a.say("%s", a.t("Let op: dit bestand is niet versleuteld. Bewaar het veilig.", "Mind: this file is not encrypted. Keep it safe."))
	return nil
}

// createFile writes a new file, or the output when no file is named.
func (a *app) createFile(file string, write func(io.Writer) error) error {
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
	return f.Close()
}

// writeRecords streams the newest version of every record into a Bundle. The
// bytes of each are those received, but for numbers in free text that could be
// a BSN, or in R4 what they become; where it came
// from is an extension of its entry, outside the record.
func (a *app) writeRecords(c *cobra.Command, d *desk.Desk, to io.Writer, inR4 bool) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	e := exporter{Writer: bufio.NewWriter(to), write: writeReceived}
	if inR4 {
		e.write = a.writeR4
	}
	fmt.Fprint(e, `{"resourceType":"Bundle","type":"collection","entry":[`)
	var last fhir.Record
	flush := func() {
		if last.Number > 0 && !last.Deleted {
			last.Resource = last.Shown()
			e.write(&e, last)
		}
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
	fmt.Fprintln(e, "\n]}")
	return e.Flush()
}

// exporter writes the entries of a Bundle, a line each.
type exporter struct {
	*bufio.Writer
	write   func(*exporter, fhir.Record)
	entries int
}

func (e *exporter) entry(head string, resource []byte) {
	if e.entries++; e.entries > 1 {
		fmt.Fprint(e, ",")
	}
	fmt.Fprintf(e, "\n{%s\"resource\":%s}", head, resource)
}

// writeReceived leaves out only what is no JSON at all.
func writeReceived(e *exporter, r fhir.Record) {
	if r.Flaw != fhir.FlawSyntax {
		e.entry(origin(r, r.Version)+fullURL(r.FullURL), r.Bytes())
	}
}

// writeR4 writes a record in R4 and, when that is not what was received, a
// trail with the original. What has no R4 form goes as a file.
func (a *app) writeR4(e *exporter, r fhir.Record) {
	converted, notes, err := r4.Convert(r.Resource)
	if err != nil {
		e.entry(origin(r, r.Version), r4.Original(r.Resource))
		return
	}
	if r.Version == fhir.R4 {
		e.entry(origin(r, fhir.R4)+fullURL(r.FullURL), converted)
		return
	}
	e.entry(origin(r, fhir.R4)+fullURL(r4.URL(r.FullURL)), converted)
	target := r4.URL(cmp.Or(r.FullURL, r.Ref.String()))
	e.entry(origin(r, r.Version), r4.Trail(r.Resource, notes, target, "Bundel "+version, a.Now()))
}

// origin is the members of an entry that say where its record came from.
func origin(r fhir.Record, v fhir.Version) string {
	ext := func(name, value string) map[string]string {
		return map[string]string{"url": aggregator.Namespace + name, "valueString": value}
	}
	all := []map[string]string{ext("source", r.Origin.Source), ext("fhirVersion", v.String()), ext("fetched", r.Fetched.Format("2006-01-02T15:04:05Z07:00"))}
	if r.Origin.Service != "" {
		all = append(all, ext("service", r.Origin.Service))
	}
	raw, _ := json.Marshal(all) // strings only: cannot fail
	return `"extension":` + string(raw) + ","
}

// fullURL is the member of an entry that names its record.
func fullURL(url string) string {
	if url == "" {
		return ""
	}
	raw, _ := json.Marshal(url)
	return `"fullUrl":` + string(raw) + ","
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
