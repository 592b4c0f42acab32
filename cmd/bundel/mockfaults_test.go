package main

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

// runs gives the output of a command that should go well.
func runs(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	m := &Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: time.Now, KDF: cheap}
	if code := m.Run(t.Context(), args); code != 0 {
		t.Fatalf("%v: exit code %d: %s", args, code, errs.String())
	}
	return out.Bytes()
}

// TestThePageOfFaultsIsUpToDate: docs/FAULTS.md is what the command writes. When
// it fails: bundel mock faults --md > docs/FAULTS.md.
func TestThePageOfFaultsIsUpToDate(t *testing.T) {
	page, err := os.ReadFile("../../docs/FAULTS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"nl", "en"} {
		if got := runs(t, "mock", "faults", "--md", "--lang", lang); !bytes.Equal(got, page) {
			t.Errorf("--lang %s gives another page", lang)
		}
	}
	for _, e := range mock.Catalogue() {
		if !bytes.Contains(page, []byte("\n| "+e.ID+" | ")) {
			t.Errorf("%s is not on the page", e.ID)
		}
	}
	for _, line := range strings.Split(string(page), "\n") {
		if columns := strings.Count(line, "|"); strings.HasPrefix(line, "|") && columns != 6 && columns != 5 {
			t.Errorf("a row of %d columns: %s", columns-1, line)
		}
	}
}

// TestTheFaultsAsJSONCanBeSet: what the command prints is what the admin
// endpoint takes.
func TestTheFaultsAsJSONCanBeSet(t *testing.T) {
	var got struct {
		Faults []mock.CatalogueEntry `json:"faults"`
		Kinds  []mock.FaultKind      `json:"kinds"`
	}
	dec := json.NewDecoder(bytes.NewReader(runs(t, "mock", "faults", "--json")))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if len(got.Faults) != 109 || len(got.Kinds) != len(mock.FaultKinds()) {
		t.Fatalf("%d faults, %d kinds", len(got.Faults), len(got.Kinds))
	}
	n := mock.Start(t, mock.Config{})
	for _, e := range got.Faults {
		for _, c := range e.Cases {
			if err := n.SetFaults(c.Faults...); err != nil {
				t.Errorf("%s %s: %v", e.ID, c.Name, err)
			}
		}
	}
}

func TestTheTableOfFaultsHasARowForEach(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(string(runs(t, "mock", "faults", "--lang", "en"))), "\n")
	if len(rows) != 110 || !strings.Contains(rows[0], "What the app should do") {
		t.Errorf("%d rows under %q", len(rows), rows[0])
	}
	if !slices.ContainsFunc(rows, func(r string) bool { return strings.Contains(r, "T10") && strings.Contains(r, "refused") }) {
		t.Error("T10 is not in the table")
	}
}
