package desk

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/medmij"
)

// TestUnsupportedServicesAreNamed: a data service that the table does not have
// is named to the person, once, and never makes a provider one that takes no
// part.
func TestUnsupportedServicesAreNamed(t *testing.T) {
	offer := func(ids ...string) medmij.Connection {
		var c medmij.Connection
		for _, id := range ids {
			c.Services = append(c.Services, medmij.Offer{ID: id})
		}
		return c
	}
	p := &Pages{desk: &Desk{}}
	for _, tc := range []struct {
		name        string
		in          []medmij.Connection
		connections int
		want        []string
	}{
		{"all known", []medmij.Connection{offer("48", "900000413")}, 1, nil},
		{"known and not", []medmij.Connection{offer("48", "999"), offer("999", "30")}, 1, []string{"Gegevensdienst 999", "Gegevensdienst 30"}},
		{"none known", []medmij.Connection{offer("30")}, 0, []string{"Gegevensdienst 30"}},
		{"only to send to", []medmij.Connection{offer("53")}, 0, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := p.provider(medmij.Provider{Name: "x", Connections: tc.in}, nil)
			if diff := cmp.Diff(tc.want, got.Unsupported); diff != "" || len(got.Connections) != tc.connections {
				t.Error(diff, len(got.Connections))
			}
		})
	}
}
