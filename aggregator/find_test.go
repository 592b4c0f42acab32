package aggregator

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// namesOf are all names by which the items of an overview may be asked for, and
// some that nobody has.
func namesOf(o *Overview) []string {
	names := []string{"", ":", "lab:", "lab", "medication:zzzzzzzzzzzz", "zzzzzzzzzzzz"}
	for i := range o.Items {
		item := &o.Items[i]
		names = append(names, item.ID, item.Key())
		for _, alias := range item.aliasIDs() {
			names = append(names, alias, alias[len(alias)-12:])
		}
	}
	return names
}

// TestFindByPlaceIsFindByLooking: whatever became of an overview, it finds what
// looking through its items finds.
func TestFindByPlaceIsFindByLooking(t *testing.T) {
	s, err := Read(seq(manyRecords(400)))
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Merge(Input{AsOf: caseT})
	if err != nil {
		t.Fatal(err)
	}
	o.Find(o.Items[0].ID) // the places of this one are there before it is copied
	few, none, turned := *o, *o, *o
	few.Items, none.Items, turned.Items = o.Items[:10], nil, slices.Clone(o.Items)
	slices.Reverse(turned.Items)
	names := namesOf(o)
	for name, o := range map[string]*Overview{
		"merged": o, "viewed": o.View(Viewer{At: caseT}), "viewed twice": o.View(Viewer{At: caseT}).View(Viewer{At: caseT}),
		"a copy with few": &few, "a copy with none": &none, "a copy in another order": &turned, "made by hand": {Items: o.Items[5:50], Groups: o.Groups},
	} {
		for _, id := range names {
			got, ok := o.Find(id)
			want, wanted := o.look(id)
			if ok != wanted || got.ID != want.ID {
				t.Fatalf("%s: %q gives %q %v, want %q %v", name, id, got.ID, ok, want.ID, wanted)
			}
		}
		for _, g := range append([]Group{{ID: ""}, {ID: "none"}}, o.Groups...) {
			var want, got []string
			for _, item := range o.Items {
				if g.ID != "" && item.Group == g.ID {
					want = append(want, item.ID)
				}
			}
			for _, item := range o.InGroup(g.ID) {
				got = append(got, item.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: group %q (-want +got):\n%s", name, g.ID, diff)
			}
		}
	}
}

func TestManyFindAtOnce(t *testing.T) {
	s, err := Read(seq(manyRecords(100)))
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Merge(Input{AsOf: caseT})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if item, ok := o.Find(o.Items[i].Key()); !ok || item.ID != o.Items[i].ID {
				t.Error("not found")
			}
			if _, ok := o.Find("nobody"); ok {
				t.Error("nobody is found")
			}
		})
	}
	all.Wait()
}
