package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web/desk"
)

// sentRow is a receipt in JSON. JWS is as it was signed; of one that does not
// hold there is nothing else.
type sentRow struct {
	Valid   bool                 `json:"valid"`
	Time    string               `json:"time,omitempty"`
	With    string               `json:"with,omitempty"`
	Name    string               `json:"name,omitempty"`
	Kind    share.Kind           `json:"kind,omitempty"`
	Service string               `json:"service,omitempty"`
	Digest  string               `json:"sha256,omitempty"`
	Code    string               `json:"code,omitempty"`
	Trace   string               `json:"trace,omitempty"`
	Entries []share.EntryOutcome `json:"entries,omitempty"`
	JWS     string               `json:"jws"`
}

// runSent lists what was sent over MedMij, newest first.
func (a *app) runSent(c *cobra.Command) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	all, err := d.Receipts(c.Context())
	if err != nil {
		return err
	}
	providers, err := d.Providers(c.Context())
	if err != nil {
		return err
	}
	rows := make([]sentRow, len(all))
	for i, r := range all {
		rows[i] = sentRow{JWS: r.Text}
		if r.Valid {
			rows[i] = sentRow{
				true, r.Time.Format(time.RFC3339), r.Recipient, providers[r.Recipient].Name, r.Kind, r.Service, r.Digest, r.Code, r.Trace, r.Entries, r.Text,
			}
		}
	}
	if a.json {
		return a.printJSON(map[string]any{"receipts": rows})
	}
	a.printSent(all, rows)
	return nil
}

func (a *app) printSent(all []desk.StoredReceipt, rows []sentRow) {
	if len(rows) == 0 {
		fmt.Fprintln(a.Stdout, a.t("U verstuurde nog niets via MedMij.", "You sent nothing over MedMij yet."))
		return
	}
	t := a.table(a.t("Wanneer", "When"), a.t("Naar", "To"), a.t("Wat", "What"), a.t("Wat ervan werd", "What became of it"), a.t("Controlegetal", "Check number"))
	for i, r := range rows {
		if !r.Valid {
			t.add("", "", "", a.t("dit bewijs klopt niet; vertrouw het niet", "this receipt does not hold; do not trust it"), "")
			continue
		}
		t.add(localTime(all[i].Time), printable(cmp.Or(r.Name, r.With)), a.kindWords(r.Kind), joined(" · ", a.entryWords(r.Entries), r.Code), r.Digest[:min(12, len(r.Digest))])
	}
	t.print()
}

func (a *app) kindWords(kind share.Kind) string {
	return map[share.Kind]string{
		share.KindMeasurements: a.t("metingen", "measurements"), share.KindDocuments: a.t("documenten", "documents"), share.KindImages: a.t("beelden", "images"),
		share.KindAnswers: a.t("antwoorden", "answers"), share.KindCorrection: a.t("verzoek om te verbeteren", "request to correct"),
	}[kind]
}

func (a *app) entryWords(entries []share.EntryOutcome) string {
	l := share.Line{}
	for _, e := range entries {
		l.Outcomes = append(l.Outcomes, share.Outcome{Code: e.Result})
	}
	return a.outcomeWords(l)
}

// requestRow is a request to correct in JSON.
type requestRow struct {
	ID     string      `json:"id"` // for send --what correction --item
	With   string      `json:"with"`
	Name   string      `json:"name"`
	Topic  string      `json:"topic"`
	Words  string      `json:"words"`
	State  share.State `json:"state"`
	Unsure bool        `json:"unsure,omitempty"` // it may not have arrived
	Made   string      `json:"made"`
	Sent   string      `json:"sent,omitempty"`
	Reply  string      `json:"reply,omitempty"`
}

// runRequests lists the requests to correct, newest first.
func (a *app) runRequests(c *cobra.Command) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	all, err := d.Requests(c.Context())
	if err != nil {
		return err
	}
	rows := make([]requestRow, len(all))
	for i, r := range all {
		rows[i] = requestRow{ID: r.ID, With: r.Provider, Name: r.Name, Topic: r.Topic, Words: r.Words, State: r.State, Unsure: r.Unsure, Made: r.Made.Format(time.RFC3339), Reply: r.Reply}
		if !r.Sent.IsZero() {
			rows[i].Sent = r.Sent.Format(time.RFC3339)
		}
	}
	if a.json {
		return a.printJSON(map[string]any{"requests": rows})
	}
	if len(rows) == 0 {
		fmt.Fprintln(a.Stdout, a.t("U vroeg niemand om iets te verbeteren.", "You asked nobody to correct anything."))
		return nil
	}
	t := a.table(a.t("Wanneer", "When"), a.t("Aan", "To"), a.t("Waarover", "About"), a.t("Stand", "State"), a.t("Nummer", "Number"))
	for i, r := range rows {
		t.add(localTime(all[i].Made), printable(r.Name), printable(r.Topic), joined(": ", a.stateWords(r), printable(r.Reply)), r.ID)
	}
	t.print()
	return nil
}

func (a *app) stateWords(r requestRow) string {
	if r.Unsure {
		return a.t("onzeker of het is aangekomen; vraag het de zorgverlener", "not certain whether it arrived; ask the provider")
	}
	return map[share.State]string{
		share.StateDraft: a.t("nog niet verstuurd", "not sent yet"), share.StateOpen: a.t("verstuurd, nog geen antwoord", "sent, no reply yet"),
		share.StateAnswered: a.t("antwoord", "reply"), share.StateChanged: a.t("het gegeven is daarna veranderd", "the record changed since"),
	}[r.State]
}
