package web

import (
	"sync"

	"github.com/bundel-pgo/bundel/aggregator"
)

// listsMade are lists of the overview that was last shown: choosing among tens of
// thousands of items and putting them in order is most of the work of a page, and
// many pages show the same overview. They are let go of when the vault closes.
type listsMade struct {
	mu     sync.Mutex
	o      *aggregator.Overview
	series map[string][][]aggregator.Item // by subject
	lists  map[string][]aggregator.Item   // by name
}

// of lets go of what is of another overview. Who calls it holds the lock.
func (m *listsMade) of(o *aggregator.Overview) {
	if m.o != o {
		m.o, m.series, m.lists = o, map[string][][]aggregator.Item{}, map[string][]aggregator.Item{}
	}
}

// seriesOf gives the series of a subject, made by make when they are not there
// yet. Who gets them does not change them.
func (m *listsMade) seriesOf(o *aggregator.Overview, subject string, make func() [][]aggregator.Item) [][]aggregator.Item {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(o)
	return once(m.series, subject, make)
}

// list gives a list under a name, as seriesOf does.
func (m *listsMade) list(o *aggregator.Overview, name string, make func() []aggregator.Item) []aggregator.Item {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(o)
	return once(m.lists, name, make)
}

func once[T any](all map[string]T, name string, make func() T) T {
	made, ok := all[name]
	if !ok {
		made = make()
		all[name] = made
	}
	return made
}

// forget lets go of them.
func (m *listsMade) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.o, m.series, m.lists = nil, nil, nil
}
