package share

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// Why a request to correct is not written.
var (
	ErrNoWords  = errors.New("share: a request to correct needs the person's own words")
	ErrNotTheir = errors.New("share: the provider has no record in this item")
)

// MaxWords bounds the words of a request to correct, in characters.
const MaxWords = 4000

// Correction is a request to a provider to correct its record
// (Dossierwijzigingsverzoek): about its own records, in the person's own words.
// It is kept as a Communication of source self; see [Correction.Record].
type Correction struct {
	ID       string // of the own record
	Provider string // source
	Name     string // readable name of the provider
	Topic    string // what it is about, in a few words
	Words    string // what is wrong, and what is right
	About    []About
	Made     time.Time
	Sent     time.Time // zero: not sent, or printed
	Reply    string    // what the provider's system answered, as text
}

// About is a record of the provider in the version that the request is about.
type About struct {
	Pin
	Number int // version in the vault
}

// State is where a request stands.
type State string

// The states of a request. Changed follows from the records: it has no say of
// the provider in it.
const (
	StateDraft    State = "draft"
	StateOpen     State = "open"
	StateAnswered State = "answered" // the provider's system gave a reply
	StateChanged  State = "changed"  // the provider gave another version of the record, or no longer gives it
)

// State tells where the request stands. newest gives the number of the newest
// version of a record; 0 when the provider no longer gives it.
func (c Correction) State(newest func(Pin) int) State {
	switch {
	case c.Sent.IsZero():
		return StateDraft
	case slices.ContainsFunc(c.About, func(a About) bool { return newest(a.Pin) != a.Number }):
		return StateChanged
	case c.Reply != "":
		return StateAnswered
	}
	return StateOpen
}

// NewCorrection begins a request about what one provider says in an item. What
// other providers say is not in it: the person may write it down. The error is
// ErrNotTheir when the provider says nothing here.
func NewCorrection(item aggregator.Item, provider, name string, now time.Time) (Correction, error) {
	c := Correction{ID: fhir.NewUUID(), Provider: provider, Name: name, Topic: fhir.CleanText(item.Name(), 200), Made: now}
	pins := PinsOf(item)
	for _, p := range item.Parts {
		pin := Pin{p.Source, p.Service, p.Type, p.ID}
		if p.Source == provider && p.Hidden != "version" && slices.Contains(pins, pin) {
			number, _ := strconv.Atoi(p.Version)
			c.About = append(c.About, About{pin, number})
		}
	}
	if len(c.About) == 0 {
		return c, ErrNotTheir
	}
	return c, nil
}

// Corrections writes the R4 transaction of a request: the Communication, the
// Patient and the provider (data-services.md 1.17). Errors: ErrNoWords,
// ErrTooLarge, ErrHoldsBSN.
func Corrections(person fhir.Record, c Correction) (Message, error) {
	if err := c.checkWords(); err != nil {
		return Message{}, err
	}
	b := newBundle("transaction", string(KindCorrection), c.ID, c.Provider, c.Topic, c.Words, instant(c.Made))
	who, to := b.addPerson(person, fhir.R4), b.addProvider(c.Name, fhir.R4)
	var about []any
	for _, a := range c.About {
		about = append(about, pointer(a.Type+"/"+a.ID, c.Topic))
	}
	m := c.content()
	m["meta"] = profiled(nictiz + "dwv-PatientCorrectionsCommunication")
	m["status"], m["sent"] = "completed", instant(c.Made)
	m["subject"], m["sender"], m["recipient"], m["about"] = who, who, []any{to}, about
	b.create(0, b.urn("request"), m)
	return b.message(KindCorrection)
}

// checkWords: a number that could be a BSN in the words is refused too; they
// are the person's own, so nothing is changed in them in silence.
func (c Correction) checkWords() error {
	words := strings.TrimSpace(c.Words)
	if words == "" || len([]rune(words)) > MaxWords {
		return ErrNoWords
	}
	if _, n := fhir.MaskText(c.Words + "\n" + c.Topic); n > 0 {
		return ErrHoldsBSN
	}
	return nil
}

// requestSystem is where the category of these requests comes from.
const requestSystem = "https://hl7.org/fhir/uv/fhir-patient-correction/CodeSystem/PatientCorrectionCommunicationTypes"

