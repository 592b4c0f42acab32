package mock

import "encoding/xml"

// The lists as XML, in the order their schemas ask for.
type (
	stampXML struct {
		Tijdstempel string
		Volgnummer  int
	}
	whitelistXML struct {
		XMLName xml.Name `xml:"xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/ Whitelist"`
		stampXML
		Nodes []nodeXML `xml:"MedMijNodes>MedMijNode"`
	}
	nodeXML struct{ Hostname string }

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
		GegevensdienstID string           `xml:"GegevensdienstId"`
		Authorize        string           `xml:"AuthorizationEndpoint>AuthorizationEndpointuri"`
		Token            string           `xml:"TokenEndpoint>TokenEndpointuri"`
		Subscription     *subscriptionXML `xml:"Abonneren"`
		Roles            []roleXML        `xml:"Systeemrollen>Systeemrol"`
	}
	subscriptionXML struct {
		MaximaleDuur            int
		SubscriptionEndpointuri string
	}
	roleXML struct {
		Systeemrolcode string
		Base           string `xml:"ResourceEndpoint>ResourceEndpointuri"`
	}

	zal2XML struct {
		XMLName xml.Name `xml:"xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release2/ Zorgaanbiederslijst"`
		stampXML
		Providers []provider2XML `xml:"Zorgaanbieders>Zorgaanbieder"`
	}
	provider2XML struct {
		Zorgaanbiedernaam string
		Services          []serviceXML `xml:"Gegevensdiensten>Gegevensdienst"`
	}

	oclXML struct {
		XMLName xml.Name // its release depends on what is in it
		stampXML
		Clients []clientXML `xml:"OAuthclients>OAuthclient"`
	}
	clientXML struct {
		Hostname, OAuthclientOrganisatienaam string
		Services                             *clientServicesXML `xml:"Interfaceversies>Interfaceversie"`
	}
	clientServicesXML struct {
		ID       string       `xml:"InterfaceversieId"`
		Services []serviceRef `xml:"Gegevensdiensten>Gegevensdienst"`
	}
	serviceRef struct {
		ID string `xml:"GegevensdienstId"`
	}

	gnlXML struct {
		XMLName xml.Name `xml:"xmlns://afsprakenstelsel.medmij.nl/gegevensdienstnamenlijst/release1/ Gegevensdienstnamenlijst"`
		stampXML
		Services []nameXML `xml:"Gegevensdiensten>Gegevensdienst"`
	}
	nameXML struct {
		GegevensdienstID string `xml:"GegevensdienstId"`
		Weergavenaam     string
	}

	zaklXML struct {
		XMLName xml.Name `xml:"xmlns://afsprakenstelsel.medmij.nl/Zorgaanbiederskoppellijst/release1/ Zorgaanbiederskoppellijst"`
		stampXML
		Providers []identifiedXML `xml:"Zorgaanbieders>Zorgaanbieder"`
	}
	identifiedXML struct {
		Zorgaanbiedernaam string
		Marks             []markXML           `xml:"IdentificerendeKenmerken>IdentificerendKenmerk"`
		Services          []identifiedService `xml:"Gegevensdiensten>Gegevensdienst"`
	}
	markXML           struct{ AGB string }
	identifiedService struct {
		nameXML
		Versions []versionRef `xml:"Interfaceversies>Interfaceversie"`
	}
	versionRef struct {
		ID string `xml:"InterfaceversieId"`
	}
)
