package fhir

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseReadsTheHead(t *testing.T) {
	r := Parse([]byte(` {"meta":{"profile":["http://p|1","http://q"],"lastUpdated":"2025-05-12T10:00:00Z"},"id":"a","resourceType":"Patient"} `), R4)
	want := Resource{
		Ref: Ref{"Patient", "a"}, Version: R4, Profiles: []string{"http://p|1", "http://q"},
		Updated: time.Date(2025, 5, 12, 10, 0, 0, 0, time.UTC),
	}
	opt := cmp.FilterPath(func(p cmp.Path) bool { return strings.HasPrefix(p.Last().String(), ".r") }, cmp.Ignore())
	if diff := cmp.Diff(want, r, opt, cmp.AllowUnexported(Resource{}), cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
	if r.String() != "Patient/a" || r.Bytes()[0] != '{' {
		t.Errorf("%s, starts with %q", r, r.Bytes()[0])
	}
}

func TestParseFindsFlawsAndKeepsTheBytes(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65)
	for _, tc := range []struct {
		name, in string
		want     Flaw
	}{
		{"good", `{"resourceType":"A"}`, ""},
		{"brackets in strings do not nest", `{"resourceType":"A","a":"` + strings.Repeat("[{", 100) + `\\\""}`, ""},
		{"empty", ``, FlawSyntax},
		{"a list", `[]`, FlawSyntax},
		{"cut off", `{"resourceType":"A"`, FlawSyntax},
		{"two values", `{"resourceType":"A"} {}`, FlawSyntax},
		{"no JSON behind it", `{"resourceType":"A"}A"`, FlawSyntax},
		{"number that is none", `{"resourceType":"A","x":NaN}`, FlawSyntax},
		{"lone surrogate", `{"resourceType":"A","x":"\ud800"}`, FlawSyntax},
		{"no type", `{"id":"a"}`, FlawType},
		{"duplicate", `{"resourceType":"A","id":"a","id":"b"}`, FlawDuplicate},
		{"duplicate inside", `{"resourceType":"A","x":{"y":1,"y":2}}`, FlawDuplicate},
		{"wrong case", `{"resourceType":"A","RESOURCETYPE":"B"}`, FlawCase},
		{"too deep", deep, FlawDepth},
		{"a million deep", strings.Repeat("[", 1_000_000), FlawDepth},
		{"bad text", "{\"resourceType\":\"A\",\"x\":\"\xff\"}", FlawText},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := Parse([]byte(tc.in), R4)
			if r.Flaw != tc.want {
				t.Errorf("flaw %q, want %q", r.Flaw, tc.want)
			}
			if string(r.Bytes()) != tc.in || r.ID == "" {
				t.Errorf("bytes or id lost: id %q", r.ID)
			}
			if r.Node().Exists() != (tc.want == "") {
				t.Error("a resource with a flaw must have an empty Node, any other not")
			}
		})
	}
}

func TestParseIsAnIdentityOnItsOwnBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.OneOf(rapid.Custom(bsnJSON), rapid.StringN(0, 40, -1)).Draw(rt, "in")
		once := Parse([]byte(in), STU3)
		twice := Parse(once.Bytes(), STU3)
		if !bytes.Equal(once.Bytes(), twice.Bytes()) || once.Ref != twice.Ref || once.Flaw != twice.Flaw || twice.Masked != 0 {
			rt.Fatalf("%s\n%s", once.Bytes(), twice.Bytes())
		}
	})
}

func TestVersion(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want Version
		text string
	}{{"stu3", STU3, "STU3"}, {"R4", R4, "R4"}, {"4.0", R4, "R4"}} {
		if v, err := ParseVersion(tc.in); err != nil || v != tc.want || v.String() != tc.text {
			t.Errorf("ParseVersion(%q) = %v, %v", tc.in, v, err)
		}
	}
	if _, err := ParseVersion("r5"); err == nil {
		t.Error("r5 was accepted")
	}
	if got := Version(9).String(); got != "Version(9)" {
		t.Error(got)
	}
}

