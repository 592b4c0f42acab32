package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryRowHasATest keeps docs/CONFORMANCE.md and the tests together: every
// row has a test that carries its id, or says why not, and no test carries the
// id of a row that is not there.
func TestEveryRowHasATest(t *testing.T) {
	table, err := os.ReadFile("../../docs/CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	statements, unshown, _ := strings.Cut(string(table), "## Not shown")
	row := regexp.MustCompile(`(?m)^\| ([A-Z]+-[0-9]+) \|`)
	tests := testsByRow(t)
	rows := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(statements, -1) {
		id := m[1]
		if rows[id] {
			t.Errorf("%s is there twice", id)
		}
		rows[id] = true
		excused := strings.Contains(unshown, "| "+id+" |")
		if (tests[id] == 0) != excused {
			t.Errorf("%s: %d tests, excused %v", id, tests[id], excused)
		}
	}
	for id := range tests {
		if !rows[id] {
			t.Errorf("a test carries %s, which is no row", id)
		}
	}
	if len(rows) < 140 {
		t.Errorf("only %d rows", len(rows))
	}
}

// testsByRow counts the tests of the module by the row in their name.
func testsByRow(t *testing.T) map[string]int {
	t.Helper()
	name := regexp.MustCompile(`(?m)^func Test([A-Z]{2,3})_([0-9]{2})_`)
	count := map[string]int{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range name.FindAllSubmatch(src, -1) {
			count[string(m[1])+"-"+string(m[2])]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}
