package desk

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/share"
)

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// formIn gives the hidden fields of the form on a page that goes to an address.
func formIn(body, post string) string {
	_, rest, _ := strings.Cut(body, `action="`+post+`"`)
	rest, _, _ = strings.Cut(rest, "</form>")
	v := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(rest, -1) {
		v.Add(m[1], m[2])
	}
	return v.Encode()
}

// visitFrom follows the link of a page to the provider, confirms there and comes
// back to the result.
func (b *bench) visitFrom(t *testing.T, p *browser, body string) string {
	t.Helper()
	m := regexp.MustCompile(`href="(https?://[^"]+)" rel="noreferrer"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("the page does not lead to the provider: %.600s", textIn(body))
	}
	back, err := b.net.Visit(t.Context(), strings.ReplaceAll(m[1], "&amp;", "&"), mock.Visitor{Persona: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	if res, body := p.get("/oauth/callback?" + back.RawQuery); res.StatusCode != 200 {
		t.Fatalf("back: %s %.600s", res.Status, textIn(body))
	}
	_, body = p.get("/d/verstuurd")
	return body
}

func textIn(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	body, _, _ = strings.Cut(body, "<footer")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")), " ")
}

// TestMeasurementsOnThePages: shown, confirmed, sent; what the provider got is
// what the page showed, and there is a receipt.
func TestMeasurementsOnThePages(t *testing.T) {
	b := newSendBench(t)
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	s := b.prepareKind(t, share.KindMeasurements)
	p := browse(t, b.Desk, "nl")
	_, body := p.get("/d/post")
	at := regexp.MustCompile(`/d/post/[a-z2-7]+/1`).FindString(body)
	if at == "" {
		t.Fatalf("nobody takes measurements: %s", textIn(body))
	}
	_, body = p.get(at)
	shown := must(b.Prepare(t.Context(), s))
	if !strings.Contains(body, shown.Message.Digest()) || !strings.Contains(textIn(body), "81,4") {
		t.Error("the page does not show what goes")
	}
	fields := formIn(body, "/d/stuur")
	must(0, b.Share(t.Context(), "vital", gpOf, true))
	if _, changed := p.post("/d/stuur", fields); !strings.Contains(changed, "Er is iets veranderd sinds u keek.") {
		t.Error(textIn(changed))
	}
	must(0, b.Share(t.Context(), "vital", gpOf, false))
	_, body = p.get(at)
	_, body = p.post("/d/stuur", formIn(body, "/d/stuur"))
	result := b.visitFrom(t, p, body)
	if !strings.Contains(textIn(result), "zijn aangekomen bij") || len(b.posted()) != 1 {
		t.Errorf("%d messages: %s", len(b.posted()), textIn(result))
	}
	if _, body := p.get("/d/bewijs"); !strings.Contains(body, "U verstuurde 1 bericht.") {
		t.Error("no receipt on the page")
	}
	if _, body := p.get(at); !strings.Contains(body, "Er staat niets klaar voor") {
		t.Error("it can be sent twice")
	}
}

// TestAFileOfOnesOwnIsSent: uploaded, chosen, shown and sent.
func TestAFileOfOnesOwnIsSent(t *testing.T) {
	b := newSendBench(t)
	if _, err := b.connect(t, "ziekenhuis-noordzee", anna); err != nil {
		t.Fatal(err)
	}
	p := browse(t, b.Desk, "nl")
	if res, body := p.upload("Fysio", aPDF); res != 303 {
		t.Fatal(res, textIn(body))
	}
	if res, body := p.upload("Virus", []byte("MZ\x90\x00\x03")); res != 200 || !strings.Contains(body, "Dit is geen PDF, JPEG of PNG.") {
		t.Error(res, textIn(body))
	}
	if res, body := p.upload("Groot", append(bytes.Clone(aPDF), make([]byte, 12<<20)...)); !strings.Contains(body, "groter dan 10 MB") {
		t.Error(res, textIn(body))
	}
	_, body := p.get("/d/post")
	at := regexp.MustCompile(`/d/post/[a-z2-7]+/2`).FindString(body)
	if _, body := p.get(at); !strings.Contains(body, "Er staat niets klaar") {
		t.Error("an upload is shared by itself:", textIn(body))
	}
	must(0, b.Share(t.Context(), "letter", hospitalOf, false))
	_, body = p.get(at)
	m := regexp.MustCompile(`name="ding" value="([a-z2-7]+)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatal(textIn(body))
	}
	_, body = p.post(at, "ding="+m[1])
	_, body = p.post("/d/stuur", formIn(body, "/d/stuur"))
	if result := b.visitFrom(t, p, body); !strings.Contains(textIn(result), "1 ding is aangekomen") {
		t.Error(textIn(result))
	}
	if strings.Contains(p.log.String()+b.logs.String(), "Fysio") {
		t.Error("a title is in the log")
	}
}

