package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

const (
	presentPass = "een lange wachtzin"
	nextPass    = "zeven stille fietsen"
)

// secretForms are the forms that ask for the passphrase of now, filled in as they
// should be.
var secretForms = map[string]string{
	"/instellingen/wachtzin":   form("wachtzin", presentPass, "nieuw", nextPass, "nogmaals", nextPass),
	"/instellingen/code":       form("wachtzin", presentPass),
	"/instellingen/sleutelbos": form("wachtzin", presentPass),
	"/instellingen/kopie":      form("wachtzin", presentPass),
	"/instellingen/wissen":     form("wachtzin", presentPass, "ja", "ja"),
}

// TestAWrongPassphraseDoesNothing: each of them says what unlocking says of it,
// never shows what was typed, and leaves the session and the vault as they were.
func TestAWrongPassphraseDoesNothing(t *testing.T) {
	for path, filled := range secretForms {
		for _, tc := range []struct {
			form  string
			fault error
			says  string
		}{
			{filled, &WrongSecret{Left: 3}, "Dat klopt niet. Nog 3 pogingen; daarna wacht u 1 minuut."},
			{filled, &WrongSecret{Wait: 42 * time.Second}, "Te veel pogingen. Wacht 42 seconden."},
			{filled, &WrongSecret{}, "Dat klopt niet."},
			{strings.Replace(filled, form("wachtzin", presentPass), "wachtzin=", 1), nil, "Typ uw wachtzin."},
		} {
			c := newClient(t).unlock()
			c.desk.set.ring, c.desk.fault = KeyringOff, tc.fault
			res := c.do("POST", path, tc.form)
			text := bodyOf(t, res)
			mustSay(t, text, "<strong>Fout:</strong> "+tc.says, `aria-invalid="true"`)
			mustNotSay(t, text, presentPass, nextPass, "2QXV")
			if res.StatusCode != http.StatusOK || res.Header.Get("Content-Disposition") != "" || c.desk.set.ring != KeyringOff || c.desk.State() != Open {
				t.Errorf("%s: %s", path, res.Status)
			}
			c.desk.fault = nil
			if res := c.do("GET", "/m", ""); res.StatusCode != http.StatusOK {
				t.Errorf("%s ended the session: %s", path, res.Status)
			}
			if tc.fault == nil && len(c.desk.set.secrets) > 0 {
				t.Errorf("%s: an empty field counts as a try", path)
			}
		}
	}
}

// TestATroubleIsNotAWrongPassphrase: it is told as any other.
func TestATroubleIsNotAWrongPassphrase(t *testing.T) {
	for path, filled := range secretForms {
		c := newClient(t).unlock()
		c.desk.set.ring, c.desk.fault = KeyringOff, &Problem{Code: "damaged"}
		res := c.do("POST", path, filled)
		mustSay(t, bodyOf(t, res), "Uw kluis is beschadigd.")
		if res.StatusCode != http.StatusBadGateway {
			t.Errorf("%s: %s", path, res.Status)
		}
		c.desk.fault = ErrLocked
		if res := c.do("POST", path, filled); res.Header.Get("Location") != "/unlock" {
			t.Errorf("%s: %s to %q", path, res.Status, res.Header.Get("Location"))
		}
	}
}

// TestANewPassphraseIsRefused in the words of the first run, before the one of now
// is tried.
func TestANewPassphraseIsRefused(t *testing.T) {
	for _, tc := range []struct {
		name, next, again string
		fault             error
		says              string
		tries             int
	}{
		{"short", "kort", "kort", nil, "De wachtzin is te kort. Kies 12 tekens of meer.", 0},
		{"unlike", nextPass, "zeven stille boten", nil, "De twee wachtzinnen zijn anders.", 0},
		{"common", "wachtwoord123", "wachtwoord123", &WeakSecret{Reason: "common"}, "Dit woord kiezen veel mensen.", 2},
		{"digits", "010120201234", "010120201234", &WeakSecret{Reason: "digits"}, "Alleen cijfers is te makkelijk te raden.", 2},
	} {
		c := newClient(t).unlock()
		c.desk.fault = tc.fault
		res := c.do("POST", "/instellingen/wachtzin", form("wachtzin", presentPass, "nieuw", tc.next, "nogmaals", tc.again))
		mustSay(t, bodyOf(t, res), "<strong>Fout:</strong> "+tc.says)
		if got := len(c.desk.set.secrets); got != tc.tries {
			t.Errorf("%s: %d secrets went to the vault", tc.name, got)
		}
	}
}

