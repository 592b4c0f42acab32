package desk

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/web"
)

// add stores an entry that needs no question.
func add(t *testing.T, d *Desk, e aggregator.OwnEntry) {
	t.Helper()
	if question, err := d.Add(t.Context(), e); err != nil || question != "" {
		t.Fatal(question, err)
	}
}

// one gives the only entry there is.
func one(t *testing.T, d *Desk) Own {
	t.Helper()
	all, err := d.Own(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	return all[0]
}

func vitals(t *testing.T, d *Desk) []aggregator.Item {
	t.Helper()
	o, err := d.Overview(t.Context(), time.Time{}, "nl")
	if err != nil {
		t.Fatal(err)
	}
	return o.Subject("vital")
}

// TestAnEntryIsChangedRemovedAndBroughtBack: each is a version, the item stays
// the same one, and what is removed is nowhere in the overview.
func TestAnEntryIsChangedRemovedAndBroughtBack(t *testing.T) {
	d, now := moving(t)
	add(t, d, aggregator.OwnEntry{Kind: "weight", Value: "81.4", Note: "zonder schoenen"})
	first := one(t, d)
	item := vitals(t, d)[0].ID

	now.pass(time.Hour)
	add(t, d, aggregator.OwnEntry{Kind: "weight", Value: "80.90", At: first.At, ID: first.ID})
	changed := vitals(t, d)
	if len(changed) != 1 || changed[0].ID != item || changed[0].Detail != "80,90\u00a0kg" && changed[0].Detail != "80,90 kg" {
		t.Fatalf("%d items, %q", len(changed), changed[0].Detail)
	}
	if v := changed[0].Value.(*aggregator.Result); v.Corrected != "81.4" {
		t.Errorf("the value before is %q", v.Corrected)
	}
	if text := changed[0].Fields["corrected"].Text; !strings.Contains(text, "1\u00a0juni\u00a02026") {
		t.Errorf("the day of the change is not told: %q", text)
	}
	now.pass(time.Hour)
	if err := d.Remove(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	if len(vitals(t, d)) != 0 || !one(t, d).Removed {
		t.Error("it still counts")
	}
	if err := d.Remove(t.Context(), first.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "weight", Value: "80", ID: first.ID}); !errors.Is(err, ErrNotFound) {
		t.Errorf("changed what was removed: %v", err)
	}
	now.pass(time.Hour)
	if err := d.Restore(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	if back := vitals(t, d); len(back) != 1 || back[0].ID != item {
		t.Fatalf("%d items after bringing it back", len(back))
	}
	if err := d.Restore(t.Context(), first.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("brought back twice: %v", err)
	}
	history, err := d.OwnHistory(t.Context(), first.ID)
	if err != nil || len(history) != 4 {
		t.Fatal(len(history), err)
	}
	for i, want := range []struct {
		value   string
		removed bool
	}{{"81.4", false}, {"80.90", false}, {"80.90", true}, {"80.90", false}} {
		if history[i].Value != want.value || history[i].Removed != want.removed {
			t.Errorf("version %d: %v", i+1, history[i].Removed)
		}
	}
}

// TestTheDeskAsksWhatItAsksOnce: what is compared is what is stored now.
func TestTheDeskAsksWhatItAsksOnce(t *testing.T) {
	d, now := moving(t)
	add(t, d, aggregator.OwnEntry{Kind: "weight", Value: "80"})
	for _, tc := range []struct {
		name, value, question string
		after                 time.Duration
		confirmed             bool
	}{
		{"the same at once", "80", aggregator.AskTwice, 0, false},
		{"a second one in earnest", "80", "", 0, true},
		{"far away", "92", aggregator.AskJump, time.Hour, false},
		{"near", "86", "", time.Hour, false},
		{"far away after a month", "70", "", 30 * 24 * time.Hour, false},
	} {
		now.pass(tc.after)
		question, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "weight", Value: tc.value, Confirmed: tc.confirmed})
		if err != nil || question != tc.question {
			t.Errorf("%s: %q, %v", tc.name, question, err)
		}
	}
}

