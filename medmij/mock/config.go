package mock

import (
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// Config is how a [Network] is made. The zero value is the demonstration
// ([Demo]); [Full] is the whole topology; [ReadConfig] reads one from a file.
type Config struct {
	// Providers in the lists; nil: those of the demonstration, and when there
	// is Data only the provider of that.
	Providers []Provider
	// Personas that can log in; nil: those of the demonstration, or every
	// Patient in Data.
	Personas []Persona
	// Data, when given, is offered by one more provider, "testzorg", in every
	// data service of the table of package medmij. A file named
	// QualificationTokens.json in it gives the fixed tokens of its patients, in
	// the form of the public MedMij test scripts (conformance.md 1.4).
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
	// temporary one that Close removes. With the authority of [Init] in it,
	// certificates are issued by that one and not by a new one.
	Dir string
	// Seed makes codes, tokens and session numbers the same in every run, for
	// reproducible tests; 0: unguessable ones.
	Seed uint64
	// Official gives the lists in the official form: no ports, pages on https,
	// every host under medmij.localhost. They are valid by their schemas, and a
	// client needs [Network.DevPorts] to get anywhere.
	Official bool
	// Release2 gives the list of providers as release 2 has it: without types,
	// interface versions and subscriptions. Providers whose name that release
	// does not allow (letters only) are left out.
	Release2 bool
	// Lenient accepts what was seen in the field (medmij-protocol.md 8.1):
	// token parameters in the address, requests without the two tracing ids,
	// token requests without a client_id, and older media types.
	Lenient bool
	// Corrections is the number of the data service that takes correction
	// requests (R4). It is not published, so it is up to 30 digits of
	// the caller's choice; empty: nobody offers it.
	Corrections string
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
	Name     string `json:"name"`
	Display  string `json:"display"`
	Kind     string `json:"kind"` // gp, pharmacy, hospital or other
	Street   string `json:"street"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
	AGB      string `json:"agb"` // of the address book and the list of identifiers
	// Type is the Aanbiedertype: "ZA" or "BAZB" (without a treatment relation);
	// empty is ZA.
	Type string `json:"type"`
	// Interfaces are the versions of the framework it speaks; nil is "2". A
	// provider with versions below 1.5 alone wants one service per login.
	Interfaces []string `json:"interfaces"`
	Services   []string `json:"services"`
	// SecondDVA are those of Services that are at the second platform, which
	// has a login of its own.
	SecondDVA []string `json:"secondDVA"`
	// SubscriptionDays is the longest subscription it grants; 0: none.
	SubscriptionDays int `json:"subscriptionDays"`
	// LateCheck leaves the availability test to the moment records are asked
	// for, where its outcome is an empty answer; else it is part of the login.
	LateCheck bool `json:"lateCheck"`

	Data    []fs.FS  `json:"-"` // records; what lies in a folder "r4" is R4, the rest STU3
	Bundles [][]byte `json:"-"` // more records, STU3, each as a file would hold them

	PageSize                    map[string]int `json:"pageSize"`                    // resources per page and type, unless the client asks for fewer; 0: all
	StopsComeWithTheirAgreement bool           `json:"stopsComeWithTheirAgreement"` // see search: period of use
}

// at2 tells whether a service is at the second platform.
func (p Provider) at2(service string) bool { return slices.Contains(p.SecondDVA, service) }

// Persona is somebody who can log in. Token is a bearer token that always
// works, at every provider. Patients are the ids of the Patient resources that
// are this person, over all providers.
type Persona struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Token    string   `json:"token"`
	Patients []string `json:"patients"`
	// BirthDate is for the age rule, which leaves out people below 16, and for
	// representation. It may be a placeholder; empty: old enough.
	BirthDate string `json:"birthDate"`
	// Children and Represents are the ids of the personas this one may log in
	// for: by parental authority (children below 12) and by authorization.
	Children   []string `json:"children"`
	Represents []string `json:"represents"`

	ack string // text of the acknowledgement of a correction request
}

// Client is an app on the OAuth client list. Services are the data services it
// takes part in; nil: all. The published schema of that list has no place for
// them, so a list that has them is valid by the rules of framework 2 only.
type Client struct {
	Hostname string   `json:"hostname"`
	Name     string   `json:"name"`
	Services []string `json:"services"`
}

// takesPart tells whether the client list has the service for the client.
func (c Client) takesPart(service string) bool {
	return c.Services == nil || slices.Contains(c.Services, service)
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
