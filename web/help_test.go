package web

import (
	"encoding/csv"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/web/glossary"
)

// TestHelpIsThereForWhoCannotGetIn: and shows nothing of the person then.
func TestHelpIsThereForWhoCannotGetIn(t *testing.T) {
	c := newClient(t)
	c.desk.become(Locked)
	res := c.do("GET", "/hulp", "")
	text := bodyOf(t, res)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("got %s", res.Status)
	}
	mustSay(t, text, "Bel 112.", "Typ uw herstelcode", "Terug naar uw bundel")
	mustNotSay(t, text, "Anna de Vries", `class="nav"`, `href="/hulp/waar"`, `href="/logboek"`, "data-idle")
	c.unlock()
	text = bodyOf(t, c.do("GET", "/hulp", ""))
	mustSay(t, text, "Anna de Vries", `class="nav"`, `href="/hulp/waar"`, `href="/logboek"`, `href="/hulp/woorden"`)
	mustNotSay(t, text, "Terug naar uw bundel")
}

// TestHelpStandsInTheSamePlace: on every page with a footer, and on the doors
// (WCAG 3.2.6).
func TestHelpStandsInTheSamePlace(t *testing.T) {
	const there = `<p class="links"><a href="/hulp">Hulp</a></p>`
	for _, st := range stories() {
		w, _ := pageOf(t, "/nl/"+st.name)
		if strings.HasPrefix(st.name, "first-code") || !st.door && !strings.Contains(w.Body.String(), `class="nav"`) {
			continue // a code, or a sheet for the printer, is all there is to read
		}
		if n := strings.Count(w.Body.String(), there); n != 1 {
			t.Errorf("%s: %d links to help", st.name, n)
		}
	}
}

func TestWhatIsThis(t *testing.T) {
	for _, tc := range []struct {
		name, path string
		change     func(*storyDesk)
		say, not   string
	}{
		{"by the name of a test", "/u/" + storyKey("kreat-5"), nil, "<strong>Wat is dit?</strong> Een afvalstof van de spieren.", ""},
		{"by its code, whatever it is called", "/u/" + storyKey("kreat-5"), func(d *storyDesk) {
			renameResult(d, "kreat-5", "CREA-X", "creat")
		}, "<strong>Wat is dit?</strong> Kreatinine: Een afvalstof van de spieren.", ""},
		{"the code goes before the name", "/u/" + storyKey("kreat-5"), func(d *storyDesk) {
			renameResult(d, "kreat-5", "Kreatinine", "k")
		}, "Kalium: Een zout in het bloed.", "afvalstof van de spieren"},
		{"part of a name is not enough", "/u/" + storyKey("kreat-5"), func(d *storyDesk) {
			renameResult(d, "kreat-5", "Kreatinine vrij", "")
		}, "", "Wat is dit?"},
		{"a medicine", "/i/" + storyKey("metoprolol-h"), nil, "De werkzame stof van een bètablokker.", ""},
		{"a letter", "/i/" + storyKey("letter-2"), nil, "<strong>Wat is dit?</strong>", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := pageAfter(t, tc.path, tc.change)
			if tc.say != "" {
				mustSay(t, text, tc.say)
			}
			if tc.not != "" {
				mustNotSay(t, text, tc.not)
			}
		})
	}
}

// renameResult gives a result of the example another name and code.
func renameResult(d *storyDesk, key, name, analyte string) {
	for i, item := range d.o.Items {
		if r, ok := item.Value.(*aggregator.Result); ok && item.Key() == storyKey(key) {
			changed := *r
			changed.Name, changed.Analyte = name, analyte
			d.o.Items[i].Title, d.o.Items[i].Value = name, &changed
		}
	}
}

func TestAVendorHasWordsOfItsOwn(t *testing.T) {
	words := func(nl string) fstest.MapFS {
		return fstest.MapFS{"nl.txt": {Data: []byte(nl)}, "en.txt": {Data: []byte("lab | Creatinine | | | Ours.\n")}}
	}
	s, err := New(Config{Desk: newStoryDesk(), Glossary: words("lab | Kreatinine | | | Onze eigen uitleg.\n")})
	if err != nil {
		t.Fatal(err)
	}
	s.idle.Stop()
	if got, ok := s.books["nl"].ByName("kreatinine"); !ok || got.Text != "Onze eigen uitleg." || len(s.books["en"].Terms()) != 1 {
		t.Errorf("%+v", got)
	}
	var bad *glossary.LineError
	if _, err := New(Config{Desk: newStoryDesk(), Glossary: words("# x\nlab | Kreatinine\n")}); !errors.As(err, &bad) || bad.Line != 2 {
		t.Errorf("a bad line: %v", err)
	}
	if _, err := New(Config{Desk: newStoryDesk(), Glossary: fstest.MapFS{}}); err == nil {
		t.Error("a folder without words is taken")
	}
	empty, err := New(Config{Desk: newStoryDesk(), Port: 8080, Glossary: fstest.MapFS{"nl.txt": {}, "en.txt": {}}})
	if err != nil {
		t.Fatal(err)
	}
	defer empty.idle.Stop()
	c := &client{t: t, s: empty, desk: empty.Desk.(*storyDesk), cookies: map[string]*http.Cookie{}}
	mustSay(t, bodyOf(t, c.unlock().do("GET", "/hulp/woorden", "")), "0 woorden, kort uitgelegd.")
}

