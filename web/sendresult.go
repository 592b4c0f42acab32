package web

import (
	"context"
	"net/http"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
)

// sentPage tells of every thing in the last message what became of it.
func sentPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	parcel, sent := v.s.Desk.Sent()
	if parcel.Recipient == "" {
		return nil, ErrNotFound
	}
	who, err := v.recipientName(r.Context(), parcel.Recipient)
	if err != nil {
		return nil, err
	}
	p := &listPage{page: v.sendFrame(v.T("d.sent.h1"))}
	p.Path = "/d/verstuurd"
	fine, twice, unknown := 0, 0, Parcel{Kind: parcel.Kind, Recipient: parcel.Recipient}
	var rows []row
	for _, one := range sent {
		rows = append(rows, v.sentRow(one, who))
		switch {
		case one.OK:
			fine++
		case one.Twice:
			twice++
		case one.Code == medmij.CodeUnknown:
			unknown.Items = append(unknown.Items, one.Item)
		}
	}
	p.Answer = v.T("d.sent", "n", fine, "who", who)
	bad := len(sent) - fine - twice - len(unknown.Items)
	if bad > 0 {
		p.Rest = v.T("d.not-sent", "n", bad)
	}
	if n := len(unknown.Items); n > 0 {
		p.Rest, p.Lead = v.T("ws.unsure", "n", n), v.T("ws.unsure.how", "who", who)
		if fine == 0 && bad == 0 { // nothing is known to have arrived, nor that anything did not
			p.Answer, p.Rest = p.Rest, ""
		}
		p.Actions = []action{v.againAction(unknown)}
	}
	if twice > 0 { // a third time helps nobody
		p.Rest, p.Lead = v.T("ws.twice", "n", twice, "who", who), v.T("ws.twice.how", "who", who)
	}
	p.Actions = append(p.Actions, action{Text: v.T("ws.receipts"), Href: "/d/bewijs", Look: "link"})
	p.Parts = []listPart{{Rows: onTop(rows)}}
	return p, nil
}

// recipientName is what a provider is called, also one of which nothing is in the
// overview: things can be sent there before anything was collected.
func (v *view) recipientName(ctx context.Context, source string) (string, error) {
	names, err := v.s.Desk.Called(ctx, source)
	if err != nil || len(names) == 0 {
		return v.provider(source), err
	}
	return brief(clean(names[0])), nil
}

// againAction leads to the question whether the person knows that it is not there.
func (v *view) againAction(p Parcel) action {
	return action{Text: v.T("ws.again"), Post: parcelPath(p.Recipient, p.Kind), Values: parcelValues(p, "vraag"), Look: "other"}
}

// sentRow is what became of one thing that was sent.
func (v *view) sentRow(one Sent, who string) row {
	r := row{Name: brief(clean(one.Title)), Flags: []flag{{v.T("flag.sent"), ""}}}
	if item, ok := v.o.Find(one.Item); ok {
		r.Name, r.Href = brief(item.Name()), "/i/"+item.Key()
		r.Lines = []line{plain(brief(item.Detail))}
	}
	if r.Name == "" {
		r.Name = v.T("d.unknown-item")
	}
	if one.Detail != "" {
		r.Note = v.T("ws.said", "text", brief(clean(one.Detail)))
	}
	if !one.OK {
		r.Flags = []flag{{v.T("flag.failed"), "mark"}}
		if one.Code == medmij.CodeUnknown {
			r.Flags[0].Text = v.T("ws.flag.unknown")
		}
		if !one.Twice {
			w := medmij.Explain(one.Code, v.Lang).For(who)
			r.Lines = append(r.Lines, plain(w.What+" "+w.Step))
		}
		r.Note = dotted(r.Note, v.T("trouble.code", "code", one.Code))
	}
	return r
}

// askAgain asks whether the person knows that it did not arrive: what may be
// there is never sent again by itself.
func (v *view) askAgain(p Parcel, who string) content {
	out := &troublePage{v.sendFrame(v.T("ws.again"))}
	out.Answer, out.Rest = v.T("ws.again.ask", "who", who), v.T("ws.again.why")
	out.Actions = []action{
		{Text: v.T("ws.again.yes"), Post: parcelPath(p.Recipient, p.Kind), Values: parcelValues(p, "ja"), Look: "main"},
		{Text: v.T("ws.again.no"), Href: sendHome, Look: "link"},
	}
	return out
}

// receiptsPage lists what was ever sent over MedMij.
func receiptsPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	all, err := v.s.Desk.Receipts(r.Context())
	if err != nil {
		return nil, err
	}
	p := &listPage{page: v.sendFrame(v.T("ws.receipts"))}
	p.Answer = v.T("ws.receipts.answer", "n", len(all))
	var rows []row
	for _, one := range all {
		who, err := v.recipientName(r.Context(), one.Recipient)
		if err != nil {
			return nil, err
		}
		rows = append(rows, v.receiptRow(one, who))
	}
	if len(rows) > 0 {
		p.Parts = []listPart{{Rows: onTop(rows)}}
	}
	return p, nil
}

func (v *view) receiptRow(one Receipt, who string) row {
	if !one.Valid {
		return row{Name: v.T("ws.receipt.bad"), Flags: []flag{{v.T("wl.flag"), "mark"}}, Soft: v.T("ws.receipt.bad.rest")}
	}
	count := map[string]int{}
	for _, e := range one.Entries {
		count[e.Result]++
	}
	r := row{Name: who, Soft: v.Moment(one.Time, v.now), Lines: []line{plain(v.T("ws.kind." + string(one.Kind)))}}
	text := ""
	for _, result := range [...]string{share.Sent, share.Refused, share.Unknown} {
		if n := count[result]; n > 0 {
			text = dotted(text, v.T("ws.entries."+result, "n", n))
		}
	}
	r.Lines = append(r.Lines, plain(text))
	r.Note = v.T("ws.receipt.note", "sum", one.Digest[:min(16, len(one.Digest))])
	if one.Code != "" {
		r.Note = dotted(r.Note, v.T("trouble.code", "code", one.Code))
	}
	return r
}
