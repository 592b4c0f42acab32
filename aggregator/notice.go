package aggregator

import (
	"cmp"
	"slices"
	"strings"
)

// Notice tells of something about a whole source that the rules had to work
// around; nothing of it is lost.
type Notice struct {
	Code   string `json:"code"`   // D-IDENT, ...
	Source string `json:"source"` // empty when it is about all of them
	Text   string `json:"text"`
}

// notice tells once per source.
func (m *merger) notice(code, source string) {
	n := Notice{Code: code, Source: source, Text: m.texts.notice[code]}
	if !slices.Contains(m.notices, n) {
		m.notices = append(m.notices, n)
	}
}

// reusedIdentifiers tells which sources use one identifier for several records.
func (m *merger) reusedIdentifiers() {
	for _, e := range m.entries {
		if e.reused {
			m.notice("D-IDENT", e.Origin.Source)
		}
	}
}

func (m *merger) sortedNotices() []Notice {
	all := slices.Clone(m.notices)
	slices.SortFunc(all, func(a, b Notice) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Source, b.Source))
	})
	return list(all)
}