// content is what the message and the own record have in common.
func (c Correction) content() map[string]any {
	category := map[string]any{"system": requestSystem, "code": "medRecCxReq", "display": "Medical Record Correction Request"}
	return map[string]any{
		"resourceType": "Communication",
		"identifier":   []any{uri("urn:uuid:" + c.ID)},
		"category":     []any{map[string]any{"coding": []any{category}}},
		"topic":        map[string]any{"text": c.Topic},
		"payload":      []any{map[string]any{"contentString": strings.TrimSpace(c.Words)}},
	}
}

const numberExt = aggregator.Namespace + "version"

// Record writes the request as an own record, in R4. A draft, what was sent and
// the reply are versions of one record.
func (c Correction) Record() (fhir.Resource, error) {
	m := c.content()
	m["id"], m["status"] = c.ID, "preparation"
	m["subject"], m["sender"] = map[string]any{"reference": "Patient/self"}, map[string]any{"reference": "Patient/self"}
	m["recipient"] = []any{map[string]any{
		"identifier": map[string]any{"system": sourceSystem, "value": c.Provider}, "display": c.Name,
	}}
	m["extension"] = []any{map[string]any{"url": aggregator.Namespace + "made", "valueDateTime": instant(c.Made)}}
	if !c.Sent.IsZero() {
		m["status"], m["sent"] = "completed", instant(c.Sent)
	}
	if c.Reply != "" {
		m["note"] = []any{map[string]any{"text": c.Reply}}
	}
	var about []any
	for _, a := range c.About {
		about = append(about, map[string]any{"reference": a.Type + "/" + a.ID, "extension": []any{
			map[string]any{"url": sourceExt, "valueString": a.Source},
			map[string]any{"url": serviceExt, "valueString": a.Service},
			map[string]any{"url": numberExt, "valueInteger": a.Number},
		}})
	}
	m["about"] = about
	raw, err := json.Marshal(m)
	if err != nil {
		return fhir.Resource{}, fmt.Errorf("write a request to correct: %w", err)
	}
	return fhir.Parse(raw, fhir.R4), nil
}

// ReadCorrection reads an own record back; false for any other.
func ReadCorrection(r fhir.Record) (Correction, bool) {
	n := r.Node()
	if !r.Origin.IsSelf() || r.Deleted || r.Type != "Communication" || n.Get("category").Coded().Code(requestSystem) != "medRecCxReq" {
		return Correction{}, false
	}
	to := n.Get("recipient")
	c := Correction{
		ID: r.ID, Provider: to.Str("identifier", "value"), Name: to.Str("display"), Topic: n.Str("topic", "text"),
		Words: n.Str("payload", "contentString"), Reply: n.Str("note", "text"), Sent: n.Date("sent").Low(),
		Made: fhir.ParseDate(n.Ext(aggregator.Namespace + "made").Value().Text()).Low(),
	}
	for _, ref := range n.All("about") {
		to := ref.Reference().Ref
		number, _ := strconv.Atoi(ref.Ext(numberExt).Value().Text())
		c.About = append(c.About, About{Pin{ref.Ext(sourceExt).Value().Text(), ref.Ext(serviceExt).Value().Text(), to.Type, to.ID}, number})
	}
	return c, true
}

// Letter is the request as a letter to print, for a provider that takes none
// over MedMij. person is the vault's own Patient; lang is "nl" or "en".
func (c Correction) Letter(person fhir.Record, lang string) (string, error) {
	if err := c.checkWords(); err != nil {
		return "", err
	}
	w := letterWords[lang]
	if w.subject == "" {
		w = letterWords["nl"]
	}
	n := person.Node()
	lines := []string{
		c.Name, "", w.date + c.Made.In(fhir.Amsterdam()).Format("2-1-2006"), w.subject + c.Topic, "",
		w.opening, "", strings.TrimSpace(c.Words), "", w.closing, "", w.regards, "", "", w.name + n.Names("name"), w.born + n.Date("birthDate").Words(lang),
	}
	return strings.Join(lines, "\n") + "\n", nil
}

type letterText struct{ date, subject, opening, closing, regards, name, born string }

var letterWords = map[string]letterText{
	"nl": {
		"Datum: ", "Verzoek om mijn dossier te verbeteren: ", "In mijn dossier bij u staat iets dat volgens mij niet klopt.",
		"Wilt u dit nakijken en mij laten weten wat u ermee doet?", "Met vriendelijke groet,", "Naam: ", "Geboren: ",
	},
	"en": {
		"Date: ", "Request to correct my record: ", "Something in my record at your practice is not right, I think.",
		"Would you check this and tell me what you do about it?", "Kind regards,", "Name: ", "Born: ",
	},
}
