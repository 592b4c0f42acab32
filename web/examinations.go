package web

import (
	"net/http"
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
)

// byPart is which part of the results to show, in an address.
const byPart = "deel"

// examinationTypes are the resource types of examinations that are no value: of
// images, and reports.
var examinationTypes = []string{"DiagnosticReport", "ImagingStudy", "Media"}

// examinations are the reports of examinations and the images, which the overview
// keeps among the treatments. Who gets them does not change them.
func (v *view) examinations() []aggregator.Item {
	treatments := v.current("procedure") // a list is not made while another one is
	return v.s.made.list(v.o, "examinations", func() []aggregator.Item {
		return slices.DeleteFunc(slices.Clone(treatments), func(item aggregator.Item) bool {
			return !slices.ContainsFunc(item.Parts, func(p aggregator.Part) bool { return slices.Contains(examinationTypes, p.Type) })
		})
	})
}

// resultPart is one part of the page of results.
type resultPart struct {
	key  string // of its words, and in its address
	n    int
	rows func() []row
}

// addResults adds the parts of the page of results, or the one that was asked
// for, with tabs to choose between them where there is anything to choose.
func (v *view) addResults(p *listPage, r *http.Request, all []resultPart) {
	all = slices.DeleteFunc(all, func(one resultPart) bool { return one.n == 0 })
	here := slices.IndexFunc(all, func(one resultPart) bool { return one.key == chosenIn(r, byPart) })
	if len(all) > 1 {
		p.Tabs = []tab{{Text: v.T("u.all"), Href: "/u", Here: here < 0}}
		for i, one := range all {
			p.Tabs = append(p.Tabs, tab{Text: v.T("u." + one.key), Href: "/u?" + byPart + "=" + one.key, Count: one.n, Here: i == here})
		}
	}
	for i, one := range all {
		if here < 0 || i == here {
			p.addPart(v.T("u."+one.key), one.rows())
		}
	}
}
