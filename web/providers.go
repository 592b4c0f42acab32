package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	Logins   []row // the plan, when it is not done
	Rows     []row
	Told     string // what the person just did
}

func (*connectionsPage) template() string { return "providers" }

// providersPage lists who is connected and how complete that is.
func providersPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p, _, err := v.providersPage(r)
	return p, err
}

func (v *view) providersPage(r *http.Request) (*connectionsPage, []PlannedLogin, error) {
	p := &connectionsPage{page: page{Title: v.T("title.z"), Here: "/z", H1: v.T("nav.z")}}
	links, err := v.linked(r.Context())
	if err != nil {
		return p, nil, err
	}
	plan, err := v.planOf(r)
	p.Logins, p.Told = v.planRow(plan), v.ended(r)
	sources := v.sources()
	n := len(slices.DeleteFunc(slices.Clone(sources), func(s string) bool { return !connected(links, s) }))
	p.Answer = v.T("z.answer", "n", n)
	if n == 0 {
		p.Answer, p.Rest = v.T("z.nobody"), v.T("z.nobody.rest")
	}
	if len(sources) > 0 {
		p.Soft = v.T("o.updated", "when", v.Moment(v.updated(), v.now))
		p.Actions = []action{
			{Text: v.T("z.all-now"), Post: "/z/haal", Look: "other"},
			{Text: v.T("z.progress"), Href: "/z/bezig", Look: "link"},
			{Text: v.T("whole.crumb"), Href: "/z/volledig", Look: "link"},
		}
	}
	p.Actions = append(p.Actions, action{Text: v.T("in.h1"), Href: importPath, Look: "link"})
	for _, source := range sources {
		p.Rows = append(p.Rows, v.connectedRow(source, links))
	}
	return p, plan, err
}

// ended says that a connection was just ended; empty otherwise.
func (v *view) ended(r *http.Request) string {
	for _, how := range [...]string{"los", "wis"} {
		if r.URL.Query().Has(how) {
			return v.T("los.told." + how)
		}
	}
	return ""
}

// connectedRow is one source: what it gave, when, what not, and what to do.
func (v *view) connectedRow(source string, links map[string]Link) row {
	r := row{Name: v.provider(source), Href: "/z/" + sourceKey(source), Bars: newBars([]bar{{}})}
	good, all := v.partsOf(source)
	r.Lines = []line{plain(v.T("z.parts", "n", all, "good", good))}
	if t := v.fetched(source); !t.IsZero() {
		r.Soft = v.T("o.updated", "when", v.Moment(t, v.now))
	}
	if !connected(links, source) {
		r.Flags, r.Lines = []flag{{v.T("flag.apart"), ""}}, nil
		r.Actions = []action{v.chooseAction(source, r.Name, v.T("z.again"))}
	} else if code, bad := v.failing(source); bad {
		r.Flags, r.Bars = []flag{{v.T("flag.failed"), "mark"}}, nil
		r.Lines = append(r.Lines, plain(v.problem(code, source)))
		if medmij.FailureOf(code).Next == medmij.NextLogin {
			r.Actions = []action{v.connectAction(source, 0, v.T("z.login"))}
		}
	}
	for _, text := range v.status(source, links) {
		r.Lines = append(r.Lines, plain(text))
	}
	switch {
	case v.busy(source):
		r.Actions = []action{v.stopAction(source, r.Name)}
	case len(r.Actions) > 0:
	case links[source].Consent == ConsentEnded:
		r.Actions = []action{v.chooseAction(source, r.Name, v.T("z.login"))}
	default:
		r.Actions = []action{{Text: v.T("z.now"), About: r.Name, Post: "/z/haal", Values: []value{{"bron", sourceKey(source)}}, Look: "other"}}
	}
	return r
}

// partsOf counts the questions to a source, and those that were answered.
func (v *view) partsOf(source string) (good, all int) {
	for _, s := range v.o.Sources {
		if s.Source != source {
			continue
		}
		all += len(s.Queries)
		for _, q := range s.Queries {
			if q.Outcome == fhir.OK || q.Outcome == fhir.Empty {
				good++
			}
		}
	}
	return good, all
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
func searchProviders(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p, plan, err := v.providersPage(r)
	if err != nil {
		return nil, err
	}
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
		p.Found = append(p.Found, v.foundRow(provider, plan))
	}
	p.Found = onTop(p.Found)
	return p, nil
}

