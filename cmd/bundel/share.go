package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/web/desk"
)

type shareOptions struct {
	with string
	stop bool
}

func (a *app) shareCommand() *cobra.Command {
	var o shareOptions
	c := &cobra.Command{
		Use: a.t("share ITEM|ONDERWERP --with ZORGVERLENER", "share ITEM|SUBJECT --with PROVIDER"), Args: a.atLeast(1, "bundel share vital --with huisarts-delinde"),
		Short: a.t("Kies wie wat mag zien (standaard: niemand iets)", "Choose who may see what (default: nobody anything)"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runShare(c, args[0], o) },
	}
	c.Flags().StringVar(&o.with, "with", "", a.t("de zorgverlener", "the care provider"))
	c.Flags().BoolVar(&o.stop, "stop", false, a.t("niet meer delen", "stop sharing"))
	return c
}

func (a *app) runShare(c *cobra.Command, target string, o shareOptions) error {
	if o.with == "" {
		return usage(a.t("met wie?", "with whom?"), "--with huisarts-delinde")
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	recipient, err := a.recipient(c, d, o.with)
	if err != nil {
		return err
	}
	if err := d.Share(c.Context(), target, recipient, o.stop); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"target": target, "with": recipient, "shared": !o.stop})
	}
	if o.stop {
		fmt.Fprintln(a.Stdout, a.t("U deelt dit niet meer. Wat al verstuurd is, blijft daar.", "You no longer share this. What was sent stays there."))
		return nil
	}
	fmt.Fprintln(a.Stdout, a.t("Gekozen. Er is nog niets verstuurd: dat doet u met bundel send.", "Chosen. Nothing was sent yet: do that with bundel send."))
	return nil
}

// recipient finds the source of a provider: a connected one by name, else one
// on the lists.
func (a *app) recipient(c *cobra.Command, d *desk.Desk, name string) (string, error) {
	grants, err := d.Grants(c.Context())
	if err != nil {
		return "", err
	}
	for _, g := range grants {
		if isNamed(g, name) {
			return g.Source(), nil
		}
	}
	if err := d.Refresh(c.Context()); err != nil {
		return "", err
	}
	p, err := d.FindProvider(c.Context(), name)
	if err != nil {
		return "", err
	}
	return "medmij:" + p.Name, nil
}

func (a *app) sharesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "shares", Args: a.noArgs,
		Short: a.t("Toon wie wat mag zien", "Show who may see what"),
		RunE:  func(c *cobra.Command, _ []string) error { return a.runShares(c) },
	}
}

// shareRow is a sharing choice in JSON.
type shareRow struct {
	With    string `json:"with"`
	Name    string `json:"name"`
	Subject string `json:"subject,omitempty"`
	Item    string `json:"item,omitempty"`
	Title   string `json:"title,omitempty"`
	Shared  bool   `json:"shared"`
	Since   string `json:"since"`
}

func (a *app) runShares(c *cobra.Command) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	policy, err := d.Policy(c.Context())
	if err != nil {
		return err
	}
	o, err := d.Overview(c.Context(), time.Time{}, a.lang)
	if err != nil {
		return err
	}
	rows := []shareRow{}
	for _, choice := range policy.Choices {
		row := shareRow{With: choice.Recipient, Name: choice.Name, Subject: choice.Subject, Shared: choice.Permit, Since: choice.Since.Format(time.RFC3339)}
		if item, ok := desk.ItemOf(o, choice); ok {
			row.Item, row.Title = item.ID, item.Title
		}
		rows = append(rows, row)
	}
	if a.json {
		return a.printJSON(map[string]any{"shares": rows})
	}
	if len(rows) == 0 {
		fmt.Fprintln(a.Stdout, a.t("U deelt niets met niemand.", "You share nothing with anybody."))
		return nil
	}
	t := a.table(a.t("Met", "With"), a.t("Wat", "What"), a.t("Mag", "May"))
	for _, r := range rows {
		may := a.t("zien", "see")
		if !r.Shared {
			may = a.t("niet zien", "not see")
		}
		t.add(joined(" ", r.Name), joined("", r.Title, a.subjectOrNone(r.Subject)), may)
	}
	t.print()
	return nil
}

func (a *app) subjectOrNone(name string) string {
	if name == "" {
		return ""
	}
	return a.subject(name)
}
