// Package medmij is the way from "I have a GP" to a stream of that person's
// FHIR resources, over MedMij, and back: sending what the person chose.
//
// The path is one row of calls:
//
//	Lists.Refresh -> Directory.Search -> Client.Begin -> (browser, DigiD) ->
//	Client.Finish -> Grant -> Client.Fetch -> []fhir.Source
//	                          Client.Send (with a Grant to share)
//
// A [Directory] is a checked snapshot of the four MedMij lists, and of the one
// that joins names and numbers (ZAKL) when there is one. A [Client]
// speaks for one registered app (its client id is a host name on the list of
// OAuth clients) over a [Transport]: [Direct] holds the certificate and checks
// the Whitelist before every request; [Gateway] brings everything to a server
// that does so for apps without a certificate, and finds providers too. All
// calls are the same over both. [Services] is the table of what can be asked. Secrets (tokens, state) are in [Login] and [Grant] only; those redact
// themselves in logs and formatted output.
//
// # What went wrong, and where one stands
//
// Whatever these calls return has a code ([CodeOf]), and every code has words in
// Dutch and English with a next step ([Explain]; docs/ERRORS.md has them all).
// [Known] tells where a connection stands from what is stored of it, and refuses
// what cannot happen. A [ChainLog] keeps the events of requests and answers, and
// [Prune] destroys them in time.
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
//	ketenlog            chain log: which request went to whom, and what came back
//
// # Parts of a service
//
// [Client.Fetch] asks everything by default. [Client.Ask] asks a part: a
// period, the newest, some codes, one document. [Client.Retry] finds what an
// earlier collection missed. A questionnaire is answered with [Client.Update]
// and [Client.Send].
//
// # Left out
//
// Looking up revocation (TLS.Revoked is where it goes), a lock between processes
// (Config.Hold is where one goes), representation of another person and
// subscriptions (read, and refused), login dialects before 1.2, sending through
// a gateway of the ministry's dialect, which has no way for it, the address
// book ZORG-AB, plans for sharing, granular services (9000001xx and further) and
// image availability, the DICOM side of images, and the number of the service
// for correction requests, which is not public ([CorrectionRequests]). Documents
// are read at the hosts of their own service only. The hash of an attachment
// that came inside its description is not checked, nor is the content of what is
// sent compared with its profile.
package medmij
