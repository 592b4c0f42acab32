package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/web/desk"
)

func (a *app) syncCommand() *cobra.Command {
	return &cobra.Command{
		Use:   a.t("sync [ZORGVERLENER...]", "sync [PROVIDER...]"),
		Short: a.t("Haal gegevens op bij uw zorgverleners", "Collect records from your care providers"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runSync(c.Context(), args) },
	}
}

func (a *app) runSync(ctx context.Context, names []string) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	if err := d.Refresh(ctx); err != nil {
		return err
	}
	grants, err := a.grantsFor(ctx, d, names)
	if err != nil {
		return err
	}
	receipts, err := a.collect(ctx, d, grants)
	if err != nil {
		return err
	}
	if err := a.printReceipts(ctx, d, receipts); err != nil {
		return err
	}
	a.explainFailures(grants, receipts)
	return a.partly(receipts)
}

// grantsFor gives the grants of the providers named, or all.
func (a *app) grantsFor(ctx context.Context, d *desk.Desk, names []string) ([]*medmij.Grant, error) {
	all, err := d.Grants(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, usage(a.t("er is nog geen zorgverlener verbonden", "no care provider is connected yet"), "bundel connect")
	}
	if len(names) == 0 {
		return all, nil
	}
	var grants []*medmij.Grant
	for _, name := range names {
		before := len(grants)
		for _, g := range all {
			if isNamed(g, name) {
				grants = append(grants, g)
			}
		}
		if len(grants) == before {
			return nil, usage(a.t("deze zorgverlener is niet verbonden: ", "this care provider is not connected: ")+name, "bundel sources")
		}
	}
	return grants, nil
}

func isNamed(g *medmij.Grant, name string) bool {
	bare := strings.TrimSuffix(strings.TrimPrefix(name, "medmij:"), "@medmij")
	return strings.TrimSuffix(g.Provider, "@medmij") == bare || strings.EqualFold(g.Display, name)
}

func (a *app) collect(ctx context.Context, d *desk.Desk, grants []*medmij.Grant) ([]fhir.Receipt, error) {
	p := a.progress(grants)
	defer p.stop()
	return d.Collect(ctx, p.watch, grants...)
}

// explainFailures says once for each provider and code what went wrong and what
// to do, with the id that the provider knows.
func (a *app) explainFailures(grants []*medmij.Grant, receipts []fhir.Receipt) {
	said := map[string]bool{}
	for _, r := range receipts {
		name := r.Origin.Source
		for _, g := range grants {
			if g.Source() == r.Origin.Source {
				name = g.Display
			}
		}
		for _, q := range r.Queries {
			if q.Outcome != fhir.Failed && q.Outcome != fhir.NotGranted || said[name+q.Detail] {
				continue
			}
			said[name+q.Detail] = true
			words := medmij.Explain(q.Detail, a.lang).For(name)
			a.say("%s %s (%s)", words.What, words.Step, joined(", ", q.Detail, q.Trace))
		}
	}
}

// partly gives exit code 3 when some source failed and the rest is stored.
func (a *app) partly(receipts []fhir.Receipt) error {
	failed := 0
	for _, r := range receipts {
		if o := r.Outcome(); o == fhir.Failed || o == fhir.Partial {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return &problem{exit: 3, code: "partly", message: a.t("niet alles is opgehaald; wat er is, is bewaard", "not everything was collected; what came is kept"), hint: "bundel sources"}
}

// receiptRow is a receipt in JSON.
type receiptRow struct {
	Source    string             `json:"source"`
	Provider  string             `json:"provider"`
	Service   string             `json:"service"`
	Outcome   fhir.Outcome       `json:"outcome"`
	New       int                `json:"new"`
	Changed   int                `json:"changed"`
	Unchanged int                `json:"unchanged"`
	Masked    int                `json:"masked"`
	Detail    string             `json:"detail,omitempty"`
	Queries   []fhir.QueryResult `json:"queries"`
}

func (a *app) printReceipts(ctx context.Context, d *desk.Desk, receipts []fhir.Receipt) error {
	providers, err := d.Providers(ctx)
	if err != nil {
		return err
	}
	rows := make([]receiptRow, len(receipts))
	for i, r := range receipts {
		rows[i] = receiptRow{
			Source: r.Origin.Source, Provider: providers[r.Origin.Source].Name, Service: r.Origin.Service, Outcome: r.Outcome(),
			New: r.New, Changed: r.Changed, Unchanged: r.Unchanged, Masked: r.Masked, Detail: r.Detail, Queries: r.Queries,
		}
	}
	if a.json {
		return a.printJSON(map[string]any{"receipts": rows})
	}
	t := a.table(a.t("Zorgverlener", "Care provider"), a.t("Dienst", "Service"), a.t("Resultaat", "Result"), a.t("Nieuw", "New"), a.t("Gewijzigd", "Changed"), a.t("Gelijk", "Same"))
	for _, r := range rows {
		t.add(r.Provider, r.Service, a.outcome(r.Outcome), r.New, r.Changed, r.Unchanged)
	}
	t.print()
	return nil
}

// outcome is an outcome in words.
func (a *app) outcome(o fhir.Outcome) string {
	words := map[fhir.Outcome]string{
		fhir.OK: a.t("gelukt", "ok"), fhir.Complete: a.t("compleet", "complete"), fhir.Partial: a.t("deels", "partial"),
		fhir.Empty: a.t("niets gevonden", "none found"), fhir.Failed: a.t("niet gelukt", "failed"),
		fhir.NotOffered: a.t("niet aangeboden", "not offered"), fhir.NotGranted: a.t("geen toegang", "not granted"),
	}
	return words[o]
}
