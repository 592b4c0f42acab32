package medmij

import (
	"strings"
	"testing"
)

// A list of each kind that is right, made by hand; the tests break them.
const (
	goodWhitelist = `<?xml version="1.0" encoding="UTF-8"?>
<Whitelist xmlns="xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/">
  <Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel>
  <Volgnummer>481</Volgnummer>
  <MedMijNodes>
    <MedMijNode><Hostname>inlog.dva.example.nl</Hostname></MedMijNode>
    <MedMijNode><Hostname>api.dva.example.nl</Hostname></MedMijNode>
  </MedMijNodes>
</Whitelist>`
	goodZAL = `<Zorgaanbiederslijst xmlns="xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release3/">
  <Tijdstempel>2026-03-02T09:15:00Z</Tijdstempel><Volgnummer>7</Volgnummer>
  <Zorgaanbieders><Zorgaanbieder>
    <Zorgaanbiedernaam>kliniek-zon&amp;zee@medmij</Zorgaanbiedernaam>
    <Aanbiedertype>ZA</Aanbiedertype>
    <Interfaceversies><Interfaceversie><InterfaceversieId>2</InterfaceversieId>
      <Gegevensdiensten><Gegevensdienst>
        <GegevensdienstId>49</GegevensdienstId>
        <AuthorizationEndpoint><AuthorizationEndpointuri>https://inlog.dva.example.nl/authorize</AuthorizationEndpointuri></AuthorizationEndpoint>
        <TokenEndpoint><TokenEndpointuri>https://api.dva.example.nl:8443/token</TokenEndpointuri></TokenEndpoint>
        <Abonneren><MaximaleDuur>180</MaximaleDuur><SubscriptionEndpointuri>https://api.dva.example.nl/subscription</SubscriptionEndpointuri></Abonneren>
        <Systeemrollen><Systeemrol><Systeemrolcode>MM-2.0-HGB-FHIR</Systeemrolcode>
          <ResourceEndpoint><ResourceEndpointuri>https://api.dva.example.nl:8443/49/fhir</ResourceEndpointuri></ResourceEndpoint>
        </Systeemrol></Systeemrollen>
      </Gegevensdienst></Gegevensdiensten>
    </Interfaceversie></Interfaceversies>
  </Zorgaanbieder></Zorgaanbieders>
</Zorgaanbiederslijst>`
	goodOCL = `<OAuthclientlist xmlns="xmlns://afsprakenstelsel.medmij.nl/oauthclientlist/release2/">
  <Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel><Volgnummer>77</Volgnummer>
  <OAuthclients>
    <OAuthclient><Hostname>pgo.example.nl</Hostname><OAuthclientOrganisatienaam>Mijn Testdossier</OAuthclientOrganisatienaam></OAuthclient>
    <OAuthclient><Hostname>pgo2.example.nl</Hostname><OAuthclientOrganisatienaam>Een Ander</OAuthclientOrganisatienaam></OAuthclient>
  </OAuthclients>
</OAuthclientlist>`
	goodGNL = `<Gegevensdienstnamenlijst xmlns="xmlns://afsprakenstelsel.medmij.nl/gegevensdienstnamenlijst/release1/">
  <Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel><Volgnummer>19</Volgnummer>
  <Gegevensdiensten>
    <Gegevensdienst><GegevensdienstId>49</GegevensdienstId><Weergavenaam>Huisartsgegevens</Weergavenaam></Gegevensdienst>
    <Gegevensdienst><GegevensdienstId>51</GegevensdienstId><Weergavenaam>Documenten</Weergavenaam></Gegevensdienst>
  </Gegevensdiensten>
</Gegevensdienstnamenlijst>`
	goodZAKL = `<Zorgaanbiederskoppellijst xmlns="xmlns://afsprakenstelsel.medmij.nl/Zorgaanbiederskoppellijst/release1/">
  <Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel><Volgnummer>12</Volgnummer>
  <Zorgaanbieders><Zorgaanbieder>
    <Zorgaanbiedernaam>kliniek-zon&amp;zee@medmij</Zorgaanbiedernaam>
    <IdentificerendeKenmerken>
      <IdentificerendKenmerk><AGB>90099999</AGB></IdentificerendKenmerk>
      <IdentificerendKenmerk><URA>00099998</URA></IdentificerendKenmerk>
    </IdentificerendeKenmerken>
    <Gegevensdiensten><Gegevensdienst>
      <GegevensdienstId>49</GegevensdienstId><Weergavenaam>Huisartsgegevens</Weergavenaam>
      <Interfaceversies><Interfaceversie><InterfaceversieId>2</InterfaceversieId></Interfaceversie></Interfaceversies>
    </Gegevensdienst></Gegevensdiensten>
  </Zorgaanbieder></Zorgaanbieders>
</Zorgaanbiederskoppellijst>`
)

