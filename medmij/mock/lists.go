package mock

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
)

// firstEdition is the Volgnummer of the lists at the start.
const firstEdition = 1001

// systemRoles gives the role codes of a service; one that is not here has a
// code made of its number.
var systemRoles = map[string][]string{
	"46": {"LAB-2.0-LRB-FHIR"}, "48": {"MM-3.0-BZB-FHIR"}, "49": {"MM-2.0-HGB-FHIR"},
	"51": {"MM-3.0-PLB-FHIR", "MM-3.0-PDB-FHIR"}, "52": {"MM-2.0-MVB-FHIR"}, "54": {"MM-2.A-AIB-FHIR"},
	"58": {"MM-2.A-AIB-FHIR"}, "61": {"MM-3.0-LZB-FHIR"}, "63": {"MM-1.0-VAB-FHIR"},
}

func (n *Network) stamp() stampXML {
	n.mu.Lock()
	defer n.mu.Unlock()
	return stampXML{Tijdstempel: n.issued.Format(time.RFC3339), Volgnummer: n.edition}
}

// lists holds every list by the path it is served at: the one place where
// addresses are written down.
func (n *Network) lists() map[string]func() any {
	providers := n.providerList
	if n.cfg.Release2 {
		providers = n.providerList2
	}
	return map[string]func() any{
		"/MedMij_Whitelist.xml": n.whitelist, "/MedMij_Zorgaanbiederslijst.xml": providers,
		"/MedMij_OAuthclientlist.xml": n.clientList, "/MedMij_Gegevensdienstnamenlijst.xml": n.serviceNames,
		"/MedMij_Zorgaanbiederskoppellijst.xml": n.identifiers,
	}
}

// nodes are the hosts on the Whitelist. The bad host is left out: that is what
// makes it bad.
func (n *Network) nodes() []string {
	hosts := []string{hostLists, hostAPI, n.loginHost(1)}
	if n.world.hasSecond() {
		hosts = append(hosts, hostAPI2)
		if n.cfg.Official {
			hosts = append(hosts, n.loginHost(2))
		}
	}
	for _, c := range n.cfg.Clients {
		if !slices.Contains(hosts, c.Hostname) {
			hosts = append(hosts, c.Hostname)
		}
	}
	return hosts
}

func (n *Network) whitelist() any {
	l := whitelistXML{stampXML: n.stamp()}
	for _, host := range n.nodes() {
		l.Nodes = append(l.Nodes, nodeXML{host})
	}
	return l
}

// interfaces are the versions of the framework a provider speaks.
func (p Provider) interfaces() []string {
	if len(p.Interfaces) == 0 {
		return []string{"2"}
	}
	return p.Interfaces
}

// providerList gives the services of a provider the two endpoints of their
// platform, so one login is enough for each platform.
func (n *Network) providerList() any {
	l := zalXML{stampXML: n.stamp()}
	for _, p := range n.world.providers {
		if len(p.Services) == 0 {
			continue // the schema wants at least one
		}
		listed := providerXML{Zorgaanbiedernaam: p.Name + "@medmij", Aanbiedertype: cmp.Or(p.Type, "ZA")}
		for _, id := range p.interfaces() {
			listed.Versions = append(listed.Versions, versionXML{id, n.listedServices(p, true)})
		}
		l.Providers = append(l.Providers, listed)
	}
	return l
}

var nameOfRelease2 = regexp.MustCompile(`^[a-z]+$`)

func (n *Network) providerList2() any {
	l := zal2XML{stampXML: n.stamp()}
	for _, p := range n.world.providers {
		if nameOfRelease2.MatchString(p.Name) && len(p.Services) > 0 {
			l.Providers = append(l.Providers, provider2XML{p.Name + "@medmij", n.listedServices(p, false)})
		}
	}
	return l
}

func (n *Network) listedServices(p Provider, subscriptions bool) []serviceXML {
	var all []serviceXML
	for _, id := range p.Services {
		at := platformOf(p, id)
		s := serviceXML{GegevensdienstID: id, Authorize: n.loginURL(at) + "/oauth2/authorize", Token: n.apiURL(at) + "/oauth2/token"}
		if subscriptions && p.SubscriptionDays > 0 && n.world.service(id).Direction == medmij.Collect {
			s.Subscription = &subscriptionXML{p.SubscriptionDays, n.apiURL(at) + "/" + url.PathEscape(p.Name) + "/subscription"}
		}
		roles := systemRoles[id]
		if roles == nil {
			roles = []string{"MM-" + id + "-B-FHIR"}
		}
		for _, code := range roles {
			s.Roles = append(s.Roles, roleXML{code, n.base(p.Name, id)})
		}
		all = append(all, s)
	}
	return all
}

