package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// connectionsPage lists the connected providers and lets the person search for
// another.
type connectionsPage struct {
	page
	Query    string
	Searched bool
	Found    []row
	Rows     []row
}

func (*connectionsPage) template() string { return "providers" }

// providersPage lists who is connected and how complete that is.
func providersPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	p := &connectionsPage{page: page{Title: v.T("title.z"), Here: "/z", H1: v.T("nav.z")}}
	sources := v.sources()
	p.Answer = v.T("z.answer", "n", len(sources))
	if len(sources) == 0 {
		p.Answer, p.Rest = v.T("z.nobody"), v.T("z.nobody.rest")
	} else {
		p.Soft = v.T("o.updated", "when", v.Moment(v.updated(), v.now))
		p.Actions = []action{{Text: v.T("z.all-now"), Post: "/z/haal", Look: "other"}, {Text: v.T("z.progress"), Href: "/z/bezig", Look: "link"}}
	}
	for _, source := range sources {
		p.Rows = append(p.Rows, v.connectedRow(source))
	}
	return p, nil
}

// connectedRow is one connected provider: what it gave, when, and what not.
func (v *view) connectedRow(source string) row {
	r := row{Name: v.provider(source), Href: "/z/" + sourceKey(source), Bars: newBars([]bar{{}})}
	good, all := 0, 0
	for _, s := range v.o.Sources {
		if s.Source == source {
			for _, q := range s.Queries {
				all++
				if q.Outcome == fhir.OK || q.Outcome == fhir.Empty {
					good++
				}
			}
		}
	}
	r.Lines = []line{plain(v.T("z.parts", "good", good, "all", all))}
	if t := v.fetched(source); !t.IsZero() {
		r.Soft = v.T("o.updated", "when", v.Moment(t, v.now))
	}
	if code, bad := v.failing(source); bad {
		r.Flags, r.Bars = []flag{{v.T("flag.failed"), "mark"}}, nil
		r.Lines = append(r.Lines, plain(v.problem(code, source)))
		if medmij.FailureOf(code).Next == medmij.NextLogin {
			r.Actions = []action{v.connectAction(source, 0, v.T("z.login"))}
			return r
		}
	}
	r.Actions = []action{{Text: v.T("z.now"), About: r.Name, Post: "/z/haal", Values: []value{{"bron", sourceKey(source)}}, Look: "other"}}
	return r
}

// connectAction begins a login. The source is in the body of a POST, so that no
// address names it.
func (v *view) connectAction(source string, connection int, text string) action {
	return action{
		Text: text, About: v.provider(source), Post: "/z/verbind", Look: "other",
		Values: []value{{"bron", source}, {"n", fmt.Sprint(connection)}},
	}
}

// searchProviders answers a POST, so that what was typed is in no address.
func searchProviders(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	c, err := providersPage(v, w, r)
	if err != nil {
		return nil, err
	}
	p := c.(*connectionsPage)
	p.Path, p.Actions, p.Soft = "/z", nil, ""
	p.Query, p.Searched = strings.TrimSpace(r.PostFormValue("q")), true
	if p.Query == "" {
		p.Wrong = []wrong{{"q", v.T("wrong.search")}}
		return p, nil
	}
	found, err := v.s.Desk.Search(r.Context(), p.Query, v.Lang)
	if err != nil {
		return nil, err
	}
	p.Answer, p.Rest = v.T("z.found", "n", len(found)), ""
	if len(found) == 0 {
		p.Answer, p.Rest = v.T("z.not-found"), v.T("z.not-found.rest")
	}
	for _, provider := range found {
		p.Found = append(p.Found, v.foundRow(provider))
	}
	p.Found = onTop(p.Found)
	return p, nil
}

// foundRow is one provider that was found, with a button for each of its logins.
func (v *view) foundRow(p Provider) row {
	r := row{Name: brief(p.Name), Soft: brief(p.Place)}
	var services []string
	for _, c := range p.Connections {
		for _, s := range c.Services {
			if !slices.Contains(services, s) {
				services = append(services, s)
			}
		}
	}
	r.Lines = []line{plain(dotted(v.Or("provider."+p.Kind, ""), v.List(services)))}
	if p.Connected {
		r.Flags = []flag{{v.T("flag.connected"), ""}}
	}
	if n := len(p.Connections); n > 1 {
		r.Lines = append(r.Lines, plain(v.T("z.logins", "n", n)))
	}
	for i, c := range p.Connections {
		text := v.T("z.add-one")
		if p.Connected {
			text = v.T("z.login")
		}
		if len(p.Connections) > 1 {
			text = v.T("z.add-part", "n", i+1, "what", brief(v.List(c.Services)))
		}
		a := v.connectAction(p.Source, i, text)
		a.About = brief(p.Name)
		r.Actions = append(r.Actions, a)
	}
	switch {
	case len(p.Unsupported) > 0:
		r.Lines = append(r.Lines, plain(v.T("z.unsupported", "what", brief(v.List(p.Unsupported)))))
	case len(p.Connections) == 0:
		r.Lines = append(r.Lines, plain(v.T("z.not-yet")))
	}
	return r
}

