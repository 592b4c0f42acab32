package mock

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/testdata"
)

type key struct {
	provider string
	version  fhir.Version
}

// world is everything that does not change after the start.
type world struct {
	providers []Provider
	personas  []Persona
	services  map[string]medmij.Service
	libraries map[key]*library
	qualified []qualification
}

// dataProvider is the name of the provider of [Config.Data].
const dataProvider = "testzorg"

// build loads all data and finds out whose it is. After it nothing changes.
func build(cfg Config) (world, error) {
	w := world{
		providers: slices.Clone(cfg.Providers), personas: slices.Clone(cfg.Personas),
		libraries: map[key]*library{}, services: serviceTable(cfg.Corrections),
	}
	if cfg.Data != nil {
		p := Provider{Name: dataProvider, Display: "Testzorg", Kind: "other", City: "Teststad", Data: cfg.Data}
		for _, s := range medmij.Services() {
			p.Services = append(p.Services, s.ID)
		}
		if cfg.Corrections != "" {
			p.Services = append(p.Services, cfg.Corrections)
		}
		w.providers = append(w.providers, p)
	}
	for _, p := range w.providers {
		if err := w.loadProvider(p, cfg.Date); err != nil {
			return w, fmt.Errorf("data of %s: %w", p.Name, err)
		}
	}
	for _, l := range w.libraries {
		l.assign()
	}
	if cfg.Personas == nil {
		w.personas = w.people()
	}
	for i := range w.personas {
		p := &w.personas[i]
		p.BirthDate = string(testdata.Fill([]byte(p.BirthDate), cfg.Date))
	}
	return w, nil
}

func (w *world) loadProvider(p Provider, date time.Time) error {
	for _, files := range p.Data {
		if err := w.load(p.Name, files, date); err != nil {
			return err
		}
	}
	for _, raw := range p.Bundles {
		if err := w.add(key{p.Name, fhir.STU3}, testdata.Fill(raw, date)); err != nil {
			return err
		}
	}
	return nil
}

// provider finds a provider by its MedMij name.
func (w *world) provider(name string) (Provider, bool) {
	i := slices.IndexFunc(w.providers, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return w.providers[i], true
}

// persona finds somebody who can log in.
func (w *world) persona(id string) (Persona, bool) {
	i := slices.IndexFunc(w.personas, func(p Persona) bool { return p.ID == id })
	if i < 0 {
		return Persona{}, false
	}
	return w.personas[i], true
}

// serviceTable is the table of data services by number, with the one whose
// number is not published.
func serviceTable(corrections string) map[string]medmij.Service {
	table := map[string]medmij.Service{}
	for _, s := range medmij.Services() {
		table[s.ID] = s
	}
	if corrections != "" {
		table[corrections] = medmij.Service{
			ID: corrections, Name: "Dossierwijzigingsverzoek", English: "Request a correction",
			Version: fhir.R4, Direction: medmij.Share, Bundle: transaction,
		}
	}
	return table
}

// service gives a row of the table.
func (w *world) service(id string) medmij.Service {
	if s, ok := w.services[id]; ok {
		return s
	}
	return serviceOf(id)
}

// serviceOf gives a row of the table of package medmij. One that is not in it
// is taken for STU3 and for collecting.
func serviceOf(id string) medmij.Service {
	if s, ok := medmij.ServiceByID(id); ok {
		return s
	}
	return medmij.Service{ID: id, Name: "Gegevensdienst " + id, Version: fhir.STU3, Direction: medmij.Collect}
}

// available tells whether the provider has anything of the persona beside the
// registration: the availability test before consent.
func (w *world) available(provider string, p Persona) bool {
	for k, l := range w.libraries {
		if k.provider == provider && slices.ContainsFunc(l.patients(p), l.has) {
			return true
		}
	}
	return false
}

// Ages of the framework (medmij-protocol.md 1.3): who may log in, and for whom
// a parent may.
const (
	ageOwn   = 16
	ageChild = 12
)

// oldEnough is the age rule: a person of 16 or older, or a represented child
// below 12. Without a birth date there is no rule.
func oldEnough(p Persona, asChild bool, at time.Time) bool {
	born := fhir.ParseDate(p.BirthDate)
	if born.IsZero() {
		return true
	}
	if asChild {
		return born.Low().AddDate(ageChild, 0, 0).After(at)
	}
	return !born.Low().AddDate(ageOwn, 0, 0).After(at)
}

// represented finds the persona with a birth date (YYYYMMDD) that p may log in
// for.
func (w *world) represented(p Persona, birth string, asChild bool) (Persona, bool) {
	ids := p.Represents
	if asChild {
		ids = p.Children
	}
	for _, id := range ids {
		other, known := w.persona(id)
		if known && strings.ReplaceAll(other.BirthDate, "-", "") == birth {
			return other, true
		}
	}
	return Persona{}, false
}
