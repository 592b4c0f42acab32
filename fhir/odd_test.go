package fhir

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// The corpus of security-store.md C2 and C3 and conformance.md D01, D02 and
// D06: what each does inside one resource, and in the frame around it.

// TestOddResourceAmongGoodOnes puts a member into the second of three
// resources. The others must come out whole, whatever it is.
func TestOddResourceAmongGoodOnes(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"d":`, n) + `1` + strings.Repeat(`}`, n) }
	for _, tc := range []struct {
		name, member string
		want         Flaw
	}{
		{"nothing odd", `"x":1`, ""},
		{"name twice", `"x":1,"x":2`, FlawDuplicate},
		{"name twice, one written with an escape", `"x":1,"\u0078":2`, FlawDuplicate},
		{"name twice, deep inside", `"x":[{"y":{"z":1,"z":1}}]`, FlawDuplicate},
		{"resourceType twice", `"resourceType":"C"`, FlawDuplicate},
		{"RESOURCETYPE", `"RESOURCETYPE":"C"`, FlawCase},
		{"Meta", `"Meta":{}`, FlawCase},
		{"contained in capitals", `"CONTAINED":[]`, FlawCase},
		{"wrong case where it is no reserved name", `"x":{"ID":1,"id":2}`, ""},
		{"lone surrogate", `"x":"\ud800"`, FlawSyntax},
		{"lone second half", `"x":"\udc00"`, FlawSyntax},
		{"lone surrogate in a name", `"\ud800":1`, FlawSyntax},
		{"pair of surrogates", `"x":"\ud83d\ude00"`, ""},
		{"byte order mark inside a string", "\"x\":\"\ufeffa\"", ""},
		{"NUL, escaped", `"x":"\u0000"`, ""},
		{"NUL", "\"x\":\"\x00\"", FlawSyntax},
		{"line break in a string", "\"x\":\"a\nb\"", FlawSyntax},
		{"NaN", `"x":NaN`, FlawSyntax},
		{"Infinity", `"x":-Infinity`, FlawSyntax},
		{"number with a zero before it", `"x":007`, FlawSyntax},
		{"number without digits behind the point", `"x":1.`, FlawSyntax},
		{"1e400", `"x":1e400`, ""},
		{"1e999999", `"x":1e999999`, ""},
		{"number of 64 characters", `"x":` + strings.Repeat("9", 64), ""},
		{"number of 65 characters", `"x":` + strings.Repeat("9", 65), FlawNumber},
		{"decimal of 65 characters, deep inside", `"x":[{"y":0.` + strings.Repeat("1", 63) + `}]`, FlawNumber},
		{"string of digits", `"x":"` + strings.Repeat("9", 65) + `"`, ""},
		{"depth 64", `"x":` + nested(63), ""},
		{"depth 65", `"x":` + nested(64), FlawDepth},
		{"depth 10 000", `"x":` + nested(10_000), FlawDepth},
		{"depth 1 000 000", `"x":` + nested(1_000_000), FlawDepth},
		{"a list 1 000 000 deep", `"x":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000), FlawDepth},
		{"1 000 000 items", `"x":[0` + strings.Repeat(",0", 999_999) + `]`, ""},
		{"comma too many", `"x":1,`, FlawSyntax},
		{"comma too few", `"x":1 "y":2`, FlawSyntax},
		{"bad UTF-8", "\"x\":\"\xff\"", FlawText},
		{"UTF-8 cut off", "\"x\":\"\xe2\x82\"", FlawText},
		{"surrogate in UTF-8", "\"x\":\"\xed\xa0\x80\"", FlawText},
		{"unknown escape", `"x":"\q"`, FlawSyntax},
		{"1000 members", many(1000), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			resource := `{"resourceType":"B","id":"2",` + tc.member + `}`
			in := `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A","id":"1"}},{"resource":` + resource +
				`},{"resource":{"resourceType":"A","id":"3"}}]}`
			var got []Resource
			for e, err := range ReadBundle(strings.NewReader(in), R4).Entries() {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, e.Resource)
			}
			if len(got) != 3 || got[0].ID != "1" || got[0].Flaw != "" || got[2].ID != "3" || got[2].Flaw != "" {
				t.Fatalf("%d resources; the neighbours must be untouched", len(got))
			}
			if odd := got[1]; odd.Flaw != tc.want || string(odd.Bytes()) != resource {
				t.Errorf("flaw %q, want %q; bytes kept: %v", odd.Flaw, tc.want, string(odd.Bytes()) == resource)
			}
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"n` + strings.Repeat("x", i) + `":1,`)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// TestWhatCannotBePartedIsAnError leaves out a quote or bracket: nobody can
// tell where the resource ends, so its neighbours must not vanish into it.
func TestWhatCannotBePartedIsAnError(t *testing.T) {
	const before, after = `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A","id":"1"}},{"resource":`, `},{"resource":{"resourceType":"A","id":"3"}}]}`
	for name, resource := range map[string]string{
		"no closing bracket":        `{"resourceType":"B","x":{"y":1}`,
		"two missing":               `{"resourceType":"B","x":{"y":{"z":1}`,
		"list not closed":           `{"resourceType":"B","x":[{"y":1}}`,
		"closed by the other kind":  `{"resourceType":"B","x":[1}]`,
		"no closing quote":          `{"resourceType":"B","x":"y}`,
		"no opening quote":          `{"resourceType":"B","x":y"}`,
		"quote inside a string":     `{"resourceType":"B","x":"a"b"}`,
		"backslash before the end":  `{"resourceType":"B","x":"a\"}`,
		"words outside any string":  `{"resourceType":"B","x":dubbel}`,
		"object without its name":   `{"resourceType":"B",{"x":1}}`,
		"nothing where a value was": ``,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := entriesOf(t, ReadBundle(strings.NewReader(before+resource+after), R4))
			if err == nil || len(got) != 1 {
				t.Errorf("got %v and %v; want the first and an error", got, err)
			}
		})
	}
}

