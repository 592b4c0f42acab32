package mock

import (
	"strconv"

	"github.com/bundel-pgo/bundel/fhir"
)

// atService is a case of another service than allergies.
func atService(c FaultCase, service, query string) FaultCase {
	c.Service, c.Query = service, query
	on := "resource:" + service + "/" + query
	if c.Expect.At == allergies {
		c.Expect.At = on
	}
	for i := range c.Faults {
		if c.Faults[i].On == allergies {
			c.Faults[i].On = on
		}
	}
	return c
}

func answerEntries() []CatalogueEntry {
	status := func(status, times int, after string) Fault {
		return Fault{Kind: "status", Status: status, Times: times, RetryAfter: after}
	}
	statusCases := func(outcome fhir.Outcome, code string, tries int, all ...int) []FaultCase {
		var cases []FaultCase
		for _, s := range all {
			cases = append(cases, collectCase(strconv.Itoa(s), Expectation{Outcome: outcome, Code: code, Min: tries, Max: tries, Stored: Nothing}, status(s, 0, "")))
		}
		return cases
	}
	once := fine(2, 2)
	renewed := once
	renewed.At = "resource:58"
	return append([]CatalogueEntry{
		entry("F01", "The token is refused (401) although it should hold", "renew it once and ask once more", statements("RSC-11"), collectCase("", renewed, status(401, 1, ""))),
		entry("F02", "The token is refused for ever", "stop after the second refusal, and ask the person to log in again", statements("RSC-11"),
			collectCase("", failed("P-401", 2, 2), status(401, 0, ""))),
		entry("F03", "The service is not allowed (403)", "say so of this part; go on with the others", statements("RSC-13"), statusCases(fhir.NotGranted, "P-403", 1, 403)...),
		entry("F04", "The type is not offered (404)", "say so without alarm; go on with the others", statements("RSC-13"), statusCases(fhir.NotOffered, "P-404", 1, 404)...),
		entry("F05", "A document is not there (any more)", "keep what is known about it, and say that the document is not there", statements("RSC-15"),
			atService(collectCase("404", Expectation{Outcome: fhir.NotOffered, Code: "P-404", Min: 4, Max: 4, Stored: Nothing}, status(404, 0, "")), "51", "Binary"),
			atService(collectCase("410, one of four", Expectation{Outcome: fhir.OK, Code: "P-404", Min: 4, Max: 4, Stored: Nothing}, status(410, 1, "")), "51", "Binary")),
		entry("F06", "The provider does not understand the query or its release (400)", "do not ask again; go on with the others", statements("RSC-13", "RSC-14"),
			atService(collectCase("", failed("P-400", 1, 1), status(400, 0, "")), "49", "AllergyIntolerance")),
		entry("F07", "The media type is not accepted (406, 415)", "do not ask again; go on with the others", statements("RSC-13"), append(
			statusCases(fhir.Failed, "P-406", 1, 406), statusCases(fhir.Failed, "P-415", 1, 415)...)...),
		entry("F09", "The provider is busy (429) and says when to come back, or something else", "wait as long as asked, up to a minute; else stop", statements("RSC-12"),
			collectCase("in a second", once, status(429, 1, "1")), collectCase("at a moment", once, status(429, 1, "+1s")),
			collectCase("garbage", once, status(429, 1, "straks")), collectCase("in an hour", failed("P-429", 1, 1), status(429, 0, "3600"))),
		entry("F10", "The provider has trouble (500)", "ask one more time; go on with the others", statements("RSC-12", "RSC-14"),
			collectCase("once", once, status(500, 1, "")), atService(collectCase("always", failed("P-503", 2, 2), status(500, 0, "")), "49", "AllergyIntolerance")),
		entry("F11", "The provider is not there (502, 503, 504)", "ask at most three times", statements("RSC-12"),
			append(statusCases(fhir.Failed, "P-503", 3, 502, 503, 504), collectCase("twice", fine(3, 3), status(503, 2, "")))...),
	}, contentEntries()...)
}

// contentEntries are answers with status 200 that are not what was asked.
func contentEntries() []CatalogueEntry {
	const unreadable = "say that the answer could not be read; do not ask again, store nothing of it"
	bad := failed("P-bad", 1, 1)
	asXML := stored("") // perhaps the same in other bytes
	return []CatalogueEntry{
		entry("F12", "The answer is a page, is empty, or says to be something else", unreadable, statements("RSC-16"),
			collectCase("a page", bad, Fault{Kind: "html200"}), collectCase("empty", failed("P-bad", 1, 2), Fault{Kind: "empty"}), collectCase("text/plain", bad, Fault{Kind: "content-type"})),
		entry("F13", "The answer is an OperationOutcome and no Bundle", "tell it by the code of its issue; store nothing of it, and do not ask again", statements("DAT-08"), collectCase("", failed("P-503", 1, 1), Fault{Kind: "outcome200"})),
		entry("F14", "The answer is of another FHIR release than was asked", unreadable, statements("RSC-16"), collectCase("", bad, Fault{Kind: "fhir-version"})),
		entry("F15", "The answer is XML though JSON was asked", "read it: some servers know nothing else", nil, collectCase("", asXML, Fault{Kind: "xml"})),
	}
}

func sendEntries() []CatalogueEntry {
	return []CatalogueEntry{
		entry("F08", "What was sent is not accepted (422)", "say so with the provider's explanation as text; it stays ready to send", statements("DEL-04"),
			sending("", "P-422", "ready", Fault{Kind: "status", Status: 422})),
		entry("F24", "A part of what was sent is refused, or is not answered for", "tell of each item what became of it", statements("DEL-04"),
			sending("refused", "", "refused", Fault{Kind: "batch", Value: "partly"}), sending("not answered for", "", "unknown", Fault{Kind: "batch", Value: "fewer"})),
		entry("F25", "What was sent is accepted, without a place or a copy", "it was sent", nil, sending("", "", "sent", Fault{Kind: "batch", Value: "no-location"})),
		entry("F26", "The connection breaks after all was sent", "say that it is not certain, and never send it again by itself", statements("DEL-05"),
			sending("accepted", "", "unknown", Fault{Kind: "reset", Value: "after"}), sending("trouble", "", "unknown", Fault{Kind: "status", Status: 503})),
	}
}
