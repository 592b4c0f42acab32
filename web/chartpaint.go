package web

import (
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/fhir"
)

// painter draws the points of one chart.
type painter struct {
	*chart
	words   *words
	layout  layout
	scale   scale
	columns []column
	size    float64 // of the signs: 1, or less where there are many
	few     bool    // every result is written
	taken   []taken
}

// taken is the place of a text on the time axis.
type taken struct{ x, y, half float64 }

func (c *painter) draw(points []point, goals []goal) {
	written := tellers(points)
	for i, p := range points {
		c.addRange(p, c.columns[i])
	}
	c.connect(points)
	// What is written keeps clear of what was written before: first the ends.
	order := []int{0, len(points) - 1}
	for i := 1; i < len(points)-1; i++ {
		order = append(order, i)
	}
	for at, i := range order {
		if at == 1 && i == 0 {
			break
		}
		c.addPoint(points[i], c.columns[i], written[i])
		if written[i] {
			c.addDate(points, i)
		}
	}
	c.addGoals(points, goals)
	if !c.few && len(points) >= fewest {
		c.addYears(points)
	}
}

// addYears marks on a time axis where each year begins, with its number where
// there is room beside the dates of results.
func (c *painter) addYears(points []point) {
	first, last := points[0].At.Low().In(fhir.Amsterdam()), points[len(points)-1].At.Low()
	for at := startOfYear(first.Year() + 1); at.Before(last); at = startOfYear(at.Year() + 1) {
		x := c.layout.moment(at, first, last)
		if c.write(label{x, c.layout.dateY, strconv.Itoa(at.Year()), "t-soft"}) {
			c.Limits.add("l-edge", fmt.Sprintf("M%v %vv6", x, c.layout.bottom))
		}
	}
}

func startOfYear(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, fhir.Amsterdam()) }

// addDate writes under a column when it was, and who measured it.
func (c *painter) addDate(points []point, i int) {
	p, col := points[i], c.columns[i]
	wide := c.layout.class == "wide"
	day := i == len(points)-1 || p.At.Low().Year() == points[len(points)-1].At.Low().Year()
	if c.few && wide && col.w < 84 {
		day = false
	}
	if !c.write(label{col.x, c.layout.dateY, c.words.short(p.At, day, wide), "t-soft"}) || !c.few {
		return
	}
	name, class := p.LabName, ""
	if p.Own {
		name, class = c.words.T("self.letter")+" "+name, "pen"
	}
	c.write(label{col.x, c.layout.labY, shortName(name, int(col.w/8)), class})
}

// write puts a text down, unless it would lie over another one of a time axis.
func (c *painter) write(l label) bool {
	half := float64(utf8.RuneCountInString(l.Text)*c.Size) * 0.28
	if !c.few {
		for _, t := range c.taken {
			if math.Abs(t.x-l.X) < t.half+half+6 && math.Abs(t.y-l.Y) < float64(c.Size) {
				return false
			}
		}
		c.taken = append(c.taken, taken{l.X, l.Y, half})
	}
	c.Texts = append(c.Texts, l)
	return true
}

// addRange draws the box of one result's own range, and its limits.
func (c *painter) addRange(p point, col column) {
	if !p.HasLow && !p.HasHigh {
		return
	}
	top, bottom := c.scale.Top, c.scale.Bottom
	limit := func(y float64) { c.Limits.add("l-edge", fmt.Sprintf("M%v %vh%v", col.from, y, col.w)) }
	if p.HasHigh {
		top = c.scale.Y(p.High)
		limit(top)
	}
	if p.HasLow {
		bottom = c.scale.Y(p.Low)
		limit(bottom)
	}
	box := fmt.Sprintf("M%v %vh%vv%vh%vz", col.from, top, col.w, round(bottom-top), -col.w)
	c.Ranges.add("", box)
	if p.Lab > 0 {
		c.Ranges.add([...]string{"a", "b"}[min(p.Lab, 2)-1], box)
	}
}

// addPoint draws the sign of one result, and writes its value when that is to be
// written. A blood pressure has two.
func (c *painter) addPoint(p point, col column, written bool) {
	class := "f-ink"
	switch {
	case p.Own:
		class = "f-pen"
	case p.Open || p.Preliminary:
		class = "f-open"
	}
	c.put(p, col, p.Value, p.Text, class, written, false)
	if p.hasSecondary {
		c.put(p, col, p.Second, p.SecondText, class, written, true)
	}
}

