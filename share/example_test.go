package share_test

import (
	"fmt"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/share"
)

// Nothing is shared without a choice, and a choice for an item goes before one
// for its subject.
func ExamplePolicy_Allows() {
	weight := aggregator.Item{ID: "vital:a", Subject: "vital", Parts: []aggregator.Part{{Source: "self", Type: "Observation", ID: "1", Role: "record"}}}
	const gp = "medmij:huisarts@medmij"

	fmt.Println(share.Policy{}.Allows(weight, gp))

	all := share.Choice{Recipient: gp, Subject: "vital", Permit: true}
	fmt.Println(share.Policy{Choices: []share.Choice{all}}.Allows(weight, gp))

	notThis := share.Choice{Recipient: gp, Pins: share.PinsOf(weight)}
	fmt.Println(share.Policy{Choices: []share.Choice{all, notThis}}.Allows(weight, gp))
	// Output:
	// false
	// true
	// false
}
