package web

import (
	"sync"

	"github.com/bundel-pgo/bundel/aggregator"
)

// seriesMade are the series of the overview that was last shown: putting them in
// order is most of the work of a page, and many pages show the same overview.
// It is let go of when the vault closes.
type seriesMade struct {
	mu        sync.Mutex
	o         *aggregator.Overview
	bySubject map[string][][]aggregator.Item
}

// of gives the series of a subject, made by make when they are not there yet.
// Who gets them does not change them.
func (m *seriesMade) of(o *aggregator.Overview, subject string, make func() [][]aggregator.Item) [][]aggregator.Item {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.o != o {
		m.o, m.bySubject = o, map[string][][]aggregator.Item{}
	}
	made, ok := m.bySubject[subject]
	if !ok {
		made = make()
		m.bySubject[subject] = made
	}
	return made
}

// forget lets go of them.
func (m *seriesMade) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.o, m.bySubject = nil, nil
}
