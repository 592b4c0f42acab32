package mock

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// errSearch is a search that cannot be understood: answered with 400.
var errSearch = errors.New("malformed search")

// query is a search that was understood.
type query struct {
	typ      string
	filters  []filter
	includes []include
	lastn    bool
	max      int // of lastn, per code
	count    int // resources per page; 0: not asked
	stops    bool
	handled  url.Values // for the self link
}

type filter struct {
	name   string
	match  func(*library, *record) bool
	period bool // a filter on period of use
}

// parseQuery reads the parameters of a search, in their order. Unknown ones are
// ignored and are not in the self link, so that a client can see it.
func parseQuery(typ, raw string) (query, error) {
	q := query{typ: typ, max: 1, handled: url.Values{}}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, err := unescapePair(pair)
		if err != nil {
			return q, err
		}
		if err := q.add(name, value); err != nil {
			return q, err
		}
	}
	return q, nil
}

func unescapePair(pair string) (name, value string, err error) {
	name, value, _ = strings.Cut(pair, "=")
	for _, s := range []*string{&name, &value} {
		if *s, err = url.QueryUnescape(*s); err != nil {
			return "", "", fmt.Errorf("%w: a parameter is not encoded well", errSearch)
		}
	}
	return name, value, nil
}

// add takes one parameter; repeated ones all have to hold.
func (q *query) add(name, value string) error {
	handled, err := true, error(nil)
	base, modifier, _ := strings.Cut(name, ":")
	switch {
	case base == "_include":
		q.includes = append(q.includes, parseInclude(value, modifier))
	case name == "_count":
		q.count, err = positive(value)
	case name == "max":
		q.max, err = positive(value)
	case name == "_id":
		ids := strings.Split(value, ",")
		q.filters = append(q.filters, filter{name: name, match: func(_ *library, r *record) bool { return slices.Contains(ids, r.ID) }})
	default:
		handled, err = q.addFilter(name, value)
	}
	if handled && err == nil {
		q.handled.Add(name, value)
	}
	return err
}

func positive(value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%w: not a positive number", errSearch)
	}
	return n, nil
}

// addFilter takes a parameter of the table. A value that means nothing is an
// error, since ignoring it would give too much.
func (q *query) addFilter(name, value string) (handled bool, err error) {
	head, chained, isChain := strings.Cut(name, ".")
	head, target, _ := strings.Cut(head, ":")
	p, known := params[head]
	if !known {
		return false, nil
	}
	values := strings.Split(value, ",")
	if value == "" {
		return false, fmt.Errorf("%w: %s has no value", errSearch, head)
	}
	if isChain {
		return q.addChain(p, target, chained, values)
	}
	wanted, err := p.read(values)
	if err != nil {
		return false, err
	}
	q.filters = append(q.filters, filter{
		name: head, period: head == "periodofuse" || head == "period-of-use",
		match: func(_ *library, r *record) bool { return p.matches(r, wanted) },
	})
	return true, nil
}

// addChain handles medication.code and context:Encounter.episodeofcare: the
// resource that is referred to has to match.
func (q *query) addChain(p *param, target, name string, values []string) (bool, error) {
	inner, known := params[name]
	if !known || p.kind != reference {
		return false, nil
	}
	wanted, err := inner.read(values)
	if err != nil {
		return false, err
	}
	q.filters = append(q.filters, filter{name: name, match: func(l *library, r *record) bool {
		for _, given := range p.factsOf(r).refs {
			ref := refOf(given)
			if found := l.byRef[ref]; found != nil && (target == "" || ref.Type == target) && inner.matches(found, wanted) {
				return true
			}
		}
		return false
	}})
	return true, nil
}

// run gives the matches, in the order of the data.
func (q query) run(l *library, patients []string, view func(*record) bool) []*record {
	var found []*record
	for _, r := range l.of(patients, q.typ) {
		if view(r) && q.matches(l, r) {
			found = append(found, r)
		}
	}
	if q.stops {
		found = q.withStops(l, patients, found)
	}
	if q.lastn {
		found = lastn(found, q.max)
	}
	return found
}

// matches tells whether all filters hold.
func (q query) matches(l *library, r *record) bool {
	for _, f := range q.filters {
		if !f.match(l, r) {
			return false
		}
	}
	return true
}

// withStops adds the agreements that end an agreement that was found: their
// own period is over, so a filter on period of use alone would leave them out
// and show a medicine as in use that was stopped. GP systems give both.
func (q query) withStops(l *library, patients []string, found []*record) []*record {
	if !slices.ContainsFunc(q.filters, func(f filter) bool { return f.period }) {
		return found
	}
	treatments := map[string]bool{}
	for _, r := range found {
		treatments[treatment(r)] = true
	}
	for _, r := range l.of(patients, q.typ) {
		isStop := r.node.Ext(stopSTU3).Exists() || r.node.Ext(stopR4).Exists()
		if isStop && treatments[treatment(r)] && !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	return found
}

// treatment names what an agreement is part of: a stop has no other link to
// what it stops in STU3.
func treatment(r *record) string {
	for _, url := range []string{treatmentSTU3, treatmentR4} {
		if id := r.node.Ext(url).Value(); id.Exists() {
			return id.Str("system") + "|" + id.Str("value")
		}
	}
	return r.Ref.String() // on its own
}

// lastn keeps the newest max of every code (the operation Observation/$lastn).
func lastn(found []*record, max int) []*record {
	type dated struct {
		*record
		at fhir.Date
	}
	newest := make([]dated, len(found))
	for i, r := range found {
		newest[i] = dated{r, r.node.When("effective").Start}
	}
	slices.SortStableFunc(newest, func(a, b dated) int { return b.at.Compare(a.at) })
	kept, count := map[*record]bool{}, map[string]int{}
	for _, r := range newest {
		code := codeOf(r.record)
		if count[code]++; count[code] <= max {
			kept[r.record] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(found), func(r *record) bool { return !kept[r] })
}

func codeOf(r *record) string {
	c := r.node.Get("code").Coded()
	for _, coding := range c.Coding {
		return coding.System + "|" + coding.Code
	}
	return c.Text
}
