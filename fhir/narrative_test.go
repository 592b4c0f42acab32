package fhir

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNarrativeIsPlainText(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"paragraphs and breaks", `<div xmlns="http://www.w3.org/1999/xhtml"><p>een</p><p>twee<br/>drie</p></div>`, "een\ntwee\ndrie"},
		{"white space", "<div>\n  een \t twee\u00a0drie\n</div>", "een twee drie"},
		{"inline markup", `<p><b>vet</b>gedrukt</p>`, "vetgedrukt"},
		{"list", `<ul><li>a</li><li>b</li></ul>`, "a\nb"},
		{"table", `<table><tr><th>Naam</th><th>Waarde</th></tr><tr><td>Hb</td><td>8,1</td></tr></table>`, "Naam | Waarde\nHb | 8,1"},
		{"empty cell in between", `<table><tr><td>a</td><td></td><td>c</td></tr></table>`, "a |  | c"},
		{"entities once", `<p>a &lt; b &amp;lt; &eacute;</p>`, "a < b &lt; é"},
		{"script and style", `<p>a</p><script>alert("b")</script><style>c{}</style><p>d</p>`, "a\nd"},
		{"comment and doctype", `<!DOCTYPE html><!-- x --><p>a</p>`, "a"},
		{"svg and frames", `<svg><text>x</text></svg><iframe src="y">z</iframe>a`, "a"},
		{"handlers", `<p onclick="alert(1)">a<img src=x onerror=alert(1)></p>`, "a"},
		{"prefix of a namespace", `<h:div><h:p>a</h:p><h:p>b</h:p></h:div>`, "a\nb"},
		{"not closed", `<p>a<b>c`, "ac"},
		{"tricks", "<p>a\u202eb\u200bc\x00d</p>", "abcd"},
		{"no markup", `gewoon`, "gewoon"},
		{"nothing", ``, ""},
	} {
		if got := Narrative(tc.in); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestCleanText(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		max      int
		want     string
	}{
		{"plain", "paracetamol\n\t500 mg", 300, "paracetamol\n\t500 mg"},
		{"control characters", "a\x00b\x1bc\x7fd\u0085e", -1, "abcde"},
		{"bidirectional controls", "a\u202e\u2066b\u2069\u061cc", -1, "abc"},
		{"without width", "pa\u200bra\ufeffce\u00adtamol", -1, "paracetamol"},
		{"cut", "abcdef", 4, "abc…"},
		{"cut behind a space", "abc def", 5, "abc…"},
		{"not cut when it fits", "ééé", 3, "ééé"},
		{"nothing left", "abc", 0, ""},
		{"bad UTF-8", "a\xffb", -1, "a\ufffdb"},
	} {
		if got := CleanText(tc.in, tc.max); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// checkSafe asserts what holds for every narrative that was made plain.
func checkSafe(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Fatal("bad UTF-8")
	}
	for _, r := range text {
		if r != '\n' && unicode.IsControl(r) || isHidden(r) && r != '\n' {
			t.Fatalf("hidden character %U", r)
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != strings.TrimSpace(line) && !strings.Contains(line, "|") {
			t.Fatalf("line not trimmed: %q", line)
		}
	}
}
