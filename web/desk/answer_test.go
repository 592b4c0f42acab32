package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// answers posts an answer, and gives the page that the browser is led to.
func (b *decider) answers(key string, pairs ...string) string {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	res, _ := b.post("/x/"+key, form.Encode())
	if res.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("answer: %s", res.Status)
	}
	return b.page(res.Header.Get("Location"))
}

// stated are the medicines as providers state them.
func (b *decider) stated() (stated, said []aggregator.Item) {
	for _, item := range b.items() {
		if len(item.About) > 0 {
			said = append(said, item)
		} else {
			stated = append(stated, item)
		}
	}
	return stated, said
}

// twoDoses are two providers who have the same medicine in another dose.
func twoDoses(t *testing.T) *decider {
	t.Helper()
	d, _ := moving(t)
	for source, times := range map[string]int{"huisarts": 1, "ziekenhuis": 2} {
		take(t, d, source, fmt.Sprintf(`{"resourceType":"MedicationRequest","id":"m","status":"active","authoredOn":"2026-05-01",
			"medicationCodeableConcept":{"coding":[{"system":%q,"code":"12345","display":"METOPROLOL TABLET 50MG"}]},
			"dosageInstruction":[{"text":"%d keer per dag 1 tablet","timing":{"repeat":{"frequency":%d,"period":1,"periodUnit":"d"}},
			"doseAndRate":[{"doseQuantity":{"value":1,"unit":"stuk"}}]}]}`, fhir.PRK, times, times))
	}
	return newDecider(t, d)
}

// TestWhatThePersonReallyUses goes from the question to the answer and back: it
// stands beside what providers say, decides nothing, and can be taken away.
func TestWhatThePersonReallyUses(t *testing.T) {
	b := twoDoses(t)
	before, _ := b.stated()
	if len(before) != 2 || !before[0].Differs() {
		t.Fatalf("%d medicines", len(before))
	}
	x, y := before[0].Key(), before[1].Key()
	text := b.page("/v/" + x)
	b.says(text, "Wat gebruikt u echt?", "Zoals bij", "Anders", "Dat weet ik niet", "Zet op afspraakblad", "Verander uw medicijn nooit zelf.")
	if strings.Contains(text, "checked") {
		t.Error("an answer is chosen beforehand")
	}

	text = b.answers(x, "blad", "v", "antwoord", y)
	b.says(text, "Bewaard. Uw antwoord staat er nu naast.", "Volgens u", "checked")
	after, said := b.stated()
	if len(said) != 1 || len(said[0].About) != 2 || said[0].Detail != before[1].Detail {
		t.Fatalf("%d answers: %v", len(said), said)
	}
	for i := range after {
		if after[i].ID != before[i].ID || !after[i].Differs() || len(after[i].Parts) != len(before[i].Parts) || after[i].Section != before[i].Section {
			t.Errorf("the answer changed what %d says", i)
		}
	}
	b.says(b.page("/m"), "Volgens u: "+said[0].Detail, "U gebruikt nu 1 medicijn.")

	b.answers(y, "blad", "v", "antwoord", "anders", "zelf", "De helft, 's avonds")
	_, said = b.stated()
	if len(said) != 1 || said[0].Detail != "De helft, 's avonds" {
		t.Fatalf("a second answer: %d", len(said))
	}
	id := said[0].Parts[0].ID
	history, err := b.pages.OwnHistory(t.Context(), id)
	if err != nil || len(history) != 2 {
		t.Errorf("%d versions, %v", len(history), err)
	}
	if res, _ := b.post("/e/mijn/"+id+"/weg", ""); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.Status)
	}
	if _, said = b.stated(); len(said) != 0 {
		t.Error("the answer is still there")
	}
	if res, _ := b.post("/e/mijn/"+id+"/terug", ""); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.Status)
	}
	if _, said = b.stated(); len(said) != 1 || len(said[0].About) != 2 {
		t.Error("the answer did not come back beside the medicine")
	}
}

