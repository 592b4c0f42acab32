package mock

import "github.com/bundel-pgo/bundel/fhir"

// untrusted is a case of a host that the app must not speak to: one try, and
// nothing more.
func untrusted(code, kind, value string) FaultCase {
	return collectCase(kind+" "+value, hostFailed(code, 1, 1), Fault{On: hostTokens, Kind: kind, Value: value})
}

func hostFailed(code string, least, most int) Expectation {
	return Expectation{Outcome: fhir.Failed, Code: code, At: hostTokens, Min: least, Max: most, Quiet: []string{"resource"}, Stored: Nothing}
}

func transportEntries() []CatalogueEntry {
	const stop = "stop at once, say that the security of this provider is not right, and offer no way around it"
	all := func(code, kind string, values ...string) []FaultCase {
		return each(values, func(v string) FaultCase { return untrusted(code, kind, v) })
	}
	noCertificate := collectCase("none", hostFailed("P-config", 1, 1))
	noCertificate.Setup = []Setup{NoCertificate}
	return append([]CatalogueEntry{
		entry("T01", "The certificate has expired, or is not valid yet", stop+"; the clock of this computer may be wrong", statements("NET-04"), all("P-clock", "certificate", "expired", "not-yet")...),
		entry("T02", "The certificate is of another host", stop, statements("NET-04"), all("P-trust", "certificate", "wrong-host")...),
		entry("T03", "The certificate is signed by itself, or by an authority that MedMij does not have", stop, statements("NET-03"), all("P-trust", "certificate", "self-signed", "foreign")...),
		entry("T04", "The certificate is not for servers", stop, statements("NET-03"), all("P-trust", "certificate", "client-use")...),
		entry("T05", "The server speaks TLS 1.1 at most", stop, statements("NET-01"), all("P-trust", "tls", "1.1")...),
		entry("T06", "The server speaks with weak ciphers only", stop, statements("NET-09"), all("P-trust", "tls", "cbc", "rsa")...),
		entry("T07", "The server demands a client certificate that the app does not have", "stop at once and tell the vendor", statements("NET-02"), noCertificate),
		entry("T08", "The server does not accept the client certificate", "stop at once and tell the vendor", statements("NET-02"), all("P-config", "client-certificate", "refuse")...),
		entry("T09", "The server speaks plain HTTP where TLS should be", stop, nil, all("P-trust", "connection", "plain-http", "garbage")...),
	}, append(brokenEntries(), slowEntries()...)...)
}

// post is a token request, which goes out once.
func post(name string, code string, faults ...Fault) FaultCase {
	return FaultCase{Name: name, Faults: faults, Do: Connect, Expect: Expectation{Code: code, At: "token", Min: 1, Max: 1, Quiet: []string{"resource"}}}
}

// sending is a case of sending a measurement, once.
func sending(name, code, items string, fault Fault) FaultCase {
	fault.On = "resource:53"
	return FaultCase{Name: name, Faults: []Fault{fault}, Do: Send, Expect: Expectation{Code: code, At: "resource:53", Min: 1, Max: 1, Items: items}}
}

