package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// mostHits is how many items a search shows.
const mostHits = 50

func (a *app) searchCommand() *cobra.Command {
	return &cobra.Command{
		Use: a.t("search WOORD...", "search WORD..."), Args: a.atLeast(1, "bundel search bloeddruk"),
		Short: a.t("Zoek in uw eigen gegevens", "Search your own records"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runSearch(c, strings.Join(args, " ")) },
	}
}

// hitRow is a search result in JSON.
type hitRow struct {
	ID      string             `json:"id"`
	Subject string             `json:"subject"`
	Section aggregator.Section `json:"section"`
	Title   string             `json:"title"`
	Detail  string             `json:"detail"`
	When    string             `json:"when"`
	Score   int                `json:"score"`
}

func (a *app) runSearch(c *cobra.Command, query string) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	hits, err := d.Find(c.Context(), query, a.lang, mostHits)
	if err != nil {
		return err
	}
	if a.json {
		rows := make([]hitRow, len(hits))
		for i, h := range hits {
			rows[i] = hitRow{h.Item.ID, h.Item.Subject, h.Item.Section, h.Item.Title, h.Item.Detail, h.Item.When, h.Score}
		}
		return a.printJSON(map[string]any{"hits": rows})
	}
	if len(hits) == 0 {
		fmt.Fprintln(a.Stdout, a.t("Niets gevonden. Probeer een ander woord.", "Nothing found. Try another word."))
	}
	for _, h := range hits {
		fmt.Fprintf(a.Stdout, "%s  [%s]\n", joined(" · ", a.subject(h.Item.Subject), h.Item.Title, h.Item.Detail, fhir.ParseDate(h.Item.When).Words(a.lang)), h.Item.Key())
	}
	return nil
}
