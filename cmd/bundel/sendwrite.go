package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web/desk"
)

// formOrDraft shows the questions while there are no answers yet.
func (a *app) formOrDraft(ctx context.Context, d *desk.Desk, item string) (done bool, err error) {
	asked, err := d.Asked(ctx, item)
	if err != nil || !asked.Saved.IsZero() {
		return err != nil, err
	}
	if a.json {
		return true, a.printJSON(map[string]any{"title": asked.Form.Title, "questions": asked.Form.Questions})
	}
	fmt.Fprintln(a.Stdout, asked.Form.Title)
	a.printQuestions(asked.Form.Questions, "  ")
	return true, nil
}

func (a *app) printQuestions(questions []share.Question, indent string) {
	for _, q := range questions {
		var keys []string
		for _, option := range q.Options {
			keys = append(keys, option.Key+" = "+option.Text)
		}
		need := ""
		if q.Required {
			need = a.t("verplicht", "required")
		}
		fmt.Fprintln(a.Stdout, indent+joined(" · ", q.Link+": "+q.Text, q.Type, need, strings.Join(keys, ", ")))
		a.printQuestions(q.Questions, indent+"  ")
	}
}

func (a *app) keepAnswers(ctx context.Context, d *desk.Desk, item string, o sendOptions) (done bool, err error) {
	raw, err := os.ReadFile(o.answers)
	if err != nil {
		return true, usage(a.t("het bestand is niet te lezen", "the file cannot be read"), "--answers FILE")
	}
	var given share.Given
	if json.Unmarshal(raw, &given) != nil {
		return true, usage(a.t("het bestand met antwoorden klopt niet", "the file with answers is not right"), `{"1": ["ja"]}`)
	}
	faults, err := d.Answer(ctx, item, given)
	if err != nil {
		return true, err
	}
	for _, f := range faults {
		fmt.Fprintln(a.Stderr, joined(": ", f.Link, a.faultWords(f.Code)))
	}
	return false, nil
}

func (a *app) faultWords(code string) string {
	switch code {
	case share.FaultRequired:
		return a.t("hier hoort een antwoord", "this needs an answer")
	case share.FaultRange:
		return a.t("te laag of te hoog", "too low or too high")
	case share.FaultLength:
		return a.t("te lang", "too long")
	case share.FaultOption:
		return a.t("geen van de keuzes", "none of the choices")
	case share.FaultSeveral:
		return a.t("een antwoord is genoeg", "one answer is enough")
	case share.FaultUnknown:
		return a.t("deze vraag is er niet", "there is no such question")
	}
	return a.t("dit past niet bij de vraag", "this does not fit the question")
}

// keepRequest makes the draft of a request to correct from --words. An item
// without words is the id of a draft. Where the provider takes none over
// MedMij, the letter is printed.
func (a *app) keepRequest(ctx context.Context, d *desk.Desk, s *desk.Sending, o sendOptions) (done bool, err error) {
	if o.words != "" {
		request, err := d.Correct(ctx, s.Items[0], s.Recipient, o.words)
		if err != nil {
			return true, err
		}
		s.Items = []string{request.ID}
		fmt.Fprintln(a.Stderr, a.t("Bewaard als concept: ", "Kept as a draft: ")+request.ID)
	}
	if d.CanReceive(ctx, s.Kind, s.Recipient) {
		return false, nil
	}
	letter, err := d.CorrectionLetter(ctx, s.Items[0], a.lang)
	if err != nil {
		return true, err
	}
	fmt.Fprintln(a.Stderr, a.t("Deze zorgverlener neemt dit niet aan via MedMij. Print deze brief:", "This provider does not take this over MedMij. Print this letter:"))
	fmt.Fprint(a.Stdout, letter)
	return true, nil
}
