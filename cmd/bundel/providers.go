package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/web/desk"
)

func (a *app) providersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   a.t("providers [ZOEK]", "providers [QUERY]"),
		Short: a.t("Zoek een zorgverlener op naam, plaats of postcode", "Search a care provider by name, place or postcode"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runProviders(c, strings.Join(args, " ")) },
	}
}

// providerRow is a provider in JSON.
type providerRow struct {
	Name     string       `json:"name"`
	Display  string       `json:"display"`
	Kind     string       `json:"kind"`
	Street   string       `json:"street"`
	Postcode string       `json:"postcode"`
	City     string       `json:"city"`
	Logins   int          `json:"logins"`
	Services []serviceRow `json:"services"`
}

type serviceRow struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Supported bool   `json:"supported"`
}

func (a *app) runProviders(c *cobra.Command, query string) error {
	d, err := a.closed()
	if err != nil {
		return err
	}
	if err := d.Refresh(c.Context()); err != nil {
		return err
	}
	found, err := d.Search(c.Context(), query, 20)
	if err != nil {
		return err
	}
	rows := []providerRow{}
	for _, p := range found {
		rows = append(rows, describe(d, p))
	}
	if a.json {
		return a.printJSON(rows)
	}
	t := a.table(a.t("Naam", "Name"), a.t("Plaats", "Place"), a.t("U kunt ophalen", "You can collect"), "MedMij")
	for _, r := range rows {
		var names []string
		for _, s := range r.Services {
			names = append(names, s.Name)
		}
		t.add(r.Display, joined(", ", r.Street, strings.TrimSpace(r.Postcode+" "+r.City)), strings.Join(names, ", "), r.Name)
	}
	t.print()
	return nil
}

func describe(d *desk.Desk, p medmij.Provider) providerRow {
	row := providerRow{
		Name: p.Name, Display: p.Display, Kind: p.Kind, Street: p.Street, Postcode: p.Postcode, City: p.City,
		Logins: len(p.Connections), Services: []serviceRow{},
	}
	for _, conn := range p.Connections {
		for _, o := range conn.Services {
			_, known := medmij.ServiceByID(o.ID)
			row.Services = append(row.Services, serviceRow{ID: o.ID, Name: d.ServiceName(o.ID), Supported: known})
		}
	}
	return row
}
