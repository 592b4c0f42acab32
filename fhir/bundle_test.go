package fhir

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func entriesOf(t *testing.T, b *BundleReader) ([]string, error) {
	t.Helper()
	var got []string
	for e, err := range b.Entries() {
		if err != nil {
			return got, err
		}
		got = append(got, e.Resource.Ref.String()+" "+e.Mode+e.Status)
	}
	return got, nil
}

func TestReadBundleStreamsEntriesAndKeepsTheRest(t *testing.T) {
	const in = `{"entry":[
		{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p"},"search":{"mode":"match"}},
		{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational",
			"details":{"text":"d"},"diagnostics":"x"}]},"search":{"mode":"outcome"}},
		{"response":{"status":"201 Created","location":"Observation/9/_history/1","outcome":{"issue":[{"code":"invariant"}]}}},
		"nonsense", {"resource":null}
	],"resourceType":"Bundle","type":"searchset","total":7,"other":[1],
	"link":[{"relation":"self","url":"s"},{"relation":"next","url":"n"}]}`
	b := ReadBundle(iotest.OneByteReader(strings.NewReader(in)), STU3)
	var entries []Entry
	for e, err := range b.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	if len(entries) != 3 || entries[0].Resource.FullURL != "urn:uuid:1" || entries[0].Mode != "match" {
		t.Fatalf("%d entries", len(entries))
	}
	if e := entries[1]; e.Status != "201 Created" || e.Location != "Observation/9/_history/1" || len(e.Issues) != 1 || e.Issues[0].Code != "invariant" {
		t.Errorf("response %+v", e)
	}
	if b.Type != "searchset" || b.Next != "n" || b.Self != "s" || b.Total != 7 {
		t.Errorf("%q %q %q %d", b.Type, b.Next, b.Self, b.Total)
	}
	want := []Issue{{Severity: "information", Code: "informational", Details: "d", Diagnostics: "x"}}
	if diff := cmp.Diff(want, b.Outcomes); diff != "" {
		t.Error(diff)
	}
}

func TestReadBundleOddities(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     []string
		err      error
	}{
		{"one entry without a list", `{"resourceType":"Bundle","entry":{"resource":{"resourceType":"A","id":"1"}}}`, []string{"A/1 "}, nil},
		{"no entries", `{"resourceType":"Bundle"}`, nil, nil},
		{"entry null", `{"resourceType":"Bundle","entry":null}`, nil, nil},
		{"another resource", `{"resourceType":"Patient","id":"1"}`, nil, ErrNotBundle},
		{"not an object", `[1]`, nil, ErrNotBundle},
		{"nothing", ``, nil, ErrNotBundle},
		{"two resources in one entry", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A","id":"1"},"resource":{"resourceType":"A","id":"2"}}]}`, []string{"A/2 "}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := entriesOf(t, ReadBundle(strings.NewReader(tc.in), R4))
			if !errors.Is(err, tc.err) || (err != nil) != (tc.err != nil) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadBundleGivesWhatCameBeforeAnError(t *testing.T) {
	const good = `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A","id":"1"}},`
	for name, r := range map[string]io.Reader{
		"cut off":      strings.NewReader(good),
		"bad syntax":   strings.NewReader(good + `{]`),
		"broken line":  io.MultiReader(strings.NewReader(good), iotest.ErrReader(errors.New("reset"))),
		"bad in entry": strings.NewReader(good + `{"resource":{"a":]}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := entriesOf(t, ReadBundle(r, R4))
			if err == nil || len(got) != 1 {
				t.Errorf("got %v, %v; want one entry and an error", got, err)
			}
		})
	}
}

func TestReadBundleStopsWhenAsked(t *testing.T) {
	b := ReadBundle(strings.NewReader(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A"}},{"resource":{"resourceType":"B"}}]}`), R4)
	n := 0
	for range b.Entries() {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestOutcomeInsteadOfABundle(t *testing.T) {
	const in = `{"resourceType":"OperationOutcome","issue":[{"code":"security","diagnostics":"BSN 111222333 mag niet"}]}`
	b := ReadBundle(strings.NewReader(in), STU3)
	_, err := entriesOf(t, b)
	if !errors.Is(err, ErrNotBundle) || strings.Contains(err.Error(), "mag niet") {
		t.Errorf("error %v", err)
	}
	if len(b.Outcomes) != 1 || b.Outcomes[0].Code != "security" || b.Outcomes[0].Diagnostics != "BSN ********* mag niet" {
		t.Errorf("%+v", b.Outcomes)
	}
	if got := Parse([]byte(in), STU3).Issues(); len(got) != 1 {
		t.Error("Issues of the resource")
	}
	if got := Parse([]byte(`{"resourceType":"Patient"}`), STU3).Issues(); got != nil {
		t.Error("a patient has no issues")
	}
}

func TestBundleMasksAroundTheResource(t *testing.T) {
	const in = `{"resourceType":"Bundle","entry":[{"fullUrl":"urn:oid:2.16.840.1.113883.2.4.6.3.111222333",
		"response":{"location":"Patient?identifier=bsn|111222333"}}]}`
	for e, err := range ReadBundle(strings.NewReader(in), STU3).Entries() {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(e.Resource.FullURL+e.Location, testBSN) {
			t.Error("a BSN got through")
		}
	}
}

func TestErrorsNameNoOddTypes(t *testing.T) {
	for in, want := range map[string]string{
		"Patient": "Patient", "": "unknown type", "Jan Jansen": "unknown type", strings.Repeat("A", 41): "unknown type",
	} {
		if got := typeName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestEndRefusesWhatFollowsABundle(t *testing.T) {
	const whole = `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Flag","id":"a"}}]}`
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		rest io.Reader
		want error
	}{
		"nothing":        {strings.NewReader(""), nil},
		"space":          {strings.NewReader(" \r\n\t"), nil},
		"another Bundle": {strings.NewReader(whole), ErrSyntax},
		"a word":         {strings.NewReader("more"), ErrSyntax},
		"a bracket":      {strings.NewReader("}"), ErrSyntax},
		"a broken line":  {iotest.ErrReader(broken), broken},
	} {
		b := ReadBundle(io.MultiReader(strings.NewReader(whole), c.rest), STU3)
		n := 0
		for _, err := range b.Entries() {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			n++
		}
		if err := b.End(); n != 1 || !errors.Is(err, c.want) {
			t.Errorf("%s: %d entries, then %v", name, n, err)
		}
	}
}
