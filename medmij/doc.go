// Package medmij is the way from "I have a GP" to a stream of that person's
// FHIR resources, over MedMij, and back: sending what the person chose.
//
// The path is one row of calls:
//
//	Lists.Refresh -> Directory.Search -> Client.Begin -> (browser, DigiD) ->
//	Client.Finish -> Grant -> Client.Fetch -> []fhir.Source
//
// A [Directory] is a checked snapshot of the four MedMij lists, and of the one
// that joins names and numbers (ZAKL) when there is one. A [Client]
// speaks for one registered app (its client id is a host name on the list of
// OAuth clients) over a [Transport], which holds the certificate and checks
// the Whitelist before every request. [Services] is the table of what can be
// asked. Secrets (tokens, state) are in [Login] and [Grant] only; those redact
// themselves in logs and formatted output.
//
// # Words
//
//	gegevensdienst      data service: a numbered set of queries, such as 49
//	verzamelen, delen   collect, share: the two directions
//	zorgaanbieder       provider
//	zorgaanbiederslijst list of providers with their addresses (ZAL)
//	systeemrol          role: a part of a service with its own base address
//	gegevensdienstnamenlijst  names of services to show to a person (GNL)
//	DVP, DVA            the person's side, the provider's side
//
// # Left out
//
// Gateways (only [Direct] is here), revocation checks, refreshing one grant
// from two processes, representation of another person, subscriptions, the
// address book ZORG-AB, plans for sharing, the queries per pregnancy episode,
// the update of a questionnaire Task, XML answers, checks of attachment size and
// hash, and picking the newest per code when a server lacks $lastn.
package medmij
