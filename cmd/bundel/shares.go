package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web/desk"
)

func (a *app) sharesCommand() *cobra.Command {
	var log, requests, receipts bool
	c := &cobra.Command{
		Use: "shares [--log | --requests | --receipts]", Args: a.noArgs,
		Short: a.t("Toon wie wat mag zien, of wat u ooit deelde", "Show who may see what, or what you ever shared"),
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case log && (requests || receipts), requests && receipts:
				return usage(a.t("kies een lijst", "choose one list"), "--log | --requests | --receipts")
			case log:
				return a.runShareLog(c)
			case requests:
				return a.runRequests(c)
			case receipts:
				return a.runSent(c)
			}
			return a.runShares(c)
		},
	}
	c.Flags().BoolVar(&log, "log", false, a.t("het logboek van het delen: wie, wat, wanneer en hoe", "the log of sharing: who, what, when and how"))
	c.Flags().BoolVar(&requests, "requests", false, a.t("uw verzoeken om iets te verbeteren, en hoe het ermee staat", "your requests to correct something, and where they stand"))
	c.Flags().BoolVar(&receipts, "receipts", false, a.t("de bewijzen van wat u via MedMij verstuurde", "the receipts of what you sent over MedMij"))
	return c
}

// shareRow is a sharing choice in JSON.
type shareRow struct {
	With    string `json:"with"`
	Name    string `json:"name"`
	Role    string `json:"role,omitempty"`
	Subject string `json:"subject,omitempty"`
	Item    string `json:"item,omitempty"`
	Title   string `json:"title,omitempty"`
	Shared  bool   `json:"shared"`
	Later   bool   `json:"later,omitempty"`
	Unseen  bool   `json:"unseen,omitempty"`
	Since   string `json:"since"`
	Until   string `json:"until,omitempty"`
	Asks    bool   `json:"asks,omitempty"` // something joined it; it is not shared until chosen again
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
	asks, err := d.Asks(c.Context())
	if err != nil {
		return err
	}
	rows := []shareRow{}
	for _, choice := range policy.Choices {
		rows = append(rows, shareRowOf(o, choice, asks))
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
		t.add(joined(" ", r.Name), joined("", r.Title, a.subjectOrNone(r.Subject)), a.may(r))
	}
	t.print()
	return nil
}

func shareRowOf(o *aggregator.Overview, c share.Choice, asks []share.Ask) shareRow {
	row := shareRow{
		With: c.Recipient, Name: c.Name, Role: string(c.Role), Subject: c.Subject, Shared: c.Permit, Later: c.Permit && c.Later, Unseen: c.IncludeUnseen,
		Since: c.Since.Format(time.RFC3339),
	}
	if !c.Until.IsZero() {
		row.Until = c.Until.Format(time.RFC3339)
	}
	if item, ok := desk.ItemOf(o, c); ok {
		row.Item, row.Title = item.ID, item.Title
	}
	row.Asks = slices.ContainsFunc(asks, func(k share.Ask) bool { return k.Item == row.Item && k.Recipient.ID == c.Recipient })
	return row
}

// may says how far a choice goes.
func (a *app) may(r shareRow) string {
	switch {
	case !r.Shared:
		return a.t("niet zien", "not see")
	case r.Asks:
		return a.t("er kwam iets bij: kies opnieuw", "something joined it: choose again")
	case r.Later:
		return a.t("zien, ook nieuwe", "see, new ones too")
	}
	return a.t("zien", "see")
}

func (a *app) subjectOrNone(name string) string {
	if name == "" {
		return ""
	}
	return a.subject(name)
}
