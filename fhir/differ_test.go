package fhir

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// ownFiles are the resources and Bundles of this repository's demo.
func ownFiles(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../testdata/*/*/*.json")
	deeper, _ := filepath.Glob("../testdata/*/*/*/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	files := map[string][]byte{}
	for _, name := range append(names, deeper...) {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = raw
	}
	return files
}

func TestParseKeepsTheLawOnFixtures(t *testing.T) {
	n := 0
	for name, raw := range fixtureFiles(t) {
		for _, one := range append(received(t, raw), raw) {
			n++
			if diff := compare(one, releaseOf(name)); diff != "" {
				t.Fatalf("%s: %s", name, diff)
			}
		}
	}
	t.Logf("%d resources", n)
}

func TestParseKeepsTheLawOnTestdata(t *testing.T) {
	for name, raw := range ownFiles(t) {
		for _, one := range append(received(t, raw), raw) {
			if diff := compare(one, R4); diff != "" {
				t.Fatalf("%s: %s", name, diff)
			}
		}
	}
}

// wordsOfText are pieces of text that make, or nearly make, a BSN.
var wordsOfText = []string{
	"bsn", "BSN", "Burgerservicenummer", " ", ": ", "|", "%7C", "%2f", "/", `\/`, ".", "*", "x", "é", "_", "\n", `\n`, "<td>",
	"111222333", "1112.22.333", "111 222 333", "123456789", "1112", "22", "333", "0", "NamingSystem/", "namingsystem%2F", bsnOID, "2.16.840",
	"NNNLD", "bs", "bu", "http://", `\`, "\xff", strings.Repeat("a", 58), strings.Repeat("1", 70),
}

func TestMaskingKeepsTheLaw(t *testing.T) {
	words := rapid.SliceOfN(rapid.SampledFrom(wordsOfText), 0, 12)
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(words.Draw(rt, "text"), "")
		if got, want := string(maskSaid([]byte(text))), lawMaskString(text); got != want {
			rt.Fatalf("%q\n got %q\nwant %q", text, got, want)
		}
		got, n := MaskText(text)
		if want, m := lawMaskText(text); got != want || n != m || n != countNumbers([]byte(text)) {
			rt.Fatalf("%q\n got %q %d\nwant %q %d", text, got, n, want, m)
		}
		if n > 0 && !look([]byte(text)).number || HasBSN([]byte(text)) && !lawMayHoldBSN([]byte(text)) || mayHoldBSN([]byte(text)) != lawMayHoldBSN([]byte(text)) {
			rt.Fatalf("%q: the quick look misses something", text)
		}
	})
}

// piecesOfJSON make JSON that is right, nearly right, or odd in the ways that
// servers and attackers are.
var piecesOfJSON = []string{
	"{", "}", "[", "]", ",", ":", " ", "\n", `"a"`, `"\u0061"`, `"A":1`, `"a":1`, `"resourceType":"A"`, `"id":"1"`, `"ID":"2"`, `"id":7`, `"id":null`,
	`"meta":{"profile":["p",null,1],"lastUpdated":"2025-05-12T10:00:00Z"}`, `"meta":[null,{"profile":"q","lastUpdated":["2025-05-12T10:00Z"]}]`,
	`"meta":{"lastUpdated":"2025-05-12"}`, `"contained":[{"identifier":{"system":"bsn","value":"111222333"}}]`, `"type":{"coding":[{"code":"NNNLD"}]}`,
	`"value":"111222333"`, `"value":[{"display":"111222333"}]`, `"_value":{}`, `"system":"` + bsnOID + `"`, `"system":"\u0062sn"`,
	`"div":"BSN 111222333, of 111.222.333"`, `"text":"bel\n111222333"`, `"text":"\u0031\u00311222333"`, `"display":"1112.22.333"`, `"code":"111222333"`,
	`"url":"https:\/\/x.nl\/111222333"`, `"reference":"urn:oid:` + bsnOID + `.111222333"`, `"x":"\ud83d\ude00"`, `"x":"\ud800"`, "\"x\":\"\xff\"", `"x":"é"`,
	`"y":1.50`, `"y":-0e+5`, `"y":01`, `"y":1.`, `"y":NaN`, `"y":` + strings.Repeat("9", 65), `"y":tru`, `"y":true`, `"y":[[[]]]`,
	`"data":"` + strings.Repeat("QUJD", 20) + `bsn/111222333+abc"`, `"bsn|111222333":1`, "\x00", "\ufeff", "\"z\":\"\t\"", `"z":"\x"`, `"z":"\u12"`, `"z":"\`,
}

// oddJSON draws text of such pieces, most often an object that is nearly right.
func oddJSON(rt *rapid.T) string {
	piece := rapid.SampledFrom(piecesOfJSON)
	if rapid.IntRange(0, 3).Draw(rt, "loose") == 0 {
		return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(rt, "pieces"), "")
	}
	return oddObject(rt)
}

