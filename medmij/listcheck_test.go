package medmij

import (
	"errors"
	"strings"
	"testing"
)

const (
	whitelistStart = `<Whitelist xmlns="xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/"`
	xsiPrefix      = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	frontURI       = "https://inlog.dva.example.nl/authorize"
	backURI        = "https://api.dva.example.nl:8443/token"
)

// wrongLists are lists that their schema refuses.
func wrongLists() []edit {
	const whl, zal, ocl, gnl = "Whitelist", "Zorgaanbiederslijst", "OAuthclientlist", "Gegevensdienstnamenlijst"
	nr := func(why, value string) edit {
		return edit{"number " + why, whl, ">481<", ">" + value + "<", "Volgnummer"}
	}
	at := func(why, value string) edit {
		return edit{"time " + why, whl, "2026-03-02T09:15:00+01:00", value, "Tijdstempel"}
	}
	host := func(why, value string) edit { return edit{"host " + why, whl, "api.dva.example.nl", value, "Hostname"} }
	front := func(why, value string) edit {
		return edit{"front " + why, zal, frontURI, value, "AuthorizationEndpointuri"}
	}
	back := func(why, value string) edit { return edit{"back " + why, zal, backURI, value, "TokenEndpointuri"} }
	name := func(why, value string) edit {
		return edit{"name " + why, zal, "eerste@medmij", value, "Zorgaanbiedernaam"}
	}
	root := func(why, attributes, element string) edit {
		return edit{why, whl, "<Whitelist", "<Whitelist" + attributes, element}
	}
	first := func(why, before string) edit { return edit{why, whl, "<?xml", before + "<?xml", ""} }
	head := func(why, old, new string) edit { return edit{why, whl, old, new, ""} }
	inside := func(why, text, element string) edit {
		return edit{why, whl, "<MedMijNodes>", "<MedMijNodes>" + text, element}
	}
	end := func(why, after string) edit { return edit{why, whl, "</Whitelist>", "</Whitelist>" + after, ""} }
	return []edit{
		// order, number and name of elements
		{"no number", whl, "<Volgnummer>481</Volgnummer>", "", "Volgnummer"},
		{"no time", gnl, "<Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel>", "", "Tijdstempel"},
		{"no nodes", whl, goodWhitelist[strings.Index(goodWhitelist, "<MedMijNodes>"):], "</Whitelist>", "MedMijNodes"},
		{"number before time", whl, "<Tijdstempel>", "<Volgnummer>481</Volgnummer><Tijdstempel>", "Tijdstempel"},
		{"number twice", whl, "<MedMijNodes>", "<Volgnummer>481</Volgnummer><MedMijNodes>", "MedMijNodes"},
		{"name before host", ocl, "<Hostname>pgo.", "<OAuthclientOrganisatienaam>Naam</OAuthclientOrganisatienaam><Hostname>pgo.", "Hostname"},
		{"two hosts in a node", whl, "<Hostname>api", "<Hostname>x.example.nl</Hostname><Hostname>api", "MedMijNode"},
		{"no host in a node", whl, "<Hostname>api.dva.example.nl</Hostname>", "", "Hostname"},
		{"no name", gnl, "<Weergavenaam>Documenten</Weergavenaam>", "", "Weergavenaam"},
		{"nodes twice", whl, "</MedMijNodes>", "</MedMijNodes><MedMijNodes/>", "Whitelist"},
		{"an unknown element", whl, "</MedMijNodes>", "</MedMijNodes><Extra/>", "Whitelist"},
		{"an unknown element deep down", zal, "<Systeemrolcode>HGB", "<Extra/><Systeemrolcode>HGB", "Systeemrolcode"},
		{"another case", whl, "<Volgnummer>481</Volgnummer>", "<volgnummer>481</volgnummer>", "Volgnummer"},
		{"another root", whl, goodWhitelist[strings.Index(goodWhitelist, "<Whitelist"):], goodGNL, ""},
		{"a provider without services", zal, "<Gegevensdiensten>" + service2 + "</Gegevensdiensten>", "", "Gegevensdiensten"},
		{"services without a service", zal, "<Zorgaanbieder>", "<Zorgaanbieder><Zorgaanbiedernaam>derde@medmij</Zorgaanbiedernaam><Gegevensdiensten/></Zorgaanbieder><Zorgaanbieder>", "Gegevensdienst"},
		{"no roles", zal, "<Systeemrol><Systeemrolcode>HGB</Systeemrolcode>" + base2 + "</Systeemrol>", "", "Systeemrol"},
		{"two bases in a role", zal, base2, base2 + base2, "Systeemrol"},
		{"token before authorization", zal, "<AuthorizationEndpoint>", "<TokenEndpoint/><AuthorizationEndpoint>", "AuthorizationEndpoint"},
		{"a subscription in release 2", zal, "<Systeemrollen>", "<Abonneren><MaximaleDuur>3</MaximaleDuur><SubscriptionEndpointuri>https://a.example.nl</SubscriptionEndpointuri></Abonneren><Systeemrollen>", "Systeemrollen"},
		{"a type in release 2", zal, "</Zorgaanbiedernaam>", "</Zorgaanbiedernaam><Aanbiedertype>ZA</Aanbiedertype>", "Gegevensdiensten"},
		{"services in a release 2 client", ocl, "</OAuthclientOrganisatienaam>", "</OAuthclientOrganisatienaam><Gegevensdiensten/>", "OAuthclient"},
		// unique within their scope
		{"the same host twice", whl, "api.dva", "inlog.dva", "Hostname"},
		{"the same host twice, written otherwise", whl, "api.dva", "<![CDATA[inlog]]>.d&#118;a", "Hostname"},
		{"the same client twice", ocl, "pgo2.", "pgo.", "Hostname"},
		{"the same service name twice", gnl, ">51<", ">49<", "GegevensdienstId"},
		{"the same provider twice", zal, "tweede@", "eerste@", "Zorgaanbiedernaam"},
		{"the same service twice", zal, ">51<", ">49<", "GegevensdienstId"},
		{"the same role twice", zal, ">PDB<", ">PLB<", "Systeemrolcode"},
		// numbers
		nr("zero", "0"), nr("minus one", "-1"), nr("plus zero", "+0"), nr("minus zero", "-0"), nr("empty", ""), nr("a space in it", "4 81"),
		nr("with a fraction", "481.0"), nr("with an exponent", "1e3"), nr("in another script", "٤٨١"), nr("hexadecimal", "0x1"),
		nr("with a space that XML does not know", "\u00a0481"), nr("two signs", "++1"), nr("of 25 digits", strings.Repeat("9", 25)),
		nr("with an element", "4<b/>81"), nr("with an entity", "48&amp;1"), nr("nothing but zeros", "000"), nr("an underscore", "4_81"),
		// moments
		at("without the time", "2026-03-02"), at("of 19 characters", "2026-03-02T09:15:00"), at("of 19 and a space", "2026-03-02T09:15:00 "),
		at("in small letters", "2026-03-02t09:15:00z"), at("with a comma", "2026-03-02T09:15:00,5Z"), at("with a bare point", "2026-03-02T09:15:00.Z"),
		at("past the end of the day", "2026-03-02T24:00:01Z"), at("past the end by a fraction", "2026-03-02T24:00:00.5Z"), at("with a leap second", "2026-03-02T09:15:60Z"), at("on 29 February 2026", "2026-02-29T09:15:00Z"),
		at("in a 13th month", "2026-13-01T09:15:00Z"), at("in the year 0", "0000-01-01T09:15:00Z"), at("with a zero in front", "02026-03-02T09:15:00Z"),
		at("with a sign", "+2026-03-02T09:15:00Z"), at("in a far zone", "2026-03-02T09:15:00+14:01"), at("with half a zone", "2026-03-02T09:15:00.000+01"),
		at("with a zone of 60 minutes", "2026-03-02T09:15:00+01:60"), at("with a space", "2026-03-02 09:15:00Z"), at("without seconds", "2026-03-02T09:15+01:00"),
		at("with minute 60", "2026-03-02T09:60:00Z"), at("empty", ""), at("with text after it", "2026-03-02T09:15:00Z Z"),
		// simple types
		host("in capitals", "API.dva.example.nl"), host("of one label", "localhost"), host("with a dot after it", "api.dva.example.nl."),
		host("with an underscore", "api_dva.example.nl"), host("with a port", "api.dva.example.nl:443"), host("with a line end", "api.dva.example.nl\n"),
		host("with a space", " api.dva.example.nl"), host("with an accent", "apí.dva.example.nl"), host("that ends in one letter", "example.n"),
		host("that ends in a dash", "api.dva.example-"), host("empty", ""), host("with an empty label", "api..example.nl"), host("as an address of one digit", "10.0.0.1"),
		front("not https", "http://inlog.dva.example.nl/authorize"), front("with a port", "https://inlog.dva.example.nl:443/authorize"),
		front("with a query", frontURI+"?a=b"), front("with a fragment", frontURI+"#a"), front("ending in a slash", frontURI+"/"),
		front("with two slashes", "https://inlog.dva.example.nl//authorize"), front("with a user", "https://a@inlog.dva.example.nl/authorize"),
		front("in capitals", "HTTPS://inlog.dva.example.nl/authorize"), front("empty", ""), front("with a space", " "+frontURI), front("of one label", "https://inlog/authorize"),
		back("with a port of six digits", "https://api.dva.example.nl:123456/token"), back("with an empty port", "https://api.dva.example.nl:/token"),
		back("with a host that ends in one letter", "https://example.n/token"), back("not https", "http://api.dva.example.nl/token"), back("ending in a slash", "https://api.dva.example.nl/"),
		name("too short", "ab@medmij"), name("too long", strings.Repeat("a", 51)+"@medmij"), name("with a digit", "eerste1@medmij"),
		name("in capitals", "Eerste@medmij"), name("without the end", "eerstepraktijk"), name("with a line end", "eerste@medmij\n"), name("with a dash", "eer-ste@medmij"),
		{"id empty", zal, ">51<", "><", "GegevensdienstId"},
		{"id too long", zal, ">51<", ">" + strings.Repeat("é", 31) + "<", "GegevensdienstId"},
		{"role empty", zal, ">PDB<", "><", "Systeemrolcode"},
		{"role too long", zal, ">PDB<", ">" + strings.Repeat("x", 31) + "<", "Systeemrolcode"},
		{"organisation too short", ocl, "Mijn Testdossier", "Mi", "OAuthclientOrganisatienaam"},
		{"organisation too long", ocl, "Mijn Testdossier", strings.Repeat("😀", 51), "OAuthclientOrganisatienaam"},
		{"display name too short", gnl, "Documenten", "ab", "Weergavenaam"},
		{"display name too long", gnl, "Documenten", strings.Repeat("x", 51), "Weergavenaam"},
		// namespaces and attributes
		{"another release", whl, "release2", "release9", ""},
		{"another release of clients", zal, "release2", "release3", "Aanbiedertype"},
		{"no namespace", whl, ` xmlns="xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/"`, "", ""},
		{"the namespace with a space", whl, `="xmlns://`, `=" xmlns://`, ""},
		{"the namespace without its last slash", whl, `release2/"`, `release2"`, ""},
		{"an element without namespace", whl, "<Volgnummer>", `<Volgnummer xmlns="">`, "Volgnummer"},
		{"an element of another namespace", whl, "<Volgnummer>481</Volgnummer>", `<v:Volgnummer xmlns:v="b">481</v:Volgnummer>`, "Volgnummer"},
		{"a prefix that is not declared", whl, "<Volgnummer>481</Volgnummer>", `<v:Volgnummer>481</v:Volgnummer>`, "Volgnummer"},
		{"an end with another prefix", whl, whitelistStart + ">\n  <Tijdstempel>", whitelistStart + ` xmlns:v="xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/">` + "\n  <v:Tijdstempel>", "Tijdstempel"},
		root("an attribute", ` a="b"`, "Whitelist"), root("a language", ` xml:lang="nl"`, "Whitelist"), root("an unknown xsi attribute", xsiPrefix+` xsi:a="b"`, "Whitelist"),
		root("an xsi attribute without its namespace", ` xsi:schemaLocation="a b"`, "Whitelist"), root("an attribute named xmlns with a prefix", ` xmlns:p="q" p:xmlns="x"`, "Whitelist"),
		root("the namespace twice", whitelistStart[len("<Whitelist"):], ""), root("a prefix twice", ` xmlns:a="b" xmlns:a="b"`, ""), root("a prefix that is no name", ` xmlns:1a="b"`, ""),
		root("attributes without space between", ` xmlns:a="b"xmlns:c="d"`, ""), root("no quotes", ` xmlns:a=b`, ""), root("less-than in an attribute", ` xmlns:a="<"`, ""),
		root("an attribute twice", xsiPrefix+` xsi:schemaLocation="a b" xsi:schemaLocation="a b"`, ""), root("xsi:nil false", xsiPrefix+` xsi:nil="false"`, "Whitelist"),
		{"an attribute on a text", whl, "<Volgnummer>", `<Volgnummer a="b">`, "Volgnummer"},
		{"xsi:nil true", whl, "<Volgnummer>481", "<Volgnummer" + xsiPrefix + ` xsi:nil="true">`, "Volgnummer"},
		{"xsi:type of another type", whl, "<Volgnummer>", "<Volgnummer" + xsiPrefix + ` xsi:type="Hostname">`, "Volgnummer"},
		{"xml:space", whl, "<Volgnummer>", `<Volgnummer xml:space="preserve">`, "Volgnummer"},
		{"an attribute on an end", whl, "</Volgnummer>", `</Volgnummer a="b">`, "Volgnummer"},
		// text and the like where elements belong
		inside("text", "text", "MedMijNodes"), inside("a space that XML does not know", "&#160;", "MedMijNodes"), inside("a line end that XML does not know", "\u0085", "MedMijNodes"),
		inside("CDATA of a space", "<![CDATA[ ]]>", "MedMijNodes"), inside("empty CDATA", "<![CDATA[]]>", "MedMijNodes"), inside("an end of CDATA", "]]>", ""), inside("a greater-than", ">", "MedMijNodes"),
		inside("an entity of nobody", "&a;", ""), inside("an ampersand", " & ", ""), inside("a control character", "\x01", ""), inside("a character that is none", "<!-- \ufffe -->", ""),
		inside("half a letter", "<!-- \xff -->", ""), inside("two dashes in a comment", "<!-- a -- b -->", ""), inside("three at the end", "<!-- a --->", ""), inside("a second declaration", `<?xml version="1.0"?>`, ""),
		inside("an instruction named XML", "<?XML a?>", ""), inside("an instruction without space", `<?a"b"?>`, ""), inside("an instruction without name", "<??>", ""), inside("nodes in nodes", "<MedMijNodes/>", "MedMijNodes"),
		inside("CDATA in small letters", "<![cdata[ ]]>", ""), inside("an end too many", "</MedMijNodes>", "Whitelist"), inside("a tag with a space", "< MedMijNode/>", ""), inside("an odd slash", "<MedMijNode/ >", ""),
		nr("with a number of no character", "481&#0;"), nr("with a number of nothing", "481&#;"), nr("with a capital X", "&#X34;81"), nr("with an entity of nobody", "&a;"),
		// the whole
		first("white space first", " "), first("a line end first", "\n"), first("a comment first", "<!-- a -->"), first("two byte order marks", "\ufeff\ufeff"),
		head("no version", `version="1.0" `, ""), head("version 2.0", "1.0", "2.0"), head("the declaration in another order", `version="1.0" encoding="UTF-8"`, `encoding="UTF-8" version="1.0"`),
		head("standalone maybe", `"?>`, `" standalone="maybe"?>`), head("an unknown part of the declaration", `"?>`, `" a="b"?>`), head("a declaration without spaces", `"1.0" e`, `"1.0"e`),
		head("an unknown encoding", "UTF-8", "FOO"), head("an empty encoding", "UTF-8", ""), head("UTF-16 that is not", "UTF-8", "UTF-16"), head("a number before the root", "\n<Whitelist", "&#32;<Whitelist"),
		end("a second root", "<Whitelist/>"), end("text after the end", "text"), end("a number after the end", "&#32;"), end("CDATA after the end", "<![CDATA[ ]]>"), end("a byte order mark after the end", "\ufeff"),
		{"cut off", whl, "</MedMijNodes>\n</Whitelist>", "", ""},
		{"another end", whl, "</MedMijNodes>", "</MedMijNode>", ""},
		{"empty", whl, goodWhitelist, "", ""},
		{"JSON", whl, goodWhitelist, "{}", ""},
	}
}

