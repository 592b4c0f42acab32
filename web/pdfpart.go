package web

import (
	"fmt"
	"strings"
)

// drawPart draws one part: its name in the margin, its content beside it, and a
// rule below it unless it is the last.
func (p *pdf) drawPart(part sheetPart, last bool) {
	p.room(slabSpace + p.leastOf(part))
	page, top := p.PageNo(), p.GetY()+slabSpace
	end := p.flow(marginLeft, top+.65, nameWidth, textLine, []run{{text: part.Name, bold: true, size: textSize}})
	p.SetY(top)
	p.drawQuestions(part.Questions)
	if part.Table != nil {
		p.drawTable(part.Table)
	}
	for _, text := range part.Text {
		p.paragraph(text, textSize, textLine)
	}
	if part.Spark != nil {
		p.drawSpark(part.Spark)
	}
	for _, text := range part.Aside {
		p.paragraph(text, smallSize, smallLine)
	}
	if len(part.Lines) > 0 {
		p.drawRoom(len(part.Lines))
	}
	if len(part.Faces) > 0 {
		p.drawFaces(part.Faces)
	}
	if p.PageNo() == page {
		p.SetY(max(p.GetY(), end))
	}
	p.SetY(p.GetY() + slabSpace)
	if !last {
		p.rule(marginLeft, contentRight, p.GetY(), partRule)
	}
}

// leastOf is how much of a part has to stand on the page of its name.
func (p *pdf) leastOf(part sheetPart) float64 {
	least := 2 * textLine
	if t := part.Table; t != nil && len(t.Rows) > 0 {
		least = highest(p.linesOf(t.Rows[0], widthsOf(t))) + smallLine + 2*cellTop
	}
	return min(least, p.bottom()-marginTop-symbolWidth-headSpace-2*slabSpace) // a row may be longer than a page
}

// paragraph draws text in the column beside the names, line by line over as many
// pages as it takes.
func (p *pdf) paragraph(text string, size, line float64) {
	for _, pieces := range p.wrap(contentWidth, runsOf(text, size)) {
		p.room(line)
		p.drawLine(contentLeft, p.GetY(), line, pieces)
		p.SetY(p.GetY() + line)
	}
	p.SetY(p.GetY() + 1)
}

// drawQuestions draws numbered lines, with what the person wants to ask on them.
func (p *pdf) drawQuestions(questions []string) {
	for i, text := range questions {
		lines := p.wrap(contentWidth-5.5, runsOf(text, textSize))
		height := max(questionRow, float64(len(lines))*textLine+1.5)
		p.room(height)
		y := p.GetY() + height
		p.drawLine(contentLeft, y-textLine-.6, textLine, []piece{{run{text: fmt.Sprint(i + 1), bold: true, size: textSize}, 0, 0}})
		for n, pieces := range lines {
			p.drawLine(contentLeft+5.5, y-.6-float64(len(lines)-n)*textLine, textLine, pieces)
		}
		p.rule(contentLeft, contentRight, y, thinRule)
		p.SetY(y)
	}
}

// drawRoom draws empty lines to write on: as many as fit, at least one.
func (p *pdf) drawRoom(most int) {
	p.room(leastRoom)
	for range most {
		if p.GetY()+writingRow+slabSpace > p.bottom() {
			return
		}
		p.SetY(p.GetY() + writingRow)
		p.rule(contentLeft, contentRight, p.GetY(), thinRule)
	}
}

// drawSpark draws what own measurements say, and their line beside it.
func (p *pdf) drawSpark(s *spark) {
	const wide, left = 69.0, contentRight - 69.0
	p.room(14)
	y := p.GetY()
	end := p.flow(contentLeft, y, contentWidth-wide-nameGap, textLine, []run{{text: s.Figure, bold: true, size: textSize}, {text: s.Word, size: textSize}, {text: "\n" + s.Text, size: textSize}})
	if len(s.Lines) > 0 {
		const k = wide / 298
		for _, path := range s.Lines {
			p.drawPath(path, left, y, k)
		}
		p.SetFillColor(0, 0, 0)
		p.Circle(left+s.X*k, y+s.Y*k, 4*k, "F")
		p.rule(left, contentRight, y+49*k, thinRule)
		end = max(end, y+50*k)
	}
	p.SetY(end)
}

