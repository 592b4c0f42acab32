package mock

import "github.com/bundel-pgo/bundel/fhir"

// stored is a query that went well and brought something new.
func stored(what Stored) Expectation {
	return Expectation{Outcome: fhir.OK, Min: 1, Max: 1, Stored: what}
}

// noted is a query that went well, with a remark.
func noted(code string, most int) Expectation {
	expect := fine(1, most)
	expect.Code = code
	return expect
}

func pageEntries() []CatalogueEntry {
	all := noted("P-all", -1)
	all.Min, all.Stored = 2, Changed
	const elsewhere = "go only where the list of providers says; keep the pages so far and say that they are not all"
	next := func(where, code string, least, most int) FaultCase {
		expect := failed(code, least, most)
		expect.Quiet = []string{"evil", "other"}
		return collectCase(where, expect, Fault{Kind: "next", Next: where})
	}
	endless := next("endless", "P-incomplete", 5, 5)
	endless.Setup = []Setup{ShortLimits}
	laboratory := func(c FaultCase) FaultCase { return atService(c, "46", "Observation") }
	few := func(name string, expect Expectation, f Fault) FaultCase {
		return laboratory(collectCase(name, expect, f))
	}
	return append([]CatalogueEntry{
		entry("F16", "There is a resource that nobody asked for, or one about somebody else", "keep what nobody asked for as what it is; keep apart what is about somebody else", nil,
			collectCase("another type", stored(Changed), Fault{Kind: "other", Value: "type"}),
			collectCase("another person", stored(Apart), Fault{Kind: "other", Value: "patient"}),
			atService(collectCase("another Patient", stored(Apart), Fault{Kind: "other", Value: "patient"}), "49", "Patient")),
		entry("F17", "The next link goes in a loop, never ends, leads elsewhere, or is relative", elsewhere, statements("RSC-09", "RSC-10"),
			next("loop", "P-incomplete", 1, 1), endless, next("evil", "P-trust", 1, 1), next("otherhost", "P-trust", 1, 1), next("http", "P-trust", 1, 1),
			few("relative", fine(2, -1), Fault{Kind: "next", Next: "relative"})),
		entry("F18", "A page in the middle fails", "try the page again; keep the pages before it, and say that they are not all", statements("RSC-14"),
			few("once", fine(4, -1), Fault{Kind: "status", Status: 500, When: "nth=3"}),
			few("always", failed("P-503", 4, 4), Fault{Kind: "status", Status: 500, When: "after=2"})),
		entry("F19", "The total is not the number of resources", "when fewer came than there are, say that they are not all", nil,
			collectCase("more", failed("P-incomplete", 1, 1), Fault{Kind: "total", Value: "more"}), collectCase("fewer", noted("P-total", 1), Fault{Kind: "total", Value: "fewer"})),
		entry("F20", "The self link lacks, or shows that what was asked was ignored", "leave out what was not asked, and note it", nil,
			collectCase("none", fine(1, 1), Fault{Kind: "self"}), few("ignored", noted("P-filter", -1), Fault{Kind: "ignore-parameters"})),
		entry("F21", "The operation $lastn is not there", "search once instead; keep all that comes, the newest of each code speaks", nil,
			atService(collectCase("", all, Fault{Kind: "no-operation"}), "48", "Observation")),
		entry("F22", "What was asked to come along does not come", "read it once, at the same base", nil, leftOut()),
		entry("F23", "One resource comes twice, the same or with other content", "keep all; show one, or both where nobody can tell", nil,
			collectCase("the same", fine(1, 1), Fault{Kind: "duplicate", Value: "same"}), collectCase("other content", stored(Changed), Fault{Kind: "duplicate", Value: "content"})),
	}, documentEntries()...)
}

// leftOut is the case of medication of which the product does not come along.
func leftOut() FaultCase {
	c := atService(collectCase("", Expectation{Outcome: fhir.OK, Min: 1, Max: -1}, Fault{Kind: "no-include"}), "49", "MedicationRequest")
	c.Query, c.Expect.At = "Medication", "resource:49/Medication"
	return c
}

func documentEntries() []CatalogueEntry {
	documents := func(name string, expect Expectation, f Fault) FaultCase {
		c := atService(collectCase(name, expect, f), "51", "DocumentReference")
		c.Query, c.Expect.At = "Binary", "resource:51/Binary"
		return c
	}
	refused := Expectation{Outcome: fhir.Failed, Code: "P-trust", Min: 3, Max: 3, Quiet: []string{"evil", "other"}}
	wrong := Expectation{Outcome: fhir.Failed, Code: "P-file", Min: 4, Max: 4}
	lie := atService(collectCase("HTML that says it is a PDF", Expectation{Outcome: fhir.Failed, Code: "P-file", Min: 4, Max: 4, Stored: Nothing}, Fault{Kind: "file", Value: "lie", Times: 1}), "51", "Binary")
	return []CatalogueEntry{
		entry("F27", "A document is at another host, in a file, on plain http or on a local network", "do not fetch it, and send the token nowhere; fetch the others", statements("RSC-10"),
			each([]string{"evil", "otherhost", "http", "file", "link-local"}, func(v string) FaultCase {
				return documents(v, refused, Fault{Kind: "attachment", Value: v})
			})...),
		entry("F28", "A document is not the file that it says to be", "say that the document is not right, and do not show it", nil,
			lie, documents("size", wrong, Fault{Kind: "attachment-says", Value: "size"}), documents("hash", wrong, Fault{Kind: "attachment-says", Value: "hash"})),
	}
}
