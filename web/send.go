package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// sendHome is the address of what can be sent over MedMij.
const sendHome = "/d/post"

// parcelKinds are what can be sent; the place of one is its address.
var parcelKinds = [...]share.Kind{share.KindMeasurements, share.KindDocuments, share.KindImages, share.KindAnswers, share.KindCorrection}

// parcelPage shows a message before it goes: in words, and byte for byte.
type parcelPage struct {
	page
	Items  []row
	Said   []wayFact // what was written or answered
	Left   []row
	Letter string // to print, where it cannot be sent
	Exact  string
	Cut    bool // Exact is the beginning
	Digest string
	Size   int
	Post   string
	Hidden []value
	Button string
}

func (*parcelPage) template() string { return "parcel" }

// previewPage shows exactly what a recipient may see: seeing comes before sending.
func previewPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	rec, err := v.recipientOf(r, r.PathValue("recipient"))
	if err != nil {
		return nil, err
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
	v.addSeen(p, o)
	if rec.CanSend && rec.Ready > 0 {
		p.Actions = []action{v.sendAction(rec, "main")}
	}
	if len(open(o.Items)) > 0 {
		p.Actions = append(p.Actions, action{Text: v.T("d.paper"), About: who, Post: "/d/kijk/" + r.PathValue("recipient"), Look: "other"})
	}
	return p, nil
}

// addSeen adds what somebody else sees, by subject.
func (v *view) addSeen(p *listPage, o *aggregator.Overview) {
	shown := v.asShown(o)
	for _, subject := range shareSubjects {
		p.addPart(v.subjectName(subject), shown.seen(o.Subject(subject)))
	}
}

// recipientOf finds the provider that an address stands for.
func (v *view) recipientOf(r *http.Request, key string) (Recipient, error) {
	shares, err := v.s.Desk.Shares(r.Context())
	if err != nil {
		return Recipient{}, err
	}
	rec, ok := shares.recipient(key)
	if !ok {
		return rec, ErrNotFound
	}
	return rec, nil
}

// seen are the rows of what somebody else sees; they lead nowhere.
func (v *view) seen(items []aggregator.Item) []row {
	out := v.rows(items)
	for i := range out {
		out[i].Href, out[i].Bars = "", nil
	}
	return out
}

// sendAction leads to the measurements that go to one recipient, to look at.
func (v *view) sendAction(rec Recipient, look string) action {
	return action{Text: v.T("d.send", "n", rec.Ready), About: clean(rec.Name), Href: parcelPath(rec.Source, share.KindMeasurements), Look: look}
}

