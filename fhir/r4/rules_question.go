package r4

import "strings"

// question converts a question and those under it.
func question(a at) {
	a.do(
		rename("option", "answerOption", ""),
		canonical("options", "answerValueSet"),
		initial, conditions, in("item", question),
	)
}

// initial: one value in STU3, a list of values in R4.
func initial(a at) {
	first, extra := -1, &object{}
	for i, m := range a.members {
		name, isExtra := strings.CutPrefix(m.name, "_")
		kind, ok := strings.CutPrefix(name, "initial")
		if !ok || kind == "" {
			continue
		}
		if first < 0 {
			first = i
		}
		prefix := map[bool]string{true: "_"}[isExtra]
		extra.set(prefix+"value"+kind, m.value)
	}
	if first < 0 || a.has("initial") {
		return
	}
	a.members[first] = member{"initial", list{extra}}
	for _, m := range extra.members {
		a.take(strings.Replace(m.name, "value", "initial", 1))
	}
}

// conditions: whether an answer exists or equals a value is an operator in R4.
// Any of several conditions was enough in STU3.
func conditions(a at) {
	in("enableWhen", func(w at) {
		operator := "="
		if v := w.get("hasAnswer"); v != nil {
			operator = "exists"
			rename("hasAnswer", "answerBoolean", "boolean")(w)
		}
		if !w.has("operator") {
			w.set("operator", str(operator))
		}
		w.do(extend("answerUri", "uri"), extend("answerAttachment", "Attachment"))
	})(a)
	if len(objects(a.get("enableWhen"))) > 1 && !a.has("enableBehavior") {
		a.set("enableBehavior", str("any"))
	}
}

// answerItem converts an answered question and those under it.
func answerItem(a at) {
	a.do(extend("subject", "Reference"), in("item", answerItem), in("answer", in("item", answerItem)))
}
