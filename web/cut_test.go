package web

import (
	"fmt"
	"strings"
	"testing"
)

// TestPartsAreCut: every row is on one page, in order, and no page has more
// than fit.
func TestPartsAreCut(t *testing.T) {
	whole := func() *listPage {
		p := &listPage{}
		for part, n := range []int{3, 4, 1} {
			var rows []row
			for i := range n {
				rows = append(rows, row{Name: fmt.Sprintf("%d%d", part, i)})
			}
			p.addPart(fmt.Sprint(part), rows)
		}
		return p
	}
	for most := 1; most <= 9; most++ {
		var names []string
		for from := 0; ; {
			p := whole()
			next := p.cut(fmt.Sprint(from), most)
			n := 0
			for _, part := range p.Parts {
				for _, r := range part.Rows {
					names, n = append(names, r.Name), n+1
				}
			}
			if n > most {
				t.Fatalf("%d rows on a page of %d", n, most)
			}
			if next == 0 {
				break
			}
			from = next
		}
		if got := strings.Join(names, " "); got != "00 01 02 10 11 12 13 20" {
			t.Errorf("%d on a page: %s", most, got)
		}
	}
	for _, from := range []string{"99", "-1", "x", ""} {
		p := whole()
		if next := p.cut(from, 2); next != 2 || p.Parts[0].Rows[0].Name != "00" {
			t.Errorf("from %q: next %d", from, next)
		}
	}
}
