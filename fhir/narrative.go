package fhir

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Narrative turns an XHTML narrative into plain text that is safe to show: no
// markup, scripts, styles or comments; paragraphs, breaks, list items and rows
// become lines, the cells of a row are parted by " | ", other white space is
// folded. It never fails.
func Narrative(div string) string {
	var w narrativeWriter
	z := html.NewTokenizer(strings.NewReader(div))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken: // the end; a tokenizer of a string has no other
			return w.text()
		case html.TextToken:
			if w.silent == "" {
				w.write(string(z.Text()))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			w.tag(string(name), kind)
		}
	}
}

type narrativeWriter struct {
	lines  []string
	line   strings.Builder
	silent string // the element whose content is dropped
}

// write adds text as it is; white space is folded when the line ends.
func (w *narrativeWriter) write(text string) { w.line.WriteString(text) }

// tag ends lines and cells, and starts or ends what is dropped.
func (w *narrativeWriter) tag(name string, kind html.TokenType) {
	if _, local, ok := strings.Cut(name, ":"); ok {
		name = local // a prefix for the namespace of XHTML
	}
	if w.silent != "" {
		if name == w.silent && kind == html.EndTagToken {
			w.silent = ""
		}
		return
	}
	switch name {
	case "script", "style", "head", "title", "iframe", "object", "svg", "math", "template", "textarea", "noscript", "xmp":
		if kind == html.StartTagToken {
			w.silent = name
		}
	case "p", "div", "br", "li", "ul", "ol", "tr", "table", "thead", "tbody", "caption", "hr", "dt", "dd", "dl",
		"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre":
		w.newLine()
	case "td", "th":
		if kind == html.EndTagToken {
			w.line.WriteString(cellEnd)
		}
	}
}

// cellEnd stands for the end of a table cell until the line ends; no text can
// hold it, because control characters are dropped there.
const cellEnd = "\x1f"

// newLine writes the line that is open, unless it is empty.
func (w *narrativeWriter) newLine() {
	var cells []string
	filled := false
	for cell := range strings.SplitSeq(w.line.String(), cellEnd) {
		cell = squeeze(CleanText(cell, -1))
		filled = filled || cell != ""
		cells = append(cells, cell)
	}
	if len(cells) > 1 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1] // behind the last cell
	}
	if filled {
		w.lines = append(w.lines, strings.Join(cells, " | "))
	}
	w.line.Reset()
}

func (w *narrativeWriter) text() string {
	w.newLine()
	return strings.Join(w.lines, "\n")
}

// CleanText makes source text safe to show (security-store.md C9): control
// characters are dropped except line break and tab, invisible characters that
// turn or hide text are dropped, bad UTF-8 becomes U+FFFD, and the text is cut
// at max runes, the last of which is then an ellipsis. A negative max cuts nothing.
func CleanText(s string, max int) string {
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && isHidden(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
	if max < 0 || utf8.RuneCountInString(s) <= max {
		return s
	}
	if max == 0 {
		return ""
	}
	return strings.TrimRightFunc(string([]rune(s)[:max-1]), unicode.IsSpace) + "…"
}

// isHidden finds control characters, bidirectional controls and characters
// without width.
func isHidden(r rune) bool {
	switch {
	case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069,
		r >= 0x200B && r <= 0x200F, r >= 0x2060 && r <= 0x2064, r == 0xFEFF, r == 0x061C, r == 0x00AD,
		r >= 0xE0000 && r <= 0xE007F:
		return true
	case r == 0x2028 || r == 0x2029: // separators that some programs take for a line break
		return true
	}
	return false
}
