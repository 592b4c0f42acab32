package web

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tokens reads the colours of both schemes from the style sheet.
func tokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	light, dark = map[string]string{}, map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+):light-dark\((#[0-9a-f]{6}), ?(#[0-9a-f]{6})\)`).FindAllStringSubmatch(served("style.css"), -1) {
		light[m[1]], dark[m[1]] = m[2], m[3]
	}
	if len(light) != 15 {
		t.Errorf("%d colours, the design has 15", len(light))
	}
	return light, dark
}

// served is a file as the browser gets it.
func served(name string) string { return string(staticFiles()[name].data) }

// TestForcedColoursNameEveryToken: who forces colours gets them everywhere, and
// what is marked keeps its own.
func TestForcedColoursNameEveryToken(t *testing.T) {
	_, rest, _ := strings.Cut(served("style.css"), "@media (forced-colors:active){")
	forced, _, _ := strings.Cut(rest, "@media")
	want := map[string]string{
		"paper": "Canvas", "board": "Canvas", "range": "Canvas", "pen-wash": "Canvas", "pen-on": "Canvas",
		"ink": "CanvasText", "soft": "CanvasText", "rule": "CanvasText", "edge": "CanvasText", "lint": "CanvasText", "mark-line": "CanvasText", "stop": "CanvasText",
		"pen": "LinkText", "pen-deep": "LinkText", "mark": "Mark",
	}
	light, _ := tokens(t)
	for token := range light {
		if m := regexp.MustCompile(`--` + token + `: ?(\w+)`).FindStringSubmatch(forced); m == nil || m[1] != want[token] {
			t.Errorf("--%s is forced to %q, want %q", token, m, want[token])
		}
	}
	if !regexp.MustCompile(`mark ?\{ ?color: ?MarkText`).MatchString(forced) {
		t.Error("marked text does not get the colour for marked text")
	}
}

// contrast is the ratio of WCAG 2.2.
func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(hex string) float64 {
	part := func(i int) float64 {
		n, _ := strconv.ParseUint(hex[i:i+2], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(1) + 0.7152*part(3) + 0.0722*part(5)
}

// TestColoursCanBeRead recomputes the table of contrasts from the tokens.
func TestColoursCanBeRead(t *testing.T) {
	light, dark := tokens(t)
	for _, tc := range []struct {
		text, on    string
		light, dark float64
		need        float64
	}{
		{"ink", "paper", 17.79, 14.77, 4.5},
		{"ink", "board", 14.45, 16.40, 4.5},
		{"ink", "mark", 14.08, 7.79, 4.5},
		{"ink", "range", 13.73, 10.87, 4.5},
		{"ink", "pen-wash", 15.76, 12.91, 4.5},
		{"soft", "paper", 7.88, 8.36, 4.5},
		{"soft", "board", 6.40, 9.28, 4.5},
		{"soft", "range", 6.08, 6.15, 4.5},
		{"soft", "pen-wash", 6.98, 7.30, 4.5},
		{"pen", "paper", 8.56, 9.06, 4.5},
		{"pen", "board", 6.95, 10.06, 4.5},
		{"pen", "pen-wash", 7.58, 7.92, 4.5},
		{"pen-on", "pen", 8.56, 9.59, 4.5},
		{"pen-on", "pen-deep", 12.28, 12.29, 4.5},
		{"pen-deep", "paper", 12.28, 11.62, 4.5},
		{"stop", "paper", 6.84, 8.59, 4.5},
		{"stop", "board", 5.55, 9.54, 4.5},
		{"lint", "paper", 4.82, 6.30, 3},
		{"lint", "board", 3.92, 6.99, 3},
		{"edge", "paper", 4.78, 5.35, 3},
		{"edge", "board", 3.88, 5.94, 3},
		{"edge", "range", 3.69, 3.94, 3},
		{"mark-line", "paper", 4.92, 12.44, 3},
		{"rule", "paper", 1.51, 1.51, 0}, // these four stand never alone: always with a line, a word or a shape
		{"range", "paper", 1.30, 1.36, 0},
		{"mark", "paper", 1.26, 1.90, 0},
		{"board", "paper", 1.23, 1.11, 0},
	} {
		for _, scheme := range []struct {
			name   string
			colour map[string]string
			want   float64
		}{{"light", light, tc.light}, {"dark", dark, tc.dark}} {
			got := contrast(scheme.colour[tc.text], scheme.colour[tc.on])
			if got < tc.need {
				t.Errorf("%s: %s on %s is %.2f, needs %.1f", scheme.name, tc.text, tc.on, got, tc.need)
			}
			if math.Abs(got-scheme.want) > 0.011 {
				t.Errorf("%s: %s on %s is %.2f, the design says %.2f", scheme.name, tc.text, tc.on, got, scheme.want)
			}
		}
	}
}

func TestAssetsStayWithinTheirBudget(t *testing.T) {
	for name, most := range map[string]int{"style.css": 20_000, "print.css": 8_000, "script.js": 10_000} {
		if got := len(staticFiles()[name].data); got > most {
			t.Errorf("%s is %d bytes as served, more than %d", name, got, most)
		}
	}
}

// TestStyleSheetIsWhole checks that taking out the line ends broke nothing.
func TestStyleSheetIsWhole(t *testing.T) {
	css := string(staticFiles()["style.css"].data)
	if open, shut := strings.Count(css, "{"), strings.Count(css, "}"); open != shut {
		t.Errorf("%d braces opened, %d closed", open, shut)
	}
	for _, want := range []string{`"Segoe UI",Roboto`, "@layer tokens,base,frame,parts,pages,print;", "@media (forced-colors:active){", "@media print"} {
		if !strings.Contains(css, want) {
			t.Errorf("%q is gone", want)
		}
	}
	if strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the style sheet fetches something")
	}
}

// TestPagesUseOnlyKnownClasses finds markup that nothing styles.
func TestPagesUseOnlyKnownClasses(t *testing.T) {
	css := string(staticFiles()["style.css"].data) + string(staticFiles()["print.css"].data)
	unstyled := map[string]bool{
		"hatch-a": true, "wide": true, "narrow": true, "act": true, "acts": true, "skip": true,
		"how": true, "product": true, // columns that take the room that is left
	}
	for _, st := range stories() {
		_, doc := pageOf(t, "/nl/"+st.name)
		for n := range doc.Descendants() {
			classes, _ := attr(n, "class")
			for _, class := range strings.Fields(classes) {
				if !unstyled[class] && !regexp.MustCompile(`\.`+regexp.QuoteMeta(class)+`\b`).MatchString(css) {
					t.Errorf("%s: nothing styles class %q", st.name, class)
					unstyled[class] = true
				}
			}
		}
	}
}

func ExampleStorybook() {
	fmt.Println(len(stories()) > 50)
	// Output: true
}
