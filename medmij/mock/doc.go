// Package mock is MedMij in one process, for tests and for the demonstration:
// the five lists, an authorization server with its pages, the token endpoint
// and FHIR servers over records of people who do not exist.
//
// [Start] serves for a test, [Serve] for a program. The zero [Config] is the
// demonstration: Anna and Bram at a GP, a pharmacy and a hospital. [Full] is
// the whole topology of medmij-protocol.md 8.1: two platforms, a provider of
// framework 1.4, one without a treatment relation, and people who are too
// young, represented, unknown, or have very many or very dirty records.
//
// It listens on loopback only. In the development form pages are on
// http://localhost:PORT; lists, token and FHIR on https://*.medmij.localhost
// with ports in the lists. With [Config.Official] there are no ports and the
// lists are valid by their schemas; [Network.DevPorts] then tells a client
// where to dial. Either way there is a certificate authority of its own, and a
// client certificate of a host on the Whitelist at the token and FHIR
// endpoints. Clients dial those names at 127.0.0.1; [Network.HTTPClient] does.
//
// It is strict: what the framework asks of a client is refused when it is
// absent, also the two tracing ids. [Config.Lenient] accepts what is seen in
// the field. A fixed token of a [Persona] asks for no ids, as in qualification.
//
// What a client does is recorded without tokens or health data
// ([Network.Requests], [Network.Connections]); what goes wrong is a [Fault] that
// can be set from Go, from a file or over the admin endpoint. [Catalogue] has
// all that is known to go wrong, and what an app should do then. Everything else
// behaves as a provider should: codes work once and at one platform, refresh
// tokens rotate, consent lapses after six months without a visit, a token
// decides whose records are seen, and what is sent is judged by the rules for
// senders.
//
// With a [Config.Seed] and a clock that stands still, two runs of one client
// are the same byte for byte but for ports (which the official form has not)
// and certificates.
//
// Left out: notifications (a subscription is granted and acknowledged, nothing
// is sent), reading older versions of a resource, searches by POST, and FHIR
// XML in the order of the schema (elements keep the order of the JSON).
//
// # Words
//
//	verzamelen        collect: the person gets records
//	delen             share: the person sends measurements, documents, images,
//	                  answers or a correction request
//	toestemming       consent, given on the provider's page
//	beschikbaarheidstoets  availability test: is there anything, and may it be had
//	DVA               platform of providers: login, tokens and records
//	Zorgaanbiederslijst (ZAL), Whitelist, OAuth client list (OCL),
//	Gegevensdienstnamenlijst (GNL), Zorgaanbiederskoppellijst (ZAKL): the lists
package mock
