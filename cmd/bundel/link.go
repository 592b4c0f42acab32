package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
	"github.com/bundel-pgo/bundel/web/desk"
)

func (a *app) linkCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "link", Args: a.noArgs,
		Short: a.t("Maak, bekijk en stop een link waarmee een ander leest wat u kiest", "Make, look at and stop a link with which another reads what you choose"),
		Long: a.t(`Zonder meer: welke links u gaf, en wie ze opende. Alleen "make" en "show" tonen de link en de cijfers.

  bundel link make --with "Lies"
  bundel link make --all --for "arts in Spanje" --life 7d --times 5
  bundel link make --all --for "huisarts aan de telefoon" --aloud
  bundel link show 3f2a91c4
  bundel link stop 3f2a91c4
`,
			`On its own: which links you gave, and who opened them. Only "make" and "show" print the link and the digits.

  bundel link make --with "Lies"
  bundel link make --all --for "doctor in Spain" --life 7d --times 5
  bundel link make --all --for "GP on the phone" --aloud
  bundel link show 3f2a91c4
  bundel link stop 3f2a91c4
`),
		RunE: func(c *cobra.Command, _ []string) error { return a.runLinks(c) },
	}
	c.PersistentFlags().StringVar(&a.relay, "relay", "", a.t("adres van de relay (standaard share.relay van --config)", "address of the relay (default share.relay of --config)"))
	c.AddCommand(a.linkMakeCommand(), a.linkShowCommand(), a.linkStopCommand())
	return c
}

// linkRow is a link in JSON, without what opens it.
type linkRow struct {
	ID     string `json:"id"`
	For    string `json:"for"`
	Of     string `json:"of,omitempty"` // whose choices it holds
	Kind   string `json:"kind"`         // "link", or "code" to read aloud
	All    bool   `json:"all"`
	Items  int    `json:"items"`
	Made   string `json:"made"`
	Until  string `json:"until"`
	Times  int    `json:"times"` // zero: any number
	Opened int    `json:"opened"`
	Wrong  int    `json:"wrong"` // tries with wrong digits, code or birth date
	End    string `json:"end,omitempty"`
	Ended  string `json:"ended,omitempty"`
	Unsure bool   `json:"unsure,omitempty"`
	Silent bool   `json:"silent,omitempty"`
}

func linkRowOf(l web.GivenLink) linkRow {
	row := linkRow{
		ID: l.ID, For: l.Name, Of: l.Of, Kind: "link", All: l.All, Items: l.Items, Made: l.Made.Format(time.RFC3339), Until: l.Until.Format(time.RFC3339),
		Times: l.Openings, End: l.End, Unsure: l.Unsure, Silent: l.Silent,
	}
	if l.Spoken {
		row.Kind = "code"
	}
	if !l.Ended.IsZero() {
		row.Ended = l.Ended.Format(time.RFC3339)
	}
	for _, o := range l.Seen {
		if o.Event == share.EventOpened {
			row.Opened++
		} else {
			row.Wrong++
		}
	}
	return row
}

func (a *app) runLinks(c *cobra.Command) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	all, err := d.Links(c.Context())
	if err != nil {
		return err
	}
	rows := make([]linkRow, len(all))
	for i, l := range all {
		rows[i] = linkRowOf(l)
	}
	if a.json {
		return a.printJSON(map[string]any{"links": rows})
	}
	if len(rows) == 0 {
		fmt.Fprintln(a.Stdout, a.t("U gaf de laatste maand geen link.", "You gave no link in the last month."))
		return nil
	}
	t := a.table(a.t("Nummer", "Number"), a.t("Voor", "For"), a.t("Wat", "What"), a.t("Stand", "State"), a.t("Geopend", "Opened"), a.t("Verkeerde code", "Wrong code"))
	for i, r := range rows {
		t.add(shortID(r.ID), printable(r.For), a.linkHolds(all[i]), a.linkState(all[i]), r.Opened, r.Wrong)
	}
	t.print()
	return nil
}

// shortID is enough of the number of a link to name it.
func shortID(id string) string { return id[:min(8, len(id))] }

func (a *app) linkHolds(l web.GivenLink) string {
	if l.All {
		return fmt.Sprintf(a.t("alles wat u zelf ziet (%d)", "all that you see yourself (%d)"), l.Items)
	}
	if l.Of != "" && l.Of != l.Name {
		return fmt.Sprintf(a.t("wat %s van u mag zien (%d)", "what %s may see of you (%d)"), printable(l.Of), l.Items)
	}
	return fmt.Sprintf(a.t("wat u hiervoor koos (%d)", "what you chose for this (%d)"), l.Items)
}

// linkState says whether a link can be opened, and how sure that is.
func (a *app) linkState(l web.GivenLink) string {
	if l.End != "" {
		return a.linkEnd(l)
	}
	state := fmt.Sprintf(a.t("open tot %s", "open until %s"), localTime(l.Until))
	switch {
	case l.Unsure:
		return joined("; ", state, a.t("onzeker of hij er is: stop hem", "not certain whether it is there: stop it"))
	case l.Silent:
		return joined("; ", state, a.t("de linkserver antwoordt nu niet", "the link server does not answer now"))
	}
	return state
}

func (a *app) linkEnd(l web.GivenLink) string {
	words := map[string]string{
		share.EndRevoked: a.t("gestopt", "stopped"), share.EndExpired: a.t("de tijd was om", "its time was over"),
		share.EndOpened: a.t("zo vaak geopend als mocht", "opened as often as it might be"), share.EndAttempts: a.t("te vaak verkeerde code", "wrong code too often"),
		web.LinkGone: a.t("de linkserver heeft hem niet meer", "the link server does not have it any more"),
	}
	return joined(" · ", cmp.Or(words[l.End], l.End), localTime(l.Ended))
}

func localTime(at time.Time) string { return at.Local().Format("2006-01-02 15:04") }

// printable keeps what others wrote from steering a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// theLink finds a link by its number, or by a beginning of it that no other has.
func (a *app) theLink(c *cobra.Command, d *desk.Desk, id string) (web.GivenLink, error) {
	all, err := d.Links(c.Context())
	if err != nil {
		return web.GivenLink{}, err
	}
	var found []web.GivenLink
	for _, l := range all {
		if l.ID == id {
			return l, nil
		}
		if len(id) >= 4 && strings.HasPrefix(l.ID, id) {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		return web.GivenLink{}, &problem{exit: 1, code: "not-found", message: a.t("deze link is er niet", "there is no such link"), hint: "bundel link", err: desk.ErrNotFound}
	}
	return found[0], nil
}
