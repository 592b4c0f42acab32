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
	with, as, until          string
	stop, later, unseen, yes bool
}

func (a *app) shareCommand() *cobra.Command {
	var o shareOptions
	c := &cobra.Command{
		Use: a.t("share ITEM|ONDERWERP --with ZORGVERLENER | --with NAAM --as WIE", "share ITEM|SUBJECT --with PROVIDER | --with NAME --as WHO"), Args: a.atLeast(1, "bundel share vital --with huisarts-delinde"),
		Short: a.t("Kies wie wat mag zien (standaard: niemand iets)", "Choose who may see what (default: nobody anything)"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runShare(c, args[0], o) },
	}
	c.Flags().StringVar(&o.with, "with", "", a.t("de zorgverlener, of een ander bij naam", "the care provider, or another by name"))
	c.Flags().StringVar(&o.as, "as", "", a.t("wie dat is, als het geen zorgverlener uit MedMij is: ", "who that is, when no care provider of MedMij: ")+roleWords)
	c.Flags().BoolVar(&o.yes, "yes", false, a.t("ja, ook met iemand met wie u nooit hoeft te delen", "yes, also with somebody with whom you never have to share"))
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
	to, err := a.somebody(c, d, o)
	if err != nil {
		return err
	}
	if !o.stop && !o.yes && to.Warning() != "" {
		return usage(a.t("u bent nooit verplicht om dit te delen: vraag eerst uw huisarts; er is niets gekozen", "you never have to share this: ask your GP first; nothing was chosen"),
			a.t("toch delen? Voeg --yes toe", "share it all the same? Add --yes"))
	}
	missed, err := a.choose(c, d, target, to, o)
	if err != nil {
		return err
	}
	if a.json {
		out := map[string]any{"target": target, "with": to.ID, "shared": !o.stop, "mind": missed}
		if warning := to.Warning(); warning != "" {
			out["warning"] = warning
		}
		return a.printJSON(out)
	}
	if o.stop {
		fmt.Fprintln(a.Stdout, a.t("U deelt dit niet meer. Wat al verstuurd is, blijft daar.", "You no longer share this. What was sent stays there."))
		return nil
	}
	fmt.Fprintln(a.Stdout, a.chosen(to))
	for _, m := range missed {
		a.say("%s", a.t("Let op: ", "Mind: ")+a.missing(m.Code, m.Items))
	}
	return nil
}

// chosen says that a choice was stored, and what makes something leave.
func (a *app) chosen(to share.Recipient) string {
	if to.Kind() == share.ToProvider {
		return a.t("Gekozen. Er is nog niets verstuurd: dat doet u met bundel send.", "Chosen. Nothing was sent yet: do that with bundel send.")
	}
	return a.t("Gekozen. Er is nog niets gegeven: dat doet u met bundel link make of bundel export --recipient.",
		"Chosen. Nothing was given yet: do that with bundel link make or bundel export --recipient.")
}

// mindRow is in JSON what the person should know of what stays out.
type mindRow struct {
	Code  string `json:"code"`
	Items int    `json:"items"`
}

// choose stores the choice and tells what the recipient misses with it.
func (a *app) choose(c *cobra.Command, d *desk.Desk, target string, to share.Recipient, o shareOptions) ([]mindRow, error) {
	missed := []mindRow{}
	if o.stop {
		return missed, d.Share(c.Context(), target, to.ID, true)
	}
	choice, err := d.ChoiceFor(c.Context(), target, to, o.unseen)
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
	found, err := d.Consequences(c.Context(), to.ID)
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
