package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Portability is the report that MedMij asks of an app a person may leave
// (medmij-protocol.md 1.2): what was collected from whom and when, so that
// another app can collect it again. It has no records and no tokens.
type Portability struct {
	Made      time.Time   `json:"made"`
	Collected []Collected `json:"collected"`
}

// Collected is one data service of one provider. Provider is the MedMij name.
// First and Last are the moments of the first and the last collection that
// gave something or found that there was nothing; Complete tells whether the
// last one failed nowhere.
type Collected struct {
	Provider    string    `json:"provider"`
	Name        string    `json:"name,omitempty"`
	Service     string    `json:"service"`
	ServiceName string    `json:"serviceName"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
	Complete    bool      `json:"complete"`
}

// Portability makes the report, sorted by provider and service. A service that
// never gave an answer is not in it.
func (d *Desk) Portability(ctx context.Context) (Portability, error) {
	report := Portability{Made: d.Now().UTC(), Collected: []Collected{}}
	s, err := d.Vault()
	if err != nil {
		return report, err
	}
	newest, err := s.Receipts(ctx)
	if err != nil {
		return report, fmt.Errorf("make the report: %w", err)
	}
	names, err := d.Providers(ctx)
	if err != nil {
		return report, err
	}
	for _, r := range newest {
		provider, ok := strings.CutPrefix(r.Origin.Source, "medmij:")
		if !ok {
			continue
		}
		all, err := s.ReceiptHistory(ctx, r.Origin)
		if err != nil {
			return report, fmt.Errorf("make the report: %w", err)
		}
		c := Collected{
			Provider: provider, Name: names[r.Origin.Source].Name,
			Service: r.Origin.Service, ServiceName: d.ServiceName(r.Origin.Service),
		}
		if c.span(all); !c.First.IsZero() {
			report.Collected = append(report.Collected, c)
		}
	}
	return report, nil
}

// span sums up the receipts of a service, oldest first.
func (c *Collected) span(all []fhir.Receipt) {
	for _, r := range all {
		switch r.Outcome() {
		case fhir.Complete, fhir.Partial, fhir.Empty:
			if c.First.IsZero() {
				c.First = r.Started
			}
			c.Last, c.Complete = r.Finished, r.Outcome() != fhir.Partial
		}
	}
}
