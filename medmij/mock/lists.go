package mock

import (
	"encoding/json"
	"encoding/xml"
	"net"
	"net/http"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
)

// edition is the Volgnummer of the lists.
const edition = 1001

// systemRoles gives the role codes of a service; one that is not here has a
// code made of its number.
var systemRoles = map[string][]string{
	"46": {"LAB-2.0-LRB-FHIR"}, "48": {"MM-3.0-BZB-FHIR"}, "49": {"MM-2.0-HGB-FHIR"},
	"51": {"MM-3.0-PLB-FHIR", "MM-3.0-PDB-FHIR"}, "52": {"MM-2.0-MVB-FHIR"}, "54": {"MM-2.A-AIB-FHIR"},
	"58": {"MM-2.A-AIB-FHIR"}, "61": {"MM-3.0-LZB-FHIR"}, "63": {"MM-1.0-VAB-FHIR"},
}

// The lists as XML, in the order their schemas ask for.
type (
	whitelistXML struct {
		XMLName xml.Name `xml:"xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/ Whitelist"`
		stampXML
		Nodes []nodeXML `xml:"MedMijNodes>MedMijNode"`
	}
	stampXML struct {
		Tijdstempel string
		Volgnummer  int
	}
	zalXML struct {
		XMLName xml.Name `xml:"xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release3/ Zorgaanbiederslijst"`
		stampXML
		Providers []providerXML `xml:"Zorgaanbieders>Zorgaanbieder"`
	}
	providerXML struct {
		Zorgaanbiedernaam string
		Aanbiedertype     string
		Versions          []versionXML `xml:"Interfaceversies>Interfaceversie"`
	}
	versionXML struct {
		ID       string       `xml:"InterfaceversieId"`
		Services []serviceXML `xml:"Gegevensdiensten>Gegevensdienst"`
	}
	serviceXML struct {
		GegevensdienstID string    `xml:"GegevensdienstId"`
		Authorize        string    `xml:"AuthorizationEndpoint>AuthorizationEndpointuri"`
		Token            string    `xml:"TokenEndpoint>TokenEndpointuri"`
		Roles            []roleXML `xml:"Systeemrollen>Systeemrol"`
	}
	roleXML struct {
		Systeemrolcode string
		Base           string `xml:"ResourceEndpoint>ResourceEndpointuri"`
	}
	oclXML struct {
		XMLName xml.Name `xml:"xmlns://afsprakenstelsel.medmij.nl/oauthclientlist/release2/ OAuthclientlist"`
		stampXML
		Clients []clientXML `xml:"OAuthclients>OAuthclient"`
	}
	clientXML struct{ Hostname, OAuthclientOrganisatienaam string }
	gnlXML    struct {
		XMLName xml.Name `xml:"xmlns://afsprakenstelsel.medmij.nl/gegevensdienstnamenlijst/release1/ Gegevensdienstnamenlijst"`
		stampXML
		Services []nameXML `xml:"Gegevensdiensten>Gegevensdienst"`
	}
	nameXML struct {
		GegevensdienstID string `xml:"GegevensdienstId"`
		Weergavenaam     string
	}
	nodeXML struct{ Hostname string }
)

func (n *Network) stamp() stampXML {
	return stampXML{Tijdstempel: n.started.Format(time.RFC3339), Volgnummer: edition}
}

// lists holds every list by the path it is served at: the one place where
// addresses are written down.
func (n *Network) lists() map[string]func() any {
	return map[string]func() any{
		"/MedMij_Whitelist.xml": n.whitelist, "/MedMij_Zorgaanbiederslijst.xml": n.providerList,
		"/MedMij_OAuthclientlist.xml": n.clientList, "/MedMij_Gegevensdienstnamenlijst.xml": n.serviceNames,
	}
}

// whitelist leaves out the bad host: that is what makes it bad.
func (n *Network) whitelist() any {
	l := whitelistXML{stampXML: n.stamp()}
	for _, host := range []string{hostLists, hostAPI, hostLogin} {
		l.Nodes = append(l.Nodes, nodeXML{host})
	}
	for _, c := range n.cfg.Clients {
		l.Nodes = append(l.Nodes, nodeXML{c.Hostname})
	}
	return l
}

// providerList gives all services of a provider the same two endpoints, so one
// login is enough for each provider.
func (n *Network) providerList() any {
	l := zalXML{stampXML: n.stamp()}
	for _, p := range n.world.providers {
		v := versionXML{ID: "2"}
		for _, id := range p.Services {
			s := serviceXML{GegevensdienstID: id, Authorize: n.loginURL() + "/oauth2/authorize", Token: n.apiURL() + "/oauth2/token"}
			roles := systemRoles[id]
			if roles == nil {
				roles = []string{"MM-" + id + "-B-FHIR"}
			}
			for _, code := range roles {
				s.Roles = append(s.Roles, roleXML{code, n.base(p.Name, id)})
			}
			v.Services = append(v.Services, s)
		}
		l.Providers = append(l.Providers, providerXML{p.Name + "@medmij", "ZA", []versionXML{v}})
	}
	return l
}

func (n *Network) clientList() any {
	l := oclXML{stampXML: n.stamp()}
	for _, c := range n.cfg.Clients {
		l.Clients = append(l.Clients, clientXML{c.Hostname, c.Name})
	}
	return l
}

func (n *Network) serviceNames() any {
	l := gnlXML{stampXML: n.stamp()}
	for _, s := range medmij.Services() {
		l.Services = append(l.Services, nameXML{s.ID, s.Name})
	}
	return l
}

// base is the address of the FHIR server of a service.
func (n *Network) base(provider, service string) string {
	return n.apiURL() + "/" + provider + "/" + service + "/fhir"
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
