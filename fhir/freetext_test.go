package fhir

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNumbersInFreeTextAreFlaggedAndMaskedInOutputs(t *testing.T) {
	for _, tc := range []struct {
		name, member string
		want         string // as an output shows it; empty when nothing is flagged
	}{
		{"note", `"note":[{"text":"bel 111222333"}]`, `"note":[{"text":"bel *********"}]`},
		{"narrative", `"text":{"div":"<div>1112.22.333<\/div>"}`, `"text":{"div":"<div>*********<\/div>"}`},
		{"display of a reference", `"subject":{"display":"J. 111 222 333"}`, `"subject":{"display":"J. *********"}`},
		{"file name", `"content":[{"attachment":{"title":"111222333.pdf"}}]`, `"content":[{"attachment":{"title":"*********.pdf"}}]`},
		{"list of texts", `"line":["x","111222333"]`, `"line":["x","*********"]`},
		{"behind a line break", `"comment":"a\n111222333"`, `"comment":"a\n*********"`},
		{"written with escapes", `"comment":"\u0031\u00311222333 \u00e9"`, `"comment":"********* é"`},
		{"two in one text", `"comment":"111222333 en 111.222.333"`, `"comment":"********* en *********"`},
		{"in a contained resource", `"contained":[{"title":"111222333"}]`, `"contained":[{"title":"*********"}]`},
		{"value of an extension", `"extension":[{"url":"u","valueString":"111222333"}]`, `"extension":[{"url":"u","valueString":"*********"}]`},

		{"fails the 11-test", `"note":[{"text":"123456789"}]`, ""},
		{"code", `"code":{"coding":[{"system":"http://snomed.info/sct","code":"111222333"}]}`, ""},
		{"identifier of something else", `"identifier":[{"system":"urn:oid:2.16.528.1.1007.3.1","value":"111222333"}]`, ""},
		{"telephone", `"telecom":[{"system":"phone","value":"111222333"}]`, ""},
		{"reference", `"subject":{"reference":"Patient/111222333"}`, ""},
		{"address on the web", `"definition":"https:\/\/x.nl\/111222333"`, ""},
		{"name of a member", `"111222333":"x"`, ""},
		{"number", `"valueInteger":111222333`, ""},
		{"part of a word", `"note":[{"text":"A111222333 1112223334"}]`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := `{"resourceType":"A","id":"1",` + tc.member + `}`
			r := Parse([]byte(in), R4)
			if r.Flaw != "" || r.Masked != 0 || string(r.Bytes()) != in {
				t.Fatalf("flaw %q, %d masked, or other bytes: free text is kept as received", r.Flaw, r.Masked)
			}
			out, n := MaskFreeText(r.Bytes())
			want := in
			if tc.want != "" {
				want = `{"resourceType":"A","id":"1",` + tc.want + `}`
			}
			if string(out) != want || (n > 0) != (tc.want != "") || n != r.Suspect {
				t.Errorf("%d flagged, %d masked:\n%s", r.Suspect, n, out)
			}
			if _, again := MaskFreeText(out); again != 0 {
				t.Error("an output still holds one")
			}
		})
	}
}

func TestSaidToBeABSNIsMaskedAndNotFlagged(t *testing.T) {
	r := Parse([]byte(`{"resourceType":"A","note":[{"text":"BSN 111222333, tel. 111222333"}]}`), R4)
	if r.Masked != 1 || r.Suspect != 1 {
		t.Errorf("%d masked, %d flagged; want the first masked and the other flagged", r.Masked, r.Suspect)
	}
}

func TestSuspectsOfWhatIsNoJSON(t *testing.T) {
	r := Parse([]byte(`{"resourceType":"A","note":"111222333"`), R4)
	if out, n := MaskFreeText(r.Bytes()); r.Suspect != 1 || n != 1 || bytes.Contains(out, []byte(testBSN)) {
		t.Errorf("%d flagged, %d masked: %s", r.Suspect, n, out)
	}
}

// hiding is base64 that happens to hold what would be masked in text.
var hiding = strings.Repeat("QUJD", 20) + "/bsn/111222333/BSN+111222333+"

