package web

import "strings"

// columnWidth is how wide a column of a kind of table is, in millimetres; zero for
// one that shares what is left. A test compares it with print.css.
func columnWidth(kind, class string) float64 {
	if class == "what med" {
		return 0
	}
	for _, c := range [...]struct {
		kind, class string
		wide        float64
	}{
		{"visit", "med", 38},
		{"facts", "med", 38},
		{"facts", "kind", 38},
		{"facts", "when", 20},
		{"list", "med", 34},
		{"list", "why", 22},
		{"list", "yes", 17},
		{"pass", "med", 34},
		{"pass", "doctor", 32},
		{"full", "med", 44},
		{"full", "when", 22},
		{"", "nr", 8},
		{"", "since", 16.5},
		{"", "src", 12},
		{"", "yes", 11},
	} {
		if (c.kind == "" || c.kind == kind) && strings.HasPrefix(class+" ", c.class+" ") {
			return c.wide
		}
	}
	return 0
}

// Space around what stands in a cell, and the frame of a box to tick.
const cellTop, cellRight, tickSize = .65, 1.0, 4.0

// cellLine is a line of a cell with its height.
type cellLine struct {
	pieces []piece
	high   float64
}

// widthsOf gives the widths of the columns of a table.
func widthsOf(t *sheetTable) []float64 {
	cells := t.Heads
	if len(cells) == 0 && len(t.Rows) > 0 {
		cells = t.Rows[0].Cells
	}
	widths, left, open := make([]float64, len(cells)), contentWidth, 0
	for i, c := range cells {
		widths[i] = columnWidth(t.Kind, c.Class)
		left -= widths[i]
		if widths[i] == 0 {
			open++
		}
	}
	for i := range widths {
		if widths[i] == 0 {
			widths[i] = left / float64(open)
		}
	}
	return widths
}

// drawTable draws a table; its heads come back on every page, and a row goes to
// the next page whole unless it is longer than a page.
func (p *pdf) drawTable(t *sheetTable) {
	widths := widthsOf(t)
	for i, row := range t.Rows {
		lines := p.linesOf(row, widths)
		high := highest(lines)
		if i == 0 {
			p.drawHeads(t.Heads, widths)
		}
		if p.GetY()+high > p.bottom() {
			p.turn()
			p.drawHeads(t.Heads, widths)
		} else if !row.More && i > 0 {
			p.rule(contentLeft, contentRight, p.GetY(), thinRule)
		}
		p.drawRow(row, lines, t.Heads, widths)
	}
}

// drawHeads draws the heads of the columns, if there are any.
func (p *pdf) drawHeads(heads []cell, widths []float64) {
	if len(heads) == 0 {
		return
	}
	lines := make([][]cellLine, len(heads))
	for i, h := range heads {
		for _, pieces := range p.wrap(widths[i]-cellRight, runsOf(h.Text, smallSize)) {
			lines[i] = append(lines[i], cellLine{pieces, smallLine})
		}
	}
	p.drawRow(sheetRow{Cells: heads}, lines, nil, widths)
}

// linesOf breaks the cells of a row into lines.
func (p *pdf) linesOf(row sheetRow, widths []float64) [][]cellLine {
	lines := make([][]cellLine, len(widths))
	for i, c := range row.Cells[:min(len(row.Cells), len(widths))] {
		bold := strings.HasSuffix(" "+c.Class, " med") || c.Class == "nr"
		runs := []run{{text: c.Text, bold: bold, size: textSize}, {text: c.After, size: textSize}}
		if c.Flag != "" {
			runs = append(runs, run{text: c.Flag, bold: true, size: smallSize, boxed: true})
		}
		for _, pieces := range p.wrap(widths[i]-cellRight, runs) {
			lines[i] = append(lines[i], cellLine{pieces, textLine})
		}
		for _, text := range c.Lines {
			for _, pieces := range p.wrap(widths[i]-cellRight, runsOf(text, smallSize)) {
				lines[i] = append(lines[i], cellLine{pieces, smallLine})
			}
		}
		if c.Tick && len(lines[i]) == 0 {
			lines[i] = []cellLine{{nil, textLine}}
		}
	}
	return lines
}

// highest is how high the row of these cells is.
func highest(cells [][]cellLine) float64 {
	most := 0.0
	for _, lines := range cells {
		high := 0.0
		for _, l := range lines {
			high += l.high
		}
		most = max(most, high)
	}
	return most + 2*cellTop
}

// drawRow draws the cells of a row, over several pages when one is not enough.
func (p *pdf) drawRow(row sheetRow, lines [][]cellLine, heads []cell, widths []float64) {
	for first := true; ; first = false {
		top, low := p.GetY()+cellTop, p.GetY()+cellTop
		x, left := contentLeft, false
		for i := range lines {
			y := top
			for len(lines[i]) > 0 && y+lines[i][0].high <= p.bottom() {
				p.drawLine(x, y, lines[i][0].high, lines[i][0].pieces)
				y += lines[i][0].high
				lines[i] = lines[i][1:]
			}
			if first && i < len(row.Cells) && row.Cells[i].Tick {
				p.SetLineWidth(partRule)
				p.Rect(x+widths[i]-tickSize-.2, top+.3, tickSize, tickSize, "D")
			}
			x, low, left = x+widths[i], max(low, y), left || len(lines[i]) > 0
		}
		p.SetY(low + cellTop)
		if !left {
			return
		}
		p.turn()
		p.drawHeads(heads, widths)
	}
}