// TestANewPassphraseEndsOtherSessions: somebody who knew the old one may have one.
func TestANewPassphraseEndsOtherSessions(t *testing.T) {
	c := newClient(t).unlock()
	other := &client{t: t, s: c.s, desk: c.desk, cookies: map[string]*http.Cookie{}, agent: "other"}
	other.unlock()
	res := c.do("POST", "/instellingen/wachtzin", secretForms["/instellingen/wachtzin"])
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/instellingen/wachtzin?ok" {
		t.Fatalf("%s to %q", res.Status, res.Header.Get("Location"))
	}
	if diff := cmp.Diff([]string{presentPass, nextPass}, c.desk.set.secrets); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mustSay(t, bodyOf(t, c.do("GET", "/instellingen/wachtzin?ok", "")), "Uw wachtzin is veranderd.")
	if res := other.do("GET", "/m", ""); res.Header.Get("Location") != "/unlock" {
		t.Errorf("the other browser: %s", res.Status)
	}
}

// TestTheCodeIsShownOnce, on the answer alone.
func TestTheCodeIsShownOnce(t *testing.T) {
	c := newClient(t).unlock()
	text := bodyOf(t, c.do("POST", "/instellingen/code", secretForms["/instellingen/code"]))
	mustSay(t, text, "2QXV-81MC", "U ziet deze code maar één keer.", `href="/instellingen"`)
	mustNotSay(t, text, "oude code")
	mustNotSay(t, bodyOf(t, c.do("GET", "/instellingen/code", "")), "2QXV")

	c.desk.set.half, c.desk.fault = true, errors.New("no room")
	mustSay(t, bodyOf(t, c.do("POST", "/instellingen/code", secretForms["/instellingen/code"])), "2QXV-81MC", "Bewaar ook uw oude code")
}

// TestTheKeyring is switched to what it is not. Off needs no passphrase, and a
// computer without one offers nothing.
func TestTheKeyring(t *testing.T) {
	for _, tc := range []struct {
		was      KeyringState
		form     string
		want     KeyringState
		says     string
		secret   bool
		offers   string
		offerNot string
	}{
		{KeyringOff, form("wachtzin", presentPass), KeyringOn, "De sleutelbos van deze computer opent uw bundel niet.", true, "Zet de sleutelbos aan", "Zet de sleutelbos uit"},
		{KeyringStale, form("wachtzin", presentPass), KeyringOn, "Wat in de sleutelbos staat, past niet meer.", true, "Zet de sleutelbos aan", "Zet de sleutelbos uit"},
		{KeyringOn, "", KeyringOff, "De sleutelbos van deze computer opent uw bundel.", false, "Zet de sleutelbos uit", "Zet de sleutelbos aan"},
		{KeyringNone, form("wachtzin", presentPass), KeyringNone, "Deze computer heeft geen sleutelbos", false, "", "<button class=\"button main\""},
	} {
		c := newClient(t).unlock()
		c.desk.set.ring = tc.was
		text := bodyOf(t, c.do("GET", "/instellingen/sleutelbos", ""))
		mustSay(t, text, tc.says, tc.offers)
		mustNotSay(t, text, tc.offerNot)
		if got := strings.Contains(text, `name="wachtzin"`); got != tc.secret {
			t.Errorf("%q asks for the passphrase: %v", tc.was, got)
		}
		c.do("POST", "/instellingen/sleutelbos", tc.form)
		if c.desk.set.ring != tc.want {
			t.Errorf("%q became %q", tc.was, c.desk.set.ring)
		}
	}
}