func (b *browser) upload(title string, data []byte) (int, string) {
	b.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	must(0, w.WriteField("naam", title))
	part := must(w.CreateFormFile("bestand", "C:\\fakepath\\brief.pdf"))
	must(part.Write(data))
	must(0, w.Close())
	r := httptest.NewRequest("POST", "http://127.0.0.1:8080/e/bestand", &form)
	r.Header.Set("Content-Type", w.FormDataContentType())
	res, body := b.do(r)
	return res.StatusCode, body
}

// filledIn is the form of a questionnaire with an answer to every question.
func filledIn(t *testing.T, body string) string {
	t.Helper()
	names := regexp.MustCompile(`name="(v[a-z2-7]{12})"(?: value="([^"]*)")?`).FindAllStringSubmatch(body, -1)
	if len(names) < 2 {
		t.Fatal(textIn(body))
	}
	form := url.Values{}
	for _, m := range names {
		text := "Het gaat beter"
		if m[2] != "" {
			text = "goed"
		}
		form.Set(m[1], text)
	}
	return form.Encode()
}

// fillIn answers the questionnaire of the clinic on its page, and gives the page
// with what would be sent.
func (b *bench) fillIn(t *testing.T) (p *browser, at, body string) {
	t.Helper()
	b.visitClinic(t)
	p, at = browse(t, b.Desk, "nl"), "/d/vragen/"+b.itemOf(t, "questionnaire", "Task", clinicOf).Key()
	_, body = p.get(at)
	_, body = p.post(at, filledIn(t, body))
	return p, at, body
}

// TestAnswersOnThePages: what was filled in is shown, sent, and stays as it is.
func TestAnswersOnThePages(t *testing.T) {
	b := newSendBench(t)
	p, at, body := b.fillIn(t)
	if !strings.Contains(body, "Het gaat beter") {
		t.Fatal(textIn(body))
	}
	_, body = p.post("/d/stuur", formIn(body, "/d/stuur"))
	if result := b.visitFrom(t, p, body); !strings.Contains(textIn(result), "1 ding is aangekomen") {
		t.Error(textIn(result))
	}
	if _, body := p.get(at); !strings.Contains(body, "Dit is al verstuurd") {
		t.Error("it can be answered twice")
	}
}

// TestACorrectionOnThePages: sent where it is taken, a letter elsewhere.
func TestACorrectionOnThePages(t *testing.T) {
	b := newSendBench(t)
	b.visitClinic(t)
	p := browse(t, b.Desk, "nl")
	for _, item := range must(b.Overview(t.Context(), time.Time{}, "nl")).Items {
		_, body := p.get("/i/" + item.Key())
		at := regexp.MustCompile(`/i/[a-z2-7]+/vraag/[a-z2-7]+`).FindString(body)
		if at == "" {
			continue
		}
		if _, body := p.post(at, "woorden="); !strings.Contains(body, "Vul dit in.") {
			t.Error(textIn(body))
		}
		res, _ := p.post(at, "woorden=Dit+heb+ik+nooit+gehad")
		_, body = p.get(res.Header.Get("Location"))
		post := regexp.MustCompile(`action="(/d/post/[^"]+)"`).FindStringSubmatch(body)
		if post == nil {
			t.Fatal(textIn(body))
		}
		_, body = p.post(post[1], formIn(body, post[1]))
		if !strings.Contains(body, "Dit heb ik nooit gehad") {
			t.Fatal(textIn(body))
		}
		_, body = p.post("/d/stuur", formIn(body, "/d/stuur"))
		if result := b.visitFrom(t, p, body); !strings.Contains(textIn(result), "1 ding is aangekomen") {
			t.Error(textIn(result))
		}
		return
	}
	t.Fatal("nothing to correct")
}

