package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/share"
)

// linkHome is the address of the links; a link stands under it by a number that
// says nothing.
const linkHome = "/d/link"

// linkLives are how long a link can be open, with the word for it in a form.
var linkLives = [...]struct {
	key  string
	life time.Duration
}{{"uur", time.Hour}, {"dag", 24 * time.Hour}, {"maand", 30 * 24 * time.Hour}}

// linkTimes are how often a link can open.
var linkTimes = [...]struct {
	key string
	n   int
}{{"een", 1}, {"vijf", 5}, {"vrij", 0}}

// wayPage is a page about links, codes and files.
func (v *view) wayPage(key string) page {
	return page{
		Title: v.T("title.d"), Here: "/d", Path: v.path, Crumbs: []link{{v.T("nav.d"), "/d"}, {v.T("wl.h1"), linkHome}},
		H1: v.T("wl." + key + ".h1"), Answer: v.T("wl." + key + ".answer"), Rest: v.T("wl." + key + ".rest"),
	}
}

// givenPage lists the links that are open now, and those that were.
func givenPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	all, err := v.s.Desk.GivenLinks(r.Context())
	if err != nil {
		return nil, err
	}
	p := &listPage{page: v.wayPage("list")}
	p.Crumbs[1].Href = ""
	var open, over []row
	for _, l := range all {
		if l.End == "" {
			open = append(open, v.givenRow(l))
		} else {
			over = append(over, v.overRow(l))
		}
	}
	p.Answer = v.T("wl.none")
	if n := len(open); n > 0 {
		p.Answer = v.T("wl.open", "n", n)
		p.Parts = append(p.Parts, listPart{Heading: v.T("wl.now"), Rows: open})
	}
	if len(over) > 0 {
		p.Parts = append(p.Parts, listPart{Heading: v.T("wl.over"), Rows: over})
	}
	p.Actions = []action{
		{Text: v.T("wl.make"), Href: linkHome + "/nieuw", Look: "main"},
		{Text: v.T("wl.read"), Href: linkHome + "/code", Look: "other"},
		{Text: v.T("wf.give"), Href: fileHome, Look: "link"},
	}
	if v.s.Desk.Relay() == "" {
		v.withoutRelay(p, len(open) == 0)
	}
	return p, nil
}

// withoutRelay puts first what can be done without one.
func (v *view) withoutRelay(p *listPage, none bool) {
	if p.Rest = v.T("wl.relay"); none {
		p.Answer = v.T("wl.relay.first")
	}
	p.Actions = []action{
		{Text: v.T("wf.give"), Href: fileHome, Look: "main"},
		{Text: v.T("wl.relay.paper"), Href: "/p", Look: "other"},
	}
	p.Parts = append(p.Parts, listPart{Heading: v.T("wl.relay.h2"), Note: v.T("wl.relay.how")})
}

// givenRow is a link that can be opened, with the button that ends it.
func (v *view) givenRow(l GivenLink) row {
	r := row{Name: brief(clean(l.Name)), Href: linkHome + "/" + l.ID, Lines: []line{plain(v.linkHolds(l))}}
	r.Soft = dotted(v.linkLeft(l), v.T("wl.opened", "n", l.opened()))
	if n := l.wrongTries(); n > 0 {
		r.Soft = dotted(r.Soft, v.T("wl.wrong", "n", n))
	}
	switch {
	case l.Unsure:
		r.Flags, r.Note = []flag{{v.T("wl.flag"), "mark"}}, v.T("wl.unsure")
	case l.Silent:
		r.Flags, r.Note = []flag{{v.T("wl.flag"), "mark"}}, v.T("wl.silent")
	}
	r.Actions = []action{v.endAction(l)}
	return r
}

func (v *view) endAction(l GivenLink) action {
	return action{Text: v.T("wl.stop"), About: brief(clean(l.Name)), Post: linkHome + "/stop", Values: []value{{"nr", l.ID}}, Look: "other"}
}

// overRow is a link that ended.
func (v *view) overRow(l GivenLink) row {
	return row{
		Name: brief(clean(l.Name)), Href: linkHome + "/" + l.ID, Lines: []line{plain(v.linkHolds(l))},
		Soft: dotted(strings.TrimSuffix(v.T("wl.end."+l.End, "when", v.Moment(l.Ended, v.now)), "."), v.T("wl.opened", "n", l.opened())),
	}
}

// linkHolds says what somebody with the link sees.
func (v *view) linkHolds(l GivenLink) string {
	if l.All {
		return v.T("wl.holds.all", "n", l.Items)
	}
	if of := brief(clean(l.Of)); of != "" && l.Of != l.Name {
		return v.T("wl.holds.of", "who", of, "n", l.Items)
	}
	return v.T("wl.holds.some", "n", l.Items)
}

// linkLeft says how long a link is open still.
func (v *view) linkLeft(l GivenLink) string {
	left := l.Until.Sub(v.now)
	switch {
	case left < time.Hour+30*time.Second:
		return v.T("wl.left.minutes", "n", int((left + 59*time.Second).Minutes()))
	case left < 48*time.Hour:
		return v.T("wl.left.hours", "n", int(left.Hours()))
	}
	return v.T("wl.left.days", "n", int(left.Hours()/24))
}

// linkForm asks what, for whom and how long.
func linkForm(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.linkForm(r, false)
}

// codeForm asks the same of a code to read aloud.
func codeForm(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.linkForm(r, true)
}

