package web

import (
	"strings"
	"unicode/utf8"
)

// run is a piece of text in one look.
type run struct {
	text  string
	bold  bool
	size  float64 // points
	boxed bool    // in a frame, never broken
}

// piece is a run, or a part of one, at its place in a line.
type piece struct {
	run
	x, width float64
}

// font chooses the look of what is measured and drawn next.
func (p *pdf) font(style string, size float64) { p.SetFont(fontName, style, size) }

// look chooses the font of a run.
func (p *pdf) look(r run) {
	if r.bold {
		p.font("B", r.size)
	} else {
		p.font("", r.size)
	}
}

// written is a text as it is drawn: without the signs that only say where it may
// be broken. A letter that cannot be drawn is an error.
func (p *pdf) written(text string) string {
	if !fontCovers()(text) { // fpdf could panic on it
		p.err = errNoGlyph
		return ""
	}
	return strings.NewReplacer("\u00ad", "", "\u200b", "", "\u202f", "\u00a0").Replace(text)
}

// wrap breaks runs into lines of at most so wide.
func (p *pdf) wrap(width float64, runs []run) [][]piece {
	lines := [][]piece{nil}
	x := 0.0
	for _, r := range runs {
		r.text = p.written(r.text)
		p.look(r)
		space := p.GetStringWidth(" ")
		for _, word := range wordsOf(r) {
			if word == "\n" {
				lines, x = append(lines, nil), 0
				continue
			}
			gap := space
			if x == 0 {
				gap = 0
			}
			for word != "" {
				w := p.widthOf(r, word)
				if x+gap+w <= width {
					lines[len(lines)-1] = append(lines[len(lines)-1], piece{run{text: word, bold: r.bold, size: r.size, boxed: r.boxed}, x + gap, w})
					x += gap + w
					break
				}
				if x > 0 {
					lines, x, gap = append(lines, nil), 0, 0
					continue
				}
				head := p.fitting(r, word, width)
				lines[len(lines)-1] = append(lines[len(lines)-1], piece{run{text: head + "-", bold: r.bold, size: r.size}, 0, width})
				lines, word = append(lines, nil), word[len(head):]
			}
		}
	}
	if len(lines) == 1 && lines[0] == nil {
		return nil
	}
	return lines
}

// wordsOf are the words of a run, with "\n" where a line ends.
func wordsOf(r run) []string {
	if r.boxed {
		return []string{r.text}
	}
	var out []string
	for i, line := range strings.Split(r.text, "\n") {
		if i > 0 {
			out = append(out, "\n")
		}
		out = append(out, strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' || c == '\r' })...)
	}
	return out
}

// widthOf is how wide a word is, with its frame.
func (p *pdf) widthOf(r run, word string) float64 {
	w := p.GetStringWidth(word)
	if r.boxed {
		w += 2
	}
	return w
}

// fitting is as much of a word as fits on a line of its own with a hyphen; at least
// one letter.
func (p *pdf) fitting(r run, word string, width float64) string {
	n := 0
	for i := range word {
		if i > 0 && p.widthOf(r, word[:i]+"-") > width {
			break
		}
		n = i
	}
	if n == 0 {
		_, n = utf8.DecodeRuneInString(word)
	}
	return word[:n]
}

// flow draws runs from the top y on, and gives where they end.
func (p *pdf) flow(x, y, width, line float64, runs []run) float64 {
	for _, pieces := range p.wrap(width, runs) {
		p.drawLine(x, y, line, pieces)
		y += line
	}
	return y
}

// drawLine draws one line.
func (p *pdf) drawLine(x, y, line float64, pieces []piece) {
	for _, one := range pieces {
		p.look(one.run)
		at := x + one.x
		if one.boxed {
			p.SetLineWidth(partRule)
			p.Rect(at, y+.4, one.width, line-.6, "D")
			at++
		}
		p.place(at, y, line, one.text)
	}
}

// place draws text in a line of which y is the top.
func (p *pdf) place(x, y, line float64, text string) {
	_, size := p.GetFontSize()
	p.Text(x, y+line/2+size*.35, p.written(text))
}

// runsOf are plain runs of one size.
func runsOf(text string, size float64) []run { return []run{{text: text, size: size}} }
