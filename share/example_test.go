package share_test

import (
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// Nothing is shared without a choice, and a choice for an item goes before one
// for its subject.
func ExamplePolicy_Allows() {
	weight := aggregator.Item{ID: "vital:a", Subject: "vital", Parts: []aggregator.Part{{Source: "self", Type: "Observation", ID: "1", Role: "record"}}}
	const gp = "medmij:huisarts@medmij"

	fmt.Println(share.Policy{}.Allows(weight, gp))

	all := share.Choice{Recipient: gp, Subject: "vital", Permit: true, Later: true}
	fmt.Println(share.Policy{Choices: []share.Choice{all}}.Allows(weight, gp))

	notThis := share.Choice{Recipient: gp, Pins: share.PinsOf(weight)}
	fmt.Println(share.Policy{Choices: []share.Choice{all, notThis}}.Allows(weight, gp))
	// Output:
	// false
	// true
	// false
}

// A summary for one provider, in a page that opens with a code. The code goes to
// the reader apart from the file.
func ExampleLock_HTML() {
	weight := aggregator.Item{ID: "vital:a", Subject: "vital", Title: "Gewicht", Parts: []aggregator.Part{{Source: "self", Type: "Observation", ID: "1", Role: "record"}}}
	view := &aggregator.Overview{Items: []aggregator.Item{weight}}
	const gp = "medmij:huisarts@medmij"
	policy := share.Policy{Choices: []share.Choice{{Recipient: gp, Subject: "vital", Permit: true, Later: true}}}

	extract := policy.Extract(view, gp)
	extract.Lang = "en"
	summary, err := extract.IPS()
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := share.Lock{Code: share.NewFileCode(), Lang: "en", Iterations: 1000}.HTML(summary) // leave Iterations out for a real file
	fmt.Println(strings.Contains(string(summary), "Gewicht"), strings.Contains(string(page), "Gewicht"), err)
	// Output: true false <nil>
}