// foundRow is one provider that was found: to choose, or why it cannot be.
func (v *view) foundRow(p Provider, plan []PlannedLogin) row {
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
	if n := len(p.Connections); n > 1 {
		r.Lines = append(r.Lines, plain(v.T("z.logins", "n", n)))
	}
	if len(p.Unsupported) > 0 {
		r.Lines = append(r.Lines, plain(v.T("z.unsupported", "what", brief(v.List(p.Unsupported)))))
	}
	chosen := slices.ContainsFunc(plan, func(l PlannedLogin) bool { return l.Source == p.Source && !l.Done })
	switch {
	case len(p.Connections) == 0 && len(p.Unsupported) == 0:
		r.Lines = append(r.Lines, plain(v.T("z.not-yet")), plain(v.T("z.copy", "who", r.Name)))
	case len(p.Connections) == 0:
		r.Lines = append(r.Lines, plain(v.T("z.copy", "who", r.Name)))
	case chosen:
		r.Flags = []flag{{v.T("flag.chosen"), ""}}
		r.Actions = []action{{Text: v.T("plan.see"), Href: "/z/plan", Look: "other"}}
	case p.Connected && slices.Contains(v.sources(), p.Source):
		r.Flags, r.Href = []flag{{v.T("flag.connected"), ""}}, "/z/"+sourceKey(p.Source)
		r.Actions = []action{{Text: v.T("z.see"), About: r.Name, Href: r.Href, Look: "other"}}
	default:
		r.Actions = []action{v.chooseAction(p.Source, r.Name, v.T("plan.choose"))}
	}
	return r
}

// sourcePage is the completeness of one provider: every question that was
// asked, and what came of it.
type sourcePage struct {
	page
	Status   []string
	Missing  []row
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

// serviceRow is what came of the questions about one kind of records.
type serviceRow struct {
	What, Outcome, Count, Code string
	Bad                        bool
}

// providerPage shows for one provider every question and its answer.
func providerPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	source, ok := v.sourceOf(r.PathValue("source"))
	if !ok {
		return nil, ErrNotFound
	}
	links, err := v.linked(r.Context())
	if err != nil {
		return nil, err
	}
	name := v.provider(source)
	p := &sourcePage{page: page{
		Title: v.T("title.z"), Here: "/z", Crumbs: []link{{v.T("nav.z"), "/z"}, {name, ""}}, H1: name,
	}, Status: v.status(source, links), Missing: v.missingRows(source), Unread: v.unread(source)}
	for _, s := range v.o.Sources {
		if s.Source == source {
			p.Services = append(p.Services, serviceTable{v.serviceName(s.Service), v.serviceRows(s.Queries)})
		}
	}
	good, all := v.partsOf(source)
	p.Answer = v.T("z.complete", "n", all)
	if good < all {
		p.Answer = v.T("z.parts", "n", all, "good", good)
	}
	if t := v.fetched(source); !t.IsZero() {
		p.Soft = v.T("o.updated", "when", v.Moment(t, v.now))
	}
	consents, gone, err := v.consents(r.Context(), source)
	if p.Consents = consents; gone {
		p.Rest = v.T("z.unlisted")
	} else if connected(links, source) {
		p.Actions = []action{v.providerAction(source, links)}
	}
	if s, ok := v.stranger(source); ok {
		p.Actions = append([]action{v.seeIdentity(s)}, p.Actions...)
	}
	p.Actions = append(p.Actions, action{Text: v.T("los.h1"), Href: "/z/" + sourceKey(source) + "/los", Look: "link"})
	return p, err
}

// providerAction is what to do at a source now: stop what is busy, log in where
// the consent ended, or update.
func (v *view) providerAction(source string, links map[string]Link) action {
	switch {
	case v.busy(source):
		return v.stopAction(source, "")
	case links[source].Consent == ConsentEnded:
		return v.chooseAction(source, "", v.T("z.login"))
	}
	return action{Text: v.T("z.now"), Post: "/z/haal", Values: []value{{"bron", sourceKey(source)}}, Look: "other"}
}

// serviceRows are the questions and their answers in words: those about one kind
// that ended alike are one row. The code of what went wrong stands with it.
func (v *view) serviceRows(queries []fhir.QueryResult) []serviceRow {
	var rows []serviceRow
	count := map[int]int{}
	for _, q := range queries {
		row := serviceRow{
			What: v.queryName(q.Query), Outcome: v.T("outcome." + string(q.Outcome)),
			Bad: q.Outcome != fhir.OK && q.Outcome != fhir.Empty,
		}
		if row.Bad {
			row.Code = brief(dotted(q.Detail, q.Trace))
		}
		i := slices.Index(rows, row)
		if i < 0 {
			i, rows = len(rows), append(rows, row)
		}
		count[i] += q.Resources
	}
	for i := range rows {
		if !rows[i].Bad && count[i] > 0 {
			rows[i].Count = v.write(count[i])
		}
	}
	return rows
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
