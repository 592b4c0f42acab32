//go:build e2e

package share

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// linkDocument is what another part of the program makes: a summary with what a
// provider and what the person says, and words that look like markup.
const linkDocument = `{"resourceType":"Bundle","type":"document","entry":[
{"fullUrl":"urn:uuid:c","resource":{"resourceType":"Composition","title":"Samenvatting","date":"2026-03-01","subject":{"reference":"urn:uuid:p"},"section":[
 {"title":"Medicijnen","entry":[{"reference":"urn:uuid:m"},{"reference":"urn:uuid:s"}]},
 {"title":"Uitslagen","entry":[{"reference":"urn:uuid:o"}]},
 {"title":"Allergieën","emptyReason":{"coding":[{"code":"nilknown"}]}}]}},
{"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","name":[{"text":"A. Voorbeeld"}],"birthDate":"1961-04-02"}},
{"fullUrl":"urn:uuid:m","resource":{"resourceType":"MedicationStatement","status":"active","medicationCodeableConcept":{"text":"Metoprolol 50 mg"},"dosage":[{"text":"1 keer per dag 1 tablet"}],"informationSource":{"display":"Huisartsenpraktijk De Linde"}}},
{"fullUrl":"urn:uuid:s","resource":{"resourceType":"MedicationStatement","status":"active","medicationCodeableConcept":{"text":"<img src=x onerror='document.title=1'>"},"informationSource":{"reference":"urn:uuid:p"}}},
{"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","status":"preliminary","code":{"text":"Kalium"},"valueQuantity":{"value":4.10,"unit":"mmol/l"},"referenceRange":[{"low":{"value":3.5},"high":{"value":5.0}}],"effectiveDateTime":"2026-02-28"}}]}`

func place(t *testing.T, r *Relay, o Options) Link {
	t.Helper()
	return placeThis(t, r, []byte(linkDocument), o)
}

