package share

import (
	"fmt"
	"testing"

	"github.com/bundel-pgo/bundel/aggregator"
)

// BenchmarkAnnotate is a long life: 3,000 results, of which all that was there is
// shared with five.
func BenchmarkAnnotate(b *testing.B) {
	o := &aggregator.Overview{}
	for i := range 3000 {
		o.Items = append(o.Items, item("lab", fmt.Sprintf("%036d", i), "file:x"))
	}
	var p Policy
	for i := range 5 {
		p.Choices = append(p.Choices, Choice{Recipient: fmt.Sprint("medmij:", i), Subject: "lab", Permit: true, Pins: pins(o.Items...)})
	}
	for b.Loop() {
		p.Annotate(o)
	}
}
