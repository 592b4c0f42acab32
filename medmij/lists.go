package medmij

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// The namespaces of the lists. They are written "xmlns://" indeed.
const (
	NamespaceWhitelist = "xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/"
	NamespaceZAL2      = "xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release2/"
	NamespaceZAL3      = "xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release3/"
	NamespaceOCL       = "xmlns://afsprakenstelsel.medmij.nl/oauthclientlist/release2/"
	NamespaceGNL       = "xmlns://afsprakenstelsel.medmij.nl/gegevensdienstnamenlijst/release1/"
	NamespaceZAKL      = "xmlns://afsprakenstelsel.medmij.nl/Zorgaanbiederskoppellijst/release1/"
)

// The file names of the lists, in a folder and after the address of the node
// that publishes them. That of the ZAKL is not documented; it follows the others.
const (
	FileWhitelist = "MedMij_Whitelist.xml"
	FileZAL       = "MedMij_Zorgaanbiederslijst.xml"
	FileOCL       = "MedMij_OAuthclientlist.xml"
	FileGNL       = "MedMij_Gegevensdienstnamenlijst.xml"
	FileZAKL      = "MedMij_Zorgaanbiederskoppellijst.xml"
)

// Limits of the lists (security-store.md C10).
const (
	maxZALBytes  = 64 << 20
	maxListBytes = 4 << 20
	maxEntries   = 50_000
)

// Stamp is the version of a list. Number (Volgnummer) goes up with each
// publication; Time (Tijdstempel) is as written, an XML dateTime.
type Stamp struct {
	Time   string `xml:"Tijdstempel"`
	Number uint64 `xml:"Volgnummer"`
}

// When is the moment of publication; zero when it cannot be read.
func (s Stamp) When() time.Time {
	t, _ := parseStamp(trimXML(s.Time))
	return t
}

func (s Stamp) stamp() Stamp { return s }

// Whitelist names the hosts that are MedMij nodes. Its zero value allows none.
type Whitelist struct {
	Stamp
	Nodes []Node `xml:"MedMijNodes>MedMijNode"`
}

// Node is one host of the [Whitelist].
type Node struct {
	Hostname string `xml:"Hostname"`
}

// ZAL is the list of providers (Zorgaanbiederslijst), of release 2 or 3. Of a
// release 2 list the services are under [ListedProvider.Versions] as well,
// with the interface version "1.1".
type ZAL struct {
	Stamp
	Providers []ListedProvider `xml:"Zorgaanbieders>Zorgaanbieder"`
}

// ListedProvider is a provider (Zorgaanbieder) as the ZAL has it. Type is "ZA"
// for a care provider and "BAZB" for one without a treatment relation.
type ListedProvider struct {
	Name     string             `xml:"Zorgaanbiedernaam"`
	Type     string             `xml:"Aanbiedertype,omitempty"`
	Versions []InterfaceVersion `xml:"Interfaceversies>Interfaceversie"`
	Release2 []ListedService    `xml:"Gegevensdiensten>Gegevensdienst"`
}

// InterfaceVersion holds the services that a provider offers in one version of
// the MedMij framework, such as "1.4.0" or "2".
type InterfaceVersion struct {
	ID       string          `xml:"InterfaceversieId"`
	Services []ListedService `xml:"Gegevensdiensten>Gegevensdienst"`
}

// ListedService is a data service (Gegevensdienst) with its addresses.
type ListedService struct {
	ID            string        `xml:"GegevensdienstId"`
	Authorization string        `xml:"AuthorizationEndpoint>AuthorizationEndpointuri"`
	Token         string        `xml:"TokenEndpoint>TokenEndpointuri"`
	Subscription  *Subscription `xml:"Abonneren"`
	Roles         []Role        `xml:"Systeemrollen>Systeemrol"`
}

// Subscription tells how long, in days, and where a person can subscribe to
// notifications. It is read but not used.
type Subscription struct {
	Days     int    `xml:"MaximaleDuur"`
	Endpoint string `xml:"SubscriptionEndpointuri"`
}

// Role is a system role (Systeemrol): a part of a service with the base
// address of its FHIR server.
type Role struct {
	Code string `xml:"Systeemrolcode" json:"code"`
	Base string `xml:"ResourceEndpoint>ResourceEndpointuri" json:"base"`
}

// OCL is the list of OAuth clients: the apps, by host name.
type OCL struct {
	Stamp
	Clients []OAuthClient `xml:"OAuthclients>OAuthclient"`
}

// OAuthClient is an app as the person sees it named at the provider. The data
// services it takes part in are there in lists of framework 2.x, directly or
// per version of the framework; see [Directory.ClientServices].
type OAuthClient struct {
	Hostname     string          `xml:"Hostname"`
	Organization string          `xml:"OAuthclientOrganisatienaam"`
	Services     []string        `xml:"Gegevensdiensten>Gegevensdienst>GegevensdienstId"`
	Versions     []ClientVersion `xml:"Interfaceversies>Interfaceversie"`
}