// oddLists are lists that their schema accepts.
func oddLists() []edit {
	const whl, zal, ocl, gnl = "Whitelist", "Zorgaanbiederslijst", "OAuthclientlist", "Gegevensdienstnamenlijst"
	nr := func(value string) edit { return edit{"number " + value, whl, ">481<", ">" + value + "<", ""} }
	at := func(value string) edit { return edit{"time " + value, whl, "2026-03-02T09:15:00+01:00", value, ""} }
	host := func(value string) edit { return edit{"host " + value, whl, "api.dva.example.nl", value, ""} }
	front := func(value string) edit { return edit{"front " + value, zal, frontURI, value, ""} }
	back := func(value string) edit { return edit{"back " + value, zal, backURI, value, ""} }
	root := func(attributes string) edit {
		return edit{"root with " + attributes, whl, "<Whitelist", "<Whitelist" + attributes, ""}
	}
	prefixed := strings.NewReplacer("</", "</w:", "<", "<w:", "xmlns=", "xmlns:w=").Replace(goodOCL)
	nodes := goodWhitelist[strings.Index(goodWhitelist, "<MedMijNode>"):strings.Index(goodWhitelist, "</MedMijNodes>")]
	return []edit{
		{"as published", whl, "", "", ""},
		{"as published", zal, "", "", ""},
		{"as published", ocl, "", "", ""},
		{"as published", gnl, "", "", ""},
		{"prefixes", ocl, goodOCL, prefixed, ""},
		{"a prefix here and there", whl, "<Volgnummer>481</Volgnummer>", `<v:Volgnummer xmlns:v="xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/">481</v:Volgnummer>`, ""},
		{"the namespace once more", whl, "<Volgnummer>", "<Volgnummer" + whitelistStart[len("<Whitelist"):] + ">", ""},
		{"the namespace with a number in it", whl, `="xmlns:`, `="&#120;mlns:`, ""},
		root(xsiPrefix + ` xsi:schemaLocation="a b"`), root(xsiPrefix + ` xsi:schemaLocation="a"`), root(xsiPrefix + ` xsi:noNamespaceSchemaLocation="a b"`),
		root("\n\txmlns:q = 'a'\r\n"), root(` xmlns:é="b"`), root(` xmlns:xml="http://www.w3.org/XML/1998/namespace"`),
		{"a hint on a text", whl, "<Volgnummer>", "<Volgnummer" + xsiPrefix + ` xsi:schemaLocation="a b">`, ""},
		nr("+481"), nr(" 481 "), nr("0481"), nr("4<!-- c -->81"), nr("4<?p q?>81"), nr("<![CDATA[481]]>"), nr("&#52;8&#x31;"), nr("481&#10;"), nr("\t481\n"),
		nr(strings.Repeat("0", 30) + "481"), nr(strings.Repeat("9", 18)),
		at("2026-03-02T09:15:00.0"), at("2026-03-02T09:15:00Z"), at("2026-03-02T24:00:00Z"), at("2026-03-02T24:00:00.0Z"), at("2024-02-29T09:15:00Z"),
		at("12026-03-02T09:15:00Z"), at("-0004-02-29T00:00:00Z"), at("2026-03-02T09:15:00+14:00"), at("2026-03-02T09:15:00-14:00"), at("2026-03-02T09:15:00-00:00"),
		at("\n 2026-03-02T09:15:00Z \t"), at("2026-03-02T09:15:00.123456789012345678Z"), at("-2026-03-02T09:15:00"), at("2000-02-29T00:00:00Z"),
		host("10.0.0.12"), host("a--b.example.nl"), host("<![CDATA[api.]]>example.nl"), host("api<?a b?>.example.nl"), host(strings.Repeat("a.", 500) + "nl"), host("a-.b-.nl"),
		front("https://a.b"), front("https://a.b-"), front("https://1.2.3.4/c"), front("https://a.b/c d"), front("https://a.b/%zz"), front("https://a.b/a@b"),
		front("https://a.b/\n"), front("https://a.b/.."), front("https://a.b/é"), back("https://a.bc"), back("https://a.bc:0/x"), back("https://a.bc:99999"), back("https://a.bc:٤٤"), back("https://a.bc/x:y"),
		{"the shortest name", zal, "eerste@medmij", "abc@medmij", ""},
		{"the longest name", zal, "eerste@medmij", strings.Repeat("a", 50) + "@medmij", ""},
		{"an id of a space", zal, ">51<", "> <", ""},
		{"the longest id", zal, ">51<", ">" + strings.Repeat("😀", 30) + "<", ""},
		{"ids that differ by a space", zal, ">51<", ">49 <", ""},
		{"an id with line ends", zal, ">51<", ">a\r\nb" + strings.Repeat("x", 27) + "<", ""},
		{"a name of spaces", gnl, "Documenten", "   ", ""},
		{"the longest name in accents", gnl, "Documenten", strings.Repeat("é", 50), ""},
		{"no nodes", whl, nodes, "", ""},
		{"no nodes in short", whl, "<MedMijNodes>\n    " + nodes + "</MedMijNodes>", "<MedMijNodes/>", ""},
		{"a comment", whl, "<Volgnummer>", "<!--File version: 8 --><Volgnummer>", ""},
		{"an instruction", whl, "<Volgnummer>", "<?a?><?xml-stylesheet b?><Volgnummer>", ""},
		{"a space by number", whl, "<MedMijNodes>", "<MedMijNodes>&#32;&#x9;", ""},
		{"a byte order mark", whl, "<?xml", "\ufeff<?xml", ""},
		{"a byte order mark and no declaration", whl, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "\ufeff", ""},
		{"white space and no declaration", whl, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "\n \t\r\n", ""},
		{"a declaration in single quotes", whl, `version="1.0" encoding="UTF-8"`, `version='1.0' encoding='utf-8' standalone='yes' `, ""},
		{"a comment after the end", whl, "</Whitelist>", "</Whitelist><!-- a -->\n<?a b?>\n", ""},
		{"space in tags", whl, "</MedMijNodes>", "</MedMijNodes\n>", ""},
	}
}