// TestAnAnswerStaysAnAnswer when it is changed as an entry, when the vault is
// opened again, and when the provider gives other ids.
func TestAnAnswerStaysAnAnswer(t *testing.T) {
	b := twoDoses(t)
	stated, _ := b.stated()
	b.answers(stated[0].Key(), "blad", "v", "antwoord", "weet")
	_, said := b.stated()
	if len(said) != 1 || said[0].Detail != "Dat weet ik niet" || said[0].Section == aggregator.Recent {
		t.Fatalf("%v", said)
	}
	id := said[0].Parts[0].ID
	all, err := b.pages.OwnHistory(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	e := all[len(all)-1].Entry
	e.Detail = "Twee keer per dag"
	if question, err := b.pages.Change(t.Context(), id, e); err != nil || question != "" {
		t.Fatal(question, err)
	}
	d := b.pages.desk
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Open(store.Passphrase([]byte(passphrase))); err != nil {
		t.Fatal(err)
	}
	_, said = b.stated()
	if len(said) != 1 || len(said[0].About) != 2 || said[0].Detail != "Twee keer per dag" {
		t.Errorf("%v", said)
	}
}

// TestThePersonStoppedAMedicine of one provider: it stays among what is in use,
// with their word beside it, and is counted once.
func TestThePersonStoppedAMedicine(t *testing.T) {
	d, _ := moving(t)
	take(t, d, "huisarts", medicine)
	b := newDecider(t, d)
	stated, _ := b.stated()
	x := stated[0].Key()
	text := b.answers(x, "blad", "i", "antwoord", "stop")
	b.says(text, "Volgens u", "Ik gebruik dit niet meer", "Verander dit of haal het weg")
	b.says(b.page("/m"), "Volgens u: Ik gebruik dit niet meer", "U gebruikt nu 1 medicijn.")
	if text := b.page("/m/gestopt"); strings.Contains(text, "Ibuprofen") {
		t.Error("it stands under stopped as well")
	}
	b.says(b.page("/x/"+x), "Uw eigen opmerking")
	b.answers(x, "blad", "i", "antwoord", "woorden", "zelf", "Ik kreeg er buikpijn van.")
	b.says(b.page("/i/"+x), "Ik gebruik dit niet meer", "Ik kreeg er buikpijn van.")
	b.says(b.page("/m"), "Volgens u: Ik kreeg er buikpijn van.")
}

// TestWhatCannotBeAnswered: nothing is stored.
func TestWhatCannotBeAnswered(t *testing.T) {
	b := twoDoses(t)
	stated, _ := b.stated()
	x := stated[0].Key()
	for _, tc := range []struct {
		name, key, form string
		status          int
		says            string
	}{
		{"nothing chosen", x, "blad=v", 200, "Kies een antwoord."},
		{"no words", x, "blad=v&antwoord=anders&zelf=+", 200, "Vul in wat u wilt zeggen."},
		{"too many words", x, "blad=v&antwoord=anders&zelf=" + strings.Repeat("a", 501), 200, "Gebruik niet meer dan 500 tekens."},
		{"another item", x, "blad=v&antwoord=aaaaaaaaaaaa", 200, "Kies een antwoord."},
		{"no such item", "aaaaaaaaaaaa", "antwoord=weet", 404, "Deze pagina is er niet."},
	} {
		res, text := b.post("/x/"+tc.key, tc.form)
		if res.StatusCode != tc.status {
			t.Errorf("%s: %s", tc.name, res.Status)
		}
		b.says(text, tc.says)
	}
	if _, said := b.stated(); len(said) != 0 {
		t.Error("something was stored")
	}
	if err := b.pages.Say(t.Context(), web.Said{Items: []string{"medication:aaaaaaaaaaaa"}, Use: web.UseUnknown}); err != web.ErrNotFound {
		t.Errorf("%v", err)
	}
}

// TestAQuestionGoesOnTheSheet: it is in the form of the sheet and in no address.
func TestAQuestionGoesOnTheSheet(t *testing.T) {
	b := twoDoses(t)
	stated, _ := b.stated()
	text := b.page("/v/" + stated[0].Key())
	b.says(text, `formaction="/p/1"`, `formaction="/p/7"`)
	form := url.Values{"wijzig": {"1"}, "vraag1": {"Ibuprofen: wat klopt?"}, "antwoord": {"weet"}}
	res, text := b.post("/p/1", form.Encode())
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	b.says(text, `value="Ibuprofen: wat klopt?"`)
	if _, said := b.stated(); len(said) != 0 {
		t.Error("asking stored an answer")
	}
}

// TestNoJoinIsOfferedThatWouldBeRefused: what the form of a group offers can be
// decided, and what cannot is not offered.
func TestNoJoinIsOfferedThatWouldBeRefused(t *testing.T) {
	const one = `{"resourceType":"MedicationRequest","id":"m","status":"active","authoredOn":"2026-05-01","medicationCodeableConcept":{"text":"Ibuprofen 400 mg"},"dosageInstruction":[%s{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"stuk"}}]}]}`
	for name, tc := range map[string]struct {
		second  string
		offered bool
	}{
		"the same":  {strings.ReplaceAll(fmt.Sprintf(one, ""), "400 mg", "400 mg tablet"), true},
		"as needed": {strings.Replace(fmt.Sprintf(one, ""), `{"timing"`, `{"asNeededBoolean":true,"timing"`, 1), false},
	} {
		d, _ := moving(t)
		take(t, d, "huisarts", fmt.Sprintf(one, ""))
		take(t, d, "ziekenhuis", tc.second)
		b := newDecider(t, d)
		items := b.items()
		if len(items) != 2 || items[0].Group == "" {
			t.Fatalf("%s: %d items", name, len(items))
		}
		offered := strings.Contains(b.page("/v/"+items[0].Key()), `action="/j/samen"`)
		_, err := d.Join(t.Context(), items[0].ID, items[1].ID)
		if offered != tc.offered || offered != (err == nil) {
			t.Errorf("%s: offered %v, decided: %v", name, offered, err)
		}
	}
}

// TestAQuestionIsKeptForTheVisit: what the person wants to ask about a result
// is on the next appointment sheet, in their own words; a remark is not.
func TestAQuestionIsKeptForTheVisit(t *testing.T) {
	d, _ := moving(t)
	take(t, d, "huisarts", newResult)
	if err := d.SetGate(t.Context(), aggregator.GateRule{Wait: aggregator.WaitNot}); err != nil {
		t.Fatal(err)
	}
	b := newDecider(t, d)
	key := must(d.Overview(t.Context(), time.Time{}, "nl")).Subject("lab")[0].Key()
	if page := b.page("/u/" + key); !strings.Contains(page, `href="/x/`+key+`">Vraag onthouden</a>`) {
		t.Error("the result does not offer it")
	}
	b.answers(key, "antwoord", "woorden", "zelf", "Dat was na het sporten")
	if page := b.page("/p/1"); strings.Contains(page, "na het sporten") {
		t.Error("a remark is a question")
	}
	b.answers(key, "antwoord", "vraag", "zelf", "Hoe vaak moet ik prikken")
	if page := b.page("/p/1"); !strings.Contains(page, `value="Kreatinine: Hoe vaak moet ik prikken?"`) {
		t.Error("the question is not on the sheet")
	}
	if _, body := b.post("/x/"+key, "antwoord=vraag&zelf="); !strings.Contains(body, "Vul in wat u wilt zeggen.") {
		t.Error("a question without words is taken")
	}
}
