package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/share"
)

// TestAShareCanHaveALastDay: the day counts, what is shared already keeps its own
// end, and what comes later of a subject ends with it.
func TestAShareCanHaveALastDay(t *testing.T) {
	end := time.Date(2025, 6, 30, 22, 0, 0, 0, time.UTC)
	hospital := share.Recipient{ID: storyHospital, Name: "Streekziekenhuis"}
	for _, tc := range []struct {
		name, wil, more string
		want            Wish
		asked           bool
	}{
		{"a subject", "s:allergy:" + hospitalKey + ":ja", "", Wish{To: hospital, Subject: "allergy", Permit: true, Until: end}, true},
		{"with what comes later", "s:allergy:" + hospitalKey + ":ja", "n:allergy:" + hospitalKey + ":ja", Wish{To: hospital, Subject: "allergy", Permit: true, Later: true, Until: end}, true},
		{"not with what comes later", "s:allergy:" + hospitalKey + ":ja", "n:allergy:" + hospitalKey + ":nee", Wish{To: hospital, Subject: "allergy", Permit: true, Until: end}, true},
		{"an item", "i:" + storyKey("bp-2") + ":" + sourceKey(storyGP) + ":ja", "", Wish{To: share.Recipient{ID: storyGP, Name: "Huisarts De Linde"}, Item: storyID("vital", "bp-2"), Permit: true, Until: end}, true},
		{"only what comes later", "n:medication:" + hospitalKey + ":ja", "", Wish{To: hospital, Subject: "medication", Permit: true, Later: true}, false},
		{"an item of what is shared", "i:" + storyKey("simvastatine") + ":" + hospitalKey + ":ja", "", Wish{To: hospital, Item: storyID("medication", "simvastatine"), Permit: true}, false},
		{"nothing any more", "s:medication:" + hospitalKey + ":nee", "", Wish{To: hospital, Subject: "medication"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			page := bodyOf(t, c.do("POST", "/d", form("wil", tc.wil)))
			if got := strings.Contains(page, `name="tot"`); got != tc.asked {
				t.Errorf("asks until when: %v", got)
			}
			body := savedFrom(t, page) + "&" + form("tot", "2025-06-30")
			if tc.more != "" {
				body += "&" + form("wil", tc.more)
			}
			if res := c.do("POST", "/d/bewaar", body); res.StatusCode != http.StatusSeeOther {
				t.Fatal(res.Status)
			}
			if diff := cmp.Diff([]Wish{tc.want}, c.desk.wishes, cmp.Transformer("utc", time.Time.UTC)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestADayThatIsOverSharesNothing and comes back as it was typed; today is not over.
func TestADayThatIsOverSharesNothing(t *testing.T) {
	person := []string{"naam", "Els", "soort", "familie", "wil", "s:lab:nieuw:ja"}
	today := storyNow.Format(time.DateOnly)
	for day, wrong := range map[string]bool{"2025-05-19": true, "morgen": true, "2025-02-31": true, today: false, "2026-01-01": false, "": false} {
		c := newClient(t).unlock()
		first := bodyOf(t, c.do("POST", "/d/nieuw", form(append(person, "tot", day)...)))
		mustSay(t, first, `name="tot" value="`+day+`"`)
		seen := seenIn(t, bodyOf(t, c.do("POST", "/d/nieuw", form(person...))))
		res := c.do("POST", "/d/bewaar", form(append(person, "tot", day, "gezien", seen)...))
		if !wrong {
			mustNotSay(t, first, "Kies vandaag")
			if res.Header.Get("Location") != "/d?ok" || len(c.desk.wishes) != 1 || c.desk.wishes[0].Until.IsZero() != (day == "") {
				t.Errorf("%q: %s, %+v", day, res.Status, c.desk.wishes)
			}
			continue
		}
		for _, page := range []string{first, bodyOf(t, res)} {
			mustSay(t, page, "Kies vandaag of een dag die nog komt.", `name="tot" value="`+day+`"`)
		}
		if len(c.desk.wishes) != 0 {
			t.Errorf("%q is stored", day)
		}
	}
}
