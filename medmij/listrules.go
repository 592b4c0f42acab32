package medmij

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The patterns of the simple types (medmij-protocol.md 2.2).
var (
	hostPattern  = regexp.MustCompile(`^(?:[a-z0-9][a-z0-9-]*\.)+[a-z0-9][a-z0-9-]*[a-z0-9]$`)
	namePattern2 = regexp.MustCompile(`^[a-z]+@medmij$`)
	namePattern3 = regexp.MustCompile(`^(?:[a-z]+[0-9]{0,4})+(?:[-&.](?:[a-z]+[0-9]{0,4})+)*@medmij$`)
	// The path as published now and then: the schema knows no empty part in
	// it, but real lists have double and trailing slashes.
	uriPattern = regexp.MustCompile(`^(https?)://([^/?#:@]+)(:[0-9]{1,5})?((?:/[^?#/]*)*)$`)
	oclSpace   = regexp.MustCompile(`^xmlns://afsprakenstelsel\.medmij\.nl/oauthclientlist/release[0-9]+/$`)
)

func text(name string, check func(string) string) element { return element{name: name, text: check} }

func maybe(e element) element { e.optional = true; return e }

// list is an element that holds repeated ones, parted by a unique child.
func list(name string, atLeastOne bool, unique string, item element) element {
	item.many, item.optional, item.unique = true, !atLeastOne, unique
	return element{name: name, children: []element{item}}
}

func whitelistRule(dev bool) schema {
	node := element{name: "MedMijNode", children: []element{text("Hostname", hostname(dev))}}
	return only("Whitelist", NamespaceWhitelist, list("MedMijNodes", false, "Hostname", node))
}

// zalRule knows release 2, where the services hang under the provider, and
// release 3, where they hang under a version.
func zalRule(dev bool) schema {
	services := list("Gegevensdiensten", true, "GegevensdienstId", serviceRule(dev))
	version := element{name: "Interfaceversie", children: []element{text("InterfaceversieId", length(1, 30)), services}}
	release2 := element{name: "Zorgaanbieder", children: []element{
		text("Zorgaanbiedernaam", providerName(namePattern2)), services,
	}}
	release3 := element{name: "Zorgaanbieder", children: []element{
		text("Zorgaanbiedernaam", providerName(namePattern3)),
		text("Aanbiedertype", oneOf("ZA", "BAZB")),
		list("Interfaceversies", true, "InterfaceversieId", version),
	}}
	return schema{"Zorgaanbiederslijst", func(namespace string) (element, bool) {
		switch namespace {
		case NamespaceZAL2:
			return list("Zorgaanbieders", false, "Zorgaanbiedernaam", release2), true
		case NamespaceZAL3:
			return list("Zorgaanbieders", false, "Zorgaanbiedernaam", release3), true
		}
		return element{}, false
	}}
}

func serviceRule(dev bool) element {
	role := element{name: "Systeemrol", children: []element{
		text("Systeemrolcode", length(1, 30)),
		{name: "ResourceEndpoint", children: []element{text("ResourceEndpointuri", backchannel(dev))}},
	}}
	return element{name: "Gegevensdienst", children: []element{
		text("GegevensdienstId", length(1, 30)),
		{name: "AuthorizationEndpoint", children: []element{text("AuthorizationEndpointuri", frontchannel(dev))}},
		{name: "TokenEndpoint", children: []element{text("TokenEndpointuri", backchannel(dev))}},
		maybe(element{name: "Abonneren", children: []element{
			text("MaximaleDuur", positive), text("SubscriptionEndpointuri", backchannel(dev)),
		}}),
		list("Systeemrollen", true, "Systeemrolcode", role),
	}}
}

