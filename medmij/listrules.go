package medmij

import "regexp"

var (
	namePattern2 = regexp.MustCompile(`^[a-z]+@medmij$`)
	namePattern3 = regexp.MustCompile(`^(?:[a-z]+[0-9]{0,4})+(?:[-&.](?:[a-z]+[0-9]{0,4})+)*@medmij$`)
	oclSpace     = regexp.MustCompile(`^xmlns://afsprakenstelsel\.medmij\.nl/oauthclientlist/release[0-9]+/$`)
)

func text(name string, check textCheck) element { return element{name: name, text: check} }

func maybe(e element) element { e.optional = true; return e }

// list is an element that holds repeated ones, parted by a unique child.
func list(name string, atLeastOne bool, unique string, item element) element {
	item.many, item.optional, item.unique = true, !atLeastOne, unique
	return element{name: name, children: []element{item}}
}

func whitelistRule(dev bool) schema {
	node := element{name: "MedMijNode", children: []element{text("Hostname", hostname(dev))}}
	return only("Whitelist", maxListBytes, NamespaceWhitelist, list("MedMijNodes", false, "Hostname", node))
}

// zalRule knows release 2, where the services hang under the provider, and
// release 3, where they hang under a version. There is an XML schema for
// release 2; release 3 is as in medmij-protocol.md 2.4.
func zalRule(dev bool) schema {
	release2 := element{name: "Zorgaanbieder", children: []element{
		text("Zorgaanbiedernaam", providerName(namePattern2)),
		list("Gegevensdiensten", true, "GegevensdienstId", serviceRule(dev, false)),
	}}
	version := element{name: "Interfaceversie", children: []element{
		text("InterfaceversieId", length(1, 30)),
		list("Gegevensdiensten", true, "GegevensdienstId", serviceRule(dev, true)),
	}}
	release3 := element{name: "Zorgaanbieder", children: []element{
		text("Zorgaanbiedernaam", providerName(namePattern3)),
		text("Aanbiedertype", oneOf("ZA", "BAZB")),
		list("Interfaceversies", true, "", version),
	}}
	return schema{"Zorgaanbiederslijst", maxZALBytes, func(namespace string, _ bool) (element, bool) {
		switch namespace {
		case NamespaceZAL2:
			return list("Zorgaanbieders", false, "Zorgaanbiedernaam", release2), true
		case NamespaceZAL3:
			return list("Zorgaanbieders", false, "Zorgaanbiedernaam", release3), true
		}
		return element{}, false
	}}
}

func serviceRule(dev, subscribes bool) element {
	front := func(name string) element {
		return element{name: name, text: frontchannel(dev), loose: looseAddress(false, dev)}
	}
	back := func(name string) element {
		return element{name: name, text: backchannel(dev), loose: looseAddress(true, dev)}
	}
	role := element{name: "Systeemrol", children: []element{
		text("Systeemrolcode", length(1, 30)),
		{name: "ResourceEndpoint", children: []element{back("ResourceEndpointuri")}},
	}}
	rule := element{name: "Gegevensdienst", spare: true, children: []element{
		text("GegevensdienstId", length(1, 30)),
		{name: "AuthorizationEndpoint", children: []element{front("AuthorizationEndpointuri")}},
		{name: "TokenEndpoint", children: []element{back("TokenEndpointuri")}},
	}}
	if subscribes {
		rule.children = append(rule.children, maybe(element{name: "Abonneren", children: []element{
			text("MaximaleDuur", positive), back("SubscriptionEndpointuri"),
		}}))
	}
	rule.children = append(rule.children, list("Systeemrollen", true, "Systeemrolcode", role))
	return rule
}

// oclRule is the XML schema for release 2. The list of framework 2.x also has
// the services per client, in a shape that is not published: both shapes that
// are likely pass in any other release, and in a lenient reading of release 2.
func oclRule(dev bool) schema {
	service := element{name: "Gegevensdienst", children: []element{text("GegevensdienstId", length(1, 30))}}
	services := list("Gegevensdiensten", true, "GegevensdienstId", service)
	version := element{name: "Interfaceversie", children: []element{text("InterfaceversieId", length(1, 30)), services}}
	plain := element{name: "OAuthclient", children: []element{
		text("Hostname", hostname(dev)),
		text("OAuthclientOrganisatienaam", length(3, 50)),
	}}
	withServices := plain
	withServices.children = append(withServices.children[:2:2],
		maybe(list("Interfaceversies", true, "", version)), maybe(services))
	return schema{"OAuthclientlist", maxListBytes, func(namespace string, lenient bool) (element, bool) {
		client := withServices
		if namespace == NamespaceOCL && !lenient {
			client = plain
		}
		return list("OAuthclients", false, "Hostname", client), oclSpace.MatchString(namespace)
	}}
}

func gnlRule() schema {
	service := element{name: "Gegevensdienst", children: []element{
		text("GegevensdienstId", length(1, 30)), text("Weergavenaam", length(3, 50)),
	}}
	return only("Gegevensdienstnamenlijst", maxListBytes, NamespaceGNL,
		list("Gegevensdiensten", false, "GegevensdienstId", service))
}

// codeKinds are the numbers of the ZAKL (medmij-protocol.md 2.7).
func codeKinds() []string { return []string{"AGB", "URA", "OIN", "HRN", "KVK"} }

// zaklRule asks what joining needs, and no more: there is an example of this
// list but no schema.
func zaklRule() schema {
	code := element{name: "IdentificerendKenmerk", open: true}
	for _, kind := range codeKinds() {
		code.children = append(code.children, element{name: kind, text: length(1, 50), optional: true, open: true})
	}
	codes := list("IdentificerendeKenmerken", false, "", code)
	codes.open = true
	provider := element{name: "Zorgaanbieder", open: true, children: []element{
		text("Zorgaanbiedernaam", providerName(namePattern3)), maybe(codes),
	}}
	providers := list("Zorgaanbieders", false, "", provider)
	providers.open = true
	return only("Zorgaanbiederskoppellijst", maxZALBytes, NamespaceZAKL, providers)
}

// stamped is the root of every list.
func stamped(name string, body element) element {
	return element{name: name, open: body.open, children: []element{
		text("Tijdstempel", dateTime), text("Volgnummer", positive), body,
	}}
}

// only is the schema of a list that has one release.
func only(name string, limit int64, namespace string, body element) schema {
	return schema{name, limit, func(s string, _ bool) (element, bool) { return body, s == namespace }}
}
