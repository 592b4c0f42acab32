package fhir

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The number passes the 11-test and belongs to nobody: 111222333 is the
// example number of the tax office.
const testBSN = "111222333"

const absent = `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}`

func TestScrubMasksEveryPlaceOfABSN(t *testing.T) {
	const sys = `"system":"http://fhir.nl/fhir/NamingSystem/bsn"`
	for _, tc := range []struct{ name, in, want string }{
		{"system before value", `{` + sys + `,"value":"111222333"}`, `{` + sys + `,"_value":` + absent + `}`},
		{"value before system", `{"value":"111222333",` + sys + `}`, `{"_value":` + absent + `,` + sys + `}`},
		{"value as a number", `{"value":111222333,` + sys + `}`, `{"_value":` + absent + `,` + sys + `}`},
		{"value as a list", `{"value":["111222333"],` + sys + `}`, `{"_value":` + absent + `,` + sys + `}`},
		{"null value stays", `{"value":null,` + sys + `}`, `{"value":null,` + sys + `}`},
		{
			"sibling there already, value last", `{` + sys + `,"_value":{"id":"a"},"value":"111222333"}`,
			`{` + sys + `,"_value":{"id":"a"}}`,
		},
		{
			"sibling there already, value first", `{"value":"111222333","_value":{"id":"a"},` + sys + `}`,
			`{"_value":{"id":"a"},` + sys + `}`,
		},
		{
			"sibling and white space", "{\n " + sys + ",\n \"_value\" : {} ,\n \"value\" : \"111222333\"\n}",
			"{\n " + sys + ",\n \"_value\" : {} \n}",
		},
		{
			"value twice", `{` + sys + `,"value":"111222333","value":"111222333"}`,
			`{` + sys + `,"_value":` + absent + `,"value":null}`,
		},
		{
			"value twice with sibling", `{` + sys + `,"_value":{},"value":"111222333","value":"111222333"}`,
			`{` + sys + `,"_value":{},"value":null}`,
		},
		{
			"OID with prefix", `{"system":"urn:oid:2.16.840.1.113883.2.4.6.3","value":"111222333"}`,
			`{"system":"urn:oid:2.16.840.1.113883.2.4.6.3","_value":` + absent + `}`,
		},
		{
			"OID alone", `{"system":"2.16.840.1.113883.2.4.6.3","value":"111222333"}`,
			`{"system":"2.16.840.1.113883.2.4.6.3","_value":` + absent + `}`,
		},
		{
			"escaped slashes", `{"system":"http:\/\/fhir.nl\/fhir\/NamingSystem\/bsn","value":"111222333"}`,
			`{"system":"http:\/\/fhir.nl\/fhir\/NamingSystem\/bsn","_value":` + absent + `}`,
		},
		{
			"escaped letters", `{"system":"http://fhir.nl/fhir/NamingSystem/\u0062sn","value":"111222333"}`,
			`{"system":"http://fhir.nl/fhir/NamingSystem/\u0062sn","_value":` + absent + `}`,
		},
		{
			"https, other case and a slash at the end", `{"system":"https://FHIR.nl/fhir/namingsystem/BSN/","value":"111222333"}`,
			`{"system":"https://FHIR.nl/fhir/namingsystem/BSN/","_value":` + absent + `}`,
		},
		{
			"type NNNLD without system", `{"type":{"coding":[{"code":"NNNLD"}]},"value":"111222333"}`,
			`{"type":{"coding":[{"code":"NNNLD"}]},"_value":` + absent + `}`,
		},
		{
			"type in words", `{"value":"111222333","type":{"text":"Burgerservicenummer"}}`,
			`{"_value":` + absent + `,"type":{"text":"Burgerservicenummer"}}`,
		},
		{
			"several in one resource, also nested contained and in a reference",
			`{"identifier":[{` + sys + `,"value":"111222333"},{"system":"x","value":"111222333"}],"contained":[{"contained":[{"identifier":{` + sys +
				`,"value":"1"}}]}],"subject":{"identifier":{"value":"111222333",` + sys + `}}}`,
			`{"identifier":[{` + sys + `,"_value":` + absent + `},{"system":"x","value":"111222333"}],"contained":[{"contained":[{"identifier":{` + sys +
				`,"_value":` + absent + `}}]}],"subject":{"identifier":{"_value":` + absent + `,` + sys + `}}}`,
		},
		{"reference by OID", `["urn:oid:2.16.840.1.113883.2.4.6.3.111222333"]`, `["urn:oid:2.16.840.1.113883.2.4.6.3.masked"]`},
		{
			"reference by OID as the value of an identifier", `{"system":"urn:ietf:rfc:3986","value":"urn:oid:2.16.840.1.113883.2.4.6.3.111222333"}`,
			`{"system":"urn:ietf:rfc:3986","value":"urn:oid:2.16.840.1.113883.2.4.6.3.masked"}`,
		},
		{
			"link with bar", `["https://x.nl/Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|111222333&a=1"]`,
			`["https://x.nl/Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|masked&a=1"]`,
		},
		{
			"link percent-encoded", `["https://x.nl/Patient?identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C111222333"]`,
			`["https://x.nl/Patient?identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7Cmasked"]`,
		},
		{"short link", `["Patient?identifier=bsn|111222333"]`, `["Patient?identifier=bsn|masked"]`},
		{
			"narrative that says so, escapes untouched", `{"div":"<td>BSN<\/td><td>111222333<\/td>\n<p>\"caf\"<\/p>"}`,
			`{"div":"<td>BSN<\/td><td>*********<\/td>\n<p>\"caf\"<\/p>"}`,
		},
		{
			"narrative with escaped letters is written anew", `{"div":"\u003cb\u003eBSN 111222333\u003c\/b\u003e"}`,
			`{"div":"<b>BSN *********</b>"}`,
		},
		{"nine digits that are no BSN", `{"div":"BSN: 123456789"}`, `{"div":"BSN: 123456789"}`},
		{"nine digits elsewhere", `{"note":"bsn onbekend","phone":"111222333"}`, `{"note":"bsn onbekend","phone":"111222333"}`},
		{"masked already", `{` + sys + `,"_value":` + absent + `}`, `{` + sys + `,"_value":` + absent + `}`},
		{"cut off", `{` + sys + `,"value":"111222333"`, `{` + sys + `,"value":"*********"`},
		{"a second value behind the first", `{} {` + sys + `,"value":"111222333"}`, `{} {` + sys + `,"value":"*********"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, n := scrub([]byte(tc.in))
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Errorf("scrub (-want +got):\n%s", diff)
			}
			if changed := tc.in != tc.want; changed != (n > 0) {
				t.Errorf("counted %d masked, want changed = %v", n, changed)
			}
			if HasBSN(got) {
				t.Error("a second look finds a BSN")
			}
			if json.Valid([]byte(tc.in)) && !json.Valid(got) {
				t.Error("the result is no valid JSON")
			}
		})
	}
}

func TestParseMasksAndKeepsTheCallersBytes(t *testing.T) {
	in := []byte(`{"resourceType":"Patient","id":"a","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"111222333"}]}`)
	before := bytes.Clone(in)
	r := Parse(in, STU3)
	if !bytes.Equal(in, before) {
		t.Error("Parse changed the bytes of its caller")
	}
	if r.Masked != 1 || bytes.Contains(r.Bytes(), []byte(testBSN)) || r.Flaw != "" {
		t.Errorf("masked %d, flaw %q", r.Masked, r.Flaw)
	}
	if i := r.Node().Get("identifier").Ident(); !i.IsZero() || i.System != bsnURI {
		t.Errorf("identifier is %v; want the system without a value", i.System)
	}
}

func TestMaskText(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		n        int
	}{
		{"bel 111222333 nu", "bel ********* nu", 1},
		{"1112.22.333 en 111.222.333", "********* en *********", 2},
		{"123456789", "123456789", 0},
		{"0612345678", "0612345678", 0},
		{"000000000", "000000000", 0},
		{"", "", 0},
	} {
		if got, n := MaskText(tc.in); got != tc.want || n != tc.n {
			t.Errorf("MaskText(%q) = %q, %d; want %q, %d", tc.in, got, n, tc.want, tc.n)
		}
	}
}

// bsnJSON draws JSON in which BSNs stand in places made for one.
func bsnJSON(rt *rapid.T) string {
	space := rapid.SampledFrom([]string{"", " ", "\n\t"})
	leaf := rapid.SampledFrom([]string{
		`"x"`, `1.50`, `null`, `true`, `"caf\u00e9 \/"`, `"urn:oid:2.16.840.1.113883.2.4.6.3.111222333"`, `"BSN 111222333"`, `"bsn|111222333"`, `[]`, `{}`,
	})
	var value func(depth int) string
	value = func(depth int) string {
		if depth == 0 {
			return leaf.Draw(rt, "leaf")
		}
		var members []string
		for range rapid.IntRange(0, 5).Draw(rt, "members") {
			name := rapid.SampledFrom([]string{"system", "value", "_value", "type", "identifier", "contained", "a"}).Draw(rt, "name")
			v := ""
			switch name {
			case "system":
				v = rapid.SampledFrom([]string{`"http://fhir.nl/fhir/NamingSystem/bsn"`, `"urn:oid:2.16.840.1.113883.2.4.6.3"`, `"y"`}).Draw(rt, "system")
			case "type":
				v = rapid.SampledFrom([]string{`{"coding":[{"code":"NNNLD"}]}`, `{"text":"PI"}`}).Draw(rt, "type")
			case "value":
				v = rapid.SampledFrom([]string{`"111222333"`, `111222333`, `null`, `["111222333"]`}).Draw(rt, "value")
			default:
				v = value(depth - 1)
			}
			members = append(members, fmt.Sprintf("%q%s:%s%s", name, space.Draw(rt, "s"), v, space.Draw(rt, "s")))
		}
		if rapid.Bool().Draw(rt, "array") {
			return "[" + space.Draw(rt, "s") + "{" + strings.Join(members, ",") + "}]"
		}
		return "{" + space.Draw(rt, "s") + strings.Join(members, ","+space.Draw(rt, "s")) + "}"
	}
	return value(rapid.IntRange(1, 4).Draw(rt, "depth"))
}

func TestScrubLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := []byte(bsnJSON(rt))
		once, n := scrub(in)
		if !json.Valid(once) {
			rt.Fatalf("not valid any more:\n%s\n%s", in, once)
		}
		if twice, again := scrub(once); again != 0 || !bytes.Equal(once, twice) {
			rt.Fatalf("not idempotent:\n%s\n%s\n%s", in, once, twice)
		}
		if n == 0 && !bytes.Equal(in, once) {
			rt.Fatalf("changed without counting: %s", in)
		}
		if !isSubsequence(unmasked(string(once)), string(in)) {
			rt.Fatalf("bytes outside the edits moved:\n%s\n%s", in, once)
		}
	})
}

// unmasked takes out what scrub writes, so that what is left must be in the
// input, in the same order.
func unmasked(s string) string {
	return strings.NewReplacer(maskedValue, "", "*********", "", ".masked", ".", "|masked", "|", `"value":null`, "").Replace(s)
}

func isSubsequence(sub, s string) bool {
	i := 0
	for j := 0; i < len(sub) && j < len(s); j++ {
		if sub[i] == s[j] {
			i++
		}
	}
	return i == len(sub)
}
