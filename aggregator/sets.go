package aggregator

// sets is a union-find over 0..n-1.
type sets struct{ parent []int }

func newSets(n int) *sets {
	s := &sets{parent: make([]int, n)}
	for i := range s.parent {
		s.parent[i] = i
	}
	return s
}

// joinByKey joins those of 0..n-1 that have a key in common.
func joinByKey[K comparable](n int, keys func(i int) []K) *sets {
	s := newSets(n)
	first := make(map[K]int, n)
	for i := range n {
		for _, k := range keys(i) {
			if j, ok := first[k]; ok {
				s.join(i, j)
			} else {
				first[k] = i
			}
		}
	}
	return s
}

func (s *sets) find(i int) int {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}

// join unites two sets under the smaller root, so that the order of joining
// does not show.
func (s *sets) join(a, b int) {
	a, b = s.find(a), s.find(b)
	s.parent[max(a, b)] = min(a, b)
}

// groups gives the sets in the order of their smallest member, members in order.
func (s *sets) groups() [][]int {
	sizes := make([]int, len(s.parent))
	n := 0
	for i := range s.parent {
		root := s.find(i)
		if sizes[root] == 0 {
			n++
		}
		sizes[root]++
	}
	// Each set gets its own piece of one array; at[root] is its number.
	out, members, at := make([][]int, 0, n), make([]int, len(s.parent)), make([]int, len(s.parent))
	for i := range s.parent {
		root := s.find(i)
		if root == i { // the smallest of its set
			at[root] = len(out)
			out = append(out, members[:0:sizes[root]])
			members = members[sizes[root]:]
		}
		out[at[root]] = append(out[at[root]], i)
	}
	return out
}
