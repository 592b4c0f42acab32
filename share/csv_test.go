package share

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

func tableOf(t *testing.T, e Extract) (string, [][]string) {
	t.Helper()
	var b bytes.Buffer
	if err := e.CSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), byteOrderMark))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), rows
}

// TestTableOfTheDemonstrationPerson reads the table back: all her lines, with
// the digits and the codes as delivered.
func TestTableOfTheDemonstrationPerson(t *testing.T) {
	records := annaRecords(t)
	o := merged(t, records, "nl")
	raw, rows := tableOf(t, readied(t, Own(o), records, "nl"))
	if !strings.HasPrefix(raw, "\xEF\xBB\xBFOnderwerp,Stand,") || strings.Count(raw, "\r\n") < len(rows) {
		t.Errorf("it begins with %q", raw[:40])
	}
	open := 0
	for _, i := range o.Items {
		if i.Section != aggregator.Gated && i.Section != aggregator.History {
			open++
		}
	}
	if len(rows)-1 < open {
		t.Errorf("%d rows for %d lines", len(rows)-1, open)
	}
	own := slices.IndexFunc(rows, func(r []string) bool { return r[2] == "Gewicht" && r[10] == "ja" })
	if own < 0 || rows[own][4] != "81.40" || rows[own][5] != "kg" || rows[own][9] != "Zelf toegevoegd" || rows[own][11] != "http://loinc.org|29463-7" {
		t.Errorf("own weight: %q", rows[max(own, 0)])
	}
	for _, r := range rows {
		if len(r) != len(csvColumns["nl"]) {
			t.Errorf("%d cells", len(r))
		}
	}
	if _, rows := tableOf(t, readied(t, Own(merged(t, records, "en")), records, "en")); rows[0][2] != "What" || rows[1][0] != "Medicine" {
		t.Errorf("in English: %q", rows[:2])
	}
}

func TestCellsThatASpreadsheetWouldRun(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "81.40": "81.40", "-3.5": "-3.5", "+5": "+5", "<5": "<5", "=1+1": "'=1+1", "=HYPERLINK(\"x\")": "'=HYPERLINK(\"x\")", "+31 6": "'+31 6",
		"-": "'-", "@SUM(A1)": "'@SUM(A1)", "-2+3": "'-2+3", "\t=1": "'\t=1", "＝1+1": "'＝1+1", "|calc": "'|calc", "gewoon = tekst": "gewoon = tekst",
	} {
		if got := HarmlessCell(cell); got != want {
			t.Errorf("%q becomes %q", cell, got)
		}
	}
}

// TestNoCellIsAFormula: whatever a source wrote, the table reads back as one
// row per voice, and no cell begins as a formula does.
func TestNoCellIsAFormula(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words := rapid.StringOf(rapid.RuneFrom([]rune("=+-@\t\r\n\",;'|% a1.＝\x00"))).Draw(rt, "words")
		item := aggregator.Item{
			ID: "note:a", Subject: "note", Section: aggregator.Found, Title: words, Detail: words, When: words,
			Conflicts: []aggregator.Conflict{{Code: "C-CODE", Text: words}}, Parts: []aggregator.Part{{Source: words, Role: aggregator.RoleRecord}},
		}
		var b bytes.Buffer
		if err := Own(&aggregator.Overview{Items: []aggregator.Item{item}}).CSV(&b); err != nil {
			rt.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), byteOrderMark))).ReadAll()
		if err != nil || len(rows) != 2 {
			rt.Fatal(err, len(rows))
		}
		for _, cell := range rows[1] {
			if _, number := fhir.ParseDecimal(cell); cell != "" && strings.ContainsRune("=+-@\t\r＝", []rune(cell)[0]) && !number {
				rt.Errorf("cell %q", cell)
			}
		}
	})
}

// full is a disk that has no room after a few bytes.
type full struct{ room int }

var errNoRoom = errors.New("no room")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errNoRoom
	}
	return len(p), nil
}

func TestATableThatCannotBeWritten(t *testing.T) {
	records := annaRecords(t)
	e := readied(t, Own(merged(t, records, "nl")), records, "nl")
	for _, room := range []int{0, 10, 5000} {
		if err := e.CSV(&full{room}); !errors.Is(err, errNoRoom) {
			t.Errorf("room for %d: %v", room, err)
		}
	}
}
