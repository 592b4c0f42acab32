package testdata_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/testdata"
)

type bundle struct {
	Entry []struct {
		Resource struct {
			ResourceType, ID, EffectiveDateTime string
			Meta                                struct{ Profile []string }
		}
	}
}

func TestTheWholeTopologyHasItsPeople(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	err = fs.WalkDir(testdata.Full(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(testdata.Full(), name)
		if err != nil {
			return err
		}
		var b bundle
		if filled := testdata.Fill(raw, at); json.Unmarshal(filled, &b) != nil || strings.Contains(string(filled), "${") || len(b.Entry) == 0 {
			t.Errorf("%s is no Bundle, or a placeholder is left", name)
		}
		for _, e := range b.Entry {
			key := path.Dir(name) + " " + e.Resource.ResourceType + "/" + e.Resource.ID
			if e.Resource.ID == "" || found[key] {
				t.Errorf("%s: there twice or without an id", key)
			}
			found[key] = true
		}
		if !strings.Contains(string(readme), "`full/"+path.Dir(name)+"`") {
			t.Errorf("README.md does not speak of full/%s", path.Dir(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cees/gp Patient/delinde-cees", "dina/gp Patient/delinde-dina", "eva/gp Patient/delinde-eva", "anna/clinic Task/zz-taak-1"} {
		if !found[want] {
			t.Errorf("%s is not there", want)
		}
	}
}

// Only Gerda's records have a number that could be a BSN, and it is of the
// range for tests.
func TestOnlyGerdaHasABSN(t *testing.T) {
	err := fs.WalkDir(testdata.Full(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(testdata.Full(), name)
		if has := strings.Contains(string(raw), "999990949"); has != strings.HasPrefix(name, "gerda/") {
			t.Errorf("%s has the planted BSN: %t", name, has)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFredHasAsManyAsAsked(t *testing.T) {
	var b bundle
	if err := json.Unmarshal(testdata.Fill(testdata.Fred(2500), at), &b); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range b.Entry {
		if e.Resource.ResourceType != "Observation" || len(e.Resource.Meta.Profile) != 1 {
			t.Fatalf("%s is no complete Observation", e.Resource.ID)
		}
		seen[e.Resource.EffectiveDateTime] = true
	}
	if len(b.Entry) != 2500 || len(seen) != 2500 {
		t.Errorf("%d measurements at %d moments", len(b.Entry), len(seen))
	}
	if first := b.Entry[0].Resource.EffectiveDateTime; first != "2026-05-31T21:00:00+01:00" {
		t.Errorf("the newest is of %s", first)
	}
	if err := json.Unmarshal(testdata.Fred(0), &b); err != nil {
		t.Errorf("none: %v", err)
	}
}
