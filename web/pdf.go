package web

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// A4 in millimetres, with the margins and the column of names of look.md, "Print".
const (
	paperWidth, paperHeight            = 210.0, 297.0
	marginLeft, marginTop              = 15.0, 14.0
	marginRight, marginBottom          = 14.0, 16.0
	nameWidth, nameGap                 = 30.0, 4.0
	contentLeft                        = marginLeft + nameWidth + nameGap
	contentRight                       = paperWidth - marginRight
	contentWidth                       = contentRight - contentLeft
	textSize, smallSize, titleSize     = 10.5, 9.0, 22.0 // points
	textLine, smallLine                = 4.9, 4.4        // millimetres from line to line
	thinRule, partRule, heavyRule      = 0.14, 0.26, 0.88
	slabSpace, headSpace, footSpace    = 2.4, 5.0, 2.0
	symbolWidth                        = 15.8
	fontName                           = "Go"
	leastRoom, questionRow, writingRow = 10.0, 8.3, 8.5
)

// errNoGlyph means that a text has a letter that the font of a PDF lacks.
var errNoGlyph = errors.New("web: the font lacks a letter")

// fontCovers tells whether the font of a PDF has all letters of a text. It is
// read once.
var fontCovers = sync.OnceValue(func() func(string) bool {
	font, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return func(string) bool { return false }
	}
	var mu sync.Mutex
	var buf sfnt.Buffer
	return func(text string) bool {
		mu.Lock()
		defer mu.Unlock()
		for _, r := range text {
			if i, err := font.GlyphIndex(&buf, r); (err != nil || i == 0) && !isBlank(r) {
				return false
			}
		}
		return true
	}
})

// isBlank tells a sign that is drawn as nothing or as a space.
func isBlank(r rune) bool { return strings.ContainsRune("\n\u00a0\u00ad\u200b\u202f", r) }

// pdf draws sheets. Its first failure stays: what comes after draws nothing.
type pdf struct {
	*fpdf.Fpdf
	sheet *sheet
	next  *sheet  // the sheet of the page that is about to begin; nil: the same
	foot  float64 // height of the foot of this sheet
	total int     // pages; zero as long as nobody knows
	err   error
}

// newPDF is an empty document. plain leaves its pages as they are, to be read by
// a test.
func newPDF(made time.Time, lang string, plain bool) *pdf {
	p := &pdf{Fpdf: fpdf.New("P", "mm", "A4", "")}
	p.AddUTF8FontFromBytes(fontName, "", goregular.TTF)
	p.AddUTF8FontFromBytes(fontName, "B", gobold.TTF)
	p.SetCompression(!plain)
	p.SetMargins(marginLeft, marginTop, marginRight)
	p.SetAutoPageBreak(false, 0)
	p.SetCellMargin(0)
	p.SetLang(lang)
	p.SetTitle("Bundel", true) // neutral: programs show it, and keep it in lists
	p.SetCreator("Bundel", true)
	p.SetCreationDate(made)
	p.SetModificationDate(made)
	p.SetCatalogSort(true)
	return p
}

// pdfOf makes a document of sheets; the same sheets at the same time give the
// same bytes. It is errNoGlyph when a text cannot be written in its font. A
// document has no tags, so a page that is printed stays the form that everybody
// can read.
func pdfOf(sheets []sheet, made time.Time, plain bool) ([]byte, error) {
	counted := drawPDF(sheets, made, plain, 0)
	if counted.err != nil {
		return nil, counted.err
	}
	p := drawPDF(sheets, made, plain, counted.PageNo())
	var out bytes.Buffer
	err := p.Output(&out)
	return out.Bytes(), err
}

// drawPDF draws the sheets; how many pages there are has to be known for the foot
// of each.
func drawPDF(sheets []sheet, made time.Time, plain bool, total int) *pdf {
	p := newPDF(made, sheets[0].Lang, plain)
	p.total = total
	p.SetHeaderFunc(p.drawHead)
	p.SetFooterFunc(p.drawFoot)
	for i := range sheets {
		p.drawSheet(&sheets[i])
	}
	p.Close()
	return p
}

// drawSheet draws one sheet, on as many pages as it takes.
func (p *pdf) drawSheet(s *sheet) {
	p.next = s
	p.AddPage()
	if s.Letter != nil {
		p.drawLetter(s.Letter)
	}
	for i, part := range s.Parts {
		p.drawPart(part, i == len(s.Parts)-1)
	}
}

