package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bundel-pgo/bundel/share"
)

// personPage asks with whom to share, and what.
type personPage struct {
	page
	Name  string
	Roles []option
	What  []option
	Until *untilField
}

func (*personPage) template() string { return "person" }

// roleWords are the kinds of recipients that somebody can name, by their value in
// a form.
var roleWords = [...]struct {
	word string
	role share.Role
}{
	{"zorg", ""},
	{"familie", share.Family},
	{"werk", share.Employer},
	{"verzekering", share.Insurer},
	{"gemeente", share.Municipality},
}

// longestName is in characters.
const longestName = 80

func roleWord(role share.Role) string {
	for _, r := range roleWords {
		if r.role == role {
			return r.word
		}
	}
	return ""
}

// newPersonPage is the empty form.
func newPersonPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	return v.personPage(nil, nil), nil
}

// personPage is the form with what was filled in.
func (v *view) personPage(form url.Values, wrongs []wrong) *personPage {
	p := &personPage{page: page{
		Title: v.T("title.d"), Here: "/d", Path: "/d/nieuw", Crumbs: []link{{v.T("nav.d"), "/d"}, {v.T("d.new"), ""}},
		H1: v.T("d.new"), Answer: v.T("dp.answer"), Rest: v.T("d.choose.rest"), Wrong: wrongs,
	}, Name: form.Get("naam"), Until: v.untilField(form)}
	for _, r := range roleWords {
		o := option{Value: r.word, Text: v.T("dp.role." + r.word), On: form.Get("soort") == r.word}
		if (share.Recipient{Role: r.role}).Warning() != "" {
			o.Soft = v.T("dp.mind")
		}
		p.Roles = append(p.Roles, o)
	}
	for _, subject := range v.shared() {
		if !whole(subject) {
			continue
		}
		c := pick{kind: pickSubject, id: subject, who: somebodyNew}
		p.What = append(p.What, option{
			Value: c.wanted(true), Text: fmt.Sprintf("%s (%d)", v.subjectName(subject), len(v.current(subject))),
			On: slices.Contains(form["wil"], c.wanted(true)),
		})
	}
	return p
}

// askPerson says what the new recipient would see. Nothing is stored.
func askPerson(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	made, wrongs := v.readPerson(r.PostForm, shares)
	picks := answered(r.PostForm)
	if len(picks) == 0 {
		wrongs = append(wrongs, wrong{"wil", v.T("dp.wrong.what")})
	}
	_, until := v.readUntil(r.PostForm)
	if wrongs = append(wrongs, until...); len(wrongs) > 0 {
		return v.personPage(r.PostForm, wrongs), nil
	}
	return v.wishPage(r, shares, picks, made)
}

// readPerson reads who is new, and what is wrong about it. A name that is there
// already would be two recipients that nobody can tell apart.
func (v *view) readPerson(form url.Values, shares Shares) (share.Recipient, []wrong) {
	name := strings.Join(strings.Fields(clean(form.Get("naam"))), " ")
	made := share.Recipient{Name: name}
	var wrongs []wrong
	known := func(r Recipient) bool { return strings.EqualFold(clean(r.Name), name) }
	switch {
	case name == "":
		wrongs = append(wrongs, wrong{"naam", v.T("dp.wrong.name")})
	case utf8.RuneCountInString(name) > longestName:
		wrongs = append(wrongs, wrong{"naam", v.T("dp.wrong.long", "n", longestName)})
	case slices.ContainsFunc(shares.Recipients, known):
		wrongs = append(wrongs, wrong{"naam", v.T("dp.wrong.known", "who", name)})
	}
	for _, r := range roleWords {
		if r.word == form.Get("soort") {
			made.Role = r.role
			return made, wrongs
		}
	}
	return made, append(wrongs, wrong{"soort", v.T("dp.wrong.role")})
}
