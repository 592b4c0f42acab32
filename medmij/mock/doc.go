// Package mock is MedMij in one process, for tests and for the demonstration:
// the four lists, an authorization server with its pages, the token endpoint
// and FHIR servers over records of people who do not exist.
//
// [Start] serves for a test, [Serve] for a program. The zero [Config] is the
// demonstration: Anna and Bram at a GP, a pharmacy and a hospital. It listens
// on loopback only, in the development form (medmij-protocol.md 8.1): pages on
// http://localhost:PORT; lists, token and FHIR on https://*.medmij.localhost
// with ports in the lists, behind a certificate authority of its own, and with
// a client certificate at the token and FHIR endpoints. Clients dial those
// names at 127.0.0.1; [Network.HTTPClient] does.
//
// What a client does is recorded without tokens or health data
// ([Network.Requests], [Network.Connections]); what goes wrong is a [Fault]
// that can be set from Go or over the admin endpoint. [Catalogue] has all that
// is known to go wrong, and what an app should do then. Everything else behaves as a strict provider
// should: codes work once, refresh tokens rotate, consent lapses after six
// months without a visit, and a token decides whose records are seen.
//
// Left out: lists in the official form without ports, a second provider
// platform, representation, subscriptions, services that receive anything but
// measurements (53), and answers in XML.
//
// # Words
//
//	verzamelen        collect: the person gets records
//	delen             share: the person sends measurements
//	toestemming       consent, given on the provider's page
//	Zorgaanbiederslijst (ZAL), Whitelist, OAuth client list (OCL),
//	Gegevensdienstnamenlijst (GNL): the four lists of MedMij
package mock
