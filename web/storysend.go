package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
)

// storySend is how sending stands in a story.
type storySend struct {
	fault    error
	takes    []share.Kind // besides measurements
	sent     []Sent
	receipts []Receipt
	faults   []share.Fault
	requests []Request
	begun    []Parcel
	added    map[string]int // bytes, by title
	// takesChange are those that take requests to correct.
	takesChange []string
	corrected   int  // requests that were kept
	done        bool // the answers may have arrived
}

func (d *storyDesk) CanReceive(_ context.Context, kind share.Kind, recipient string) bool {
	if kind == share.KindCorrection && slices.Contains(d.post.takesChange, recipient) {
		return true
	}
	if recipient == storyHospital {
		for _, k := range append(d.post.takes, share.KindMeasurements, share.KindDocuments, share.KindAnswers) {
			if k == kind {
				return true
			}
		}
	}
	return false
}

func (d *storyDesk) Pack(_ context.Context, p Parcel) (Packed, error) {
	if d.post.fault != nil {
		return Packed{}, d.post.fault
	}
	if d.post.done && p.Kind == share.KindAnswers {
		return Packed{Left: []LeftOut{{storyID("questionnaire", "ask"), share.Unknown}}}, ErrNothingToSend
	}
	subject := map[share.Kind]string{share.KindMeasurements: "vital", share.KindDocuments: "letter"}[p.Kind]
	return Packed{
		Message: share.Message{Kind: p.Kind, Bytes: []byte(`{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient"}}]}`)},
		Items:   d.o.Subject(subject)[:min(2, len(d.o.Subject(subject)))],
		Left:    []LeftOut{{storyID("letter", "letter-3"), "no-file"}, {storyID("letter", "gone"), "unknown"}},
	}, nil
}

func (d *storyDesk) BeginSend(_ context.Context, p Parcel) (string, string, error) {
	d.post.begun = append(d.post.begun, p)
	return "https://inloggen.delinde.example/authorize?state=x", "binding", d.post.fault
}

func (d *storyDesk) Sent() (Parcel, []Sent) {
	sent := d.post.sent
	if sent == nil {
		sent = []Sent{{Item: storyID("vital", "bp-2"), OK: true}, {Item: storyID("vital", "bp-1"), Code: "P-503"}}
	}
	return Parcel{Kind: share.KindMeasurements, Recipient: storyHospital}, sent
}

func (d *storyDesk) Receipts(context.Context) ([]Receipt, error) {
	return d.post.receipts, d.post.fault
}

func (d *storyDesk) AddDocument(_ context.Context, title string, data []byte) error {
	if d.post.added == nil {
		d.post.added = map[string]int{}
	}
	d.post.added[title] = len(data)
	return d.post.fault
}

func (d *storyDesk) Questionnaire(context.Context, string) (Questionnaire, error) {
	return Questionnaire{
		Item: storyID("questionnaire", "ask"), Provider: storyHospital, Form: storyForm(), Given: share.Given{"2": {"Beter dan vorige week."}}, Done: d.post.done,
	}, d.post.fault
}

func (d *storyDesk) Answer(context.Context, string, share.Given) ([]share.Fault, error) {
	return d.post.faults, nil
}
func (d *storyDesk) Accept(context.Context, string) error  { return nil }
func (d *storyDesk) Decline(context.Context, string) error { return nil }

func (d *storyDesk) Correct(context.Context, string, string, string) (string, error) {
	if d.post.fault == nil {
		d.post.corrected++
	}
	return "r1", d.post.fault
}

func (d *storyDesk) Requests(context.Context) ([]Request, error) { return d.post.requests, nil }

func (d *storyDesk) RequestLetter(context.Context, string, string) (string, error) {
	return "Geachte heer of mevrouw,\n\nIn mijn dossier staat iets dat niet klopt.\n\nMet vriendelijke groet,\nAnna de Vries", nil
}

// storyForm has every kind of question.
func storyForm() share.Form {
	options := []share.Option{{Key: "goed", Text: "Goed"}, {Key: "slecht", Text: "Niet goed"}}
	return share.Form{Title: "Hoe gaat het?", Text: "Vul dit in voor uw afspraak.", Questions: []share.Question{
		{Link: "g", Type: share.TypeGroup, Text: "Deze week", Questions: []share.Question{
			{Link: "1", Type: share.TypeChoice, Text: "Hoe gaat het?", Required: true, Options: options},
			{Link: "2", Type: share.TypeText, Text: "Wilt u nog iets zeggen?"},
		}},
		{Link: "3", Type: share.TypeBoolean, Text: "Slaapt u goed?"},
		{Link: "4", Type: share.TypeDate, Text: "Sinds wanneer?"},
		{Link: "5", Type: share.TypeQuantity, Text: "Hoe zwaar bent u?", Unit: "kg"},
	}}
}

// asked has a request of the hospital to fill in a questionnaire, and requests
// of the person.
func asked(d *storyDesk) {
	d.o.Items = append(d.o.Items, aggregator.Item{
		ID: storyID("questionnaire", "ask"), Subject: "questionnaire", Section: aggregator.Found, Title: "Hoe gaat het?", When: "2025-05-18",
		Parts: []aggregator.Part{{Source: storyHospital, Service: "59", Version: "1", Type: "Task", ID: "ask"}},
	})
	wrong := share.Correction{ID: "r1", Provider: storyHospital, Name: "Streekziekenhuis", Topic: "Metoprolol", Words: "Ik gebruik 50 mg en geen 100 mg.", Made: storyNow}
	answered := wrong
	answered.ID, answered.Sent, answered.Reply = "r2", storyNow, "Ontvangen."
	d.post.requests = []Request{{Correction: wrong, State: share.StateDraft}, {Correction: answered, State: share.StateAnswered}}
}

