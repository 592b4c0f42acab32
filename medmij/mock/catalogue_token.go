package mock

import "github.com/bundel-pgo/bundel/fhir"

// oddToken is a case of a login whose token answer is odd and good enough; the
// allergies are collected with it.
func oddToken(name string, fault Fault) FaultCase {
	return FaultCase{Name: name, Faults: []Fault{fault}, Do: ConnectAndCollect, Expect: Expectation{Outcome: fhir.OK, At: "token", Min: 1, Max: 1, Stored: Nothing}}
}

func tokenEntries() []CatalogueEntry {
	const once = "offer the code once, whatever happened; the person begins again"
	tokens := func(kind string, values ...string) []FaultCase {
		return each(values, func(v string) FaultCase { return oddToken(kind+" "+v, Fault{Kind: kind, Value: v}) })
	}
	refusals := func(code string, values ...string) []FaultCase {
		return each(values, func(v string) FaultCase { return post(v, code, Fault{Kind: "token-error", Value: v}) })
	}
	fewer := oddToken("fewer", Fault{Kind: "scope", Value: "fewer"})
	fewer.Service, fewer.Expect.Quiet = "49", []string{"resource:58"}
	return append([]CatalogueEntry{
		entry("K01", "The code is not accepted (invalid_grant)", "say that the login has ended, to begin again", statements("TOK-20"),
			post("", "P-login", Fault{Kind: "token-error", Value: "invalid_grant"})),
		entry("K02", "The app is not accepted (invalid_client)", "tell the vendor", statements("TOK-20"),
			refusals("P-client", "invalid_client", "invalid_request", "unauthorized_client", "unsupported_grant_type", "invalid_scope")...),
		entry("K03", "The token endpoint answers 500 or 503, not at all, or breaks off", once, statements("TOK-05"), append(refusals("P-503", "server_error", "temporarily_unavailable"),
			post("500", "P-503", Fault{On: "token", Kind: "status", Status: 500}),
			post("503", "P-503", Fault{On: "token", Kind: "status", Status: 503, RetryAfter: "1"}),
			post("broken before it did anything", "P-503", Fault{On: "token", Kind: "reset"}),
			post("broken after it gave out a token", "P-503", Fault{On: "token", Kind: "reset", Value: "after"}),
			FaultCase{Name: "never", Faults: []Fault{{On: "token", Kind: "hang"}}, Setup: []Setup{ShortLimits}, Do: Connect, Expect: Expectation{Code: "P-timeout", At: "token", Min: 1, Max: 1}})...),
		entry("K04", "The token endpoint answers 200 with a page", "say that the answer could not be read", statements("TOK-20"), post("", "P-bad", Fault{On: "token", Kind: "html200"})),
		entry("K05", "The token is of another type, or of none", "drop it, and say that the answer could not be read", statements("TOK-09"),
			post("mac", "P-bad", Fault{Kind: "token-type", Value: "mac"}), post("absent", "P-bad", Fault{Kind: "token-type", Value: "absent"}),
			oddToken("bearer, in small letters, is good", Fault{Kind: "token-type", Value: "lower-case"})),
		entry("K06", "The life of the token is absent, a text, zero, negative or endless", "take 900 seconds, read the text, and believe no more than a day", nil,
			tokens("expires", "absent", "string", "zero", "negative", "huge")...),
		entry("K07", "There is no refresh token", "say that this is for one time, and collect with it", statements("TOK-10"), oddToken("", Fault{Kind: "no-refresh"})),
		entry("K08", "The scope has fewer services, another provider, names, or is absent", "ask only for what was granted, and ignore what was not asked", statements("TOK-10", "TOK-11"),
			append(tokens("scope", "names", "absent", "foreign"), fewer)...),
		entry("K09", "The access token is 8 KiB long, has odd characters, or a line break", "use what can be in a header, and refuse what would write another one", statements("TOK-12"), append(
			tokens("access-token", "long", "odd"),
			post("crlf", "P-bad", Fault{Kind: "access-token", Value: "crlf"}), post("absent", "P-bad", Fault{Kind: "access-token", Value: "absent"}))...),
		entry("K13", "The token endpoint takes JSON only", "say that it cannot be reached now; do not try another way", nil, post("", "P-503", Fault{Kind: "token-json-only"})),
		entry("K14", "The token endpoint redirects", "do not follow; the code goes nowhere else", statements("NET-10"),
			each([]string{"same", "evil", "loop", "http"}, func(v string) FaultCase {
				c := post(v, "P-trust", Fault{On: "token", Kind: "redirect", Value: v})
				c.Expect.Quiet = []string{"evil", "resource"}
				return c
			})...),
	}, renewEntries()...)
}

func renewEntries() []CatalogueEntry {
	renew := func(name string, setup []Setup, expect Expectation, faults ...Fault) FaultCase {
		expect.At, expect.Min, expect.Max = "token", 1, 1
		return FaultCase{Name: name, Faults: faults, Setup: setup, Do: Renew, Expect: expect}
	}
	ended := Expectation{Outcome: fhir.Failed, Code: "P-401", Quiet: []string{"resource"}, Stored: Nothing}
	lost := ended
	lost.Code = "P-503"
	good := Expectation{Outcome: fhir.OK, Stored: Nothing}
	return []CatalogueEntry{
		entry("K10", "Renewing is refused (invalid_grant)", "say that the consent has ended, drop the tokens, and keep all data", statements("REF-04"),
			renew("", nil, ended, Fault{Kind: "token-error", Value: "invalid_grant"})),
		entry("K11", "The refresh token is replaced, and the app stops right after", "store the new one durably before it is used", statements("REF-03"),
			renew("stored before it is used", []Setup{CrashSafe}, good),
			renew("the answer is lost: sent once", nil, lost, Fault{On: "token", Kind: "reset", Value: "after"})),
		entry("K12", "Twenty renewals at once", "send one", statements("REF-05"), renew("", []Setup{Parallel}, good)),
	}
}
