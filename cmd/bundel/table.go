package main

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// tableWriter prints a plain table: words and white space, no boxes.
type tableWriter struct {
	app *app
	w   table.Writer
}

func (a *app) table(head ...any) *tableWriter {
	t := &tableWriter{app: a, w: table.NewWriter()}
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = 0
	t.w.SetStyle(style)
	t.w.AppendHeader(head)
	return t
}

func (t *tableWriter) add(cells ...any) { t.w.AppendRow(cells) }

func (t *tableWriter) print() {
	t.w.SetOutputMirror(t.app.Stdout)
	t.w.Render()
}

// joined joins what is not empty.
func joined(sep string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}
