package desk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web"
)

// answerErrors are the errors of questionnaires by their names in the source.
func answerErrors() map[string]error {
	return map[string]error{
		"share.ErrTask": share.ErrTask, "share.ErrAnswers": share.ErrAnswers, "share.ErrHoldsBSN": share.ErrHoldsBSN,
		"share.ErrTooLarge": share.ErrTooLarge, "medmij.ErrNotGranted": medmij.ErrNotGranted,
		"ErrNoForm": ErrNoForm, "ErrNotAccepted": ErrNotAccepted, "ErrNotFound": ErrNotFound, "ErrSent": ErrSent,
		"ErrNothingToSend": ErrNothingToSend,
	}
}

var errName = regexp.MustCompile(`(?:\b(\w+)\.)?\b(Err[A-Z]\w*)`)

// errorsIn gives the names of the errors that files name, as desk writes them.
func errorsIn(t *testing.T, pkg, glob string) (names []string) {
	t.Helper()
	files := must(filepath.Glob(glob))
	if len(files) == 0 {
		t.Fatal("no files ", glob)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for line := range strings.Lines(string(must(os.ReadFile(file)))) {
			code, _, _ := strings.Cut(line, "//")
			for _, m := range errName.FindAllStringSubmatch(code, -1) {
				of := m[1]
				if of == "" {
					of = pkg
				}
				names = append(names, strings.TrimPrefix(of+"."+m[2], "."))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestEveryErrorOfAQuestionnaireIsKnown: whoever adds an error to these files
// gives it words too. What share.Answers writes goes by message.go.
func TestEveryErrorOfAQuestionnaireIsKnown(t *testing.T) {
	known := answerErrors()
	for _, name := range slices.Concat(
		errorsIn(t, "share", "../../share/answers*.go"), errorsIn(t, "share", "../../share/message.go"), errorsIn(t, "", "sendanswers.go"),
	) {
		if known[name] == nil {
			t.Errorf("%s has no page", name)
		}
	}
}

// refusing is a desk that answers each question about questionnaires with an
// error.
type refusing struct {
	*Pages
	err error
}

func (r refusing) Questionnaire(context.Context, string) (web.Questionnaire, error) {
	return web.Questionnaire{}, answerError(r.err)
}

// browseOver is a browser at pages that another desk stands behind.
func browseOver(t *testing.T, d *Desk, over web.Desk, lang string) *browser {
	t.Helper()
	s := must(web.New(web.Config{Desk: over, Port: 8080, Lang: lang, Now: d.Now, Idle: time.Hour, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}))
	b := &browser{t: t, handler: s.Handler()}
	b.post("/unlock", "wachtzin="+strings.ReplaceAll(passphrase, " ", "+"))
	return b
}

// TestEveryErrorOfAQuestionnaireSaysWhatToDo: a page of its own in both
// languages, with what is wrong, that nothing was sent, and the next step.
func TestEveryErrorOfAQuestionnaireSaysWhatToDo(t *testing.T) {
	d, _ := moving(t)
	take(t, d, "huisarts", medicine)
	key := must(d.Overview(t.Context(), time.Time{}, "nl")).Subject("medication")[0].Key()
	shown := map[string]string{}
	for name, err := range answerErrors() {
		for _, lang := range []string{"nl", "en"} {
			b := browseOver(t, d, refusing{d.Pages(t.Context()), fmt.Errorf("further down: %w", err)}, lang)
			res, body := b.get("/d/vragen/" + key)
			text := textIn(body)
			if res.StatusCode == http.StatusInternalServerError || text == "" {
				t.Errorf("%s in %s: %s", name, lang, res.Status)
			}
			if other := shown[text]; other != "" {
				t.Errorf("%s in %s says the same as %s", name, lang, other)
			}
			shown[text] = name + " in " + lang
			nothing := map[string]string{"nl": "Er is niets verstuurd. ", "en": "Nothing was sent. "}[lang]
			_, next, ok := strings.Cut(text, nothing)
			if err != ErrNotFound && (!ok || len(strings.Fields(next)) < 6) {
				t.Errorf("%s in %s gives no next step: %s", name, lang, text)
			}
		}
	}
}
