package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/bundel-pgo/bundel/aggregator"
)

// gatePage is where the person says when new results of each kind and of each
// care provider are seen (product.md 6.9). For one result there is a choosePage.
type gatePage struct {
	page
	Parts []gatePart
	Know  []string
}

func (*gatePage) template() string { return "gates" }

// gatePart are rules of one sort under a heading.
type gatePart struct {
	Heading, Note string
	Rules         []gateField
}

// gateField is the choice for one rule.
type gateField struct {
	Name, Label string
	Options     []option
	rule        aggregator.GateRule // as it is now; Off when there is none
}

// The answers besides those of a closed result: that there is no rule, and that
// a rule stays which only a command can make.
const (
	seeDefault = "zonder"
	seeAsIs    = "blijft"
)

// gateKinds are the kinds that a rule can name.
var gateKinds = [...]string{
	aggregator.KindLab, aggregator.KindImaging, aggregator.KindPathology, aggregator.KindDNA, aggregator.KindReport, aggregator.KindLetter,
}

// gateNow says what holds for new results.
func (v *view) gateNow(rules []aggregator.GateRule) string {
	text := v.waitText(ruleFor(rules, "", ""))
	if n := ownGates(rules); n > 0 {
		text = dotted(text, v.T("set.gate.more", "n", n))
	}
	return text
}

// ownGates is how many rules there are beside the one for all.
func ownGates(rules []aggregator.GateRule) (n int) {
	for _, g := range rules {
		if g.Kind != "" || g.Source != "" {
			n++
		}
	}
	return n
}

// gateAnswer says what the rule for all does; without it the person chooses.
func (v *view) gateAnswer(g aggregator.GateRule) string {
	switch g.Wait {
	case aggregator.WaitNot, aggregator.WaitNever:
		return v.T("set.gate.answer." + string(g.Wait))
	case aggregator.WaitDays:
		return v.T("set.gate.answer.days", "n", g.Days)
	case aggregator.WaitUntil:
		return v.T("set.gate.answer.until", "day", v.When(g.Until.Day()))
	}
	return v.T("set.gate.answer.ask")
}

// gatesPage shows every rule there can be.
func gatesPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	rules, err := v.s.Desk.Gates(r.Context())
	if err != nil {
		return nil, err
	}
	p := v.gatesPage(rules)
	if r.URL.Query().Has("ok") {
		p.Notice = &notice{Text: v.T("d.saved")}
	}
	return p, nil
}

func (v *view) gatesPage(rules []aggregator.GateRule) *gatePage {
	name := v.T("set.gate.h1")
	p := &gatePage{page: page{
		Title: v.T("title.set"), Here: settingsHome, Path: settingsHome + "/zien", H1: name, Answer: v.gateAnswer(ruleFor(rules, "", "")), Lead: v.T("set.gate.lead"),
		Crumbs: []link{{v.T("set.h1"), settingsHome}, {name, ""}},
	}}
	for _, k := range [...]string{"one", "shut", "old", "letter"} {
		p.Know = append(p.Know, v.T("set.gate.know."+k))
	}
	if n := ownGates(rules); n > 0 {
		p.Rest = v.T("set.gate.others", "n", n)
	}
	p.Parts = v.gateParts(rules)
	return p
}

// gateParts are the rule for all, those of each kind and each source, and those of
// a kind at a source that there are already.
func (v *view) gateParts(rules []aggregator.GateRule) []gatePart {
	all := gatePart{Heading: v.T("set.gate.all"), Rules: []gateField{v.gateField(rules, "", "")}}
	kinds := gatePart{Heading: v.T("set.gate.kinds")}
	for _, kind := range gateKinds {
		kinds.Rules = append(kinds.Rules, v.gateField(rules, kind, ""))
	}
	who := gatePart{Heading: v.T("set.gate.who")}
	for _, source := range v.gateSources(rules) {
		who.Rules = append(who.Rules, v.gateField(rules, "", source))
	}
	both := gatePart{Heading: v.T("set.gate.both"), Note: v.T("set.gate.both.note")}
	for _, g := range rules {
		if g.Kind != "" && g.Source != "" {
			both.Rules = append(both.Rules, v.gateField(rules, g.Kind, g.Source))
		}
	}
	return slices.DeleteFunc([]gatePart{all, kinds, who, both}, func(p gatePart) bool { return len(p.Rules) == 0 })
}

// gateSources are the connected sources, and those that a rule is about though
// they are connected no more.
func (v *view) gateSources(rules []aggregator.GateRule) []string {
	all := v.sources()
	for _, g := range rules {
		if g.Source != "" && g.Kind == "" && !slices.Contains(all, g.Source) {
			all = append(all, g.Source)
		}
	}
	return all
}

// ruleFor is the rule about a kind and a source; Off when there is none.
func ruleFor(rules []aggregator.GateRule, kind, source string) aggregator.GateRule {
	for _, g := range slices.Backward(rules) {
		if g.Kind == kind && g.Source == source {
			return g
		}
	}
	return aggregator.GateRule{Kind: kind, Source: source, Off: true}
}

