package medmij

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// The namespaces of the lists. They are written "xmlns://" indeed.
const (
	NamespaceWhitelist = "xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/"
	NamespaceZAL2      = "xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release2/"
	NamespaceZAL3      = "xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release3/"
	NamespaceOCL       = "xmlns://afsprakenstelsel.medmij.nl/oauthclientlist/release2/"
	NamespaceGNL       = "xmlns://afsprakenstelsel.medmij.nl/gegevensdienstnamenlijst/release1/"
)

// The file names of the lists, in a folder and after the address of the node
// that publishes them.
const (
	FileWhitelist = "MedMij_Whitelist.xml"
	FileZAL       = "MedMij_Zorgaanbiederslijst.xml"
	FileOCL       = "MedMij_OAuthclientlist.xml"
	FileGNL       = "MedMij_Gegevensdienstnamenlijst.xml"
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
	t, _ := parseStamp(strings.TrimSpace(s.Time))
	return t
}

// Whitelist names the hosts that are MedMij nodes. Its zero value allows none.
type Whitelist struct {
	XMLName xml.Name
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
	XMLName xml.Name
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
	XMLName xml.Name
	Stamp
	Clients []OAuthClient `xml:"OAuthclients>OAuthclient"`
}

// OAuthClient is an app as the person sees it named at the provider.
type OAuthClient struct {
	Hostname     string `xml:"Hostname"`
	Organization string `xml:"OAuthclientOrganisatienaam"`
}

// GNL has the names of the data services that a person may see.
type GNL struct {
	XMLName xml.Name
	Stamp
	Services []NamedService `xml:"Gegevensdiensten>Gegevensdienst"`
}

// NamedService is one name of the [GNL].
type NamedService struct {
	ID   string `xml:"GegevensdienstId"`
	Name string `xml:"Weergavenaam"`
}

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

// ReadWhitelist reads and checks a Whitelist. With dev, loopback hosts
// (localhost and *.localhost) are allowed; nothing else changes. The error is
// a [*ListError] unless reading itself failed; so it is for the other lists.
func ReadWhitelist(r io.Reader, dev bool) (*Whitelist, error) {
	w := new(Whitelist)
	return w, readList(r, whitelistRule(dev), maxListBytes, w)
}

// ReadZAL reads and checks a list of providers. With dev, addresses on
// loopback hosts may have a port and be plain http.
func ReadZAL(r io.Reader, dev bool) (*ZAL, error) {
	z := new(ZAL)
	if err := readList(r, zalRule(dev), maxZALBytes, z); err != nil {
		return z, err
	}
	for i := range z.Providers {
		p := &z.Providers[i]
		if len(p.Release2) > 0 {
			p.Versions = []InterfaceVersion{{ID: "1.1", Services: p.Release2}}
		}
	}
	return z, nil
}

// ReadOCL reads and checks a list of OAuth clients.
func ReadOCL(r io.Reader, dev bool) (*OCL, error) {
	o := new(OCL)
	return o, readList(r, oclRule(dev), maxListBytes, o)
}

// ReadGNL reads and checks a list of service names.
func ReadGNL(r io.Reader) (*GNL, error) {
	g := new(GNL)
	return g, readList(r, gnlRule(), maxListBytes, g)
}

// readList checks first and fills in after: encoding/xml alone accepts almost
// any shape.
func readList(r io.Reader, rules schema, limit int64, into any) error {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return fmt.Errorf("read list %s: %w", rules.name, err)
	}
	if int64(len(raw)) > limit {
		return &ListError{List: rules.name, Reason: "larger than allowed"}
	}
	if err := rules.check(raw); err != nil {
		return err
	}
	if err := xml.Unmarshal(raw, into); err != nil {
		return &ListError{List: rules.name, Reason: "not readable"}
	}
	return nil
}