// TestARecordOfAProviderIsNoEntry: it can be neither changed nor taken away.
func TestARecordOfAProviderIsNoEntry(t *testing.T) {
	d, _ := moving(t)
	take(t, d, "huisarts", newResult)
	all, err := d.Own(t.Context())
	if err != nil || len(all) != 0 {
		t.Fatal(len(all), err)
	}
	for _, id := range []string{"1", "self", "m", ""} {
		if err := d.Remove(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestTargets(t *testing.T) {
	d, _ := moving(t)
	target := aggregator.Target{Analyte: "kreat", Name: "Kreatinine", Unit: "µmol/L", Below: "100"}
	for _, below := range []string{"100", "95,5"} {
		target.Below = below
		if err := d.SetTarget(t.Context(), target); err != nil {
			t.Fatal(err)
		}
	}
	target.Above, target.Below = "90", "80"
	if err := d.Pages(t.Context()).SetTarget(t.Context(), target); !errors.As(err, new(*web.Refused)) {
		t.Errorf("a target that cannot be: %v", err)
	}
	all, err := d.Targets(t.Context())
	if err != nil || len(all) != 1 || all[0].Below != "95.5" || all[0].Analyte != "kreat" {
		t.Fatal(all, err)
	}
	if err := d.DropTarget(t.Context(), all[0].ID); err != nil {
		t.Fatal(err)
	}
	if all, err := d.Targets(t.Context()); err != nil || len(all) != 0 {
		t.Error(len(all), err)
	}
	if err := d.DropTarget(t.Context(), all[0].ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("dropped twice: %v", err)
	}
}

var ownLinks = regexp.MustCompile(`/e/mijn/([0-9a-f-]{36})`)

// TestThePagesOfOwnEntries goes the whole way through the pages of a real vault.
func TestThePagesOfOwnEntries(t *testing.T) {
	d, now := moving(t)
	b := newDecider(t, d)
	at := url.Values{"dag": {"2026-06-01"}, "tijd": {"11:00"}}
	send := func(path string, pairs ...string) (to, text string) {
		t.Helper()
		form := url.Values{"dag": at["dag"], "tijd": at["tijd"]}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		res, body := b.post(path, form.Encode())
		return res.Header.Get("Location"), strings.ReplaceAll(body, "\u00a0", " ")
	}
	if to, _ := send("/e/2", "waarde", "81,4", "opmerking", "zonder schoenen"); to != "/e/klaar" {
		t.Fatalf("sent to %q", to)
	}
	now.pass(2 * time.Minute)
	to, text := send("/e/2", "waarde", "92", "opmerking", "na het eten")
	b.says(text, "Klopt dit?", "U typte 92 kg. Op 1 juni 2026 was dat 81,4 kg.", "na het eten")
	if to != "" {
		t.Errorf("stored without a yes, sent to %q", to)
	}
	list := b.page("/e/mijn")
	b.says(list, "U voegde 1 ding toe.", "81,4 kg", "zonder schoenen")
	id := ownLinks.FindStringSubmatch(list)[1]
	b.says(b.page("/e/mijn/"+id+"/pas"), `value="81,4"`, "zonder schoenen", `value="11:00"`)
	if to, _ := send("/e/mijn/"+id+"/pas", "waarde", "80,9"); to != "/e/mijn/"+id+"?ok" {
		t.Fatalf("sent to %q", to)
	}
	b.says(b.page("/e/mijn/"+id+"?ok"), "80,9 kg", "81,4 kg", "Het is veranderd.", "Toegevoegd op 1 juni 2026 om 12:00", "Veranderd op 1 juni 2026 om 12:02")
	b.post("/e/mijn/"+id+"/weg", "")
	b.says(b.page("/e/mijn/"+id), "U hebt dit weggehaald op 1 juni 2026 om 12:02.", "Zet het terug")
	b.says(b.page("/e/mijn"), "U hebt nog niets toegevoegd.", "Weggehaald")
	if strings.Contains(b.page("/u"), "80,9") {
		t.Error("what was removed is among the results")
	}
	b.post("/e/mijn/"+id+"/terug", "")
	b.says(b.page("/u"), "80,9 kg")
	for _, path := range []string{"/e/mijn/x", "/e/mijn/x/pas", "/e/mijn/self"} {
		if res, _ := b.get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// TestThePagesOfAnOwnFile: it is added from a page and leads back to it, is
// opened, gets another name, goes and comes back, and is the same file always.
func TestThePagesOfAnOwnFile(t *testing.T) {
	d, now := moving(t)
	b := newDecider(t, d)
	b.says(b.page("/b"), `href="/e/bestand?van=b"`, "Zelf toevoegen")
	b.says(b.page("/e"), `href="/e/bestand"`, "Eigen bestand")
	if err := d.AddDocument(t.Context(), aggregator.OwnDocument{Title: "scan0001", Data: aPDF}); err != nil {
		t.Fatal(err)
	}
	letter := func() (aggregator.Item, int) {
		all := must(d.Overview(t.Context(), time.Time{}, "nl")).Items
		if len(all) == 0 {
			return aggregator.Item{}, 0
		}
		return all[0], len(all)
	}
	first, _ := letter()
	here := "/e/mijn/" + one(t, d).ID
	b.says(b.page("/i/"+first.Key()), `href="`+here+`"`)
	b.says(b.page("/e/mijn"), "U voegde 1 ding toe.", "Eigen bestand", "scan0001")
	opens := func() {
		t.Helper()
		item, n := letter()
		file := "/b/" + item.Key() + "/0"
		b.says(b.page(here), `href="`+file+`"`)
		if res, body := b.get(file); n != 1 || res.StatusCode != http.StatusOK || body != string(aPDF) {
			t.Fatalf("%d items; the file: %s", n, res.Status)
		}
	}
	opens()

	now.pass(time.Hour)
	b.says(b.page(here+"/pas"), `value="scan0001"`, "Hoe heet het?")
	if res, _ := b.post(here+"/pas", url.Values{"waarde": {"Brief van de fysio"}}.Encode()); res.Header.Get("Location") != here+"?ok" {
		t.Fatal(res.Status)
	}
	b.says(b.page(here+"?ok"), "Brief van de fysio", "scan0001", "Het is veranderd.")
	if renamed, _ := letter(); renamed.ID != first.ID || renamed.Title != "Brief van de fysio" {
		t.Errorf("another item, or %q", renamed.Title)
	}
	opens()
	for _, bad := range []string{"", " ", strings.Repeat("x", 121)} {
		if res, _ := b.post(here+"/pas", url.Values{"waarde": {bad}}.Encode()); res.Header.Get("Location") != "" {
			t.Errorf("stored as a name: %q", bad)
		}
	}

	now.pass(time.Hour)
	b.post(here+"/weg", "")
	if _, n := letter(); n != 0 {
		t.Errorf("%d items of what was removed", n)
	}
	if page := b.page(here); strings.Contains(page, `href="/b/`+first.Key()) {
		t.Error("what was removed can be opened")
	}
	if question, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "document", Value: "x", ID: one(t, d).ID}); question != "" || !errors.Is(err, ErrNotFound) {
		t.Errorf("renamed what was removed: %v", err)
	}
	b.post(here+"/terug", "")
	opens()
	if history := must(d.OwnHistory(t.Context(), one(t, d).ID)); len(history) != 4 {
		t.Errorf("%d versions", len(history))
	}
}

// TestOnlyAFileHasTheNameOfAFile: nothing is made a file, or another kind, by
// a new version of it.
func TestOnlyAFileHasTheNameOfAFile(t *testing.T) {
	d, _ := moving(t)
	add(t, d, aggregator.OwnEntry{Kind: "weight", Value: "81.4"})
	id := one(t, d).ID
	if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "document", Value: "x", ID: id}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a weight became a file: %v", err)
	}
	if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "document", Value: "x"}); !errors.Is(err, aggregator.ErrKind) {
		t.Errorf("a file without a file: %v", err)
	}
}
