package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/web"
	"github.com/bundel-pgo/bundel/web/desk"
)

type serveOptions struct {
	port      int
	noBrowser bool
	storybook bool
	lang      string // of the pages; empty: as the person chose there
	example   func(ctx context.Context, lang string) (web.Example, error)
}

func (a *app) serveCommand() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use: "serve", Args: a.noArgs,
		Short: a.t("Open uw pagina's op deze computer (127.0.0.1)", "Open your pages on this computer (127.0.0.1)"),
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("lang") || a.Getenv("BUNDEL_LANG") != "" {
				o.lang = a.lang
			}
			if o.storybook {
				return a.runStorybook(c.Context(), o)
			}
			return a.runServe(c.Context(), o)
		},
	}
	c.Flags().IntVar(&o.port, "port", 0, a.t("poort (0: een vrije)", "port (0: a free one)"))
	c.Flags().StringVar(&a.relay, "relay", "", a.t("adres van een relay, om links te maken", "address of a relay, to make links"))
	c.Flags().BoolVar(&o.storybook, "storybook", false, a.t("toon elke pagina en toestand met een voorbeeldpersoon, zonder kluis", "show every page and state with an example person, without a vault"))
	c.Flags().BoolVar(&o.noBrowser, "no-browser", false, a.t("open geen browser", "do not open a browser"))
	return c
}

func (a *app) runServe(ctx context.Context, o serveOptions) error {
	d, err := a.closed()
	if err != nil {
		return err
	}
	for _, w := range a.place() {
		a.log().Warn("the place of the vault", "warning", w.Code)
	}
	ctx, stop := context.WithCancel(ctx)
	b := a.newBeside(ctx)
	defer b.wait()
	defer stop()
	o.example = b.begin
	return a.pages(ctx, d, o, func(s *web.Server) error {
		fmt.Fprintln(a.Stdout, s.Address())
		if o.noBrowser {
			return nil
		}
		if err := a.Browse(s.Address()); err != nil {
			a.say("%s", a.t("De browser ging niet vanzelf open.", "The browser did not open by itself."))
		}
		return nil
	})
}

// pages serves the pages of a desk until ctx ends; ready is called once they
// can be visited.
func (a *app) pages(ctx context.Context, d *desk.Desk, o serveOptions, ready func(*web.Server) error) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.port)))
	if err != nil {
		return usage(a.t("deze poort is al in gebruik", "this port is in use"), "--port 0")
	}
	if err := a.comeBackTo(d, ln.Addr().String()); err != nil {
		return errors.Join(err, ln.Close())
	}
	s, err := web.New(web.Config{
		Desk: d.Pages(ctx), Port: ln.Addr().(*net.TCPAddr).Port, Lang: o.lang, Now: a.Now, Log: a.log(),
		Demo: a.demo, Example: o.example, About: web.About{Version: version},
	})
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	go d.KeepListsFresh(ctx)
	if err := ready(s); err != nil {
		return errors.Join(err, ln.Close())
	}
	return s.Serve(ctx, ln)
}

// comeBackTo points logins at these pages, unless the configuration names a
// public address.
func (a *app) comeBackTo(d *desk.Desk, address string) error {
	m, err := a.medmij()
	if err != nil || (m != nil && !m.Dev) {
		return err
	}
	return d.SetRedirect("http://" + address + callbackPath)
}

// openUnlocked opens the pages of a vault that the terminal already opened: by
// a file that only this account can read, with a token that works once
// (security-store.md B5).
func (a *app) openUnlocked(s *web.Server, dir string, noBrowser bool) error {
	f, err := os.CreateTemp(dir, "open-*.html")
	if err != nil {
		return fmt.Errorf("write the page that opens the browser: %w", err)
	}
	if _, err := f.Write(s.StartPage()); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write the page that opens the browser: %w", err)
	}
	if noBrowser {
		return nil
	}
	if err := a.Browse("file://" + filepath.ToSlash(f.Name())); err != nil {
		a.say("%s", a.t("De browser ging niet vanzelf open.", "The browser did not open by itself."))
	}
	return nil
}
