package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web/desk"
)

type sendOptions struct {
	what, token, digest       string
	answers, words            string
	items                     []string
	noBrowser, again, preview bool
}

func (a *app) sendCommand() *cobra.Command {
	var o sendOptions
	c := &cobra.Command{
		Use: a.t("send ZORGVERLENER", "send PROVIDER"), Args: a.atLeast(1, "bundel send huisarts-delinde"),
		Short: a.t("Verstuur wat u deelt; u bevestigt het bij de zorgverlener", "Send what you share; you confirm at the care provider"),
		Long: a.t("Verstuur wat u deelt. Spoed? Bel 112 of uw huisarts.", "Send what you share. Urgent? Call 112 or your doctor.") + `

  bundel send huisarts-delinde
  bundel send ziekenhuis-noordzee --what documents --preview
  bundel send kliniek --what answers --item questionnaire:abcdefghijkl --answers antwoorden.json
  bundel send ziekenhuis --what correction --item medication:abcdefghijkl --words "..."
`,
		RunE: func(c *cobra.Command, args []string) error { return a.runSend(c, strings.Join(args, " "), o) },
	}
	f := c.Flags()
	f.StringVar(&o.what, "what", string(share.KindMeasurements), a.t("wat: ", "what: ")+"measurements, documents, images, answers, correction")
	f.StringSliceVar(&o.items, "item", nil, a.t("alleen dit item", "only this item"))
	f.StringVar(&o.answers, "answers", "", a.t("bestand met antwoorden: {\"vraag\": [\"antwoord\"]}", "file with answers: {\"question\": [\"answer\"]}"))
	f.StringVar(&o.words, "words", "", a.t("bij correction: wat niet klopt, in uw eigen woorden", "with correction: what is wrong, in your own words"))
	f.BoolVar(&o.preview, "preview", false, a.t("toon precies wat er verstuurd zou worden; er gaat niets weg", "show exactly what would be sent; nothing leaves"))
	f.StringVar(&o.digest, "digest", "", a.t("verstuur alleen wat in het voorbeeld stond", "send only what the preview showed"))
	f.BoolVar(&o.again, "again", false, a.t("verstuur ook wat misschien al is aangekomen (u hebt het nagevraagd)", "also send what may have arrived before (you asked the provider)"))
	f.StringVar(&o.token, "token", "", a.t("een vast token in plaats van inloggen (kwalificatie en testservers)", "a fixed token instead of a login (qualification and test servers)"))
	f.BoolVar(&o.noBrowser, "no-browser", false, a.t("open geen browser", "do not open a browser"))
	return c
}

