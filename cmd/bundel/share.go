package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web/desk"
)

type shareOptions struct {
	with, until         string
	stop, later, unseen bool
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
	c.Flags().BoolVar(&o.later, "later", false, a.t("ook wat er later bij komt (onderwerp)", "what comes later as well (subject)"))
	c.Flags().BoolVar(&o.unseen, "unseen", false, a.t("ook uitslagen die u zelf nog niet wilt zien", "results as well that you do not want to see yet yourself"))
	c.Flags().StringVar(&o.until, "until", "", a.t("tot en met deze dag (2026-06-01)", "up to and with this day (2026-06-01)"))
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
	missed, err := a.choose(c, d, target, recipient, o)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"target": target, "with": recipient, "shared": !o.stop, "mind": missed})
	}
	if o.stop {
		fmt.Fprintln(a.Stdout, a.t("U deelt dit niet meer. Wat al verstuurd is, blijft daar.", "You no longer share this. What was sent stays there."))
		return nil
	}
	fmt.Fprintln(a.Stdout, a.t("Gekozen. Er is nog niets verstuurd: dat doet u met bundel send.", "Chosen. Nothing was sent yet: do that with bundel send."))
	for _, m := range missed {
		a.say("%s", a.t("Let op: ", "Mind: ")+a.missing(m.Code, m.Items))
	}
	return nil
}

// mindRow is in JSON what the person should know of what stays out.
type mindRow struct {
	Code  string `json:"code"`
	Items int    `json:"items"`
}

// choose stores the choice and tells what the recipient misses with it.
func (a *app) choose(c *cobra.Command, d *desk.Desk, target, recipient string, o shareOptions) ([]mindRow, error) {
	missed := []mindRow{}
	if o.stop {
		return missed, d.Share(c.Context(), target, recipient, true)
	}
	choice, err := d.ChoiceFor(c.Context(), target, share.Recipient{ID: recipient}, o.unseen)
	if err != nil {
		return nil, err
	}
	choice.Permit, choice.Later = true, o.later && choice.Subject != ""
	if o.until != "" {
		day := fhir.ParseDate(o.until)
		if day.IsZero() || !day.High().After(a.Now()) {
			return nil, usage(a.t("dit is geen dag die nog komt", "this is not a day to come"), "--until 2030-01-31")
		}
		choice.Until = day.High().Add(time.Nanosecond).Truncate(time.Second)
	}
	if err := d.Choose(c.Context(), choice); err != nil {
		return nil, err
	}
	found, err := d.Consequences(c.Context(), recipient)
	for _, f := range found {
		missed = append(missed, mindRow{f.Code, len(f.Items)})
	}
	return missed, err
}

// missing says in words what leaving something out may mean.
func (a *app) missing(code string, n int) string {
	words := map[string]string{
		share.MissesAllergies:  a.t("niet al uw allergieën worden gedeeld, uw medicijnen wel (%d).", "not all of your allergies are shared, and your medicines are (%d)."),
		share.MissesDifference: a.t("uw zorgverleners zeggen hierover niet hetzelfde; de ander leest dat niet (%d).", "your care providers do not say the same about this; the other does not read that (%d)."),
		share.MissesMedicines:  a.t("niet al uw medicijnen worden gedeeld (%d niet).", "not all of your medicines are shared (%d are not)."),
		share.MissesUnseen:     a.t("uitslagen die u nog niet wilt zien, worden niet gedeeld (%d). Wel delen: --unseen", "results that you do not want to see yet are not shared (%d). To share them: --unseen"),
		share.SharesUnseen:     a.t("de ander ziet ook uitslagen die u zelf nog niet ziet (%d).", "the other also sees results that you do not see yet (%d)."),
		share.MissesJoined:     a.t("bij iets dat u deelt is een gegeven gekomen; tot u opnieuw kiest wordt het niet gedeeld (%d).", "something joined what you share; it is not shared until you choose again (%d)."),
		share.MissesNew:        a.t("wat er na uw keuze bij kwam, wordt niet gedeeld (%d).", "what came after your choice is not shared (%d)."),
		share.MissesDelicate:   a.t("gevoelige gegevens worden alleen gedeeld als u ze los kiest (%d).", "sensitive records are shared only when you choose each of them (%d)."),
		share.MissesDoubt:      a.t("gegevens waarvan niet zeker is wat ze zijn, worden niet gedeeld (%d).", "records of which it is not certain what they are, are not shared (%d)."),
	}
	return fmt.Sprintf(words[code], n)
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
