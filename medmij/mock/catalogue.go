package mock

import (
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// CatalogueEntry is one thing that can go wrong between an app and MedMij
// (conformance.md section 4), with all the ways in which this package serves
// it.
type CatalogueEntry struct {
	ID     string      `json:"id"`
	Title  string      `json:"title"`            // what goes wrong
	Client string      `json:"client"`           // what an app should do
	Checks []string    `json:"checks,omitempty"` // statements of medmij-protocol.md 8.2
	Cases  []FaultCase `json:"cases"`
}

// FaultCase is one way of a [CatalogueEntry]: what is set, what the app does
// meanwhile, and what should come of it. Without Faults it is Setup alone that
// makes the difference.
type FaultCase struct {
	Name    string      `json:"name"`
	Faults  []Fault     `json:"faults,omitempty"`
	Setup   []Setup     `json:"setup,omitempty"`
	Do      Action      `json:"do"`
	Service string      `json:"service,omitempty"` // to collect; empty: 58
	Query   string      `json:"query,omitempty"`   // resource type whose outcome is judged; empty: AllergyIntolerance
	Expect  Expectation `json:"expect"`
}

// Action is what the app does while the fault is set.
type Action string

// The actions.
const (
	Connect           Action = "connect"             // log in, and trade the code for a token
	ConnectAndCollect Action = "connect-and-collect" // and collect with it
	Collect           Action = "collect"             // with a token that was got before
	Renew             Action = "renew"               // collect when the access token has ended
	Send              Action = "send"                // a measurement of the person
)

// Setup is what a case needs beside faults.
type Setup string

// The setups.
const (
	ReadLists     Setup = "read-lists"      // the app reads the lists after the fault is set
	ClockDay      Setup = "clock+25h"       // 25 hours pass
	ClockLogin    Setup = "clock+31m"       // 31 minutes pass before the browser comes back
	ShortLimits   Setup = "short-limits"    // waiting and sizes are bounded tightly, so that a test is quick
	StopLanding   Setup = "stop-landing"    // the person stops at the first page,
	StopLogin     Setup = "stop-login"      // at the login,
	StopConsent   Setup = "stop-consent"    // at the consent
	Nobody        Setup = "nobody"          // somebody logs in of whom nothing is known
	OtherBrowser  Setup = "other-browser"   // another browser comes back
	Replay        Setup = "replay"          // the browser comes back a second time, later
	DoubleClick   Setup = "double-click"    // and twice at once
	Abandon       Setup = "abandon"         // the person leaves, and begins anew after 31 minutes
	NoCertificate Setup = "no-certificate"  // the app has no client certificate
	CrashSafe     Setup = "crash-safe"      // what is stored is looked at when the first request comes
	Parallel      Setup = "parallel"        // 20 at once
	BothProviders Setup = "other-providers" // GP data were collected before
)

// Expectation is what should come of a case. In every case, all that was
// stored before is still there byte for byte, and every code has words in both
// languages (golden rules G1 and G5).
type Expectation struct {
	// Outcome is that of the judged query.
	Outcome fhir.Outcome `json:"outcome,omitempty"`
	// Code is the detail of that query, or of the login or sending that failed;
	// empty: it went well.
	Code string `json:"code,omitempty"`
	// At is an endpoint, or "host:" and a host, that gets from Min to Max
	// requests (of a host: connections); -1 is no upper bound.
	At  string `json:"at,omitempty"`
	Min int    `json:"min"`
	Max int    `json:"max"`
	// Quiet are endpoints that get nothing at all.
	Quiet []string `json:"quiet,omitempty"`
	// Stored is what the vault has more than before.
	Stored Stored `json:"stored,omitempty"`
	// Items is what became of what was sent.
	Items string `json:"items,omitempty"`
}

// Stored is what was added to the vault.
type Stored string

// What may be stored of an answer; empty: it is not judged.
const (
	Nothing Stored = "nothing"
	Changed Stored = "changed" // a new version of something, shown to the person
	Apart   Stored = "apart"   // kept, and not shown with the person's own data
)

// Catalogue gives all faults of conformance.md section 4, in its order. The
// caller owns it.
func Catalogue() []CatalogueEntry {
	all := slices.Concat(listEntries(), transportEntries(), loginEntries(), tokenEntries(), answerEntries(), pageEntries(), sendEntries(), dataEntries())
	slices.SortStableFunc(all, func(a, b CatalogueEntry) int { return catalogueOrder(a.ID) - catalogueOrder(b.ID) })
	return all
}

// catalogueOrder puts lists first and data last, as the specification does.
func catalogueOrder(id string) int {
	return slices.Index([]byte("LTAKFD"), id[0])*100 + int(id[1]-'0')*10 + int(id[2]-'0')
}

// Where the cases of the catalogue happen.
const (
	faultProvider = "huisarts-delinde"
	faultService  = "58"
	allergies     = "resource:58/AllergyIntolerance"
	hostTokens    = "host:" + hostAPI
)

// entry begins a row.
func entry(id, title, client string, checks []string, cases ...FaultCase) CatalogueEntry {
	return CatalogueEntry{ID: id, Title: title, Client: client, Checks: checks, Cases: cases}
}

// each makes a case of every value, alike but for that.
func each(values []string, one func(value string) FaultCase) []FaultCase {
	var all []FaultCase
	for _, v := range values {
		c := one(v)
		if c.Name == "" {
			c.Name = v
		}
		all = append(all, c)
	}
	return all
}

func statements(ids ...string) []string { return ids }

// collectCase is a case of collecting allergies.
func collectCase(name string, expect Expectation, faults ...Fault) FaultCase {
	for i := range faults {
		if faults[i].On == "" && faultKinds()[faults[i].Kind].at != "host" {
			faults[i].On = allergies
		}
	}
	if expect.At == "" {
		expect.At = allergies
	}
	return FaultCase{Name: name, Faults: faults, Do: Collect, Expect: expect}
}

// failed is a query that failed with a code after a number of requests.
func failed(code string, least, most int) Expectation {
	return Expectation{Outcome: fhir.Failed, Code: code, Min: least, Max: most, Stored: Nothing}
}

// fine is a query that went well in the end.
func fine(least, most int) Expectation {
	return Expectation{Outcome: fhir.OK, Min: least, Max: most, Stored: Nothing}
}
