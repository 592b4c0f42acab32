package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/bundel-pgo/bundel/aggregator"
)

// notice says on a page what the person just did, or why that cannot be done.
type notice struct {
	Text  string
	Undo  *action
	Alert bool // it was not done
}

// decisionOps are the decisions that a form can ask for, by the end of its
// address. "Is this me?" has a page of its own.
var decisionOps = map[string]aggregator.Op{
	"samen": aggregator.OpJoin, "apart": aggregator.OpSeparate, "klopt": aggregator.OpConfirm,
	"gezien": aggregator.OpDismiss, "terug": aggregator.OpUndo,
}

// decided stores a decision of the person and leads back to where they were,
// which says what was done and how to undo it. What cannot be done is said on
// that page at once.
func decided(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	op, ok := decisionOps[r.PathValue("what")]
	if !ok {
		return nil, ErrNotFound
	}
	d, err := v.asked(op, r)
	if err == nil {
		var seq int
		if seq, err = v.s.Desk.Decide(r.Context(), d); err == nil {
			return v.back(w, r, seq)
		}
	}
	if why := v.whyNot(err); why != "" {
		if op == aggregator.OpSeparate {
			r.PostForm.Set("blad", placeItem) // its buttons stand there; only what was done shows side by side
		}
		return v.stay(r, &notice{Text: why, Alert: true})
	}
	return nil, err
}

// errTwo is for a join of more or fewer than two.
var errTwo = errors.New("web: two items make a join")

// asked reads the decision that a form asks for. Items are named by their key.
func (v *view) asked(op aggregator.Op, r *http.Request) (Decision, error) {
	d := Decision{Op: op, Code: r.PostFormValue("code")}
	d.Part, _ = strconv.Atoi(r.PostFormValue("deel"))
	d.Seq, _ = strconv.Atoi(r.PostFormValue("nr"))
	if op == aggregator.OpUndo {
		return d, nil
	}
	keys := r.PostForm["ding"]
	if op != aggregator.OpJoin {
		keys = append(keys, "")[:1]
	} else if len(keys) != 2 {
		return d, errTwo
	}
	for i, to := range []*string{&d.Item, &d.Other}[:len(keys)] {
		item, err := v.find(keys[i])
		if err != nil {
			return d, err
		}
		*to = item.ID
	}
	return d, nil
}

// whyNot says in words why a decision cannot be made; empty when the error is
// about something else.
func (v *view) whyNot(err error) string {
	var refused *aggregator.Refused
	if errors.As(err, &refused) {
		return v.T("j.refused", "why", refused.Words(v.Lang))
	}
	for _, row := range [...]struct {
		err error
		key string
	}{
		{errTwo, "two"},
		{aggregator.ErrTogether, "together"},
		{aggregator.ErrSameRecord, "copies"},
		{aggregator.ErrNoConflict, "no-difference"},
		{aggregator.ErrNoDecision, "undone"},
	} {
		if errors.Is(err, row.err) {
			return v.T("j.no." + row.key)
		}
	}
	return ""
}

// places are the pages that a decision can lead back to.
const (
	placeItem       = "i"
	placeDifference = "v"
)

// place is the item from whose page a form came, and which of its two pages.
// Without an item, or with one that is closed, it came from the list of
// decisions.
func (v *view) place(r *http.Request) (item aggregator.Item, page string) {
	item, err := v.find(r.PostFormValue("van"))
	switch {
	case err != nil:
		return aggregator.Item{}, ""
	case r.PostFormValue("blad") == placeDifference && v.hasNeighbours(item):
		return item, placeDifference
	}
	return item, placeItem
}

// hasNeighbours tells whether anything stands side by side with the item.
func (v *view) hasNeighbours(item aggregator.Item) bool {
	if isResult(item) {
		return v.hasOtherValue(item)
	}
	return item.Group != "" && len(v.o.InGroup(item.Group)) > 1
}

// back leads to the page that a form came from, as the overview is now: what
// was joined has no difference any more.
func (v *view) back(w http.ResponseWriter, r *http.Request, seq int) (content, error) {
	o, err := v.s.Desk.Overview(r.Context(), v.Lang)
	if err != nil {
		return nil, err
	}
	v.o = o
	to := "/j"
	if item, page := v.place(r); page != "" {
		to = "/" + page + "/" + item.Key()
	}
	return see(w, r, fmt.Sprint(to, "?j=", seq))
}

// stay makes the page that a form came from, with a notice on it.
func (v *view) stay(r *http.Request, n *notice) (content, error) {
	switch item, page := v.place(r); page {
	case placeDifference:
		return v.difference(r.Context(), item, n, ""), nil
	case placeItem:
		return v.detail(r.Context(), item, n, "")
	}
	return v.decisions(n), nil
}

// told is what an address says was just done; nil when that counts no more.
func (v *view) told(r *http.Request, item aggregator.Item, page string) *notice {
	seq, err := strconv.Atoi(r.URL.Query().Get("j"))
	if err != nil {
		return nil
	}
	for _, d := range v.o.Decisions {
		if d.Seq != seq || d.State == aggregator.StateUndone {
			continue
		}
		n := &notice{Text: v.T("j.told." + string(d.Op)), Undo: v.undo(d, item, page)}
		if d.State != aggregator.StateApplied {
			n.Text += " " + v.T("j.state."+d.State)
		}
		return n
	}
	return nil
}

// undo takes back a decision, and leads back to a page of an item, or without
// one to the list of decisions.
func (v *view) undo(d aggregator.DecisionState, item aggregator.Item, page string) *action {
	return &action{
		Text: v.T("j.undo"), About: v.T("j.number", "n", d.Seq), Post: "/j/terug", Look: "other",
		Values: append(from(item, page), value{"nr", fmt.Sprint(d.Seq)}),
	}
}

// from names in a form the page that it stands on.
func from(item aggregator.Item, page string) []value {
	if page == "" {
		return nil
	}
	return []value{{"van", item.Key()}, {"blad", page}}
}
