package medmij

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// offerings make a list of providers from lines "name version host id id".
func offerings(lines ...string) *Directory {
	zal := &ZAL{}
	for _, line := range lines {
		f := strings.Fields(line)
		name := f[0] + "@medmij"
		i := slices.IndexFunc(zal.Providers, func(p ListedProvider) bool { return p.Name == name })
		if i < 0 {
			i = len(zal.Providers)
			zal.Providers = append(zal.Providers, ListedProvider{Name: name})
		}
		v := InterfaceVersion{ID: f[1]}
		for _, id := range f[3:] {
			v.Services = append(v.Services, listedService(id, f[2]+".example.nl", f[2]+".example.nl"))
		}
		zal.Providers[i].Versions = append(zal.Providers[i].Versions, v)
	}
	return NewDirectory(nil, zal, nil, nil, nil)
}

// planSteps writes a plan in lines.
func planSteps(p Plan) []string {
	all := []string{}
	for _, l := range p.Logins {
		host, _, _ := strings.Cut(hostOf(l.Connection.Token), ".")
		all = append(all, fmt.Sprintf("%s %s %s: %s", bareName(l.Connection.Provider), l.Connection.Dialect, host, strings.Join(l.Services, " ")))
	}
	for _, w := range p.Missing {
		all = append(all, strings.TrimSpace("missing "+w.Provider+" "+strings.Join(w.Services, " ")))
	}
	return all
}

func TestPlans(t *testing.T) {
	for _, c := range []struct {
		name   string
		listed []string
		wishes []Wish
		want   []string
	}{
		{"nothing", nil, nil, []string{}},
		{"all of one provider", []string{"gp 2 a 48 49 53"}, []Wish{{"gp@medmij", nil}}, []string{"gp 2 a: 48 49"}},
		{"two providers at one supplier", []string{"gp 2 a 49", "zh 2 a 48"}, []Wish{{"zh", nil}, {"gp", nil}}, []string{"zh 2 a: 48", "gp 2 a: 49"}},
		{"two suppliers", []string{"zh 2 a 48", "zh 2 b 51"}, []Wish{{"zh", nil}}, []string{"zh 2 a: 48", "zh 2 b: 51"}},
		{"one supplier is enough", []string{"zh 2 a 48 51", "zh 2 b 51"}, []Wish{{"zh", nil}}, []string{"zh 2 a: 48 51"}},
		{"one of two suppliers", []string{"zh 2 a 48", "zh 2 b 51"}, []Wish{{"zh", []string{"51"}}}, []string{"zh 2 b: 51"}},
		{"the supplier that has both", []string{"zh 2 a 48", "zh 2 b 51", "zh 2 c 48 51"}, []Wish{{"zh", nil}}, []string{"zh 2 c: 48 51"}},
		{"a login per service", []string{"zh 1.4.0 a 48 51"}, []Wish{{"zh", nil}}, []string{"zh 1.2 a: 48", "zh 1.2 a: 51"}},
		{"the newest that covers it", []string{"zh 1.4.0 a 48", "zh 1.5.0 a 48", "zh 2 a 48"}, []Wish{{"zh", nil}}, []string{"zh 2 a: 48"}},
		{"an older one saves a login", []string{"zh 2 a 48", "zh 1.5.0 b 48 51"}, []Wish{{"zh", nil}}, []string{"zh 1.5 b: 48 51"}},
		{"an older one saves nothing", []string{"zh 1.5.0 b 48 51", "zh 2 a 48 49"}, []Wish{{"zh", []string{"48", "49", "51"}}}, []string{"zh 2 a: 48 49", "zh 1.5 b: 51"}},
		{"the oldest dialect last", []string{"zh 1.4.0 c 51", "zh 1.5.0 b 51", "zh 2 a 48"}, []Wish{{"zh", nil}}, []string{"zh 2 a: 48", "zh 1.5 b: 51"}},
		{"an unknown version is not used", []string{"zh 3 a 48 51", "zh 2 b 48"}, []Wish{{"zh", nil}}, []string{"zh 2 b: 48"}},
		{"wishes for one provider are one", []string{"zh 2 a 48 51"}, []Wish{{"zh@medmij", []string{"51"}}, {"ZH", []string{"48", "51"}}}, []string{"zh 2 a: 51 48"}},
		{"all beats a part", []string{"zh 2 a 48 51"}, []Wish{{"zh", []string{"51"}}, {"zh", nil}}, []string{"zh 2 a: 48 51"}},
		{"nobody of that name", []string{"zh 2 a 48"}, []Wish{{"gp", nil}, {"zh", nil}}, []string{"zh 2 a: 48", "missing gp"}},
		{"a part of it", []string{"zh 2 a 48"}, []Wish{{"zh", []string{"48", "51"}}}, []string{"zh 2 a: 48", "missing zh 51"}},
		{"sharing is not planned", []string{"gp 2 a 53"}, []Wish{{"gp", nil}, {"gp@medmij", []string{"53"}}}, []string{"missing gp"}},
		{"sharing asked by number", []string{"gp 2 a 49 53"}, []Wish{{"gp", []string{"53", "49"}}}, []string{"gp 2 a: 49", "missing gp 53"}},
	} {
		if diff := cmp.Diff(c.want, planSteps(offerings(c.listed...).Plan(c.wishes))); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// collectIDs are services that can be collected.
func collectIDs() []string {
	var all []string
	for _, s := range Services() {
		if s.Direction == Collect {
			all = append(all, s.ID)
		}
	}
	return all
}

// planCost is what a plan is judged by: logins, services in older dialects and
// services in the oldest.
type planCost struct{ logins, older, oldest int }

func (o planCost) worse(than planCost) bool {
	return slices.Compare([]int{o.logins, o.older, o.oldest}, []int{than.logins, than.older, than.oldest}) > 0
}

// bestByForce tries every set of connections, and gives each service to the
// newest dialect in the set.
func bestByForce(listed []Connection, wanted []string) planCost {
	best := planCost{logins: 1 << 30}
	for set := range 1 << len(listed) {
		o, covers := planCost{}, true
		for i := range listed {
			o.logins += set >> i & 1
		}
		for _, id := range wanted {
			newest := Dialect("")
			for i, c := range listed {
				if _, offered := c.Offer(id); offered && set>>i&1 == 1 {
					newest = max(newest, c.Dialect)
				}
			}
			covers = covers && newest != ""
			if newest < Dialect2 {
				o.older++
			}
			if newest < Dialect15 {
				o.oldest++
			}
		}
		if covers && best.worse(o) {
			best = o
		}
	}
	return best
}

func drawOfferings(t *rapid.T, most int) (*Directory, []string) {
	ids := collectIDs()[:5]
	var lines []string
	for range rapid.IntRange(1, most).Draw(t, "lines") {
		some := uniqueIDs(rapid.SliceOfN(rapid.SampledFrom(ids), 1, 4).Draw(t, "ids"))
		version := rapid.SampledFrom([]string{"1.3.0", "1.4.0", "1.5.0", "2", "2.2", "3"}).Draw(t, "version")
		lines = append(lines, "zh "+version+" "+rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "host")+" "+strings.Join(some, " "))
	}
	d := offerings(lines...)
	return d, collectable(d.listed["zh"])
}

func planOutcome(t *rapid.T, p Plan, wanted []string) planCost {
	o := planCost{logins: len(p.Logins)}
	var got []string
	for _, l := range p.Logins {
		if len(l.Services) == 0 || l.Connection.Dialect == Dialect12 && len(l.Services) > 1 {
			t.Fatalf("a login for %v in dialect %s", l.Services, l.Connection.Dialect)
		}
		for _, id := range l.Services {
			if _, ok := l.Connection.Offer(id); !ok {
				t.Fatalf("%s is not offered there", id)
			}
			if l.Connection.Dialect < Dialect2 {
				o.older++
			}
			if l.Connection.Dialect < Dialect15 {
				o.oldest++
			}
			got = append(got, id)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(slices.Values(wanted)), got); diff != "" {
		t.Fatalf("services: %s", diff)
	}
	return o
}

// No set of connections does better, and the plan is the same each time.
func TestLawsOfPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, offered := drawOfferings(t, 6)
		wanted := rapid.SliceOfDistinct(rapid.SampledFrom(append(offered, "49")), func(id string) string { return id }).Draw(t, "wanted")
		wanted = slices.DeleteFunc(wanted, func(id string) bool { return !slices.Contains(offered, id) })
		if len(wanted) == 0 || len(d.listed["zh"]) > 12 {
			return
		}
		plan := d.Plan([]Wish{{"zh", wanted}})
		got, best := planOutcome(t, plan, wanted), bestByForce(d.listed["zh"], wanted)
		if got != best || len(plan.Missing) > 0 {
			t.Fatalf("plan %v is %+v, the best is %+v", planSteps(plan), got, best)
		}
		if diff := cmp.Diff(planSteps(plan), planSteps(d.Plan([]Wish{{"zh@medmij", slices.Clone(wanted)}}))); diff != "" {
			t.Fatal(diff)
		}
	})
}

