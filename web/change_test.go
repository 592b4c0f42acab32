package web

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var changeAt = regexp.MustCompile(`formaction="(/i/[a-z2-7]+/vraag/[a-z2-7]+)"`)

// TestADifferenceOffersWhoCanBeAsked: each provider in it that takes requests over
// MedMij has a button, and the letter is there for the others.
func TestADifferenceOffersWhoCanBeAsked(t *testing.T) {
	at := "/v/" + storyKey("metoprolol-u")
	for _, tc := range []struct {
		name   string
		takers []string
		asks   int
		letter bool
	}{
		{"nobody takes it", nil, 0, true},
		{"one takes it", []string{storyHospital}, 1, true},
		{"all take it", []string{storyHospital, storyGP, storyPharmacy}, 3, false},
		{"somebody else takes it", []string{"medmij:een-ander@medmij"}, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := pageAfter(t, at, func(d *storyDesk) { d.post.takesChange = tc.takers })
			if got := changeAt.FindAllString(text, -1); len(slices.Compact(got)) != tc.asks {
				t.Errorf("asks %d: %s", len(got), got)
			}
			if got := strings.Contains(text, "Vraag om een verandering"); got != tc.letter {
				t.Errorf("letter %v", got)
			}
		})
	}
}

// TestAChangeBeginsWithWhatThePersonSays: what they chose or wrote stands in it,
// what other providers say does not, and nothing is kept before they saw it.
func TestAChangeBeginsWithWhatThePersonSays(t *testing.T) {
	high, low := storyKey("metoprolol-u"), storyKey("metoprolol-h")
	path := "/i/" + high + "/vraag/" + sourceKey(storyHospital)
	for _, tc := range []struct {
		name, form string
		want, not  []string
	}{
		{"nothing chosen", form("wijzig", "1", "woorden", "alles wat iedereen zegt"), []string{"Bij u staat: "}, []string{"Volgens mij", "alles wat iedereen zegt"}},
		{"as at the other", form("wijzig", "1", "antwoord", low), []string{"Bij u staat: ", "Volgens mij is het: "}, []string{"Huisarts"}},
		{"as it is there", form("wijzig", "1", "antwoord", high), []string{"Bij u staat: "}, []string{"Volgens mij"}},
		{"in own words", form("wijzig", "1", "antwoord", sayOther, "zelf", "een halve, 's avonds"), []string{"Volgens mij is het: een halve, 's avonds."}, nil},
		{"words without a choice", form("wijzig", "1", "zelf", "een halve"), []string{"Volgens mij is het: een halve."}, nil},
		{"stopped", form("wijzig", "1", "antwoord", sayStop), []string{"Volgens mij is het: "}, nil},
		{"does not know", form("wijzig", "1", "antwoord", sayUnknown, "zelf", "x"), nil, []string{"Volgens mij"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			res := c.do("POST", path, tc.form)
			body := bodyOf(t, res)
			_, area, _ := strings.Cut(body, "<textarea")
			area, _, _ = strings.Cut(area, "</textarea>")
			area = html.UnescapeString(area)
			if res.StatusCode != http.StatusOK {
				t.Fatal(res.Status)
			}
			mustSay(t, area, tc.want...)
			mustNotSay(t, area, tc.not...)
			if c.desk.post.corrected != 0 {
				t.Error("it was kept before it was seen")
			}
		})
	}
}

// TestAChangeIsKeptOnceItWasSeen: the form of the words leads to the request.
func TestAChangeIsKeptOnceItWasSeen(t *testing.T) {
	c := newClient(t).unlock()
	path := "/i/" + storyKey("metoprolol-u") + "/vraag/" + sourceKey(storyHospital)
	body := bodyOf(t, c.do("POST", path, form("wijzig", "1", "zelf", "een halve")))
	mustNotSay(t, body, `name="wijzig"`)
	if res := c.do("POST", path, form("woorden", "Het is een halve.")); res.StatusCode != http.StatusSeeOther || c.desk.post.corrected != 1 {
		t.Errorf("%s, kept %d", res.Status, c.desk.post.corrected)
	}
}