// drawPath draws a line of a spark: "M4 6L150 20L294 42".
func (p *pdf) drawPath(path string, x, y, k float64) {
	p.SetLineWidth(2.6 * k)
	for i, step := range strings.FieldsFunc(path, func(r rune) bool { return r == 'M' || r == 'L' }) {
		var to struct{ x, y float64 }
		if _, err := fmt.Sscan(step, &to.x, &to.y); err != nil {
			p.err = fmt.Errorf("web: draw a line: %w", err)
			return
		}
		if i == 0 {
			p.MoveTo(x+to.x*k, y+to.y*k)
		} else {
			p.LineTo(x+to.x*k, y+to.y*k)
		}
	}
	p.DrawPath("D")
}

// A card has the size of a bank card.
const (
	faceWide, faceHigh          = 85.0, 54.0
	faceText, faceHead, faceEnd = 8.0, 9.0, 7.0 // points
	faceLine                    = 3.7
)

// drawFaces draws the sides of the card, two beside each other, with dashes to cut
// along.
func (p *pdf) drawFaces(faces []cardFace) {
	p.SetY(p.GetY() + 3)
	for i, face := range faces {
		column := i % 2
		if column == 0 {
			p.room(faceHigh + nameGap)
		}
		x, y := marginLeft+float64(column)*(faceWide+nameGap), p.GetY()
		p.SetDashPattern([]float64{1, 1}, 0)
		p.SetLineWidth(thinRule)
		p.Rect(x, y, faceWide, faceHigh, "D")
		p.SetDashPattern(nil, 0)
		p.drawFace(face, x+3, y+3)
		if column == 1 || i == len(faces)-1 {
			p.SetY(y + faceHigh + nameGap)
		}
	}
}

func (p *pdf) drawFace(face cardFace, x, y float64) {
	const wide = faceWide - 6
	end := y + faceHigh - 6
	y = p.flow(x, y, wide, 4.2, []run{{text: face.Title, bold: true, size: faceHead}, {text: "\n" + face.Name, size: faceHead}})
	p.rule(x, x+wide, y+.8, partRule)
	y += 1.6
	for _, line := range face.Lines {
		strong := line.Strong
		if strong != "" && line.Text != "" {
			strong += ":"
		}
		y = p.flow(x, y, wide, faceLine, []run{{text: strong, bold: true, size: faceText}, {text: line.Text, size: faceText}}) + .4
	}
	p.flow(x, end-3.2, wide, 3.2, runsOf(face.Foot, faceEnd))
}

// drawLetter draws a letter, beside the column of names.
func (p *pdf) drawLetter(l *letterText) {
	p.SetY(p.GetY() + 8)
	write := func(bold bool, gap float64, texts ...string) {
		for _, text := range texts {
			for _, pieces := range p.wrap(contentWidth, []run{{text: text, bold: bold, size: textSize}}) {
				p.room(textLine)
				p.drawLine(contentLeft, p.GetY(), textLine, pieces)
				p.SetY(p.GetY() + textLine)
			}
			p.SetY(p.GetY() + gap)
		}
	}
	write(false, 4, strings.Join(l.From, "\n"), strings.Join(l.To, "\n"), l.Day)
	write(true, 4, l.Subject)
	write(false, 4, l.Greeting)
	write(false, 4, append(append([]string{}, l.Lines...), l.Own...)...)
	write(false, 0, l.Ends)
	p.room(14 + 2*textLine)
	p.SetY(p.GetY() + 14)
	p.rule(contentLeft, contentLeft+70, p.GetY(), thinRule)
	p.SetY(p.GetY() + 4)
	write(false, 0, l.From[0])
}