func brokenEntries() []CatalogueEntry {
	const again = "try a read again a little later, at most three times; never repeat what was posted"
	refused := Fault{On: hostTokens, Kind: "connection", Value: "refuse"}
	return []CatalogueEntry{
		entry("T10", "The connection is refused", again+", unless nothing was sent", nil,
			collectCase("reading", hostFailed("P-503", 0, 0), refused),
			FaultCase{Name: "a login", Faults: []Fault{refused}, Do: Connect, Expect: Expectation{Code: "P-503", At: hostTokens, Quiet: []string{"token"}}}),
		entry("T11", "The connection is broken before an answer", again, statements("DEL-05", "TOK-05"),
			collectCase("once", fine(2, 2), Fault{Kind: "reset", Times: 1}),
			collectCase("always", failed("P-503", 3, 3), Fault{Kind: "reset"}),
			collectCase("before TLS", hostFailed("P-503", 2, 3), Fault{On: hostTokens, Kind: "connection", Value: "reset"}),
			post("a token", "P-503", Fault{On: "token", Kind: "reset"}),
			sending("a measurement", "", "unknown", Fault{Kind: "reset"})),
		entry("T12", "The connection is closed without an answer", again, statements("TOK-05"),
			collectCase("once", fine(2, 2), Fault{Kind: "eof", Times: 1}),
			collectCase("always", failed("P-503", 3, 3), Fault{Kind: "eof"}),
			collectCase("before TLS", hostFailed("P-503", 2, 3), Fault{On: hostTokens, Kind: "connection", Value: "close"}),
			post("a token", "P-503", Fault{On: "token", Kind: "eof"})),
		entry("T16", "The answer announces more than it gives", again+"; throw away the part that came", statements("RSC-17"),
			collectCase("once", fine(2, 2), Fault{Kind: "length", Times: 1}),
			collectCase("always", failed("P-503", 2, 3), Fault{Kind: "length"}),
			collectCase("half of it, once", fine(2, 2), Fault{Kind: "truncate", Times: 1}),
			collectCase("half of it, always", failed("P-503", 2, 3), Fault{Kind: "truncate"})),
		entry("T17", "The answer is cut off and nothing says so (HTTP/1.0)", again+"; half a Bundle is no Bundle", statements("RSC-17"),
			collectCase("once", fine(2, 2), Fault{Kind: "http10", Times: 1}),
			collectCase("always", failed("P-bad", 2, 3), Fault{Kind: "http10"})),
		entry("T18", "The chunked coding is broken", again, statements("RSC-17"),
			collectCase("once", fine(2, 2), Fault{Kind: "chunks", Times: 1}),
			collectCase("always", failed("P-503", 2, 3), Fault{Kind: "chunks"})),
		entry("T19", "The compression is bad, unpacks to a gigabyte, or the headers are two megabytes",
			"stop at the bound, and say that the answer could not be read", statements("RSC-17"),
			collectCase("bad gzip", failed("P-bad", 1, 1), Fault{Kind: "gzip", Value: "bad"}),
			collectCase("gzip that breaks off", failed("P-bad", 1, 2), Fault{Kind: "gzip", Value: "cut"}),
			collectCase("gzip bomb", failed("P-bad", 1, 1), Fault{Kind: "gzip", Value: "bomb"}),
			collectCase("headers", failed("P-bad", 1, 1), Fault{Kind: "headers", Value: "large"})),
		entry("T20", "The answer is no HTTP", "say that the answer could not be read; do not try again", nil,
			collectCase("", failed("P-bad", 1, 1), Fault{Kind: "garbage"})),
		entry("T21", "The server redirects: to itself, elsewhere, in a loop, to plain http", "do not follow; "+"the token goes nowhere else", statements("NET-10"),
			each([]string{"same", "evil", "loop", "http"}, func(v string) FaultCase {
				expect := failed("P-trust", 1, 1)
				expect.Quiet = []string{"evil"}
				return collectCase(v, expect, Fault{Kind: "redirect", Value: v})
			})...),
		entry("T22", "The server sets cookies and sends odd headers", "ignore them, and send none of it back", statements("NET-11"),
			collectCase("", fine(1, 1), Fault{Kind: "headers", Value: "odd"})),
		entry("T23", "HTTP/2 goes away, or breaks off the stream", again, nil,
			collectCase("goaway", fine(1, 1), Fault{On: hostTokens, Kind: "http2", Value: "goaway", Times: 1}),
			collectCase("reset", fine(1, 1), Fault{On: hostTokens, Kind: "http2", Value: "reset", Times: 1}),
			collectCase("always", hostFailed("P-503", 2, -1), Fault{On: hostTokens, Kind: "http2", Value: "reset"})),
	}
}

func slowEntries() []CatalogueEntry {
	short := func(c FaultCase) FaultCase {
		c.Setup = append(c.Setup, ShortLimits)
		return c
	}
	return []CatalogueEntry{
		entry("T13", "The server never answers", "wait no longer than the limit, try one more time, and keep what came of the rest", statements("NET-12"),
			short(collectCase("after the request", failed("P-timeout", 2, 2), Fault{Kind: "hang"})),
			short(collectCase("before TLS", hostFailed("P-timeout", 2, 2), Fault{On: hostTokens, Kind: "connection", Value: "hang"})),
			short(post("a token", "P-timeout", Fault{On: "token", Kind: "hang"}))),
		entry("T14", "The answer comes one byte at a time", "stop when the time for the whole answer is over, and do not try again", statements("NET-12"),
			short(collectCase("", failed("P-timeout", 1, 1), Fault{Kind: "dribble", Delay: "20ms"}))),
		entry("T15", "The answer is right and takes almost as long as it may", "wait, and say that it is still going on", statements("NET-12"),
			collectCase("", fine(1, 1), Fault{Kind: "delay", Delay: "300ms"})),
	}
}
