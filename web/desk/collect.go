package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/store"
)

// Collect collects from the grants, all at once, and gives a receipt per data
// service. What came in before a failure stays. watch may be nil; it is called
// from several goroutines.
func (d *Desk) Collect(ctx context.Context, watch aggregator.Watch, grants ...*medmij.Grant) ([]fhir.Receipt, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	client, err := d.connector()
	if err != nil {
		return nil, err
	}
	if grants, err = d.lapsed(ctx, grants); err != nil {
		return nil, err
	}
	var sources []fhir.Source
	for _, g := range grants {
		listed, gone := d.asListed(g)
		if sources = append(sources, gone...); listed != nil {
			sources = append(sources, client.Fetch(ctx, listed)...)
		}
	}
	if err := d.pruneLog(ctx); err != nil {
		return nil, err
	}
	defer d.changed()
	receipts := aggregator.Collect(ctx, s, watch, sources...)
	for _, g := range grants {
		if err := d.asked(ctx, g, receipts); err != nil {
			return receipts, err
		}
		if collected(receipts, g.Source()) {
			if _, err := client.Succeeded(ctx, g); unlessForgotten(err) != nil {
				return receipts, fmt.Errorf("note the collection: %w", err)
			}
		}
	}
	return receipts, d.completePerson(ctx)
}

func collected(receipts []fhir.Receipt, source string) bool {
	return slices.ContainsFunc(receipts, func(r fhir.Receipt) bool {
		o := r.Outcome()
		return r.Origin.Source == source && (o == fhir.Complete || o == fhir.Partial || o == fhir.Empty)
	})
}

// completePerson fills in whose vault this is, from the first provider at
// which the person logged in. From then on records of another person are set
// aside (merge.md S15).
func (d *Desk) completePerson(ctx context.Context) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	self, patient, err := findPatients(ctx, s)
	if err != nil || patient.Type == "" || self.Node().Names("name") != "" {
		return err
	}
	resource, err := aggregator.NewSelf(patient.Node())
	if err != nil {
		return err
	}
	return d.putOwn(ctx, resource)
}

// findPatients gives the person's own Patient, and the one of a provider that
// is written most fully: a calling name says more than initials.
func findPatients(ctx context.Context, s *store.Store) (self, patient fhir.Record, err error) {
	for r, err := range s.Records(ctx) {
		switch {
		case err != nil:
			return self, patient, fmt.Errorf("read the vault: %w", err)
		case r.Type != "Patient" || r.Flaw != "" || r.Deleted:
		case r.Origin.IsSelf():
			self = r
		case r.Origin.IsMedMij() && (patient.Type == "" || fullness(r) > fullness(patient)):
			patient = r
		}
	}
	return self, patient, nil
}

// fullness ranks Patients: one with given names spelled out before one with
// only a text or initials.
func fullness(r fhir.Record) int {
	best := 0
	for _, name := range r.Node().All("name") {
		for _, given := range name.All("given") {
			if len(given.Text()) > 2 && !strings.Contains(given.Text(), ".") {
				best = 1
			}
		}
	}
	return best
}

// Provider is what the vault knows of the provider behind a source.
type Provider struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

const providerPrefix = "provider/"

// nameProvider keeps how a source is called.
func (d *Desk) nameProvider(ctx context.Context, source string, p Provider) error {
	return d.keep(ctx, store.Setting, providerPrefix+source, p)
}

// Providers gives name and kind of every source in the vault.
func (d *Desk) Providers(ctx context.Context) (map[string]aggregator.Provider, error) {
	grants, err := d.Grants(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]aggregator.Provider{}
	for _, g := range grants {
		all[g.Source()] = aggregator.Provider{Name: g.Display, Kind: g.Kind}
	}
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	for doc, err := range s.ListUnder(ctx, store.Setting, providerPrefix) {
		if err != nil {
			return nil, fmt.Errorf("read the sources: %w", err)
		}
		var p Provider
		if json.Unmarshal(doc.Value, &p) == nil {
			all[strings.TrimPrefix(doc.Name, providerPrefix)] = aggregator.Provider(p)
		}
	}
	return all, nil
}
