package mock

import "github.com/bundel-pgo/bundel/fhir"

// loginCase is a case of a login after the lists were read again.
func loginCase(name string, expect Expectation, faults ...Fault) FaultCase {
	return FaultCase{Name: name, Faults: faults, Setup: []Setup{ReadLists}, Do: Connect, Expect: expect}
}

// goesOn: the last good list serves, and one request is made for each list.
func goesOn(on string) Expectation { return Expectation{At: on, Min: 1, Max: 1} }

func listCases(on, kind string, values ...string) []FaultCase {
	return each(values, func(v string) FaultCase { return loginCase(on+" "+v, goesOn(on), Fault{On: on, Kind: kind, Value: v}) })
}

const (
	whitelist = "list:whitelist"
	providers = "list:providers"
)

func listEntries() []CatalogueEntry {
	const lastGood = "keep the last good list, try again at the next poll, and say nothing to the person while it is fresh enough"
	both := func(kind string, values ...string) []FaultCase {
		return append(listCases(whitelist, kind, values...), listCases(providers, kind, values...)...)
	}
	return append([]CatalogueEntry{
		entry("L01", "The host of the lists refuses or answers 503", lastGood, statements("LST-04"),
			loginCase("503", goesOn(whitelist), Fault{On: "list", Kind: "status", Status: 503}),
			loginCase("refused", Expectation{At: "host:" + hostLists}, Fault{On: "host:" + hostLists, Kind: "connection", Value: "refuse"})),
		entry("L02", "A list is not well-formed XML", lastGood, statements("LST-03"), both("not-xml", "html", "cut", "empty")...),
		entry("L03", "A list is not valid by its schema", lastGood, statements("LST-03"), both("xsd-invalid", "hostname", "number", "duplicate", "attribute", "order", "element")...),
		entry("L04", "A list is in another namespace, or another list is served at its address", lastGood, statements("LST-03"), both("namespace", "other", "list")...),
		entry("L05", "A list has a lower Volgnummer than before", "keep the newer list and log list_rollback_rejected", statements("LST-06"),
			loginCase("older Whitelist without the provider's host", goesOn(whitelist), Fault{On: whitelist, Kind: "rollback"}, Fault{On: whitelist, Kind: "drop", Value: hostAPI}),
			loginCase("older list without the provider", goesOn(providers), Fault{On: providers, Kind: "rollback"}, Fault{On: providers, Kind: "drop", Value: faultProvider})),
		entry("L07", "A list has a DOCTYPE, entities that explode, or no end", lastGood+"; expand nothing, and stop reading at the bound", statements("LST-11"),
			both("doctype", "plain", "entities", "huge")...),
		entry("L15", "A list answers with a redirect", "do not follow it; "+lastGood, statements("NET-10"),
			each([]string{"same", "evil", "loop", "http"}, func(v string) FaultCase {
				expect := goesOn(whitelist)
				expect.Quiet = []string{"evil"}
				return loginCase(v, expect, Fault{On: whitelist, Kind: "redirect", Value: v})
			})...),
	}, changedListEntries()...)
}

// changedListEntries are lists that are good and say something else.
func changedListEntries() []CatalogueEntry {
	noRequest := func(name string, expect Expectation, faults ...Fault) FaultCase {
		c := collectCase(name, expect, faults...)
		c.Setup = []Setup{ReadLists}
		return c
	}
	refused := Expectation{Code: "P-trust", At: hostTokens, Quiet: []string{"authorize", "token"}}
	return []CatalogueEntry{
		entry("L06", "The Whitelist is older than it may be", "begin nothing new, send nothing, and say that stored data stay visible", statements("LST-07"),
			FaultCase{
				Name: "a login", Faults: []Fault{{On: "list", Kind: "status", Status: 503}}, Setup: []Setup{ClockDay, ReadLists}, Do: Connect,
				Expect: Expectation{Code: "P-lists", At: hostTokens, Quiet: []string{"authorize", "token"}},
			},
			FaultCase{
				Name: "collecting", Faults: []Fault{{On: "list", Kind: "status", Status: 503}}, Setup: []Setup{ClockDay, ReadLists}, Do: Collect,
				Expect: Expectation{Outcome: fhir.Failed, Code: "P-lists", At: hostTokens, Stored: Nothing},
			},
			loginCase("an old Tijdstempel on a list that is still published is no reason", goesOn(whitelist), Fault{On: whitelist, Kind: "stale"})),
		entry("L08", "A provider is not on the list any more", "say that it does not take part now; keep its data, and send nothing to it", statements("LST-08"),
			loginCase("a login", Expectation{Code: "not-found", At: "authorize", Quiet: []string{"token"}}, Fault{On: providers, Kind: "drop", Value: faultProvider}),
			noRequest("collecting", Expectation{At: hostTokens, Stored: Nothing}, Fault{On: providers, Kind: "drop", Value: faultProvider})),
		entry("L09", "A provider does not offer a service any more", "show the service as not offered, and ask nothing of it", statements("LST-08"),
			noRequest("collecting", Expectation{At: hostTokens, Stored: Nothing}, Fault{On: providers, Kind: "drop", Value: faultService, Provider: faultProvider})),
		entry("L10", "The host of tokens and records is not on the Whitelist any more", "say that the connection is not to be trusted; make no connection at all", statements("NET-05"),
			loginCase("a login", refused, Fault{On: whitelist, Kind: "drop", Value: hostAPI}),
			noRequest("collecting", Expectation{Outcome: fhir.Failed, Code: "P-trust", At: hostTokens, Stored: Nothing}, Fault{On: whitelist, Kind: "drop", Value: hostAPI})),
		entry("L11", "The host of the login pages is not on the Whitelist any more", "say so, and do not send the browser there", statements("NET-06"),
			loginCase("a login", refused, Fault{On: whitelist, Kind: "drop", Value: hostLogin})),
		entry("L12", "The app itself is not on the list of clients", "tell the vendor; the pages of the provider would refuse the person", nil,
			loginCase("a login", Expectation{Code: "P-config", At: "authorize", Quiet: []string{"token"}}, Fault{On: "list:clients", Kind: "drop", Value: DefaultClient})),
		entry("L13", "The list of names lacks a service", "use a name that the app has itself, such as \"Gegevensdienst 58\"", statements("LST-09"),
			loginCase("a login", Expectation{At: "list:services", Min: 1, Max: 1}, Fault{On: "list:services", Kind: "drop", Value: faultService})),
		entry("L14", "An entry has an address on plain http, on an IP number, or with a port where the browser goes",
			"never send a browser there; the other entries stay usable", statements("NET-01"),
			each([]string{"http", "ip", "port"}, func(v string) FaultCase {
				return loginCase(v, goesOn(providers), Fault{On: providers, Kind: "endpoint", Value: v, Provider: "apotheek-dezon"})
			})...),
	}
}
