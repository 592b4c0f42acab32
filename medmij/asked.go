package medmij

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// asked is a query of the table with what narrows it.
type asked struct {
	row    Query
	path   string // before the "?"
	params []param
	ids    []string // for a row with an Each: those asked for, together
	table  bool     // exactly as the table has it: it says nothing about the person
}

type param struct{ key, value string }

const lastn = "/$lastn"

func askedOf(q Query) asked {
	path, query, _ := strings.Cut(q.Path, "?")
	a := asked{row: q, path: path, table: true}
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(pair, "="); key != "" {
			a.params = append(a.params, param{key, value})
		}
	}
	return a
}

// narrow puts the filters in a query of the table; false when it has no
// parameter for one of them.
func (a Ask) narrow(q Query) (asked, bool) {
	out, f := askedOf(q), q.Filters
	filters := [...]struct {
		name   string
		values []string
	}{
		{f.Code, a.Codes},
		{f.Identifier, a.Identifiers},
		{f.Treatment, a.Treatments},
		{f.Status, a.Status},
	}
	for _, filter := range filters {
		switch {
		case len(filter.values) == 0:
		case filter.name == "":
			return out, false
		default:
			out.set(filter.name, anyOf(filter.values))
		}
	}
	if !a.Period.isZero() {
		if f.Period == "" {
			return out, false
		}
		out.set(f.Period, a.Period.values()...)
	}
	if a.Latest && !strings.HasSuffix(out.path, lastn) {
		if !f.Latest {
			return out, false
		}
		out.path, out.table = out.path+lastn, false
	}
	if len(a.IDs) > 0 {
		if q.Each == "" {
			return out, false
		}
		out.fill(a.IDs)
	}
	out.include(a, q.Type())
	return out, true
}

// anyOf joins values of which one has to hold. A comma that is part of a value
// is escaped as FHIR asks.
func anyOf(values []string) string {
	plain := strings.NewReplacer(`\`, `\\`, ",", `\,`)
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = plain.Replace(v)
	}
	return strings.Join(escaped, ",")
}

// set replaces the values of a parameter, where it stands.
func (q *asked) set(key string, values ...string) {
	q.table = false
	at := slices.IndexFunc(q.params, func(p param) bool { return p.key == key })
	q.params = slices.DeleteFunc(q.params, func(p param) bool { return p.key == key })
	if at < 0 {
		at = len(q.params)
	}
	for i, v := range values {
		q.params = slices.Insert(q.params, at+i, param{key, v})
	}
}

func (q *asked) include(a Ask, kind string) {
	if a.Bare {
		q.table = false
		q.params = slices.DeleteFunc(q.params, func(p param) bool { return strings.HasPrefix(p.key, "_include") })
	}
	for _, name := range a.Include {
		q.table = false
		q.params = append(q.params, param{"_include", kind + ":" + name})
	}
}

// fill puts ids in the place of {id}: several as a list.
func (q *asked) fill(ids []string) {
	q.ids, q.table = ids, false
	q.params = slices.Clone(q.params)
	for i, p := range q.params {
		if strings.Contains(p.value, "{id}") {
			list := make([]string, len(ids))
			for j, id := range ids {
				list[j] = strings.ReplaceAll(p.value, "{id}", id)
			}
			q.params[i].value = strings.Join(list, ",")
		}
	}
}

// of is the query for one of the resources that it is asked for one by one.
func (q asked) of(id string) asked {
	q.fill([]string{id})
	return q
}

// name is how the result of the query is called: its path in the table when
// nothing narrows it.
func (q asked) name() string { return q.join(func(value string) string { return value }) }

// at is the path with dates filled in and values encoded.
func (q asked) at(now time.Time) string {
	return q.join(func(value string) string { return encode(datesIn(value, now)) })
}

func (q asked) join(value func(string) string) string {
	var b strings.Builder
	b.WriteString(q.path)
	sep := byte('?')
	for _, p := range q.params {
		b.WriteByte(sep)
		b.WriteString(p.key + "=" + value(p.value))
		sep = '&'
	}
	return b.String()
}

// encode escapes what has a meaning in an address. ":", "/", "," and "$" are
// as they are in the examples of MedMij.
func encode(value string) string {
	return strings.NewReplacer("+", "%20", "%3A", ":", "%2F", "/", "%2C", ",", "%24", "$").Replace(url.QueryEscape(value))
}
