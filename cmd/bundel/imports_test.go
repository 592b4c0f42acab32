package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/bundel-pgo/bundel/"

// mayImport is the table of docs/ARCHITECTURE.md: which of our packages each
// package may import, tests left out.
var mayImport = map[string][]string{
	"fhir":            {},
	"fhir/r4":         {"fhir"},
	"fhir/clinical":   {"fhir"},
	"medmij":          {"fhir"},
	"store":           {"fhir"},
	"store/storetest": {"fhir", "store"},
	"store/keyring":   {},
	"aggregator":      {"fhir", "fhir/clinical"},
	"share":           {"fhir", "aggregator"},
	"medmij/mock":     {"fhir", "medmij", "testdata"},
	"web":             {"fhir", "medmij", "store", "aggregator", "share", "web/glossary"},
	"web/glossary":    {"fhir"},
	"web/desk":        {"fhir", "medmij", "store", "store/keyring", "aggregator", "share", "web"},
	"testdata":        {},
}

// walled are third-party packages that only some packages may import.
var walled = map[string][]string{
	"go.etcd.io/bbolt":                     {"store", "share"},
	"filippo.io/age":                       {"store", "share"},
	"github.com/zalando/go-keyring":        {"store/keyring"},
	"golang.org/x/crypto/argon2":           {"store", "share"},
	"golang.org/x/time":                    {"share"},
	"github.com/lestrrat-go/jwx":           {"share"},
	"rsc.io/qr":                            {"share"},
	"codeberg.org/go-pdf/fpdf":             {"web"},
	"golang.org/x/image":                   {"web"},
	"golang.org/x/sys":                     {"store", "cmd/bundel"},
	"github.com/klauspost/compress":        {"store"},
	"golang.org/x/oauth2":                  {"medmij"},
	"github.com/cenkalti/backoff":          {"medmij"},
	"github.com/spf13/cobra":               {"cmd/bundel"},
	"github.com/jedib0t/go-pretty":         {"cmd/bundel"},
	"golang.org/x/term":                    {"cmd/bundel"},
	"github.com/cli/browser":               {"cmd/bundel"},
	"github.com/blevesearch/snowballstem":  {"aggregator"},
	"github.com/samply/golang-fhir-models": {"fhir/r4", "medmij/mock"},
}

// TestImportTable keeps data flowing one way.
func TestImportTable(t *testing.T) {
	root := os.DirFS("../..")
	seen := 0
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || name == "bench") { // bench is a module of its own
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		seen++
		checkImports(t, root, name)
		return nil
	})
	if err != nil || seen < 50 {
		t.Fatalf("walked %d files: %v", seen, err)
	}
}

func checkImports(t *testing.T, root fs.FS, name string) {
	t.Helper()
	src, err := fs.ReadFile(root, name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	pkg := path.Dir(name)
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if ours, ok := strings.CutPrefix(imported, module); ok && !allowed(pkg, ours) {
			t.Errorf("%s imports %s: not in the table", name, ours)
		}
		for wall, packages := range walled {
			if strings.HasPrefix(imported, wall) && !slices.ContainsFunc(packages, func(p string) bool { return p == pkg || strings.HasPrefix(pkg, p+"/internal") }) {
				t.Errorf("%s imports %s: only %v may", name, imported, packages)
			}
		}
	}
}

// allowed: the table, a package's own internals, and the command, which may
// import everything.
func allowed(pkg, imported string) bool {
	if strings.HasPrefix(pkg, "cmd/") {
		return true
	}
	top, _, internal := strings.Cut(pkg, "/internal")
	if internal || strings.Contains(imported, "/internal") {
		if strings.HasPrefix(imported, top+"/internal") {
			return true
		}
	}
	return slices.Contains(mayImport[top], imported)
}

// TestNoOtherTopFolders: a new one needs a decision (docs/adr).
func TestNoOtherTopFolders(t *testing.T) {
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"cmd", "fhir", "medmij", "store", "aggregator", "share", "web", "testdata", "docs", "bench", "bin"}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(known, e.Name()) {
			t.Errorf("folder %s is not in the layout", e.Name())
		}
	}
}
