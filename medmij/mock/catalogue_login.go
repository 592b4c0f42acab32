package mock

// back is a case of a browser that comes back with something else than a code
// of this login. No token is asked for.
func back(name, code string, setup []Setup, faults ...Fault) FaultCase {
	return FaultCase{Name: name, Faults: faults, Setup: setup, Do: Connect, Expect: Expectation{Code: code, At: "token", Quiet: []string{"resource"}}}
}

func loginEntries() []CatalogueEntry {
	const again = "say that this login has ended, to begin again, and ask for no token"
	errorCases := func(code string, values ...string) []FaultCase {
		return each(values, func(v string) FaultCase { return back(v, code, nil, Fault{Kind: "callback-error", Value: v}) })
	}
	worked := Expectation{At: "token", Min: 1, Max: 1}
	return []CatalogueEntry{
		entry("A01", "The person stops at the first page, at the login or at the consent",
			"say that there is no consent, or nothing there: the framework hides which", statements("CBK-06"),
			back("first page", "P-cancel", []Setup{StopLanding}), back("login", "P-cancel", []Setup{StopLogin}), back("consent", "P-cancel", []Setup{StopConsent})),
		entry("A02", "The provider has nothing of this person", "the same words as when the person stops", statements("CBK-06"), back("", "P-cancel", []Setup{Nobody})),
		entry("A03", "The provider does not accept the request", "say that something is wrong between the app and the provider, with the trace id", nil,
			errorCases("P-client", "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type")...),
		entry("A04", "The login server has trouble", "say that it cannot be reached now; the person may try again", nil, errorCases("P-503", "server_error", "temporarily_unavailable")...),
		entry("A05", "The error is one that nobody knows", "as when the login server has trouble", statements("CBK-07"), errorCases("P-503", "401", "mock_error")...),
		entry("A06", "The state is missing, wrong, used, too old, or of another browser", again, statements("CBK-01", "CBK-02", "CBK-03", "CBK-04", "CBK-05"),
			back("missing", "P-login", nil, Fault{Kind: "state", Value: "missing"}),
			back("wrong", "P-login", nil, Fault{Kind: "state", Value: "wrong"}),
			back("too old", "P-login", []Setup{ClockLogin}),
			back("another browser", "P-login", []Setup{OtherBrowser}),
			FaultCase{Name: "used", Setup: []Setup{Replay}, Do: Connect, Expect: Expectation{Code: "P-login", At: "token", Min: 1, Max: 1}}),
		entry("A07", "There is a code and an error, neither, or something twice", again, statements("CBK-02"), append(
			each([]string{"dup", "with-error", "neither"}, func(v string) FaultCase { return back("code "+v, "P-login", nil, Fault{Kind: "code", Value: v}) }),
			back("state dup", "P-login", nil, Fault{Kind: "state", Value: "dup"}))...),
		entry("A08", "The error comes with a description of HTML and scripts, or of two megabytes", "use words of its own, and show and log nothing of it", statements("CBK-08"),
			each([]string{"html", "long"}, func(v string) FaultCase {
				return back(v, "P-503", nil, Fault{Kind: "callback-error", Value: "server_error"}, Fault{Kind: "description", Value: v})
			})...),
		entry("A09", "There are more parameters than there should be, or another server says that it answers",
			"ignore what is unknown; stop when the server that answers is another one", statements("CBK-09"),
			FaultCase{Name: "more", Faults: []Fault{{Kind: "extra-parameters"}}, Do: Connect, Expect: worked},
			FaultCase{Name: "this server", Faults: []Fault{{Kind: "iss", Value: "right"}}, Do: Connect, Expect: worked},
			back("another server", "P-login", nil, Fault{Kind: "iss", Value: "foreign"})),
		entry("A10", "The person never comes back", "say after half an hour that the login was not finished, and forget it", nil,
			FaultCase{Name: "", Faults: []Fault{{On: "authorize", Kind: "status", Status: 500, Times: 1}}, Setup: []Setup{Abandon}, Do: Connect, Expect: worked}),
		entry("A11", "The browser comes back twice at once", "ask for one token, and finish once", statements("CBK-03"),
			FaultCase{Name: "", Setup: []Setup{DoubleClick}, Do: Connect, Expect: worked}),
	}
}
