package medmij

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// schemaFiles are the published XML schemas by list.
func schemaFiles() map[string][]string {
	return map[string][]string{
		"Whitelist":                {"MedMij_Whitelist.xsd", "MedMij_Whitelist.dvp.xsd"},
		"Zorgaanbiederslijst":      {"MedMij_Zorgaanbiederslijst.xsd"},
		"OAuthclientlist":          {"MedMij_OAuthclientlist.xsd"},
		"Gegevensdienstnamenlijst": {"MedMij_Gegevensdienstnamenlijst.xsd"},
	}
}

// judge is xmllint with the published schemas in a folder of its own.
type judge struct {
	program, dir string
}

func newJudge(t *testing.T) judge {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not on this machine")
	}
	j := judge{program, t.TempDir()}
	for _, files := range schemaFiles() {
		for _, name := range files {
			if err := os.WriteFile(filepath.Join(j.dir, name), shared(t, "lists", name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return j
}

// validates asks xmllint about lists, all in one run. What it said is there for
// the error of a test.
func (j judge) validates(schema string, lists []string) (valid []bool, said string, err error) {
	args := []string{"--nonet", "--noout", "--schema", schema}
	for i, list := range lists {
		name := fmt.Sprintf("list%04d.xml", i)
		if err := os.WriteFile(filepath.Join(j.dir, name), []byte(list), 0o600); err != nil {
			return nil, "", err
		}
		args = append(args, name)
	}
	cmd := exec.Command(j.program, args...)
	cmd.Dir = j.dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, "", err
	}
	for i := range lists {
		valid = append(valid, strings.Contains(string(out), fmt.Sprintf("list%04d.xml validates\n", i)))
	}
	return valid, string(out), nil
}

// Every row of the tables means the same to xmllint, with every schema there is.
func TestLST_03_XmllintAgrees(t *testing.T) {
	j := newJudge(t)
	for list, schemas := range schemaFiles() {
		var rows []edit
		var raw []string
		var want []bool
		for right, table := range map[bool][]edit{false: wrongLists(), true: oddLists()} {
			for _, e := range table {
				if e.list == list {
					rows, raw, want = append(rows, e), append(raw, e.apply(t)), append(want, right)
				}
			}
		}
		for _, schema := range schemas {
			valid, said, err := j.validates(schema, raw)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range rows {
				if valid[i] != want[i] {
					t.Errorf("%s, %s: xmllint says valid: %v", schema, e.why, valid[i])
				}
			}
			if len(rows) == 0 {
				t.Errorf("%s: nothing to compare\n%s", list, said)
			}
		}
	}
}

func TestLST_03_XmllintAgreesOnThePublishedExamples(t *testing.T) {
	j := newJudge(t)
	for list, schemas := range schemaFiles() {
		example := string(shared(t, "lists", "MedMij_"+list+"_example.xml"))
		for _, schema := range schemas {
			valid, said, err := j.validates(schema, []string{example})
			if err != nil || !valid[0] {
				t.Errorf("%s: xmllint: %v, %s", schema, err, said)
			}
		}
		if err := readAny(list, example); err != nil {
			t.Errorf("%s: %v", list, err)
		}
	}
}

// What xmllint lets pass and this package does not, as [ReadWhitelist] says.
func TestDocumentedDifferencesFromXmllint(t *testing.T) {
	rows := []edit{
		{"a DOCTYPE", "Whitelist", "<Whitelist", "<!DOCTYPE x><Whitelist", ""},
		{"an entity of its own", "Whitelist", "<Whitelist", `<!DOCTYPE x [<!ENTITY a "481">]><Whitelist`, ""},
		{"XML 1.1", "Whitelist", `"1.0"`, `"1.1"`, ""},
		{"another encoding", "Whitelist", "UTF-8", "ISO-8859-1", ""},
		{"xsi:type of the very type", "Whitelist", "<Volgnummer>", "<Volgnummer" + xsiPrefix + ` xsi:type="Positiefnummer">`, ""},
		{"a large number", "Whitelist", "481", strings.Repeat("9", 19), ""},
		{"a far year", "Whitelist", "2026-", "1234567890-", ""},
		{"one attribute under two prefixes", "Whitelist", "<Whitelist", `<Whitelist xmlns:a="` + xsiSpace + `" xmlns:b="` + xsiSpace + `" a:schemaLocation="x" b:schemaLocation="x"`, ""},
		{"a prefix with a colon", "Whitelist", "<Whitelist", `<Whitelist xmlns:a:b="c"`, ""},
	}
	var raw []string
	for _, e := range rows {
		raw = append(raw, e.apply(t))
		var wrong *ListError
		if err := readAny(e.list, raw[len(raw)-1]); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", e.why, err)
		}
	}
	valid, said, err := newJudge(t).validates("MedMij_Whitelist.xsd", raw)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range rows {
		if !valid[i] {
			t.Errorf("%s: xmllint refuses it too\n%s", e.why, said)
		}
	}
}

// documented tells whether a list that xmllint accepts is one of those that
// are refused all the same.
func documented(list, said string) bool {
	return regexp.MustCompile(`<!DOCTYPE|:type=|version=["']1\.(?:[1-9]|0[0-9])|encoding=["'](?i:us-ascii|iso|latin)|[0-9]{19}|[0-9]{10}-`).MatchString(list) ||
		strings.Contains(said, "namespace error")
}

// mutations are pieces that break a list, or do not.
func mutations() []string {
	return []string{
		"<", ">", "&", "&lt;", "&#32;", "&#160;", "&#10;", "\"", "'", "/", ":", "-", "+", "0", "x", "Z", " ", "\n", "\t", "\r", "é", "٤", "\u00a0", "\u0085", "\ufeff", "\x00", "\x1f", "\xff",
		"]]>", "<![CDATA[", "<![CDATA[x]]>", "<![CDATA[]]>", "<!-- -->", "<!--", "-->", "--", "<?a b?>", "<?a", "?>", "<?xml version=\"1.0\"?>", "<!DOCTYPE x>",
		"<a/>", "<a>", "</a>", "<Volgnummer>", "</Volgnummer>", "<Hostname>a.example.nl</Hostname>", "<Gegevensdiensten/>", "<MedMijNodes/>", "<OAuthclients/>",
		" xmlns=\"\"", " xmlns:p=\"q\"", " a=\"b\"", xsiPrefix, " xsi:nil=\"true\"", " xsi:schemaLocation=\"a b\"", " xml:lang=\"nl\"",
		"https://", "http://", ":443", "//", "?a=b", "#a", "@", "%zz", "@medmij", ".0", "24:00:00", "+14:00", "-0001", "2026-02-30",
	}
}

// mutate puts in, takes out, doubles or swaps parts of a list. Parts are
// mostly whole tags or texts, so that much of what comes out is nearly right.
func mutate(t *rapid.T, list string) string {
	parts := regexp.MustCompile(`<[^>]*>|[^<]+`).FindAllString(list, -1)
	for range rapid.IntRange(1, 3).Draw(t, "changes") {
		i := rapid.IntRange(0, len(parts)-1).Draw(t, "at")
		j := rapid.IntRange(0, len(parts)-1).Draw(t, "and")
		piece := rapid.SampledFrom(mutations()).Draw(t, "piece")
		switch rapid.SampledFrom([]string{"put in", "put inside", "replace", "take out", "cut", "double", "swap", "copy"}).Draw(t, "how") {
		case "put in":
			parts[i] = piece + parts[i]
		case "put inside", "cut":
			at := rapid.IntRange(0, len(parts[i])).Draw(t, "inside")
			parts[i] = parts[i][:at] + piece + parts[i][at:]
		case "replace":
			parts[i] = piece
		case "take out":
			parts[i] = ""
		case "double":
			parts[i] += parts[i]
		case "swap":
			parts[i], parts[j] = parts[j], parts[i]
		case "copy":
			lo, hi := min(i, j), max(i, j)
			parts[hi] += strings.Join(parts[lo:min(hi, lo+6)], "")
		}
	}
	return strings.Join(parts, "")
}

func TestLST_03_XmllintAgreesOnMutants(t *testing.T) {
	j := newJudge(t)
	// The same mutants in every run, unless another number of them is asked:
	// what is new to find belongs to who looks for it.
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		seed := flag.Lookup("rapid.seed")
		was := seed.Value.String()
		if err := seed.Value.Set("20261122"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = seed.Value.Set(was) }()
	}
	for list, schemas := range schemaFiles() {
		t.Run(list, func(t *testing.T) {
			right, wrong := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				mutant := mutate(t, goodLists()[list])
				valid, said, err := j.validates(schemas[0], []string{mutant})
				if err != nil {
					t.Fatal(err)
				}
				ours := readAny(list, mutant)
				// xmllint stops reading at a zero byte and calls the rest white space.
				if (ours == nil) != valid[0] && !(valid[0] && (documented(mutant, said) || strings.Contains(mutant, "\x00"))) {
					t.Fatalf("xmllint says valid: %v, here: %v\n%s\n%s", valid[0], ours, said, mutant)
				}
				if valid[0] {
					right++
				} else {
					wrong++
				}
			})
			if right == 0 || wrong == 0 {
				t.Errorf("%d mutants are right and %d wrong: nothing to compare", right, wrong)
			}
		})
	}
}
