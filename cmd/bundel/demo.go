package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
	"github.com/bundel-pgo/bundel/web/desk"
)

// demoPassphrase opens the vault of the demonstration, which holds a person
// who does not exist.
const demoPassphrase = "zes woorden voor de demonstratie"

type demoOptions struct {
	once, noBrowser bool
	port            int
	keep            string
}

func (a *app) demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use: "demo", Args: a.noArgs,
		Short: a.t("Probeer Bundel met een voorbeeldpersoon en nagemaakte zorgverleners", "Try Bundel with an example person and mock care providers"),
		RunE:  func(c *cobra.Command, _ []string) error { return a.runDemo(c.Context(), o) },
	}
	c.Flags().BoolVar(&o.once, "once", false, a.t("doe alles één keer zonder browser en toon het overzicht", "do everything once without a browser and print the overview"))
	c.Flags().BoolVar(&o.noBrowser, "no-browser", false, a.t("open geen browser", "do not open a browser"))
	c.Flags().IntVar(&o.port, "port", 0, a.t("poort van de pagina's (0: een vrije)", "port of the pages (0: a free one)"))
	c.Flags().StringVar(&o.keep, "keep", "", a.t("bewaar de kluis in deze map", "keep the vault in this folder"))
	return c
}

// demonstration is one run: the mock providers and a vault of its own.
type demonstration struct {
	app   *app
	net   *mock.Network
	desk  *desk.Desk
	dir   string
	clean func()
}

func (a *app) runDemo(ctx context.Context, o demoOptions) error {
	run, err := a.newDemonstration(ctx, o.keep)
	if err != nil {
		return err
	}
	defer run.close()
	if o.once {
		return run.once(ctx)
	}
	return run.serve(ctx, o)
}

// newDemonstration starts the mock providers and makes the vault. From then on
// the vault is what a works with.
func (a *app) newDemonstration(ctx context.Context, keep string) (*demonstration, error) {
	a.demo = true
	run := &demonstration{app: a}
	var err error
	if run.net, err = mock.Serve(ctx, mock.Config{Now: a.Now, Log: a.log()}); err != nil {
		return nil, err
	}
	if run.dir, run.clean, err = demoFolder(keep); err != nil {
		run.net.Close()
		return nil, err
	}
	if run.desk, err = a.demoDesk(ctx, run.net, run.dir); err != nil {
		run.close()
		return nil, err
	}
	return run, nil
}

// close closes the vault, ends the providers and removes what need not be kept.
func (r *demonstration) close() {
	if r.desk != nil {
		_ = r.desk.Close() // of a person who does not exist
	}
	r.net.Close()
	r.clean()
}

