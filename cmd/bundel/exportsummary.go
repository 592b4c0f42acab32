package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web/desk"
)

// exportExtract writes what one reader gets: the named recipient, or without
// one whoever the person gives it to.
func (a *app) exportExtract(c *cobra.Command, d *desk.Desk, o exportOptions) error {
	extract, err := a.extractFor(c, d, o)
	if err != nil {
		return err
	}
	if o.format == "csv" {
		return a.writeTo(o.out, extract.CSV)
	}
	summary, err := extract.IPS()
	if err != nil {
		return err
	}
	if o.format == "ips" {
		return a.writeTo(o.out, func(w io.Writer) error {
			_, err := w.Write(append(summary, '\n'))
			return err
		})
	}
	return a.exportLocked(o, summary)
}

func (a *app) extractFor(c *cobra.Command, d *desk.Desk, o exportOptions) (share.Extract, error) {
	if o.recipient == "" {
		return d.Extract(c.Context(), "", a.lang)
	}
	recipient, err := a.recipient(c, d, o.recipient)
	if err != nil {
		return share.Extract{}, err
	}
	return d.ExtractFor(c.Context(), recipient, o.format, a.lang)
}

// exportLocked writes a file that opens with a code. The code is printed once,
// on the messages, also with --quiet: without it nobody can read the file.
func (a *app) exportLocked(o exportOptions, summary []byte) error {
	lock := share.Lock{Code: share.NewFileCode(), Lang: a.lang}
	err := a.createFile(o.out, func(w io.Writer) error {
		if o.format == "age" {
			return lock.Age(w, summary)
		}
		page, err := lock.HTML(summary)
		if err != nil {
			return err
		}
		_, err = w.Write(page)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "Code: %s\n", lock.Code) // one word in both languages
	a.say("%s", a.t(
		"Geef de code apart van het bestand. Wij bewaren hem niet. Een bestand dat u gaf, kunt u niet terughalen.",
		"Give the code apart from the file. We do not keep it. A file that you gave cannot be called back."))
	return nil
}