// put draws one number; one beyond the axis is an arrow at its end.
func (c *painter) put(p point, col column, value float64, text, class string, written, below bool) {
	y := c.scale.Y(value)
	at := y - 15
	switch beyond := c.scale.beyond(value); {
	case beyond > 0:
		c.Lines.add("l-ink", fmt.Sprintf("M%v %vl7-8 7 8", round(col.x-7), round(y+8)))
		below = true
	case beyond < 0:
		c.Lines.add("l-ink", fmt.Sprintf("M%v %vl7 8 7-8", round(col.x-7), round(y-8)))
	case p.Open:
		c.Points.add(class, limitShape(p.Text[0] == '<', col.x, y))
	default:
		c.Points.add(class, shape(p.Lab, col.x, y, c.size))
	}
	if below {
		at = y + 25
	}
	if !written {
		return
	}
	look := "halo"
	if !p.HasLow && !p.HasHigh {
		look = "t-bold"
	}
	c.write(label{col.x, round(at), text, look})
}

// addGoals draws the target of the person, with its name once, where it lies
// over nothing; one beyond the axis is said in words only.
func (c *painter) addGoals(points []point, goals []goal) {
	name := label{Text: c.words.T("u.target.mark"), Class: "pen"}
	half := float64(utf8.RuneCountInString(name.Text)*c.Size) * 0.28
	var places []label
	for _, g := range goals {
		if c.scale.beyond(g.Value) != 0 {
			continue
		}
		y := c.scale.Y(g.Value)
		c.Lines.add("l-pen l-dash", fmt.Sprintf("M%v %vH%d", c.layout.left, y, c.W))
		for _, x := range [...]float64{c.layout.left + half + 6, float64(c.W) - half - 6} {
			places = append(places, label{X: round(x), Y: round(y - 6)}, label{X: round(x), Y: round(y + float64(c.Size))})
		}
	}
	if len(places) == 0 {
		return
	}
	name.X, name.Y = places[0].X, places[0].Y
	for _, place := range places {
		if c.free(points, place, half) {
			name.X, name.Y = place.X, place.Y
			break
		}
	}
	c.Texts = append(c.Texts, name)
}

// free tells whether a text would lie over no other text, sign or line.
func (c *painter) free(points []point, l label, half float64) bool {
	for _, t := range c.Texts {
		other := float64(utf8.RuneCountInString(t.Text)*c.Size) * 0.28
		if math.Abs(t.X-l.X) < half+other && math.Abs(t.Y-l.Y) < float64(c.Size) {
			return false
		}
	}
	for i, p := range points {
		for _, value := range [...]float64{p.Value, p.Second} {
			if math.Abs(c.columns[i].x-l.X) < half+8 && math.Abs(c.scale.Y(value)+5-l.Y) < float64(c.Size) {
				return false
			}
		}
	}
	return true
}

// connect draws the lines; one to a value that may still change is dotted.
func (c *painter) connect(points []point) {
	joins := joinsOf(points)
	c.lines(points, joins, func(p point) float64 { return p.Value })
	if len(points) > 0 && points[0].hasSecondary {
		c.lines(points, joins, func(p point) float64 { return p.Second })
	}
}

func (c *painter) lines(points []point, joins []segment, value func(point) float64) {
	ends := map[string]int{} // where the pen stands
	for _, j := range joins {
		from, to := points[j.from], points[j.to]
		class := "l-ink"
		if from.Own && to.Own {
			class = "l-pen"
		}
		switch {
		case from.Preliminary || to.Preliminary:
			class += " l-dots"
		case j.dashed:
			class += " l-dash"
		}
		d := fmt.Sprintf("L%v %v", c.columns[j.to].x, c.scale.Y(value(to)))
		if at, ok := ends[class]; !ok || at != j.from {
			d = fmt.Sprintf("M%v %v", c.columns[j.from].x, c.scale.Y(value(from))) + d
		}
		c.Lines.add(class, d)
		ends[class] = j.to
	}
}

// shape is the sign of the n-th laboratory around a point: a disc, a square, a
// diamond, a triangle.
func shape(lab int, x, y, size float64) string {
	k := func(f float64) float64 { return round(f * size) }
	switch lab {
	case 0:
		return fmt.Sprintf("M%v %va%v %v 0 1 0 %v 0a%v %v 0 1 0-%v 0z", round(x-k(7)), y, k(7), k(7), k(14), k(7), k(7), k(14))
	case 1:
		return fmt.Sprintf("M%v %vh%vv%vh-%vz", round(x-k(6.5)), round(y-k(6.5)), k(13), k(13), k(13))
	case 2:
		return fmt.Sprintf("M%v %vl%v %v-%v %v-%v-%vz", x, round(y-k(8)), k(8), k(8), k(8), k(8), k(8), k(8))
	}
	return fmt.Sprintf("M%v %vl%v %vh-%vz", x, round(y-k(9)), k(8), k(14), k(16))
}

// limitShape is the sign of a limit: a value that lies below ("<5") or above it.
func limitShape(below bool, x, y float64) string {
	if below {
		return fmt.Sprintf("M%v %vh16l-8 12z", round(x-8), round(y-2))
	}
	return fmt.Sprintf("M%v %vh16l-8-12z", round(x-8), round(y+2))
}
