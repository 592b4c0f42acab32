package web

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

func TestDifferMarksOnlyWhatDiffers(t *testing.T) {
	for _, tc := range []struct {
		name  string
		texts []string
		want  [][]string // the marked spans of each
	}{
		{"a number takes its unit along", []string{"1 keer per dag 1 tablet van 100 mg", "1 keer per dag 1 tablet van 50 mg"}, [][]string{{"100" + nbsp + "mg"}, {"50" + nbsp + "mg"}}},
		{"another order, other capitals and what ends a clause are no difference", []string{"Naam tablet 12,5MG: 1 keer", "naam 12,5mg tablet, 1 keer"}, [][]string{nil, nil}},
		{"what ends a clause is not marked", []string{"naam 50MG: 1 keer per dag", "naam 100MG: 1 keer per dag."}, [][]string{{"50MG"}, {"100MG"}}},
		{"equal texts have nothing to mark", []string{"1 tablet", "1 tablet"}, [][]string{nil, nil}},
		{"one text has nothing to mark", []string{"1 tablet"}, [][]string{nil}},
		{"texts that differ as a whole are not marked", []string{"zo nodig een pil erbij", "2 keer per dag"}, [][]string{nil, nil}},
		{"of three, what is not in all", []string{"neem 1 tablet per dag", "neem 2 tablet per dag", "neem 1 tablet per dag"}, [][]string{{"1" + nbsp + "tablet"}, {"2" + nbsp + "tablet"}, {"1" + nbsp + "tablet"}}},
	} {
		var got [][]string
		for _, spans := range differ(tc.texts) {
			var marked []string
			for _, s := range spans {
				if s.Marked {
					marked = append(marked, s.Text)
				}
			}
			got = append(got, marked)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestDifferKeepsEveryWord: marking never changes what a source says.
func TestDifferKeepsEveryWord(t *testing.T) {
	word := rapid.SampledFrom([]string{"1", "2", "50", "mg", "tablet", "per", "dag", "12,5", "50:", "dag.", ":"})
	rapid.Check(t, func(t *rapid.T) {
		var texts []string
		for range rapid.IntRange(1, 4).Draw(t, "n") {
			texts = append(texts, strings.Join(rapid.SliceOf(word).Draw(t, "words"), " "))
		}
		for i, spans := range differ(texts) {
			var out strings.Builder
			for _, s := range spans {
				out.WriteString(s.Text)
			}
			if got := strings.ReplaceAll(out.String(), nbsp, " "); got != texts[i] {
				t.Fatalf("%q became %q", texts[i], got)
			}
		}
	})
}

// TestSoften: a hyphen shows only at the end of a line; the name stays the name.
func TestSoften(t *testing.T) {
	for name, want := range map[string]string{
		"Huisartsenpraktijk De Linde": "Huisartsen|praktijk De Linde", "Streekziekenhuis": "Streek|ziekenhuis", "Gezondheidscentrum": "Gezondheids|centrum",
		"Stadsapotheek Zuid": "Stads|apotheek Zuid", "Praktijk Noord": "Praktijk Noord", "Apotheek De Zon": "Apotheek De Zon", "": "",
	} {
		if got := strings.ReplaceAll(soften(name), "\u00ad", "|"); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestEntriesAreRead(t *testing.T) {
	v := &view{words: wordsIn("nl"), now: storyNow}
	at := time.Date(2025, 5, 20, 9, 0, 0, 0, fhir.Amsterdam())
	for _, tc := range []struct {
		name string
		form formPage
		want Entry
		bad  []string
	}{
		{"a comma becomes a point, digits stay", formPage{Kind: Weight, Numeric: true, Value: "81,40", Day: "2025-05-20", Time: "09:00"}, Entry{Kind: Weight, Value: "81.40", At: at}, nil},
		{"two pressures", formPage{Kind: BloodPressure, Numeric: true, Value: "128", Second: "82", Day: "2025-05-20", Time: "09:00"}, Entry{Kind: BloodPressure, Value: "128/82", At: at}, nil},
		{"a medicine", formPage{Kind: OwnMedicine, Value: "Paracetamol 500 mg", Detail: "zo nodig", Day: "2025-05-20", Time: "09:00"}, Entry{Kind: OwnMedicine, Value: "Paracetamol 500 mg", Detail: "zo nodig", At: at}, nil},
		{"words for a number", formPage{Kind: Weight, Numeric: true, Value: "zwaar", Day: "2025-05-20", Time: "09:00"}, Entry{}, []string{"waarde"}},
		{"a power of ten", formPage{Kind: Weight, Numeric: true, Value: "1e9", Day: "2025-05-20", Time: "09:00"}, Entry{}, []string{"waarde"}},
		{"nothing", formPage{Kind: BloodPressure, Numeric: true, Day: "vandaag"}, Entry{}, []string{"waarde", "tweede", "dag"}},
	} {
		got, wrongs := v.readEntry(&tc.form)
		var fields []string
		for _, w := range wrongs {
			fields = append(fields, w.Field)
		}
		if diff := cmp.Diff(tc.bad, fields); diff != "" {
			t.Errorf("%s: wrong fields (-want +got):\n%s", tc.name, diff)
		}
		if tc.bad == nil && (got.Value != tc.want.Value || got.Kind != tc.want.Kind || got.Detail != tc.want.Detail || !got.At.Equal(tc.want.At)) {
			t.Errorf("%s: %q %q at %v", tc.name, got.Value, got.Detail, got.At)
		}
	}
}

func TestEntriesDoNotShowThemselves(t *testing.T) {
	e := Entry{Kind: Weight, Value: "81.4"}
	for _, got := range []string{e.String(), e.LogValue().String(), fmt.Sprint(e), fmt.Sprintf("%+v %#v", e, &e)} {
		if strings.Contains(got, "81") {
			t.Errorf("shows %q", got)
		}
	}
}

func TestLettersAreOnlyGivenToKeep(t *testing.T) {
	c := newClient(t).unlock()
	res := c.do("GET", "/b/"+storyKey("letter-1")+"/0", "")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/pdf" || res.Header.Get("Content-Disposition") != `attachment; filename="bundel-1.pdf"` {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	for _, path := range []string{"/9", "/-1", "/x"} {
		if res := c.do("GET", "/b/"+storyKey("letter-1")+path, ""); res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	for data, want := range map[string]string{
		"%PDF-1.7": "application/pdf", "\x89PNG\r\n\x1a\n": "image/png", "\xff\xd8\xff\xe0": "image/jpeg",
		"<html>": "application/octet-stream", "<svg>": "application/octet-stream", "": "application/octet-stream",
	} {
		if got, _ := sniff([]byte(data)); got != want {
			t.Errorf("%q is %s", data, got)
		}
	}
}

func TestTextFromASourceIsOnlyText(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.o.Items[2].Title = `<script>alert(1)</script><img src=x onerror=alert(1)>`
	c.desk.o.Items[2].Detail = "a\u202eb\x00c"
	body, _ := io.ReadAll(c.do("GET", "/m", "").Body)
	if strings.Contains(string(body), "<script>alert") || strings.Contains(string(body), "<img") {
		t.Error("a title became markup")
	}
	if !strings.Contains(string(body), "a⟲bc") {
		t.Error("a turned text is not made visible")
	}
}

func FuzzClean(f *testing.F) {
	f.Add("Metoprolol\u202e\x00")
	f.Add(strings.Repeat("a", 400))
	f.Fuzz(func(t *testing.T, text string) {
		got := brief(text)
		for _, r := range got {
			if turnsDirection(r) || r != '\n' && r != '\t' && unicode.Is(unicode.Cc, r) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		if n := len([]rune(got)); n > longest+2 {
			t.Fatalf("%d characters", n)
		}
		if clean(clean(text)) != clean(text) {
			t.Fatal("cleaning again changes it")
		}
	})
}

func FuzzDecimal(f *testing.F) {
	f.Add("81,4")
	f.Add("1e999999")
	f.Fuzz(func(t *testing.T, text string) {
		if value, ok := decimal(text); ok {
			if strings.Trim(value, "0123456789.") != "" || len(value) > 12 {
				t.Fatalf("%q was read as %q", text, value)
			}
		}
	})
}

func TestTagsTellSourcesApart(t *testing.T) {
	o := &aggregator.Overview{}
	for source, name := range map[string]string{"a": "Huisarts De Linde", "b": "Huisarts Jansen", "c": "Apotheek Zuid", "d": "Zorggroep Noord"} {
		o.Sources = append(o.Sources, aggregator.SourceStatus{Source: source, Provider: name})
	}
	v := &view{words: wordsIn("nl"), o: o}
	got := map[string]string{}
	for _, source := range []string{"a", "b", "c", "d", fhir.Self} {
		got[source] = v.tag(source)
	}
	want := map[string]string{"a": "HL", "b": "HJ", "c": "A", "d": "ZN", fhir.Self: "Z"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAGroupIsNeverShownInPart: a medicine that one source stopped and another
// did not stands whole in both lists.
func TestAGroupIsNeverShownInPart(t *testing.T) {
	o := storyOverview()
	o.Items[1].Section = aggregator.Recent
	v := &view{words: wordsIn("nl"), o: o, now: storyNow}
	for _, section := range []aggregator.Section{aggregator.Current, aggregator.Recent} {
		for _, b := range v.bundles(o.Subject("medication"), in(section)) {
			if b.title == "Metoprolol" && len(b.items) != 2 {
				t.Errorf("%s shows %d of 2", section, len(b.items))
			}
		}
	}
	row := v.medicineRow(v.bundles(o.Subject("medication"), in(aggregator.Current))[0])
	if len(row.Lines) != 2 {
		t.Fatalf("%d lines for two medicines", len(row.Lines))
	}
	if text := row.Lines[1].Spans[len(row.Lines[1].Spans)-1].Text; !strings.Contains(text, "(kort geleden gestopt)") {
		t.Errorf("the stopped one does not say so: %q", text)
	}
}
