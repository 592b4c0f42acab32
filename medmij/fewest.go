package medmij

import "slices"

// maxExact bounds the search for the best plan of one provider: by how many
// sets of services that are offered at different places.
const maxExact = 16

// fewest chooses connections that cover what is wanted, in the order given.
func fewest(listed []Connection, wanted []string) []Connection {
	if len(listed) > 64 {
		return greedy(listed, wanted)
	}
	// Services that the same connections offer need not be told apart.
	groups := map[uint64]int{}
	var weights []int64
	var places []uint64
	for _, id := range wanted {
		var at uint64
		for i, c := range listed {
			if c.offers(id) {
				at |= 1 << i
			}
		}
		n, known := groups[at]
		if !known {
			n = len(places)
			groups[at] = n
			places, weights = append(places, at), append(weights, 0)
		}
		weights[n]++
	}
	if len(places) > maxExact {
		return greedy(listed, wanted)
	}
	set := cheapest(listed, places, weights)
	var chosen []Connection
	for i, c := range listed {
		if set&(1<<i) != 0 {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// cheapest goes through the connections one by one and keeps, for each set of
// groups that can be covered by then, the cheapest way. places has the
// connections of each group, as bits; so has the result.
func cheapest(listed []Connection, places []uint64, weights []int64) uint64 {
	type way struct {
		cost int64
		set  uint64
	}
	full := 1<<len(places) - 1
	best := make([]way, full+1)
	for i := range best[1:] {
		best[i+1].cost = -1 // not reached
	}
	for i, c := range listed {
		for have := range best {
			if best[have].cost < 0 {
				continue
			}
			next, cost := have, best[have].cost+costLogin
			for g, at := range places {
				if at&(1<<i) != 0 && have&(1<<g) == 0 {
					next |= 1 << g
					cost += weights[g] * c.Dialect.cost()
				}
			}
			if next != have && (best[next].cost < 0 || cost < best[next].cost) {
				best[next] = way{cost, best[have].set | 1<<i}
			}
		}
	}
	return best[full].set
}

// What a plan costs: logins first, then services in an older dialect, then
// those in the oldest.
const (
	costLogin  = 1 << 40
	costOlder  = 1 << 20
	costOldest = costOlder + 1
)

func (d Dialect) cost() int64 {
	switch d {
	case Dialect12:
		return costOldest
	case Dialect15:
		return costOlder
	}
	return 0
}

// greedy takes the connection that covers the most of what is left, again and
// again, and then drops what later ones made needless.
func greedy(listed []Connection, wanted []string) []Connection {
	var chosen []int
	left := slices.Clone(wanted)
	for len(left) > 0 {
		best := 0
		for i, c := range listed {
			if covered(c, left) > covered(listed[best], left) {
				best = i
			}
		}
		chosen = append(chosen, best)
		left = slices.DeleteFunc(left, listed[best].offers)
	}
	slices.Sort(chosen)
	for i := len(chosen) - 1; i >= 0; i-- {
		others := slices.Delete(slices.Clone(chosen), i, i+1)
		needed := slices.ContainsFunc(wanted, func(id string) bool {
			return !slices.ContainsFunc(others, func(k int) bool { return listed[k].offers(id) })
		})
		if !needed {
			chosen = others
		}
	}
	var all []Connection
	for _, i := range chosen {
		all = append(all, listed[i])
	}
	return all
}

func covered(c Connection, ids []string) (n int) {
	for _, id := range ids {
		if c.offers(id) {
			n++
		}
	}
	return n
}
