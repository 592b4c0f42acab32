package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
	"github.com/bundel-pgo/bundel/web/desk"
)

type linkOptions struct {
	with, name, life, born string
	qr                     string
	times                  int
	all, aloud, noPasscode bool
}

const (
	shortestLink = time.Hour
	longestLink  = 30 * 24 * time.Hour
)

func (a *app) linkMakeCommand() *cobra.Command {
	var o linkOptions
	c := &cobra.Command{
		Use: a.t("make --with ONTVANGER | --all --for NAAM", "make --with RECIPIENT | --all --for NAME"), Args: a.noArgs,
		Short: a.t("Maak een link, of een code om voor te lezen", "Make a link, or a code to read aloud"),
		RunE:  func(c *cobra.Command, _ []string) error { return a.runLinkMake(c, o) },
	}
	f := c.Flags()
	f.StringVar(&o.with, "with", "", a.t("wat deze ontvanger van u mag zien (bundel share)", "what this recipient may see of you (bundel share)"))
	f.BoolVar(&o.all, "all", false, a.t("alles wat u zelf ziet", "all that you see yourself"))
	f.StringVar(&o.name, "for", "", a.t("voor wie het is, om het later te herkennen (standaard de ontvanger)", "whom it is for, to know it again later (default the recipient)"))
	f.StringVar(&o.life, "life", "1h", a.t("hoe lang: 1h tot 30d", "how long: 1h to 30d"))
	f.IntVar(&o.times, "times", 1, a.t("hoe vaak hij open kan (0: zo vaak als nodig)", "how often it can be opened (0: as often as needed)"))
	f.BoolVar(&o.noPasscode, "no-passcode", false, a.t("zonder cijfers: wie de link heeft, kan hem openen", "without digits: whoever has the link can open it"))
	f.BoolVar(&o.aloud, "aloud", false, a.t("een code om voor te lezen: een uur, een keer", "a code to read aloud: an hour, once"))
	f.StringVar(&o.born, "born", "", a.t("bij --aloud: uw geboortedatum (standaard die uit uw gegevens)", "with --aloud: your date of birth (default that of your records)"))
	f.StringVar(&o.qr, "qr", "", a.t("schrijf de vierkante code naar dit bestand (PNG)", "write the square code to this file (PNG)"))
	return c
}

func (a *app) runLinkMake(c *cobra.Command, o linkOptions) error {
	wish, err := a.linkWish(c, o)
	if err != nil {
		return err
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	if d.Relay() == "" {
		return desk.ErrNoRelay
	}
	if err := a.fillWish(c, d, &wish, o); err != nil {
		return err
	}
	id, err := d.MakeLink(c.Context(), wish)
	if errors.Is(err, share.ErrRelay) {
		return &problem{
			exit: 1, code: "relay", err: err, message: a.t("de linkserver gaf geen antwoord; de link kan open staan", "the link server did not answer; the link may be open"),
			hint: a.t("kijk met bundel link, en stop hem als hij er is", "look with bundel link, and stop it when it is there"),
		}
	}
	if err != nil {
		return err
	}
	l, err := a.theLink(c, d, id)
	if err != nil {
		return err
	}
	return a.printLink(l, o.qr)
}

// linkWish is what the command line says by itself.
func (a *app) linkWish(c *cobra.Command, o linkOptions) (web.LinkWish, error) {
	wish := web.LinkWish{Name: tidyName(o.name), Openings: o.times, Passcode: !o.noPasscode, Lang: a.lang}
	limited := c.Flags().Changed("life") || c.Flags().Changed("times") || o.noPasscode || o.qr != ""
	var good bool
	wish.Life, good = readLife(o.life)
	switch {
	case o.all == (o.with != ""):
		return wish, usage(a.t("kies wat de ander ziet", "choose what the other sees"), a.t("--with ONTVANGER | --all --for NAAM", "--with RECIPIENT | --all --for NAME"))
	case o.all && wish.Name == "" || len([]rune(wish.Name)) > longestName:
		return wish, usage(a.t("voor wie is de link? Noem een naam van ten hoogste 80 tekens", "whom is the link for? Give a name of at most 80 characters"), "--for "+a.t("NAAM", "NAME"))
	case o.aloud && limited:
		return wish, usage(a.t("een code werkt altijd een uur, opent een keer en heeft geen cijfers of vierkante code", "a code always works an hour, opens once and has no digits or square code"), "--aloud")
	case !o.aloud && o.born != "":
		return wish, usage(a.t("een geboortedatum hoort bij een code", "a date of birth goes with a code"), "--aloud")
	case !good:
		return wish, usage(a.t("een link werkt een uur tot dertig dagen", "a link works an hour to thirty days"), "--life 1h | --life 24h | --life 30d")
	case o.times < 0:
		return wish, usage(a.t("zo vaak kan niet", "that often cannot be"), "--times 1")
	}
	return wish, nil
}

// readLife reads a time as time.ParseDuration does, or in days: "30d".
func readLife(s string) (time.Duration, bool) {
	life, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		life = time.Duration(min(n, 1000)) * 24 * time.Hour
	}
	return life, err == nil && life >= shortestLink && life <= longestLink
}

// fillWish adds what the vault knows: who the recipient is, and for a code the
// date of birth, which need not be typed where others can read it.
func (a *app) fillWish(c *cobra.Command, d *desk.Desk, wish *web.LinkWish, o linkOptions) (err error) {
	if o.with != "" {
		if wish.Audience, err = a.recipient(c, d, o.with); err != nil {
			return err
		}
	}
	if !o.aloud {
		return nil
	}
	wish.BirthDate = o.born
	if wish.BirthDate == "" {
		view, err := d.Overview(c.Context(), time.Time{}, a.lang)
		if err != nil {
			return err
		}
		wish.BirthDate = view.Person.BirthDate
	}
	if wish.BirthDate == "" {
		return share.ErrBirthDate
	}
	return nil
}
