package medmij

import (
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
)

// inclusion is a reference that a query asked the provider to resolve
// (_include). A provider that did not leaves it dangling; then it is read, once
// (conformance.md F22).
type inclusion struct {
	steps  []string // the search parameter, in its parts: "related-target"
	target string   // resource type; empty is any
}

// inclusions gives those of some queries by the type that refers.
func inclusions(queries []asked) map[string][]inclusion {
	all := map[string][]inclusion{}
	for _, q := range queries {
		for _, p := range q.params {
			if base, _, _ := strings.Cut(p.key, ":"); base != "_include" {
				continue
			}
			kind, rest, _ := strings.Cut(p.value, ":")
			name, target, _ := strings.Cut(rest, ":")
			all[kind] = append(all[kind], inclusion{strings.Split(name, "-"), target})
		}
	}
	return all
}

// find gives the references in the element that the parameter stands for. The
// name of a parameter is that of its element in kebab case, or a path of two
// ("activity-goal"): that is enough to recognise it in both releases, without
// a table. What is not recognised is not read.
func (inc inclusion) find(root fhir.Node, want func(kind, reference string)) {
	inc.descend(root, inc.steps, want)
}

func (inc inclusion) descend(n fhir.Node, steps []string, want func(kind, reference string)) {
	for name, m := range n.Members() {
		element := strings.TrimSuffix(strings.ToLower(name), "reference")
		switch {
		case element == strings.Join(steps, ""), strings.EqualFold(name, strings.Join(steps, "")):
			inc.collect(m, want)
		case len(steps) > 1 && element == steps[0]:
			inc.descend(m, steps[1:], want)
		case len(steps) < len(inc.steps):
			inc.descend(m, steps, want)
		}
	}
	for _, item := range n.Items() {
		inc.descend(item, steps, want)
	}
}

func (inc inclusion) collect(n fhir.Node, want func(kind, reference string)) {
	walk(n, func(n fhir.Node) {
		reference := n.Str("reference")
		if kind := typeOf(reference); kind != "" && (inc.target == "" || inc.target == kind) {
			want(kind, reference)
		}
	})
}

// typeOf is the resource type in "Type/id" or the address of a resource.
func typeOf(reference string) string {
	plain, _, _ := strings.Cut(reference, "/_history/")
	parts := strings.Split(plain, "/")
	if len(parts) < 2 || !goodType.MatchString(parts[len(parts)-2]) {
		return ""
	}
	return parts[len(parts)-2]
}
