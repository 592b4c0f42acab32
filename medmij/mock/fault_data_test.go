package mock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// parts is a searchset taken apart as a client would: its members, and its
// entries as bytes.
type parts struct {
	members map[string]string
	entries []string
}

func takeApart(t *testing.T, body []byte) parts {
	t.Helper()
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil {
		t.Fatalf("the answer is no JSON: %v", err)
	}
	var entries []json.RawMessage
	_ = json.Unmarshal(top["entry"], &entries) // none is none
	p := parts{members: map[string]string{}}
	for name, raw := range top {
		if name != "entry" {
			p.members[name] = string(raw)
		}
	}
	for _, e := range entries {
		p.entries = append(p.entries, string(e))
	}
	return p
}

// dataCase is where a kind finds something to change.
func dataCase(kind, value string) (provider, service, query string) {
	switch kind + " " + value {
	case "bsn file":
		return "ziekenhuis-noordzee", "51", "DocumentReference?status=current"
	case "modifier not-taken":
		return "ziekenhuis-noordzee", "48", "MedicationStatement"
	}
	switch kind {
	case "attachment", "attachment-says":
		return "ziekenhuis-noordzee", "51", "DocumentReference?status=current"
	case "number", "unit", "date":
		return "ziekenhuis-noordzee", "46", "Observation?category=http://snomed.info/sct|49581000146104"
	case "dose":
		return "apotheek-dezon", "35", "MedicationDispense"
	case "no-include":
		return "huisarts-delinde", "49", "MedicationRequest?_include=MedicationRequest:medication"
	}
	return "huisarts-delinde", "49", "AllergyIntolerance"
}

// TestADataFaultChangesOneResourceOnly: the fault is what it says, and all the
// rest of the answer is byte for byte what it was.
func TestADataFaultChangesOneResourceOnly(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	seen := 0
	for _, kind := range mock.FaultKinds() {
		if !slices.Contains([]string{
			"bsn", "unknown", "missing", "number", "date", "coding", "text", "reference", "modifier", "dose", "reuse", "unit", "id",
			"updated", "attachment", "attachment-says",
		}, kind.Name) {
			continue
		}
		for _, value := range valuesOf(kind) {
			if value == "nan" {
				continue // breaks the JSON, as it should
			}
			seen++
			provider, service, query := dataCase(kind.Name, value)
			_, _, base := a.zal(provider, service)
			_, clean := a.fhir(base, query)
			set(t, n, mock.Fault{Kind: kind.Name, Value: value, Times: 1})
			_, spoilt := a.fhir(base, query)
			was, is := takeApart(t, clean), takeApart(t, spoilt)
			if diff := cmp.Diff(was.members, is.members); diff != "" {
				t.Errorf("%s %s changes the Bundle: %s", kind.Name, value, diff)
			}
			if n := differing(was.entries, is.entries); n != 1 {
				t.Errorf("%s %s changes %d entries", kind.Name, value, n)
			}
			if _, again := a.fhir(base, query); !bytes.Equal(clean, again) {
				t.Errorf("%s %s does not end", kind.Name, value)
			}
		}
	}
	if seen < 45 {
		t.Errorf("only %d forms", seen)
	}
}

func valuesOf(k mock.FaultKind) []string {
	if len(k.Values) == 0 {
		return []string{""}
	}
	return k.Values
}

func set(t *testing.T, n *mock.Network, faults ...mock.Fault) {
	t.Helper()
	if err := n.SetFaults(faults...); err != nil {
		t.Fatalf("%+v: %v", faults, err)
	}
}