func parcelPath(source string, kind share.Kind) string {
	return fmt.Sprint(sendHome, "/", sourceKey(source), "/", slices.Index(parcelKinds[:], kind)+1)
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

// parcelOf reads which message an address and a form are about.
func (v *view) parcelOf(r *http.Request) (Parcel, Recipient, error) {
	rec, err := v.recipientOf(r, r.PathValue("recipient"))
	if err != nil {
		return Parcel{}, rec, errUnknownRecipient
	}
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 1 || n > len(parcelKinds) {
		return Parcel{}, rec, ErrNotFound
	}
	if err := r.ParseForm(); err != nil {
		return Parcel{}, rec, err
	}
	p := Parcel{Kind: parcelKinds[n-1], Recipient: rec.Source, Items: r.PostForm["ding"], Again: r.PostForm.Get("weer") == "ja", Digest: r.PostForm.Get("som")}
	return p, rec, nil
}

// errUnknownRecipient is an address or form that names nobody that is connected.
var errUnknownRecipient = errors.New("web: no such recipient")

// sendTrouble puts into words why nothing is sent, and what to do now; nil for
// what has its words elsewhere.
func (v *view) sendTrouble(err error, who string) *troublePage {
	for _, known := range [...]struct {
		err error
		key string
	}{
		{errUnknownRecipient, "who"},
		{ErrTakesNone, "takes"},
		{ErrNothingToSend, "nothing"},
		{ErrPreview, "changed"},
		{ErrSent, "sent"},
		{ErrNoForm, "form"},
		{ErrNotAccepted, "accepted"},
		{ErrNotGranted, "granted"},
		{share.ErrTask, "task"},
		{share.ErrTooLarge, "large"},
		{share.ErrHoldsBSN, "bsn"},
		{share.ErrAnswers, "answers"},
		{share.ErrNotTheir, "their"},
		{share.ErrNoWords, "words"},
	} {
		if errors.Is(err, known.err) {
			p := &troublePage{v.sendFrame(v.T("d.confirm.h1"))}
			p.Answer, p.Rest = v.T("ws.not."+known.key, "who", who), v.T("ws.nothing")+" "+v.T("ws.next."+known.key, "who", who)
			p.Actions = []action{{Text: v.T("ws.all"), Href: sendHome, Look: "other"}}
			if known.err == ErrNotGranted {
				p.Actions = append(p.Actions, action{Text: v.T("z.back"), Href: "/z", Look: "link"})
			}
			return p
		}
	}
	return nil
}

// unsent answers with the words of an error. One of a provider says which.
func (v *view) unsent(err error, who string) (content, error) {
	if p := v.sendTrouble(err, who); p != nil {
		return p, nil
	}
	var problem *Problem
	if errors.As(err, &problem) && problem.Source == "" && problem.Name == "" {
		named := *problem
		named.Name = who
		return nil, &named
	}
	return nil, err
}

// sendFrame is a page about sending.
func (v *view) sendFrame(name string) page {
	return page{Title: v.T("title.d"), Here: "/d", Path: sendHome, Crumbs: []link{{v.T("nav.d"), "/d"}, {v.T("ws.h1"), sendHome}}, H1: name}
}

// showParcel shows the message that would go now.
func showParcel(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	parcel, rec, err := v.parcelOf(r)
	who := clean(rec.Name)
	if err != nil {
		return v.unsent(err, who)
	}
	if r.PostForm.Get("weer") == "vraag" {
		return v.askAgain(parcel, who), nil
	}
	if choosesItems(parcel.Kind) && len(parcel.Items) == 0 {
		return v.chooseItems(r, parcel, who)
	}
	packed, err := v.s.Desk.Pack(r.Context(), parcel)
	if err == nil && !v.s.Desk.CanReceive(r.Context(), parcel.Kind, parcel.Recipient) {
		err = ErrTakesNone
	}
	if err != nil {
		return v.notPacked(err, parcel, packed, who)
	}
	return v.parcelPage(r, parcel, packed, who)
}

// notPacked says why there is no message; of what may have arrived it says that.
func (v *view) notPacked(err error, parcel Parcel, packed Packed, who string) (content, error) {
	unknown := Parcel{Kind: parcel.Kind, Recipient: parcel.Recipient, Items: packed.unknown()}
	if !errors.Is(err, ErrNothingToSend) || len(unknown.Items) == 0 {
		return v.unsent(err, who)
	}
	p := &listPage{page: v.sendFrame(v.T("ws.kind." + string(parcel.Kind)))}
	p.Answer = v.T("ws.unsure", "n", len(unknown.Items))
	p.Rest, p.Actions = v.T("ws.unsure.how", "who", who), []action{v.againAction(unknown), {Text: v.T("ws.all"), Href: sendHome, Look: "link"}}
	p.Parts = []listPart{{Rows: onTop(v.leftRows(packed.Left))}}
	return p, nil
}

// unknown are the items that may have arrived.
func (p Packed) unknown() (items []string) {
	for _, l := range p.Left {
		if l.Code == share.Unknown {
			items = append(items, l.Item)
		}
	}
	return items
}

func choosesItems(k share.Kind) bool { return k == share.KindDocuments || k == share.KindImages }

func (v *view) parcelPage(r *http.Request, parcel Parcel, packed Packed, who string) (content, error) {
	p := &parcelPage{page: v.sendFrame(v.T("ws.kind." + string(parcel.Kind))), Items: v.seen(packed.Items), Left: v.leftRows(packed.Left), Post: "/d/stuur"}
	p.Answer, p.Rest = v.T("ws.look", "who", who), v.T("ws.look.rest")
	said, err := v.wordsIn(r, parcel)
	if err != nil {
		return nil, err
	}
	if p.Said = said; len(said) > 0 {
		p.Items = nil
	}
	raw := packed.Message.Bytes
	p.Exact, p.Cut, p.Size, p.Digest = clean(string(raw[:min(len(raw), mostRaw)])), len(raw) > mostRaw, len(raw), packed.Message.Digest()
	p.Hidden = parcelValues(parcel, "")
	p.Hidden = append(p.Hidden, value{"som", p.Digest})
	p.Button = v.T("ws.go", "who", who)
	return p, nil
}

// parcelValues are what a form says of a message.
func parcelValues(p Parcel, again string) []value {
	out := []value{{"aan", sourceKey(p.Recipient)}, {"soort", fmt.Sprint(slices.Index(parcelKinds[:], p.Kind) + 1)}}
	for _, item := range p.Items {
		out = append(out, value{"ding", item})
	}
	if p.Again && again == "" {
		again = "ja"
	}
	if again != "" {
		out = append(out, value{"weer", again})
	}
	return out
}

// leftRows are what does not go, each with the reason.
func (v *view) leftRows(left []LeftOut) []row {
	var out []row
	for _, l := range left {
		if l.Code == "" {
			continue
		}
		r := row{Name: v.T("d.unknown-item"), Lines: []line{plain(v.Or("ws.left."+l.Code, v.T("ws.left.other")))}}
		if item, ok := v.o.Find(l.Item); ok {
			r.Name = brief(item.Name())
		}
		out = append(out, r)
	}
	return out
}

// send begins the login at which the person confirms the message they saw.
func send(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	r.SetPathValue("recipient", r.PostFormValue("aan"))
	r.SetPathValue("number", r.PostFormValue("soort"))
	parcel, rec, err := v.parcelOf(r)
	who := clean(rec.Name)
	if err == nil && parcel.Digest == "" { // what was not seen does not go
		err = ErrPreview
	}
	if err != nil {
		return v.unsent(err, who)
	}
	address, binding, err := v.s.Desk.BeginSend(r.Context(), parcel)
	if err != nil {
		return v.unsent(err, who)
	}
	return v.leave(w, leaving{
		section: "d", source: rec.Source, name: who, h1: v.T("d.confirm.h1"), answer: v.T("ws.leave."+string(parcel.Kind), "who", who), rest: v.T("d.confirm.rest"),
		steps: []string{v.T("c.one"), v.T("d.confirm.two"), v.T("d.confirm.three")}, later: sendHome, address: address, binding: binding,
	})
}
