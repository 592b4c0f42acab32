package aggregator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fieldNames finds in the source every name that a field is given: the first
// argument of each call of field.
func fieldNames(t *testing.T) []string {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	set := token.NewFileSet()
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(set, f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "field" {
				name, ok := call.Args[0].(*ast.BasicLit)
				if !ok {
					t.Errorf("%s gives a field a name that is not written there", set.Position(call.Pos()))
					return true
				}
				text, _ := strconv.Unquote(name.Value)
				names = append(names, text)
			}
			return true
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestEveryFieldHasANameInWords: a page prints the name of a field before its
// value, so none may be a word of the code.
func TestEveryFieldHasANameInWords(t *testing.T) {
	names := fieldNames(t)
	if !slices.Contains(names, "systolic") || !slices.Contains(names, "last-section") || len(names) < 25 {
		t.Fatalf("only these names were found: %v", names)
	}
	for _, name := range names {
		if dutch().fields[name] == "" || english().fields[name] == "" {
			t.Errorf("%s has no words in a language", name)
		}
	}
}

func TestFieldsOfAJoinedLineHaveTheSameName(t *testing.T) {
	for _, tc := range []struct{ field, lang, want string }{
		{"dose+", "nl", "dosering"},
		{"dose++", "en", "dose"},
		{"systolic", "nl", "bovendruk"},
	} {
		if got := FieldName(tc.field, tc.lang); got != tc.want {
			t.Errorf("%s in %s is %q", tc.field, tc.lang, got)
		}
	}
}
