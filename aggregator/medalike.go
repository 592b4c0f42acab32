package aggregator

import "strings"

// likeness is all that a comparison with a line in use looks at in one that
// nobody uses. A life has hundreds of past courses of one medicine and few of
// such kinds, so that one of each is compared and the others take over what
// came of it.
type likeness struct {
	own                                bool
	zi, hpk, prk, gpk, atc, substances string
	speaks                             string // only looked at beside what the person added
	stopped                            *course
}

func (m *merger) likenessOf(c *course) likeness {
	p := c.product
	l := likeness{
		own: c.Own(), zi: p.zi, hpk: p.hpk, prk: p.prk, gpk: p.gpk, atc: p.atc,
		substances: strings.Join(p.ingredients, "+"), speaks: m.speaks(c),
	}
	if c.lead().ended == "stopped" { // by whom and when is looked at too
		l.stopped = c
	}
	return l
}

// alike gathers lines that nobody uses by their likeness, in the order of the
// first of each.
func (m *merger) alike(idle []*course) [][]*course {
	at := map[likeness]int{}
	var all [][]*course
	for _, c := range idle {
		l := m.likenessOf(c)
		i, known := at[l]
		if !known {
			i = len(all)
			at[l], all = i, append(all, nil)
		}
		all[i] = append(all[i], c)
	}
	return all
}

// compareAlike compares what is in use with one of those that are alike. The
// others are told only what told that one something new.
func (m *merger) compareAlike(lively, alike []*course) {
	first := alike[0]
	var told []difference
	for _, a := range lively {
		d := m.difference(a, first)
		m.keep(a, d)
		if m.keep(first, d) {
			told = append(told, d)
		}
	}
	for _, c := range alike[1:] {
		for _, d := range told {
			m.keep(c, d)
		}
	}
}