// TestABackupIsAFileToKeep, with a name that says when and no more.
func TestABackupIsAFileToKeep(t *testing.T) {
	c := newClient(t).unlock()
	res := c.do("POST", "/instellingen/kopie", secretForms["/instellingen/kopie"])
	for key, want := range map[string]string{
		"Content-Disposition": `attachment; filename="bundel-2025-05-20T0920Z.bundel.age"`,
		"Content-Type":        "application/octet-stream", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	} {
		if got := res.Header.Get(key); got != want {
			t.Errorf("%s = %q", key, got)
		}
	}
	if body := bodyOf(t, res); body != "age-encryption.org/v1\n" {
		t.Errorf("got %q", body)
	}
}

// TestACutBackupIsNoWholeAnswer: the connection breaks, so that no browser takes
// half a file for a backup.
func TestACutBackupIsNoWholeAnswer(t *testing.T) {
	c := newClient(t).unlock()
	c.desk.set.cut = true
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("ended with %v", got)
		}
	}()
	c.do("POST", "/instellingen/kopie", secretForms["/instellingen/kopie"])
	t.Error("the answer came to an end")
}

// TestErasingAsksTwice: without the tick nothing happens; with it the browser is
// at the first page and knows nothing any more.
func TestErasingAsksTwice(t *testing.T) {
	c := newClient(t).unlock()
	setBefore(c.desk)
	mustSay(t, bodyOf(t, c.do("POST", "/instellingen/wissen", form("wachtzin", presentPass))), "Zet een vinkje als u alles wilt wissen.")
	if c.desk.State() != Open || len(c.desk.set.secrets) > 0 {
		t.Fatal("something was done without the tick")
	}
	res := c.do("POST", "/instellingen/wissen", secretForms["/instellingen/wissen"])
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/nieuw?gewist" || res.Header.Get("Clear-Site-Data") != `"cache","storage"` {
		t.Fatalf("%s to %q", res.Status, res.Header.Get("Location"))
	}
	if len(c.cookies) > 0 || c.s.prefs.Load() != nil || len(c.s.sessions.known) > 0 {
		t.Errorf("what is left: %v", c.cookies)
	}
	mustSay(t, bodyOf(t, c.do("GET", "/nieuw?gewist", "")), "Alles is gewist. Uw bundel is er niet meer.", "Kies een wachtzin.")
	mustNotSay(t, bodyOf(t, c.do("GET", "/nieuw", "")), "Alles is gewist.")
	if res := c.do("GET", "/", ""); res.Header.Get("Location") != "/nieuw" {
		t.Errorf("the overview: %s", res.Status)
	}
}

