package fhir

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// seen writes what a sequence gives, one word for each.
func seen(items iter.Seq2[Resource, error]) []string {
	var got []string
	for r, err := range items {
		var re *ReadError
		switch {
		case errors.As(err, &re):
			got = append(got, fmt.Sprintf("error@%d", re.Line))
		case err != nil:
			got = append(got, "error")
		default:
			got = append(got, strings.TrimSpace(r.Ref.String()+" "+r.FullURL))
		}
	}
	return got
}

func TestReadAnyTellsFormsApart(t *testing.T) {
	const a, b, c = `{"resourceType":"A","id":"1"}`, `{"resourceType":"B","id":"2"}`, `{"resourceType":"C","id":"3"}`
	const bundle = `{"resourceType":"Bundle","entry":[{"fullUrl":"u","resource":` + a + `},{"response":{}},{"resource":{"resourceType":"OperationOutcome"}},{"resource":` + b + `}]}`
	late := `{"entry":[{"resource":` + a + `}],"resourceType":"Bundle"}`
	for _, tc := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"white space", " \n\t", nil},
		{"one resource", a, []string{"A/1"}},
		{"byte order mark", "\xef\xbb\xbf" + a, []string{"A/1"}},
		{"printed", "{\n \"resourceType\": \"A\",\n \"id\": \"1\",\n \"x\": \"[{\\\"\"\n}\n", []string{"A/1"}},
		{"Bundle", bundle, []string{"A/1 u", "B/2"}},
		{"Bundle that says so late", late, []string{"A/1"}},
		{"List has entries but is no Bundle", `{"resourceType":"List","id":"l","entry":[{"item":{}}]}`, []string{"List/l"}},
		{"newline-delimited", a + "\n" + b + "\r\n\n" + c, []string{"A/1", "B/2", "C/3"}},
		{"Bundles on lines", bundle + "\n" + late + "\n", []string{"A/1 u", "B/2", "A/1"}},
		{"values on one line", a + b + " " + c, []string{"A/1", "B/2", "C/3"}},
		{"printed, one after the other", "{\n\"resourceType\":\"A\",\"id\":\"1\"\n}\n{\n\"resourceType\":\"B\",\"id\":\"2\"\n}", []string{"A/1", "B/2"}},
		{"printed Bundle and more", strings.ReplaceAll(bundle, ",", ",\n") + "\n{\n\"resourceType\":\"C\",\n\"id\":\"3\"}", []string{"A/1 u", "B/2", "C/3"}},
		{"XML", `<A ` + fhirNS + `><id value="1"/></A>`, []string{"A/1"}},
		{"XML with mark and space", "\xef\xbb\xbf\n<A " + fhirNS + `><id value="1"/></A>`, []string{"A/1"}},
		{"XML Bundle", `<Bundle ` + fhirNS + `><entry><fullUrl value="u"/><resource><A><id value="1"/></A></resource></entry></Bundle>`, []string{"A/1 u"}},

		{"broken line in the middle", a + "\n" + `{"resourceType":` + "\n" + c, []string{"A/1", "error@2", "C/3"}},
		{"broken string in the middle", a + "\n" + `{"resourceType":"B` + "\n" + c, []string{"A/1", "error@2", "C/3"}},
		{"broken first line", `{"resourceType":"A","id"` + "\n" + b + "\n" + c, []string{"error@1", "B/2", "C/3"}},
		{"first line is nonsense", "{]\n" + b + "\n" + c, []string{"error@1", "B/2", "C/3"}},
		{"last line cut off", a + "\n" + b + "\n" + `{"resourceType":"C"`, []string{"A/1", "B/2", "error@3"}},
		{"broken Bundle on the first line", bundle[:40] + "}\n" + b, []string{"error@1", "B/2"}},
		{"no FHIR in the middle", a + "\n[1]\n{\"x\":1}\n" + c, []string{"A/1", "error@2", "error@3", "C/3"}},
		{"printed and broken, once", "{\n \"resourceType\": \"A\n \"id\": \"1\"\n}\n", []string{"error@1"}},
		{"printed and cut off", "{\n \"resourceType\": \"A\",\n \"x\": [\n", []string{"error@1"}},
		{"text", "Geachte mevrouw", []string{"error@1"}},
		{"broken XML", `<A ` + fhirNS + `><id`, []string{"error@0"}},
		{"Bundle cut off", bundle[:len(bundle)-20], []string{"A/1 u", "error@1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, seen(ReadAny(strings.NewReader(tc.in), R4))); diff != "" {
				t.Error(diff)
			}
			slow := seen(ReadAny(iotest.OneByteReader(strings.NewReader(tc.in)), R4))
			if diff := cmp.Diff(tc.want, slow); diff != "" {
				t.Errorf("byte by byte: %s", diff)
			}
		})
	}
}