func TestLST_03_WrongListsAreRefused(t *testing.T) {
	for _, e := range wrongLists() {
		t.Run(e.list+" "+e.why, func(t *testing.T) {
			raw := e.apply(t)
			err := readAny(e.list, raw)
			var wrong *ListError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v, want a ListError", err)
			}
			if wrong.List != e.list || e.element != "" && wrong.Element != e.element {
				t.Errorf("got %v, want element %q", wrong, e.element)
			}
		})
	}
}

func TestOddListsAreRead(t *testing.T) {
	for _, e := range oddLists() {
		if err := readAny(e.list, e.apply(t)); err != nil {
			t.Errorf("%s, %s: %v", e.list, e.why, err)
		}
	}
}

// Release 3 has no published schema; its rules are those of
// medmij-protocol.md 2.4.
func TestLST_03_WrongListsOfRelease3AreRefused(t *testing.T) {
	again := goodZAL[strings.Index(goodZAL, "<Zorgaanbieder>"):strings.Index(goodZAL, "</Zorgaanbieders>")]
	for _, e := range []edit{
		{"the same provider twice", "ZAL3", "</Zorgaanbieders>", again + "</Zorgaanbieders>", "Zorgaanbiedernaam"},
		{"a name of another form", "ZAL3", "kliniek-zon", "Kliniek Zon", "Zorgaanbiedernaam"},
		{"two dashes in a name", "ZAL3", "kliniek-zon", "kliniek--zon", "Zorgaanbiedernaam"},
		{"an unknown type", "ZAL3", ">ZA<", ">XX<", "Aanbiedertype"},
		{"no type", "ZAL3", "<Aanbiedertype>ZA</Aanbiedertype>", "", "Aanbiedertype"},
		{"no services", "ZAL3", "</InterfaceversieId>", "</InterfaceversieId><Gegevensdiensten></Gegevensdiensten>", "Gegevensdienst"},
		{"the form of release 2", "ZAL3", "release3", "release2", "Zorgaanbiedernaam"},
		{"http", "ZAL3", "https://api", "http://api", "TokenEndpointuri"},
		{"a port at the front", "ZAL3", "nl/authorize", "nl:8443/authorize", "AuthorizationEndpointuri"},
		{"a query", "ZAL3", "/49/fhir", "/49/fhir?x=1", "ResourceEndpointuri"},
		{"a subscription of no days", "ZAL3", ">180<", ">0<", "MaximaleDuur"},
	} {
		var wrong *ListError
		if err := readAny(e.list, e.apply(t)); !errors.As(err, &wrong) || wrong.Element != e.element {
			t.Errorf("%s: %v", e.why, err)
		}
	}
	for _, e := range []edit{
		{"two versions with one id", "ZAL3", "</Interfaceversie></Interfaceversies>", "</Interfaceversie>" + goodZAL[strings.Index(goodZAL, "<Interfaceversie>"):strings.Index(goodZAL, "</Interfaceversies>")] + "</Interfaceversies>", ""},
		{"no subscription", "ZAL3", goodZAL[strings.Index(goodZAL, "<Abonneren>"):strings.Index(goodZAL, "<Systeemrollen>")], "", ""},
		{"another type", "ZAL3", ">ZA<", ">BAZB<", ""},
		{"digits and dots in a name", "ZAL3", "kliniek-zon", "kliniek12.zon3", ""},
	} {
		if err := readAny(e.list, e.apply(t)); err != nil {
			t.Errorf("%s: %v", e.why, err)
		}
	}
}
