package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

type mockOptions struct {
	data []string
	port int
	date string
}

func (a *app) mockCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "mock",
		Short: a.t("Nagemaakte zorgverleners, om te testen", "Mock care providers, for tests"),
	}
	var o mockOptions
	serve := &cobra.Command{
		Use: "serve", Args: a.noArgs,
		Short: a.t("Start lijsten, inlogpagina's, tokens en FHIR-servers op deze computer", "Start lists, login pages, tokens and FHIR servers on this computer"),
		Long: a.t("Start nagemaakte zorgverleners op deze computer. De eerste regel op de uitvoer is JSON\nmet alle adressen, het testcertificaat en de personen met hun vaste tokens.",
			"Start mock care providers on this computer. The first line of the output is JSON with\nall addresses, the test certificate and the personas with their fixed tokens."),
		RunE: func(c *cobra.Command, _ []string) error { return a.runMock(c, o) },
	}
	serve.Flags().StringArrayVar(&o.data, "data", nil, a.t("map met FHIR-bestanden om aan te bieden", "folder with FHIR files to offer"))
	serve.Flags().IntVar(&o.port, "port", 0, a.t("poort van de lijsten (0: een vrije)", "port of the lists (0: a free one)"))
	serve.Flags().StringVar(&o.date, "date", "", a.t("datum T voor de plaatshouders (standaard vandaag)", "date T of the placeholders (default today)"))
	group.AddCommand(serve, a.mockFaultsCommand())
	return group
}

func (a *app) runMock(c *cobra.Command, o mockOptions) error {
	cfg := mock.Config{Port: o.port, Log: a.log(), Now: a.Now}
	if o.date != "" {
		d := fhir.ParseDate(o.date)
		if d.Precision() < fhir.PrecisionDay {
			return usage(a.t("dit is geen datum", "this is not a date"), "--date 2026-06-01")
		}
		cfg.Date = d.Low()
	}
	for _, dir := range o.data {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return usage(a.t("dit is geen map: ", "this is no folder: ")+dir, "--data DIR")
		}
		cfg.Data = append(cfg.Data, fs.FS(os.DirFS(dir)))
	}
	if len(cfg.Data) > 0 {
		cfg.Providers = mock.Demo().Providers // beside what the folders hold
		cfg.Personas = nil
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