// ClientVersion holds the ids of the services that an app takes part in by one
// version of the framework.
type ClientVersion struct {
	ID       string   `xml:"InterfaceversieId"`
	Services []string `xml:"Gegevensdiensten>Gegevensdienst>GegevensdienstId"`
}

// GNL has the names of the data services that a person may see.
type GNL struct {
	Stamp
	Services []NamedService `xml:"Gegevensdiensten>Gegevensdienst"`
}

// NamedService is one name of the [GNL].
type NamedService struct {
	ID   string `xml:"GegevensdienstId"`
	Name string `xml:"Weergavenaam"`
}

// ZAKL is the list that joins MedMij names to the numbers by which care
// providers are known elsewhere (Zorgaanbiederskoppellijst).
type ZAKL struct {
	Stamp
	Providers []CodedProvider `xml:"Zorgaanbieders>Zorgaanbieder"`
}

// CodedProvider is a provider of the [ZAKL] with its numbers.
type CodedProvider struct {
	Name  string        `xml:"Zorgaanbiedernaam"`
	Codes []ListedCodes `xml:"IdentificerendeKenmerken>IdentificerendKenmerk"`
}

// ListedCodes is one number (IdentificerendKenmerk): the others are empty.
type ListedCodes struct{ AGB, URA, OIN, HRN, KVK string }

// ListError says what is wrong with a list, without its content.
type ListError struct {
	List    string // the root element
	Element string // where, empty when it is the whole
	Reason  string
}

// Error names the list, the place and the reason; never what was in it.
func (e *ListError) Error() string {
	if e.Element == "" {
		return fmt.Sprintf("list %s: %s", e.List, e.Reason)
	}
	return fmt.Sprintf("list %s, element %s: %s", e.List, e.Element, e.Reason)
}

// ReadWhitelist reads and checks a Whitelist, as strictly as its XML schema.
// With dev, loopback hosts (localhost and *.localhost) are allowed; nothing
// else changes. The error is a [*ListError] unless reading itself failed; so
// it is for the other lists.
//
// Some things that a schema has no say in are refused as well, in every list:
// a DOCTYPE, entities of its own, encodings other than UTF-8, XML 1.1, what is
// wrong with namespaces, xsi:type, numbers of more than 18 digits, years of
// more than nine, and more than 50,000 entries or 4 MiB (64 MiB for providers).
func ReadWhitelist(r io.Reader, dev bool) (*Whitelist, error) {
	w, _, err := reading[Whitelist](whitelistRule(dev), false)(r)
	return w, err
}

// ReadZAL reads and checks a list of providers. With dev, addresses on
// loopback hosts may have a port and be plain http.
func ReadZAL(r io.Reader, dev bool) (*ZAL, error) {
	z, _, err := readingZAL(dev, false)(r)
	return z, err
}

func readingZAL(dev, lenient bool) func(io.Reader) (*ZAL, tolerated, error) {
	return func(r io.Reader) (*ZAL, tolerated, error) {
		z, t, err := reading[ZAL](zalRule(dev), lenient)(r)
		for i := range z.Providers {
			p := &z.Providers[i]
			if len(p.Release2) > 0 {
				p.Versions = []InterfaceVersion{{ID: "1.1", Services: p.Release2}}
			}
		}
		return z, t, err
	}
}

// ReadOCL reads and checks a list of OAuth clients. The services per client
// may be there in releases other than 2, which has no place for them.
func ReadOCL(r io.Reader, dev bool) (*OCL, error) {
	o, _, err := reading[OCL](oclRule(dev), false)(r)
	return o, err
}

// ReadGNL reads and checks a list of service names.
func ReadGNL(r io.Reader) (*GNL, error) {
	g, _, err := reading[GNL](gnlRule(), false)(r)
	return g, err
}

// ReadZAKL reads the list that joins names and numbers. It has no published
// schema: what is not needed is skipped.
func ReadZAKL(r io.Reader) (*ZAKL, error) {
	z, _, err := reading[ZAKL](zaklRule(), false)(r)
	return z, err
}

// reading gives a reader of one kind of list. It checks first and fills in
// after: encoding/xml alone accepts almost any shape.
func reading[T any](rules schema, lenient bool) func(io.Reader) (*T, tolerated, error) {
	return func(r io.Reader) (*T, tolerated, error) {
		list := new(T)
		raw, err := io.ReadAll(io.LimitReader(r, rules.limit+1))
		if err != nil {
			return list, tolerated{}, fmt.Errorf("read list %s: %w", rules.name, err)
		}
		if int64(len(raw)) > rules.limit {
			return list, tolerated{}, &ListError{List: rules.name, Reason: "larger than allowed"}
		}
		checked, t, err := rules.read(raw, lenient)
		if err != nil {
			return list, tolerated{}, err
		}
		if err := xml.Unmarshal(checked, list); err != nil {
			return list, tolerated{}, &ListError{List: rules.name, Reason: "not readable"}
		}
		return list, t, nil
	}
}