// TestOddFrame has what stands around the resources.
func TestOddFrame(t *testing.T) {
	const entry = `{"resource":{"resourceType":"A","id":"1"}}`
	const good = `{"resourceType":"Bundle","type":"searchset","entry":[` + entry + `]}`
	lists := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tc := range []struct {
		name, in string
		want     []string
		err      error
	}{
		{"good", good, []string{"A/1 "}, nil},
		{"byte order mark", "\ufeff" + good, nil, ErrSyntax},
		{"white space around it", " \r\n\t" + good + " \n", []string{"A/1 "}, nil},
		{"UTF-16, little end first", utf16Of(good, 0), nil, ErrSyntax},
		{"UTF-16, big end first", utf16Of(good, 1), nil, ErrSyntax},
		{"NUL before it", "\x00" + good, nil, ErrSyntax},
		{"NUL behind it", good + "\x00", []string{"A/1 "}, ErrSyntax},
		{"cut off in the frame", good[:len(good)-2], []string{"A/1 "}, io.ErrUnexpectedEOF},
		{"cut off in the resource", good[:len(good)-6], nil, io.ErrUnexpectedEOF},
		{"cut off in a name", good[:8], nil, io.ErrUnexpectedEOF},
		{"a second value behind it", good + "{}", []string{"A/1 "}, ErrSyntax},
		{"rubbish behind it", good + "<html>", []string{"A/1 "}, ErrSyntax},
		{"entry twice", `{"resourceType":"Bundle","entry":[` + entry + `],"entry":[]}`, []string{"A/1 "}, ErrSyntax},
		{"entry twice, once with an escape", `{"resourceType":"Bundle","entry":[` + entry + `],"\u0065ntry":[]}`, []string{"A/1 "}, ErrSyntax},
		{"type of the Bundle twice", `{"resourceType":"Bundle","resourceType":"Bundle"}`, nil, ErrSyntax},
		{"Entry in capitals", `{"resourceType":"Bundle","ENTRY":[` + entry + `]}`, nil, ErrSyntax},
		{"RESOURCETYPE", `{"RESOURCETYPE":"Bundle"}`, nil, ErrSyntax},
		{"a member nobody knows, twice", `{"resourceType":"Bundle","x":1,"x":2,"entry":[` + entry + `]}`, []string{"A/1 "}, nil},
		{"two addresses in one link", `{"resourceType":"Bundle","link":[{"relation":"next","url":"a","url":"b"}]}`, nil, ErrSyntax},
		{"bad UTF-8 in a link", "{\"resourceType\":\"Bundle\",\"link\":[{\"url\":\"\xff\"}]}", nil, ErrSyntax},
		{"bad UTF-8 in a member nobody knows", "{\"resourceType\":\"Bundle\",\"x\":\"\xff\",\"entry\":[" + entry + "]}", nil, ErrSyntax},
		{"bad UTF-8 in a name", "{\"resourceType\":\"Bundle\",\"\xff\":1}", nil, ErrSyntax},
		{"bad UTF-8 around a resource", "{\"resourceType\":\"Bundle\",\"entry\":[{\"fullUrl\":\"\xff\",\"resource\":{\"resourceType\":\"A\",\"id\":\"1\"}}]}", []string{"A/1 "}, nil},
		{"total is NaN", `{"resourceType":"Bundle","total":NaN}`, nil, ErrSyntax},
		{"total of 65 digits says nothing", `{"resourceType":"Bundle","total":` + strings.Repeat("9", 65) + `,"entry":[` + entry + `]}`, []string{"A/1 "}, nil},
		{"depth 65 in a member nobody knows", `{"resourceType":"Bundle","x":` + lists(65) + `}`, nil, ErrSyntax},
		{"brackets without an end", `{"resourceType":"Bundle","x":` + strings.Repeat(`{"a":`, 20_000), nil, ErrSyntax},
		{"depth 10 000 there", `{"resourceType":"Bundle","x":` + lists(10_000) + `}`, nil, ErrSyntax},
		{"depth 1 000 000 there", `{"resourceType":"Bundle","x":` + lists(1_000_000) + `}`, nil, ErrSyntax},
		{"depth 1 000 000 in an entry", `{"resourceType":"Bundle","entry":[{"x":` + lists(1_000_000) + `}]}`, nil, ErrSyntax},
		{"two resources in one entry", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A","id":"1"},"resource":{"resourceType":"A","id":"2"}},` + entry + `]}`, []string{"A/2 duplicate-name", "A/1 "}, nil},
		{"two addresses of one entry", `{"resourceType":"Bundle","entry":[{"fullUrl":"a","fullUrl":"b","resource":{"resourceType":"A","id":"2"}},` + entry + `]}`, []string{"A/2 duplicate-name", "A/1 "}, nil},
		{"Resource in the wrong case", `{"resourceType":"Bundle","entry":[{"Resource":{"resourceType":"A","id":"2"}},` + entry + `]}`, []string{"A/2 wrong-case", "A/1 "}, nil},
		{"resource that is a string", `{"resourceType":"Bundle","entry":[{"resource":"Jan"},` + entry + `]}`, []string{"/xeee5ccdf4cce69545d37 bad-json", "A/1 "}, nil},
		{"bracket too many behind a resource", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A","id":"1"}}},` + entry + `]}`, []string{"A/1 "}, ErrSyntax},
		{"comma too many in the list", `{"resourceType":"Bundle","entry":[` + entry + `,]}`, []string{"A/1 "}, ErrSyntax},
		{"comma too many in an entry", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A","id":"1"},}]}`, nil, ErrSyntax},
		{"no colon", `{"resourceType" "Bundle"}`, nil, ErrSyntax},
		{"name that is no string", `{1:2}`, nil, ErrSyntax},
		{"line break in a name", "{\"resource\nType\":\"Bundle\"}", nil, ErrSyntax},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			var err error
			b := ReadBundle(strings.NewReader(tc.in), R4)
			for e, entryErr := range b.Entries() {
				if err = entryErr; err == nil {
					got = append(got, e.Resource.String()+" "+string(e.Resource.Flaw))
				}
			}
			if err == nil {
				err = b.End()
			}
			if !errors.Is(err, tc.err) || (err == nil) != (tc.err == nil) {
				t.Errorf("error %v, want %v", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// utf16Of writes s in UTF-16 with its mark; high is which byte comes first.
func utf16Of(s string, high int) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		pair := [2]byte{byte(u), byte(u >> 8)}
		b.WriteByte(pair[high])
		b.WriteByte(pair[1-high])
	}
	return b.String()
}

// TestScanThatIsNotSureAsks has what the quick scan leaves to slower readers,
// which find nothing wrong with it.
func TestScanThatIsNotSureAsks(t *testing.T) {
	for _, in := range []string{`{"\u0061":1}`, `{"x":"\ud83d\ude00"}`, `{` + many(300) + `}`} {
		r := Parse([]byte(`{"resourceType":"A",`+in[1:]), R4)
		if r.Flaw != "" || r.Type != "A" {
			t.Errorf("%.40s: flaw %q; want none", in, r.Flaw)
		}
	}
}