func TestWordsByLetterAndByName(t *testing.T) {
	c := newClient(t).unlock()
	for _, tc := range []struct {
		method, path, form string
		say, not           []string
	}{
		{"GET", "/hulp/woorden", "", []string{"193 woorden", "Woorden bij 0-9", "24-uurs bloeddrukmeting"}, []string{"<dt>Kalium"}},
		{"GET", "/hulp/woorden?l=K", "", []string{"Woorden bij K", "<dt>Kalium", "<dt>Kreatinine"}, []string{"<dt>Natrium"}},
		{"GET", "/hulp/woorden?l=%3Cscript%3E", "", []string{"Woorden bij 0-9"}, []string{"<script>"}},
		{"POST", "/hulp/woorden", "q=hartfilmpje", []string{"1 woord gevonden.", "<dt>ECG", `value="hartfilmpje"`}, nil},
		{"POST", "/hulp/woorden", "q=%22%3E%3Cb%3E", []string{"0 woorden gevonden."}, []string{`"><b>`}},
		{"POST", "/hulp/woorden", "q=", []string{"0 woorden gevonden."}, nil},
	} {
		text := bodyOf(t, c.do(tc.method, tc.path, tc.form))
		mustSay(t, text, tc.say...)
		mustNotSay(t, text, tc.not...)
	}
}

func TestWhereMyDataAre(t *testing.T) {
	text := pageAfter(t, "/hulp/waar", nil)
	mustSay(t, text, "/home/anna/.local/share/bundel/vault.bundel", "3,4 MB", "12 mei 2025.", "gegevens.streekziekenhuis.example", "<dt>Streekziekenhuis", "<dt>Lijst met zorgverleners", "gegevens.streekziekenhuis.example · laatst: 19 mei 2025", "Daar gaat niets van u heen.", "Zet het internet van deze computer uit.")
	text = pageAfter(t, "/hulp/waar", func(d *storyDesk) { d.witness.place = Place{Path: "/a/<b>/c", Size: 999} })
	mustSay(t, text, "999 bytes", "/a/&lt;b&gt;/c", "Wij weten van geen reservekopie.", "nog aan geen andere computer iets gevraagd")
	mustNotSay(t, text, "praat alleen met de computers op deze lijst")
}

func TestSizes(t *testing.T) {
	v := &view{words: wordsIn("nl")}
	for bytes, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1 kB", 3_412_000: "3,4 MB", 250_000_000: "250 MB", 5_000_000_000_000_000: "5000 TB"} {
		if got := strings.ReplaceAll(v.size(bytes), nbsp, " "); got != want {
			t.Errorf("%d is %q, want %q", bytes, got, want)
		}
	}
}

func TestTheLogIsFiltered(t *testing.T) {
	for _, tc := range []struct {
		name, query string
		say, not    []string
	}{
		{"a month of everything", "", []string{"U ziet 11 gebeurtenissen.", "2 keer paste de wachtzin niet.", "Vandaag", "19 mei 2025", "31 vragen gesteld.", "Op 2 vragen kwam geen goed antwoord. P-503", "Mag dit zien: Metingen.", "door Bundel, vanzelf"}, []string{"inlogpagina", "De bundel is gemaakt."}},
		{"one kind", "?soort=send&dagen=30", []string{"U ziet 1 gebeurtenis.", "3 metingen verstuurd."}, []string{"vragen gesteld", "paste de wachtzin niet"}},
		{"a week", "?dagen=7", []string{"U ziet 10 gebeurtenissen."}, []string{"reservekopie gemaakt"}},
		{"as far as it goes", "?dagen=0", []string{"U ziet 13 gebeurtenissen.", "De bundel is gemaakt."}, nil},
		{"what it does not know is the usual", "?soort=%3Cb%3E&dagen=-4&vanaf=-1", []string{"U ziet 11 gebeurtenissen."}, []string{"<b>"}},
		{"nothing", "?soort=backup&dagen=7", []string{"Hier staat niets."}, []string{"/logboek/bestand"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := pageAfter(t, "/logboek"+tc.query, nil)
			mustSay(t, text, tc.say...)
			mustNotSay(t, text, tc.not...)
		})
	}
	text := pageAfter(t, "/logboek", func(d *storyDesk) {
		d.witness.events = []Event{{At: storyNow, Kind: "later", What: "x", Count: 1}, {At: storyNow, Kind: EventShare, What: "start", Subject: "nieuw", Count: 1}}
	})
	mustSay(t, text, "Een nieuwere versie van Bundel schreef dit op.", "Mag dit zien: Overig.")
}

