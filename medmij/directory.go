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
	hosts     map[string]bool
	providers map[string]*Provider // by bare name
	services  map[string]string    // names by id
	clients   map[string]string    // organisation by client id
	index     index
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
	Connections []Connection
}

// NewDirectory makes a snapshot. A list that is nil counts as empty; the
// address book may be nil.
func NewDirectory(whitelist *Whitelist, zal *ZAL, ocl *OCL, gnl *GNL, book []Address) *Directory {
	d := &Directory{
		hosts: map[string]bool{}, providers: map[string]*Provider{},
		services: map[string]string{}, clients: map[string]string{},
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
	if ocl != nil {
		for _, c := range ocl.Clients {
			d.clients[c.Hostname] = c.Organization
		}
	}
	if zal != nil {
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
		Street: a.Street, Postcode: a.Postcode, City: a.City, AGB: a.AGB,
	}
	if p.Display == "" {
		p.Display = prettyName(listed.Name)
	}
	if p.Kind == "" {
		p.Kind = kindOf(bareName(listed.Name))
	}
	p.Connections = connectionsOf(p, listed.Versions)
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
func (d *Directory) Organization(clientID string) string { return d.clients[clientID] }