// TestWhatMayHaveArrivedIsNotOfferedBlindly: answers that were cut off, the second
// time that the provider refuses them because it has them, and what each page says.
func TestWhatMayHaveArrivedIsNotOfferedBlindly(t *testing.T) {
	b := newSendBench(t)
	p, ask, body := b.fillIn(t)
	must(0, b.net.Fault(mock.Fault{On: "resource:60", Kind: "reset", Value: "after", Times: 1}))
	_, body = p.post("/d/stuur", formIn(body, "/d/stuur"))
	if text := textIn(b.visitFrom(t, p, body)); !strings.Contains(text, "weten wij niet of het is aangekomen") || !strings.Contains(text, "Toch opnieuw versturen") {
		t.Error(text)
	}
	_, body = p.get(ask)
	if text := textIn(body); !strings.Contains(text, "weten wij niet of het is aangekomen") || !strings.Contains(text, "of het er is") {
		t.Error("the questionnaire:", text)
	}
	at := regexp.MustCompile(`/d/post/[a-z2-7]+/4`).FindString(body)
	_, body = p.post(at, formIn(body, at))
	if !strings.Contains(textIn(body), "of het is aangekomen?") {
		t.Fatal("it is offered without a question:", textIn(body))
	}
	_, body = p.post(at, formIn(body, at))
	_, body = p.post("/d/stuur", formIn(body, "/d/stuur"))
	second := textIn(b.visitFrom(t, p, body))
	if !strings.Contains(second, "een tweede keer niet aan") || !strings.Contains(second, "Stuur het niet nog een keer.") || strings.Contains(second, "Toch opnieuw") {
		t.Error(second)
	}
	b.checkInDoubt(t, Sending{Kind: share.KindAnswers, Recipient: clinicOf, Items: []string{b.itemOf(t, "questionnaire", "Task", clinicOf).ID}})
}

// TestADifferenceIsAskedOverMedMij: from the page of a difference, in the person's
// words, to the provider in it that takes it; the other gets a letter.
func TestADifferenceIsAskedOverMedMij(t *testing.T) {
	b := newChangeBench(t, "huisarts-delinde")
	for _, name := range []string{"huisarts-delinde", "ziekenhuis-noordzee"} {
		if _, err := b.connect(t, name, anna); err != nil {
			t.Fatal(err)
		}
	}
	b.collectClinic(t)
	keys := map[string]string{} // of what differs, by provider
	for _, item := range must(b.Overview(t.Context(), time.Time{}, "nl")).Subject("medication") {
		if strings.HasPrefix(item.Title, "METFORMINE") {
			keys[item.Parts[0].Source] = item.Key()
		}
	}
	p := browse(t, b.Desk, "nl")
	page := "/v/" + keys[hospitalOf]
	_, body := p.get(page)
	asks := regexp.MustCompile(`formaction="(/i/[a-z2-7]+/vraag/[a-z2-7]+)"`).FindAllStringSubmatch(body, -1)
	if len(asks) != 1 || !strings.HasPrefix(asks[0][1], "/i/"+keys[gpOf]+"/") || !strings.Contains(body, "Vraag om een verandering") {
		t.Fatal(asks, textIn(body))
	}
	_, body = p.post(asks[0][1], "wijzig=1&antwoord="+keys[hospitalOf])
	if text := textIn(body); !strings.Contains(text, "Bij u staat: 2 keer per dag 1 stuk") || !strings.Contains(text, "Volgens mij is het: 3 keer per dag 1 stuk") || strings.Contains(text, "Noordzee") {
		t.Fatal(text)
	}
	if len(must(b.Requests(t.Context()))) != 0 {
		t.Error("it was kept before it was seen")
	}
	res, _ := p.post(asks[0][1], "woorden=Ik+gebruik+er+3+per+dag")
	_, body = p.get(res.Header.Get("Location"))
	at := regexp.MustCompile(`action="(/d/post/[^"]+)"`).FindStringSubmatch(body)
	if at == nil {
		t.Fatal(textIn(body))
	}
	_, body = p.post(at[1], formIn(body, at[1]))
	_, body = p.post("/d/stuur", formIn(body, "/d/stuur"))
	if result := b.visitFrom(t, p, body); !strings.Contains(textIn(result), "1 ding is aangekomen") {
		t.Error(textIn(result))
	}
	got := b.posted()
	if len(got) != 1 || !bytes.Contains(got[0].Bundle, []byte("Ik gebruik er 3 per dag")) {
		t.Errorf("%d messages, or other words", len(got))
	}
}