// TestEveryEventHasWords: of each kind that can be asked for there is a name, in
// both languages.
func TestEveryEventHasWords(t *testing.T) {
	for _, lang := range []string{"nl", "en"} {
		w := wordsIn(lang)
		for _, kind := range EventKinds() {
			if !w.Has("log.kind." + string(kind)) {
				t.Errorf("%s: no name for %s", lang, kind)
			}
		}
		for _, e := range newWitness().events {
			if !w.Has("log." + string(e.Kind) + "." + e.What) {
				t.Errorf("%s: no words for %s %s", lang, e.Kind, e.What)
			}
		}
	}
}

func TestTheLogAsAFile(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.witness.events = append([]Event{{At: storyNow, Kind: EventCollect, What: "asked", Source: "=cmd|' /C calc'!A0", Count: 2, Failed: 1, Code: "-1+1"}}, c.desk.witness.events...)
	res := c.do("GET", "/logboek/bestand?soort=collect&dagen=7", "")
	if got := res.Header.Get("Content-Disposition"); got != `attachment; filename="bundel-log.csv"` || res.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%q %q", got, res.Header.Get("Content-Type"))
	}
	text, ok := strings.CutPrefix(bodyOf(t, res), "\ufeff")
	if !ok {
		t.Error("no mark at the beginning")
	}
	table := csv.NewReader(strings.NewReader(text))
	table.Comma = ';'
	rows, err := table.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Moment", "Soort", "Wat", "Zorgverlener", "Wie", "Aantal", "Mislukt", "Code"},
		{"2025-05-20 11:20:00", "Ophalen", "2 vragen gesteld.", "'=cmd|' /C calc'!A0", "door u", "2", "1", "'-1+1"},
		{"2025-05-19 11:20:00", "Ophalen", "14 vragen gesteld.", "Apotheek Zuid", "door u", "14", "2", "P-503"},
		{"2025-05-19 11:19:00", "Ophalen", "31 vragen gesteld.", "Streekziekenhuis", "door u", "31", "0", ""},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestALongLogIsCut and keeps what was chosen on the way.
func TestALongLogIsCut(t *testing.T) {
	many := func(d *storyDesk) {
		d.witness.events = nil
		for i := range mostRows + 7 {
			d.witness.events = append(d.witness.events, Event{At: storyNow.Add(-time.Duration(i) * time.Hour), Kind: EventOpen, What: "opened", Count: 1})
		}
	}
	text := pageAfter(t, "/logboek?dagen=0", many)
	next := url.Values{"soort": {""}, "dagen": {"0"}}.Encode()
	mustSay(t, text, strings.ReplaceAll(next, "&", "&amp;")+"&amp;vanaf=")
	if n := strings.Count(pageAfter(t, "/logboek?"+next+"&vanaf="+"200", many), "De bundel ging"); mostRows == 200 && n != 7 {
		t.Errorf("the last page has %d rows", n)
	}
}

func TestTheDoorSaysHowLongToWait(t *testing.T) {
	for _, tc := range []struct {
		name string
		bad  WrongSecret
		want string
	}{
		{"tries left", WrongSecret{Left: 3}, "Dat klopt niet. Nog 3 pogingen; daarna wacht u 1 minuut."},
		{"one try left", WrongSecret{Left: 1}, "Dat klopt niet. Nog 1 poging; daarna wacht u 1 minuut."},
		{"a minute", WrongSecret{Wait: time.Minute}, "Te veel pogingen. Wacht 60 seconden."},
		{"a part of a second is not told as none", WrongSecret{Wait: 300 * time.Millisecond}, "Te veel pogingen. Wacht 1 seconde."},
		{"a quarter", WrongSecret{Wait: 15 * time.Minute}, "Te veel pogingen. Wacht 15 minuten. Vanaf 11:35 kunt u het weer proberen."},
		{"a part of a minute counts up", WrongSecret{Wait: 4*time.Minute + time.Second}, "Wacht 5 minuten. Vanaf 11:25 kunt u het weer proberen."},
		{"nobody counts", WrongSecret{}, "Dat klopt niet."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t)
			c.desk.become(Locked)
			c.desk.fault = &tc.bad
			text := bodyOf(t, c.do("POST", "/unlock", "wachtzin=nee"))
			mustSay(t, text, tc.want, "Typ dan uw herstelcode in dit veld.")
		})
	}
}

// TestTheWarningFitsTheTime: a minute before, or half way when that is shorter.
func TestTheWarningFitsTheTime(t *testing.T) {
	for idle, want := range map[time.Duration]string{10 * time.Minute: "U wordt over 60 seconden uitgelogd.", time.Minute: "U wordt over 30 seconden uitgelogd."} {
		c := newClient(t).unlock()
		c.s.Idle = idle
		text := bodyOf(t, c.do("GET", "/", ""))
		mustSay(t, text, want, "Blijf ingelogd")
	}
}

// TestWhatIsAskedFailsWithoutATrace: an error of the vault names no path.
func TestWhatIsAskedFailsWithoutATrace(t *testing.T) {
	for _, path := range []string{"/hulp/waar", "/logboek", "/logboek/bestand"} {
		c := newClient(t).unlock()
		c.desk.fault = errors.New("open /home/anna/vault.bundel: denied")
		res := c.do("GET", path, "")
		if res.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s: %s", path, res.Status)
		}
		mustNotSay(t, bodyOf(t, res), "anna/vault")
	}
}
