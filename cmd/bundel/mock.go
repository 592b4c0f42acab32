package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

type mockOptions struct {
	config string
	data   []string
	port   int
	date   string
}

func (a *app) mockCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "mock",
		Short: a.t("Nagemaakte zorgverleners, om te testen", "Mock care providers, for tests"),
	}
	group.AddCommand(a.mockServe(), a.mockInit(), a.mockFaultsCommand())
	return group
}

func (a *app) mockServe() *cobra.Command {
	var o mockOptions
	serve := &cobra.Command{
		Use: "serve", Args: a.noArgs,
		Short: a.t("Start lijsten, inlogpagina's, tokens en FHIR-servers op deze computer", "Start lists, login pages, tokens and FHIR servers on this computer"),
		Long: a.t(`Start nagemaakte zorgverleners op deze computer. De eerste regel op de uitvoer is JSON
met alle adressen, het testcertificaat en de personen met hun vaste tokens.

Met --config komt alles uit een bestand van JSON; een onbekende naam daarin is een fout.
Wat er niet in staat, is als in de demonstratie. --data, --port en --date gaan voor.
`, `Start mock care providers on this computer. The first line of the output is JSON with
all addresses, the test certificate and the personas with their fixed tokens.

With --config everything comes from a file of JSON, in which an unknown name is an error.
What is not in it is as in the demonstration. --data, --port and --date go before it.
`) + mockKeys,
		RunE: func(c *cobra.Command, _ []string) error { return a.runMock(c, o) },
	}
	serve.Flags().StringVar(&o.config, "config", "", a.t("bestand met de instellingen van de zorgverleners", "file with the settings of the providers"))
	serve.Flags().StringArrayVar(&o.data, "data", nil, a.t("map met FHIR-bestanden om aan te bieden", "folder with FHIR files to offer"))
	serve.Flags().IntVar(&o.port, "port", 0, a.t("poort van de lijsten (0: een vrije)", "port of the lists (0: a free one)"))
	serve.Flags().StringVar(&o.date, "date", "", a.t("datum T voor de plaatshouders (standaard vandaag)", "date T of the placeholders (default today)"))
	return serve
}

// mockKeys lists the names of a configuration; docs/MOCK.md tells more.
const mockKeys = `
  topology     "demo" or "full": where what is not given comes from
  providers    name, display, kind, street, postcode, city, agb, type, interfaces,
               services, secondDVA, subscriptionDays, lateCheck, pageSize,
               stopsComeWithTheirAgreement, data
  personas     id, name, token, patients, birthDate, children, represents
  clients      hostname, name, services
  data         folders of FHIR files, offered by one more provider
  faults       on, fault and what that fault takes
  seed         a number: the same codes and tokens in every run
  now, date    the clock at the start; the T of placeholders
  port, dir    of the lists; folder of the certificates
  official     lists without ports; the first line then says where hosts are
  release2     the list of providers in its older release
  lenient      accept what is seen in the field and not allowed
  corrections  number of the data service of correction requests`

func (a *app) mockInit() *cobra.Command {
	return &cobra.Command{
		Use: "init DIR", Args: a.atLeast(1, "bundel mock init DIR"),
		Short: a.t("Maak een map met testcertificaten en instellingen", "Make a folder with test certificates and settings"),
		Long: a.t(`Maak een map met een testautoriteit, een clientcertificaat en mock.json met de waarden van
de demonstratie. Daarna start "bundel mock serve --config DIR/mock.json" de zorgverleners,
telkens met dezelfde autoriteit. Er wordt niets overschreven. Alleen om te testen.`,
			`Make a folder with a test authority, a client certificate and mock.json with the values
of the demonstration. Then "bundel mock serve --config DIR/mock.json" starts the providers,
with the same authority each time. Nothing is overwritten. For tests only.`),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.noArgs(nil, args[1:]); err != nil {
				return err
			}
			config, err := mock.Init(args[0])
			if errors.Is(err, mock.ErrExists) {
				return usage(a.t("er staat al iets in deze map, en dat blijft zoals het is: ", "something is in this folder already, and it stays as it is: ")+args[0], "bundel mock init DIR")
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(a.Stdout, config)
			return nil
		},
	}
}

func (a *app) runMock(c *cobra.Command, o mockOptions) error {
	cfg, err := a.mockConfig(c, o)
	if err != nil {
		return err
	}
	n, err := mock.Serve(c.Context(), cfg)
	if err != nil {
		return err
	}
	defer n.Close()
	fmt.Fprintln(a.Stdout, n.ReadyLine())
	<-c.Context().Done()
	return nil
}

// mockConfig reads the file, and puts the flags over it.
func (a *app) mockConfig(c *cobra.Command, o mockOptions) (mock.Config, error) {
	cfg := mock.Config{Now: a.Now}
	if o.config != "" {
		var err error
		if cfg, err = mock.ReadConfig(o.config); err != nil {
			return cfg, usage(err.Error(), "bundel mock serve --help")
		}
		if cfg.Now == nil {
			cfg.Now = a.Now
		}
	}
	cfg.Log = a.log()
	if c.Flags().Changed("port") {
		cfg.Port = o.port
	}
	if o.date != "" {
		d := fhir.ParseDate(o.date)
		if d.Precision() < fhir.PrecisionDay {
			return cfg, usage(a.t("dit is geen datum", "this is not a date"), "--date 2026-06-01")
		}
		cfg.Date = d.Low()
	}
	for _, dir := range o.data {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return cfg, usage(a.t("dit is geen map: ", "this is no folder: ")+dir, "--data DIR")
		}
		cfg.Data = append(cfg.Data, fs.FS(os.DirFS(dir)))
	}
	if len(o.data) > 0 {
		if cfg.Providers == nil {
			cfg.Providers = mock.Demo().Providers // beside what the folders hold
		}
		cfg.Personas = nil
	}
	return cfg, nil
}