func (v *view) linkForm(r *http.Request, spoken bool) (*printForm, error) {
	if v.s.Desk.Relay() == "" {
		return nil, ErrNotFound
	}
	what, err := v.audienceField(r)
	if err != nil {
		return nil, err
	}
	name := printField{Name: "naam", Kind: fieldText, Label: v.T("wl.name"), Hint: v.T("wl.name.hint"), Max: 80, Must: true}
	if spoken {
		p := &printForm{page: v.wayPage("code"), Post: linkHome + "/code", Button: v.T("wl.code.go")}
		p.Fields = []printField{what, name, {
			Name: "geboren", Kind: fieldDate, Label: v.T("wl.born"), Hint: v.T("wl.born.hint"), Value: v.o.Person.BirthDate, Must: true,
		}}
		return p, nil
	}
	p := &printForm{page: v.wayPage("new"), Post: linkHome + "/nieuw", Button: v.T("wl.new.go")}
	long := printField{Name: "tijd", Kind: fieldChoice, Label: v.T("wl.long")}
	for i, l := range linkLives {
		long.Options = append(long.Options, printOption{l.key, v.T("wl.long." + l.key), i == 0})
	}
	often := printField{Name: "keer", Kind: fieldChoice, Label: v.T("wl.often")}
	for i, l := range linkTimes {
		often.Options = append(often.Options, printOption{l.key, v.T("wl.often." + l.key), i == 0})
	}
	p.Fields = []printField{what, name, long, often, {
		Name: "cijfers", Kind: fieldTicks, Label: v.T("wl.pass"), Hint: v.T("wl.pass.hint"), Options: []printOption{{"ja", v.T("wl.pass.tick"), true}},
	}}
	return p, nil
}

// audienceField asks what is given: all, or what somebody may see. Nothing is
// chosen beforehand.
func (v *view) audienceField(r *http.Request) (printField, error) {
	all, err := v.s.Desk.Audiences(r.Context())
	f := printField{Name: "wat", Kind: fieldChoice, Label: v.T("wl.what"), Hint: v.T("wl.what.hint")}
	for _, a := range all {
		f.Options = append(f.Options, printOption{Value: sourceKey(a.ID), Text: v.T("wl.what.one", "who", brief(clean(a.Name)))})
	}
	f.Options = append(f.Options, printOption{Value: "alles", Text: v.T("wl.what.all")})
	return f, err
}

// audience finds who a choice stands for; empty for all.
func (v *view) audience(r *http.Request, key string) (Audience, error) {
	if key == "alles" {
		return Audience{}, nil
	}
	all, err := v.s.Desk.Audiences(r.Context())
	for _, a := range all {
		if sourceKey(a.ID) == key {
			return a, nil
		}
	}
	if err == nil {
		err = ErrNothingShared
	}
	return Audience{}, err
}

// filled reads what was typed into a form, and says what has to be changed.
func (v *view) filled(p *printForm, r *http.Request) (typed, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	in := typed(r.PostForm)
	for i := range p.Fields {
		p.Fields[i].fill(in)
	}
	p.Wrong = v.wrongFields(p.Fields)
	for _, f := range p.Fields {
		if f.Must && f.Value == "" {
			p.Wrong = append(p.Wrong, wrong{f.Name, v.T("wrong.empty")})
		}
	}
	return in, nil
}

// makeLink makes a link as the form says.
func makeLink(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	return v.makeLink(w, r, false)
}

// makeCode makes a code to read aloud.
func makeCode(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	return v.makeLink(w, r, true)
}

func (v *view) makeLink(w http.ResponseWriter, r *http.Request, spoken bool) (content, error) {
	p, err := v.linkForm(r, spoken)
	if err != nil {
		return nil, err
	}
	in, err := v.filled(p, r)
	if err != nil || len(p.Wrong) > 0 {
		return p, err
	}
	who, err := v.audience(r, in.get("wat"))
	wish := LinkWish{Audience: who.ID, Name: in.get("naam"), Passcode: in.on("cijfers", "ja"), BirthDate: in.get("geboren"), Lang: v.Lang}
	for _, l := range linkLives {
		if in.get("tijd") == l.key {
			wish.Life = l.life
		}
	}
	for _, l := range linkTimes {
		if in.get("keer") == l.key {
			wish.Openings = l.n
		}
	}
	id := ""
	if err == nil {
		id, err = v.s.Desk.MakeLink(r.Context(), wish)
	}
	if v.refusedWay(p, err) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	return see(w, r, linkHome+"/"+id)
}

// refusedWay puts into the form why nothing was made.
func (v *view) refusedWay(p *printForm, err error) bool {
	for _, known := range [...]struct {
		err error
		key string
	}{
		{ErrNothingShared, "nothing"},
		{share.ErrBirthDate, "born"},
		{share.ErrRefused, "full"},
		{share.ErrBusy, "busy"},
		{share.ErrRelay, "relay"},
		{share.ErrBSN, "bsn"},
		{share.ErrFileCode, "again"},
	} {
		if errors.Is(err, known.err) {
			p.Notice = &notice{Text: v.T("wl.not." + known.key), Alert: true}
			return true
		}
	}
	return false
}

// stopLink ends a link at once, or says that it may be open still.
func stopLink(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	id := r.PostFormValue("nr")
	err := v.s.Desk.StopLink(r.Context(), id)
	if errors.Is(err, share.ErrRelay) || errors.Is(err, share.ErrBusy) {
		p, err := v.linkPage(r, id)
		if err != nil {
			return nil, err
		}
		p.Notice = &notice{Text: v.T("wl.not.stopped"), Alert: true}
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	return see(w, r, linkHome+"/"+id)
}

// givenLink finds a link by its number.
func (v *view) givenLink(r *http.Request, id string) (GivenLink, error) {
	all, err := v.s.Desk.GivenLinks(r.Context())
	for _, l := range all {
		if l.ID == id && !strings.Contains(id, "/") {
			return l, nil
		}
	}
	if err == nil {
		err = ErrNotFound
	}
	return GivenLink{}, err
}
