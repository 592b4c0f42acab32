package web

import (
	"bytes"
	"net/url"
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// refill puts into a form of a page what was being typed in it, and marks the
// form. It works on the page as it was made, so that no page needs to know of it.
// A page without such a form is not ok.
func refill(page []byte, d *draft) (filled []byte, ok bool) {
	doc, err := html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, false
	}
	for n := range doc.Descendants() {
		if n.DataAtom == atom.Form && attrOf(n, "method") == "post" && attrOf(n, "action") == d.Action {
			setAttr(n, "data-concept", "")
			fillForm(n, d.Fields)
			var out bytes.Buffer
			err := html.Render(&out, doc)
			return out.Bytes(), err == nil
		}
	}
	return nil, false
}

// fillForm fills the fields in turn: of several with one name each gets its own.
func fillForm(form *html.Node, typed url.Values) {
	seen := map[string]int{}
	next := func(name string) (text string, ok bool) {
		i := seen[name]
		seen[name]++
		if i >= len(typed[name]) {
			return "", false
		}
		return typed[name][i], true
	}
	for n := range form.Descendants() {
		name := attrOf(n, "name")
		switch n.DataAtom {
		case atom.Input:
			fillInput(n, typed[name], func() (string, bool) { return next(name) })
		case atom.Textarea:
			if text, ok := next(name); ok {
				n.FirstChild, n.LastChild = nil, nil
				n.AppendChild(&html.Node{Type: html.TextNode, Data: text})
			}
		case atom.Option:
			if of := selectOf(n); of != nil && len(typed[attrOf(of, "name")]) > 0 {
				mark(n, "selected", slices.Contains(typed[attrOf(of, "name")], attrOf(n, "value")))
			}
		}
	}
}

// fillInput never touches what the page itself put into a form, nor a secret.
func fillInput(n *html.Node, all []string, next func() (string, bool)) {
	switch attrOf(n, "type") {
	case "hidden", "password", "submit", "file":
	case "checkbox", "radio":
		mark(n, "checked", slices.Contains(all, attrOf(n, "value")))
	default:
		if text, ok := next(); ok {
			setAttr(n, "value", text)
		}
	}
}

// selectOf is the list that an option stands in.
func selectOf(n *html.Node) *html.Node {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Select {
			return p
		}
	}
	return nil
}

func attrOf(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// setAttr gives an element an attribute, in the place of the one it had.
func setAttr(n *html.Node, key, text string) {
	mark(n, key, false)
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: text})
}

// mark gives an element an attribute without a value, or takes it away.
func mark(n *html.Node, key string, on bool) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	if on {
		n.Attr = append(n.Attr, html.Attribute{Key: key})
	}
}
