package web

import (
	"net/http"
	"slices"

	"github.com/bundel-pgo/bundel/share"
)

// sendPage lists what can be sent over MedMij, and to whom.
func sendPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return nil, err
	}
	p := &listPage{page: v.sendFrame(v.T("ws.h1"))}
	p.Crumbs[1].Href = ""
	p.Answer, p.Rest = v.T("ws.answer"), v.T("ws.rest")
	if r.URL.Query().Has("ok") {
		p.Saved = v.T("ws.file.saved")
	}
	p.Actions = []action{{Text: v.T("ws.file"), Href: uploadFrom("d"), Look: "other"}, {Text: v.T("ws.receipts"), Href: "/d/bewijs", Look: "link"}}
	var rows []row
	for _, rec := range shares.Recipients {
		rows = append(rows, v.takerRow(r, rec))
	}
	p.Parts = append(p.Parts, listPart{Heading: v.T("ws.to"), Rows: rows})
	if asked := v.askedRows(); len(asked) > 0 {
		p.Parts = append(p.Parts, listPart{Heading: v.T("ws.asked"), Rows: asked})
	}
	requests, err := v.s.Desk.Requests(r.Context())
	if err != nil {
		return nil, err
	}
	if len(requests) > 0 {
		part := listPart{Heading: v.T("ws.requests")}
		for _, one := range requests {
			part.Rows = append(part.Rows, v.requestRow(one))
		}
		p.Parts = append(p.Parts, part)
	}
	if len(rows) == 0 {
		p.Answer, p.Rest = v.T("d.nobody"), v.T("d.nobody.rest")
	}
	return p, nil
}

// takerRow is one provider with what it takes of the person's own choice.
func (v *view) takerRow(r *http.Request, rec Recipient) row {
	out := row{Name: brief(clean(rec.Name))}
	for _, kind := range [...]share.Kind{share.KindMeasurements, share.KindDocuments, share.KindImages} {
		if v.s.Desk.CanReceive(r.Context(), kind, rec.Source) {
			out.Actions = append(out.Actions, action{Text: v.T("ws.kind." + string(kind)), About: out.Name, Href: parcelPath(rec.Source, kind), Look: "other"})
		}
	}
	if len(out.Actions) == 0 {
		out.Lines = []line{plain(v.T("d.cannot"))}
	}
	return out
}

// chooseItems lets the person choose what goes; what cannot go says why.
func (v *view) chooseItems(r *http.Request, parcel Parcel, who string) (content, error) {
	if !v.s.Desk.CanReceive(r.Context(), parcel.Kind, parcel.Recipient) {
		return v.unsent(ErrTakesNone, who)
	}
	packed, err := v.s.Desk.Pack(r.Context(), parcel)
	if err != nil {
		return v.notPacked(err, parcel, packed, who)
	}
	p := &printForm{page: v.sendFrame(v.T("ws.kind." + string(parcel.Kind))), Post: parcelPath(parcel.Recipient, parcel.Kind), Button: v.T("ws.see")}
	p.Answer, p.Rest = v.T("ws.choose", "who", who), v.T("ws.choose.rest")
	f := printField{Name: "ding", Kind: fieldTicks, Label: v.T("ws.choose.label")}
	for _, item := range packed.Items {
		f.Options = append(f.Options, printOption{Value: item.Key(), Text: dotted(brief(item.Name()), v.Day(letterDate(item)))})
	}
	if r.Method == http.MethodPost {
		p.Wrong = []wrong{{"ding", v.T("pr.wrong.choose")}}
	}
	p.Fields = []printField{f}
	if parcel.Again {
		p.Hidden = []value{{"weer", "ja"}}
	}
	return p, nil
}

// wordsIn is what the person wrote in a message, in words.
func (v *view) wordsIn(r *http.Request, p Parcel) ([]wayFact, error) {
	switch p.Kind {
	case share.KindAnswers:
		q, err := v.s.Desk.Questionnaire(r.Context(), p.Items[0])
		return v.answered(q.Form, q.Form.Questions, q.Given), err
	case share.KindCorrection:
		all, err := v.s.Desk.Requests(r.Context())
		at := slices.IndexFunc(all, func(one Request) bool { return one.ID == p.Items[0] })
		if err != nil || at < 0 {
			return nil, err
		}
		return []wayFact{{v.T("ws.about"), brief(clean(all[at].Topic))}, {v.T("ws.words"), clean(all[at].Words)}}, nil
	}
	return nil, nil
}
