package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// sendParts posts a form with a file.
func (c *client) sendParts(path, form string) *http.Response {
	return c.do("POST", path, form, func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary="+storyParts) })
}

func TestAFileIsReadInAsTheFormSays(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.imported.in = ReadIn{New: 12, Changed: 1, Same: 3, Unread: 2, Masked: 1}
	page := bodyOf(t, c.sendParts(importPath, parts(`{"resourceType":"Patient"}`, "naam", " Ziekenhuis Zuid ", "soort", "hospital", "versie", "stu3")))
	mustSay(t, page, "13 gegevens zijn nieuw of veranderd.", "2 stukken konden wij niet lezen. De rest is bewaard.", "3 gegevens had u al.", "Dat hebben wij weggelaten.", "Bekijk uw overzicht")
	if diff := cmp.Diff(RecordFile{Name: "Ziekenhuis Zuid", Kind: "hospital", Version: fhir.STU3}, c.desk.imported.file); diff != "" || c.desk.imported.size != 26 {
		t.Errorf("read in as (-want +got), %d bytes:\n%s", c.desk.imported.size, diff)
	}
	c.desk.imported.in = ReadIn{Same: 16}
	mustSay(t, bodyOf(t, c.sendParts(importPath, parts("{}", "naam", "Zuid", "soort", "gp", "versie", "r4"))), "U had alles uit dit bestand al.")
}

// TestAFileThatCannotBeReadIn: the form comes back with what was typed, says what
// has to be different, and nothing was read.
func TestAFileThatCannotBeReadIn(t *testing.T) {
	whole := []string{"naam", "Ziekenhuis Zuid", "soort", "hospital", "versie", "stu3"}
	for _, tc := range []struct {
		name, form string
		fault      error
		says       string
		reads      bool
	}{
		{"no name", parts("{}", "naam", "  ", "soort", "hospital", "versie", "stu3"), nil, "Vul dit in.", false},
		{"a name that is too long", parts("{}", "naam", strings.Repeat("x", 61), "soort", "hospital", "versie", "stu3"), nil, "60", false},
		{"no kind", parts("{}", "naam", "Ziekenhuis Zuid", "versie", "stu3"), nil, "Kies", false},
		{"no file", parts("", whole...), nil, "Dit bestand is leeg.", false},
		{"no parts", "naam=x", nil, "Vul dit in.", false},
		{"too large", parts(strings.Repeat("x", importBody), whole...), nil, "Hoogstens 64 MB past.", false},
		{"not FHIR", parts("hallo", whole...), &Refused{Reason: RefuseFile}, "Wij lezen niets in dit bestand.", true},
		{"a name with a colon", parts("{}", whole...), &Refused{Reason: RefuseName}, "Deze naam kan niet.", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			c.desk.imported.fault = tc.fault
			page := bodyOf(t, c.sendParts(importPath, tc.form))
			mustSay(t, page, tc.says, "Lees in")
			if read := c.desk.imported.size > 0; read != tc.reads {
				t.Errorf("read: %v", read)
			}
			if strings.Contains(tc.form, "hospital") && tc.name != "too large" && !strings.Contains(page, `value="hospital" checked`) {
				t.Error("the kind that was chosen is gone")
			}
		})
	}
}

func TestAVersionThatIsNotOffered(t *testing.T) {
	c := newClient(t).unlock()
	page := bodyOf(t, c.sendParts(importPath, parts("{}", "naam", "Zuid", "soort", "gp", "versie", "r9")))
	if mustSay(t, page, "Kies"); c.desk.imported.size > 0 {
		t.Error("it was read all the same")
	}
}

func TestReadingInCanFail(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.imported.fault = errors.New("the disk holds Ziekenhuis Zuid")
	res := c.sendParts(importPath, parts("{}", "naam", "Zuid", "soort", "gp", "versie", "r4"))
	if text := bodyOf(t, res); res.StatusCode != http.StatusInternalServerError || strings.Contains(text, "the disk") {
		t.Errorf("%s: %s", res.Status, text)
	}
}
