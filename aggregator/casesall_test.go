package aggregator

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryCaseOfTheDesignIsHere: each id of merge.md section 9 is a file, or
// the name of a row in a table where the case is no overview: what is refused
// when typed in, and what may be shared.
func TestEveryCaseOfTheDesignIsHere(t *testing.T) {
	tables := ""
	for _, pattern := range []string{"own*_test.go", "echo_test.go", "../share/*_test.go", "../store/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			tables += string(raw)
		}
	}
	files, rows := 0, 0
	for prefix, last := range map[string]int{"ID": 20, "MED": 72, "ALG": 25, "LAB": 38, "DOC": 12, "OWN": 12, "CON": 10, "OVR": 9} {
		for n := 1; n <= last; n++ {
			id := fmt.Sprintf("%s-%02d", prefix, n)
			if _, err := os.Stat(filepath.Join(casesFolder, id+".json")); err == nil {
				files++
			} else if strings.Contains(tables, id) {
				rows++
			} else {
				t.Errorf("%s is nowhere", id)
			}
		}
	}
	consolidation, err := filepath.Glob(filepath.Join(casesFolder, "CONS-*.json"))
	if err != nil || len(consolidation) != 35 {
		t.Errorf("%d consolidation treatments: %v", len(consolidation), err)
	}
	t.Logf("%d files, %d rows, and %d treatments", files, rows, len(consolidation))
}