// gateField offers the answers for one rule, with the one that holds chosen.
func (v *view) gateField(rules []aggregator.GateRule, kind, source string) gateField {
	f := gateField{Name: "n", rule: ruleFor(rules, kind, source)}
	if kind != "" {
		f.Name, f.Label = f.Name+"-"+kind, capital(v.T("k.kind."+kind))
	}
	if source != "" {
		f.Name, f.Label = f.Name+"-"+sourceKey(source), v.listed(f.Label, source)
	}
	if f.Label == "" {
		f.Label = v.T("set.gate.every")
	}
	f.Options = v.gateOptions(f.rule)
	return f
}

// listed names a source, behind the kind when there is one.
func (v *view) listed(kind, source string) string {
	if kind == "" {
		return v.provider(source)
	}
	return v.T("set.gate.of", "kind", kind, "who", v.provider(source))
}

// gateOptions are the answers from none and early to never. The rule for all has
// no answer for none: without it results wait until the person chooses.
func (v *view) gateOptions(g aggregator.GateRule) []option {
	now := answerOf(g)
	var out []option
	if g.Kind != "" || g.Source != "" {
		out = append(out, option{Value: seeDefault, Text: v.noneText(g)})
	}
	out = append(out, option{Value: seeNow, Text: v.T("set.gate.now")})
	for _, days := range waitDays {
		out = append(out, option{Value: fmt.Sprint(days), Text: v.T("set.gate.days", "n", days)})
	}
	out = append(out, option{Value: seeLater, Text: v.T("set.gate.later")}, option{Value: seeNever, Text: v.T("set.gate.never")})
	if now == seeAsIs {
		out = append(out, option{Value: seeAsIs, Text: v.T("set.gate.kept", "what", v.waitText(g))})
	}
	for i := range out {
		out[i].On = out[i].Value == now
	}
	return out
}

// noneText says what holds without a rule of its own.
func (v *view) noneText(g aggregator.GateRule) string {
	switch {
	case g.Kind != "" && g.Source != "":
		return v.T("set.gate.none.both")
	case g.Kind == aggregator.KindLetter:
		return v.T("set.gate.none.letter")
	}
	return v.T("set.gate.none")
}

// answerOf is the answer that made a rule.
func answerOf(g aggregator.GateRule) string {
	switch {
	case g.Off && g.Kind == "" && g.Source == "":
		return seeLater
	case g.Off:
		return seeDefault
	}
	switch g.Wait {
	case aggregator.WaitNot:
		return seeNow
	case aggregator.WaitAsk:
		return seeLater
	case aggregator.WaitNever:
		return seeNever
	case aggregator.WaitDays:
		if slices.Contains(waitDays[:], g.Days) {
			return strconv.Itoa(g.Days)
		}
	}
	return seeAsIs
}

// waitText says when a rule opens results.
func (v *view) waitText(g aggregator.GateRule) string {
	switch g.Wait {
	case aggregator.WaitNot:
		return v.T("set.gate.now")
	case aggregator.WaitDays:
		return v.T("set.gate.days", "n", g.Days)
	case aggregator.WaitUntil:
		return v.T("set.gate.until", "day", v.When(g.Until.Day()))
	case aggregator.WaitNever:
		return v.T("set.gate.never")
	}
	return v.T("set.gate.later")
}

// setGates keeps every rule that was changed, or none when an answer is not one of
// those on the page.
func setGates(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	rules, err := v.s.Desk.Gates(r.Context())
	if err != nil {
		return nil, err
	}
	p := v.gatesPage(rules)
	changed := v.readGates(p, r)
	if len(p.Wrong) > 0 {
		return p, nil
	}
	if len(changed) > 0 {
		if err := v.s.Desk.SetGates(r.Context(), changed); err != nil {
			return nil, err
		}
	}
	return see(w, r, settingsHome+"/zien?ok")
}

// readGates gives the rules that the form changes, and names in the page what is
// wrong.
func (v *view) readGates(p *gatePage, r *http.Request) (changed []aggregator.GateRule) {
	for _, part := range p.Parts {
		for i := range part.Rules {
			f := &part.Rules[i]
			rule, differs, ok := v.readGate(f, r.PostFormValue(f.Name))
			switch {
			case !ok:
				p.Wrong = append(p.Wrong, wrong{f.Name, v.T("k.wrong.none")})
			case differs:
				changed = append(changed, rule)
			}
		}
	}
	return changed
}

// readGate makes a rule of an answer, marks the answer in the field, and tells
// whether it differs from what holds and stood on the page. A field that was not
// sent stays as it is: the page it came from did not have it.
func (v *view) readGate(f *gateField, answer string) (rule aggregator.GateRule, differs, ok bool) {
	if answer == "" || answer == answerOf(f.rule) {
		return f.rule, false, true
	}
	if !slices.ContainsFunc(f.Options, func(o option) bool { return o.Value == answer }) {
		return f.rule, false, false
	}
	for i := range f.Options {
		f.Options[i].On = f.Options[i].Value == answer
	}
	rule = aggregator.GateRule{Kind: f.rule.Kind, Source: f.rule.Source, Off: answer == seeDefault}
	if !rule.Off {
		read, _, _ := v.ruleOf(answer, "")
		rule.Wait, rule.Days = read.Wait, read.Days
	}
	return rule, true, true
}
