package web

import (
	"net/http"
	"testing"

	"github.com/bundel-pgo/bundel/share"
)

// TestPaperIsMadeReadyByItsButton: looking writes nothing, what is closed is not on
// it, and without a line there is no paper.
func TestPaperIsMadeReadyByItsButton(t *testing.T) {
	c := newClient(t).unlock()
	givenUnseen(c.desk)
	path := "/d/kijk/" + hospitalKey
	mustSay(t, bodyOf(t, c.do("GET", path, "")), "Zet klaar om af te drukken", `action="`+path+`"`)
	if len(c.desk.shown) != 0 {
		t.Error("looking made it ready")
	}
	page := bodyOf(t, c.do("POST", path, ""))
	mustSay(t, page, "data-print hidden", "In uw logboek staat dat u dit hebt klaargezet.", "Metoprolol", "Anna")
	mustNotSay(t, page, "Simvastatine", `class="seal`, "nog dicht")
	if len(c.desk.shown) != 1 || c.desk.shown[0] != storyHospital {
		t.Errorf("made ready: %q", c.desk.shown)
	}
	nothing := "/d/kijk/" + sourceKey(storyPharmacy)
	mustNotSay(t, bodyOf(t, c.do("GET", nothing, "")), "Zet klaar")
	if res := c.do("POST", nothing, ""); res.Header.Get("Location") != nothing {
		t.Error("a paper of nothing", res.Status)
	}
	if res := c.do("POST", "/d/kijk/nobody", ""); res.StatusCode != http.StatusNotFound {
		t.Error("for nobody", res.Status)
	}
	c.desk.refusal = &share.BrokenError{Line: 6}
	if res := c.do("POST", path, ""); res.StatusCode != http.StatusConflict {
		t.Error("without its line", res.Status)
	}
}

// TestTheLogDoesNotSayThatItWasPrinted: nobody knows that.
func TestTheLogDoesNotSayThatItWasPrinted(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.ledger = share.Ledger{{Number: 1, At: storyNow, Act: share.ActExport, How: "print", To: storyHospital, Name: "Streekziekenhuis"}}
	page := bodyOf(t, c.do("GET", logPath, ""))
	mustSay(t, page, "Klaargezet om af te drukken", "op papier")
	mustNotSay(t, page, "Bewaard om te geven")
}