func demoFolder(keep string) (dir string, clean func(), err error) {
	if keep != "" {
		return keep, func() {}, os.MkdirAll(keep, 0o700)
	}
	dir, err = os.MkdirTemp("", "bundel-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// demoDesk makes a vault and points it at the mock providers.
func (a *app) demoDesk(ctx context.Context, n *mock.Network, dir string) (*desk.Desk, error) {
	m, err := a.demoMedMij(n)
	if err != nil {
		return nil, err
	}
	a.desk, err = desk.New(desk.Config{
		Path: filepath.Join(dir, "vault.bundel"), Store: store.Config{KDF: a.KDF, State: dir}, MedMij: m, Now: a.Now, Log: a.log(),
	})
	if err != nil {
		return nil, err
	}
	if _, err := a.desk.Create(ctx, []byte(demoPassphrase)); err != nil {
		return nil, err
	}
	for _, rule := range demoGates() {
		if err := a.desk.SetGate(ctx, rule); err != nil {
			return nil, err
		}
	}
	return a.desk, a.desk.Refresh(ctx)
}

// demoGates: the example person sees results at once, but for one, so that
// both can be seen (product.md 6.9).
func demoGates() []aggregator.GateRule {
	one := aggregator.StableRef{
		Provider: "medmij:ziekenhuis-noordzee@medmij", Kind: "lab", Ident: "urn:oid:2.16.840.1.113883.2.4.3.11.999.7.302|NZ-2077-CREA",
	}
	return []aggregator.GateRule{{Wait: aggregator.WaitNot}, {Wait: aggregator.WaitAsk, Records: []aggregator.StableRef{one}}}
}

func (a *app) demoMedMij(n *mock.Network) (*desk.MedMij, error) {
	pair, err := tls.X509KeyPair(n.ClientCert, n.ClientKey)
	if err != nil {
		return nil, fmt.Errorf("certificate of the demonstration: %w", err)
	}
	creds := medmij.TLS{Certificate: &pair, Roots: x509.NewCertPool()}
	creds.Roots.AppendCertsFromPEM(n.CA)
	return &desk.MedMij{
		ClientID: n.ClientID, Redirect: "http://127.0.0.1" + callbackPath, TLS: creds, Dev: true,
		Lists: medmij.ListsConfig{URL: n.ListsURL, AddressBook: n.AddressBookURL, TLS: creds},
	}, nil
}

// demoProviders are those that anna knows, by what a person would type.
var demoProviders = [...]string{"huisarts linde", "apotheek zon", "ziekenhuis noordzee"}

// once does the main job as a person would, without a browser: search, log in
// at the pages of each provider, collect, and print the overview.
func (r *demonstration) once(ctx context.Context) error {
	for _, query := range demoProviders {
		found, err := r.desk.Search(ctx, query, 1)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("the search for %q found nothing", query)
		}
		r.app.say("%s: %s", query, found[0].Display)
		for _, c := range chosen(found[0], nil) {
			if err := r.logIn(ctx, c); err != nil {
				return err
			}
		}
	}
	grants, err := r.desk.Grants(ctx)
	if err != nil {
		return err
	}
	receipts, err := r.app.collect(ctx, r.desk, grants)
	if err != nil {
		return err
	}
	o, err := r.desk.Overview(ctx, time.Time{}, r.app.lang)
	if err != nil {
		return err
	}
	if r.app.json {
		err = r.app.printJSON(o)
	} else {
		r.app.printOverview(o)
	}
	if err != nil {
		return err
	}
	return r.app.partly(receipts)
}

// logIn walks the provider's pages as anna.
func (r *demonstration) logIn(ctx context.Context, c choice) error {
	l, err := r.app.newLogin(ctx, r.desk)
	if err != nil {
		return err
	}
	l.visit = r.walk
	_, err = l.run(ctx, r.desk, func(ctx context.Context) (desk.Started, error) { return r.desk.Begin(ctx, c.conn) })
	return err
}

// walk is the browser of the demonstration: it keeps cookies, presses the
// buttons of the pages, and opens the address it is sent back to.
func (r *demonstration) walk(ctx context.Context, start string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return fmt.Errorf("walk the login: %w", err)
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	first, err := get(ctx, client, start)
	if err != nil {
		return err
	}
	to, err := first.Location()
	if err != nil {
		return nil // the login ended before it began: the waiting side knows why
	}
	back, err := r.net.Visit(ctx, to.String(), mock.Visitor{Persona: "anna", Indefinite: true})
	if err != nil {
		return err
	}
	answer, err := get(ctx, client, back.String())
	if err != nil {
		return err
	}
	last, err := answer.Location()
	if err != nil {
		return nil // the last page was shown at once
	}
	_, err = get(ctx, client, last.String())
	return err
}

func get(ctx context.Context, client *http.Client, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("walk the login: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("walk the login: %w", err)
	}
	return resp, resp.Body.Close()
}

func (r *demonstration) serve(ctx context.Context, o demoOptions) error {
	a := r.app
	return a.pages(ctx, r.desk, serveOptions{port: o.port, noBrowser: o.noBrowser, lang: a.lang}, func(s *web.Server) error {
		fmt.Fprintf(a.Stdout, "%s\n%s%s\n%s\n%s\n", s.Address(),
			a.t("Wachtzin: ", "Passphrase: "), demoPassphrase,
			a.t("Zoek een zorgverlener (De Linde, De Zon, Noordzee) en log in als Anna de Vries.", "Search a care provider (De Linde, De Zon, Noordzee) and log in as Anna de Vries."),
			a.t("Stoppen: Ctrl-C.", "Stop: Ctrl-C."))
		return a.openUnlocked(s, r.dir, o.noBrowser)
	})
}
