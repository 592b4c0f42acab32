package desk

import (
	"regexp"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/share"
)

// sendScreen is what the pages say after a fault of a provider.
type sendScreen struct {
	name, lang string
	fault      mock.Fault
	result     []string // on the page with the result
	code       string   // on that page, for whoever helps
	after      []string // on the page where the same would be sent again
	receipt    []string // on the page of what was sent
	log        []string // in the log of sharing
	ready      int      // things that may be sent without a word
	left       string   // why the others do not go
}

func sendScreens() []sendScreen {
	partly, cut := mock.Fault{Kind: "batch", Value: "partly"}, mock.Fault{Kind: "reset", Value: "after"}
	return []sendScreen{
		{
			name: "one of five is refused", lang: "nl", fault: partly, code: medmij.CodeRefused,
			result:  []string{"4 dingen zijn aangekomen bij Huisartsenpraktijk De Linde", "1 ding is niet aangenomen", "Kijk of het klopt. Probeer het daarna opnieuw."},
			after:   []string{"Dit gaat naar Huisartsenpraktijk De Linde.", "Dit stuurde u al."},
			receipt: []string{"U verstuurde 1 bericht.", "1 deel geweigerd"}, log: []string{"Antwoord van de ander: Metingen", "4 aangekomen", "1 geweigerd"}, ready: 1, left: share.Sent,
		},
		{
			name: "one of five is refused", lang: "en", fault: partly, code: medmij.CodeRefused,
			result: []string{"4 things have arrived at Huisartsenpraktijk De Linde", "Check whether it is right. Then try again."},
			after:  []string{"This goes to Huisartsenpraktijk De Linde.", "You sent this before."}, receipt: []string{"1 part refused"}, ready: 1, left: share.Sent,
		},
		{
			name: "the connection is cut after the body", lang: "nl", fault: cut, code: medmij.CodeUnknown,
			result:  []string{"Van 5 dingen weten wij niet of ze zijn aangekomen.", "Wij sturen dit nooit vanzelf nog een keer.", "Toch opnieuw versturen"},
			after:   []string{"Van 5 dingen weten wij niet of ze zijn aangekomen.", "Vraag Huisartsenpraktijk De Linde of het er is.", "Toch opnieuw versturen"},
			receipt: []string{"6 delen onbekend"}, log: []string{"Versturen begonnen: Metingen", "5 niet zeker"}, ready: 0, left: share.Unknown,
		},
		{
			name: "the connection is cut after the body", lang: "en", fault: cut, code: medmij.CodeUnknown,
			result: []string{"Of 5 things we do not know whether they arrived."}, after: []string{"Send again all the same"}, receipt: []string{"6 parts not known"}, ready: 0, left: share.Unknown,
		},
	}
}

// TestWhatGoesWrongWhileSendingOnThePages: at a provider that runs, each fault has
// its screen, its code, its receipt, its line in the log and its stored state.
func TestWhatGoesWrongWhileSendingOnThePages(t *testing.T) {
	for _, s := range sendScreens() {
		t.Run(s.name+"/"+s.lang, func(t *testing.T) { checkSendScreen(t, s) })
	}
}

func checkSendScreen(t *testing.T, s sendScreen) {
	b := newSendBench(t)
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	sending := b.prepareKind(t, share.KindMeasurements)
	s.fault.On, s.fault.Times = "resource:53", 1
	must(0, b.net.Fault(s.fault))
	p := browse(t, b.Desk, s.lang)
	_, body := p.get("/d/post")
	at := regexp.MustCompile(`/d/post/[a-z2-7]+/1`).FindString(body)
	_, body = p.get(at)
	_, body = p.post("/d/stuur", formIn(body, "/d/stuur"))
	says := func(page, body string, want ...string) {
		t.Helper()
		for _, text := range want {
			if !strings.Contains(textIn(body), text) {
				t.Errorf("%s does not say %q: %s", page, text, textIn(body))
			}
		}
		if strings.Contains(body, gpOf) {
			t.Errorf("%s names the provider as a program does", page)
		}
	}
	says("the result", b.visitFrom(t, p, body), append(s.result, "Code "+s.code)...)
	for path, want := range map[string][]string{at: s.after, "/d/bewijs": s.receipt, "/d/logboek": s.log} {
		_, body := p.get(path)
		says(path, body, want...)
	}
	made, _ := b.Prepare(t.Context(), sending)
	if len(made.Items) != s.ready || len(made.Left) != 5-s.ready || made.Left[0].Code != s.left {
		t.Errorf("ready %d, left %v", len(made.Items), made.Left)
	}
	if n := len(b.posted()); n != 1 {
		t.Errorf("the provider got %d messages", n)
	}
}