func TestReadAnyGivesFlawedResources(t *testing.T) {
	for r, err := range ReadAny(strings.NewReader(`{"resourceType":"A","id":"1","id":"2"}`), R4) {
		if err != nil || r.Flaw != FlawDuplicate {
			t.Errorf("%q, %v", r.Flaw, err)
		}
	}
}

func TestReadAnyStopsWhenAsked(t *testing.T) {
	for _, in := range []string{
		"{\"resourceType\":\"A\"}\n{\"resourceType\":\"B\"}",
		`{"resourceType":"A"}{"resourceType":"B"}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A"}},{"resource":{"resourceType":"B"}}]}`,
		`{"entry":[{"resource":{"resourceType":"A"}},{"resource":{"resourceType":"B"}}],"resourceType":"Bundle"}`,
		"{]\n{]\n",
	} {
		n := 0
		for range ReadAny(strings.NewReader(in), R4) {
			n++
			break
		}
		if n != 1 {
			t.Errorf("%q: %d", in, n)
		}
	}
}

func TestReadErrorsHoldNoContent(t *testing.T) {
	broken := errors.New("disk")
	for name, r := range map[string]io.Reader{
		"syntax":        strings.NewReader(`{"geheim" Geheim}`),
		"in a Bundle":   strings.NewReader(`{"resourceType":"Bundle","entry":[{"geheim" Geheim}]}`),
		"XML":           strings.NewReader(`<geheim>`),
		"broken reader": io.MultiReader(strings.NewReader(`{"geheim":`), iotest.ErrReader(broken)),
	} {
		for _, err := range ReadAny(r, R4) {
			var re *ReadError
			if !errors.As(err, &re) || re.Reason == "" {
				t.Fatalf("%s: %v", name, err)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(strings.ToLower(e.Error()), "geheim") {
					t.Errorf("%s: %v", name, e)
				}
			}
			if name == "broken reader" && !errors.Is(err, broken) {
				t.Error("the cause is lost")
			}
		}
	}
	if got := (&ReadError{Line: 3, Reason: "x"}).Error(); got != "line 3 cannot be read: x" {
		t.Error(got)
	}
}

func TestReadAnyBoundsAResource(t *testing.T) {
	for name, head := range map[string]string{
		"one resource":            `{"resourceType":"A","x":"`,
		"an entry of a Bundle":    `{"resourceType":"Bundle","entry":[{"resource":{"x":"`,
		"a Bundle that is late":   `{"entry":[],"x":"`,
		"brackets without an end": `{"x":[` + "\n\"",
	} {
		t.Run(name, func(t *testing.T) {
			r := io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, 1<<20), strings.NewReader(`"}`))
			n := 0
			for _, err := range readAny(r, R4, 1<<20) {
				if n++; !errors.Is(err, ErrTooLarge) {
					t.Errorf("%v", err)
				}
			}
			if n != 1 {
				t.Errorf("%d results", n)
			}
		})
	}
}

func TestFilesWalksInOrder(t *testing.T) {
	fsys := fstest.MapFS{
		"b/2.json":     {Data: []byte(`{"resourceType":"A","id":"2"}`)},
		"b/1.XML":      {Data: []byte(`<A ` + fhirNS + `><id value="1"/></A>`)},
		"a.ndjson":     {Data: []byte("{\"resourceType\":\"A\",\"id\":\"3\"}\n{]\n{\"resourceType\":\"A\",\"id\":\"4\"}")},
		"c/leesmij.md": {Data: []byte("x")},
		"d.jsonl":      {Data: nil},
	}
	var got []string
	for item, err := range Files(fsys, R4) {
		word := item.Path + " " + item.Resource.ID
		if err != nil {
			word += "error"
		}
		if item.Skipped {
			word += "skipped"
		}
		got = append(got, word)
	}
	want := []string{"a.ndjson 3", "a.ndjson error", "a.ndjson 4", "b/1.XML 1", "b/2.json 2", "c/leesmij.md skipped"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for stop := range len(want) {
		n := 0
		for range Files(fsys, R4) {
			if n++; n > stop {
				break
			}
		}
		if n != stop+1 {
			t.Errorf("stopped after %d, want %d", n, stop+1)
		}
	}
}

func TestFilesReportsWhatCannotBeOpened(t *testing.T) {
	n := 0
	for item, err := range Files(brokenFS{fstest.MapFS{"a.json": {Data: []byte("{}")}}}, R4) {
		n++
		if err == nil || item.Path != "a.json" || strings.Contains(err.Error(), "a.json") {
			t.Errorf("%q %v", item.Path, err)
		}
	}
	if n != 1 {
		t.Errorf("%d items", n)
	}
}
