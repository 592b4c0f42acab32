package aggregator

import "testing"

// TestSeparable: a part can be taken off when another record stays, and never
// when all others are copies of it or only support it.
func TestSeparable(t *testing.T) {
	record, product := Part{Role: RoleRecord}, Part{Role: RoleProduct}
	for _, tc := range []struct {
		name  string
		parts []Part
		joins []Join
		want  []bool
	}{
		{"one record", []Part{record}, nil, []bool{false}},
		{"two records", []Part{record, record}, []Join{{0, 1, "same-PRK-same-dose"}}, []bool{true, true}},
		{"copies", []Part{record, record}, []Join{{0, 1, "same-identifier"}}, []bool{false, false}},
		{"copies through a third", []Part{record, record, record}, []Join{{0, 1, "same-identifier"}, {1, 2, "same-content"}}, []bool{false, false, false}},
		{"copies beside another", []Part{record, record, record}, []Join{{0, 1, "same-record"}, {0, 2, "same-treatment"}}, []bool{true, true, true}},
		{"joined by the person", []Part{record, record}, []Join{{0, 1, "own-decision"}}, []bool{true, true}},
		{"a record and its product", []Part{record, product}, nil, []bool{false, false}},
		{"two records and a product", []Part{record, record, product}, []Join{{0, 1, "same-agent"}}, []bool{true, true, false}},
	} {
		item := Item{Parts: tc.parts, Joins: tc.joins}
		for part, want := range tc.want {
			if got := item.Separable(part); got != want {
				t.Errorf("%s: part %d: %v", tc.name, part, got)
			}
		}
		if item.Separable(-1) || item.Separable(len(tc.parts)) {
			t.Errorf("%s: a part that is not there", tc.name)
		}
	}
}

// TestRulesHaveNames in both languages, and one that has none is told as it is.
func TestRulesHaveNames(t *testing.T) {
	for _, rule := range append(levelRules[1:], "own-decision", "same-PRK-same-dose", "by-relation") {
		if nl, en := RuleName(rule, "nl"), RuleName(rule, "en"); nl == rule || en == rule || nl == en {
			t.Errorf("%s: %q, %q", rule, nl, en)
		}
	}
	if got := RuleName("a-new-rule", "nl"); got != "a-new-rule" {
		t.Errorf("said %q", got)
	}
}
