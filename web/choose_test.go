package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// choosing is a browser before the example in which things are closed.
func choosing(t *testing.T) *client {
	t.Helper()
	c := newClient(t).unlock()
	closed(c.desk)
	return c
}

// blad is a form for these closed results.
func blad(names []string, pairs ...string) string {
	for _, name := range names {
		pairs = append(pairs, "blad", storyKey(name))
	}
	return form(pairs...)
}

func ids(subject string, names ...string) []string {
	var out []string
	for _, name := range names {
		out = append(out, storyID(subject, name))
	}
	return out
}

// TestWhatIsStored: each answer is kept as a rule, for what was on the page and
// for nothing else, and the person comes back to where it shows.
func TestWhatIsStored(t *testing.T) {
	gate := func(w aggregator.Wait) aggregator.GateRule { return aggregator.GateRule{Wait: w} }
	until := aggregator.GateRule{Wait: aggregator.WaitUntil, Until: fhir.ParseDate("2025-05-21")}
	today := aggregator.GateRule{Wait: aggregator.WaitUntil, Until: fhir.ParseDate("2025-05-20")}
	week := aggregator.GateRule{Wait: aggregator.WaitDays, Days: 7}
	lasting := func(source, kind string, r aggregator.GateRule) storyWait {
		r.Source, r.Kind = source, kind
		return storyWait{nil, r}
	}
	one := ids("lab", "shut-1")
	for _, tc := range []struct {
		name, form string
		want       []storyWait
		to         string
	}{
		{"now", blad([]string{"shut-1"}, "wanneer", "nu"), []storyWait{{one, gate(aggregator.WaitNot)}}, "/u/" + storyKey("shut-1")},
		{"never", blad([]string{"shut-1"}, "wanneer", "nooit"), []storyWait{{one, gate(aggregator.WaitNever)}}, "/u?ok"},
		{"later", blad([]string{"shut-1"}, "wanneer", "later"), []storyWait{{one, gate(aggregator.WaitAsk)}}, "/u?ok"},
		{"a week", blad([]string{"shut-1"}, "wanneer", "7"), []storyWait{{one, week}}, "/u?ok"},
		{"the appointment", blad([]string{"shut-1"}, "wanneer", "2025-05-21"), []storyWait{{one, until}}, "/u?ok"},
		{"a day", blad([]string{"shut-1"}, "wanneer", "dag", "dag", " 2025-05-21 "), []storyWait{{one, until}}, "/u?ok"},
		{"today, which is not over", blad([]string{"shut-1"}, "wanneer", "dag", "dag", "2025-05-20"), []storyWait{{one, today}}, "/u?ok"},
		{"a day that was not chosen", blad([]string{"shut-1"}, "wanneer", "7", "dag", "gisteren"), []storyWait{{one, week}}, "/u?ok"},
		{"always a week", blad([]string{"shut-1"}, "wanneer", "7", "altijd", "ja"), []storyWait{{one, week}, lasting(storyHospital, "lab", week)}, "/u?ok"},
		{"always now", blad([]string{"shut-1"}, "wanneer", "nu", "altijd", "ja"), []storyWait{{one, gate(aggregator.WaitNot)}, lasting(storyHospital, "lab", gate(aggregator.WaitNot))}, "/u/" + storyKey("shut-1")},
		{"several", blad([]string{"shut-2", "shut-3", "shut-4"}, "wanneer", "nu"), []storyWait{{ids("lab", "shut-2", "shut-3", "shut-4"), gate(aggregator.WaitNot)}}, "/u?ok"},
		{"two of three on the row", blad([]string{"shut-2", "shut-4"}, "wanneer", "nooit"), []storyWait{{ids("lab", "shut-2", "shut-4"), gate(aggregator.WaitNever)}}, "/u?ok"},
		{"the same twice", blad([]string{"shut-1", "shut-1"}, "wanneer", "nooit"), []storyWait{{one, gate(aggregator.WaitNever)}}, "/u?ok"},
		{"one that was chosen for", blad([]string{"shut-6"}, "wanneer", "nu"), []storyWait{{ids("lab", "shut-6"), gate(aggregator.WaitNot)}}, "/u/" + storyKey("shut-6")},
		{"a letter now", blad([]string{"shut-8"}, "wanneer", "nu"), []storyWait{{ids("letter", "shut-8"), gate(aggregator.WaitNot)}}, "/i/" + storyKey("shut-8")},
		{"a letter never", blad([]string{"shut-8"}, "wanneer", "nooit", "altijd", "ja"), []storyWait{{ids("letter", "shut-8"), gate(aggregator.WaitNever)}, lasting(storyHospital, "letter", gate(aggregator.WaitNever))}, "/b?ok"},
		{"of another subject", blad([]string{"shut-7"}, "wanneer", "14"), []storyWait{{ids("procedure", "shut-7"), aggregator.GateRule{Wait: aggregator.WaitDays, Days: 14}}}, "/g/5?ok"},
		{"open already", blad([]string{"kreat-5"}, "wanneer", "nooit"), nil, "/u/" + storyKey("kreat-5")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := choosing(t)
			res := c.do("POST", "/k", tc.form)
			if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != tc.to {
				t.Errorf("%s to %q", res.Status, res.Header.Get("Location"))
			}
			if diff := cmp.Diff(tc.want, c.desk.waits, cmp.Comparer(func(a, b fhir.Date) bool { return a.String() == b.String() })); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWhatIsRefused: nothing is stored, what was chosen is still chosen, and
// the page says what to do.
func TestWhatIsRefused(t *testing.T) {
	for _, tc := range []struct {
		name  string
		pairs []string
		says  string
		keeps string
	}{
		{"no answer", nil, "Kies een van de antwoorden.", ""},
		{"an answer that is not there", []string{"wanneer", "morgen"}, "Kies een van de antwoorden.", ""},
		{"a number of days that is not there", []string{"wanneer", "8"}, "Kies een van de antwoorden.", ""},
		{"an appointment of the past", []string{"wanneer", "2025-05-02"}, "Kies een van de antwoorden.", ""},
		{"no day", []string{"wanneer", "dag"}, "Kies een dag.", `value="dag" checked`},
		{"no day on the calendar", []string{"wanneer", "dag", "dag", "2025-02-30"}, "Kies een dag.", `value="dag" checked`},
		{"a month", []string{"wanneer", "dag", "dag", "2025-06"}, "Kies een dag.", `value="2025-06"`},
		{"yesterday", []string{"wanneer", "dag", "dag", "2025-05-19"}, "Deze dag is al voorbij. Kies een dag die nog komt.", `value="2025-05-19"`},
		{"a day for ever", []string{"wanneer", "dag", "dag", "2025-06-01", "altijd", "ja"}, "Een dag geldt voor één keer.", `value="ja" aria-invalid="true" aria-describedby="f-altijd-e" checked`},
		{"an appointment for ever", []string{"wanneer", "2025-05-21", "altijd", "ja"}, "Een dag geldt voor één keer.", `value="2025-05-21" checked`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := choosing(t)
			res := c.do("POST", "/k", blad([]string{"shut-1"}, tc.pairs...))
			text := bodyOf(t, res)
			mustSay(t, text, "<strong>Fout:</strong> "+tc.says, tc.keeps, `name="blad" value="`+storyKey("shut-1")+`"`)
			if res.StatusCode != http.StatusOK || len(c.desk.waits) > 0 {
				t.Errorf("%s, stored %v", res.Status, c.desk.waits)
			}
		})
	}
}

// TestOnlyWhatStoodOnOnePage: a form that we never made changes nothing.
func TestOnlyWhatStoodOnOnePage(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":              "wanneer=nu",
		"what is not there":    "wanneer=nu&blad=aaaaaaaaaaaa",
		"of two providers":     blad([]string{"shut-1", "shut-2"}, "wanneer", "nu"),
		"of two subjects":      blad([]string{"shut-1", "shut-8"}, "wanneer", "nu"),
		"of two choices":       blad([]string{"shut-5", "shut-6"}, "wanneer", "nu"),
		"one there, one not":   blad([]string{"shut-1", "nergens"}, "wanneer", "nu"),
		"closed, and not ours": blad([]string{"shut-2", "shut-7"}, "wanneer", "nooit", "altijd", "ja"),
	} {
		c := choosing(t)
		if res := c.do("POST", "/k", body); res.StatusCode != http.StatusNotFound || len(c.desk.waits) > 0 {
			t.Errorf("%s: %s, stored %v", name, res.Status, c.desk.waits)
		}
	}
}

// TestAChoiceThatCouldNotBeStored is not said to be.
func TestAChoiceThatCouldNotBeStored(t *testing.T) {
	c := choosing(t)
	c.desk.fault = &Problem{Code: "in-use"}
	res := c.do("POST", "/k", blad([]string{"shut-1"}, "wanneer", "nooit", "altijd", "ja"))
	if res.StatusCode < 400 || len(c.desk.waits) != 1 {
		t.Errorf("%s after %d attempts", res.Status, len(c.desk.waits))
	}
}

// TestWhatHoldsIsChosenBeforehand, in the answer the person gave.
func TestWhatHoldsIsChosenBeforehand(t *testing.T) {
	issued := time.Date(2025, 5, 14, 10, 0, 0, 0, time.UTC)
	day := func(text string) time.Time { return fhir.ParseDate(text).High() }
	for _, tc := range []struct {
		name   string
		closed aggregator.Closed
		want   string
		day    string
		soft   string
	}{
		{"nothing", aggregator.Closed{}, "later", "", ""},
		{"never", aggregator.Closed{Never: true}, "nooit", "", "Dicht, tot u anders kiest"},
		{"a week", aggregator.Closed{Opens: issued.AddDate(0, 0, 7)}, "7", "", "Dicht tot 21 mei 2025"},
		{"two weeks", aggregator.Closed{Opens: issued.AddDate(0, 0, 14)}, "14", "", "Dicht tot 28 mei 2025"},
		{"thirty days, said elsewhere", aggregator.Closed{Opens: issued.AddDate(0, 0, 30)}, "dag", "2025-06-13", "Dicht tot 13 juni 2025"},
		{"the appointment", aggregator.Closed{Opens: day("2025-05-21")}, "2025-05-21", "", "Dicht tot 22 mei 2025"},
		{"a day", aggregator.Closed{Opens: day("2025-06-30")}, "dag", "2025-06-30", "Dicht tot 1 juli 2025"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			tc.closed.Kind, tc.closed.Issued = aggregator.KindLab, issued
			c.desk.o.Items = append(c.desk.o.Items, sealed("lab", "shut", storyGP, "2025-05-14", tc.closed))
			text := bodyOf(t, c.do("GET", "/k/"+storyKey("shut"), ""))
			mustSay(t, text, `value="`+tc.want+`" checked`, `type="date" value="`+tc.day+`"`)
			if n := strings.Count(text, " checked"); n != 1 {
				t.Errorf("%d answers are chosen", n)
			}
			mustSay(t, bodyOf(t, c.do("GET", "/k", "")), tc.soft)
		})
	}
}

// TestDaysThatAreOver: waiting a number of days is offered for what is to come,
// and says that this one opens at once.
func TestDaysThatAreOver(t *testing.T) {
	c := newClient(t).unlock()
	old := aggregator.Closed{Kind: aggregator.KindLab, Issued: storyNow.AddDate(0, 0, -10)}
	c.desk.o.Items = append(c.desk.o.Items, sealed("lab", "shut", storyGP, "2025-05-10", old))
	text := bodyOf(t, c.do("GET", "/k/"+storyKey("shut"), ""))
	mustSay(t, text, "<span>Wacht 7 dagen</span><small>Die zijn al voorbij. U ziet het dan meteen.</small>", "<span>Wacht 14 dagen</span><small>Tot 24 mei 2025</small>")
}

// TestWithoutAnAppointment there is nothing to wait for but days.
func TestWithoutAnAppointment(t *testing.T) {
	c := choosing(t)
	c.desk.o.Items = slices.DeleteFunc(c.desk.o.Items, func(i aggregator.Item) bool { return i.Subject == "appointment" })
	mustNotSay(t, bodyOf(t, c.do("GET", "/k/"+storyKey("shut-1"), "")), "mijn afspraak")
}
