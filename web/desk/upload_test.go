package desk

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAFileIsWhatItsContentIs: the pages take what they say they take, and
// say so of anything else; a browser calls every file of this test brief.pdf.
func TestAFileIsWhatItsContentIs(t *testing.T) {
	for _, tc := range []struct {
		name   string
		data   []byte
		nl, en string // why not; empty: it is kept
	}{
		{"a PDF", aPDF, "", ""},
		{"a picture that is called a PDF", aPNG, "", ""},
		{"a text that is called a PDF", []byte("Gewone tekst"), "Dit is geen PDF, JPEG of PNG.", "This is no PDF, JPEG or PNG."},
		{"a page", []byte("<!doctype html><title>x</title>"), "Dit is geen PDF, JPEG of PNG.", "This is no PDF, JPEG or PNG."},
		{"nothing", nil, "Dit bestand is leeg.", "This file is empty."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, _ := moving(t)
			for lang, why := range map[string]string{"nl": tc.nl, "en": tc.en} {
				res, body := browse(t, d, lang).upload("Brief in het "+lang, tc.data)
				if kept := res == http.StatusSeeOther; kept != (why == "") || !strings.Contains(body, why) {
					t.Errorf("%s: %d, and not %q", lang, res, why)
				}
			}
			letters := len(must(d.Overview(t.Context(), time.Time{}, "nl")).Subject("letter"))
			if (letters > 0) != (tc.nl == "") {
				t.Errorf("%d letters", letters)
			}
		})
	}
}
