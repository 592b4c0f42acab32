package web

import (
	"net/http"

	"github.com/bundel-pgo/bundel/aggregator"
)

// previewPage shows exactly what a recipient may see, and lets the person send
// it: seeing comes before sending.
func previewPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	rec, ok := shares.recipient(r.PathValue("recipient"))
	if !ok {
		return nil, ErrNotFound
	}
	o, err := v.s.Desk.Preview(r.Context(), rec.Source, v.Lang)
	if err != nil {
		return nil, err
	}
	who := clean(rec.Name)
	p := &listPage{page: page{
		Title: v.T("title.d"), Here: "/d", Crumbs: []link{{v.T("nav.d"), "/d"}, {who, ""}}, H1: v.T("d.preview"),
		Answer: v.T("d.sees", "who", who, "n", len(o.Items)), Rest: v.T("d.sees.rest"),
	}}
	if len(o.Items) == 0 {
		p.Answer = v.T("d.sees.nothing", "who", who)
	}
	shown := v.asShown(o)
	for _, subject := range shareSubjects {
		p.addPart(v.subjectName(subject), shown.seen(o.Subject(subject)))
	}
	if rec.CanSend && rec.Ready > 0 {
		p.Actions = []action{v.sendAction(rec, "main")}
	}
	return p, nil
}

// seen are the rows of what somebody else sees; they lead nowhere.
func (v *view) seen(items []aggregator.Item) []row {
	out := v.rows(items)
	for i := range out {
		out[i].Href, out[i].Bars = "", nil
	}
	return out
}

// sendAction sends to one recipient.
func (v *view) sendAction(rec Recipient, look string) action {
	return action{
		Text: v.T("d.send", "n", rec.Ready), About: clean(rec.Name), Post: "/d/stuur",
		Values: []value{{"aan", sourceKey(rec.Source)}}, Look: look,
	}
}

// sendRow is one recipient among those that things can be sent to.
func (v *view) sendRow(rec Recipient) row {
	r := row{Name: clean(rec.Name)}
	switch {
	case !rec.CanSend:
		r.Lines = []line{plain(v.T("d.cannot"))}
	case rec.Ready == 0:
		r.Lines = []line{plain(v.T("d.none-ready"))}
	default:
		r.Lines = []line{plain(v.T("d.ready", "n", rec.Ready))}
		r.Actions = []action{v.sendAction(rec, "other")}
	}
	return r
}

// send begins the login at which the person confirms the message.
func send(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	rec, ok := shares.recipient(r.PostFormValue("aan"))
	if !ok {
		return nil, ErrNotFound
	}
	address, binding, err := v.s.Desk.BeginSend(r.Context(), rec.Source)
	if err != nil {
		return nil, err
	}
	who := clean(rec.Name)
	return v.leave(w, leaving{
		section: "d", source: rec.Source, name: who, h1: v.T("d.confirm.h1"), answer: v.T("d.confirm", "who", who), rest: v.T("d.confirm.rest"),
		steps: []string{v.T("c.one"), v.T("d.confirm.two"), v.T("d.confirm.three")}, later: "/d", address: address, binding: binding,
	})
}

// sentPage tells of every item of the last message what became of it.
func sentPage(v *view, _ http.ResponseWriter, _ *http.Request) (content, error) {
	recipient, sent := v.s.Desk.Sent()
	if recipient == "" {
		return nil, ErrNotFound
	}
	who := v.provider(recipient)
	p := &listPage{page: page{
		Title: v.T("title.d"), Here: "/d", Path: "/d", Crumbs: []link{{v.T("nav.d"), "/d"}, {who, ""}}, H1: v.T("d.sent.h1"),
	}}
	fine := 0
	var rows []row
	for _, one := range sent {
		rows = append(rows, v.sentRow(one, recipient))
		if one.OK {
			fine++
		}
	}
	p.Answer = v.T("d.sent", "n", fine, "who", who)
	if bad := len(sent) - fine; bad > 0 {
		p.Rest = v.T("d.not-sent", "n", bad)
	}
	p.Parts = []listPart{{Rows: onTop(rows)}}
	return p, nil
}

// sentRow is what became of one item that was sent.
func (v *view) sentRow(one Sent, recipient string) row {
	r := row{Name: v.T("d.unknown-item"), Flags: []flag{{v.T("flag.sent"), ""}}}
	if item, ok := v.o.Find(one.Item); ok {
		r.Name, r.Href = brief(item.Name()), "/i/"+item.Key()
		r.Lines = []line{plain(brief(item.Detail))}
	}
	if !one.OK {
		r.Flags = []flag{{v.T("flag.failed"), "mark"}}
		r.Lines = append(r.Lines, plain(v.problem(one.Code, recipient)))
		r.Note = v.T("trouble.code", "code", one.Code)
	}
	return r
}
