package mock

import (
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/bundel-pgo/bundel/testdata"
)

// Config is how a [Network] is made. The zero value is the demonstration.
type Config struct {
	// Providers in the lists; nil: those of the demonstration, and when there
	// is Data only the provider of that.
	Providers []Provider
	// Personas that can log in; nil: those of the demonstration, or every
	// Patient in Data.
	Personas []Persona
	// Data, when given, is offered by one more provider, "testzorg", in every
	// data service of the table of package medmij.
	Data []fs.FS
	// Clients on the OAuth client list; nil: pgo.medmij.localhost.
	Clients []Client
	// Now is the clock that lifetimes follow; nil: time.Now. The admin
	// endpoint can put it forward.
	Now func() time.Time
	// Date is the T of placeholders in records; zero: Now at the start.
	Date time.Time
	// Port of the lists and the admin endpoint; 0: a free one. The other ports
	// are always free ones.
	Port int
	// Dir is an existing folder for the certificates as files; empty: a
	// temporary one that Close removes.
	Dir string
	// Seed makes codes, tokens and session numbers the same in every run, for
	// reproducible tests; 0: unguessable ones.
	Seed uint64
	// Faults that are set from the start. One that cannot be set is an error.
	Faults []Fault
	// Intercept, when set, is put around every endpoint, inside the recorder
	// and the faults. The names of endpoints are those of [Fault].
	Intercept func(endpoint string, next http.Handler) http.Handler
	// Log gets errors of the servers; nil: none. Nothing in it tells of a person.
	Log *slog.Logger
}

// Provider is a care provider on the lists. Name goes without "@medmij".
type Provider struct {
	Name, Display, Kind         string // Kind is gp, pharmacy, hospital or other
	Street, Postcode, City, AGB string // of the address book
	Services                    []string
	Data                        []fs.FS        // records; what lies in a folder "r4" is R4, the rest STU3
	PageSize                    map[string]int // resources per page and type, unless the client asks for fewer; 0: all
	StopsComeWithTheirAgreement bool           // see search: period of use
}

// Persona is somebody who can log in. Token is a bearer token that always
// works, at every provider. Patients are the ids of the Patient resources that
// are this person, over all providers.
type Persona struct {
	ID, Name, Token string
	Patients        []string
}

// Client is an app on the OAuth client list. Services are the data services it
// takes part in; nil: all.
type Client struct {
	Hostname, Name string
	Services       []string
}

// DefaultClient is the host name of the app in the demonstration.
const DefaultClient = "pgo.medmij.localhost"

// Demo is the demonstration: what the zero [Config] serves. Callers may change
// their copy.
func Demo() Config {
	cfg := Config{
		Personas: []Persona{
			{
				ID: "anna", Name: "Anna de Vries", Token: "0a2f9c1e-5d77-4b0e-9d0e-8c6f1b7a4e01",
				Patients: []string{"delinde-anna", "dezon-1961", "nz-pat-204417", "nz4-pat-204417"},
			},
			{ID: "bram", Name: "Bram Smit", Token: "7be1d3a4-26c8-4a53-8f11-2d90c4e6b702", Patients: []string{"delinde-bram"}},
		},
		Clients: []Client{{Hostname: DefaultClient, Name: "Bundel (test)"}},
		Providers: []Provider{
			{
				Name: "huisarts-delinde", Display: "Huisartsenpraktijk De Linde", Kind: "gp",
				Street: "Lindelaan 3", Postcode: "9712 AB", City: "Groningen", AGB: "01099999",
				Services: []string{"49", "53"}, PageSize: map[string]int{"Observation": 10}, StopsComeWithTheirAgreement: true,
			},
			{
				Name: "apotheek-dezon", Display: "Apotheek De Zon", Kind: "pharmacy",
				Street: "Zonneplein 8", Postcode: "9712 CD", City: "Groningen", AGB: "02099998",
				Services: []string{"35"},
			},
			{
				Name: "ziekenhuis-noordzee", Display: "Ziekenhuis Noordzee", Kind: "hospital",
				Street: "Havenweg 100", Postcode: "9723 ZZ", City: "Groningen", AGB: "06099997",
				Services: []string{"46", "48", "51", "63"},
			},
		},
	}
	folders := map[string][]string{
		"huisarts-delinde": {"anna/gp", "bram/gp"}, "apotheek-dezon": {"anna/pharmacy"}, "ziekenhuis-noordzee": {"anna/hospital"},
	}
	for i := range cfg.Providers {
		p := &cfg.Providers[i]
		for _, dir := range folders[p.Name] {
			sub, err := fs.Sub(testdata.FS(), dir)
			if err != nil {
				panic("mock: " + err.Error()) // the names above are constants
			}
			p.Data = append(p.Data, sub)
		}
	}
	return cfg
}

// withDefaults fills in what the zero value stands for.
func (c Config) withDefaults() Config {
	demo := Demo()
	if c.Providers == nil && c.Data == nil {
		c.Providers = demo.Providers
	}
	if c.Personas == nil && c.Data == nil {
		c.Personas = demo.Personas
	}
	if c.Clients == nil {
		c.Clients = demo.Clients
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Date.IsZero() {
		c.Date = c.Now()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
