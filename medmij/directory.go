package medmij

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
)

// Directory is a checked snapshot of the lists and of an address book. It does
// not change and is safe for concurrent use.
type Directory struct {
	// Number is the Volgnummer of the list of providers; 0 without one.
	Number uint64

	hosts       map[string]bool
	providers   map[string]*Provider    // by bare name
	listed      map[string][]Connection // of a provider, with all versions of the framework
	services    map[string]string       // names by id
	clients     map[string]OAuthClient  // by client id
	clientsRead bool
	index       index
}

// Provider is a care provider (zorgaanbieder) as a person knows it.
type Provider struct {
	Name        string // MedMij name: "huisarts-delinde@medmij"
	Display     string
	Kind        string // "gp", "pharmacy", "hospital", "other"
	Street      string
	Postcode    string
	City        string
	AGB         string
	Codes       []Code // the numbers it is known by elsewhere
	Connections []Connection
}

// NewDirectory makes a snapshot. A list that is nil counts as empty; the
// address book may be nil. See [ZAKL.Join] for numbers that are not in it.
func NewDirectory(whitelist *Whitelist, zal *ZAL, ocl *OCL, gnl *GNL, book []Address) *Directory {
	d := &Directory{
		hosts: map[string]bool{}, providers: map[string]*Provider{},
		listed: map[string][]Connection{}, services: map[string]string{}, clients: map[string]OAuthClient{},
	}
	if whitelist != nil {
		for _, n := range whitelist.Nodes {
			d.hosts[n.Hostname] = true
		}
	}
	if gnl != nil {
		for _, s := range gnl.Services {
			d.services[s.ID] = s.Name
		}
	}
	if d.clientsRead = ocl != nil; d.clientsRead {
		for _, c := range ocl.Clients {
			d.clients[c.Hostname] = c
		}
	}
	if zal != nil {
		d.Number = zal.Number
		d.addProviders(zal, book)
	}
	return d
}

func (d *Directory) addProviders(zal *ZAL, book []Address) {
	addresses := map[string]Address{}
	for _, a := range book {
		addresses[bareName(a.Name)] = a
	}
	for _, listed := range zal.Providers {
		name := bareName(listed.Name)
		p := providerOf(listed, addresses[name])
		d.listed[name] = connectionsOf(p, listed.Versions)
		p.Connections = newestOf(d.listed[name])
		d.providers[name] = &p
	}
	for _, name := range slices.Sorted(maps.Keys(d.providers)) {
		d.index.add(d.providers[name])
	}
	d.index.finish()
}

func providerOf(listed ListedProvider, a Address) Provider {
	p := Provider{
		Name: listed.Name, Display: a.Display, Kind: a.Kind,
		Street: a.Street, Postcode: a.Postcode, City: a.City, AGB: a.AGB, Codes: a.Codes,
	}
	if p.Display == "" {
		p.Display = prettyName(listed.Name)
	}
	if p.Kind == "" {
		p.Kind = kindOf(bareName(listed.Name))
	}
	return p
}

// Provider finds one by MedMij name, with or without "@medmij".
func (d *Directory) Provider(name string) (Provider, bool) {
	p, ok := d.providers[bareName(name)]
	if !ok {
		return Provider{}, false
	}
	return *p, true
}

// Len is the number of providers.
func (d *Directory) Len() int { return len(d.providers) }

// Allowed tells whether the host, with or without a port, is exactly on the
// Whitelist. An address in numbers never is, although the schema of the list
// lets some of those pass.
func (d *Directory) Allowed(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return d.hosts[host] && !isNumeric(host) && net.ParseIP(host) == nil
}

// ServiceName is the name to show to a person; for a service that the list
// does not name it is "Gegevensdienst" and the number.
func (d *Directory) ServiceName(id string) string {
	if name, ok := d.services[id]; ok {
		return name
	}
	return fmt.Sprintf("Gegevensdienst %s", id)
}

// Organization is the name under which providers know the app with this
// client id; empty when it is not on the list of clients.
func (d *Directory) Organization(clientID string) string { return d.clients[clientID].Organization }

// ClientServices are the data services that the app with this client id takes
// part in, sorted. It is false when the list of clients does not say, as lists
// of release 2 do not, or does not have the app (medmij-protocol.md 2.5).
func (d *Directory) ClientServices(clientID string) ([]string, bool) {
	c := d.clients[clientID]
	all := slices.Clone(c.Services)
	for _, v := range c.Versions {
		all = append(all, v.Services...)
	}
	slices.Sort(all)
	return slices.Compact(all), len(all) > 0
}

// MissingError says on which lists an app is not, by the names of their files.
type MissingError struct {
	ClientID string
	Lists    []string
}

// Error names the app and the lists.
func (e *MissingError) Error() string {
	return fmt.Sprintf("app %s is not on %s", e.ClientID, strings.Join(e.Lists, " and "))
}

// SelfCheck tells whether the app with this client id is on the list of
// clients and on the Whitelist, without which no provider serves it (fault L12
// of conformance.md). The error is a [*MissingError]. A list of clients that
// was not read says nothing.
func (d *Directory) SelfCheck(clientID string) error {
	missing := &MissingError{ClientID: clientID}
	if _, ok := d.clients[clientID]; !ok && d.clientsRead {
		missing.Lists = append(missing.Lists, FileOCL)
	}
	if !d.Allowed(clientID) {
		missing.Lists = append(missing.Lists, FileWhitelist)
	}
	if len(missing.Lists) == 0 {
		return nil
	}
	return missing
}

// Listed gives a connection that was stored as it is listed now, with the
// services it has now. It is false when the provider, or these endpoints of
// it, are on the list no more: the connection is unlisted (faults L08 and L09
// of conformance.md). The provider may have moved on to a newer dialect.
func (d *Directory) Listed(stored Connection) (Connection, bool) {
	var found Connection
	for _, c := range d.listed[bareName(stored.Provider)] {
		if c.Authorization != stored.Authorization || c.Token != stored.Token || !sameOffer(stored, c) {
			continue
		}
		if c.Dialect == stored.Dialect {
			return c, true
		}
		if found.Provider == "" {
			found = c
		}
	}
	return found, found.Provider != ""
}

// sameOffer is about connections of one service, of which there may be many
// with the same endpoints.
func sameOffer(stored, listed Connection) bool {
	if stored.Dialect != Dialect12 {
		return listed.Dialect != Dialect12
	}
	for _, o := range stored.Services {
		if _, ok := listed.Offer(o.ID); !ok {
			return false
		}
	}
	return len(stored.Services) > 0
}
