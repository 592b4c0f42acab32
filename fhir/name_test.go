package fhir

import "testing"

const qualifiers = `"_given":[
	{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier","valueCode":"BR"}]},
	{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier","valueCode":"CL"}]},
	{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier","valueCode":"IN"}]}]`

func part(name, value string) string {
	return `{"url":"http://hl7.org/fhir/StructureDefinition/humanname-` + name + `","valueString":"` + value + `"}`
}

func order(code string) string {
	return `"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/humanname-assembly-order","valueCode":"` + code + `"}]`
}

func TestNameNeverPrintsAPartTwice(t *testing.T) {
	family := `"_family":{"extension":[` + part("own-prefix", "van der") + `,` + part("own-name", "Berg") + `,` +
		part("partner-prefix", "de") + `,` + part("partner-name", "Wit") + `]}`
	for _, tc := range []struct{ name, in, want string }{
		{"text", `"text":" A.  Berg ","family":"Ander"`, "A. Berg"},
		{"calling name first", `"family":"Berg","given":["Johanna Maria","Hanneke","J.M."],` + qualifiers, "Hanneke Berg"},
		{"birth names before initials", `"family":"Berg","given":["Johanna",null,"J."],` + qualifiers, "Johanna Berg"},
		{"initials", `"family":"Berg","given":[null,null,"J."],` + qualifiers, "J. Berg"},
		{"no qualifiers", `"family":"Berg","given":["Jo","An"]`, "Jo Berg"},
		{"given without a list", `"family":"Berg","given":"Jo"`, "Jo Berg"},
		{"family as a list", `"family":["van der","Berg"],"given":["Jo"]`, "Jo van der Berg"},
		{"family assembled already", `"family":"van der Berg","given":["Jo"],` + family, "Jo van der Berg"},
		{"own name", `"given":["Jo"],` + family + `,` + order("NL1"), "Jo van der Berg"},
		{"name of the partner", `"given":["Jo"],` + family + `,` + order("NL2"), "Jo de Wit"},
		{"partner then own", `"given":["Jo"],` + family + `,` + order("NL3"), "Jo de Wit-van der Berg"},
		{"own then partner", `"given":["Jo"],` + family + `,` + order("NL4"), "Jo van der Berg-de Wit"},
		{"no order", `"given":["Jo"],` + family, "Jo van der Berg"},
		{"partner asked for but absent", `"_family":{"extension":[` + part("own-name", "Berg") + `]},` + order("NL2"), "Berg"},
		{"only the partner", `"_family":{"extension":[` + part("partner-name", "Wit") + `]}`, "Wit"},
		{"only a prefix", `"prefix":["Dr."]`, "Dr."},
		{"nothing", `"use":"official"`, ""},
	} {
		if got := node(t, `"name":{`+tc.in+`}`).Get("name").Name(); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestNamesPicksTheBestOne(t *testing.T) {
	for _, tc := range []struct{ name, in, want, family string }{
		{"official before usual", `[{"text":"A"},{"use":"usual","text":"B"},{"use":"official","text":"C","family":"D"}]`, "C", "D"},
		{"usual before first", `[{"text":"A"},{"use":"usual","text":"B"}]`, "B", ""},
		{"first", `[{"text":"A"},{"text":"B"}]`, "A", ""},
		{"never an old one", `[{"use":"old","text":"A"}]`, "", ""},
		{"not an empty one", `[{"use":"official"},{"text":"B"}]`, "B", ""},
		{"one without a list", `{"text":"A"}`, "A", ""},
		{"of an organisation", `"Huisartsenpraktijk"`, "Huisartsenpraktijk", ""},
	} {
		n := node(t, `"name":`+tc.in)
		if got := n.Names("name"); got != tc.want || n.FamilyName("name") != tc.family {
			t.Errorf("%s: %q, %q", tc.name, got, n.FamilyName("name"))
		}
	}
}

func TestAddressOnOneLine(t *testing.T) {
	adxp := func(name, value string) string {
		return `{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-` + name + `","valueString":"` + value + `"}`
	}
	parts := `"_line":[{"extension":[` + adxp("streetName", "Dorpsstraat") + `,` + adxp("houseNumber", "1") + `,` +
		adxp("houseNumberLetter", "a") + `,` + adxp("buildingNumberSuffix", "II") + `]}]`
	for _, tc := range []struct{ name, in, want string }{
		{"line", `"line":["Dorpsstraat 1"],"postalCode":"1234 AB","city":"Ons  Dorp","country":"Nederland"`, "Dorpsstraat 1, 1234 AB Ons Dorp"},
		{"line as one text, with parts", `"line":"Dorpsstraat 1a II","city":"Ons Dorp",` + parts, "Dorpsstraat 1a II, Ons Dorp"},
		{"parts only", `"city":"Ons Dorp",` + parts, "Dorpsstraat 1a II, Ons Dorp"},
		{"two lines", `"line":["Gebouw A","Dorpsstraat 1"]`, "Gebouw A, Dorpsstraat 1"},
		{"abroad", `"line":["Rue 1"],"city":"Liège","country":"België"`, "Rue 1, Liège, België"},
		{"text only", `"text":"ergens"`, "ergens"},
		{"nothing", `"use":"home"`, ""},
	} {
		if got := node(t, `"address":[{`+tc.in+`}]`).Get("address").Address(); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