// What is too large for the best plan gets a plan without needless logins.
func TestLawsOfLargePlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, wanted := drawOfferings(t, 8)
		listed := d.listed["zh"]
		if len(wanted) == 0 {
			return
		}
		chosen := greedy(listed, wanted)
		for i := range chosen {
			rest := slices.Delete(slices.Clone(chosen), i, i+1)
			if !slices.ContainsFunc(wanted, func(id string) bool {
				return !slices.ContainsFunc(rest, func(c Connection) bool { return c.offers(id) })
			}) {
				t.Fatalf("login %d of %d is needless", i+1, len(chosen))
			}
		}
		if len(listed) <= 12 && len(chosen) > 2*bestByForce(listed, wanted).logins {
			t.Fatalf("%d logins, %d would do", len(chosen), bestByForce(listed, wanted).logins)
		}
	})
}

// A service per place, at more places than are tried one by one.
func TestAPlanOfManyPlaces(t *testing.T) {
	ids := collectIDs()
	var lines []string
	for i, id := range ids {
		lines = append(lines, fmt.Sprintf("zh 2 host%d %s", i, id), fmt.Sprintf("zh 1.5.0 old%d %s", i, id))
	}
	plan := offerings(lines...).Plan([]Wish{{"zh", nil}})
	if len(plan.Logins) != len(ids) || len(plan.Missing) != 0 || len(ids) <= maxExact {
		t.Errorf("%d logins for %d services", len(plan.Logins), len(ids))
	}
	for _, l := range plan.Logins {
		if l.Connection.Dialect != Dialect2 {
			t.Errorf("%v in dialect %s", l.Services, l.Connection.Dialect)
		}
	}
	many := lines
	for i := range 70 {
		many = append(many, fmt.Sprintf("zh 1.4.0 older%d %s", i, ids[0]))
	}
	if more := offerings(many...).Plan([]Wish{{"zh", nil}}); len(more.Logins) != len(ids) {
		t.Errorf("%d logins beside 70 needless places", len(more.Logins))
	}
}