func placeThis(t *testing.T, r *Relay, document []byte, o Options) Link {
	t.Helper()
	l, err := publishAt(t.Context(), http.DefaultClient, r.PublicURL, []File{{ContentType: TypeFHIR, FHIRVersion: "4.0.1", Body: document}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// visit shows an address; a link that differs behind "#" only is loaded too.
func (b *reader) visit(address string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(address)); err != nil {
		b.t.Fatal(err)
	}
	b.waitFor(`!document.getElementById('ask').hidden || document.getElementById('answer').textContent`)
}

// send fills in the form, and waits for an answer with some words.
func (b *reader) send(fields map[string]string, words string) {
	b.t.Helper()
	for name, value := range fields {
		quoted, _ := json.Marshal(value)
		eval[string](b, `document.getElementById('`+name+`').value = `+string(quoted))
	}
	eval[bool](b, `document.querySelector('#ask button').click() || true`)
	b.waitFor(`document.getElementById('answer').textContent.includes('` + words + `')`)
}

// clean checks what the browser did: it spoke with the relay only, said none of
// the secrets, and its policy refused nothing.
func (b *reader) clean(r *Relay, secrets ...string) {
	b.t.Helper()
	b.spokeOnlyWith(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := strings.Join(b.bodies, "\n")
	for _, secret := range secrets {
		// The fragment of a page is in what the browser tells us of its own
		// navigation, and not in what it sends.
		for _, line := range strings.Split(sent, "\n") {
			if strings.Contains(line, secret) && !strings.Contains(line, "urlFragment") {
				b.t.Errorf("the page sent a secret: %.200s", line)
			}
		}
	}
	if len(b.complaints) > 0 {
		b.t.Errorf("the browser complained: %s", strings.Join(b.complaints, "\n"))
	}
}

func (b *reader) spokeOnlyWith(r *Relay) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.asked {
		if !strings.HasPrefix(address, r.PublicURL+"/") && address != "about:blank" && !strings.HasPrefix(address, "data:") {
			b.t.Errorf("the page asked %s", address)
		}
	}
}

func TestTheViewerOpensALinkInABrowser(t *testing.T) {
	r := relayOnNetwork(t)
	l := place(t, r, Options{Passcode: true, MaxOpenings: 1})
	b := newReader(t, "nl-NL")
	b.visit(l.URI)
	b.shoot("viewer-ask")
	b.send(map[string]string{"who": "dr. Test", "passcode": "wrong"}, "nog 9 keer")
	b.send(map[string]string{"passcode": l.Passcode}, "met u gedeeld")
	b.shoot("viewer-rows")
	shown := b.text()
	for _, words := range []string{
		"A. Voorbeeld", "geboren 2 april 1961", "Metoprolol 50 mg", "1 keer per dag 1 tablet", "Van Huisartsenpraktijk De Linde",
		"<img src=x onerror=", "4,10\u00a0mmol/l", "referentie 3,5", "voorlopig", "28 februari 2026", "geen bekend",
	} {
		if !strings.Contains(shown, words) {
			t.Errorf("the page does not show %q:\n%s", words, shown)
		}
	}
	if got := eval[int](b, `document.querySelectorAll('img').length`); got != 0 {
		t.Error("words of others became markup")
	}
	if got := eval[string](b, `[...document.querySelectorAll('.own h3')].map(e => e.textContent.slice(0, 4)).join()`); got != "<img" {
		t.Errorf("the person's own: %q", got)
	}
	if over := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		t.Errorf("the page runs %d px off the screen", over)
	}
	b.visit(l.URI)
	b.send(map[string]string{"who": "dr. Test", "passcode": l.Passcode}, "werkt niet")
	b.clean(r, b64.EncodeToString(l.Key))
}

// TestTheViewerOpensACodeInABrowser: the key is made in the page.
func TestTheViewerOpensACodeInABrowser(t *testing.T) {
	r := relayOnNetwork(t)
	l := place(t, r, Options{BirthDate: "1961-04-02"})
	b := newReader(t, "en-GB")
	b.visit(r.PublicURL + "/v")
	b.shoot("viewer-code")
	b.send(map[string]string{"code": FormatCode(l.Code), "born": "1961-04-03", "who": "dr. Test"}, "find nothing")
	start := time.Now()
	b.send(map[string]string{"born": "1961-04-02"}, "shared with you")
	t.Logf("from code to page: %s", time.Since(start).Round(time.Millisecond))
	if shown := b.text(); !strings.Contains(shown, "From Huisartsenpraktijk De Linde") || !strings.Contains(shown, "4.10\u00a0mmol/l") {
		t.Errorf("the page shows:\n%s", shown)
	}
	b.clean(r, l.Code, l.Code[handleLength:], "1961", b64.EncodeToString(l.Key))
}

// TestALinkAndAFileShowTheSame: one document reads the same behind a link and in
// a file that opens with a code, to the last word.
func TestALinkAndAFileShowTheSame(t *testing.T) {
	records := annaRecords(t)
	summary, _ := ips(t, readied(t, Own(merged(t, records, "nl")), records, "nl"))
	r := relayOnNetwork(t)
	b := newReader(t, "nl-NL")
	b.visit(placeThis(t, r, summary, Options{}).URI)
	b.send(map[string]string{"who": "dr. Test"}, "met u gedeeld")
	b.shoot("viewer")
	const told = `[...document.querySelectorAll('#content .who, #content h2, #content .told')].map(e => e.textContent).join('\n')`
	link := eval[string](b, told)
	b.clean(r)
	lock := cheapLock("nl")
	page, err := lock.HTML(summary)
	if err != nil {
		t.Fatal(err)
	}
	b.openFile(page)
	b.shoot("file-ask")
	if said := b.try(lock.Code); said != "" {
		t.Fatal(said)
	}
	b.shoot("file")
	if file := eval[string](b, told); file != link || len(file) < 1000 {
		t.Errorf("%d characters in the file, %d behind the link", len(file), len(link))
	}
	if own := eval[int](b, `document.querySelectorAll('tr.own').length`); own == 0 {
		t.Error("what the person added looks like the rest")
	}
	for _, selector := range []string{".mind", ".who time", "h2", ".lines"} {
		if eval[int](b, `document.querySelectorAll("`+selector+`").length`) == 0 {
			t.Errorf("no %s", selector)
		}
	}
}

// TestTheViewerTellsAForeignNarrative: what another maker wrote is shown as it
// told it, with nothing of its markup that could do something; where it is no
// XHTML, or empty, the page goes on.
func TestTheViewerTellsAForeignNarrative(t *testing.T) {
	document := `{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","title":"Resumen","date":"2026-03","section":[
	 {"title":"Uno","text":{"div":"<div xmlns='http://www.w3.org/1999/xhtml'><h4>Alergias</h4><ul><li><b>Penicilina</b> <span style='display:none'>grave</span></li></ul><a href='http://127.0.0.1:1/'>fuente</a><script>document.title=1</script><img src='http://127.0.0.1:1/'/></div>"}},
	 {"title":"Tabla","text":{"div":"<div xmlns='http://www.w3.org/1999/xhtml'><table><thead><tr><th>Que</th></tr></thead><tbody><tr><td>uno</td></tr></tbody></table></div>"}},
	 {"title":"Dos","text":{"div":"<div>roto<br>sigue & <td>fin</div>"}},
	 {"title":"Tres","text":{"div":"<div xmlns='http://www.w3.org/1999/xhtml'> </div>"},"emptyReason":{"coding":[{"code":"nilknown"}]}}]}}]}`
	r := relayOnNetwork(t)
	b := newReader(t, "nl-NL")
	b.visit(placeThis(t, r, []byte(document), Options{}).URI)
	b.send(map[string]string{"who": "x"}, "met u gedeeld")
	shown := b.text()
	for _, words := range []string{"Resumen", "maart 2026", "Alergias", "Penicilina", "grave", "fuente", "roto", "sigue &", "fin", "geen bekend"} {
		if !strings.Contains(shown, words) {
			t.Errorf("the page does not show %q:\n%s", words, shown)
		}
	}
	if got := eval[string](b, `[...document.querySelectorAll("#content table:not(.lines) th")].map(e => getComputedStyle(e).display).join()`); got != "table-cell" {
		t.Errorf("the head of a table of another maker is %q", got)
	}
	if got := eval[int](b, `document.querySelectorAll("#content a, #content img, #content script, #content [style], #content [href]").length`); got != 0 {
		t.Errorf("%d elements that a narrative may not bring", got)
	}
	b.spokeOnlyWith(r)
}

// TestTheViewerRefusesWhatWasChanged: the relay itself cannot show other words.
func TestTheViewerRefusesWhatWasChanged(t *testing.T) {
	r := relayOnNetwork(t)
	l := place(t, r, Options{Direct: true})
	other := place(t, r, Options{Direct: true})
	swap := hashOf(l.ID)
	err := r.table.update(func(rows rows) error {
		from := hashOf(other.ID)
		sealed := append([]byte(nil), rows.tx.Bucket(bucketFiles).Get(numbered(from, 0))...)
		return rows.tx.Bucket(bucketFiles).Put(numbered(swap, 0), sealed)
	})
	if err != nil {
		t.Fatal(err)
	}
	b := newReader(t, "nl-NL")
	b.visit(l.URI)
	b.send(map[string]string{"who": "x"}, "onderweg veranderd")
	b.visit(other.URI)
	b.send(map[string]string{"who": "x"}, "met u gedeeld")
	b.visit(l.URI[:len(l.URI)-20])
	b.waitFor(`document.getElementById('answer').textContent.includes('niet volledig')`)
}
