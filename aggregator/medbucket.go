package aggregator

import (
	"maps"
	"slices"
	"strings"
)

// bucket holds treatments of equal product, route, dose and manner of use.
type bucket struct {
	members []*treatment
	rule    string
}

// mergeBuckets gathers treatments that may be one line. One without a dose or
// route of its own joins the only one that its product has.
func (m *merger) mergeBuckets(ts []*treatment) map[string]*bucket {
	classes := productClasses(ts)
	doses, routes := map[string]map[string]bool{}, map[string]map[string]bool{}
	var fit []*treatment
	for _, t := range ts {
		if class := classes[t]; class != "" && t.mergeable() && !m.standsAlone(t.entries()) {
			fit = append(fit, t)
			addTo(doses, class, t.dose())
			addTo(routes, class, t.product().route)
		}
	}
	buckets := map[string]*bucket{}
	for _, t := range fit {
		class := classes[t]
		dose, ok := only(t.dose(), doses[class])
		route, same := only(t.product().route, routes[class])
		if !ok || !same {
			continue
		}
		key := strings.Join([]string{class, route, dose, yesNo(t.asNeeded() && dose != "")}, "|")
		if buckets[key] == nil {
			buckets[key] = &bucket{rule: mergeRule(class)}
		}
		b := buckets[key]
		b.members = append(b.members, t)
		if classes[t] != t.product().strict() {
			b.rule = "same-GPK-same-dose"
		}
	}
	return buckets
}

func mergeRule(class string) string {
	switch level, _, _ := strings.Cut(class, ":"); level {
	case "prk":
		return "same-PRK-same-dose"
	case "hpk":
		return "same-HPK-same-dose"
	case "zi":
		return "same-package-same-dose"
	}
	return "same-GPK-same-dose"
}

// productClasses gives the product class on which each treatment may merge:
// its finest code. One that is known by its generic product alone takes the
// only prescribable product of it that is here, unless it is of high risk.
func productClasses(ts []*treatment) map[*treatment]string {
	of := map[string]map[string]bool{} // PRK by GPK
	for _, t := range ts {
		if p := t.product(); p.prk != "" {
			addTo(of, p.gpk, "prk:"+p.prk)
		}
	}
	classes := map[*treatment]string{}
	for _, t := range ts {
		p := t.product()
		class := p.strict()
		if class == "" && p.gpk != "" && !p.highRisk() {
			if prks := sortedKeys(of[p.gpk]); len(prks) == 1 {
				class = prks[0]
			} else if len(prks) == 0 {
				class = "gpk:" + p.gpk
			}
		}
		classes[t] = class
	}
	return classes
}

func addTo(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	if value != "" {
		m[key][value] = true
	}
}

// only gives the value itself, or the one that all others share when it is
// unknown.
func only(value string, known map[string]bool) (string, bool) {
	if value != "" || len(known) == 0 {
		return value, true
	}
	return sortedKeys(known)[0], len(known) == 1
}

func yesNo(b bool) string {
	if b {
		return "prn"
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
