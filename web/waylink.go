package web

import (
	"net/http"

	"github.com/bundel-pgo/bundel/share"
)

// linkPage shows what the other needs to open a link, and who opened it.
type linkPage struct {
	page
	QR       string // d of its path; empty: nothing to scan
	Size     int
	URI      string
	Code     string
	Site     string
	Passcode string
	Facts    []wayFact
	Openings []row
}

func (*linkPage) template() string { return "link" }

// wayFact is one line of what holds for a link or a message.
type wayFact struct{ Name, Text string }

// givenLinkPage shows one link.
func givenLinkPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	p, err := v.linkPage(r, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (v *view) linkPage(r *http.Request, id string) (*linkPage, error) {
	l, err := v.givenLink(r, id)
	if err != nil {
		return nil, err
	}
	p := &linkPage{page: v.wayPage("one"), URI: l.URI, Code: l.Code, Passcode: l.Passcode}
	p.Path, p.H1 = linkHome+"/"+l.ID, brief(clean(l.Name))
	p.Facts = []wayFact{{v.T("wl.fact.what"), v.linkHolds(l)}, {v.T("wl.fact.often"), v.oftenText(l)}}
	switch {
	case l.End != "":
		p.Answer, p.Rest = v.T("wl.closed"), v.T("wl.end."+l.End, "when", v.Moment(l.Ended, v.now))
		p.Soft = v.T("wl.copies")
	case l.Spoken:
		p.Answer, p.Rest, p.Site = v.T("wl.aloud"), v.T("wl.aloud.rest"), l.Site
	case l.Passcode != "":
		p.Rest = v.T("wl.one.digits")
	}
	if l.End == "" {
		p.Facts = append(p.Facts, wayFact{v.T("wl.fact.until"), v.Moment(l.Until, v.now) + " (" + v.linkLeft(l) + ")"})
		p.Actions = []action{v.endAction(l), {Text: v.T("wl.back"), Href: linkHome, Look: "link"}}
		v.warnOf(p, l)
	}
	if l.URI != "" {
		code, err := share.NewQR(l.URI)
		if err != nil {
			return nil, err
		}
		p.QR, p.Size = code.Path(), code.Size()
	}
	for _, o := range l.Seen {
		p.Openings = append(p.Openings, v.openingRow(o))
	}
	return p, nil
}

// warnOf says that what is shown may not be how it is.
func (v *view) warnOf(p *linkPage, l GivenLink) {
	switch {
	case l.Unsure:
		p.Notice = &notice{Text: v.T("wl.unsure")}
	case l.Silent:
		p.Notice = &notice{Text: v.T("wl.silent")}
	}
}

func (v *view) oftenText(l GivenLink) string {
	if l.Openings == 0 {
		return v.T("wl.often.vrij")
	}
	return v.T("wl.often.n", "n", l.Openings)
}

// openingRow is one time that somebody opened a link, or could not.
func (v *view) openingRow(o share.Opening) row {
	r := row{Name: v.Moment(o.At, v.now)}
	if o.Event != share.EventOpened {
		r.Lines = []line{plain(v.T("wl.event.wrong"))}
	} else {
		who := brief(clean(o.Recipient))
		if who == "" {
			who = v.T("wl.event.nobody")
		}
		r.Lines = []line{plain(v.T("wl.event.opened", "who", who))}
	}
	r.Soft = dotted(brief(clean(o.Network)), brief(clean(o.Agent)))
	return r
}
