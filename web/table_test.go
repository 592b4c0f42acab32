package web

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/share"
)

// TestTheSharingLogAsAFile: what the page says, of all or of the one asked for, and
// a ledger that does not hold says so in the file too.
func TestTheSharingLogAsAFile(t *testing.T) {
	read := func(c *client, path string) [][]string {
		t.Helper()
		res := c.do("GET", path, "")
		if got := res.Header.Get("Content-Disposition"); res.StatusCode != http.StatusOK || got != `attachment; filename="bundel-delen.csv"` {
			t.Fatalf("%s: %s, %q", path, res.Status, got)
		}
		table := csv.NewReader(strings.NewReader(strings.TrimPrefix(bodyOf(t, res), "\ufeff")))
		table.Comma, table.FieldsPerRecord = ';', -1
		rows, err := table.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	c := newClient(t).unlock()
	all, one := read(c, logPath+"/bestand"), read(c, logPath+"/bestand?wie="+sourceKey(storyPerson))
	if len(all) < 3 || len(one) >= len(all) || len(one) < 2 {
		t.Fatalf("%d rows of all, %d of one", len(all), len(one))
	}
	if got := strings.Join(all[0], ","); got != "Moment,Met wie,Wat er gebeurde,Waarover,Hoe,Tot,Uitkomst,Lezer" {
		t.Error(got)
	}
	for _, row := range one[1:] {
		if row[1] != one[1][1] || row[2] == "" {
			t.Errorf("a row of another: %q", row)
		}
	}
	c.desk.ledger[0].Name = "=cmd|' /C calc'!A0"
	if last := read(c, logPath+"/bestand"); !strings.HasPrefix(last[len(last)-1][1], "'=cmd") {
		t.Errorf("the oldest line: %q", last[len(last)-1])
	}
	c.desk.broken = &share.BrokenError{Line: 6}
	last := read(c, logPath+"/bestand")
	if got := last[len(last)-1][0]; got != "Dit logboek klopt niet vanaf regel 6." {
		t.Errorf("the last row: %q", got)
	}
}

// TestTheTwoLogsAreToldApart, and each leads to the other.
func TestTheTwoLogsAreToldApart(t *testing.T) {
	mustSay(t, pageAfter(t, "/logboek", nil), "<h1>Logboek van gebruik</h1>", `href="`+logPath+`">Logboek van delen`)
	mustSay(t, pageAfter(t, logPath, nil), "<h1>Logboek van delen</h1>", `href="/logboek">Logboek van gebruik`, `href="`+logPath+`/bestand"`)
	mustSay(t, pageAfter(t, logPath+"?wie="+sourceKey(storyPerson), nil), `href="`+logPath+`/bestand?wie=`+sourceKey(storyPerson)+`"`)
	mustNotSay(t, pageAfter(t, logPath, func(d *storyDesk) { d.ledger = nil }), logPath+"/bestand")
}

// TestWhereTheDataAreIsFoundAmongTheSettings, and the copy is made there, not on
// a command line.
func TestWhereTheDataAreIsFoundAmongTheSettings(t *testing.T) {
	mustSay(t, pageAfter(t, settingsHome, nil), `href="/hulp/waar">Waar staan mijn gegevens?`)
	text := pageAfter(t, "/hulp/waar", nil)
	mustSay(t, text, `href="/instellingen/kopie">Maak een reservekopie`)
	mustNotSay(t, text, "bundel backup", "bundel log")
}