// oclRule also takes the services per client, which the 2.x list has in a
// shape that is not published; both shapes that are likely pass.
func oclRule(dev bool) schema {
	service := element{name: "Gegevensdienst", children: []element{text("GegevensdienstId", length(1, 30))}}
	services := list("Gegevensdiensten", false, "GegevensdienstId", service)
	version := element{name: "Interfaceversie", children: []element{text("InterfaceversieId", length(1, 30)), services}}
	client := element{name: "OAuthclient", children: []element{
		text("Hostname", hostname(dev)),
		text("OAuthclientOrganisatienaam", length(3, 50)),
		maybe(list("Interfaceversies", false, "InterfaceversieId", version)),
		maybe(services),
	}}
	return schema{"OAuthclientlist", func(namespace string) (element, bool) {
		return list("OAuthclients", false, "Hostname", client), oclSpace.MatchString(namespace)
	}}
}

func gnlRule() schema {
	service := element{name: "Gegevensdienst", children: []element{
		text("GegevensdienstId", length(1, 30)), text("Weergavenaam", length(3, 50)),
	}}
	return only("Gegevensdienstnamenlijst", NamespaceGNL,
		list("Gegevensdiensten", false, "GegevensdienstId", service))
}

// stamped is the root of every list.
func stamped(name string, body element) element {
	return element{name: name, children: []element{text("Tijdstempel", dateTime), text("Volgnummer", positive), body}}
}

// only is the schema of a list that has one release.
func only(name, namespace string, body element) schema {
	return schema{name, func(s string) (element, bool) { return body, s == namespace }}
}

func oneOf(values ...string) func(string) string {
	return func(s string) string {
		if !slices.Contains(values, s) {
			return "not one of the known values"
		}
		return ""
	}
}

func length(low, high int) func(string) string {
	return func(s string) string {
		if n := utf8.RuneCountInString(s); n < low || n > high {
			return "too short or too long"
		}
		return ""
	}
}

func positive(s string) string {
	if n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 63); err != nil || n == 0 {
		return "not a positive number"
	}
	return ""
}

func parseStamp(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		// The schema does not demand a zone; framework times are Dutch, and
		// an hour does not matter to anyone.
		return time.Parse("2006-01-02T15:04:05.999999999", s)
	}
	return t, nil
}

func dateTime(s string) string {
	s = strings.TrimSpace(s)
	if _, err := parseStamp(s); err != nil || len(s) < 20 {
		return "not a full date and time"
	}
	return ""
}

func providerName(pattern *regexp.Regexp) func(string) string {
	return func(s string) string {
		if !pattern.MatchString(s) {
			return "not a MedMij name"
		}
		return length(10, 57)(s)
	}
}

func hostname(dev bool) func(string) string {
	return func(s string) string {
		if hostPattern.MatchString(s) && !looksLikeIP(s) || dev && isLoopbackName(s) {
			return ""
		}
		return "not a host name"
	}
}

// looksLikeIP is for what the pattern lets through: 127.0.0.1 has the form of
// a host name, but no top level domain is a number.
func looksLikeIP(s string) bool {
	last := s[strings.LastIndexByte(s, '.')+1:]
	return strings.Trim(last, "0123456789") == ""
}

// isLoopbackName tells whether the name always means this machine (RFC 6761).
func isLoopbackName(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") && hostPattern.MatchString(host)
}

func frontchannel(dev bool) func(string) string {
	return func(s string) string { return address(s, dev, false) }
}

func backchannel(dev bool) func(string) string {
	return func(s string) string { return address(s, dev, true) }
}

func address(s string, dev, port bool) string {
	m := uriPattern.FindStringSubmatch(s)
	if m == nil {
		return "not an address of the expected form"
	}
	if _, err := url.Parse(s); err != nil {
		return "not an address of the expected form"
	}
	scheme, host := m[1], m[2]
	if dev && isLoopbackName(host) {
		return ""
	}
	switch {
	case scheme != "https":
		return "not https"
	case m[3] != "" && !port:
		return "a port where none may be"
	}
	return hostname(false)(host)
}
