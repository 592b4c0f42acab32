package web

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
)

// sinceDesk keeps since when it was asked.
type sinceDesk struct {
	*storyDesk
	asked time.Time
}

func (d *sinceDesk) Changes(ctx context.Context, since time.Time, lang string) ([]aggregator.Change, error) {
	d.asked = since
	return d.storyDesk.Changes(ctx, since, lang)
}

// TestADayOfTheirOwnChoice: the page tells since the beginning of the day that the
// person chose, and says what is wrong with any other, keeping what was typed.
func TestADayOfTheirOwnChoice(t *testing.T) {
	visited := storyNow.AddDate(0, 0, -6)
	for _, tc := range []struct {
		query, want, keeps string
		since              time.Time
	}{
		{"?dag=2025-05-01", "1 mei 2025", `value="2025-05-01"`, time.Date(2025, 4, 30, 22, 0, 0, 0, time.UTC)},
		{"?dag=2025-01-10", "10 januari 2025", `value="2025-01-10"`, time.Date(2025, 1, 9, 23, 0, 0, 0, time.UTC)},
		{"?dag=2025-05-20", "", `value="2025-05-20"`, time.Date(2025, 5, 19, 22, 0, 0, 0, time.UTC)},
		{"?dag=2025-05-21", "Kies een dag die al geweest is.", `value="2025-05-21"`, visited},
		{"?dag=", "Kies een dag, met dag, maand en jaar.", `value=""`, visited},
		{"?dag=1+mei", "Kies een dag, met dag, maand en jaar.", `value="1 mei"`, visited},
		{"?dag=2025-02-30", "Kies een dag, met dag, maand en jaar.", `value="2025-02-30"`, visited},
		{"?dag=0001-01-01", "Kies een dag, met dag, maand en jaar.", `value="0001-01-01"`, visited},
		{"", "Sinds welke dag?", `max="2025-05-20"`, visited},
	} {
		t.Run(tc.query, func(t *testing.T) {
			c := newClient(t).unlock()
			desk := &sinceDesk{storyDesk: c.desk}
			c.s.Desk = desk
			res := c.do("GET", "/w"+tc.query, "")
			text := bodyOf(t, res)
			if res.StatusCode != http.StatusOK || !desk.asked.Equal(tc.since) {
				t.Errorf("%s, since %v, want %v", res.Status, desk.asked, tc.since)
			}
			mustSay(t, text, tc.want, tc.keeps, `href="/w/week"`)
		})
	}
}

// TestTheNextPageKeepsTheDay that was chosen.
func TestTheNextPageKeepsTheDay(t *testing.T) {
	text := pageAfter(t, "/w?dag=2025-05-01", func(d *storyDesk) {
		for len(d.changes) < 1000 {
			d.changes = append(d.changes, d.changes...)
		}
	})
	mustSay(t, text, "&amp;dag=2025-05-01")
	text = pageAfter(t, "/w?dag=2026-05-01", func(d *storyDesk) {
		for len(d.changes) < 1000 {
			d.changes = append(d.changes, d.changes...)
		}
	})
	mustNotSay(t, text, "&amp;dag=")
}