func oddObject(rt *rapid.T) string {
	member := rapid.SampledFrom(piecesOfJSON).Filter(func(s string) bool { return strings.Contains(s, `":`) })
	members := rapid.SliceOfNDistinct(member, 0, 8, rapid.ID[string]).Draw(rt, "members")
	deep := rapid.SampledFrom([]int{0, 0, 0, 1, 62, 63, 64, 65, 1001}).Draw(rt, "deep")
	nested := strings.Repeat(`{"d":`, deep) + `{` + strings.Join(rapid.SliceOfN(member, 0, 3).Draw(rt, "inner"), ",") + `}` + strings.Repeat("}", deep)
	return `{` + strings.Join(append(members, `"nested":`+nested), ",") + `}`
}

func TestParseKeepsTheLaw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.OneOf(rapid.Custom(bsnJSON), rapid.Custom(oddJSON), rapid.Custom(oddJSON)).Draw(rt, "in")
		if diff := compare([]byte(in), R4); diff != "" {
			rt.Fatalf("%q\n%s", in, diff)
		}
	})
}

func FuzzLaw(f *testing.F) {
	for _, s := range piecesOfJSON {
		f.Add(`{"resourceType":"A",` + s + `}`)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if diff := compare([]byte(in), STU3); diff != "" {
			t.Fatal(diff)
		}
	})
}

// lawEntries gives the entries of a Bundle that is valid JSON, read whole as a
// tree, but for OperationOutcomes.
func lawEntries(raw []byte) []string {
	var all []string
	for _, entry := range lawNode(raw).member("entry").Items() {
		if entry.Str("resource", "resourceType") == "OperationOutcome" {
			continue
		}
		all = append(all, entry.Str("fullUrl")+" "+entry.Str("resource", "resourceType")+"/"+entry.Str("resource", "id")+" "+entry.Str("search", "mode"))
	}
	return all
}

func TestBundleIsReadAsATree(t *testing.T) {
	for name, raw := range ownFiles(t) {
		if lawNode(raw).Str("resourceType") != "Bundle" {
			continue
		}
		want := lawEntries(raw)
		for how, r := range map[string]io.Reader{
			"whole": bytes.NewReader(raw), "by the byte": iotest.OneByteReader(bytes.NewReader(raw)), "by halves": iotest.HalfReader(bytes.NewReader(raw)),
			"end with the data": iotest.DataErrReader(bytes.NewReader(raw)),
		} {
			b := ReadBundle(r, R4)
			var got []string
			for e, err := range b.Entries() {
				if err != nil {
					t.Fatalf("%s, %s: %v", name, how, err)
				}
				got = append(got, e.Resource.FullURL+" "+e.Resource.String()+" "+e.Mode)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s: %s", name, how, diff)
			}
		}
	}
}

// TestBundleGivesEveryResourceAsParseWould draws Bundles with odd resources:
// each must come out as Parse makes it, whatever its neighbours are, or the
// Bundle must end in an error.
func TestBundleGivesEveryResourceAsParseWould(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		resources := rapid.SliceOfN(rapid.Custom(oddObject), 1, 6).Draw(rt, "resources")
		in := `{"resourceType":"Bundle","entry":[{"resource":` + strings.Join(resources, `},{"resource":`) + `}]}`
		var want, got []Resource
		for _, one := range resources {
			if r := Parse([]byte(one), R4); r.Type != "OperationOutcome" {
				want = append(want, r)
			}
		}
		for e, err := range ReadBundle(iotest.HalfReader(strings.NewReader(in)), R4).Entries() {
			if err != nil {
				if jsontext.Value(in).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
					rt.Fatalf("valid JSON is refused: %v", err)
				}
				return
			}
			got = append(got, e.Resource)
		}
		same := func(a, b Resource) bool { return a.Ref == b.Ref && a.Flaw == b.Flaw && bytes.Equal(a.raw, b.raw) }
		if !slices.EqualFunc(want, got, same) {
			rt.Fatalf("%q: %d resources of %d, or others", in, len(got), len(want))
		}
	})
}

func TestFrameFailsAsItsReaderDoes(t *testing.T) {
	broken := errors.New("reset")
	const in = `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A","id":"1"}},{"resource":{"resourceType":"B"}}]}`
	for i := range len(in) {
		r := io.MultiReader(strings.NewReader(in[:i]), iotest.ErrReader(broken))
		var last error
		n := 0
		for _, err := range ReadBundle(r, R4).Entries() {
			if last = err; err == nil {
				n++
			}
		}
		if !errors.Is(last, broken) || n > 2 {
			t.Fatalf("cut at %d: %d entries, then %v", i, n, last)
		}
	}
}