// goodZAL2 is a list of release 2: two providers, the first with two services.
const goodZAL2 = `<Zorgaanbiederslijst xmlns="xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release2/">
  <Tijdstempel>2026-03-02T09:15:00Z</Tijdstempel><Volgnummer>6</Volgnummer>
  <Zorgaanbieders>
    <Zorgaanbieder><Zorgaanbiedernaam>eerste@medmij</Zorgaanbiedernaam><Gegevensdiensten>` + service2 + `
      <Gegevensdienst><GegevensdienstId>51</GegevensdienstId>` + endpoints2 + `
        <Systeemrollen><Systeemrol><Systeemrolcode>PLB</Systeemrolcode>` + base2 + `</Systeemrol>
          <Systeemrol><Systeemrolcode>PDB</Systeemrolcode>` + base2 + `</Systeemrol></Systeemrollen>
      </Gegevensdienst>
    </Gegevensdiensten></Zorgaanbieder>
    <Zorgaanbieder><Zorgaanbiedernaam>tweede@medmij</Zorgaanbiedernaam><Gegevensdiensten>` + service2 + `</Gegevensdiensten></Zorgaanbieder>
  </Zorgaanbieders>
</Zorgaanbiederslijst>`

const (
	endpoints2 = `
        <AuthorizationEndpoint><AuthorizationEndpointuri>https://inlog.dva.example.nl/authorize</AuthorizationEndpointuri></AuthorizationEndpoint>
        <TokenEndpoint><TokenEndpointuri>https://api.dva.example.nl:8443/token</TokenEndpointuri></TokenEndpoint>`
	base2    = `<ResourceEndpoint><ResourceEndpointuri>https://api.dva.example.nl/fhir</ResourceEndpointuri></ResourceEndpoint>`
	service2 = `
      <Gegevensdienst><GegevensdienstId>49</GegevensdienstId>` + endpoints2 + `
        <Systeemrollen><Systeemrol><Systeemrolcode>HGB</Systeemrolcode>` + base2 + `</Systeemrol></Systeemrollen>
      </Gegevensdienst>`
)

// goodLists are the lists by a short name, those with an XML schema under the
// name of that.
func goodLists() map[string]string {
	return map[string]string{
		"Whitelist": goodWhitelist, "Zorgaanbiederslijst": goodZAL2, "OAuthclientlist": goodOCL,
		"Gegevensdienstnamenlijst": goodGNL, "ZAL3": goodZAL, "ZAKL": goodZAKL,
	}
}

// readAny reads a list by its short name.
func readAny(list, raw string) error {
	var err error
	switch r := strings.NewReader(raw); list {
	case "Whitelist":
		_, err = ReadWhitelist(r, false)
	case "Zorgaanbiederslijst", "ZAL3":
		_, err = ReadZAL(r, false)
	case "OAuthclientlist":
		_, err = ReadOCL(r, false)
	case "Gegevensdienstnamenlijst":
		_, err = ReadGNL(r)
	case "ZAKL":
		_, err = ReadZAKL(r)
	default:
		panic("no such list: " + list)
	}
	return err
}

// edit is a good list with one change.
type edit struct {
	why      string // it is right or wrong
	list     string
	old, new string
	element  string // that the error names
}

func (e edit) apply(t *testing.T) string {
	t.Helper()
	good := goodLists()[e.list]
	if !strings.Contains(good, e.old) {
		t.Fatalf("%s: nothing to change in %s", e.why, e.list)
	}
	return strings.Replace(good, e.old, e.new, 1)
}
