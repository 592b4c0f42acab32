package aggregator

import (
	"strconv"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

func (m *merger) sayQuestionnaire(q *clinical.Questionnaire) saying {
	n := ""
	if len(q.Questions) > 0 {
		n = strconv.Itoa(len(q.Questions)) + " " + m.texts.label["questions"]
	}
	return saying{title: firstNonEmpty(q.Title, q.Name), when: q.Date, detail: joinText(" · ", q.Purpose, q.Text, n)}
}

// sayAnswers shows every question that was answered, one per line.
func (m *merger) sayAnswers(e *entry, a *clinical.Answers) saying {
	var lines []string
	for _, item := range a.Items {
		var answers []string
		for _, v := range item.Answers {
			answers = append(answers, m.valueWords(v))
		}
		if text := joinText(", ", answers...); text != "" {
			lines = append(lines, joinText(": ", firstNonEmpty(item.Text, item.Link), text))
		}
	}
	form := m.book.node(e, fhir.Reference{URL: a.Questionnaire, Ref: fhir.Ref{Type: "Questionnaire", ID: lastSegment(a.Questionnaire)}})
	return saying{
		title: firstNonEmpty(form.Str("title"), form.Str("name")), when: a.Authored, author: []fhir.Reference{a.Source, a.Author},
		detail: joinText("\n", append(lines, m.labelled("status", m.texts.label[unfinished(a.Status.Code)]))...),
	}
}

func unfinished(status string) string {
	switch status {
	case "in-progress", "stopped":
		return "unfinished"
	}
	return ""
}

// sayTask tells of a request to fill in a questionnaire.
func (m *merger) sayTask(e *entry, t *clinical.Task) saying {
	return saying{
		title: firstNonEmpty(t.Description, t.Code.Display()), when: firstDate(t.Authored, t.Period.Start), author: []fhir.Reference{t.Requester},
		detail:  joinText(" · ", unlessSame(m.named(e, t.Focus), t.Description), m.until(t.Period.End), remarks(t.Remarks)),
		section: ended(t.Status.Code),
	}
}