// oclRelease3 is the release that we take to have services: the schema of
// release 2 has no place for them, and that of the framework's second version
// is not published (medmij-protocol.md 2.5).
const oclRelease3 = "xmlns://afsprakenstelsel.medmij.nl/oauthclientlist/release3/"

// clientList names services only of clients that do not take part in all, and
// is then of a later release.
func (n *Network) clientList() any {
	l := oclXML{XMLName: xml.Name{Space: medmij.NamespaceOCL, Local: "OAuthclientlist"}, stampXML: n.stamp()}
	for _, c := range n.cfg.Clients {
		listed := clientXML{c.Hostname, c.Name, nil}
		if c.Services != nil {
			l.XMLName.Space = oclRelease3
			listed.Services = &clientServicesXML{ID: "2"}
			for _, id := range c.Services {
				listed.Services.Services = append(listed.Services.Services, serviceRef{id})
			}
		}
		l.Clients = append(l.Clients, listed)
	}
	return l
}

// serviceNames has every row of the table, and what else is offered.
func (n *Network) serviceNames() any {
	l := gnlXML{stampXML: n.stamp()}
	for _, id := range slices.Sorted(maps.Keys(n.world.services)) {
		l.Services = append(l.Services, nameXML{id, n.world.services[id].Name})
	}
	return l
}

// identifiers is the list that joins MedMij names to the numbers of other
// registers (ZAKL).
func (n *Network) identifiers() any {
	l := zaklXML{stampXML: n.stamp()}
	for _, p := range n.world.providers {
		if p.AGB == "" {
			continue
		}
		listed := identifiedXML{Zorgaanbiedernaam: p.Name + "@medmij", Marks: []markXML{{p.AGB}}}
		for _, id := range p.Services {
			s := identifiedService{nameXML: nameXML{id, n.world.service(id).Name}}
			for _, version := range p.interfaces() {
				s.Versions = append(s.Versions, versionRef{version})
			}
			listed.Services = append(listed.Services, s)
		}
		l.Providers = append(l.Providers, listed)
	}
	return l
}

// listsFace serves the lists without asking for a client certificate, as the
// register does, and the admin endpoints.
func (n *Network) listsFace() http.Handler {
	mux := http.NewServeMux()
	for path, list := range n.lists() {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			raw, err := xml.MarshalIndent(list(), "", "  ")
			if err != nil {
				http.Error(w, "list cannot be written", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/xml; charset=utf-8")
			_, _ = w.Write(append([]byte(xml.Header), raw...)) // a client that left is no error here
		})
	}
	mux.HandleFunc("GET /addressbook.json", n.addressBook)
	mux.Handle("/admin/", n.admin())
	return onlyHosts(mux, hostLists, "localhost", "127.0.0.1")
}

// addressBook tells what the list of providers does not: where they are.
func (n *Network) addressBook(w http.ResponseWriter, _ *http.Request) {
	type entry struct {
		Name     string `json:"name"`
		Display  string `json:"display"`
		Kind     string `json:"kind"`
		Street   string `json:"street"`
		Postcode string `json:"postcode"`
		City     string `json:"city"`
		AGB      string `json:"agb"`
	}
	all := []entry{}
	for _, p := range n.world.providers {
		all = append(all, entry{p.Name, p.Display, p.Kind, p.Street, p.Postcode, p.City, p.AGB})
	}
	writeJSON(w, http.StatusOK, all)
}

// writeJSON answers with v. What is given here can always be encoded.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // fails only when the client has left
}

// onlyHosts refuses other Host headers, so that a page elsewhere cannot reach
// a loopback server under a name of its own.
func onlyHosts(next http.Handler, hosts ...string) http.Handler {
	allowed := map[string]bool{}
	for _, h := range hosts {
		allowed[h] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !allowed[host] {
			http.Error(w, "no such host here", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