// bottom is where the content of a page ends.
func (p *pdf) bottom() float64 { return paperHeight - marginBottom - p.foot }

// room makes sure that there is room for so much, on this page or the next.
func (p *pdf) room(height float64) {
	if p.GetY()+height > p.bottom() {
		p.turn()
	}
}

// turn goes on at the top of the next page.
func (p *pdf) turn() {
	p.AddPage()
	p.SetY(p.GetY() + slabSpace)
}

// rule draws a horizontal line.
func (p *pdf) rule(x1, x2, y, thick float64) {
	p.SetLineWidth(thick)
	p.Line(x1, y, x2, y)
}

// drawHead draws the head of every page, and leaves y below it.
func (p *pdf) drawHead() {
	if p.next != nil { // the page before has its foot by now
		p.sheet, p.next = p.next, nil
		p.foot = p.footHeight()
	}
	s := p.sheet
	p.drawSymbol()
	right := 0.0
	p.font("", textSize)
	for _, text := range s.Right {
		right = max(right, p.GetStringWidth(text))
	}
	wide := contentWidth
	if right > 0 {
		wide -= min(right, contentWidth/2) + nameGap
	}
	y := p.flow(contentLeft, marginTop, wide, 9.0, []run{{text: s.Title, bold: true, size: titleSize}})
	born := ""
	if s.Born != "" {
		born = "· " + s.Born
	}
	y = p.flow(contentLeft, y+1, wide, textLine, []run{{text: s.Name, bold: true, size: textSize}, {text: born, size: textSize}})
	y = max(y, marginTop+symbolWidth*36/38)
	for i, text := range s.Right {
		p.font("", textSize)
		p.place(contentRight-p.GetStringWidth(text), y-float64(len(s.Right)-i)*textLine, textLine, text)
	}
	p.rule(marginLeft, contentRight, y+headSpace, heavyRule)
	p.SetY(y + headSpace + heavyRule)
}

// drawSymbol draws the symbol in one colour: three bars and the band.
func (p *pdf) drawSymbol() {
	k := symbolWidth / 38
	box := func(x, y, w, h float64) { p.Rect(marginLeft+x*k, marginTop+(y-2)*k, w*k, h*k, "F") }
	p.SetFillColor(0, 0, 0)
	for _, y := range []float64{6, 16, 26} {
		box(0, y, 38, 6)
	}
	p.SetFillColor(255, 255, 255)
	box(9, 1, 8, 34)
	p.SetFillColor(0, 0, 0)
	box(10, 2, 6, 34)
}

// footRuns are the paragraphs of the foot.
func (p *pdf) footRuns() [][]run {
	s := p.sheet
	var out [][]run
	add := func(head, text string) {
		if text != "" {
			out = append(out, []run{{text: head, bold: true, size: smallSize}, {text: text, size: smallSize}})
		}
	}
	if !s.Bare {
		var letters []string
		for _, l := range s.Sources {
			letters = append(letters, l.Letter+" = "+l.Text)
		}
		add(s.Words["sources"], strings.Join(letters, " · "))
		add(s.Words["lacks"], strings.Join(s.Missing, " · "))
		add("", s.Closed)
	}
	return append(out, []run{{text: s.Made, size: smallSize}})
}

func (p *pdf) footHeight() float64 {
	height := heavyRule + footSpace
	for _, runs := range p.footRuns() {
		height += float64(len(p.wrap(contentRight-marginLeft, runs))) * smallLine
	}
	return height
}

// drawFoot draws what stands below every page.
func (p *pdf) drawFoot() {
	y := paperHeight - marginBottom - p.foot
	p.rule(marginLeft, contentRight, y, heavyRule)
	y += heavyRule + footSpace
	for _, runs := range p.footRuns() {
		y = p.flow(marginLeft, y, contentRight-marginLeft, smallLine, runs)
	}
	p.font("", smallSize)
	text := wordsIn(p.sheet.Lang).T("pr.page", "i", p.PageNo(), "of", p.total)
	p.place(contentRight-p.GetStringWidth(text), y-smallLine, smallLine, text)
}

// sendPDF gives sheets as a file to keep, under a name that tells nothing.
func sendPDF(w http.ResponseWriter, data []byte) {
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="bundel.pdf"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}