func TestBytesOfDocumentsStayAsTheyAre(t *testing.T) {
	for _, member := range []string{
		`"data":"` + hiding + `"`, `"content":"` + hiding + `"`, `"content":[{"attachment":{"data":"` + hiding + `"}}]`,
		`"extension":[{"valueBase64Binary":"` + hiding + `"}]`, `"signature":{"blob":"` + hiding + `"}`,
		`"data":"` + strings.ReplaceAll(hiding, "/", `\/`) + `"`, `"data":"` + hiding + `\r\n` + hiding + `=="`,
	} {
		in := `{"resourceType":"Binary","id":"1",` + member + `}`
		r := Parse([]byte(in), R4)
		out, _ := MaskFreeText(r.Bytes())
		if string(r.Bytes()) != in || r.Masked != 0 || r.Suspect != 0 || string(out) != in {
			t.Errorf("%d masked, %d flagged in %s", r.Masked, r.Suspect, member[:20])
		}
	}
	for _, text := range []string{"bsn|111222333", hiding + " bsn|111222333", hiding + `\tbsn|111222333`} {
		if r := Parse([]byte(`{"resourceType":"A","data":"`+text+`"}`), R4); r.Masked == 0 || bytes.Contains(r.Bytes(), []byte("bsn|1")) {
			t.Errorf("%q is no base64 and must be masked", text)
		}
	}
	if r := Parse([]byte(`{"resourceType":"A","note":"`+hiding+`"}`), R4); r.Masked == 0 {
		t.Error("only members made for it hold base64")
	}
}

func TestOutputsChangeNothingElse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := Parse([]byte(oddJSON(rt)), R4)
		out, n := MaskFreeText(r.Bytes())
		if n != r.Suspect || (n == 0) != bytes.Equal(out, r.Bytes()) {
			rt.Fatalf("%d flagged, %d masked: %s", r.Suspect, n, out)
		}
		if masked := Parse(out, R4); masked.Suspect != 0 || masked.Ref.Type != r.Ref.Type {
			rt.Fatalf("%d are left in %s", masked.Suspect, out)
		}
	})
}

// TestMaskingOfLongTextsIsQuick has long texts that all name a BSN. Each takes
// some milliseconds; what goes through a text again for each name takes seconds.
func TestMaskingOfLongTextsIsQuick(t *testing.T) {
	line := `<td>BSN<\/td><td>onbekend<\/td> bsn|x namingsystem\/bsn 11 22 33 \"bu\" `
	for name, text := range map[string]string{
		"narrative": strings.Repeat(line, 300_000/len(line)), "words only": strings.Repeat("bsn ", 75_000), "digits": strings.Repeat("1", 300_000),
		"groups": strings.Repeat("111 222 ", 40_000), "stars": "bsn" + strings.Repeat("*", 300_000), "oids": strings.Repeat(bsnOID+" ", 12_000),
		"base64": base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("bsn\x00\xff\x10"), 40_000)),
	} {
		in := fmt.Sprintf(`{"resourceType":"A","id":"bsn","note":[{"text":"%s"}]}`, text)
		best := time.Hour
		for range 3 {
			start := time.Now()
			Parse([]byte(in), R4)
			best = min(best, time.Since(start))
		}
		if best > time.Second {
			t.Errorf("%s: %v for %d bytes", name, best, len(in))
		}
		t.Logf("%s: %v", name, best)
	}
}

// TestDeepNamesAreWalkedOnce nests what makes an identifier a BSN: each level
// must not look through all levels below it again.
func TestDeepNamesAreWalkedOnce(t *testing.T) {
	took := func(depth int) time.Duration {
		in := []byte(strings.Repeat(`{"type":`, depth) + `"` + strings.Repeat("bsn ", 50_000) + `"` + strings.Repeat("}", depth))
		best := time.Hour
		for range 5 {
			start := time.Now()
			Parse(in, R4)
			best = min(best, time.Since(start))
		}
		return best
	}
	if flat, deep := took(1), took(maxWalk); deep > 30*flat {
		t.Errorf("%v at the top, %v at depth %d", flat, deep, maxWalk)
	}
}
