package web

import (
	"slices"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/aggregator"
)

func TestTheTimelineTellsEverythingWithADate(t *testing.T) {
	c := newClient(t).unlock()
	v := &view{words: wordsIn("nl"), s: c.s, o: c.desk.o, now: storyNow}
	dated := 0
	for _, item := range c.desk.o.Items {
		if !whenOf(item).IsZero() && !isClosed(item) && item.Subject != "person" && item.Subject != "provider" {
			dated++
		}
	}
	all := v.dated()
	if len(all) != dated || dated == 0 {
		t.Errorf("%d things, of %d with a date", len(all), dated)
	}
	if !slices.IsSortedFunc(all, func(a, b aggregator.Item) int { return whenOf(b).Compare(whenOf(a)) }) {
		t.Error("they do not stand in order")
	}
	page := bodyOf(t, c.do("GET", timelinePath, ""))
	mustSay(t, page, "Tijdlijn", "dingen, op volgorde van datum.", "mei 2025", "Brief cardiologie", "Brieven · 8 mei 2025")
	if may, december := strings.Index(page, "mei&nbsp;2025"), strings.Index(page, "december"); may > december && december > 0 {
		t.Error("what is older stands first")
	}
	mustSay(t, bodyOf(t, c.do("GET", "/", "")), "Tijdlijn")
}

// TestNothingClosedIsOnTheTimeline: neither its name nor the moment at which it was.
func TestNothingClosedIsOnTheTimeline(t *testing.T) {
	c := newClient(t).unlock()
	closed(c.desk)
	v := &view{words: wordsIn("nl"), s: c.s, o: c.desk.o, now: storyNow}
	if slices.ContainsFunc(v.dated(), isClosed) {
		t.Error("something closed is among them")
	}
	page := bodyOf(t, c.do("GET", timelinePath, ""))
	mustSay(t, page, "nieuw", "Kiezen")
	for _, item := range c.desk.o.Items {
		if isClosed(item) && item.Name() != "" && strings.Contains(page, item.Name()) {
			t.Error("the name of something closed is on the page")
		}
	}
}

func TestATimelineOfOneYear(t *testing.T) {
	c := newClient(t).unlock()
	page := bodyOf(t, c.do("GET", timelinePath+"?jaar=2024", ""))
	mustSay(t, page, "december 2024", "U ziet niet alles", "Toon alles")
	mustNotSay(t, page, "mei 2025")
	if options := optionsOf(page, "jaar"); options["2024"] != "2024" || options["Alle jaren"] != "" {
		t.Errorf("offered: %v", options)
	}
}

func TestATimelineWithoutDates(t *testing.T) {
	c := newClient(t).unlock()
	empty(c.desk)
	mustSay(t, bodyOf(t, c.do("GET", timelinePath, "")), "0 dingen, op volgorde van datum.", "Bekijk wat ontbreekt")
}

func TestADateAsPreciselyAsItIsKnown(t *testing.T) {
	v := &view{words: wordsIn("nl")}
	for when, want := range map[string]string{"2025-05-12": "mei" + nbsp + "2025", "2025-05": "mei" + nbsp + "2025", "2025": "2025", "": "Zonder datum"} {
		if got := v.monthOf(whenOf(aggregator.Item{When: when})); got != want {
			t.Errorf("%q is in %q, want %q", when, got, want)
		}
	}
}
