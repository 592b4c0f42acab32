package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/web/desk"
)

type sendOptions struct {
	token     string
	noBrowser bool
}

func (a *app) sendCommand() *cobra.Command {
	var o sendOptions
	c := &cobra.Command{
		Use: a.t("send ZORGVERLENER", "send PROVIDER"), Args: a.atLeast(1, "bundel send huisarts-delinde"),
		Short: a.t("Verstuur de metingen die u deelt; u bevestigt het bij de zorgverlener", "Send the measurements you share; you confirm at the care provider"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runSend(c, strings.Join(args, " "), o) },
	}
	c.Flags().StringVar(&o.token, "token", "", a.t("een vast token in plaats van inloggen (kwalificatie en testservers)", "a fixed token instead of a login (qualification and test servers)"))
	c.Flags().BoolVar(&o.noBrowser, "no-browser", false, a.t("open geen browser", "do not open a browser"))
	return c
}

func (a *app) runSend(c *cobra.Command, name string, o sendOptions) error {
	ctx := c.Context()
	d, err := a.open()
	if err != nil {
		return err
	}
	if err := d.Refresh(ctx); err != nil {
		return err
	}
	recipient, err := a.recipient(c, d, name)
	if err != nil {
		return err
	}
	ready, err := d.Ready(ctx, recipient)
	if err != nil {
		return err
	}
	if len(ready) == 0 {
		return desk.ErrNothingToSend
	}
	grant, err := a.sendGrant(ctx, d, recipient, o)
	if err != nil {
		return err
	}
	deliveries, err := d.Send(ctx, grant)
	if err != nil {
		return err
	}
	return a.printDeliveries(deliveries)
}

// sendGrant is the consent for this one time: from a login, or a fixed token.
func (a *app) sendGrant(ctx context.Context, d *desk.Desk, recipient string, o sendOptions) (*medmij.Grant, error) {
	if token, err := a.fixedToken(ctx, d, recipient, o.token); token != "" || err != nil {
		if err != nil {
			return nil, err
		}
		return d.SendToken(ctx, recipient, token)
	}
	l, err := a.newLogin(ctx, d)
	if err != nil {
		return nil, err
	}
	l.visit = a.browse(o.noBrowser)
	f, err := l.run(ctx, d, func(ctx context.Context) (desk.Started, error) { return d.BeginSend(ctx, recipient) })
	return f.Grant, err
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
		if d.Result != "sent" {
			failed++
		}
	}
	if a.json {
		if err := a.printJSON(map[string]any{"results": all}); err != nil {
			return err
		}
	} else {
		words := map[string]string{"sent": a.t("verstuurd", "sent"), "refused": a.t("niet aangenomen", "refused"), "unknown": a.t("onzeker of het is aangekomen", "not certain whether it arrived")}
		for _, d := range all {
			fmt.Fprintln(a.Stdout, joined(" · ", d.Title, words[d.Result], d.Detail))
		}
	}
	if failed > 0 {
		return &problem{exit: 3, code: "partly", message: a.t("niet alles is aangenomen", "not everything was accepted"), hint: "bundel send"}
	}
	return nil
}
