package web

import "net/http"

// helpShown is a page of questions and answers.
type helpShown struct {
	page
	Parts []helpPart
}

func (*helpShown) template() string { return "help" }

// helpPart is one question with its answer, or one fact after another.
type helpPart struct {
	Heading string
	Lines   []string
	Facts   []fact
	Links   []link
}

// helpTopics are what people ask, and where the answer goes on. Emergency stands
// first: who is in one reads no further.
var helpTopics = [...]struct {
	key   string
	lines int
	links []string // keys of helpPlaces
}{
	{"urgent", 2, nil},
	{"lost", 3, nil},
	{"wrong", 3, []string{"d"}},
	{"missing", 4, []string{"z", "k"}},
	{"safe", 3, []string{"waar"}},
	{"who", 3, []string{"d", "logboek"}},
	{"words", 1, []string{"woorden"}},
	{"broken", 2, nil},
}

// helpPlaces are the pages that an answer leads to, for who is let in.
var helpPlaces = map[string]string{
	"z": "/z", "k": "/k", "d": "/d", "waar": "/hulp/waar", "logboek": "/logboek", "woorden": "/hulp/woorden",
}

// helpPage answers what people ask. It is also there for who cannot get in: who
// lost the passphrase needs it most. It holds nothing of the person.
func helpPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	inside, err := v.visiting(r)
	if err != nil {
		return nil, err
	}
	p := &helpShown{page: page{
		Title: v.T("title.help"), Here: "/hulp", H1: v.T("nav.hulp"), Answer: v.T("help.answer"), Rest: v.T("help.answer.rest"),
	}}
	for _, topic := range helpTopics {
		part := helpPart{Heading: v.T("help." + topic.key)}
		for i := range topic.lines {
			part.Lines = append(part.Lines, v.T("help."+topic.key+"."+string(rune('a'+i))))
		}
		for _, to := range topic.links {
			if inside {
				part.Links = append(part.Links, link{v.T("help.to." + to), helpPlaces[to]})
			}
		}
		p.Parts = append(p.Parts, part)
	}
	p.Parts = append(p.Parts, v.aboutPart())
	if !inside {
		p.Actions = []action{{Text: v.T("help.back"), Href: "/", Look: "link"}}
	}
	return p, nil
}

// visiting tells whether a browser that may also come from outside is let in, and
// gives it the frame of the other pages.
func (v *view) visiting(r *http.Request) (inside bool, err error) {
	if v.s.Desk.State() != Open || !v.s.sessions.valid(r, v.now) {
		return false, nil
	}
	v.s.touch()
	v.o, err = v.s.Desk.Overview(r.Context(), v.Lang)
	return err == nil, err
}

// helpCrumbs lead from a page back to help.
func (v *view) helpCrumbs(key string) []link {
	return []link{{v.T("nav.hulp"), "/hulp"}, {v.T(key), ""}}
}
