package mock

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
)

// The hosts. All but the bad one are on the Whitelist. In the development form
// the pages are at localhost, which any browser finds (medmij-protocol.md 8.1).
const (
	hostLists  = "stelselnode.medmij.localhost"
	hostAPI    = "api.dva.medmij.localhost"
	hostAPI2   = "api2.dva.medmij.localhost"
	hostPages  = "inlog.dva.medmij.localhost"
	hostPages2 = "inlog2.dva.medmij.localhost"
	hostLogin  = "localhost"
	hostEvil   = "evil.medmij.localhost"
)

// serverHosts are those the server certificate is for, also the one that no
// client should ever visit: a client that does must be seen, not stopped by TLS.
func serverHosts() []string {
	return []string{hostLists, hostAPI, hostAPI2, hostPages, hostPages2, hostLogin, hostEvil}
}

var errConfig = errors.New("this configuration cannot be served")

var (
	goodName    = regexp.MustCompile(`^[a-z0-9]+(?:[-&.][a-z0-9]+)*$`)
	goodService = regexp.MustCompile(`^[0-9]{1,30}$`)
)

// check refuses what would make lists that no client can use.
func (c Config) check() error {
	if len(c.Clients) == 0 {
		return fmt.Errorf("%w: no client", errConfig)
	}
	if c.Corrections != "" && !goodService.MatchString(c.Corrections) {
		return fmt.Errorf("%w: the number of a data service is digits", errConfig)
	}
	seen := map[string]bool{}
	for _, p := range c.Providers {
		if !goodName.MatchString(p.Name) || seen[p.Name] {
			return fmt.Errorf("%w: a provider has no good name, or one that is taken: %q", errConfig, p.Name)
		}
		seen[p.Name] = true
		if p.Type != "" && p.Type != "ZA" && p.Type != "BAZB" {
			return fmt.Errorf("%w: provider %s: type is ZA or BAZB", errConfig, p.Name)
		}
		for _, id := range p.Services {
			if !goodService.MatchString(id) {
				return fmt.Errorf("%w: provider %s: a data service is a number", errConfig, p.Name)
			}
		}
		for _, id := range p.SecondDVA {
			if !slices.Contains(p.Services, id) {
				return fmt.Errorf("%w: provider %s: service %s is at the second platform but not offered", errConfig, p.Name, id)
			}
		}
	}
	return nil
}

func (w *world) hasSecond() bool {
	return slices.ContainsFunc(w.providers, func(p Provider) bool { return len(p.SecondDVA) > 0 })
}

// platformOf is the number of the platform that a service of a provider is at.
func platformOf(p Provider, service string) int {
	if p.at2(service) {
		return 2
	}
	return 1
}

// loginHost and apiHost are the names of a platform's two nodes.
func (n *Network) loginHost(platform int) string {
	switch {
	case !n.cfg.Official:
		return hostLogin
	case platform == 2:
		return hostPages2
	}
	return hostPages
}

func (n *Network) apiHost(platform int) string {
	if platform == 2 {
		return hostAPI2
	}
	return hostAPI
}

// address writes the begin of an address in the form of this network.
func (n *Network) address(scheme, host, port string) string {
	if n.cfg.Official {
		return "https://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

func (n *Network) loginURL(platform int) string {
	port := n.ports.login
	if platform == 2 {
		port = n.ports.login2
	}
	return n.address("http", n.loginHost(platform), port)
}

func (n *Network) apiURL(platform int) string {
	port := n.ports.api
	if platform == 2 {
		port = n.ports.api2
	}
	return n.address("https", n.apiHost(platform), port)
}

// base is the address of the FHIR server of a service.
func (n *Network) base(provider, service string) string {
	p, _ := n.world.provider(provider)
	return n.apiURL(platformOf(p, service)) + "/" + url.PathEscape(provider) + "/" + service + "/fhir"
}

// DevPorts gives, for "host:port" of every host in lists of the official form,
// the loopback port it is really at: what DevPorts of the client's settings
// wants. In the development form, where addresses have their ports, it is empty.
func (n *Network) DevPorts() map[string]string {
	ports := map[string]string{}
	if !n.cfg.Official {
		return ports
	}
	for host, port := range n.hostPorts() {
		if port != "" && host != hostLogin {
			ports[net.JoinHostPort(host, "443")] = port
		}
	}
	return ports
}

// hostPorts are the hosts that connections are made to, and their ports; a
// port is empty where there is no second platform. In the development form the
// pages of both are at hostLogin; it stands for the first.
func (n *Network) hostPorts() map[string]string {
	return map[string]string{
		hostLists: n.ports.lists, hostAPI: n.ports.api, hostAPI2: n.ports.api2, hostEvil: n.ports.api,
		hostPages: n.ports.login, hostPages2: n.ports.login2, hostLogin: n.ports.login,
	}
}