func differing(a, b []string) int {
	if len(a) != len(b) {
		return -1
	}
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// TestBundleFaultsChangeWhatTheySay compares what comes, goes and changes.
func TestBundleFaultsChangeWhatTheySay(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	for _, c := range []struct {
		fault    mock.Fault
		change   string // members of the Bundle that differ
		more     int
		sameHead int // entries at the beginning that stay
	}{
		{mock.Fault{Kind: "total", Value: "more"}, "total", 0, 2},
		{mock.Fault{Kind: "total", Value: "fewer"}, "total", 0, 2},
		{mock.Fault{Kind: "self"}, "link", 0, 2},
		{mock.Fault{Kind: "next", Next: "evil"}, "link", 0, 2},
		{mock.Fault{Kind: "next", Next: "otherhost"}, "link", 0, 2},
		{mock.Fault{Kind: "next", Next: "http"}, "link", 0, 2},
		{mock.Fault{Kind: "next", Next: "loop"}, "link", 0, 2},
		{mock.Fault{Kind: "next", Next: "endless"}, "link", 0, 2},
		{mock.Fault{Kind: "duplicate", Value: "same"}, "total", 1, 1},
		{mock.Fault{Kind: "duplicate", Value: "content"}, "total", 1, 1},
		{mock.Fault{Kind: "other", Value: "type"}, "total", 1, 2},
		{mock.Fault{Kind: "other", Value: "patient"}, "total", 1, 2},
		{mock.Fault{Kind: "vanish"}, "total", -1, 0},
		{mock.Fault{Kind: "no-include"}, "", 0, 2},
	} {
		_, _, base := a.zal("huisarts-delinde", "49")
		_, clean := a.fhir(base, "AllergyIntolerance")
		set(t, n, c.fault)
		_, spoilt := a.fhir(base, "AllergyIntolerance")
		set(t, n)
		was, is := takeApart(t, clean), takeApart(t, spoilt)
		changed := ""
		for _, name := range slices.Sorted(maps.Keys(was.members)) {
			if was.members[name] != is.members[name] {
				changed += name
			}
		}
		if changed != c.change || len(is.entries)-len(was.entries) != c.more || !slices.Equal(was.entries[:c.sameHead], is.entries[:c.sameHead]) {
			t.Errorf("%s %s%s: %q differ, %d entries instead of %d", c.fault.Kind, c.fault.Value, c.fault.Next, changed, len(is.entries), len(was.entries))
		}
	}
}

func TestEndlessPagesAreAllRight(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	set(t, n, mock.Fault{Kind: "next", Next: "endless"})
	path := "AllergyIntolerance"
	links := map[string]bool{}
	for range 5 {
		got := a.search(base, path)
		links[got.Next] = true
		if len(got.entries) != 2 {
			t.Errorf("%d entries", len(got.entries))
		}
		path = got.Next[len(base)+1:]
	}
	if len(links) != 5 {
		t.Errorf("%d different pages", len(links))
	}
}

func TestARelativeNextLinkIsTheRightOne(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	right := a.search(base, "Observation")
	set(t, n, mock.Fault{Kind: "next", Next: "relative"})
	relative := a.search(base, "Observation")
	if relative.Next == "" || relative.Next[0] != '?' || right.Next == "" {
		t.Fatalf("next is %q, was %q", relative.Next, right.Next)
	}
	set(t, n)
	if second := a.search(base, "Observation"+relative.Next); len(second.entries) == 0 {
		t.Error("the relative link leads nowhere")
	}
}

func TestTheSameSeedServesTheSame(t *testing.T) {
	var runs [][]int
	for range 2 {
		n, err := mock.Serve(context.Background(), mock.Config{Seed: 42, Faults: []mock.Fault{{On: "resource:49", Kind: "status", Status: 503, When: "p=0.5"}}})
		if err != nil {
			t.Fatal(err)
		}
		a := newApp(t, n)
		_, _, base := a.zal("huisarts-delinde", "49")
		var statuses []int
		for range 40 {
			res, _ := a.fhir(base, "AllergyIntolerance")
			statuses = append(statuses, res.StatusCode)
		}
		runs = append(runs, statuses)
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(runs[0], runs[1]) || !slices.Contains(runs[0], 200) || !slices.Contains(runs[0], 503) {
		t.Errorf("runs %v", runs)
	}
}