func (a *app) runSend(c *cobra.Command, name string, o sendOptions) error {
	ctx := c.Context()
	if !slices.Contains(share.Kinds(), share.Kind(o.what)) {
		return usage(a.t("dit kan niet worden verstuurd", "this cannot be sent"), "--what measurements, documents, images, answers, correction")
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	if err := d.Refresh(ctx); err != nil {
		return err
	}
	recipient, err := a.provider(c, d, name)
	if err != nil {
		return err
	}
	s := desk.Sending{Kind: share.Kind(o.what), Recipient: recipient, Items: o.items, Again: o.again, Digest: o.digest}
	if done, err := a.writeFirst(ctx, d, &s, o); err != nil || done {
		return err
	}
	p, err := d.Prepare(ctx, s)
	if err != nil {
		a.explainLeft(p.Left)
		return err
	}
	a.explainLeft(p.Left)
	if o.preview {
		return a.printPreview(p)
	}
	return a.sendNow(ctx, d, s, o)
}

// writeFirst keeps what the person gave along as a draft. It is done when there
// is nothing to send after it: a form to fill in, or a letter to print.
func (a *app) writeFirst(ctx context.Context, d *desk.Desk, s *desk.Sending, o sendOptions) (done bool, err error) {
	switch {
	case (s.Kind == share.KindAnswers || s.Kind == share.KindCorrection) && len(s.Items) != 1:
		return true, usage(a.t("kies waarover het gaat", "choose what it is about"), "--item ITEM")
	case s.Kind == share.KindAnswers && o.answers == "":
		return a.formOrDraft(ctx, d, s.Items[0])
	case s.Kind == share.KindAnswers:
		return a.keepAnswers(ctx, d, s.Items[0], o)
	case s.Kind == share.KindCorrection:
		return a.keepRequest(ctx, d, s, o)
	}
	return false, nil
}

// printPreview gives the bytes as they are, and nothing else on stdout.
func (a *app) printPreview(p desk.Prepared) error {
	fmt.Fprintf(a.Stderr, a.t("Er is niets verstuurd. Verstuur precies dit met --digest %s\n", "Nothing was sent. Send just this with --digest %s\n"), p.Message.Digest())
	_, err := a.Stdout.Write(p.Message.Bytes)
	return err
}

func (a *app) explainLeft(left []desk.Left) {
	words := map[string]string{
		"not-shared": a.t("dit deelt u niet met deze zorgverlener", "you do not share this with this provider"),
		"sent":       a.t("dit is al verstuurd", "this was sent before"),
		"unknown":    a.t("dit is misschien al aangekomen: vraag het na, en verstuur het dan met --again", "this may have arrived: ask the provider, then send it with --again"),
		"no-file":    a.t("het bestand is niet opgehaald", "the file was not collected"),
		"type":       a.t("dit soort bestand neemt de zorgverlener niet aan", "the provider does not take this type of file"),
		"size":       a.t("dit bestand is te groot om te versturen", "this file is too large to send"),
		"later":      a.t("dit past niet meer in dit bericht; verstuur het hierna", "this does not fit in this message; send it next"),
		"rejected":   a.t("u hebt gezegd dat u dit niet invult", "you said that you do not fill this in"),
	}
	for _, l := range left {
		if words[l.Code] != "" {
			fmt.Fprintln(a.Stderr, joined(": ", l.Item, words[l.Code]))
		}
	}
}

func (a *app) sendNow(ctx context.Context, d *desk.Desk, s desk.Sending, o sendOptions) error {
	if !d.CanReceive(ctx, s.Kind, s.Recipient) {
		return desk.ErrTakesNone
	}
	if s.Kind == share.KindAnswers {
		if err := d.AcceptRequest(ctx, s.Items[0]); err != nil {
			return err
		}
	}
	grant, s, err := a.sendGrant(ctx, d, s, o)
	if err != nil {
		return err
	}
	deliveries, err := d.Send(ctx, grant, s)
	if err != nil && len(deliveries) == 0 {
		return err
	}
	return errors.Join(err, a.printDeliveries(deliveries))
}

// sendGrant is the consent for this one time: from a login, or a fixed token;
// with it what the person confirmed.
func (a *app) sendGrant(ctx context.Context, d *desk.Desk, s desk.Sending, o sendOptions) (*medmij.Grant, desk.Sending, error) {
	token, err := a.fixedToken(ctx, d, s.Recipient, o.token)
	if err != nil {
		return nil, s, err
	}
	if token != "" {
		g, err := d.SendToken(ctx, s, token)
		return g, s, err
	}
	l, err := a.newLogin(ctx, d)
	if err != nil {
		return nil, s, err
	}
	l.visit = a.browse(o.noBrowser)
	f, err := l.run(ctx, d, func(ctx context.Context) (desk.Started, error) { return d.BeginSend(ctx, s) })
	return f.Grant, f.Sending, err
}

// fixedToken is the token of --token, or that with which the provider was
// connected (connect --token).
func (a *app) fixedToken(ctx context.Context, d *desk.Desk, recipient, token string) (string, error) {
	if token != "" {
		return token, nil
	}
	grants, err := d.Grants(ctx)
	if err != nil {
		return "", err
	}
	for _, g := range grants {
		if g.Source() == recipient && g.Consented.IsZero() && g.AccessToken != "" {
			return g.AccessToken, nil
		}
	}
	return "", nil
}

func (a *app) printDeliveries(all []desk.Delivery) error {
	failed := 0
	for _, d := range all {
		if d.Result != share.Sent {
			failed++
		}
	}
	if a.json {
		if err := a.printJSON(map[string]any{"results": all}); err != nil {
			return err
		}
	} else {
		words := map[string]string{
			share.Sent: a.t("verstuurd", "sent"), share.Refused: a.t("niet aangenomen", "refused"),
			share.Unknown: a.t("onzeker of het is aangekomen; vraag het de zorgverlener", "not certain whether it arrived; ask the provider"),
		}
		for _, d := range all {
			fmt.Fprintln(a.Stdout, joined(" · ", d.Title, words[d.Result], d.Detail))
		}
	}
	if failed > 0 {
		return &problem{exit: 3, code: "partly", message: a.t("niet alles is aangenomen", "not everything was accepted"), hint: "bundel send"}
	}
	return nil
}
