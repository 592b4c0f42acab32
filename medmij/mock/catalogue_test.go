package mock_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

func TestTheCatalogueHasEveryFaultOnce(t *testing.T) {
	var want []string
	for _, part := range []struct {
		letter string
		number int
	}{{"L", 15}, {"T", 23}, {"A", 11}, {"K", 14}, {"F", 28}, {"D", 18}} {
		for i := range part.number {
			want = append(want, fmt.Sprintf("%s%02d", part.letter, i+1))
		}
	}
	var got []string
	for _, e := range mock.Catalogue() {
		got = append(got, e.ID)
		if e.Title == "" || e.Client == "" || len(e.Cases) == 0 {
			t.Errorf("%s has no title, no way or nothing to do", e.ID)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// TestEveryFaultOfTheCatalogueCanBeSet also proves that no kind is left that
// nobody needs.
func TestEveryFaultOfTheCatalogueCanBeSet(t *testing.T) {
	n := start(t, mock.Config{})
	used := map[string]bool{}
	for _, e := range mock.Catalogue() {
		names := map[string]bool{}
		for _, c := range e.Cases {
			if names[c.Name] {
				t.Errorf("%s has two ways named %q", e.ID, c.Name)
			}
			names[c.Name] = true
			for _, f := range c.Faults {
				used[f.Kind+" "+f.Value+f.Next] = true
			}
			if err := n.SetFaults(c.Faults...); err != nil {
				t.Errorf("%s %s: %v", e.ID, c.Name, err)
			}
			if len(c.Faults) == 0 && len(c.Setup) == 0 {
				t.Errorf("%s %s: nothing is wrong", e.ID, c.Name)
			}
		}
	}
	for _, k := range mock.FaultKinds() {
		for _, v := range append(k.Values, "") {
			isUsed := used[k.Name+" "+v] || v == "..." || v == "" && (len(k.Values) > 0 || k.Name == "next")
			if !isUsed && k.Name+" "+v != "client-certificate demand" && k.Name != "extra-members" {
				t.Errorf("no fault of the catalogue is served by %s %s", k.Name, v)
			}
		}
	}
	if len(used) < 100 {
		t.Errorf("only %d forms of faults", len(used))
	}
	if err := n.SetFaults(); err != nil || strings.TrimSpace(fmt.Sprint(n.Faults())) != "[]" {
		t.Errorf("faults are left: %v", err)
	}
}
