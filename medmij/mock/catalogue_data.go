package mock

import "github.com/bundel-pgo/bundel/fhir"

// odd is a case of one resource that is odd; it comes and is kept as it is.
func odd(kind, value string) FaultCase {
	return collectCase(value, stored(Changed), Fault{Kind: kind, Value: value})
}

func odds(kind string, values ...string) []FaultCase {
	return each(values, func(v string) FaultCase { return odd(kind, v) })
}

// measured is the same for a measurement.
func measured(kind string, values ...string) []FaultCase {
	return each(values, func(v string) FaultCase {
		c := atService(odd(kind, v), "46", "Observation")
		c.Expect.Max = -1 // it has pages
		return c
	})
}

func dataEntries() []CatalogueEntry {
	const keeps = "keep it as it came, and let it take nothing else along"
	unreadable := func(name string, most int, f Fault) FaultCase { return collectCase(name, failed("P-bad", 1, most), f) }
	json := func(value string, most int) FaultCase {
		return unreadable(value, most, Fault{Kind: "json", Value: value})
	}
	nan := measured("number", "nan")[0]
	nan.Expect.Stored = Apart
	text := collectCase("bytes that are no UTF-8 in one resource", stored(Apart), Fault{Kind: "json", Value: "bad-utf8-inside"})
	twice := collectCase("a name twice in one resource", stored(Apart), Fault{Kind: "json", Value: "twice-inside"})
	million := json("million", 1)
	million.Setup = []Setup{ShortLimits}
	fileName := atService(odd("bsn", "file"), "51", "DocumentReference")
	return append([]CatalogueEntry{
		entry("D01", "The JSON is cut, goes on after its end, has a name twice, or is not UTF-8", "say that the answer could not be read, and store nothing of it; when one resource has it, keep that one apart",
			statements("RSC-17"), json("cut", 2), json("trailing", 1), json("twice", 1), twice, json("bom", 1), json("utf16", 1), json("bad-utf8", 1), text),
		entry("D02", "The JSON is nested 10,000 deep, or has a million entries", "stop at the bound, and say that the answer could not be read", statements("RSC-17"), json("deep", 1), million),
		entry("D03", "There is a citizen service number in an identifier, a reference, the text, or the name of a file", "mask it before it is stored, and in free text wherever it is shown", statements("DAT-01"),
			append(odds("bsn", "identifier", "link", "narrative"), fileName)...),
		entry("D04", "There is an element, a code or a field that this release does not have", keeps+"; show it as text", statements("DAT-03", "DAT-07"), odds("unknown", "element", "code", "release")...),
		entry("D05", "What is required lacks, is null, or is empty", keeps+"; show it with gaps", statements("DAT-07"), odds("missing", "required", "null", "empty")...),
		entry("D06", "A number has more digits than it needs, is too large, or is none", "keep the digits as they are", statements("DAT-03"), append(measured("number", "precise", "huge"), nan)...),
		entry("D07", "A date is a year, long ago, far ahead, at 24:00, without a zone, or in an hour that does not exist", "show it as precisely as it is known, and keep the order stable", statements("DAT-07"),
			measured("date", "year", "first", "future", "midnight", "no-zone", "gap")...),
		entry("D08", "A code has no name, no system, or another code beside it that says something else", "show the best name with the code; join nothing on a name alone", statements("DAT-07"),
			odds("coding", "no-display", "no-system", "disagree")...),
		entry("D09", "A text has a script, runs the other way, has letters without width, or is a megabyte long", "show it as text, and cut it", nil, odds("text", "script", "rtl", "zero-width", "long")...),
		entry("D10", "A resource refers to itself, or contains resources that refer to each other", "follow no further than a bound", nil, odds("reference", "itself", "contained")...),
	}, meaningEntries()...)
}

// meaningEntries are about what the data mean to the person.
func meaningEntries() []CatalogueEntry {
	dose := atService(odd("dose", ""), "35", "MedicationDispense")
	dose.Setup = []Setup{BothProviders}
	notTaken := atService(odd("modifier", "not-taken"), "48", "MedicationStatement")
	file := func(v string) FaultCase {
		c := atService(collectCase(v, stored(Changed), Fault{On: "resource:51", Kind: "file", Value: v}), "51", "Binary")
		c.Expect.Min, c.Expect.Max = 4, 4
		return c
	}
	huge := file("huge")
	huge.Setup = []Setup{ShortLimits}
	huge.Expect.Outcome, huge.Expect.Code, huge.Expect.Stored = fhir.Failed, "P-bad", ""
	subject := collectCase("subject", stored(Apart), Fault{Kind: "reuse", Value: "subject"})
	return []CatalogueEntry{
		entry("D11", "Something changes or takes away the meaning: a modifier, an error, refuted, not taken", "show it as withdrawn or denied, never as something that is", nil,
			append(odds("modifier", "extension", "entered-in-error", "refuted"), notTaken)...),
		entry("D12", "The pharmacy and the GP have the same medicine with another dose", "put them together, and show the difference", nil, dose),
		entry("D13", "Something that came before does not come any more", "keep it, and say since when it is not given any more", nil,
			collectCase("", fine(1, 1), Fault{Kind: "vanish"})),
		entry("D14", "An id is used again, for somebody else or for something else", "keep somebody else's apart; show two records where it is something else", nil, subject, odd("reuse", "code")),
		entry("D15", "A unit lacks, or is written in another way", "show it as given, and calculate nothing", nil, measured("unit", "missing", "odd")...),
		entry("D16", "A document is an SVG, HTML, a PDF with a script, or 500 MB", "never show it in the page; stop at the bound", nil, append(each([]string{"svg", "html", "pdf-script"}, file), huge)...),
		entry("D17", "An id has a path in it, is too long, or has other letters", "use no id in a file name or a path", nil, odds("id", "path", "long", "unicode")...),
		entry("D18", "Something says it was changed in the future", "go by the moment that it was received", nil, odd("updated", "")),
	}
}
