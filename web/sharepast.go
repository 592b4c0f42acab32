package web

import (
	"context"
	"errors"
	"slices"

	"github.com/bundel-pgo/bundel/share"
)

// pastRows are those who were allowed to see something and see nothing any more:
// they are no column of the matrix, and must not be gone without a word. A ledger
// that does not hold tells as far as it does; its own page says so.
func (v *view) pastRows(ctx context.Context, shares Shares) ([]row, error) {
	all, err := v.s.Desk.Ledger(ctx)
	var broken *share.BrokenError
	if err != nil && !errors.As(err, &broken) {
		return nil, err
	}
	var rows []row
	for _, to := range ended(all, shares) {
		rows = append(rows, row{
			Name: v.ledgerWho(to), Href: logPath + "?wie=" + sourceKey(to.To), Lines: []line{plain(v.T("d.past.since", "when", v.momentOf(to.At)))},
		})
	}
	return rows, nil
}

// ended are the lines with which sharing with somebody ended, the newest first.
func ended(all share.Ledger, shares Shares) []share.Line {
	var out []share.Line
	for _, to := range told(all) {
		lines := all.Of(to.To)
		last := -1
		for i, l := range lines {
			if l.Act == share.ActRevoke || l.Act == share.ActExpire {
				last = i
			}
		}
		permitted := slices.ContainsFunc(lines, func(l share.Line) bool { return l.Act == share.ActPermit })
		_, here := shares.recipient(sourceKey(to.To))
		if permitted && last >= 0 && !here {
			end := lines[last]
			end.Name = to.Name
			out = append(out, end)
		}
	}
	slices.SortStableFunc(out, func(a, b share.Line) int { return b.At.Compare(a.At) })
	return out
}