// sourcePage is the completeness of one provider: every question that was
// asked, and what came of it.
type sourcePage struct {
	page
	Services []serviceTable
	Consents []row
	Unread   []fact
}

func (*sourcePage) template() string { return "source" }

// serviceTable is one data service of a provider.
type serviceTable struct {
	Name string
	Rows []serviceRow
}

// serviceRow is one question that was asked.
type serviceRow struct {
	Query                      []string // in pieces between which a line may end
	What, Outcome, Count, Code string
	Bad                        bool
}

// providerPage shows for one provider every question and its answer.
func providerPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	source, ok := v.sourceOf(r.PathValue("source"))
	if !ok {
		return nil, ErrNotFound
	}
	name := v.provider(source)
	p := &sourcePage{page: page{
		Title: v.T("title.z"), Here: "/z", Crumbs: []link{{v.T("nav.z"), "/z"}, {name, ""}}, H1: name,
	}}
	good, all := 0, 0
	for _, s := range v.o.Sources {
		if s.Source != source {
			continue
		}
		table := serviceTable{Name: v.serviceName(s.Service)}
		for _, q := range s.Queries {
			row := v.serviceRow(q)
			table.Rows = append(table.Rows, row)
			all++
			if !row.Bad {
				good++
			}
		}
		p.Services = append(p.Services, table)
	}
	p.Answer = v.T("z.complete", "n", all)
	if good < all {
		p.Answer = v.T("z.partly", "good", good, "all", all)
	}
	if t := v.fetched(source); !t.IsZero() {
		p.Soft = v.T("o.updated", "when", v.Moment(t, v.now))
	}
	p.Actions = []action{{Text: v.T("z.now"), Post: "/z/haal", Values: []value{{"bron", sourceKey(source)}}, Look: "other"}}
	p.Unread = v.unread(source)
	consents, gone, err := v.consents(r.Context(), source)
	if p.Consents = consents; gone {
		p.Rest, p.Actions = v.T("z.unlisted"), nil
	}
	return p, err
}

// serviceRow is one question and its answer, with the code of what went wrong.
func (v *view) serviceRow(q fhir.QueryResult) serviceRow {
	row := serviceRow{
		What: v.Or("type."+queryType(q.Query), queryType(q.Query)), Query: humps(brief(q.Query)),
		Outcome: v.T("outcome." + string(q.Outcome)), Bad: q.Outcome != fhir.OK && q.Outcome != fhir.Empty,
	}
	if q.Outcome == fhir.OK {
		row.Count = fmt.Sprint(q.Resources)
	}
	if row.Bad {
		row.Code = brief(dotted(q.Detail, q.Trace))
	}
	return row
}

// humps cuts a name before its capitals and its signs, which is where a narrow
// column may break it.
func humps(text string) []string {
	var out []string
	from := 0
	for i, r := range text {
		if i > 0 && (unicode.IsUpper(r) || strings.ContainsRune("?&=", r)) {
			out, from = append(out, text[from:i]), i
		}
	}
	return append(out, text[from:])
}

// unread lists what a source sent and the app could not read: it is kept, but
// shown nowhere else.
func (v *view) unread(source string) []fact {
	var out []fact
	for _, u := range v.o.Unread {
		if u.Source == source {
			out = append(out, fact{Name: v.Or("type."+u.Type, u.Type), Text: v.Or("unread."+u.Reason, brief(u.Reason))})
		}
	}
	return out
}

// sourceOf finds the source that an address stands for.
func (v *view) sourceOf(key string) (string, bool) {
	for _, source := range v.sources() {
		if sourceKey(source) == key {
			return source, true
		}
	}
	return "", false
}

// serviceName is the name of a data service in the language of the page.
func (v *view) serviceName(id string) string {
	s, ok := medmij.ServiceByID(id)
	switch {
	case !ok && id == "":
		return v.T("z.file")
	case !ok:
		return id
	case v.Lang == "en":
		return s.English
	}
	return s.Name
}
