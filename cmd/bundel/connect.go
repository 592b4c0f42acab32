package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/web/desk"
)

type connectOptions struct {
	services, token string
	noBrowser       bool
}

func (a *app) connectCommand() *cobra.Command {
	var o connectOptions
	c := &cobra.Command{
		Use: a.t("connect ZORGVERLENER", "connect PROVIDER"), Args: a.atLeast(1, "bundel connect huisarts-delinde"),
		Short: a.t("Log in bij een zorgverlener en bewaar de toestemming", "Log in at a care provider and keep the consent"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.runConnect(c.Context(), strings.Join(args, " "), o)
		},
	}
	c.Flags().StringVar(&o.services, "services", "", a.t("alleen deze gegevensdiensten, bijvoorbeeld 48,49", "only these data services, 48,49 for example"))
	c.Flags().StringVar(&o.token, "token", "", a.t("een vast token in plaats van inloggen (kwalificatie en testservers)", "a fixed token instead of a login (qualification and test servers)"))
	c.Flags().BoolVar(&o.noBrowser, "no-browser", false, a.t("open geen browser", "do not open a browser"))
	return c
}

func (a *app) runConnect(ctx context.Context, query string, o connectOptions) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	if err := d.Refresh(ctx); err != nil {
		return err
	}
	p, err := d.FindProvider(ctx, query)
	if err != nil {
		return err
	}
	conns := chosen(p, splitList(o.services))
	if len(conns) == 0 {
		return usage(a.t("deze zorgverlener biedt dat niet aan", "this care provider does not offer that"), "bundel providers")
	}
	if len(conns) > 1 && o.token == "" {
		a.say(a.t("U logt %d keer in.", "You log in %d times."), len(conns))
	}
	for _, c := range conns {
		if err := a.connectOne(ctx, d, c, o); err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(map[string]any{"source": "medmij:" + p.Name, "provider": p.Display, "connections": len(conns)})
	}
	fmt.Fprintf(a.Stdout, "%s: %s\n", p.Display, a.t("verbonden. Haal de gegevens op met: bundel sync", "connected. Collect the records with: bundel sync"))
	return nil
}

// choice is a connection with the services to ask there; none means all.
type choice struct {
	conn     medmij.Connection
	services []string
}

// chosen are the connections that offer something to collect, of the services
// named if there are any.
func chosen(p medmij.Provider, services []string) []choice {
	var out []choice
	for _, conn := range p.Connections {
		c := choice{conn: conn}
		collects := false
		for _, o := range conn.Services {
			s, known := medmij.ServiceByID(o.ID)
			wanted := len(services) == 0 || contains(services, o.ID)
			if known && s.Direction == medmij.Collect && wanted {
				collects = true
				if len(services) > 0 {
					c.services = append(c.services, o.ID)
				}
			}
		}
		if collects {
			out = append(out, c)
		}
	}
	return out
}

func (a *app) connectOne(ctx context.Context, d *desk.Desk, c choice, o connectOptions) error {
	if o.token != "" {
		_, err := d.ConnectToken(ctx, c.conn, o.token, c.services...)
		return err
	}
	l, err := a.newLogin(ctx, d)
	if err != nil {
		return err
	}
	l.visit = a.browse(o.noBrowser)
	_, err = l.run(ctx, d, func(ctx context.Context) (desk.Started, error) { return d.Begin(ctx, c.conn, c.services...) })
	return err
}

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}