func TestHealthDataStaysOutOfLogs(t *testing.T) {
	r := Parse([]byte(`{"resourceType":"Patient","name":[{"text":"Geheim"}]}`), R4)
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, nil))
	log.Info("x", "r", r, "record", Record{Resource: r})
	fmt.Fprintf(&b, "%v %+v %s", r.Node(), r.Node(), r.Node())
	if strings.Contains(b.String(), "Geheim") {
		t.Errorf("logged: %s", b.String())
	}
}

func TestNodeAnswersWhateverWasSent(t *testing.T) {
	n := Parse([]byte(`{"resourceType":"A","one":{"x":"1"},"many":[{"x":"2"},{"x":"3"}],"null":null,
		"flag":"true","yes":true,"num":1.50,"valueQuantity":{"value":5},"valueless":"v","_birthDate":{"id":"b"},
		"given":[null,"J."],"extension":[{"url":"u","valueString":"e"}],"modifierExtension":[{"url":"u","valueCode":"m"}],
		"contained":[{"id":"c","resourceType":"B"}]}`), R4).Node()
	for name, got := range map[string][2]string{
		"path":                {n.Str("one", "x"), "1"},
		"first of a list":     {n.Str("many", "x"), "2"},
		"nowhere":             {n.Str("a", "b", "c"), ""},
		"number as written":   {n.Str("num"), "1.50"},
		"first that is there": {n.Str("given"), "J."},
		"extension":           {n.Ext("u").Value().Text(), "e"},
		"sibling":             {n.Sibling("birthDate").Str("id"), "b"},
		"contained":           {n.Contained("c").Str("resourceType"), "B"},
		"no contained":        {n.Contained("d").Str("resourceType"), ""},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %q, want %q", name, got[0], got[1])
		}
	}
	if len(n.All("one")) != 1 || len(n.All("many")) != 2 || len(n.All("null")) != 0 || len(n.All("given")) != 2 {
		t.Error("All counts wrong")
	}
	if len(n.Exts("u")) != 2 || n.Ext("other").Exists() {
		t.Error("extensions")
	}
	if !n.Get("flag").Bool() || !n.Get("yes").Bool() || n.Get("num").Bool() || !n.Get("num").IsNumber() || !n.IsObject() {
		t.Error("kinds")
	}
	if typ, v := n.Choice("value"); typ != "Quantity" || v.Str("value") != "5" {
		t.Errorf("choice %q", typ)
	}
	if len(n.member("many").Items()) != 2 || n.Get("one").Items() != nil {
		t.Error("items")
	}
	count := 0
	for range n.Members() {
		if count++; count == 3 {
			break
		}
	}
	if count != 3 {
		t.Error("members")
	}
}

func TestReceiptOutcome(t *testing.T) {
	for _, tc := range []struct {
		name   string
		detail string
		in     []Outcome
		want   Outcome
	}{
		{"all good", "", []Outcome{OK, Empty, NotOffered}, Complete},
		{"one failed", "", []Outcome{OK, Failed}, Partial},
		{"all failed", "", []Outcome{Failed}, Failed},
		{"ended early", "stopped", []Outcome{OK}, Partial},
		{"ended at once", "stopped", nil, Failed},
		{"part refused", "", []Outcome{OK, NotGranted}, Partial},
		{"nothing there", "", []Outcome{Empty, NotOffered}, Empty},
		{"refused", "", []Outcome{NotGranted, NotOffered}, NotGranted},
		{"nothing asked", "", nil, NotOffered},
	} {
		r := Receipt{Detail: tc.detail}
		for _, o := range tc.in {
			r.Queries = append(r.Queries, QueryResult{Outcome: o})
		}
		if got := r.Outcome(); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestOneMakesAPage(t *testing.T) {
	for n, want := range map[int]Outcome{0: Empty, 2: OK} {
		s := One(Origin{Source: Self}, R4, "own", make([]Resource, n)...)
		for page, err := range s.Pages {
			if err != nil || len(page.Resources) != n || page.Result.Outcome != want || page.Result.Resources != n {
				t.Errorf("page of %d: %v %v", n, page.Result, err)
			}
		}
	}
	if o := (Origin{Source: "medmij:x@medmij"}); !o.IsMedMij() || o.IsSelf() || !(Origin{Source: Self}).IsSelf() {
		t.Error("origin")
	}
}