// TestGatesAreStored: only what was changed is, and no rule is lost that the page
// cannot make.
func TestGatesAreStored(t *testing.T) {
	gate := func(kind, source string, w aggregator.Wait, days int) aggregator.GateRule {
		return aggregator.GateRule{Kind: kind, Source: source, Wait: w, Days: days}
	}
	off := func(kind, source string) aggregator.GateRule {
		return aggregator.GateRule{Kind: kind, Source: source, Off: true}
	}
	hospital, gp := "n-"+sourceKey(storyHospital), "n-letter-"+sourceKey(storyGP)
	for _, tc := range []struct {
		name, form string
		want       []aggregator.GateRule
	}{
		{"nothing sent", "", nil},
		{"as it stands", form("n", "7", "n-lab", "nu", "n-dna", seeAsIs, "n-imaging", seeDefault, hospital, "nooit", gp, "later"), nil},
		{"for all", form("n", "later"), []aggregator.GateRule{gate("", "", aggregator.WaitAsk, 0)}},
		{"a kind", form("n-imaging", "14"), []aggregator.GateRule{gate("imaging", "", aggregator.WaitDays, 14)}},
		{"a kind of a command", form("n-dna", "nooit"), []aggregator.GateRule{gate("dna", "", aggregator.WaitNever, 0)}},
		{"a kind no more", form("n-lab", seeDefault), []aggregator.GateRule{off("lab", "")}},
		{"a provider", form(hospital, "nu"), []aggregator.GateRule{gate("", storyHospital, aggregator.WaitNot, 0)}},
		{"a kind of a provider no more", form(gp, seeDefault), []aggregator.GateRule{off("letter", storyGP)}},
		{"several at once", form("n", "nooit", "n-letter", "7"), []aggregator.GateRule{gate("", "", aggregator.WaitNever, 0), gate("letter", "", aggregator.WaitDays, 7)}},
		{"a field that is not there", form("n-vital", "nooit"), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			setBefore(c.desk)
			before := len(c.desk.set.gates)
			res := c.do("POST", "/instellingen/zien", tc.form)
			if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/instellingen/zien?ok" {
				t.Fatalf("%s to %q", res.Status, res.Header.Get("Location"))
			}
			got := c.desk.set.gates[before:]
			if diff := cmp.Diff(tc.want, append([]aggregator.GateRule(nil), got...), cmp.Comparer(func(a, b fhir.Date) bool { return a.String() == b.String() })); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAWrongGateKeepsTheRest of what was filled in, and stores none of it.
func TestAWrongGateKeepsTheRest(t *testing.T) {
	for _, answer := range []string{"8", "dag", "2025-06-01", seeAsIs, seeDefault, "<b>"} {
		c := newClient(t).unlock()
		text := bodyOf(t, c.do("POST", "/instellingen/zien", form("n", answer, "n-dna", "nooit")))
		mustSay(t, text, "Kies een van de antwoorden.", `<option value="nooit" selected>`)
		if len(c.desk.set.gates) > 0 {
			t.Errorf("%q stored %v", answer, c.desk.set.gates)
		}
	}
}

// TestGatesSayWhatHolds, also of a source that is connected no more and of a rule
// that only a command makes.
func TestGatesSayWhatHolds(t *testing.T) {
	for _, tc := range []struct {
		name  string
		gates []aggregator.GateRule
		want  []string
	}{
		{"none", nil, []string{"U ziet nieuwe uitslagen pas als u kiest.", "Dan geldt de strengste.", "Brieven staan open"}},
		{"at once", []aggregator.GateRule{{Wait: aggregator.WaitNot}}, []string{"U ziet nieuwe uitslagen meteen."}},
		{"the last one counts", []aggregator.GateRule{{Wait: aggregator.WaitNot}, {Wait: aggregator.WaitNever}}, []string{"U ziet nieuwe uitslagen niet."}},
		{"a day", []aggregator.GateRule{{Wait: aggregator.WaitUntil, Until: fhir.ParseDate("2025-06-01")}}, []string{"U ziet nieuwe uitslagen na 1 juni 2025.", "Zoals het nu is: Na 1 juni 2025"}},
		{"a newer program's", []aggregator.GateRule{{Wait: "moon"}}, []string{"U ziet nieuwe uitslagen pas als u kiest.", `value="blijft" selected`}},
		{"of who is gone", []aggregator.GateRule{{Source: "medmij:weg@medmij", Wait: aggregator.WaitNever}}, []string{"medmij:weg@medmij", "Voor 1 soort of zorgverlener koos u iets anders."}},
	} {
		c := newClient(t).unlock()
		c.desk.set.gates = tc.gates
		mustSay(t, bodyOf(t, c.do("GET", "/instellingen/zien", "")), tc.want...)
	}
}

// TestSettingsLeakNothingClosed: they name kinds and providers, never a result.
func TestSettingsLeakNothingClosed(t *testing.T) {
	c := newClient(t).unlock()
	closed(c.desk)
	for _, path := range []string{"", "/weergave", "/zien", "/wachtzin", "/code", "/tijd", "/sleutelbos", "/kopie", "/wissen"} {
		text := bodyOf(t, c.do("GET", "/instellingen"+path, ""))
		mustNotSay(t, text, "Kreatinine", "shut-", "HbA1c")
	}
}
