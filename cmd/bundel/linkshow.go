package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
	"github.com/bundel-pgo/bundel/web/desk"
)

func (a *app) linkShowCommand() *cobra.Command {
	var qr string
	c := &cobra.Command{
		Use: a.t("show NUMMER", "show NUMBER"), Args: a.atLeast(1, "bundel link show 3f2a91c4"),
		Short: a.t("Toon een link weer, en wie hem opende", "Show a link again, and who opened it"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runLinkShow(c, args[0], qr) },
	}
	c.Flags().StringVar(&qr, "qr", "", a.t("schrijf de vierkante code naar dit bestand (PNG)", "write the square code to this file (PNG)"))
	return c
}

func (a *app) runLinkShow(c *cobra.Command, id, qr string) error {
	_, l, err := a.openLink(c, id)
	if err != nil {
		return err
	}
	if qr != "" && l.URI == "" {
		return usage(a.t("hier is geen vierkante code van: de link is dicht, of het is een code om voor te lezen", "this has no square code: the link is closed, or it is a code to read aloud"), "bundel link")
	}
	return a.printLink(l, qr)
}

func (a *app) linkStopCommand() *cobra.Command {
	return &cobra.Command{
		Use: a.t("stop NUMMER", "stop NUMBER"), Args: a.atLeast(1, "bundel link stop 3f2a91c4"),
		Short: a.t("Stop een link nu", "Stop a link now"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runLinkStop(c, args[0]) },
	}
}

func (a *app) runLinkStop(c *cobra.Command, id string) error {
	d, l, err := a.openLink(c, id)
	if err != nil {
		return err
	}
	err = d.StopLink(c.Context(), l.ID)
	if errors.Is(err, share.ErrRelay) || errors.Is(err, share.ErrBusy) {
		return &problem{
			exit: 1, code: "not-stopped", err: err, message: a.t("de linkserver gaf geen antwoord; de link kan nog open staan", "the link server did not answer; the link may still be open"),
			hint: a.t("probeer het zo nog een keer; hij stopt vanzelf als de tijd om is", "try again in a moment; it stops by itself when its time is over"),
		}
	}
	if err != nil {
		return err
	}
	if l, err = a.theLink(c, d, l.ID); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(linkRowOf(l))
	}
	fmt.Fprintln(a.Stdout, joined(": ", printable(l.Name), a.linkState(l)))
	a.say("%s", a.t("Wie hem eerder opende, kan een kopie hebben. Die kunnen wij niet terughalen.", "Who opened it before may have a copy. We cannot get that back."))
	return nil
}

// openLink opens the vault and finds a link in it.
func (a *app) openLink(c *cobra.Command, id string) (*desk.Desk, web.GivenLink, error) {
	d, err := a.open()
	if err != nil {
		return nil, web.GivenLink{}, err
	}
	l, err := a.theLink(c, d, id)
	return d, l, err
}

// shownLink is a link with what opens it: only for who asked for just this link.
type shownLink struct {
	linkRow
	URI      string          `json:"uri,omitempty"`
	Passcode string          `json:"passcode,omitempty"`
	Code     string          `json:"code,omitempty"`
	Site     string          `json:"site,omitempty"`
	Seen     []share.Opening `json:"seen"`
}

// printLink prints what the other needs, on the output and nowhere else, and
// writes the square code to a file when one is named.
func (a *app) printLink(l web.GivenLink, qr string) error {
	if qr != "" {
		if err := a.writeSquare(qr, l.URI); err != nil {
			return err
		}
	}
	if a.json {
		out := shownLink{linkRowOf(l), l.URI, l.Passcode, l.Code, "", append([]share.Opening{}, l.Seen...)}
		if l.Code != "" {
			out.Site = l.Site
		}
		return a.printJSON(out)
	}
	a.printFacts(l)
	for _, o := range l.Seen {
		fmt.Fprintln(a.Stdout, joined(" · ", localTime(o.At), a.openingWords(o), printable(o.Network), printable(o.Agent)))
	}
	a.adviseLink(l)
	return nil
}

// printFacts prints a line for each thing to know, with its name before it.
func (a *app) printFacts(l web.GivenLink) {
	often := a.t("zo vaak als nodig", "as often as needed")
	if l.Openings > 0 {
		often = fmt.Sprintf(a.t("hoogstens %d keer", "%d times at most"), l.Openings)
	}
	site := ""
	if l.Code != "" {
		site = l.Site
	}
	for _, fact := range [...][2]string{
		{a.t("Voor", "For"), printable(l.Name)},
		{a.t("Wat", "What"), a.linkHolds(l)},
		{a.t("Stand", "State"), joined(", ", a.linkState(l), often)},
		{"Link", l.URI},
		{a.t("Cijfers", "Digits"), l.Passcode},
		{a.t("Pagina", "Page"), site},
		{"Code", l.Code},
		{a.t("Nummer", "Number"), shortID(l.ID)},
	} {
		if fact[1] != "" {
			fmt.Fprintf(a.Stdout, "%-8s %s\n", fact[0], fact[1])
		}
	}
}

func (a *app) openingWords(o share.Opening) string {
	if o.Event != share.EventOpened {
		return a.t("niet geopend: verkeerde cijfers, code of datum", "not opened: wrong digits, code or date")
	}
	who := printable(o.Recipient)
	if who == "" {
		who = a.t("geen naam", "no name")
	}
	return a.t("geopend; de ander noemt zich: ", "opened; the other calls themselves: ") + who
}

func (a *app) adviseLink(l web.GivenLink) {
	switch {
	case l.Code != "":
		a.say("%s", a.t("Lees de code voor. De ander typt hem op die pagina, met uw geboortedatum.", "Read the code aloud. The other types it on that page, with your date of birth."))
	case l.Passcode != "":
		a.say("%s", a.t("Zeg de cijfers apart; stuur ze niet mee met de link.", "Tell the digits apart; do not send them along with the link."))
	case l.URI != "":
		a.say("%s", a.t("Wie deze link heeft, kan hem openen. Stuur hem alleen naar wie u bedoelt.", "Whoever has this link can open it. Send it only to whom you mean."))
	}
}

func (a *app) writeSquare(file, uri string) error {
	square, err := share.NewQR(uri)
	if err != nil {
		return err
	}
	return a.createFile(file, func(w io.Writer) error {
		_, err := w.Write(square.PNG())
		return err
	})
}