// sendStories are the pages of what goes over MedMij.
func sendStories() []story {
	to := func(kind share.Kind) string { return parcelPath(storyHospital, kind) }
	correctAt := "/i/" + storyKey("metoprolol-u") + "/vraag/" + sourceKey(storyHospital)
	askAt := askHome + "/" + storyKey("ask")
	begin := form("aan", sourceKey(storyHospital), "soort", "1", "som", "0")
	fails := func(name string, err error) story {
		return story{name: name, method: "POST", path: "/d/stuur", form: begin, desk: func(d *storyDesk) { d.post.fault = err }}
	}
	return []story{
		{name: "send", path: sendHome, desk: asked},
		{name: "send-nobody", path: sendHome, desk: empty},
		{name: "send-look", path: to(share.KindMeasurements)},
		{name: "send-choose", path: to(share.KindDocuments)},
		{name: "send-documents", method: "POST", path: to(share.KindDocuments), form: form("ding", storyKey("letter-1"))},
		{name: "send-not-offered", path: to(share.KindImages)},
		{name: "send-unknown-recipient", path: sendHome + "/niemand/1"},
		{name: "send-unseen", method: "POST", path: "/d/stuur", form: form("aan", sourceKey(storyHospital), "soort", "1")},
		fails("send-changed", ErrPreview),
		fails("send-nothing", ErrNothingToSend),
		fails("send-consent-ended", &Problem{Code: medmij.CodeExpired, Source: storyHospital}).answering(http.StatusBadGateway),
		{name: "sent-one-refused", path: "/d/verstuurd", desk: oneRefused},
		{name: "sent-unknown", path: "/d/verstuurd", desk: cutOff},
		{name: "sent-twice", path: "/d/verstuurd", desk: func(d *storyDesk) {
			d.post.sent = []Sent{{Title: "Hoe gaat het?", Code: medmij.CodeUnknown, Twice: true}}
		}},
		{name: "send-may-be-there", path: askAt, desk: func(d *storyDesk) {
			asked(d)
			d.post.done = true
		}},
		{name: "sent-again", method: "POST", path: to(share.KindMeasurements), form: form("weer", "vraag", "ding", storyID("vital", "bp-2"))},
		{name: "receipts", path: "/d/bewijs", desk: withReceipts},
		{name: "upload", path: uploadFrom("d")},
		{name: "upload-letters", path: uploadFrom("b")},
		{name: "upload-add", path: uploadPath},
		{name: "upload-none", method: "POST", path: uploadFrom("d")},
		{name: "answers", path: askAt, desk: asked},
		{name: "answers-wrong", method: "POST", path: askAt, desk: func(d *storyDesk) {
			asked(d)
			d.post.faults = []share.Fault{{Link: "1", Code: share.FaultRequired}, {Link: "5", Code: share.FaultType}}
		}},
		{name: "answers-look", method: "POST", path: askAt, form: form(fieldOf("1"), "goed"), desk: asked},
		{name: "answers-decline", method: "POST", path: askAt + "/nee", desk: asked},
		{name: "correct", path: correctAt},
		{name: "correct-empty", method: "POST", path: correctAt},
		{name: "correct-bsn", method: "POST", path: correctAt, form: form("woorden", "x"), desk: func(d *storyDesk) { d.post.fault = share.ErrHoldsBSN }},
		{name: "difference-ask", path: "/v/" + storyKey("metoprolol-u"), desk: func(d *storyDesk) { d.post.takesChange = []string{storyHospital} }},
		{name: "difference-asked", method: "POST", path: correctAt, form: form("wijzig", "1", "antwoord", storyKey("metoprolol-h"))},
		{name: "request-letter", path: requestHome + "/r1", desk: asked},
		{name: "request-send", path: requestHome + "/r1", desk: func(d *storyDesk) {
			asked(d)
			d.post.takes = []share.Kind{share.KindCorrection}
		}},
		{name: "request-answered", path: requestHome + "/r2", desk: asked},
	}
}

// oneRefused is a message of five of which one was not taken.
func oneRefused(d *storyDesk) {
	for i := range 5 {
		d.post.sent = append(d.post.sent, Sent{Title: "Gewicht", OK: i != 2})
	}
	d.post.sent[2].Code, d.post.sent[2].Detail = medmij.CodeRefused, "Datum ontbreekt"
}

// cutOff is a message of which the connection broke after it went.
func cutOff(d *storyDesk) {
	d.post.sent = []Sent{{Item: storyID("vital", "bp-2"), Code: medmij.CodeUnknown}, {Item: storyID("vital", "bp-1"), Code: medmij.CodeUnknown}}
}

func withReceipts(d *storyDesk) {
	d.post.receipts = []Receipt{
		{share.Receipt{Time: storyNow, Recipient: storyHospital, Kind: share.KindMeasurements, Digest: "9f86d081884c7d659a2feaa0c55ad015", Entries: []share.EntryOutcome{
			{Type: "Patient", Result: share.Sent}, {Type: "Observation", Result: share.Sent}, {Type: "Observation", Result: share.Refused}, {Type: "Observation", Result: share.Unknown},
		}}, true},
		{share.Receipt{Time: storyNow.AddDate(0, -1, 0), Recipient: storyHospital, Kind: share.KindDocuments, Digest: "60303ae22b998861", Code: "P-401", Entries: []share.EntryOutcome{{Type: "Patient", Result: share.Refused}}}, true},
		{},
	}
}
