package web

import (
	"context"

	"github.com/bundel-pgo/bundel/aggregator"
)

func (d *storyDesk) Identify(context.Context, string, bool) (int, error) { return 1, d.fault }

func (d *storyDesk) DropStranger(context.Context, string) error { return d.fault }

// identityStories are those in which records of a provider wait.
func identityStories() []story {
	here := "/ik/" + sourceKey(storyPharmacy)
	return []story{
		{name: "identity", path: here, desk: someoneElse},
		{name: "identity-nothing", method: "POST", path: here, desk: someoneElse},
		{name: "identity-denied", path: here, desk: func(d *storyDesk) {
			someoneElse(d)
			d.o.Strangers[0].Denied = true
		}},
		{name: "identity-unnamed", path: here, desk: func(d *storyDesk) {
			someoneElse(d)
			d.o.Strangers[0].Said = nil
		}},
		{name: "identity-drop", path: here + "/weg", desk: someoneElse},
		{name: "identity-overview", path: "/", desk: someoneElse},
		{name: "identity-source", path: "/z/" + sourceKey(storyPharmacy), desk: someoneElse},
	}
}

// someoneElse has records of which the name differs.
func someoneElse(d *storyDesk) {
	d.o.Strangers = []aggregator.Stranger{{
		Source: storyPharmacy, Records: 12, Known: aggregator.Identity{Name: "Anna de Vries", BirthDate: "1961-02-03", Gender: "female"},
		Said: []aggregator.Identity{{Name: "Anna Bakker", BirthDate: "1961-02-03", Gender: "female"}},
	}}
}
